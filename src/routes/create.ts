/** Ordering a video: one handler at two addresses, since existing clients use both for every kind of body. */

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { CreateVideoRequest, CreateVideoResponse, DryRunResponse } from "../contract.ts";
import { taskIdFrom } from "../domain/ids.ts";
import { priceMicroUsd } from "../domain/models.ts";
import { draftOrder, fingerprintOrder, type Order } from "../domain/order.ts";
import { acceptTask, type Task } from "../domain/task.ts";
import { createdView, dollars, failureOf, success } from "../domain/view.ts";
import { Refusal } from "../errors.ts";
import { type AppEnv, createRoutes } from "./app-env.ts";
import { jsonBody, releaseBody } from "./body.ts";
import { checkImages, keepImages } from "./images.ts";
import { ask } from "./objects.ts";
import {
  createVideoRequest,
  createVideoResponse,
  dryRunResponse,
  json,
  miniMaxStyleError,
} from "./schemas.ts";

/** Room for one image of 20 MB in base64; two such frames are uploaded first. */
const maxBodyBytes = 28 * 1024 * 1024;
const uploadHint = " Upload large images with POST /v1/files and send their ids.";

/** MiniMax's verdict is the create's own answer if it comes within this time. */
const verdictWaitMs = 8000;

const describe = (path: string) =>
  createRoute({
    method: "post",
    path,
    summary: "Order a video",
    description:
      "Answers with MiniMax's verdict when it comes within 8 seconds; otherwise the task goes on by itself. Send an Idempotency-Key to be sure that a repeated request is one order.",
    security: [{ apiKey: [] }],
    middleware: jsonBody(maxBodyBytes, { hint: uploadHint }),
    request: {
      headers: z.object({
        "idempotency-key": z.string().optional().openapi({
          description: "1 to 255 visible ASCII characters: repeating the request repeats the answer.",
        }),
      }),
      body: { ...json(createVideoRequest, "What to make"), required: true },
    },
    responses: {
      200: json(createVideoResponse.or(dryRunResponse), "The task that makes it"),
      400: json(
        miniMaxStyleError,
        "The order cannot be made; the sentence names the field and what is accepted",
      ),
      401: json(miniMaxStyleError, "No key, or one that is unknown or revoked"),
      402: json(miniMaxStyleError, "It costs more than allowed, or MiniMax's balance is used up"),
      410: json(miniMaxStyleError, "The video made under this Idempotency-Key was deleted"),
      413: json(miniMaxStyleError, "The body is too large"),
      422: json(
        miniMaxStyleError,
        "MiniMax refused the content, or the Idempotency-Key was used for another order",
      ),
      424: json(miniMaxStyleError, "MiniMax refused this deployment's key"),
    },
  });

export const createVideoRoutes = createRoutes()
  .openapi(describe("/v1/videos/generations"), async (c) => c.json(await create(c), 200))
  .openapi(describe("/v1/videos/minimax/generations"), async (c) => c.json(await create(c), 200));

async function create(c: Context<AppEnv>): Promise<CreateVideoResponse | DryRunResponse> {
  const prepared = await prepare(c);
  releaseBody(c);
  return "quote" in prepared ? prepared.quote : order(c, prepared);
}

type Prepared = { wanted: Order; metadata: Record<string, string>; idempotencyKey: string | null };

/** Everything that may refuse the order before it is admitted; its images are kept then, and its body is done with. */
async function prepare(c: Context<AppEnv>): Promise<Prepared | { quote: DryRunResponse }> {
  // Not an argument: a caller that waits would hold it, and with it 27 MB of image.
  const body = c.req.valid("json" as never) as CreateVideoRequest;
  const { account } = c.var.caller;
  const idempotencyKey = readIdempotencyKey(c.req.header("idempotency-key"));
  const { draft, row } = draftOrder(body);
  const images = await checkImages(c.env.VIDEOS, account, draft);
  if (body.dry_run === true) {
    const { model, mode, duration, resolution } = draft;
    const estimated_cost_usd = dollars(priceMicroUsd(row, draft));
    const what = { model, mode, duration, resolution, estimated_cost_usd };
    return { quote: { object: "video.quote", dry_run: true, ...what, base_resp: success } };
  }
  const wanted = await keepImages(c.env.VIDEOS, account, draft, images);
  return { wanted, metadata: body.metadata ?? {}, idempotencyKey };
}

async function order(c: Context<AppEnv>, prepared: Prepared): Promise<CreateVideoResponse> {
  const { task, replayed } = await admitAndBegin(c, prepared);
  if (replayed) c.header("idempotent-replayed", "true");
  if (task.status === "failed" && task.money === "released") {
    const failure = failureOf(task);
    throw new Refusal(task.code, {
      ...(failure === null ? {} : { message: failure.message, provider: failure.provider }),
      details: { task_id: task.taskId },
      headers: replayed ? { "idempotent-replayed": "true" } : {},
    });
  }
  return createdView(task);
}

async function admitAndBegin(
  c: Context<AppEnv>,
  { wanted, metadata, idempotencyKey }: Prepared,
): Promise<{ task: Task; replayed: boolean }> {
  const { settings, caller } = c.var;
  const origin = new URL(c.req.url).origin;
  const request = {
    taskId: taskIdFrom(crypto.getRandomValues(new Uint8Array(26))),
    keySha256: caller.keySha256,
    order: wanted,
    fingerprint: fingerprintOrder(wanted),
    metadata,
    // Callbacks are asked for only where MiniMax can reach us.
    publicUrl: settings.publicUrl ?? (origin.startsWith("https:") ? origin : null),
    idempotencyKey,
  };
  const answer = await ask(() => c.env.ACCOUNTS.getByName(caller.account).admit(request));
  if (answer.verdict !== "admitted" && answer.verdict !== "replayed") {
    const param = answer.verdict === "invalid_key" ? "Authorization" : "Idempotency-Key";
    throw new Refusal(answer.verdict, { param });
  }
  const replayed = answer.verdict === "replayed";
  const { admission } = answer;
  if (admission === null) {
    const known = await ask(() =>
      c.env.VIDEO_TASKS.getByName(answer.taskId).verdict(caller.account, verdictWaitMs),
    );
    if (known === null) throw new Refusal("task_deleted", { param: "Idempotency-Key" });
    return { task: known.task, replayed };
  }
  // From here on the task will be made, whatever happens to this request: the outbox begins it if we do not.
  const begun = await ask(() =>
    c.env.VIDEO_TASKS.getByName(admission.taskId).begin(admission, verdictWaitMs),
  ).catch(() => ({ task: acceptTask(admission, settings.timeScale) }));
  if (begun === null) throw new Refusal("task_deleted", { param: "Idempotency-Key" });
  return { task: begun.task, replayed };
}

function readIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (!/^[\x21-\x7e]{1,255}$/.test(header)) {
    throw new Refusal("invalid_idempotency_key", { param: "Idempotency-Key" });
  }
  return header;
}
