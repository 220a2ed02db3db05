import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextLookAt, times, transferWait, troubleWait, turnWait } from "../../src/domain/schedule.ts";
import { day, hour, minute } from "./tasks.ts";

/** All looks at a video that never ends, as times since it was submitted. */
function looks(expectedMs: number, scale: number): number[] {
  const at: number[] = [];
  for (let now = 0; now < times.lookBound * scale && at.length < 10_000; ) {
    now = nextLookAt({ submittedAt: 0, expectedMs, now, scale });
    at.push(now);
  }
  return at;
}

const expected = fc.integer({ min: 30, max: 600 }).map((seconds) => seconds * 1000);
const scale = fc.constantFrom(1, 0.1, 0.01, 0.001);

describe("looks at a video", () => {
  it("begin a little before its earliest likely end", () => {
    expect(nextLookAt({ submittedAt: 0, expectedMs: 95_000, now: 0, scale: 1 })).toBe(57_000);
  });

  it("go forward, always", () => {
    fc.assert(
      fc.property(expected, scale, fc.nat({ max: 8 * day }), (expectedMs, factor, elapsed) => {
        const now = elapsed * factor;
        expect(nextLookAt({ submittedAt: 0, expectedMs, now, scale: factor })).toBeGreaterThan(now);
      }),
    );
  });

  it("are dense around the likely end: a video is found within a tenth of its usual time, or five seconds", () => {
    fc.assert(
      fc.property(expected, (expectedMs) => {
        const around = looks(expectedMs, 1).filter((at) => at < expectedMs * 2);
        const gaps = around.slice(1).map((at, index) => at - (around[index] ?? 0));
        expect(Math.max(...gaps)).toBeLessThanOrEqual(Math.max(5000, expectedMs / 10));
      }),
    );
  });

  it("become rarer, at last daily, and stay few in seven days", () => {
    fc.assert(
      fc.property(expected, (expectedMs) => {
        const all = looks(expectedMs, 1);
        const gaps = all.slice(1).map((at, index) => at - (all[index] ?? 0));
        const late = gaps.filter((_, index) => (all[index] ?? 0) >= expectedMs * 2);
        for (const [index, gap] of late.entries()) expect(gap).toBeGreaterThanOrEqual(late[index - 1] ?? 0);
        expect(Math.max(...gaps)).toBeLessThanOrEqual(day);
        expect(all.length).toBeLessThan(120);
      }),
    );
  });

  it("keep their pattern at every time scale", () => {
    fc.assert(
      fc.property(expected, scale, (expectedMs, factor) => {
        const real = looks(expectedMs, 1);
        const fast = looks(expectedMs, factor);
        expect(Math.abs(fast.length - real.length)).toBeLessThanOrEqual(1);
        expect((fast[5] ?? 0) / factor).toBeCloseTo(real[5] ?? 0, 3);
      }),
    );
  });
});

describe("waits", () => {
  it.each([
    ["the first refusal for pace", turnWait(1002, 1, 1), 20_000],
    ["the third", turnWait(1002, 3, 1), 80_000],
    ["the hundredth", turnWait(1002, 100, 1), 2 * minute],
    ["a used-up window of a plan", turnWait(2056, 1, 1), 30 * minute],
    ["the first trouble", troubleWait(0, 1), 2000],
    ["the fourth", troubleWait(3, 1), 16_000],
    ["the hundredth trouble", troubleWait(100, 1), 10 * minute],
    ["the first broken transfer", transferWait(0, 1), 2000],
    ["the hundredth", transferWait(100, 1), 6 * hour],
    ["a scaled one", troubleWait(3, 0.01), 160],
  ])("after %s are as long as meant", (_title, wait, ms) => {
    expect(wait).toBe(ms);
  });

  it("never shrink with the failures, and are never nothing", () => {
    fc.assert(
      fc.property(fc.nat({ max: 2000 }), scale, (failures, factor) => {
        for (const wait of [troubleWait, transferWait]) {
          expect(wait(failures, factor)).toBeGreaterThan(0);
          expect(wait(failures + 1, factor)).toBeGreaterThanOrEqual(wait(failures, factor));
        }
      }),
    );
  });

  it("between transfers make a few dozen of them in seven days", () => {
    let count = 0;
    for (let elapsed = 0; elapsed < times.storeBound; elapsed += transferWait(count++, 1)) {
      expect(count).toBeLessThan(60);
    }
    expect(count).toBeGreaterThan(24);
  });
});
