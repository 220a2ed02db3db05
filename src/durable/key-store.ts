/**
 * Who may order, and how much: the keys of an account (hashes only) and what its owner decided for all of them. The
 * directory has one table more, the accounts that there are.
 */

import type { Binding } from "../domain/binding.ts";
import type { Caps } from "../domain/money.ts";

/** Secret keys order and pay; publishable ones may stand in a page: they read what they can name, and need a ticket to create. */
export type KeyKind = "secret" | "publishable";

export type KeyRow = Readonly<{
  id: string;
  name: string;
  kind: KeyKind;
  sha256: string;
  caps: Caps;
  /** What a publishable key is bound to; a secret key is not. */
  binding: Binding;
  createdAt: number;
  revokedAt: number | null;
  lastUsedAt: number | null;
}>;

/** What an account's owner decided for all its keys. */
export type AccountSettings = Readonly<{
  caps: Caps;
  /** How long an order without a wish of its own is kept; null: for ever. */
  retentionDays: number | null;
  /** Who is told of an order without an address of its own; null: nobody. */
  webhookUrl: string | null;
  closedAt: number | null;
}>;

export const settingsTable = `
  CREATE TABLE settings (
    id INTEGER PRIMARY KEY CHECK (id = 1), day_cap INTEGER, month_cap INTEGER, retention_days INTEGER,
    webhook_url TEXT, closed_at INTEGER
  );
`;
export const keyTables = `
  CREATE TABLE keys (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, sha256 TEXT NOT NULL UNIQUE,
    day_cap INTEGER, month_cap INTEGER, created_at INTEGER NOT NULL, revoked_at INTEGER, last_used_at INTEGER,
    origins TEXT, tickets INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE accounts (name TEXT PRIMARY KEY, created_at INTEGER NOT NULL);
  ${settingsTable}
`;

type SqlKeyRow = {
  id: string;
  name: string;
  kind: KeyKind;
  sha256: string;
  day_cap: number | null;
  month_cap: number | null;
  created_at: number;
  revoked_at: number | null;
  last_used_at: number | null;
  origins: string | null;
  tickets: number;
};

export class KeyStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  addKey(key: KeyRow): void {
    this.#sql.exec(
      `INSERT INTO keys (id, name, kind, sha256, day_cap, month_cap, created_at, origins, tickets)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[key.id, key.name, key.kind, key.sha256, key.caps.dayMicroUsd, key.caps.monthMicroUsd],
      ...[key.createdAt, ...bindingColumns(key.binding)],
    );
  }

  keys(): KeyRow[] {
    return this.#sql.exec<SqlKeyRow>("SELECT * FROM keys ORDER BY created_at DESC, id").toArray().map(toKey);
  }

  findKey(by: "id" | "sha256", value: string): KeyRow | null {
    const [row] = this.#sql.exec<SqlKeyRow>(`SELECT * FROM keys WHERE ${by} = ?`, value).toArray();
    return row === undefined ? null : toKey(row);
  }

  changeKey({ id, name, caps, binding }: KeyRow): void {
    this.#sql.exec(
      "UPDATE keys SET name = ?, day_cap = ?, month_cap = ?, origins = ?, tickets = ? WHERE id = ?",
      ...[name, caps.dayMicroUsd, caps.monthMicroUsd, ...bindingColumns(binding), id],
    );
  }

  revokeKey(id: string, at: number): void {
    this.#sql.exec("UPDATE keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", at, id);
  }

  noteKeyUse(id: string, at: number): void {
    this.#sql.exec("UPDATE keys SET last_used_at = ? WHERE id = ?", at, id);
  }

  settings(): AccountSettings {
    const [row] = this.#sql
      .exec<{
        day_cap: number | null;
        month_cap: number | null;
        retention_days: number | null;
        webhook_url: string | null;
        closed_at: number | null;
      }>("SELECT * FROM settings")
      .toArray();
    return {
      caps: { dayMicroUsd: row?.day_cap ?? null, monthMicroUsd: row?.month_cap ?? null },
      retentionDays: row?.retention_days ?? null,
      webhookUrl: row?.webhook_url ?? null,
      closedAt: row?.closed_at ?? null,
    };
  }

  saveSettings({ caps, retentionDays, webhookUrl, closedAt }: AccountSettings): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO settings (id, day_cap, month_cap, retention_days, webhook_url, closed_at)
       VALUES (1, ?, ?, ?, ?, ?)`,
      ...[caps.dayMicroUsd, caps.monthMicroUsd, retentionDays, webhookUrl, closedAt],
    );
  }

  addAccount(name: string, at: number): void {
    this.#sql.exec("INSERT OR IGNORE INTO accounts (name, created_at) VALUES (?, ?)", name, at);
  }

  accounts(): { name: string; createdAt: number }[] {
    return this.#sql
      .exec<{ name: string; created_at: number }>("SELECT name, created_at FROM accounts ORDER BY name")
      .toArray()
      .map((row) => ({ name: row.name, createdAt: row.created_at }));
  }
}

function bindingColumns({ origins, tickets }: Binding): [origins: string | null, tickets: number] {
  return [origins === null ? null : JSON.stringify(origins), tickets ? 1 : 0];
}

function toKey(row: SqlKeyRow): KeyRow {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    sha256: row.sha256,
    caps: { dayMicroUsd: row.day_cap, monthMicroUsd: row.month_cap },
    binding: {
      origins: row.origins === null ? null : (JSON.parse(row.origins) as string[]),
      tickets: row.tickets === 1,
    },
    createdAt: row.created_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  };
}
