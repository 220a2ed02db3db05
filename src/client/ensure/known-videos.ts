/** What the lock says of what is wanted, sorted by what there is to do about it. */

import type { Lock } from "./lock.ts";
import type { FailedEntry, LockEntry, MakingEntry, ReadyEntry } from "./lock-entry.ts";
import type { Found, WantedVideo } from "./run.ts";

export type Known = {
  ready: Found<ReadyEntry>[];
  making: Found<MakingEntry>[];
  failed: Found<FailedEntry>[];
  /** Those of a filmgate that was tried elsewhere: missing, too. */
  tried: Found<ReadyEntry>[];
  missing: WantedVideo[];
};

type Answers = (entry: LockEntry) => boolean;

/** @param isAnswer whether a video of the lock is one for who asks. */
export function sortOut(wanted: readonly WantedVideo[], { videos }: Lock, isAnswer: Answers): Known {
  const known: Known = { ready: [], making: [], failed: [], tried: [], missing: [] };
  for (const one of wanted) {
    const entry = Object.hasOwn(videos, one.key) ? videos[one.key] : undefined;
    if (entry !== undefined && isAnswer(entry)) {
      addTo(known, one, entry);
      continue;
    }
    known.missing.push(one);
    if (entry?.state === "ready") known.tried.push({ wanted: one, entry, source: "lock", costUsd: 0 });
  }
  return known;
}

export function addTo(known: Known, wanted: WantedVideo, entry: LockEntry): void {
  if (entry.state === "ready") known.ready.push({ wanted, entry, source: "lock", costUsd: 0 });
  else if (entry.state === "making") known.making.push({ wanted, entry, source: "joined", costUsd: 0 });
  else known.failed.push({ wanted, entry, source: "lock", costUsd: 0 });
}

/** The entries by their fingerprints: of several ways to write one order, one that has its video where there is one. */
export function byFingerprint({ videos }: Lock, isAnswer: Answers): ReadonlyMap<string, LockEntry> {
  const best = new Map<string, LockEntry>();
  for (const entry of Object.values(videos).filter(isAnswer)) {
    if (entry.state === "ready" || !best.has(entry.fingerprint)) best.set(entry.fingerprint, entry);
  }
  return best;
}
