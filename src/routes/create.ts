/** Ordering a video: one handler at two addresses, since existing clients use both for every kind of body. */

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { timing } from "hono/timing";
import type { CreateVideoRequest, CreateVideoResponse, DryRunResponse } from "../contract.ts";
import { checkCostLimit, draftOrder, maxTake, requireModel } from "../domain/order.ts";
import { partsOf, priceOf } from "../domain/price.ts";
import { quoteView } from "../domain/view.ts";
import { Refusal } from "../errors.ts";
import { foreseeOrder, placeOrder, readIdempotencyKey, type Wanted, type Wishes } from "./admission.ts";
import { type AppEnv, createRoutes } from "./app-env.ts";
import { jsonBody, releaseBody } from "./body.ts";
import { miniMaxStyleError } from "./error-schemas.ts";
import { checkMedia, hasInline, keepInline, orderOf } from "./media.ts";
import { createVideoRequest, createVideoResponse, dryRunResponse } from "./order-schemas.ts";
import { readOutboundUrl } from "./outbound-url.ts";
import { idempotencyKey, takeHeader } from "./parameters.ts";
import { readPublication } from "./publishing.ts";
import { json } from "./schema-parts.ts";
import { requireBound, requireTicketed, requireUnexpired, takeTicket } from "./tickets.ts";

/** Room for one image of 20 MB in base64; two such frames, and videos, are uploaded first. */
export const maxBodyBytes = 28 * 1024 * 1024;
export const uploadHint = " Upload large images, videos and sounds with POST /v1/files and send their ids.";

const describe = (path: string, operationId: string, summary: string) =>
  createRoute({
    method: "post",
    path,
    tags: ["Videos"],
    operationId,
    summary,
    description:
      "Costs the model's price, which is reserved before anything is sent; `dry_run` tells it first. Answers with MiniMax's verdict when it comes within 8 seconds; otherwise the task goes on by itself. The same order again is the same task while that is unfinished, and for 60 seconds after it succeeded; for another video of the same order, send another take. With an Idempotency-Key a repeated request is one order for as long as the task exists. A page creates with a publishable key and a ticket: the ticket is then what a repeated request is known by.",
    security: [{ apiKey: [] }],
    middleware: [timing({ crossOrigin: true }), takeTicket, jsonBody(maxBodyBytes, { hint: uploadHint })],
    request: {
      headers: z.object({
        "idempotency-key": idempotencyKey,
        "filmgate-ticket": z.string().optional().openapi({
          description:
            "What a publishable key creates with: a ticket of `POST /v1/tickets`, good for one order. An Idempotency-Key beside it has no effect.",
        }),
        "filmgate-take": takeHeader("The field `take`, for clients that cannot send it."),
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
      403: json(
        miniMaxStyleError,
        "A publishable key without a ticket that is good for this, or from a page that may not use it",
      ),
      410: json(
        miniMaxStyleError,
        "MiniMax could not make it, or the video made under this Idempotency-Key was deleted",
      ),
      413: json(miniMaxStyleError, "The body is too large"),
      422: json(
        miniMaxStyleError,
        "MiniMax refused the content, or the Idempotency-Key or ticket was used for another order",
      ),
      424: json(miniMaxStyleError, "MiniMax refused this deployment's key, or could not be asked for a day"),
      429: json(
        miniMaxStyleError,
        "MiniMax's rate limits left no turn for it for a day, or the visitor creates too fast",
      ),
    },
  });

export const createVideoRoutes = createRoutes()
  .openapi(describe("/v1/videos/generations", "createVideo", "Order a video"), async (c) =>
    c.json(await createVideo(c), 200),
  )
  .openapi(
    describe("/v1/videos/minimax/generations", "createMiniMaxVideo", "Order a video, at its other address"),
    async (c) => c.json(await createVideo(c), 200),
  );

/**
 * Orders what the request's parsed body says, in whatever dialect it came; prices it only, if it is a dry run.
 * @param readTold who is told how it ends, where a dialect has a field of its own for that.
 */
export async function createVideo(
  c: Context<AppEnv>,
  readTold: ReadTold = readWebhook,
): Promise<CreateVideoResponse | DryRunResponse> {
  const prepared = await prepareOrder(c, readTold);
  releaseBody(c);
  return "quote" in prepared ? prepared.quote : placeOrder(c, prepared);
}

/** Who is told how an order ends, and how their address shows, before a new order is placed, that it listens. */
export type Told = Pick<Wishes, "webhookUrl" | "webhookForm"> &
  Readonly<{ challenge: (() => Promise<void>) | null }>;
type ReadTold = (c: Context<AppEnv>, body: CreateVideoRequest) => Told;

const readWebhook: ReadTold = (c, { webhook_url }) => ({
  webhookUrl: readOutboundUrl(webhook_url, c.var.settings, "webhook_url") ?? null,
  webhookForm: "standard",
  challenge: null,
});

/**
 * Everything that may refuse the order before it is admitted; its images are kept then, and its body is done with.
 * The order is the request's valid JSON, which a dialect puts there.
 */
export async function prepareOrder(
  c: Context<AppEnv>,
  readTold: ReadTold = readWebhook,
): Promise<Wanted | { quote: DryRunResponse }> {
  // Not an argument: a caller that waits would hold it, and with it 27 MB of image.
  const body = c.req.valid("json" as never) as CreateVideoRequest;
  const { account } = c.var.caller;
  const { ticket } = c.var;
  if (ticket !== null) requireTicketed(ticket, body);
  const idempotencyKey = ticket === null ? readIdempotencyKey(c.req.header("idempotency-key")) : null;
  const take = readTake(c.req.header("filmgate-take"), body.take);
  const { prices } = c.var.settings;
  const { draft, price: most } = draftOrder({ ...body, take }, prices);
  const hasVideo = draft.v2?.references.some(({ field }) => field === "reference_videos") === true;
  if (ticket !== null && !hasVideo) requireBound(most, ticket);
  const row = requireModel(draft.model);
  const media = await checkMedia(c.env.VIDEOS, account, draft, row, c.var.picture);
  const order = orderOf(draft, media);
  // A reference video costs by its seconds, which are known only now.
  const price = hasVideo ? priceOf(order, prices) : most;
  if (hasVideo) {
    checkCostLimit(body, price);
    if (ticket !== null) requireBound(price, ticket);
  }
  const deployHookUrl = readOutboundUrl(body.deploy_hook_url, c.var.settings, "deploy_hook_url") ?? null;
  const { challenge, ...told } = readTold(c, body);
  if (body.dry_run === true) {
    if (ticket !== null) requireUnexpired(ticket);
    return { quote: quoteView(order, price, partsOf(order, prices)) };
  }
  const wanted: Wanted = {
    order,
    priceMicroUsd: price,
    metadata: body.metadata ?? {},
    retentionDays: body.retention_days ?? null,
    ...told,
    deployHookUrl,
    publication: body.publish === undefined ? null : readPublication(body.publish),
    idempotencyKey,
    retryOf: null,
    ticket,
  };
  // A ticket is good for one order, and must not be good for any number of images in the owner's bucket.
  const isKeptIfNew = ticket !== null && hasInline(media);
  // Nobody is called for an order that a cap refuses, and one that was placed before is answered whoever listens now.
  const isForeseen = isKeptIfNew || challenge !== null;
  const isNew = !isForeseen || (await foreseeOrder(c, wanted)) === "new";
  if (isNew) await challenge?.();
  if (isNew || !isKeptIfNew) await keepInline(c.env.VIDEOS, account, media);
  return wanted;
}

function readTake(header: string | undefined, field: number | undefined): number | undefined {
  if (header === undefined) return field;
  const take = /^[1-9][0-9]{0,3}$/.test(header) ? Number(header) : Number.NaN;
  if (!(take <= maxTake) || (field !== undefined && field !== take)) {
    throw new Refusal("invalid_field", {
      message: `Filmgate-Take: must be a whole number from 1 to ${maxTake}, and the same as the field take where both are sent.`,
      param: "Filmgate-Take",
    });
  }
  return take;
}
