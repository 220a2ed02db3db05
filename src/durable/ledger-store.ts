/**
 * What an account spent: one row for each key and day, so that a change of money is one write, and a cap over a month
 * or over all keys is a short sum. Days are UTC, and those on which the videos were ordered.
 */

import { addSums, type MoneyState, moneyStates, noMoney, type Sums } from "../domain/money.ts";

export const ledgerTables = `
  CREATE TABLE spend (
    key_id TEXT NOT NULL, day TEXT NOT NULL, reserved INTEGER NOT NULL DEFAULT 0, settled INTEGER NOT NULL DEFAULT 0,
    released INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (key_id, day)
  ) WITHOUT ROWID;
`;

export class LedgerStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Moves money for one task from a state to another; `from` is null when it is reserved at admission. */
  move(about: {
    keyId: string;
    day: string;
    from: { state: MoneyState; microUsd: number } | null;
    to: { state: MoneyState; microUsd: number };
  }): void {
    const { keyId, day, from, to } = about;
    const change = (state: MoneyState) =>
      (state === to.state ? to.microUsd : 0) - (state === from?.state ? from.microUsd : 0);
    if (moneyStates.every((state) => change(state) === 0)) return;
    this.#sql.exec(
      `INSERT INTO spend (key_id, day, reserved, settled, released, held) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (key_id, day) DO UPDATE SET reserved = reserved + excluded.reserved,
         settled = settled + excluded.settled, released = released + excluded.released, held = held + excluded.held`,
      ...[keyId, day, ...moneyStates.map(change)],
    );
  }

  /**
   * Sums what was spent.
   * @param about.keyId null for all keys of the account.
   * @param about.period a day (`2026-11-24`), a month (`2026-11`), or "" for all time.
   */
  sum({ keyId, period }: { keyId: string | null; period: string }): Sums {
    return this.#sql
      .exec<Sums>(
        `SELECT COALESCE(SUM(reserved), 0) AS reserved, COALESCE(SUM(settled), 0) AS settled,
           COALESCE(SUM(released), 0) AS released, COALESCE(SUM(held), 0) AS held
         FROM spend WHERE (?1 IS NULL OR key_id = ?1) AND day >= ?2 AND day < ?2 || 'x'`,
        ...[keyId, period],
      )
      .toArray()
      .reduce((all, row) => addSums(all, row), noMoney);
  }
}
