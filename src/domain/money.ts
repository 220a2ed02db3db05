/**
 * Where the money for a video stands, and what caps allow. Integers of millionths of a US dollar; days and months
 * are UTC, and money belongs to the day on which it was ordered, whenever it is settled.
 */

import { isOver, type Task } from "./task.ts";

/** Reserved: may still be charged. Settled: charged. Released: nothing was made. Held: nobody knows. */
export const moneyStates = ["reserved", "settled", "released", "held"] as const;
export type MoneyState = (typeof moneyStates)[number];

/** How much stands in which state. */
export type Sums = Readonly<Record<MoneyState, number>>;

export const noMoney: Sums = { reserved: 0, settled: 0, released: 0, held: 0 };

/** Most that may be spent; null for no cap. */
export type Caps = Readonly<{ dayMicroUsd: number | null; monthMicroUsd: number | null }>;

export const noCaps: Caps = { dayMicroUsd: null, monthMicroUsd: null };

export function moneyOf(task: Task): MoneyState {
  if (task.status === "failed" || task.status === "cancelled") return task.money;
  // MiniMax charges when it reports success, whatever becomes of the file.
  return task.status === "storing" || isOver(task) ? "settled" : "reserved";
}

/** What stands in that state: what was reserved, or what MiniMax's own count made of it; null where no price is known. */
export function amountOf(task: Task): number | null {
  return task.chargedMicroUsd ?? task.priceMicroUsd;
}

export function addSums(one: Sums, other: Sums): Sums {
  return {
    reserved: one.reserved + other.reserved,
    settled: one.settled + other.settled,
    released: one.released + other.released,
    held: one.held + other.held,
  };
}

/** What counts against a cap: all that was charged or may be. */
export function committed(sums: Sums): number {
  return sums.reserved + sums.settled + sums.held;
}

/** Who is capped, what was spent in the current day and month, and what may be. */
export type Budget = Readonly<{ scope: "key" | "account"; caps: Caps; day: Sums; month: Sums }>;
export type BrokenCap = Readonly<{
  scope: Budget["scope"];
  period: "day" | "month";
  capMicroUsd: number;
  spentMicroUsd: number;
}>;

/** The first cap that an order of this price would break, or null if it may be admitted. */
export function findBrokenCap(budgets: readonly Budget[], priceMicroUsd: number): BrokenCap | null {
  for (const { scope, caps, day, month } of budgets) {
    for (const [period, capMicroUsd, sums] of [
      ["day", caps.dayMicroUsd, day],
      ["month", caps.monthMicroUsd, month],
    ] as const) {
      const spentMicroUsd = committed(sums);
      if (capMicroUsd !== null && spentMicroUsd + priceMicroUsd > capMicroUsd) {
        return { scope, period, capMicroUsd, spentMicroUsd };
      }
    }
  }
  return null;
}

export function isCapped(caps: Caps): boolean {
  return caps.dayMicroUsd !== null || caps.monthMicroUsd !== null;
}

/** The UTC day of an instant, as `2026-11-24`; its first seven characters are the month. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** When the day or month of an instant ends, in epoch milliseconds. */
export function periodEnd(period: "day" | "month", at: number): number {
  const date = new Date(at);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  return period === "day" ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1, 1);
}
