/** An account's money: moved when a task's does, added up for who asks, and weighed against the caps before an order. */

import {
  type BrokenCap,
  type Budget,
  type Caps,
  dayOf,
  findBrokenCap,
  isCapped,
  type MoneyState,
  noMoney,
  type Sums,
} from "../domain/money.ts";
import type { LazyTables } from "./lazy-tables.ts";
import { LedgerStore } from "./ledger-store.ts";

/** What was spent: sums of the current UTC day and month, and of all time. */
export type Spending = Readonly<{ caps: Caps; day: Sums; month: Sums; total: Sums }>;

/** Why the price of an order cannot be reserved. */
export type MoneyRefusal =
  | { verdict: "price_unknown"; scope: Budget["scope"] }
  | { verdict: "budget_exceeded"; cap: BrokenCap; priceMicroUsd: number };

/** What is known of a task's money: whose it is, when it was ordered, what it costs. */
type Entry = Readonly<{ keyId: string; createdAt: number; microUsd: number | null }>;

export class Ledger {
  readonly #tables: LazyTables;
  readonly #store: LedgerStore;

  constructor(tables: LazyTables) {
    this.#tables = tables;
    this.#store = new LedgerStore(tables.sql);
  }

  /**
   * Moves a task's price from a state to another, within a write; from null when it is reserved at admission.
   * @param then what it costs in the new state, where that is another price.
   */
  move(
    { keyId, createdAt, microUsd }: Entry,
    from: MoneyState | null,
    to: MoneyState,
    then: number | null = microUsd,
  ): void {
    this.#store.move({
      keyId,
      day: dayOf(createdAt),
      from: from === null ? null : { state: from, microUsd: microUsd ?? 0 },
      to: { state: to, microUsd: then ?? 0 },
    });
  }

  /** @param keyId null for all keys of the account. */
  spending(keyId: string | null, caps: Caps, now: number): Spending {
    if (!this.#tables.exist) return { caps, day: noMoney, month: noMoney, total: noMoney };
    return { caps, ...this.#current(keyId, now), total: this.#store.sum({ keyId, period: "" }) };
  }

  /** Why an order of this price cannot be admitted; null if it can. Nothing is added up where there are no caps. */
  judge(
    key: { id: string; caps: Caps },
    accountCaps: Caps,
    priceMicroUsd: number | null,
    now: number,
  ): MoneyRefusal | null {
    const budgets: Budget[] = [];
    if (isCapped(key.caps)) budgets.push({ scope: "key", caps: key.caps, ...this.#current(key.id, now) });
    if (isCapped(accountCaps)) {
      budgets.push({ scope: "account", caps: accountCaps, ...this.#current(null, now) });
    }
    const [capped] = budgets;
    if (capped === undefined) return null;
    if (priceMicroUsd === null) return { verdict: "price_unknown", scope: capped.scope };
    const cap = findBrokenCap(budgets, priceMicroUsd);
    return cap === null ? null : { verdict: "budget_exceeded", cap, priceMicroUsd };
  }

  #current(keyId: string | null, now: number): { day: Sums; month: Sums } {
    const day = dayOf(now);
    return {
      day: this.#store.sum({ keyId, period: day }),
      month: this.#store.sum({ keyId, period: day.slice(0, 7) }),
    };
  }
}
