/**
 * The tables of one account: its keys (hashes only), its tasks, what its Idempotency-Keys made, and the outbox of
 * orders that were admitted and not yet begun. The directory uses the same tables and one more, the accounts.
 */

import type { Admission } from "../domain/task.ts";
import { LazyTables } from "./lazy-tables.ts";

export type KeyRow = Readonly<{
  id: string;
  name: string;
  sha256: string;
  createdAt: number;
  revokedAt: number | null;
  lastUsedAt: number | null;
}>;

export type IdempotencyRow = Readonly<{
  fingerprint: string;
  taskId: string;
  /** Set when the task was deleted: until then the key answers 410. */
  expiresAt: number | null;
}>;

export type TaskEnd = Readonly<{
  status: string;
  money: string | null;
  providerTaskId: string | null;
  endedAt: number | null;
}>;

const schemaVersion = 1;
const schema = `
  CREATE TABLE schema (version INTEGER NOT NULL);
  CREATE TABLE keys (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL, revoked_at INTEGER, last_used_at INTEGER
  );
  CREATE TABLE tasks (
    task_id TEXT PRIMARY KEY, key_id TEXT NOT NULL, status TEXT NOT NULL, money TEXT, created_at INTEGER NOT NULL,
    ended_at INTEGER, provider_task_id TEXT UNIQUE, swept_at INTEGER NOT NULL
  );
  CREATE INDEX tasks_unfinished ON tasks (swept_at) WHERE ended_at IS NULL;
  CREATE TABLE idempotency (
    key_id TEXT NOT NULL, idempotency_key TEXT NOT NULL, fingerprint TEXT NOT NULL, task_id TEXT NOT NULL,
    expires_at INTEGER, PRIMARY KEY (key_id, idempotency_key)
  );
  CREATE INDEX idempotency_task ON idempotency (task_id);
  CREATE TABLE outbox (task_id TEXT PRIMARY KEY, admission TEXT NOT NULL, at INTEGER NOT NULL, failures INTEGER NOT NULL);
  CREATE TABLE accounts (name TEXT PRIMARY KEY, created_at INTEGER NOT NULL);
  INSERT INTO schema (version) VALUES (${schemaVersion});
`;

type SqlKeyRow = {
  id: string;
  name: string;
  sha256: string;
  created_at: number;
  revoked_at: number | null;
  last_used_at: number | null;
};

export class AccountStore {
  readonly #tables: LazyTables;
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#tables = new LazyTables(storage, schema);
    this.#sql = this.#tables.sql;
  }

  /** False until something was written: then there is nothing to read. */
  get exists(): boolean {
    return this.#tables.exist;
  }

  /** Runs writes as one transaction. */
  write<T>(block: () => T): T {
    return this.#tables.write(block);
  }

  addKey(key: KeyRow): void {
    this.#sql.exec(
      "INSERT INTO keys (id, name, sha256, created_at) VALUES (?, ?, ?, ?)",
      key.id,
      key.name,
      key.sha256,
      key.createdAt,
    );
  }

  keys(): KeyRow[] {
    return this.#sql.exec<SqlKeyRow>("SELECT * FROM keys ORDER BY created_at DESC, id").toArray().map(toKey);
  }

  findKey(by: "id" | "sha256", value: string): KeyRow | null {
    const [row] = this.#sql.exec<SqlKeyRow>(`SELECT * FROM keys WHERE ${by} = ?`, value).toArray();
    return row === undefined ? null : toKey(row);
  }

  revokeKey(id: string, at: number): void {
    this.#sql.exec("UPDATE keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", at, id);
  }

  noteKeyUse(id: string, at: number): void {
    this.#sql.exec("UPDATE keys SET last_used_at = ? WHERE id = ?", at, id);
  }

  findIdempotency(keyId: string, idempotencyKey: string, now: number): IdempotencyRow | null {
    const [row] = this.#sql
      .exec<{ fingerprint: string; task_id: string; expires_at: number | null }>(
        `SELECT fingerprint, task_id, expires_at FROM idempotency
         WHERE key_id = ? AND idempotency_key = ? AND (expires_at IS NULL OR expires_at > ?)`,
        keyId,
        idempotencyKey,
        now,
      )
      .toArray();
    return row === undefined
      ? null
      : { fingerprint: row.fingerprint, taskId: row.task_id, expiresAt: row.expires_at };
  }

  /** Writes an admitted order: the task, its key's memory, and the outbox entry that sees it begun. */
  admit(entry: {
    admission: Admission;
    keyId: string;
    idempotency: { key: string; fingerprint: string } | null;
    outboxAt: number;
  }): void {
    const { admission, keyId, idempotency, outboxAt } = entry;
    this.#sql.exec(
      "INSERT INTO tasks (task_id, key_id, status, created_at, swept_at) VALUES (?, ?, 'accepted', ?, ?)",
      admission.taskId,
      keyId,
      admission.createdAt,
      admission.createdAt,
    );
    if (idempotency !== null) {
      this.#sql.exec(
        `INSERT OR REPLACE INTO idempotency (key_id, idempotency_key, fingerprint, task_id, expires_at)
         VALUES (?, ?, ?, ?, NULL)`,
        keyId,
        idempotency.key,
        idempotency.fingerprint,
        admission.taskId,
      );
    }
    this.#sql.exec(
      "INSERT INTO outbox (task_id, admission, at, failures) VALUES (?, ?, ?, 0)",
      admission.taskId,
      JSON.stringify(admission),
      Math.ceil(outboxAt),
    );
  }

  hasTask(taskId: string): boolean {
    return this.#sql.exec("SELECT 1 FROM tasks WHERE task_id = ?", taskId).toArray().length > 0;
  }

  findAdmission(taskId: string): Admission | null {
    const [row] = this.#sql
      .exec<{ admission: string }>("SELECT admission FROM outbox WHERE task_id = ?", taskId)
      .toArray();
    return row === undefined ? null : (JSON.parse(row.admission) as Admission);
  }

  dueOutbox(now: number, limit: number): { admission: Admission; failures: number }[] {
    return this.#sql
      .exec<{ admission: string; failures: number }>(
        "SELECT admission, failures FROM outbox WHERE at <= ? ORDER BY at LIMIT ?",
        now,
        limit,
      )
      .toArray()
      .map((row) => ({ admission: JSON.parse(row.admission) as Admission, failures: row.failures }));
  }

  nextOutboxAt(): number | null {
    const [row] = this.#sql.exec<{ at: number | null }>("SELECT MIN(at) AS at FROM outbox").toArray();
    return row?.at ?? null;
  }

  postponeOutbox(taskId: string, at: number): void {
    this.#sql.exec(
      "UPDATE outbox SET at = ?, failures = failures + 1 WHERE task_id = ?",
      Math.ceil(at),
      taskId,
    );
  }

  clearOutbox(taskId: string): void {
    this.#sql.exec("DELETE FROM outbox WHERE task_id = ?", taskId);
  }

  /** Notes what a task has become; one that ended stays ended. */
  noteTask(taskId: string, end: TaskEnd): void {
    this.#sql.exec(
      `UPDATE tasks SET status = ?, money = ?, ended_at = ?, provider_task_id = COALESCE(?, provider_task_id)
       WHERE task_id = ? AND ended_at IS NULL`,
      end.status,
      end.money,
      end.endedAt,
      end.providerTaskId,
      taskId,
    );
  }

  noteRemoved(taskId: string): void {
    this.#sql.exec("UPDATE tasks SET status = 'removed' WHERE task_id = ?", taskId);
  }

  holderOf(providerTaskId: string): string | null {
    const [row] = this.#sql
      .exec<{ task_id: string }>("SELECT task_id FROM tasks WHERE provider_task_id = ?", providerTaskId)
      .toArray();
    return row?.task_id ?? null;
  }

  holdProviderTask(taskId: string, providerTaskId: string): void {
    this.#sql.exec("UPDATE tasks SET provider_task_id = ? WHERE task_id = ?", providerTaskId, taskId);
  }

  /** The key may be used again: nothing was made under it. */
  forgetIdempotency(taskId: string): void {
    this.#sql.exec("DELETE FROM idempotency WHERE task_id = ?", taskId);
  }

  expireIdempotency(taskId: string, at: number): void {
    this.#sql.exec("UPDATE idempotency SET expires_at = ? WHERE task_id = ?", at, taskId);
  }

  dropExpired(now: number): void {
    this.#sql.exec("DELETE FROM idempotency WHERE expires_at <= ?", now);
  }

  /** Unfinished tasks that no sweep has visited since `before`, the longest unvisited first. */
  unfinished(before: number, limit: number): string[] {
    return this.#sql
      .exec<{ task_id: string }>(
        "SELECT task_id FROM tasks WHERE ended_at IS NULL AND swept_at < ? ORDER BY swept_at LIMIT ?",
        before,
        limit,
      )
      .toArray()
      .map((row) => row.task_id);
  }

  noteSwept(taskId: string, at: number): void {
    this.#sql.exec("UPDATE tasks SET swept_at = ? WHERE task_id = ?", at, taskId);
  }

  addAccount(name: string, at: number): void {
    this.#sql.exec("INSERT OR IGNORE INTO accounts (name, created_at) VALUES (?, ?)", name, at);
  }

  accounts(): string[] {
    return this.#sql
      .exec<{ name: string }>("SELECT name FROM accounts ORDER BY name")
      .toArray()
      .map((row) => row.name);
  }
}

function toKey(row: SqlKeyRow): KeyRow {
  return {
    id: row.id,
    name: row.name,
    sha256: row.sha256,
    createdAt: row.created_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  };
}
