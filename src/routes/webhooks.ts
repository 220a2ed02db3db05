/** Webhooks, as their receiver's owner sees them: what was sent for a task, sending it again, and the secret. */

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { WebhookDelivery, WebhookSecret } from "../contract.ts";
import { withoutQuery } from "../domain/outbound-url.ts";
import type { Delivery } from "../domain/webhook.ts";
import type { WebhookSecretRow } from "../durable/webhook-secrets.ts";
import { Refusal } from "../errors.ts";
import { type AppEnv, createRoutes } from "./app-env.ts";
import { openAIStyleError } from "./error-schemas.ts";
import { ask } from "./objects.ts";
import { taskParams } from "./parameters.ts";
import { json } from "./schema-parts.ts";
import { readTask } from "./tasks.ts";
import {
  listWebhookDeliveriesResponse,
  webhookDelivery,
  webhookEvent,
  webhookSecret,
} from "./webhook-schemas.ts";

const secured = { tags: ["Webhooks"], security: [{ apiKey: [] }] };
const errors = {
  401: json(openAIStyleError, "No key, or one that is unknown or revoked"),
  403: json(openAIStyleError, "A publishable key sees nothing of webhooks"),
};

export const webhookRoutes = createRoutes();

webhookRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/videos/{task_id}/webhooks",
    operationId: "listWebhookDeliveries",
    summary: "What was told of a task, and what came of it",
    description: "Messages in the order in which they came to be, each with its newest 20 attempts.",
    ...secured,
    request: { params: taskParams },
    responses: {
      200: json(listWebhookDeliveriesResponse, "The messages"),
      ...errors,
      404: json(openAIStyleError, "There is no such task in this account"),
    },
  }),
  async (c) => {
    const { task } = await readTask(c, c.req.valid("param").task_id, 0);
    const found = await ask(() => c.env.VIDEO_TASKS.getByName(task.taskId).deliveries(task.account));
    const data = ((found ?? []) as Delivery[]).map(deliveryView);
    return c.json({ object: "list" as const, data }, 200);
  },
);

webhookRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/videos/{task_id}/webhooks/{id}/replay",
    operationId: "replayWebhook",
    summary: "Send a webhook again",
    description:
      "Now, with the same webhook-id and body, and on a fresh schedule if that fails. While an attempt is due or under way it changes nothing. Takes no body.",
    ...secured,
    request: {
      params: taskParams.extend({
        id: z.string().openapi({ description: "The message's `webhook-id`.", pattern: "^msg_\\w+$" }),
      }),
    },
    responses: {
      200: json(webhookDelivery, "The message, as it stands"),
      ...errors,
      404: json(openAIStyleError, "There is no such task in this account, or no such message of it"),
    },
  }),
  async (c) => {
    const { task_id, id } = c.req.valid("param");
    const { task } = await readTask(c, task_id, 0);
    const replayed = await ask(() => c.env.VIDEO_TASKS.getByName(task.taskId).replay(task.account, id));
    if (replayed === null) {
      throw new Refusal("not_found", { message: "There is no such webhook of this task.", param: "id" });
    }
    return c.json(deliveryView(replayed as Delivery), 200);
  },
);

webhookRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/webhooks/secret",
    operationId: "getWebhookSecret",
    summary: "The secret that the account's webhooks are signed with",
    description:
      "Give it to the receiver, which verifies with it. One secret for the account, whichever key asks.",
    ...secured,
    responses: { 200: json(webhookSecret, "The secret; made when it is first asked for"), ...errors },
  }),
  async (c) => c.json(await secretOf(c, "webhookSecrets"), 200),
);

webhookRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/webhooks/secret/rotate",
    operationId: "rotateWebhookSecret",
    summary: "Replace the webhook secret",
    description:
      "The one before it signs, too, for 24 hours: each webhook then carries a signature for each. Takes no body.",
    ...secured,
    responses: { 200: json(webhookSecret, "The new secret"), ...errors },
  }),
  async (c) => c.json(await secretOf(c, "rotateWebhookSecret"), 200),
);

/** What is posted, as the reference tells it. */
export const webhookReference = {
  method: "post" as const,
  path: "webhook_url",
  operationId: "receiveWebhook",
  summary: "A video succeeded, failed or was cancelled",
  request: {
    body: json(webhookEvent, "What happened, and the video as it was then; signed by Standard Webhooks"),
  },
  responses: { 204: { description: "Any 2xx: it was received" } },
};

/** Not repeated by us: a rotation that got through although its answer was lost would be one too many. */
async function secretOf(
  c: Context<AppEnv>,
  how: "webhookSecrets" | "rotateWebhookSecret",
): Promise<WebhookSecret> {
  const [newest, previous] = (await c.env.ACCOUNTS.getByName(c.var.caller.account)[
    how
  ]()) as WebhookSecretRow[];
  if (newest === undefined) throw new Refusal("internal_error");
  c.header("cache-control", "no-store");
  const until = previous?.signsUntil ?? null;
  return {
    object: "webhook.secret",
    secret: newest.secret,
    created_at: Math.floor(newest.createdAt / 1000),
    previous_sign_until: until === null ? null : Math.floor(until / 1000),
  };
}

/** The query stays out: that is where receivers keep their secrets. */
function deliveryView(delivery: Delivery): WebhookDelivery {
  const { id, type, url, state, createdAt, attempts } = delivery;
  return {
    id,
    object: "webhook.delivery",
    type,
    url: withoutQuery(url),
    state,
    created_at: Math.floor(createdAt / 1000),
    next_attempt_at: delivery.state === "pending" ? Math.floor(delivery.nextAt / 1000) : null,
    attempts: attempts.map(({ at, status, error, durationMs }) => ({
      at: Math.floor(at / 1000),
      status,
      error,
      duration_ms: durationMs,
    })),
  };
}
