/** How a video is to be published, as orders and calls say it: what is left out is as if it were null. */

import type { PublishRequest } from "../../contract.ts";
import { FilmgateError } from "../errors.ts";
import type { EnsureOptions } from "./options.ts";
import { type EnsureOrder, sorted } from "./order-identity.ts";

/** What one order wants: what it says itself, or else what the call says. Null: no address. */
export function wantedPublish(order: EnsureOrder, option: EnsureOptions["publish"]): PublishRequest | null {
  const said = order.publish === undefined ? (option ?? {}) : order.publish;
  return said === false || said === null ? null : tidy(said);
}

/** The refusal of a video that is to be shown, and has no address. */
export function unpublished(name: string): FilmgateError {
  return new FilmgateError(
    `${name}: this video is not published, so no page can show it. Leave out publish: false, or give it { "title": … }.`,
    { code: "invalid_argument", param: "publish" },
  );
}

/** Whether pages that show the video as it is published would not, or not as long, with other settings. */
export function takesAway(standing: PublishRequest, wanted: PublishRequest): boolean {
  const origins = wanted.origins ?? null;
  const fewer = origins !== null && (standing.origins?.some((one) => !origins.includes(one)) ?? true);
  const shorter = (wanted.expires_at ?? Infinity) < (standing.expires_at ?? Infinity);
  return fewer || shorter;
}

export function samePublish(one: PublishRequest | null, other: PublishRequest | null): boolean {
  if (one === null || other === null) return one === other;
  return JSON.stringify(sorted(tidy(one) as never)) === JSON.stringify(sorted(tidy(other) as never));
}

/** The settings without those that are null. */
export function tidy(settings: PublishRequest): PublishRequest {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value != null));
}
