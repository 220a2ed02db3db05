/** The part of the contract that is about webhooks, as schemas. */

import { z } from "@hono/zod-openapi";
import { video } from "./video-schemas.ts";

const eventType = z.enum(["video.succeeded", "video.failed", "video.cancelled"]);

export const webhookEvent = z
  .object({ type: eventType, timestamp: z.string(), data: video })
  .openapi("WebhookEvent");

export const webhookDelivery = z
  .object({
    id: z.string(),
    object: z.literal("webhook.delivery"),
    type: eventType,
    url: z.string(),
    state: z.enum(["pending", "delivered", "failed"]),
    created_at: z.int(),
    next_attempt_at: z.int().nullable(),
    attempts: z.array(
      z.object({
        at: z.int(),
        status: z.int().nullable(),
        error: z.string().nullable(),
        duration_ms: z.int().nullable(),
      }),
    ),
  })
  .openapi("WebhookDelivery");

export const listWebhookDeliveriesResponse = z
  .object({ object: z.literal("list"), data: z.array(webhookDelivery) })
  .openapi("ListWebhookDeliveriesResponse");

export const webhookSecret = z
  .object({
    object: z.literal("webhook.secret"),
    secret: z.string(),
    created_at: z.int(),
    previous_sign_until: z.int().nullable(),
  })
  .openapi("WebhookSecret");
