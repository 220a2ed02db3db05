/**
 * What holds for a deploy hook whatever happens: an interpreter like durable/deploy-hooks.ts wakes it when it is due,
 * over a host that answers as badly as it can, with processes that die in the middle of calls.
 */

import fc from "fast-check";
import { expect, it } from "vitest";
import {
  type DeployHook,
  dueAt,
  endCall,
  finish,
  type HookOutcome,
  type HookPace,
  newHook,
  videosOwed,
  wakeHook,
} from "../../src/domain/deploy-hook.ts";

type Verdict = HookOutcome["verdict"];
type Happening =
  | { kind: "finish"; videos: number }
  | { kind: "wait"; ms: number }
  /** Waits until the hook is due; what becomes of the call that then leaves, and what finishes meanwhile. */
  | { kind: "due"; fate: Verdict | "crash"; tookMs: number; askedMs: number; meanwhile: number };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("finish" as const), videos: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 900_000 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("due" as const),
      fate: fc.constantFrom<Verdict | "crash">(
        "built",
        "built",
        "built",
        "again",
        "refused",
        "crash",
        "gone",
      ),
      tookMs: fc.integer({ min: 0, max: 15_000 }),
      askedMs: fc.constantFrom(0, 0, 30_000, 10_000_000),
      meanwhile: fc.integer({ min: 0, max: 2 }),
    }),
  },
);
const anyPace: fc.Arbitrary<HookPace> = fc.record({
  windowMs: fc.integer({ min: 0, max: 120_000 }),
  gapMs: fc.integer({ min: 0, max: 600_000 }),
  boundMs: fc.constant(30_000),
  scale: fc.constant(1),
});
const start = 1_800_000_000_000;

it("every finish is told by a build that began after it, one at a time, and never more often than the gap allows", () => {
  fc.assert(
    fc.property(anyPace, fc.array(happening, { minLength: 1, maxLength: 60 }), (pace, story) => {
      let [now, hook]: [number, DeployHook] = [start, newHook("hook_1", "https://example.com/hook")];
      /** Finished since the last call left that had a build for an answer, or that was the last of its tries. */
      let untold = 0;
      let [builds, lastBuild] = [0, Number.NEGATIVE_INFINITY];
      /** How long it asked to be left alone, and how often it was called since the last finish. */
      let [quietUntil, callsSince] = [0, 0];
      const finishes = (videos: number) => {
        const before = hook;
        hook = finish(hook, videos, now, pace);
        if (before.state === "gone") expect(hook).toBe(before);
        else untold += videos;
        if (videos > 0) callsSince = 0;
        if (before.state !== "waiting" || hook.state !== "waiting") return;
        // One that waits is not put off; hastened only where it was tried in vain, and not beyond window and gap.
        const lastCall = before.calls.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
        const soonest = Math.max(now + pace.windowMs, lastBuild + pace.gapMs, lastCall + pace.gapMs);
        expect(hook.callAt).toBeLessThanOrEqual(before.callAt);
        if (before.tries === 0) expect(hook.callAt).toBe(before.callAt);
        if (hook.callAt < before.callAt) expect(hook.callAt).toBeGreaterThanOrEqual(soonest);
      };
      for (const next of story) {
        if (next.kind === "finish") finishes(next.videos);
        else if (next.kind === "wait") now += next.ms;
        else {
          now = Math.max(now, dueAt(hook) ?? now);
          const before = hook;
          hook = wakeHook(hook, now, pace);
          if (hook === before || hook.state !== "calling") {
            // The last of its tries was lost.
            if (before.state === "calling" && hook.state === "failed")
              expect(callsSince).toBeGreaterThanOrEqual(3);
            const isOver = hook.state === "failed" || (hook.state === "waiting" && hook.tries === 0);
            if (before.state === "calling" && isOver) untold -= before.videos;
            continue;
          }
          const { calledAt, videos } = hook;
          callsSince += 1;
          expect(calledAt).toBeGreaterThanOrEqual(quietUntil);
          // All that finished is told, and all that is told finished.
          expect(videos).toBe(untold);
          finishes(next.meanwhile);
          if (next.fate === "crash") continue;
          now += next.tookMs;
          const { fate: verdict, tookMs: durationMs, askedMs: retryAfterMs } = next;
          const outcome = { status: null, error: verdict, durationMs, retryAfterMs, verdict };
          hook = endCall(hook, calledAt, outcome, now, pace);
          if (verdict === "again" && hook.state === "failed") expect(callsSince).toBeGreaterThanOrEqual(3);
          const isQuiet =
            verdict === "again" && hook.state === "waiting" && hook.tries > 0 && retryAfterMs > 0;
          quietUntil = isQuiet ? now + retryAfterMs : 0;
          if (verdict === "built") {
            expect(calledAt - lastBuild).toBeGreaterThanOrEqual(pace.gapMs);
            [builds, lastBuild] = [builds + 1, now];
          }
          if (verdict !== "again" || hook.state === "failed") untold -= videos;
          if (verdict === "again" && hook.state === "waiting" && hook.tries === 0) untold -= videos;
          if (hook.state === "gone") untold = 0;
        }
        expect(videosOwed(hook)).toBe(untold);
        // What is owed is due, and nothing else is.
        expect(dueAt(hook) !== null).toBe(untold > 0 || hook.state === "calling");
        if (hook.state === "waiting") expect(hook.tries).toBeLessThan(6);
      }
      if (pace.gapMs > 0) expect(builds).toBeLessThanOrEqual(1 + Math.floor((now - start) / pace.gapMs));
    }),
    { numRuns: 1000 },
  );
});
