/** What the lock says of what is wanted, sorted by what there is to do about it. */

import type { Lock } from "./lock.ts";
import type { FailedEntry, LockEntry, MakingEntry, ReadyEntry } from "./lock-entry.ts";
import type { Found, WantedVideo } from "./run.ts";

export type Known = {
  ready: Found<ReadyEntry>[];
  making: Found<MakingEntry>[];
  failed: Found<FailedEntry>[];
  missing: WantedVideo[];
};

export function sortOut(wanted: readonly WantedVideo[], { videos }: Lock): Known {
  const known: Known = { ready: [], making: [], failed: [], missing: [] };
  for (const one of wanted) {
    const entry = Object.hasOwn(videos, one.key) ? videos[one.key] : undefined;
    if (entry === undefined) known.missing.push(one);
    else addTo(known, one, entry);
  }
  return known;
}

export function addTo(known: Known, wanted: WantedVideo, entry: LockEntry): void {
  if (entry.state === "ready") known.ready.push({ wanted, entry, source: "lock", costUsd: 0 });
  else if (entry.state === "making") known.making.push({ wanted, entry, source: "joined", costUsd: 0 });
  else known.failed.push({ wanted, entry, source: "lock", costUsd: 0 });
}

/** The entries by their fingerprints: of several ways to write one order, one that has its video where there is one. */
export function byFingerprint({ videos }: Lock): ReadonlyMap<string, LockEntry> {
  const best = new Map<string, LockEntry>();
  for (const entry of Object.values(videos)) {
    if (entry.state === "ready" || !best.has(entry.fingerprint)) best.set(entry.fingerprint, entry);
  }
  return best;
}
