/**
 * The lock as text and as data: which order is which video. The text is meant to be committed and reviewed: sorted,
 * indented, the same content always the same bytes. Reading is strict, since a lock that is misread costs money.
 */

import type { PublishRequest } from "../contract.ts";
import { FilmgateError } from "./errors.ts";
import type { LockedOrder } from "./order-identity.ts";
import { sorted } from "./order-identity.ts";

const lockfileVersion = 1;

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
/** Ended without a video, and was, or may have been, charged: not ordered again by itself. */
export type FailedEntry = Common & {
  readonly state: "failed";
  readonly cost_state: "settled" | "held";
  readonly error: { readonly code: string; readonly message: string };
};
export type LockEntry = ReadyEntry | MakingEntry | FailedEntry;
export type Lock = { readonly videos: Readonly<Record<string, LockEntry>> };
export const emptyLock: Lock = { videos: {} };

/** The lock as text: sorted, two spaces, a newline at its end. */
export function writeLock({ videos }: Lock): string {
  return `${JSON.stringify(sorted({ lockfileVersion, videos } as never), null, 2)}\n`;
}

/**
 * Reads a lock's text. Members that are not known stay where they are.
 * @param name what the file is called in sentences.
 * @throws FilmgateError `lock_conflict` if it holds a merge's markers, `lock_unreadable` if it is no lock.
 */
export function readLock(text: string, name = "videos.lock.json"): Lock {
  if (hasMarkers(text)) {
    throw new FilmgateError(
      `${name} has the markers of a merge conflict in it. Run ensure where it may write: both sides are united there. Then commit the lock.`,
      { code: "lock_conflict" },
    );
  }
  return { videos: readVideos(parseJson(text, name), name) };
}

/** What was given up in a merge: of two tasks of one order, each paid for, the lock keeps one. */
export type GivenUp = { readonly key: string; readonly kept: LockEntry; readonly dropped: LockEntry };

/** Both locks in one. Which side is which makes no difference. */
export function mergeLocks(one: Lock, other: Lock): { lock: Lock; givenUp: GivenUp[] } {
  const videos = new Map(Object.entries(one.videos));
  const givenUp: GivenUp[] = [];
  for (const [key, entry] of Object.entries(other.videos)) {
    const known = videos.get(key);
    if (known === undefined) {
      videos.set(key, entry);
      continue;
    }
    const kept = better(known, entry);
    videos.set(key, kept);
    if (known.task_id !== entry.task_id) givenUp.push({ key, kept, dropped: kept === known ? entry : known });
  }
  return { lock: { videos: Object.fromEntries(videos) }, givenUp };
}

/**
 * Reads a lock in which a merge left its markers: each side is read by itself, and both are united.
 * @throws FilmgateError `lock_unreadable` if a side is no lock.
 */
export function uniteLock(text: string, name = "videos.lock.json"): { lock: Lock; givenUp: GivenUp[] } {
  const [ours, theirs] = splitConflict(text, name);
  return mergeLocks(readLock(ours, `${name} (our side)`), readLock(theirs, `${name} (their side)`));
}

export function hasMarkers(text: string): boolean {
  return /^(?:<{7}|>{7})(?:[ \r\n]|$)/m.test(text);
}

/** How far an entry is. Of one task the later state holds; of two tasks, the one that gives a video sooner. */
const ofOneTask = { ready: 2, failed: 1, making: 0 };
const ofTwoTasks = { ready: 2, making: 1, failed: 0 };

function better(one: LockEntry, other: LockEntry): LockEntry {
  const rank = one.task_id === other.task_id ? ofOneTask : ofTwoTasks;
  if (rank[one.state] !== rank[other.state]) return rank[one.state] > rank[other.state] ? one : other;
  if (one.task_id !== other.task_id) return one.task_id < other.task_id ? one : other;
  // Published with different settings: either will do, so long as both branches choose the same.
  return JSON.stringify(sorted(one as never)) <= JSON.stringify(sorted(other as never)) ? one : other;
}

/** The text as either side of a merge has it; what both began with (`|||||||`) is left out. */
function splitConflict(text: string, name: string): [string, string] {
  const sides: [string[], string[]] = [[], []];
  let part: Part = "both";
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const marker = /^(<{7}|\|{7}|={7}|>{7})(?: |$)/.exec(line)?.[1]?.[0];
    if (marker === undefined) {
      if (part === "both" || part === "ours") sides[0].push(line);
      if (part === "both" || part === "theirs") sides[1].push(line);
      continue;
    }
    const next: Part | undefined = steps[part][marker];
    if (next === undefined)
      throw unreadable(name, `line ${index + 1}: a conflict's marker stands where none can`);
    part = next;
  }
  if (part !== "both") throw unreadable(name, "a merge conflict begins in it and does not end");
  return [sides[0].join("\n"), sides[1].join("\n")];
}

type Part = "both" | "ours" | "base" | "theirs";
const steps: Record<Part, Record<string, Part>> = {
  both: { "<": "ours" },
  ours: { "|": "base", "=": "theirs" },
  base: { "=": "theirs" },
  theirs: { ">": "both" },
};

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw unreadable(name, `it is not JSON: ${(cause as Error).message}`, cause);
  }
}

function readVideos(json: unknown, name: string): Record<string, LockEntry> {
  if (!isObject(json)) throw unreadable(name, "it is JSON, but no object");
  const { lockfileVersion: version, videos } = json;
  if (typeof version === "number" && version > lockfileVersion) {
    throw unreadable(
      name,
      `it was written by a newer filmgate (lockfileVersion ${version}, and this one knows ${lockfileVersion}); update filmgate`,
    );
  }
  if (version !== lockfileVersion) throw unreadable(name, `lockfileVersion must be ${lockfileVersion}`);
  if (!isObject(videos)) throw unreadable(name, "videos must be an object");
  for (const [key, entry] of Object.entries(videos)) {
    if (!/^[0-9a-f]{16,64}$/.test(key))
      throw unreadable(name, `videos: ${JSON.stringify(key)} is no key of an order`);
    const problem = problemOf(entry);
    if (problem !== null) throw unreadable(name, `videos.${key}.${problem}`);
  }
  return videos as Record<string, LockEntry>;
}

type Check = [field: string, holds: (value: unknown) => boolean, says: string];
const isText = (value: unknown) => typeof value === "string" && value !== "";
const isAddress = (value: unknown) =>
  value === null || (typeof value === "string" && /^https?:\/\//.test(value) && URL.canParse(value));
const isCount = (value: unknown) => typeof value === "number" && Number.isFinite(value) && value > 0;
const isSize = (value: unknown) => value === null || isCount(value);
const isHash = (value: unknown) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);

const ofAll: Check[] = [
  ["order", isObject, "must be an object"],
  ["fingerprint", isHash, "must be 64 hex digits"],
  ["task_id", isText, "must be an id"],
  ["publish", (value) => value === null || isObject(value), "must be an object or null"],
];
const ofState: Record<LockEntry["state"], Check[]> = {
  making: [],
  failed: [
    ["cost_state", (value) => value === "settled" || value === "held", "must be settled or held"],
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

function problemOf(entry: unknown): string | null {
  if (!isObject(entry)) return "must be an object";
  const { state } = entry;
  if (typeof state !== "string" || !Object.hasOwn(ofState, state))
    return "state: must be ready, making or failed";
  const failed = [...ofAll, ...ofState[state as LockEntry["state"]]].find(
    ([field, holds]) => !holds(entry[field]),
  );
  return failed === undefined ? null : `${failed[0]}: ${failed[2]}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unreadable(name: string, why: string, cause?: unknown): FilmgateError {
  return new FilmgateError(
    `${name} cannot be read: ${why}. It was left as it is: it tells which videos are paid for. Take it back from version control, or mend it.`,
    { code: "lock_unreadable", cause },
  );
}
