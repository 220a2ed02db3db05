/**
 * The tasks of an account as they last reported, what its Idempotency-Keys made, and the outbox of orders that were
 * admitted and not yet begun. Rows of tasks stay for ever: they are the ledger's entries.
 */

import { asMiniMaxV2Lists, type MiniMaxV2Status, miniMaxV2Status } from "../domain/minimax-v2.ts";
import type { MoneyState } from "../domain/money.ts";
import { type Admission, readTask, type Task } from "../domain/task.ts";

/** What a request says that it may be repeated under: the name in its scope, which is an API key, or all tickets. */
export type Memory = Readonly<{ scope: string; name: string }>;

/** A ticket is the account's, whichever publishable key comes with it. No key has such an id. */
export const ticketScope = "tickets";

export type IdempotencyRow = Readonly<{
  fingerprint: string;
  taskId: string;
  /** Set when the task was deleted: until then the key answers 410. */
  expiresAt: number | null;
}>;

export type TaskRow = Readonly<{
  taskId: string;
  keyId: string;
  createdAt: number;
  revision: number;
  microUsd: number | null;
  money: MoneyState;
  joinUntil: number | null;
  endedAt: number | null;
  wakeAt: number | null;
  providerTaskId: string | null;
  /** Null once it was removed: only what it cost is kept. */
  task: Task | null;
}>;

/** A page by its number: what comes before it is skipped. */
export type NumberedPage = Readonly<{
  skip: number;
  limit: number;
  status: MiniMaxV2Status | null;
  model: string | null;
  /** Null: any. */
  taskIds: readonly string[] | null;
}>;

/** What is written about a task when it is admitted or reports. */
export type TaskNote = Readonly<{
  task: Task | null;
  status: string;
  revision: number;
  /** What it costs: the price that was reserved, until MiniMax's count says otherwise. */
  microUsd: number | null;
  money: MoneyState;
  endedAt: number | null;
  providerTaskId: string | null;
  /** Until when an identical order joins it; null: no more. */
  joinUntil: number | null;
  /** From when a sweep visits it: 0 while it is not over, null if it has nothing left to do. */
  wakeAt: number | null;
}>;

export type ListFilter = Readonly<{
  status: string | null;
  model: string | null;
  createdFrom: number | null;
  createdBefore: number | null;
}>;

export const tasksTable = `
  CREATE TABLE tasks (
    seq INTEGER PRIMARY KEY,      -- the order of admission, which lists page by
    task_id TEXT NOT NULL UNIQUE, key_id TEXT NOT NULL,
    fingerprint TEXT, join_until INTEGER, retry_of TEXT,
    model TEXT NOT NULL, status TEXT NOT NULL, task TEXT, revision INTEGER NOT NULL,
    micro_usd INTEGER, money TEXT NOT NULL,
    created_at INTEGER NOT NULL, ended_at INTEGER, provider_task_id TEXT UNIQUE,
    swept_at INTEGER NOT NULL,
    wake_at INTEGER               -- from when a sweep visits it; 0 while it is not over
  );
  CREATE INDEX tasks_awake ON tasks (swept_at) WHERE wake_at IS NOT NULL;
  CREATE INDEX tasks_joinable ON tasks (key_id, fingerprint) WHERE join_until IS NOT NULL;
  CREATE INDEX tasks_retries ON tasks (retry_of) WHERE retry_of IS NOT NULL;
  CREATE INDEX tasks_held ON tasks (seq) WHERE money = 'held';
`;
/** Every order comes and goes here: without a rowid there is no index to be written and billed beside the row. */
export const outboxTable = `
  CREATE TABLE outbox (
    task_id TEXT PRIMARY KEY, admission TEXT NOT NULL, at INTEGER NOT NULL, failures INTEGER NOT NULL
  ) WITHOUT ROWID;
`;
export const indexTables = `
  ${tasksTable}
  CREATE TABLE idempotency (
    key_id TEXT NOT NULL, idempotency_key TEXT NOT NULL, fingerprint TEXT NOT NULL, task_id TEXT NOT NULL,
    expires_at INTEGER, PRIMARY KEY (key_id, idempotency_key)
  );
  CREATE INDEX idempotency_task ON idempotency (task_id);
  ${outboxTable}
`;

type SqlTaskRow = {
  seq: number;
  task_id: string;
  key_id: string;
  task: string | null;
  revision: number;
  micro_usd: number | null;
  money: MoneyState;
  join_until: number | null;
  created_at: number;
  ended_at: number | null;
  wake_at: number | null;
  provider_task_id: string | null;
};

const taskColumns =
  "seq, task_id, key_id, task, revision, micro_usd, money, join_until, created_at, ended_at, provider_task_id, wake_at";

export class TaskIndex {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  findIdempotency({ scope, name }: Memory, now: number): IdempotencyRow | null {
    const [row] = this.#sql
      .exec<{ fingerprint: string; task_id: string; expires_at: number | null }>(
        `SELECT fingerprint, task_id, expires_at FROM idempotency
         WHERE key_id = ? AND idempotency_key = ? AND (expires_at IS NULL OR expires_at > ?)`,
        ...[scope, name, now],
      )
      .toArray();
    return row === undefined
      ? null
      : { fingerprint: row.fingerprint, taskId: row.task_id, expiresAt: row.expires_at };
  }

  /** Writes an admitted order: the task, its key's memory, and the outbox entry that sees it begun. */
  admit(entry: {
    admission: Admission;
    task: Task;
    keyId: string;
    fingerprint: string;
    joinUntil: number | null;
    /** What a repeated request is known by; null if by the order alone. */
    memory: Memory | null;
    outboxAt: number;
  }): void {
    const { admission, task, keyId, fingerprint, joinUntil, memory, outboxAt } = entry;
    const { taskId, createdAt, retryOf, order, priceMicroUsd } = admission;
    this.#sql.exec(
      `INSERT INTO tasks (task_id, key_id, fingerprint, join_until, retry_of, model, status, task, revision,
         micro_usd, money, created_at, swept_at, wake_at)
       VALUES (?, ?, ?, ?, ?, ?, 'queued', ?, 0, ?, 'reserved', ?, ?, 0)`,
      ...[taskId, keyId, fingerprint, joinUntil, retryOf, order.model, JSON.stringify(task)],
      ...[priceMicroUsd, createdAt, createdAt],
    );
    if (memory !== null) {
      this.#sql.exec(
        `INSERT OR REPLACE INTO idempotency (key_id, idempotency_key, fingerprint, task_id, expires_at)
         VALUES (?, ?, ?, ?, NULL)`,
        ...[memory.scope, memory.name, fingerprint, taskId],
      );
    }
    this.#sql.exec(
      "INSERT INTO outbox (task_id, admission, at, failures) VALUES (?, ?, ?, 0)",
      ...[taskId, JSON.stringify(admission), Math.ceil(outboxAt)],
    );
  }

  findTask(taskId: string): TaskRow | null {
    const [row] = this.#sql
      .exec<SqlTaskRow>(`SELECT ${taskColumns} FROM tasks WHERE task_id = ?`, taskId)
      .toArray();
    return row === undefined ? null : toTask(row);
  }

  /** The task that an identical order of the same key joins; null if it is a new one. */
  findJoinable(keyId: string, fingerprint: string, now: number): string | null {
    const [row] = this.#sql
      .exec<{ task_id: string }>(
        `SELECT task_id FROM tasks WHERE key_id = ? AND fingerprint = ? AND join_until > ? ORDER BY seq DESC LIMIT 1`,
        ...[keyId, fingerprint, now],
      )
      .toArray();
    return row?.task_id ?? null;
  }

  /** The task that a retry of this one made already, unless nothing came of it and nothing was paid. */
  findRetry(taskId: string): string | null {
    const [row] = this.#sql
      .exec<{ task_id: string }>(
        `SELECT task_id FROM tasks WHERE retry_of = ? AND status <> 'removed' AND money <> 'released' ORDER BY seq DESC LIMIT 1`,
        taskId,
      )
      .toArray();
    return row?.task_id ?? null;
  }

  /**
   * Writes what a task has become. Of what stands in an index only what has changed: an index whose column is named
   * is written, and billed, whether or not it changes.
   */
  noteTask(before: TaskRow, note: TaskNote): void {
    const indexed: [column: string, value: string | number | null, isChanged: boolean][] = [
      ["money", note.money, note.money !== before.money],
      ["micro_usd", note.microUsd, note.microUsd !== before.microUsd],
      ["ended_at", note.endedAt, note.endedAt !== before.endedAt],
      ["wake_at", note.wakeAt, note.wakeAt !== before.wakeAt],
      ["join_until", note.joinUntil, note.joinUntil !== before.joinUntil],
      [
        "provider_task_id",
        note.providerTaskId,
        note.providerTaskId !== null && note.providerTaskId !== before.providerTaskId,
      ],
    ];
    const changed = indexed.filter(([, , isChanged]) => isChanged);
    const columns = ["task", "status", "revision", ...changed.map(([column]) => column)];
    this.#sql.exec(
      `UPDATE tasks SET ${columns.map((column) => `${column} = ?`).join(", ")} WHERE task_id = ?`,
      ...[note.task === null ? null : JSON.stringify(note.task), note.status, note.revision],
      ...[...changed.map(([, value]) => value), before.taskId],
    );
  }

  noteMoney(taskId: string, money: MoneyState): void {
    this.#sql.exec("UPDATE tasks SET money = ? WHERE task_id = ?", money, taskId);
  }

  /**
   * Tasks in the order of their admission, removed ones left out.
   * @param about.after the task behind which to go on; it may have been removed since.
   * @returns null if there never was such a task.
   */
  list(about: {
    after: string | null;
    order: "asc" | "desc";
    limit: number;
    filter: ListFilter;
  }): Task[] | null {
    const { after, order, limit, filter } = about;
    const [cursor] =
      after === null
        ? [{ seq: order === "desc" ? Number.MAX_SAFE_INTEGER : 0 }]
        : this.#sql.exec<{ seq: number }>("SELECT seq FROM tasks WHERE task_id = ?", after).toArray();
    if (cursor === undefined) return null;
    return this.#sql
      .exec<{ task: string }>(
        `SELECT task FROM tasks
         WHERE task IS NOT NULL AND seq ${order === "desc" ? "<" : ">"} ?1
           AND (?2 IS NULL OR status = ?2) AND (?3 IS NULL OR model = ?3)
           AND (?4 IS NULL OR created_at >= ?4) AND (?5 IS NULL OR created_at < ?5)
         ORDER BY seq ${order === "desc" ? "DESC" : "ASC"} LIMIT ?6`,
        ...[cursor.seq, filter.status, filter.model, filter.createdFrom, filter.createdBefore, limit],
      )
      .toArray()
      .map((row) => readTask(row.task));
  }

  /** The same by numbered pages, the newest first, as MiniMax's V2 lists them; and how many there are in all. */
  listNumbered({ skip, limit, status, model, taskIds }: NumberedPage): { tasks: Task[]; total: number } {
    const ids = taskIds === null ? null : JSON.stringify(taskIds);
    const where = `task IS NOT NULL AND (?1 IS NULL OR model = ?1)
      AND (?2 IS NULL OR task_id IN (SELECT value FROM json_each(?2)))`;
    if (status === null || status === "succeeded") {
      // The one of its words that the column says exactly; an account has mostly such tasks.
      const wanted = `${where} AND (?3 IS NULL OR status = ?3)`;
      const about = [model, ids, status === null ? null : "completed"];
      const rows = this.#sql.exec<{ task: string }>(
        `SELECT task FROM tasks WHERE ${wanted} ORDER BY seq DESC LIMIT ?4 OFFSET ?5`,
        ...[...about, limit, skip],
      );
      const tasks = rows.toArray().map(({ task }) => asMiniMaxV2Lists(readTask(task)));
      const { total } = this.#sql
        .exec<{ total: number }>(`SELECT count(*) AS total FROM tasks WHERE ${wanted}`, ...about)
        .one();
      return { tasks, total };
    }
    // Of the others the row is asked; those that the column rules out are not read.
    const columns = {
      queued: "('queued')",
      running: "('queued', 'in_progress')",
      failed: "('failed')",
      cancelled: "('failed')",
    } as const satisfies Record<typeof status, string>;
    const page = { tasks: [] as Task[], total: 0 };
    for (const row of this.#sql.exec<{ task: string }>(
      `SELECT task FROM tasks WHERE ${where} AND status IN ${columns[status]} ORDER BY seq DESC`,
      ...[model, ids],
    )) {
      const task = asMiniMaxV2Lists(readTask(row.task));
      if (miniMaxV2Status(task) !== status) continue;
      if (page.total >= skip && page.tasks.length < limit) page.tasks.push(task);
      page.total += 1;
    }
    return page;
  }

  /** Tasks whose money is held, the oldest first. */
  held(): TaskRow[] {
    return this.#sql
      .exec<SqlTaskRow>(`SELECT ${taskColumns} FROM tasks WHERE money = 'held' ORDER BY seq`)
      .toArray()
      .map(toTask);
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
        ...[now, limit],
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
      ...[Math.ceil(at), taskId],
    );
  }

  clearOutbox(taskId: string): void {
    this.#sql.exec("DELETE FROM outbox WHERE task_id = ?", taskId);
  }

  holderOf(providerTaskId: string): string | null {
    const [row] = this.#sql
      .exec<{ task_id: string }>("SELECT task_id FROM tasks WHERE provider_task_id = ?", providerTaskId)
      .toArray();
    return row?.task_id ?? null;
  }

  holdProviderTask(taskId: string, providerTaskId: string | null): void {
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

  /**
   * Tasks that a sweep should visit: unfinished ones, and ended ones whose time for something has passed; none that was
   * visited since `before`, the longest unvisited first.
   */
  unvisited(before: number, limit: number): string[] {
    return this.#sql
      .exec<{ task_id: string }>(
        "SELECT task_id FROM tasks WHERE wake_at < ?1 AND swept_at < ?1 ORDER BY swept_at LIMIT ?2",
        ...[before, limit],
      )
      .toArray()
      .map((row) => row.task_id);
  }

  noteSwept(taskId: string, at: number): void {
    this.#sql.exec("UPDATE tasks SET swept_at = ? WHERE task_id = ?", at, taskId);
  }

  /** What an ended task said when it was visited: when it has something to do next, if it has. */
  noteWake(taskId: string, wakeAt: number | null): void {
    this.#sql.exec(
      "UPDATE tasks SET wake_at = ? WHERE task_id = ? AND ended_at IS NOT NULL",
      ...[wakeAt === null ? null : Math.ceil(wakeAt), taskId],
    );
  }

  /** A retry that joined a task that was ordered before: from now on it is that retry. */
  noteRetry(taskId: string, retryOf: string): void {
    this.#sql.exec("UPDATE tasks SET retry_of = ? WHERE task_id = ? AND retry_of IS NULL", retryOf, taskId);
  }
}

function toTask(row: SqlTaskRow): TaskRow {
  return {
    taskId: row.task_id,
    keyId: row.key_id,
    createdAt: row.created_at,
    revision: row.revision,
    microUsd: row.micro_usd,
    money: row.money,
    joinUntil: row.join_until,
    endedAt: row.ended_at,
    wakeAt: row.wake_at,
    providerTaskId: row.provider_task_id,
    task: row.task === null ? null : readTask(row.task),
  };
}
