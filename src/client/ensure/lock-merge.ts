/** Two locks in one: those of two branches, as git leaves them in one file. No task that was paid for gets lost in silence. */

import { type Lock, type ReadVideos, readVideos, unreadable } from "./lock.ts";
import type { LockEntry } from "./lock-entry.ts";
import { type Json, sorted } from "./order-identity.ts";

/** What was given up: of two tasks of one order, each paid for, the lock keeps one. */
export type GivenUp = { readonly key: string; readonly kept: string; readonly dropped: string };
export type MergedLock = { readonly lock: Lock; readonly givenUp: readonly GivenUp[] };

/**
 * Reads a lock in which a merge is to be finished: each side is read by itself, and both are united. An entry whose
 * lines were mixed with another's is taken from the side that has it whole.
 * @throws FilmgateError `lock_unreadable` if a side is no lock, or an entry is whole on neither.
 */
export function uniteLock(text: string, name = "videos.lock.json"): MergedLock {
  const sides = splitConflict(text, name).map((side) => readVideos(side, name));
  const merged = mergeEntries(sides.flatMap(({ videos }) => videos));
  const { videos } = merged.lock;
  const givenUp = [...merged.givenUp];
  for (const [key, { says, taskId }] of sides.flatMap(({ problems }: ReadVideos) => [...problems])) {
    const kept = videos[key]?.task_id;
    if (kept === undefined) throw unreadable(name, `videos.${key}.${says}`);
    const isTold = givenUp.some((one) => one.key === key && one.dropped === taskId);
    if (taskId !== null && taskId !== kept && !isTold) givenUp.push({ key, kept, dropped: taskId });
  }
  return { lock: merged.lock, givenUp };
}

/** One entry for each key, of those of both sides. Which side is which makes no difference. */
export function mergeEntries(entries: readonly (readonly [string, LockEntry])[]): MergedLock {
  const videos = new Map<string, LockEntry>();
  const tasks = new Map<string, Set<string>>();
  for (const [key, entry] of entries) {
    const known = videos.get(key);
    videos.set(key, known === undefined ? entry : better(known, entry));
    tasks.set(key, (tasks.get(key) ?? new Set()).add(entry.task_id));
  }
  const givenUp = [...videos].flatMap(([key, { task_id: kept }]) =>
    [...(tasks.get(key) ?? [])]
      .filter((dropped) => dropped !== kept)
      .map((dropped) => ({ key, kept, dropped })),
  );
  return { lock: { videos: Object.fromEntries(videos) }, givenUp };
}

/** How far an entry is. Of one task the later state holds; of two tasks, the one that gives a video sooner. */
const ofOneTask = { ready: 2, failed: 1, making: 0 };
const ofTwoTasks = { ready: 2, making: 1, failed: 0 };

function better(one: LockEntry, other: LockEntry): LockEntry {
  const rank = one.task_id === other.task_id ? ofOneTask : ofTwoTasks;
  if (rank[one.state] !== rank[other.state]) return rank[one.state] > rank[other.state] ? one : other;
  if (one.task_id !== other.task_id) return one.task_id < other.task_id ? one : other;
  // Published with different settings: either will do, so long as both branches choose the same.
  const text = (entry: LockEntry) => JSON.stringify(sorted(entry as unknown as Json));
  return text(one) <= text(other) ? one : other;
}

type Part = "both" | "ours" | "base" | "theirs";
/** Which part of the text begins at which marker. */
const steps: Record<Part, Record<string, Part>> = {
  both: { "<": "ours" },
  ours: { "|": "base", "=": "theirs" },
  base: { "=": "theirs" },
  theirs: { ">": "both" },
};

/** The text as either side of a merge has it; what both began with (`|||||||`) is left out. */
function splitConflict(text: string, name: string): [ours: string, theirs: string] {
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
