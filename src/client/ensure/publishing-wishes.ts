/** How a video is to be published, as orders and calls say it: what is left out is as if it were null. */

import type { PublishRequest } from "../../contract.ts";
import type { EnsureOptions } from "./options.ts";
import { type EnsureOrder, sorted } from "./order-identity.ts";

/** What one order wants: what it says itself, or else what the call says. Null: no address. */
export function wantedPublish(order: EnsureOrder, option: EnsureOptions["publish"]): PublishRequest | null {
  const said = order.publish === undefined ? (option ?? {}) : order.publish;
  return said === false || said === null ? null : tidy(said);
}

export function samePublish(one: PublishRequest | null, other: PublishRequest | null): boolean {
  if (one === null || other === null) return one === other;
  return JSON.stringify(sorted(tidy(one) as never)) === JSON.stringify(sorted(tidy(other) as never));
}

/** The settings without those that are null. */
export function tidy(settings: PublishRequest): PublishRequest {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value != null));
}
