/**
 * When an order without an Idempotency-Key is one that was given before. Most clients send no key and repeat a create
 * whose answer was lost, several times within seconds: that is one order. Asking for the same again later, or after
 * it failed with nothing charged, is a new one; and so is another take.
 */

import { isCancelled, type Task } from "./task.ts";

/** Client clocks are not scaled, so neither is this. Longer than any known client goes on repeating one call. */
const afterEndMs = 60_000;
const always = Number.MAX_SAFE_INTEGER;
const notNow = 0;

/** Until when (epoch milliseconds) an identical order of the same key joins this task; null if none ever will. */
export function joinableUntil(task: Task): number | null {
  if (isCancelled(task)) return null;
  switch (task.status) {
    case "accepted":
    case "submitting":
    case "unconfirmed":
    case "generating":
    case "storing":
      return always;
    case "succeeded":
      return task.endedAt + afterEndMs;
    case "failed":
      // What may have been paid is not ordered again by accident; the owner asks for another take in so many words.
      if (task.money === "held") return always;
      if (task.money === "settled") return task.endedAt + afterEndMs;
      // Released by hand, and evidence may yet bring it back: then it is joined again.
      return task.orphan === null ? null : notNow;
    case "cancelled":
      return null;
  }
}
