/** The messages that tell a task's caller how it ended: a row each, kept as long as the task, with its log. */

import type { Delivery } from "../domain/webhook.ts";
import type { LazyTables } from "./lazy-tables.ts";

/** Made by the first message: most videos have none. */
const schema = `
  CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,      -- its webhook-id
    next_at INTEGER,              -- when it is due; empty once it was delivered or given up
    body TEXT NOT NULL,           -- as it is posted, every time
    delivery TEXT NOT NULL        -- the rest as JSON: type, URL, state, attempts
  );
`;

type Row = { body: string; delivery: string };

export class DeliveryStore {
  readonly #tables: LazyTables;
  readonly #sql: SqlStorage;

  constructor(tables: LazyTables) {
    this.#tables = tables;
    this.#sql = tables.sql;
  }

  /** The oldest first. */
  all(): Delivery[] {
    if (!this.#exist()) return [];
    return this.#sql
      .exec<Row>("SELECT body, delivery FROM deliveries ORDER BY seq")
      .toArray()
      .map(toDelivery);
  }

  save(whole: Delivery): void {
    if (!this.#exist()) this.#sql.exec(schema);
    const { body, ...rest } = whole;
    const nextAt = whole.state === "pending" ? Math.ceil(whole.nextAt) : null;
    this.#sql.exec(
      `INSERT INTO deliveries (id, next_at, body, delivery) VALUES (?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET next_at = excluded.next_at, delivery = excluded.delivery`,
      ...[whole.id, nextAt, body, JSON.stringify(rest)],
    );
  }

  /** When the first of them is due; null if none is. */
  nextAt(): number | null {
    return this.#sql.exec<{ at: number | null }>("SELECT MIN(next_at) AS at FROM deliveries").one().at;
  }

  drop(): void {
    if (this.#exist()) this.#sql.exec("DELETE FROM deliveries");
  }

  #exist(): boolean {
    return this.#tables.has("deliveries");
  }
}

function toDelivery({ body, delivery }: Row): Delivery {
  return { ...(JSON.parse(delivery) as Omit<Delivery, "body">), body } as Delivery;
}
