/**
 * The deploy hooks of an account, a row each, and the tasks that succeeded and are not served yet. Their tables are
 * made by the first hook, so that an account without one has none. Addresses are kept in clear, since calling takes the
 * address itself.
 */

import { type DeployHook, dueAt } from "../domain/deploy-hook.ts";
import type { LazyTables } from "./lazy-tables.ts";

const schema = `
  CREATE TABLE IF NOT EXISTS deploy_hooks (
    url TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    is_accounts INTEGER NOT NULL, -- 1: the account's own; 0: orders brought it
    due_at INTEGER,               -- when there is something to do for it; empty where nothing is
    used_at INTEGER NOT NULL,     -- when it was last written
    hook TEXT NOT NULL            -- the rest as JSON: state, calls, whether orders brought it, too
  ) WITHOUT ROWID;
  -- Looked into whenever the alarm is set, and with addresses that differ by order there are thousands of rows.
  CREATE INDEX IF NOT EXISTS deploy_hooks_due ON deploy_hooks (due_at) WHERE due_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS deploy_hook_waits (task_id TEXT PRIMARY KEY) WITHOUT ROWID;
`;

/** A hook, and who brought it: the account, orders, or both. */
export type HookRow = Readonly<{ hook: DeployHook; isAccounts: boolean; isOrders: boolean }>;
type SqlRow = { url: string; id: string; is_accounts: number; hook: string };

const columns = "url, id, is_accounts, hook";

export class DeployHookStore {
  readonly #tables: LazyTables;
  #exist: boolean;

  constructor(tables: LazyTables) {
    this.#tables = tables;
    this.#exist = tables.wasFound("deploy_hooks");
  }

  /** Whether the account has, or had, any. */
  get exist(): boolean {
    return this.#exist;
  }

  /** Makes the tables, before the first row. A transaction of its own: what is made here must not be taken back. */
  prepare(): void {
    if (this.#exist) return;
    this.#tables.write(() => this.#tables.sql.exec(schema));
    this.#exist = true;
  }

  /** The account's own first, then the last written. */
  all(limit: number): HookRow[] {
    return this.#select("ORDER BY is_accounts DESC, used_at DESC LIMIT ?", limit);
  }

  due(now: number, limit: number): HookRow[] {
    return this.#select("WHERE due_at <= ? ORDER BY due_at LIMIT ?", now, limit);
  }

  find(by: "url" | "id", value: string): HookRow | null {
    return this.#select(`WHERE ${by} = ?`, value)[0] ?? null;
  }

  accounts(): HookRow | null {
    return this.#select("WHERE is_accounts = 1")[0] ?? null;
  }

  nextAt(): number | null {
    if (!this.#exist) return null;
    return this.#tables.sql
      .exec<{ at: number | null }>("SELECT MIN(due_at) AS at FROM deploy_hooks WHERE due_at IS NOT NULL")
      .one().at;
  }

  /** Called within a write. */
  save({ hook, isAccounts, isOrders }: HookRow, now: number): void {
    const { url, id, ...known } = hook;
    const rest = { ...known, isOrders };
    const at = dueAt(hook);
    this.#tables.sql.exec(
      `INSERT INTO deploy_hooks (url, id, is_accounts, due_at, used_at, hook) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (url) DO UPDATE SET is_accounts = excluded.is_accounts, due_at = excluded.due_at,
         used_at = excluded.used_at, hook = excluded.hook`,
      ...[url, id, isAccounts ? 1 : 0, at === null ? null : Math.ceil(at), now, JSON.stringify(rest)],
    );
  }

  /** Called within a write. */
  remove(url: string): void {
    this.#tables.sql.exec("DELETE FROM deploy_hooks WHERE url = ?", url);
  }

  /** Forgets hooks that orders brought, that have nothing to do, and that nobody has used since. Called within a write. */
  dropUnused(since: number): void {
    this.#tables.sql.exec(
      "DELETE FROM deploy_hooks WHERE is_accounts = 0 AND due_at IS NULL AND used_at < ?",
      since,
    );
  }

  isAwaited(taskId: string): boolean {
    if (!this.#exist) return false;
    return (
      this.#tables.sql.exec("SELECT 1 FROM deploy_hook_waits WHERE task_id = ?", taskId).toArray().length > 0
    );
  }

  /** Called within a write. */
  await(taskId: string): void {
    this.#tables.sql.exec("INSERT OR IGNORE INTO deploy_hook_waits (task_id) VALUES (?)", taskId);
  }

  /** Called within a write. */
  awaitNoMore(taskId: string): void {
    this.#tables.sql.exec("DELETE FROM deploy_hook_waits WHERE task_id = ?", taskId);
  }

  #select(rest: string, ...values: (string | number)[]): HookRow[] {
    if (!this.#exist) return [];
    return this.#tables.sql
      .exec<SqlRow>(`SELECT ${columns} FROM deploy_hooks ${rest}`, ...values)
      .toArray()
      .map(({ url, id, is_accounts, hook }) => {
        const { isOrders, ...rest } = JSON.parse(hook) as Omit<DeployHook, "url" | "id"> & {
          isOrders: boolean;
        };
        return { hook: { ...rest, url, id } as DeployHook, isAccounts: is_accounts === 1, isOrders };
      });
  }
}
