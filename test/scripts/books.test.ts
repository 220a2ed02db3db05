/** The books of a fuzz run: each way of paying wrongly is found, and only that. */

import { describe, expect, it } from "vitest";
import { type Books, type Create, compareBooks } from "../../scripts/fuzz/books.ts";

const order = "task_vmcn3psmsswzamtpxszgj97jmr";
const paid: Create = {
  task_id: "100",
  billed: true,
  prompt: "Waves",
  callback_url: `http://127.0.0.1:8787/callbacks/minimax/${order}?secret=s`,
};
const books: Books = {
  creates: [paid],
  billedMicroUsd: 280_000,
  accepted: new Set([order]),
  money: { reserved: 0, settled: 280_000, held: 0 },
};

describe("the books of a fuzz run", () => {
  it("are right where each paid create is an order that was answered with success, once", () => {
    expect(compareBooks(books)).toEqual([]);
  });

  it("are right where what failed at MiniMax was answered as refused", () => {
    const failed = { ...paid, task_id: "101", billed: false, callback_url: null };
    expect(compareBooks({ ...books, creates: [paid, failed] })).toEqual([]);
  });

  const wrong: [what: string, change: Partial<Books>, miss: RegExp][] = [
    ["an order that was refused", { accepted: new Set() }, /paid for task_\w+, whose order was refused/],
    ["an order that was paid twice", { creates: [paid, { ...paid, task_id: "101" }] }, /paid again.* 101$/],
    ["a create of no order", { creates: [{ ...paid, callback_url: null }] }, /belongs to no order: "Waves"/],
    ["a bill that differs", { billedMicroUsd: 560_000 }, /say 280000 .* bill 560000$/],
    ["money in the air", { money: { ...books.money, reserved: 1 } }, /1 micro-dollars are still reserved/],
    ["a run that ordered nothing", { creates: [], billedMicroUsd: 280_000 }, /nothing is proven/],
  ];
  it.each(wrong)("tell of %s", (_what, change, miss) => {
    const misses = compareBooks({ ...books, ...change });
    expect(misses).toHaveLength(1);
    expect(misses[0]).toMatch(miss);
  });
});
