/** What the parts of one `ensure` share: the lock's file, the client once it is needed, and what became of each video. */

import type { PublishRequest } from "../../contract.ts";
import { EnsureFailedError, FilmgateError } from "../errors.ts";
import type { VideoClient } from "../video.ts";
import type { Lock } from "./lock.ts";
import { type LockEntry, problemOfEntry } from "./lock-entry.ts";
import type { LockFile } from "./lock-file.ts";
import type { IdentifiedOrder } from "./media-files.ts";
import type { EnsureOptions, VideoSource } from "./options.ts";

/** One video that is to be there, however often it was asked for. */
export type WantedVideo = IdentifiedOrder & {
  readonly indices: readonly number[];
  /** What it is called in sentences. */
  readonly name: string;
  readonly publish: PublishRequest | null;
};

/** What is known of it, and whose merit that is. */
export type Found<Entry extends LockEntry = LockEntry> = {
  readonly wanted: WantedVideo;
  readonly entry: Entry;
  readonly source: VideoSource;
  readonly costUsd: number | null;
};

export type Run = Readonly<{
  file: LockFile;
  options: EnsureOptions;
  /** @throws FilmgateError `invalid_setting`. */
  client: () => VideoClient;
  frozen: boolean;
  concurrency: number;
  notice: (sentence: string) => void;
  /** Whether a video of the lock is one for who asks. */
  isAnswer: (entry: LockEntry) => boolean;
}>;

/**
 * Puts entries into the lock's file. What another build wrote there meanwhile gives way, except where it is further
 * with the same video.
 * @throws FilmgateError `unreadable_answer`, with nothing written, if an answer made an entry that no lock can hold.
 */
export async function putEntries(
  run: Run,
  entries: readonly (readonly [string, LockEntry])[],
): Promise<void> {
  for (const [, entry] of entries) requireWhole(entry);
  const replaced: string[] = [];
  await changeLock(run, (lock) => {
    replaced.length = 0;
    if (entries.length === 0) return lock;
    const { videos } = lock;
    const next = { ...videos };
    for (const [key, entry] of entries) {
      const standing = videos[key];
      const isSameTask = standing?.task_id === entry.task_id;
      if (isSameTask && standing?.state === "ready" && entry.state === "making") continue;
      if (standing !== undefined && !isSameTask && run.isAnswer(standing)) {
        replaced.push(
          `${standing.task_id} was ordered by another build for the same order; the lock has ${entry.task_id} now.`,
        );
      }
      next[key] = entry;
    }
    return { videos: next };
  });
  for (const sentence of replaced) run.notice(sentence);
}

/** Changes the lock's file. A conflict that git left in it, be it a moment ago, is united and told. */
export async function changeLock(run: Run, change: (lock: Lock) => Lock): Promise<Lock> {
  const { lock, givenUp } = await run.file.change(change);
  if (givenUp === null) return lock;
  run.notice(`${run.file.path} had a merge conflict; both sides are united in it. Commit it.`);
  for (const { key, kept, dropped } of givenUp) {
    run.notice(
      `Both branches had ordered ${key}: ${kept} is kept. ${dropped} was paid for, too, and is in the lock no more; look at it, or delete it.`,
    );
  }
  return lock;
}

/** The lock is read strictly, so one entry that is not whole would stop every later build. */
function requireWhole(entry: LockEntry): void {
  const problem = problemOfEntry(entry);
  if (problem === null) return;
  throw new FilmgateError(
    `What was answered about it is not filmgate's, and is not written down (${problem}). If it was ordered, the next ensure finds it by its order. Look at what baseUrl points to, and at what stands in between.`,
    { code: "unreadable_answer" },
  );
}

/** Takes entries out, if they are still those of this task. */
export async function removeEntries(run: Run, keys: readonly string[], taskId: string): Promise<void> {
  await changeLock(run, ({ videos }) => ({
    videos: Object.fromEntries(
      Object.entries(videos).filter(([key, entry]) => !(keys.includes(key) && entry.task_id === taskId)),
    ),
  }));
}

/** Does something with each, a few at a time; all are done, whatever becomes of the others. */
export async function forEachOf<T>(
  all: readonly T[],
  concurrency: number,
  act: (one: T) => Promise<void>,
): Promise<void> {
  const waiting = [...all];
  const work = async () => {
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await act(next);
    } finally {
      // Nothing is begun any more after an end that is nobody's in particular, as that by the caller's signal.
      waiting.length = 0;
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, all.length) }, work));
}

/** What went wrong with single videos. Only filmgate's errors are such; all else ends the call. */
export class Failures {
  readonly #failures: { wanted: WantedVideo; error: FilmgateError }[] = [];

  add(wanted: WantedVideo, error: unknown): void {
    if (!(error instanceof FilmgateError)) throw error;
    error.message = `${nameOf(wanted)}: ${error.message}`;
    this.#failures.push({ wanted, error });
  }

  /** @throws the error, or an EnsureFailedError with all of them, if there are any. */
  throwIfAny(): void {
    const errors = this.#failures.sort(inOrder).map(({ error }) => error);
    const [first] = errors;
    if (first !== undefined) throw errors.length === 1 ? first : new EnsureFailedError(errors);
  }
}

/** Sorts what was found out of orders as these were given. */
export function inOrder(one: { wanted: WantedVideo }, other: { wanted: WantedVideo }): number {
  return placeOf(one.wanted) - placeOf(other.wanted);
}

function placeOf({ indices }: WantedVideo): number {
  return indices[0] ?? 0;
}

/** Names an order in a sentence: `hero ("Ocean waves at sun…")`. */
export function nameOf({ name, canonical }: WantedVideo): string {
  const prompt = typeof canonical.prompt === "string" ? canonical.prompt : String(canonical.model);
  const characters = [...prompt.replace(/\s+/g, " ")];
  const start = characters.length > 40 ? `${characters.slice(0, 40).join("")}…` : characters.join("");
  return `${name} (${JSON.stringify(start)})`;
}
