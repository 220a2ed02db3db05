/**
 * `POST /v1/videos/{task_id}/retry`: another paid try, in so many words. A task has one retry, whoever asks for it and
 * however often, for as long as that exists and was not proven free; to try a third time, the retry is retried.
 */

import { createRoute } from "@hono/zod-openapi";
import { timing } from "hono/timing";
import { maxTake } from "../domain/order.ts";
import { priceOf } from "../domain/price.ts";
import { isCancelled, isOver } from "../domain/task.ts";
import { Refusal } from "../errors.ts";
import { placeOrder } from "./admission.ts";
import { createRoutes } from "./app-env.ts";
import { miniMaxStyleError } from "./error-schemas.ts";
import { createVideoResponse } from "./order-schemas.ts";
import { taskParams } from "./parameters.ts";
import { json } from "./schema-parts.ts";
import { readTask } from "./tasks.ts";

export const retryRoutes = createRoutes();

retryRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/videos/{task_id}/retry",
    tags: ["Videos"],
    operationId: "retryVideo",
    summary: "Order a failed video again",
    description:
      "Orders the next take of the same order as a new task, which is paid for like any other. Takes no body. Repeating it answers with the same new task, unless that was deleted, or ended without a video and without a charge: then it makes another.",
    security: [{ apiKey: [] }],
    middleware: timing({ crossOrigin: true }),
    request: { params: taskParams },
    responses: {
      200: json(createVideoResponse, "The new task"),
      400: json(miniMaxStyleError, "The order cannot be made any more"),
      401: json(miniMaxStyleError, "No key, or one that is unknown or revoked"),
      402: json(miniMaxStyleError, "It costs more than allowed, or MiniMax's balance is used up"),
      403: json(miniMaxStyleError, "A publishable key orders nothing"),
      404: json(miniMaxStyleError, "There is no such task in this account"),
      409: json(miniMaxStyleError, "The task is not one that ended without a video"),
      410: json(miniMaxStyleError, "MiniMax could not make it"),
      422: json(miniMaxStyleError, "MiniMax refused the content"),
      424: json(miniMaxStyleError, "MiniMax refused this deployment's key, or could not be asked for a day"),
      429: json(miniMaxStyleError, "MiniMax's rate limits left no turn for it for a day"),
    },
  }),
  async (c) => {
    const { task } = await readTask(c, c.req.valid("param").task_id, 0);
    const hasEnded = isCancelled(task) || (isOver(task) && task.status !== "succeeded");
    if (!hasEnded || task.order.take >= maxTake) {
      throw new Refusal("not_retryable", { param: "task_id" });
    }
    const answer = await placeOrder(c, {
      order: { ...task.order, take: task.order.take + 1 },
      priceMicroUsd: priceOf(task.order, c.var.settings.prices),
      metadata: task.metadata,
      retentionDays: task.retentionDays,
      webhookUrl: task.webhookUrl,
      webhookForm: task.webhookForm,
      deployHookUrl: task.deployHookUrl,
      publication: task.publication,
      idempotencyKey: null,
      retryOf: task.taskId,
      ticket: null,
    });
    return c.json(answer, 200);
  },
);
