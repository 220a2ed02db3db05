/**
 * How often git mixes the videos of a lock when it merges two branches: for locks as they are written, a line for each
 * video, and for the same with a line for each field. Mixed is an entry that, but for how it is
 * published, none of the three had for its order. The branches are made up, and the same for the same seed. Run with
 * `npm run bench:lock`, or `-- PAIRS SEED`.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { type Lock, writeLock } from "../src/client/ensure/lock.ts";
import { branches } from "../test/client/ensure/locks.ts";

const [pairs, seed] = [Number(process.argv[2] ?? 1500), Number(process.argv[3] ?? 1)];
const forms: Record<string, (lock: Lock) => string> = {
  "a line for each video": writeLock,
  "a line for each field": (lock) => `${JSON.stringify(JSON.parse(writeLock(lock)), null, 2)}\n`,
};

const folder = mkdtempSync(join(tmpdir(), "filmgate-merges-"));
try {
  const samples = fc.sample(branches, { numRuns: pairs, seed });
  for (const [form, write] of Object.entries(forms)) {
    const ends = samples.map((sample) => merge(sample, write));
    const many = (...all: string[]) => ends.filter((one) => all.every((end) => one.includes(end))).length;
    console.log(
      `${form}: of ${pairs} pairs ${many("clean")} merged, ${many("conflict")} in conflict; mixed in ${many("mixed")}, ${many("clean", "mixed")} of them without a conflict`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** How one merge ended, and whether some video in it, or on a side of its conflict, is no branch's. */
function merge([base, ours, theirs]: readonly [Lock, Lock, Lock], write: (lock: Lock) => string): string[] {
  const paths = Object.entries({ ours, base, theirs }).map(([name, lock]) => {
    writeFileSync(join(folder, name), write(lock));
    return join(folder, name);
  });
  const { stdout, status } = spawnSync("git", ["merge-file", "-p", ...paths], { encoding: "utf8" });
  const known = [base, ours, theirs].map((lock) => JSON.parse(writeLock(lock)).videos);
  const isMixed = ["ours", "theirs"].some((side) => {
    const videos = videosOf(sideOf(stdout, side));
    // What is no JSON is seen by whoever resolves it.
    if (videos === null) return false;
    return Object.entries(videos).some(([key, video]) =>
      known.every((lock) => !isDeepStrictEqual(identityOf(lock[key]), identityOf(video))),
    );
  });
  return [status === 0 ? "clean" : "conflict", ...(isMixed ? ["mixed"] : [])];
}

/** Which order, task and file it is. That one branch publishes what the other finishes is no harm. */
function identityOf(video: unknown): unknown {
  const { publish: _publish, check: _check, ...identity } = (video ?? {}) as Record<string, unknown>;
  return identity;
}

function sideOf(text: string, side: string): string {
  let part = "both";
  const lines = text.split("\n").filter((line) => {
    if (/^<{7} /.test(line)) part = "ours";
    else if (/^={7}$/.test(line)) part = "theirs";
    else if (/^>{7} /.test(line)) part = "both";
    else return part === "both" || part === side;
    return false;
  });
  return lines.join("\n");
}

function videosOf(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text).videos;
  } catch {
    return null;
  }
}
