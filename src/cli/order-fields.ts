/** The fields of an order, as the contract has them, and telling an order from a list of named ones. Pure. */

import type { CreateVideoRequest } from "../client/filmgate.ts";

export type OrderField = keyof CreateVideoRequest;

/** Every field once; a field that the contract gets, or loses, does not compile here. */
const fields = {
  model: true,
  prompt: true,
  first_frame_image: true,
  last_frame_image: true,
  subject_reference: true,
  reference_images: true,
  reference_videos: true,
  reference_audio: true,
  duration: true,
  resolution: true,
  ratio: true,
  prompt_expansion: true,
  prompt_optimizer: true,
  fast_pretreatment: true,
  take: true,
  metadata: true,
  max_cost_usd: true,
  retention_days: true,
  webhook_url: true,
  deploy_hook_url: true,
  publish: true,
  dry_run: true,
  n: true,
  aspect_ratio: true,
} as const satisfies Record<OrderField, true>;

export const orderFields = Object.keys(fields) as OrderField[];

/** An order that may still lack what the defaults have. */
export type PartialOrder = Partial<CreateVideoRequest>;

/** An order under the name that its owner gave it, or its place in a list. */
export type NamedOrder = Readonly<{ name: string; order: PartialOrder }>;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * One order, a list of orders, or orders by name.
 * @param from what the first of a list is called after.
 * @returns a sentence if it is none of these.
 */
export function readOrders(value: unknown, from: string): readonly NamedOrder[] | string {
  const shape = "must be an order, a list of orders, or orders by name";
  if (Array.isArray(value)) {
    const wrong = value.findIndex((order) => !isRecord(order));
    if (wrong >= 0) return `${from}[${wrong}] is not an order: it must be a JSON object.`;
    return value.map((order, index) => ({ name: `${from}[${index}]`, order: order as PartialOrder }));
  }
  if (!isRecord(value)) return `${from} ${shape}.`;
  const entries = Object.entries(value);
  if (entries.some(([name]) => name === "prompt" || name === "model")) {
    return [{ name: from, order: value as PartialOrder }];
  }
  if (entries.every(([, order]) => isRecord(order))) {
    return entries.map(([name, order]) => ({ name, order: order as PartialOrder }));
  }
  if (entries.some(([name]) => name in fields)) return [{ name: from, order: value as PartialOrder }];
  return `${from} ${shape}.`;
}
