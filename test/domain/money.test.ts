/** Caps and periods: the arithmetic by which an order is admitted. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addSums,
  type Budget,
  committed,
  dayOf,
  findBrokenCap,
  moneyOf,
  noCaps,
  noMoney,
  periodEnd,
} from "../../src/domain/money.ts";
import { states } from "./tasks.ts";

const amount = fc.integer({ min: 0, max: 10_000_000_000 });
const sums = fc.record({ reserved: amount, settled: amount, released: amount, held: amount });
const cap = fc.option(amount, { nil: null });
const budget: fc.Arbitrary<Budget> = fc.record({
  scope: fc.constantFrom("key" as const, "account" as const),
  caps: fc.record({ dayMicroUsd: cap, monthMicroUsd: cap }),
  day: sums,
  month: sums,
});

describe("a cap", () => {
  it("is broken exactly by what would spend more than it", () => {
    fc.assert(
      fc.property(fc.array(budget, { maxLength: 3 }), amount, (budgets, price) => {
        const room = budgets.flatMap(({ caps, day, month }) => [
          caps.dayMicroUsd === null ? Number.POSITIVE_INFINITY : caps.dayMicroUsd - committed(day),
          caps.monthMicroUsd === null ? Number.POSITIVE_INFINITY : caps.monthMicroUsd - committed(month),
        ]);
        expect(findBrokenCap(budgets, price) === null).toBe(room.every((left) => price <= left));
      }),
    );
  });

  it("counts what is reserved, settled and held, and not what was released", () => {
    const spent = { reserved: 1, settled: 2, released: 400, held: 4 };
    expect(committed(spent)).toBe(7);
    const about = { scope: "key", caps: { ...noCaps, dayMicroUsd: 10 }, day: spent, month: spent } as const;
    expect(findBrokenCap([about], 3)).toBeNull();
    expect(findBrokenCap([about], 4)).toEqual({
      scope: "key",
      period: "day",
      capMicroUsd: 10,
      spentMicroUsd: 7,
    });
  });
});

describe("sums", () => {
  it("add up in any order", () => {
    fc.assert(
      fc.property(sums, sums, (one, other) => {
        expect(addSums(one, other)).toEqual(addSums(other, one));
        expect(addSums(one, noMoney)).toEqual(one);
        expect(committed(addSums(one, other))).toBe(committed(one) + committed(other));
      }),
    );
  });
});

describe("a day and a month", () => {
  it("are those of UTC", () => {
    expect(dayOf(Date.UTC(2026, 10, 24, 23, 59, 59, 999))).toBe("2026-11-24");
    expect(dayOf(Date.UTC(2026, 10, 25))).toBe("2026-11-25");
  });

  it.each([
    ["day", Date.UTC(2026, 10, 24, 13), Date.UTC(2026, 10, 25)],
    ["day", Date.UTC(2026, 11, 31, 23), Date.UTC(2027, 0, 1)],
    ["month", Date.UTC(2026, 11, 5), Date.UTC(2027, 0, 1)],
    ["month", Date.UTC(2028, 1, 29), Date.UTC(2028, 2, 1)],
  ] as const)("end where the next %s begins", (period, at, end) => {
    expect(periodEnd(period, at)).toBe(end);
  });
});

describe("the money of a task", () => {
  it.each([
    ["accepted", "reserved"],
    ["submitting", "reserved"],
    ["unconfirmed", "reserved"],
    ["generating", "reserved"],
    ["storing", "settled"],
    ["succeeded", "settled"],
    ["failed", "released"],
    ["cancelled", "released"],
  ] as const)("that is %s is %s", (status, money) => {
    expect(moneyOf(states[status])).toBe(money);
  });
});
