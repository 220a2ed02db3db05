/** One entry of the lock: an order, and the video that it is, or what is known of it so far. */

import type { PublishRequest } from "../../contract.ts";
import type { LockedOrder } from "./order-identity.ts";

type Common = {
  /** What was ordered. */
  readonly order: LockedOrder;
  /** The server's: the same for all ways of writing one order. */
  readonly fingerprint: string;
  readonly task_id: string;
  /** What it was published with; null if it was not. */
  readonly publish: PublishRequest | null;
};
/** A video that is there. */
export type ReadyEntry = Common & {
  readonly state: "ready";
  readonly file_id: string;
  /** Where it plays, as long as it is published; null if it was not. */
  readonly url: string | null;
  readonly page_url: string | null;
  readonly poster_url: string | null;
  /** In pixels; null where MiniMax did not tell. */
  readonly width: number | null;
  readonly height: number | null;
  readonly seconds: number;
  readonly bytes: number;
  readonly sha256: string;
};
/** Ordered and paid for, and not there yet, or nobody has asked since. */
export type MakingEntry = Common & { readonly state: "making" };
/** Ended without a video, and was, or may have been, charged, or was cancelled: not ordered again by itself. */
export type FailedEntry = Common & {
  readonly state: "failed";
  readonly cost_state: "settled" | "held" | "released";
  readonly error: { readonly code: string; readonly message: string };
};
export type LockEntry = ReadyEntry | MakingEntry | FailedEntry;
type Check = [field: string, holds: (value: unknown) => boolean, says: string];
const isText = (value: unknown) => typeof value === "string" && value !== "";
const isAddress = (value: unknown) =>
  value === null || (typeof value === "string" && /^https?:\/\//.test(value) && URL.canParse(value));
const isCount = (value: unknown) => typeof value === "number" && Number.isFinite(value) && value > 0;
const isSize = (value: unknown) => value === null || isCount(value);
const isHash = (value: unknown) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);

const costStates: readonly unknown[] = ["settled", "held", "released"] satisfies FailedEntry["cost_state"][];

const ofAll: Check[] = [
  ["order", isObject, "must be an object"],
  ["fingerprint", isHash, "must be 64 hex digits"],
  ["task_id", isText, "must be an id"],
  ["publish", (value) => value === null || isObject(value), "must be an object or null"],
];
const ofState: Record<LockEntry["state"], Check[]> = {
  making: [],
  failed: [
    ["cost_state", (value) => costStates.includes(value), "must be settled, held or released"],
    ["error", (value) => isObject(value) && isText(value.code) && isText(value.message), "must be an error"],
  ],
  ready: [
    ["file_id", isText, "must be an id"],
    ["url", isAddress, "must be an http(s) address or null"],
    ["page_url", isAddress, "must be an http(s) address or null"],
    ["poster_url", isAddress, "must be an http(s) address or null"],
    ["width", isSize, "must be a number of pixels or null"],
    ["height", isSize, "must be a number of pixels or null"],
    ["seconds", isCount, "must be a number of seconds"],
    ["bytes", isCount, "must be a number of bytes"],
    ["sha256", isHash, "must be 64 hex digits"],
  ],
};

/** What is wrong with what stands there as an entry, by its field; null if it is one. */
export function problemOfEntry(entry: unknown): string | null {
  if (!isObject(entry)) return "must be an object";
  const { state } = entry;
  if (typeof state !== "string" || !Object.hasOwn(ofState, state))
    return "state: must be ready, making or failed";
  const failed = [...ofAll, ...ofState[state as LockEntry["state"]]].find(
    ([field, holds]) => !holds(entry[field]),
  );
  return failed === undefined ? null : `${failed[0]}: ${failed[2]}`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
