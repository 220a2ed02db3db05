/**
 * The tables of one video: the task itself, what is due when, and the hashes of its callback secrets.
 * A record is one synchronous block: the row, what is due, and the alarm commit together or not at all.
 */

import type { JournalEntry } from "../domain/journal.ts";
import type { Task } from "../domain/task.ts";
import type { Delivery } from "../domain/webhook.ts";
import { DeliveryStore, deliveriesTable } from "./delivery-store.ts";
import { LazyTables, type Tables } from "./lazy-tables.ts";
import { UploadStore } from "./upload-store.ts";

/**
 * What an alarm may have to do: the task's next step, telling the Account, telling the caller by webhook, publishing it
 * or taking it down, telling the pacer that it has left, tidying up after a transfer that nobody wants any more, the end
 * of its retention, and removing everything. A removal that is due, at whatever instant, is one that was decided: nobody sees the task any
 * more.
 */
const dueNames = ["step", "report", "webhook", "publish", "leave", "tidy", "expire", "remove"] as const;
/** When each is due; null where it is not. */
export type Due = Readonly<Record<(typeof dueNames)[number], number | null>>;
export const nothingDue: Due = {
  step: null,
  report: null,
  webhook: null,
  publish: null,
  leave: null,
  tidy: null,
  expire: null,
  remove: null,
};

export type StoredTask = Readonly<{
  task: Task;
  due: Due;
  /** How often the task changed: the Account drops what an earlier revision tells. */
  revision: number;
  /** How often in a row the message that is due could not be delivered. */
  failures: number;
  /** What MiniMax answered, the oldest first. */
  journal: readonly JournalEntry[];
}>;

const tables: Tables = {
  version: 2,
  schema: `
    CREATE TABLE task (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      status TEXT NOT NULL,
      body TEXT NOT NULL,           -- the task as JSON
      revision INTEGER NOT NULL,
      failures INTEGER NOT NULL,    -- tries in a row that did not reach the Account
      journal TEXT NOT NULL         -- what MiniMax answered, as JSON
    );
    CREATE TABLE due (name TEXT PRIMARY KEY, at INTEGER NOT NULL);
    CREATE TABLE callback_secrets (attempt INTEGER PRIMARY KEY, sha256 TEXT NOT NULL);
    CREATE TABLE removed (
      until INTEGER NOT NULL        -- a row, and no task: it was removed
    );
    ${deliveriesTable}
  `,
  upgrades: {
    1: `
      ALTER TABLE task ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
      ALTER TABLE task ADD COLUMN journal TEXT NOT NULL DEFAULT '[]';
      UPDATE task SET body = json_set(body, '$.priceMicroUsd', json_extract(body, '$.estimateMicroUsd'),
        '$.retentionDays', NULL, '$.retryOf', NULL, '$.webhookUrl', NULL, '$.requestId', NULL,
        '$.publication', NULL);
      UPDATE task SET body = json_set(body, '$.queuePosition', NULL) WHERE status = 'accepted';
      UPDATE task SET body = json_set(body, '$.gone', NULL) WHERE status = 'storing';
      UPDATE task SET body = json_set(body, '$.orphan', NULL) WHERE status IN ('failed', 'cancelled');
      UPDATE task SET body = json_set(body, '$.orphan', json_object(
          'attempt', (SELECT MAX(attempt) FROM callback_secrets WHERE json_extract(body, '$.providerTaskId') IS NULL),
          'candidates', json_array(), 'namedAt', 0, 'failures', 0, 'confirmAt', 0))
        WHERE json_extract(body, '$.money') = 'held';
      ${deliveriesTable}
    `,
  },
};

type TaskRow = { body: string; revision: number; failures: number; journal: string };

/** When the first of it is due; Infinity if nothing is. */
export function earliestDue(due: Due): number {
  return Math.min(...dueNames.map((name) => due[name] ?? Infinity));
}

export class TaskStore {
  /** The upload that a transfer has under way. */
  readonly uploads: UploadStore;
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  readonly #tables: LazyTables;
  readonly #deliveries: DeliveryStore;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#tables = new LazyTables(storage, tables);
    this.#sql = this.#tables.sql;
    this.uploads = new UploadStore(this.#tables);
    this.#deliveries = new DeliveryStore(this.#tables.sql);
  }

  load(): StoredTask | null {
    if (!this.#tables.exist) return null;
    const [row] = this.#sql
      .exec<TaskRow>("SELECT body, revision, failures, journal FROM task WHERE id = 1")
      .toArray();
    if (row === undefined) return null;
    const due: Record<keyof Due, number | null> = { ...nothingDue };
    for (const { name, at } of this.#sql.exec<{ name: keyof Due; at: number }>("SELECT name, at FROM due")) {
      due[name] = at;
    }
    return {
      task: JSON.parse(row.body) as Task,
      due,
      revision: row.revision,
      failures: row.failures,
      journal: JSON.parse(row.journal) as JournalEntry[],
    };
  }

  /**
   * Writes what the task is now, what is due and the alarm. Callers load, decide and record without an `await` in
   * between: within one object that is what makes a write safe, and why it needs no version.
   * @param alarmFrom the alarm rings when something is due, and not before this instant.
   * @param secret the hash of an attempt's callback secret, kept in the same block as the intent to submit.
   */
  record(stored: StoredTask, alarmFrom: number, secret?: { attempt: number; sha256: string }): void {
    this.#tables.write(() => {
      this.#sql.exec(
        "INSERT OR REPLACE INTO task (id, status, body, revision, failures, journal) VALUES (1, ?, ?, ?, ?, ?)",
        ...[stored.task.status, JSON.stringify(stored.task), stored.revision, stored.failures],
        JSON.stringify(stored.journal),
      );
      for (const name of dueNames) this.#writeDue(name, stored.due[name]);
      if (secret !== undefined) {
        this.#sql.exec(
          "INSERT OR REPLACE INTO callback_secrets (attempt, sha256) VALUES (?, ?)",
          secret.attempt,
          secret.sha256,
        );
      }
    });
    this.arm(stored.due, alarmFrom);
  }

  /** Sets the alarm to the earliest thing due, and not before `alarmFrom`; no alarm where nothing is due. */
  arm(due: Due, alarmFrom: number): void {
    const earliest = earliestDue(due);
    if (earliest === Infinity) void this.#storage.deleteAlarm();
    else void this.#storage.setAlarm(Math.ceil(Math.max(earliest, alarmFrom)));
  }

  /** The messages to the caller, oldest first. */
  deliveries(): Delivery[] {
    return this.#tables.exist ? this.#deliveries.all() : [];
  }

  /** Writes what a message to the caller is now, when the next is due, and the alarm: one synchronous block, too. */
  recordDelivery(delivery: Delivery, alarmFrom: number): void {
    const stored = this.load();
    if (stored === null || stored.due.remove !== null) return;
    const webhook = this.#tables.write(() => {
      this.#deliveries.save(delivery);
      const next = this.#deliveries.nextAt();
      this.#writeDue("webhook", next);
      return next;
    });
    this.arm({ ...stored.due, webhook }, alarmFrom);
  }

  /** Nobody is told of a task that is being removed. */
  dropDeliveries(): void {
    this.#tables.write(() => {
      this.#deliveries.drop();
      this.#writeDue("webhook", null);
    });
  }

  /** The attempts whose callback secrets were given out, with the hashes of these. */
  callbackSecrets(): { attempt: number; sha256: string }[] {
    if (!this.#tables.exist) return [];
    return this.#sql
      .exec<{ attempt: number; sha256: string }>(
        "SELECT attempt, sha256 FROM callback_secrets ORDER BY attempt",
      )
      .toArray();
  }

  /** Until when it is known that the task was removed; null if it was not, or long ago. */
  removedUntil(): number | null {
    if (!this.#tables.exist) return null;
    return this.#sql.exec<{ until: number }>("SELECT until FROM removed").toArray()[0]?.until ?? null;
  }

  /** Forgets the task and leaves word that it was here; the alarm at `until` is for forgetting that, too. */
  entomb(until: number): void {
    this.#tables.write(() => {
      for (const table of ["task", "due", "callback_secrets", "deliveries"]) {
        this.#sql.exec(`DELETE FROM ${table}`);
      }
      this.uploads.clear();
      this.#sql.exec("INSERT INTO removed (until) VALUES (?)", until);
    });
    void this.#storage.setAlarm(until);
  }

  /** Forgets everything, the alarm included. */
  deleteAll(): Promise<void> {
    return this.#tables.deleteAll();
  }

  #writeDue(name: keyof Due, at: number | null): void {
    if (at === null) this.#sql.exec("DELETE FROM due WHERE name = ?", name);
    else this.#sql.exec("INSERT OR REPLACE INTO due (name, at) VALUES (?, ?)", name, Math.ceil(at));
  }
}
