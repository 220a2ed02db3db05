/** What is learned from refusals for pace, and forgotten again. */

import { describe, expect, it } from "vitest";
import {
  countGrant,
  heedRefusal,
  limitInForce,
  type Pace,
  type Rules,
  roomInWindow,
  spansFor,
  unhurried,
} from "../../src/domain/pace.ts";
import { day, minute, start } from "./tasks.ts";

const free: Rules = { requestsPerMinute: null, tasksInFlight: null, scale: 1 };
const refused = (pace: Pace, now: number, statusCode = 1002, unanswered = 0, rules = free) =>
  heedRefusal(pace, { statusCode, unanswered }, rules, now);
const { window, pause } = spansFor(1);

/** So many creates let go, one each second, the last one at `until`. */
function went(count: number, until: number, rules = free): Pace {
  let pace = unhurried;
  for (let back = count - 1; back >= 0; back--) pace = countGrant(pace, rules, until - back * 1000);
  return pace;
}

describe("where no limit is set", () => {
  it("there is none until MiniMax refuses", () => {
    expect(limitInForce(went(500, start), free, start)).toBe(Number.POSITIVE_INFINITY);
  });

  it("the first refusal teaches a little less than what went through in the last minute", () => {
    const pace = refused(went(28, start), start, 1002, 8);
    expect(limitInForce(pace, free, start)).toBe(18);
    expect(roomInWindow(pace, free, start + pause)).toBeLessThanOrEqual(0);
  });

  it("refusals that come together are one lesson", () => {
    let pace = went(20, start);
    for (let count = 0; count < 8; count++) pace = refused(pace, start + count * 100);
    expect(limitInForce(pace, free, start)).toBe(18);
  });

  it("each clean minute allows one more, and a clean day forgets", () => {
    const pace = refused(went(20, start), start);
    expect(limitInForce(pace, free, start + 3 * window)).toBe(21);
    expect(countGrant(pace, free, start + 2 * day).learned).toBeNull();
  });

  it("a refusal of what was allowed lowers the limit again, and never below one", () => {
    const once = refused(went(20, start), start);
    const twice = refused(countGrant(once, free, start + 2 * window), start + 2 * window, 1002, 1);
    expect(limitInForce(twice, free, start + 2 * window)).toBe(1);
  });
});

describe("where a limit is set", () => {
  const set: Rules = { ...free, requestsPerMinute: 30 };

  it("it holds, and no more than it leaves goes in a minute", () => {
    expect(roomInWindow(went(12, start, set), set, start)).toBe(18);
    expect(roomInWindow(went(12, start, set), set, start + window + minute / 60)).toBe(30);
  });

  it("MiniMax's own is heeded where that is lower", () => {
    const pace = refused(went(10, start, set), start, 1002, 0, set);
    expect(limitInForce(pace, set, start)).toBe(9);
    expect(limitInForce(pace, set, start + 60 * window)).toBe(30);
  });
});

it.each([
  [1002, 20_000],
  [1039, 20_000],
  [1041, 20_000],
  [2045, 20_000],
  [2056, 30 * minute],
])("after code %i nobody goes for %i ms", (statusCode, wait) => {
  const pace = refused(unhurried, start, statusCode);
  expect(roomInWindow(pace, free, start + wait - 1)).toBe(0);
  expect(roomInWindow(pace, free, start + wait)).toBeGreaterThan(0);
});

it("a look that is refused while no creates go makes them wait, and teaches nothing about them", () => {
  const pace = refused(unhurried, start);
  expect(roomInWindow(pace, free, start)).toBe(0);
  expect(pace.learned).toBeNull();
});

it("a plan's window says nothing of requests a minute", () => {
  expect(refused(went(20, start), start, 2056).learned).toBeNull();
});
