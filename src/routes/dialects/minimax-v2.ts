/**
 * The dialect MiniMax V2: MiniMax's own calls for its H3 models over filmgate's tasks, for code that already speaks
 * them. An order is the one that `POST /v1/videos/generations` takes, checked, paid and joined by the same steps; only
 * the words differ. docs/dialects/minimax-v2.md tells where, and why.
 */

import { createRoute, type z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { timing } from "hono/timing";
import type { CreateVideoRequest, CreateVideoResponse } from "../../contract.ts";
import { miniMaxV2Status, miniMaxV2Task, miniMaxV2TaskType } from "../../domain/minimax-v2.ts";
import type { Task } from "../../domain/task.ts";
import { Refusal } from "../../errors.ts";
import { type AppEnv, createRoutes } from "../app-env.ts";
import { jsonBody } from "../body.ts";
import { createVideo, maxBodyBytes, uploadHint } from "../create.ts";
import { linkTo } from "../link.ts";
import { ask } from "../objects.ts";
import { taskParams } from "../parameters.ts";
import { json } from "../schema-parts.ts";
import { dismissTask, readTask } from "../tasks.ts";
import { takeTicket } from "../tickets.ts";
import { toldInWordsOf } from "./callback-url.ts";
import { trace } from "./minimax-trace.ts";
import { inMiniMaxV2Words, type Places, readContent } from "./minimax-v2-content.ts";
import {
  dismissedVideo,
  listedVideos,
  listQuery,
  miniMaxV2Created,
  miniMaxV2Error,
  miniMaxV2Order,
  queriedVideo,
} from "./minimax-v2-schemas.ts";
import { createHeaders, withoutNulls } from "./minimax-wishes.ts";

const described = { tags: ["MiniMax V2"], security: [{ apiKey: [] }] };
const strangers = {
  401: json(miniMaxV2Error, "No key, or one that is unknown or revoked"),
  403: json(miniMaxV2Error, "A publishable key, which belongs into a page and not here"),
};
const unknownTask = { 404: json(miniMaxV2Error, "This account has no such task") };

export const miniMaxV2Routes = createRoutes();

miniMaxV2Routes.openapi(
  createRoute({
    method: "post",
    path: "/v2/video_generation",
    ...described,
    operationId: "createMiniMaxV2Video",
    summary: "Order a video of an H3 model, as MiniMax takes it",
    description:
      "What `POST /v1/videos/generations` does, in the words of MiniMax's V2: the same order again is the same task, and is paid once.",
    middleware: [
      timing({ crossOrigin: true }),
      takeTicket,
      jsonBody(maxBodyBytes, { hint: uploadHint, parse: (text) => withoutNulls(JSON.parse(text)) }),
    ],
    request: { headers: createHeaders, body: { ...json(miniMaxV2Order, "What to make"), required: true } },
    responses: {
      200: json(miniMaxV2Created, "The task that makes it"),
      400: json(
        miniMaxV2Error,
        "The order cannot be made; the sentence names the field and what is accepted",
      ),
      ...strangers,
      402: json(miniMaxV2Error, "It costs more than allowed, or MiniMax's balance is used up"),
      410: json(
        miniMaxV2Error,
        "MiniMax could not make it, or the video of this Idempotency-Key was deleted",
      ),
      413: json(miniMaxV2Error, "The body is too large"),
      422: json(miniMaxV2Error, "MiniMax refused the content, or the Idempotency-Key was used for another"),
      424: json(miniMaxV2Error, "MiniMax refused this deployment's key, or could not be asked for a day"),
      429: json(miniMaxV2Error, "MiniMax's rate limits left no turn for it for a day"),
    },
  }),
  async (c) => {
    trace(c);
    const places = translateOrder(c);
    // There is no dry run on this wire.
    const made = (await createVideo(c, toldInWordsOf("minimax-v2")).catch((error: unknown) => {
      throw error instanceof Refusal ? inMiniMaxV2Words(error, places) : error;
    })) as CreateVideoResponse;
    const { task_id, ignored_fields = [] } = made;
    return c.json({ task_id, ...(ignored_fields.length === 0 ? {} : { ignored_fields }) }, 200);
  },
);

miniMaxV2Routes.openapi(
  createRoute({
    method: "get",
    path: "/v2/query/video_generation/{task_id}",
    ...described,
    operationId: "queryMiniMaxV2Video",
    summary: "How a task is doing, as MiniMax's V2 tells it",
    description:
      "Asking never reaches MiniMax: the task looks by itself. Once it succeeded `content.url` is a link that works for 24 hours; ask again for a fresh one. Tasks that were ordered elsewhere, and with other models, are told as well.",
    request: { params: taskParams },
    responses: { 200: json(queriedVideo, "The task"), ...strangers, ...unknownTask },
  }),
  async (c) => {
    trace(c);
    const { task } = await readTask(c, c.req.valid("param").task_id, 0);
    c.header("cache-control", "no-store");
    return c.json({ task: await withLink(c, task) }, 200);
  },
);

miniMaxV2Routes.openapi(
  createRoute({
    method: "get",
    path: "/v2/query/video_generation",
    ...described,
    operationId: "listMiniMaxV2Videos",
    summary: "The account's tasks, as MiniMax's V2 lists them",
    description:
      "Newest first, by numbered pages, for as long as they exist. A task that is under way stands there as it last reported: one that MiniMax has is `running`, also while it waits there.",
    request: { query: listQuery },
    responses: {
      200: json(listedVideos, "A page of tasks"),
      400: json(miniMaxV2Error, "A parameter has a value that is not accepted"),
      ...strangers,
    },
  }),
  async (c) => {
    trace(c);
    const query = c.req.valid("query");
    const { page_num = 1, page_size = 20 } = query;
    const wanted = {
      skip: (page_num - 1) * page_size,
      limit: page_size,
      status: query["filter.status"] || null,
      model: query["filter.model"] || null,
      taskIds: query["filter.task_ids"]?.length ? query["filter.task_ids"] : null,
    };
    c.header("cache-control", "no-store");
    if ((query["filter.task_type"] || miniMaxV2TaskType) !== miniMaxV2TaskType) {
      return c.json({ items: [], total: 0 }, 200);
    }
    const { account } = c.var.caller;
    const { tasks, total } = await ask(() => c.env.ACCOUNTS.getByName(account).listNumbered(wanted));
    return c.json({ items: await Promise.all(tasks.map((task) => withLink(c, task))), total }, 200);
  },
);

miniMaxV2Routes.openapi(
  createRoute({
    method: "delete",
    path: "/v2/video_generation/{task_id}",
    ...described,
    operationId: "deleteMiniMaxV2Video",
    summary: "Cancel a queued task, or delete one that is over",
    description:
      "As MiniMax does: what is queued is cancelled and costs nothing, what succeeded or failed is deleted with its file, and what is running or was cancelled is left alone. `DELETE /v1/videos/{task_id}` cancels what is running, too.",
    request: { params: taskParams },
    responses: {
      200: json(dismissedVideo, "What was done"),
      400: json(miniMaxV2Error, "It is running, or was cancelled"),
      ...strangers,
      ...unknownTask,
    },
  }),
  async (c) => {
    trace(c);
    const { did, task } = await dismissTask(c, c.req.valid("param").task_id);
    const status = miniMaxV2Status(task);
    if (did === "nothing") throw notDismissible(status);
    const action = did === "removed" ? ("deleted" as const) : ("cancelled" as const);
    return c.json({ task_id: task.taskId, action, status }, 200);
  },
);

/** What MiniMax has and filmgate has not. Without a word here, clients would take it for a wrong address. */
for (const [path, sentence] of [
  [
    "/v2/h3_context_ir",
    "filmgate does not expand prompts by themselves; MiniMax-H3-Max does it within an order, as extra.prompt_expansion_mode says.",
  ],
  [
    "/v2/video_regeneration",
    "filmgate does not regenerate videos in 2K; order the video in 2K, with POST /v2/video_generation.",
  ],
] as const) {
  miniMaxV2Routes.all(path, () => {
    throw new Refusal("not_supported", { message: sentence });
  });
}

/**
 * Puts the order in our words where it is read from; nothing of it is held here, since whoever waits would hold it.
 * @returns where in the request they stand.
 */
function translateOrder(c: Context<AppEnv>): Places {
  const { content, ratio, extra, ...rest } = c.req.valid("json" as never) as z.infer<typeof miniMaxV2Order>;
  const { fields, places } = readContent(content);
  // Frames bring their shape, and MiniMax ignores whatever is said beside them.
  const isFramed = fields.first_frame_image !== undefined || fields.last_frame_image !== undefined;
  const expansion = extra?.prompt_expansion_mode ?? undefined;
  const order = {
    ...rest,
    ...fields,
    ...(ratio === undefined || isFramed ? {} : { ratio: ratio as CreateVideoRequest["ratio"] }),
    ...(expansion === undefined ? {} : { prompt_expansion: expansion }),
  };
  c.req.addValidatedData("json", order);
  return places;
}

async function withLink(c: Context<AppEnv>, task: Task) {
  return miniMaxV2Task(task, task.status === "succeeded" ? await linkTo(c, task.fileId) : null);
}

function notDismissible(status: ReturnType<typeof miniMaxV2Status>): Refusal {
  const why =
    status === "queued"
      ? "task_id: MiniMax did not say whether it lets go of this task; ask how it is doing, and then again."
      : status === "cancelled"
        ? "task_id: this task is cancelled, and stays known so; DELETE /v1/videos/{task_id} removes it."
        : "task_id: a task that is running can be neither cancelled nor deleted; wait for its end.";
  return new Refusal("not_dismissible", { message: why, param: "task_id" });
}
