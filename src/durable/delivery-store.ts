/** The messages that tell a task's caller how it ended: a row each, kept as long as the task, with its log. */

import type { Delivery } from "../domain/webhook.ts";

export const deliveriesTable = `
  CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,      -- its webhook-id
    next_at INTEGER,              -- when it is due; empty once it was delivered or given up
    body TEXT NOT NULL,           -- as it is posted, every time
    delivery TEXT NOT NULL        -- the rest as JSON: type, URL, state, attempts
  );
`;

type Row = { body: string; delivery: string };

export class DeliveryStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The oldest first. */
  all(): Delivery[] {
    return this.#sql
      .exec<Row>("SELECT body, delivery FROM deliveries ORDER BY seq")
      .toArray()
      .map(toDelivery);
  }

  save(whole: Delivery): void {
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
    this.#sql.exec("DELETE FROM deliveries");
  }
}

function toDelivery({ body, delivery }: Row): Delivery {
  return { ...(JSON.parse(delivery) as Omit<Delivery, "body">), body } as Delivery;
}
