/** When to ask again and when to renew: never more often than asked, never too late. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { askAgainMs, isBuffered, renewAt } from "../../src/embed/timing.ts";

const span = fc.integer({ min: 0, max: 7 * 24 * 3_600_000 });

describe("asking for a video that is being made", () => {
  it("is never sooner than the server says, and far rarer where nobody looks", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 60_000 }), span, (retryAfterMs, waitedMs) => {
        const seen = askAgainMs({ retryAfterMs, waitedMs, isHidden: false });
        expect(seen).toBeGreaterThanOrEqual(retryAfterMs);
        expect(seen).toBeLessThanOrEqual(60_000);
        expect(askAgainMs({ retryAfterMs, waitedMs, isHidden: true })).toBe(seen * 6);
      }),
    );
  });

  it("is as the server says at first, and once a minute after an hour", () => {
    expect(askAgainMs({ retryAfterMs: 5000, waitedMs: 120_000, isHidden: false })).toBe(5000);
    expect(askAgainMs({ retryAfterMs: 5000, waitedMs: 3_600_000, isHidden: false })).toBe(60_000);
  });
});

it("a link is renewed before its end, and after most of its life", () => {
  fc.assert(
    fc.property(span, span, (now, lifeMs) => {
      const at = renewAt(now, now + lifeMs);
      expect(at).toBeLessThanOrEqual(now + lifeMs);
      expect(at).toBeGreaterThanOrEqual(now + lifeMs * 0.75 - 1);
    }),
  );
  expect(renewAt(0, 86_400_000)).toBe(86_340_000);
});

describe("what is loaded", () => {
  const ranges = (...pairs: [number, number][]): TimeRanges => ({
    length: pairs.length,
    start: (index) => pairs[index]?.[0] ?? 0,
    end: (index) => pairs[index]?.[1] ?? 0,
  });
  it.each([
    ["in the middle of it", [[0, 4]], 1, true],
    ["at its edge", [[0, 4]], 3.9, false],
    ["at the end of the video", [[0, 6]], 5.95, true],
    ["beyond it", [[0, 4]], 5, false],
    [
      "in a later part",
      [
        [0, 1],
        [3, 6],
      ],
      3.5,
      true,
    ],
    ["where there is nothing", [], 0, false],
  ] as [string, [number, number][], number, boolean][])("%s", (_where, pairs, currentTime, is) => {
    expect(isBuffered({ buffered: ranges(...pairs), currentTime, duration: 6 })).toBe(is);
  });
});
