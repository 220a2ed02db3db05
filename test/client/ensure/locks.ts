/** Locks by chance: entries in every state, for properties that hold for all of them. */

import { createHash } from "node:crypto";
import fc from "fast-check";
import type { Lock } from "../../../src/client/ensure/lock.ts";
import type { LockEntry } from "../../../src/client/ensure/lock-entry.ts";

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length });
const name = (kind: string) => fc.integer({ min: 0, max: 5 }).map((number) => `${kind}_${number}`);
const text = fc.string({ minLength: 1, unit: "grapheme" });
const size = fc.option(fc.integer({ min: 1, max: 4000 }));
const address = fc.option(fc.webUrl());

const common = {
  order: fc.record({ model: text, prompt: text }),
  fingerprint: hex(64),
  task_id: name("task"),
  publish: fc.option(fc.record({ title: text, alt: text }, { requiredKeys: [] })),
};

export const entries: fc.Arbitrary<LockEntry> = fc.oneof(
  fc.record({ ...common, state: fc.constant("making" as const) }),
  fc.record({
    ...common,
    state: fc.constant("failed" as const),
    cost_state: fc.constantFrom("settled" as const, "held" as const),
    error: fc.record({ code: text, message: text }),
  }),
  fc.record({
    ...common,
    state: fc.constant("ready" as const),
    file_id: name("file"),
    ...{ url: address, page_url: address, poster_url: address, width: size, height: size },
    seconds: fc.integer({ min: 1, max: 15 }),
    bytes: fc.integer({ min: 1 }),
    sha256: hex(64),
  }),
);

/** Few keys, so that two locks meet. */
export const keys = fc.integer({ min: 0, max: 11 }).map((number) => `${number}`.padStart(32, "a"));
export const locks: fc.Arbitrary<Lock> = fc
  .uniqueArray(
    fc.tuple(
      keys.map((key) => hashOf(key).slice(0, 32)),
      entries,
    ),
    { selector: ([key]) => key, maxLength: 8 },
  )
  .map((all) => ({ videos: Object.fromEntries(all) }));

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");

/** An entry as life makes it: what it says follows from its key, its task and how far that is. */
function grown(key: string, by: string, state: LockEntry["state"], publish: { title?: string }): LockEntry {
  const task = `task_${hashOf(key + by).slice(0, 26)}`;
  const common = {
    order: { model: "MiniMax-Hailuo-2.3", prompt: `Waves ${key}` },
    ...{ fingerprint: hashOf(key), task_id: task, publish },
  };
  if (state === "making") return { ...common, state };
  const error = { code: "video_failed", message: "It failed." };
  if (state === "failed") return { ...common, state, cost_state: "held", error };
  const page = `https://video.example.com/v/${task}`;
  return {
    ...common,
    state,
    ...{ file_id: `file_${task}`, url: `${page}.mp4`, page_url: page, poster_url: null },
    ...{
      width: 1366,
      height: 768,
      seconds: 6,
      bytes: Number.parseInt(hashOf(task).slice(0, 6), 16),
      sha256: hashOf(task),
    },
  };
}

/** What a branch does with an entry, or without one. */
const fates = fc.constantFrom(
  "leaves",
  "leaves",
  "adds",
  "finishes",
  "publishes",
  "takes out",
  "orders anew",
);

/** A lock, and what two branches made of it. */
export const branches: fc.Arbitrary<[base: Lock, ours: Lock, theirs: Lock]> = fc
  .uniqueArray(
    fc.tuple(
      keys.map((key) => hashOf(key).slice(0, 32)),
      fc.constantFrom("", "making", "ready", "failed"),
      fates,
      fates,
    ),
    {
      selector: ([key]) => key,
      minLength: 1,
    },
  )
  .map((all) => {
    const [base, ours, theirs]: Record<string, LockEntry>[] = [{}, {}, {}];
    for (const [key, state, ...both] of all) {
      const before = state === "" ? undefined : grown(key, "base", state as LockEntry["state"], {});
      if (before !== undefined && base !== undefined) base[key] = before;
      for (const [side, fate] of both.entries()) {
        const after = livedThrough(fate, before, key, side === 0 ? "ours" : "theirs");
        const branch = side === 0 ? ours : theirs;
        if (after !== undefined && branch !== undefined) branch[key] = after;
      }
    }
    return [{ videos: base ?? {} }, { videos: ours ?? {} }, { videos: theirs ?? {} }];
  });

function livedThrough(fate: string, before: LockEntry | undefined, key: string, own: string) {
  if (before === undefined) return fate === "adds" ? grown(key, own, "ready", {}) : undefined;
  if (fate === "finishes") return grown(key, "base", "ready", {});
  if (fate === "publishes") return { ...before, publish: { title: own } };
  if (fate === "takes out") return undefined;
  if (fate === "orders anew") return grown(key, own, "making", {});
  return before;
}
