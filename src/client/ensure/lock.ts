/**
 * The lock as text and as data: which order is which video. The text is meant to be committed, reviewed and merged: an
 * entry is a line, the lines are sorted, and the same content is always the same bytes. With an entry on many lines git
 * mixes those of several, where two branches changed many; and since a formatter may do that to it, too, each entry
 * carries a check. Reading is strict: a lock that is misread costs money.
 */

import { FilmgateError } from "../errors.ts";
import { isObject, type LockEntry, problemOfEntry } from "./lock-entry.ts";
import { type Json, sorted } from "./order-identity.ts";

const lockfileVersion = 1;

export type Lock = { readonly videos: Readonly<Record<string, LockEntry>> };
export const emptyLock: Lock = { videos: {} };

/** The lock as text: a line for each entry, in the order of their keys. */
export function writeLock({ videos }: Lock): string {
  const lines = Object.keys(videos)
    .sort()
    .map((key) => `    "${key}": ${writeEntry(key, videos[key] as LockEntry)}`);
  const inner = lines.length === 0 ? "{}" : `{\n${lines.join(",\n")}\n  }`;
  return `{\n  "lockfileVersion": ${lockfileVersion},\n  "videos": ${inner}\n}\n`;
}

/** First what was ordered, for whoever reads it; then the rest by the alphabet. */
function writeEntry(key: string, { order, ...rest }: LockEntry): string {
  const check = checkOf(key, { order, ...rest });
  const members = { order: sorted(order), ...(sorted({ ...rest, check } as unknown as Json) as object) };
  // A text of JSON has no newline in it.
  return JSON.stringify(members, null, 1).replace(/\n */g, " ");
}

/**
 * Reads a lock's text. Members that are not known stay where they are.
 * @param name what the file is called in sentences.
 * @throws FilmgateError `lock_conflict` if a merge is to be finished in it, `lock_unreadable` if it is no lock.
 */
export function readLock(text: string, name = "videos.lock.json"): Lock {
  if (isUnmerged(text)) {
    throw new FilmgateError(
      `${name} has a merge conflict in it. Run ensure where it may write: both sides are united there. Then commit the lock.`,
      { code: "lock_conflict" },
    );
  }
  const { videos, problems } = readVideos(text, name);
  for (const [key, { says }] of problems) throw unreadable(name, `videos.${key}.${says}`);
  return { videos: Object.fromEntries(videos) };
}

/** Whether a merge left its markers in the text, or one order twice. */
export function isUnmerged(text: string): boolean {
  if (/^(?:<{7}|>{7})(?:[ \r\n]|$)/m.test(text)) return true;
  const keys = [...text.matchAll(keyOfText)].map(([, , key]) => key);
  return new Set(keys).size < keys.length;
}

/** Where an entry begins. Within a text of JSON the quotation mark would have a backslash before it. */
const keyOfText = /([{,\s])"([0-9a-f]{16,64})"(?=\s*:\s*\{)/g;

/** Entries that are whole, an order perhaps twice; and by their keys what is wrong with the others. */
export type ReadVideos = {
  readonly videos: readonly (readonly [key: string, entry: LockEntry])[];
  readonly problems: ReadonlyMap<string, { says: string; taskId: string | null }>;
};

/** @throws FilmgateError `lock_unreadable` if it is no lock at all. */
export function readVideos(text: string, name: string): ReadVideos {
  const json = parseJson(text, name);
  if (!isObject(json)) throw unreadable(name, "it is JSON, but no object");
  const { lockfileVersion: version, videos: found } = json;
  if (typeof version === "number" && version > lockfileVersion) {
    throw unreadable(
      name,
      `it was written by a newer filmgate (lockfileVersion ${version}, and this one knows ${lockfileVersion}); update filmgate`,
    );
  }
  if (version !== lockfileVersion) throw unreadable(name, `lockfileVersion must be ${lockfileVersion}`);
  if (!isObject(found)) throw unreadable(name, "videos must be an object");
  const videos: [string, LockEntry][] = [];
  const problems = new Map<string, { says: string; taskId: string | null }>();
  for (const [standing, value] of Object.entries(found)) {
    const key = standing.split("#")[0] ?? "";
    if (!/^[0-9a-f]{16,64}$/.test(key)) {
      throw unreadable(name, `videos: ${JSON.stringify(standing)} is no key of an order`);
    }
    const says = problemOfEntry(value) ?? problemOfCheck(key, value as LockEntry & { check?: unknown });
    const { check: _check, ...entry } = value as LockEntry & { check?: unknown };
    if (says === null) videos.push([key, entry]);
    else problems.set(key, { says, taskId: isObject(value) ? textOrNull(value.task_id) : null });
  }
  return { videos, problems };
}

/** An order that stands there twice is told apart by its number: JSON itself would drop the first. */
function parseJson(text: string, name: string): unknown {
  const seen = new Map<string, number>();
  const numbered = text.replace(/^\uFEFF/, "").replace(keyOfText, (all, before: string, key: string) => {
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    return count === 1 ? all : `${before}"${key}#${count}"`;
  });
  try {
    return JSON.parse(numbered);
  } catch (cause) {
    throw unreadable(name, `it is not JSON: ${(cause as Error).message}`, cause);
  }
}

function problemOfCheck(key: string, { check, ...entry }: LockEntry & { check?: unknown }): string | null {
  if (check === checkOf(key, entry)) return null;
  return "check: the entry is not as it was written; a merge mixed it with another, or a hand changed it";
}

/** 53 bits of a hash (cyrb53, public domain) over the entry and its key: against accidents, not against anybody. */
function checkOf(key: string, entry: object): string {
  const text = JSON.stringify([key, sorted(entry as unknown as Json)]);
  let [one, other] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    one = Math.imul(one ^ code, 2654435761);
    other = Math.imul(other ^ code, 1597334677);
  }
  one = Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(other ^ (other >>> 13), 3266489909);
  other = Math.imul(other ^ (other >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909);
  return (4294967296 * (2097151 & other) + (one >>> 0)).toString(16).padStart(14, "0");
}

export function unreadable(name: string, why: string, cause?: unknown): FilmgateError {
  return new FilmgateError(
    `${name} cannot be read: ${why}. It was left as it is: it tells which videos are paid for. Take it back from version control, or mend it.`,
    { code: "lock_unreadable", cause },
  );
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
