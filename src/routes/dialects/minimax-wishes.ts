/**
 * What MiniMax's two dialects take beside the order itself: MiniMax's fields that they share, and those of filmgate's
 * that mean the same here as at `POST /v1/videos/generations`.
 */

import { z } from "@hono/zod-openapi";
import { createVideoRequest } from "../order-schemas.ts";
import { idempotencyKey, takeHeader } from "../parameters.ts";
import { text, told } from "../schema-parts.ts";

const ordered = createVideoRequest.shape;
const noDryRun = "is not on this wire; POST /v1/videos/generations prices an order without making it";
const noWatermark = "filmgate does not pass it on to MiniMax; leave it out, or send false";

export const wishes = {
  aigc_watermark: told(z.literal(false, { error: noWatermark }).optional(), "Only `false`."),
  // Without an example: a pasted one would be called.
  callback_url: told(
    text("must be a text: an https URL").optional(),
    "Challenged within a new create, and told of the end in MiniMax's words.",
  ),
  take: ordered.take,
  max_cost_usd: ordered.max_cost_usd,
  metadata: ordered.metadata,
  retention_days: ordered.retention_days,
  webhook_url: ordered.webhook_url,
  deploy_hook_url: ordered.deploy_hook_url,
  publish: ordered.publish,
  dry_run: told(z.literal(false, { error: noDryRun }).optional(), "Only `false`."),
};

/** Which attempt is wanted, and what a repeated create is known by, for clients that send headers only. */
export const createHeaders = z.object({
  "idempotency-key": idempotencyKey,
  "filmgate-take": takeHeader("Which attempt at the same order is wanted: another take is another video."),
});

/** Clients write null for what they leave out. */
export function withoutNulls(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null));
}
