/**
 * The tables of one video. What it is, what is due when, and the hashes of its callback secrets are one row, since each
 * row that is written is billed, and most of a video's bill is rows (docs/cost.md); tables that few videos need are
 * made when one does. A record is one synchronous block: the row and the alarm commit together or not at all.
 */

import type { JournalEntry } from "../domain/journal.ts";
import { readTask, type Task } from "../domain/task.ts";
import type { Delivery } from "../domain/webhook.ts";
import { DeliveryStore } from "./delivery-store.ts";
import { LazyTables, type Tables } from "./lazy-tables.ts";
import { UploadStore } from "./upload-store.ts";

/**
 * What an alarm may have to do: the task's next step, telling the Account, telling the caller by webhook, publishing it
 * or taking it down, making its poster, telling the pacer that it has left, tidying up after a transfer that nobody wants any more, the end
 * of its retention, and removing everything. A removal that is due, at whatever instant, is one that was decided:
 * nobody sees the task any more.
 */
const dueNames = [
  "step",
  "report",
  "webhook",
  "publish",
  "poster",
  "leave",
  "tidy",
  "expire",
  "remove",
] as const;
/** When each is due; null where it is not. */
export type Due = Readonly<Record<(typeof dueNames)[number], number | null>>;
export const nothingDue: Due = {
  step: null,
  report: null,
  webhook: null,
  publish: null,
  poster: null,
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
  version: 3,
  schema: `
    CREATE TABLE task (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      status TEXT NOT NULL,
      body TEXT NOT NULL,           -- the task as JSON
      revision INTEGER NOT NULL,
      failures INTEGER NOT NULL,    -- tries in a row that did not reach the Account
      journal TEXT NOT NULL,        -- what MiniMax answered, as JSON
      due TEXT NOT NULL,            -- when each thing that is due is, by name, as JSON
      secrets TEXT NOT NULL         -- hashes of callback secrets by the number of their attempt, as JSON
    );
  `,
  upgrades: {
    1: `
      ALTER TABLE task ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
      ALTER TABLE task ADD COLUMN journal TEXT NOT NULL DEFAULT '[]';
      UPDATE task SET body = json_set(body, '$.priceMicroUsd', json_extract(body, '$.estimateMicroUsd'),
        '$.retentionDays', NULL, '$.retryOf', NULL, '$.webhookUrl', NULL, '$.requestId', NULL);
      UPDATE task SET body = json_set(body, '$.queuePosition', NULL) WHERE status = 'accepted';
      UPDATE task SET body = json_set(body, '$.gone', NULL) WHERE status = 'storing';
      UPDATE task SET body = json_set(body, '$.orphan', NULL) WHERE status IN ('failed', 'cancelled');
      UPDATE task SET body = json_set(body, '$.orphan', json_object(
          'attempt', (SELECT MAX(attempt) FROM callback_secrets WHERE json_extract(body, '$.providerTaskId') IS NULL),
          'candidates', json_array(), 'namedAt', 0, 'failures', 0, 'confirmAt', 0))
        WHERE json_extract(body, '$.money') = 'held';
    `,
    2: `
      ALTER TABLE task ADD COLUMN due TEXT NOT NULL DEFAULT '{}';
      ALTER TABLE task ADD COLUMN secrets TEXT NOT NULL DEFAULT '{}';
      UPDATE task SET due = (SELECT json_group_object(name, at) FROM due),
        secrets = (SELECT json_group_object(CAST(attempt AS TEXT), sha256) FROM callback_secrets);
      UPDATE task SET body = json_insert(body, '$.publication', NULL);
      DROP TABLE due;
      DROP TABLE callback_secrets;
    `,
  },
};

/** A row, and no task: it was removed. Made when it is. */
const removedTable = "CREATE TABLE IF NOT EXISTS removed (until INTEGER NOT NULL)";

type TaskRow = { body: string; revision: number; failures: number; journal: string; due: string };

/**
 * How the alarm is set: not before `from`. As a watchdog it is only for the case that this process dies during a turn,
 * which sets it for what is really due when it ends: one that rings earlier does as well, and setting it is billed.
 */
export type AlarmRule = Readonly<{ from: number; isWatchdog: boolean }>;
/** An alarm this far ahead has surely not rung yet. */
const certainMs = 1000;

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
  /** When the alarm rings, as far as this process set it; null where it cannot tell. */
  #alarmAt: number | null = null;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#tables = new LazyTables(storage, tables);
    this.#sql = this.#tables.sql;
    this.uploads = new UploadStore(this.#tables);
    this.#deliveries = new DeliveryStore(this.#tables);
  }

  load(): StoredTask | null {
    if (!this.#tables.exist) return null;
    const [row] = this.#sql
      .exec<TaskRow>("SELECT body, revision, failures, journal, due FROM task WHERE id = 1")
      .toArray();
    if (row === undefined) return null;
    const { body, due, revision, failures, journal } = row;
    return {
      task: readTask(body),
      due: { ...nothingDue, ...(JSON.parse(due) as Partial<Due>) },
      revision,
      failures,
      journal: JSON.parse(journal) as JournalEntry[],
    };
  }

  /**
   * Writes what the task is now, what is due and the alarm. Callers load, decide and record without an `await` in
   * between: within one object that is what makes a write safe, and why it needs no version.
   * @param alarm what the alarm is for, as `arm` takes it.
   * @param secret the hash of an attempt's callback secret, kept in the same block as the intent to submit.
   */
  record(stored: StoredTask, alarm: AlarmRule, secret?: { attempt: number; sha256: string }): void {
    const { task, due, revision, failures, journal } = stored;
    const secrets = secret === undefined ? {} : { [secret.attempt]: secret.sha256 };
    this.#tables.write(() => {
      // One row written where it is there already; `INSERT OR REPLACE` would delete and insert.
      this.#sql.exec(
        `INSERT INTO task (id, status, body, revision, failures, journal, due, secrets)
         VALUES (1, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET status = excluded.status, body = excluded.body, revision = excluded.revision,
           failures = excluded.failures, journal = excluded.journal, due = excluded.due,
           secrets = json_patch(secrets, excluded.secrets)`,
        ...[task.status, JSON.stringify(task), revision, failures],
        ...[JSON.stringify(journal), written(due), JSON.stringify(secrets)],
      );
    });
    this.arm(due, alarm);
  }

  /** Sets the alarm to the earliest thing due, as the rule has it; no alarm where nothing is due. */
  arm(due: Due, { from, isWatchdog }: AlarmRule): void {
    const earliest = earliestDue(due);
    if (earliest === Infinity) {
      this.#alarmAt = null;
      void this.#storage.deleteAlarm();
      return;
    }
    const now = Date.now();
    const at = Math.ceil(isWatchdog && earliest > now + certainMs ? earliest : Math.max(earliest, from));
    const known = this.#alarmAt;
    if (known === at && known > now) return;
    // It rings before it is wanted, and then sees that the turn is under way.
    if (isWatchdog && known !== null && known > now + certainMs && known <= at) return;
    this.#alarmAt = at;
    void this.#storage.setAlarm(at);
  }

  /** The alarm that was set is used up. */
  alarmRang(): void {
    this.#alarmAt = null;
  }

  /** The messages to the caller, oldest first. */
  deliveries(): Delivery[] {
    return this.#deliveries.all();
  }

  /** Writes what a message to the caller is now, when the next is due, and the alarm: one synchronous block, too. */
  recordDelivery(delivery: Delivery, alarm: AlarmRule): void {
    const stored = this.load();
    if (stored === null || stored.due.remove !== null) return;
    const due = this.#tables.write(() => {
      this.#deliveries.save(delivery);
      return this.#writeWebhookDue(stored.due, this.#deliveries.nextAt());
    });
    this.arm(due, alarm);
  }

  /** Nobody is told of a task that is being removed. */
  dropDeliveries(): void {
    const stored = this.load();
    if (stored === null) return;
    this.#tables.write(() => {
      this.#deliveries.drop();
      this.#writeWebhookDue(stored.due, null);
    });
  }

  /** The attempts whose callback secrets were given out, with the hashes of these. */
  callbackSecrets(): { attempt: number; sha256: string }[] {
    if (!this.#tables.exist) return [];
    const [row] = this.#sql.exec<{ secrets: string }>("SELECT secrets FROM task").toArray();
    const secrets = JSON.parse(row?.secrets ?? "{}") as Record<string, string>;
    return Object.entries(secrets).map(([attempt, sha256]) => ({ attempt: Number(attempt), sha256 }));
  }

  /** Until when it is known that the task was removed; null if it was not, or long ago. */
  removedUntil(): number | null {
    if (!this.#tables.has("removed")) return null;
    return this.#sql.exec<{ until: number }>("SELECT until FROM removed").toArray()[0]?.until ?? null;
  }

  /** Forgets the task and leaves word that it was here; the alarm at `until` is for forgetting that, too. */
  entomb(until: number): void {
    this.#tables.write(() => {
      this.#sql.exec("DELETE FROM task");
      this.#deliveries.drop();
      this.uploads.clear();
      this.#sql.exec(removedTable);
      this.#sql.exec("INSERT INTO removed (until) VALUES (?)", until);
    });
    this.#alarmAt = until;
    void this.#storage.setAlarm(until);
  }

  /** Forgets everything, the alarm included. */
  deleteAll(): Promise<void> {
    return this.#tables.deleteAll();
  }

  #writeWebhookDue(before: Due, webhook: number | null): Due {
    const due = { ...before, webhook };
    if (webhook !== before.webhook) this.#sql.exec("UPDATE task SET due = ?", written(due));
    return due;
  }
}

/** What is due and when, in whole milliseconds; without what is not. */
function written(due: Due): string {
  const whole = dueNames.flatMap((name) => {
    const at = due[name];
    return at === null ? [] : [[name, Math.ceil(at)]];
  });
  return JSON.stringify(Object.fromEntries(whole));
}
