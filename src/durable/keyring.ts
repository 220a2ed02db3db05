/** Who may order in an account: its keys, made, known by their hashes, changed and revoked; and its own settings. */

import { type Binding, type BindingProblem, bind, unbound } from "../domain/binding.ts";
import { sha256Hex } from "../domain/hash.ts";
import { apiKeyFrom, spell } from "../domain/ids.ts";
import { type Caps, noCaps } from "../domain/money.ts";
import { type AccountSettings, type KeyKind, type KeyRow, KeyStore } from "./key-store.ts";
import type { LazyTables } from "./lazy-tables.ts";

/** A key without its secret and hash. */
export type KeySummary = Readonly<Omit<KeyRow, "sha256"> & { account: string }>;
export type KeyIdentity = Readonly<{ id: string; kind: KeyKind; binding: Binding }>;
export type KeyChange = Readonly<{ name?: string; caps?: Partial<Caps>; binding?: Partial<Binding> }>;
export type SettingsChange = Readonly<{
  caps?: Partial<Caps>;
  retentionDays?: number | null;
  webhookUrl?: string | null;
  closed?: boolean;
}>;

const hourMs = 3_600_000;
const noSettings: AccountSettings = { caps: noCaps, retentionDays: null, webhookUrl: null, closedAt: null };

export class Keyring {
  readonly #tables: LazyTables;
  readonly #store: KeyStore;

  constructor(tables: LazyTables) {
    this.#tables = tables;
    this.#store = new KeyStore(tables.sql);
  }

  /** The key with this hash; null if there is none, it was revoked, or its account is closed. */
  findActive(keySha256: string): KeyRow | null {
    const key = this.#tables.exist ? this.#store.findKey("sha256", keySha256) : null;
    return key === null || key.revokedAt !== null || this.settings().closedAt !== null ? null : key;
  }

  /** Whether there is a secret key with this id that is not revoked. */
  isActiveSecret(id: string): boolean {
    const key = this.#tables.exist ? this.#store.findKey("id", id) : null;
    return key !== null && key.kind === "secret" && key.revokedAt === null;
  }

  /** Who an active key is, and that it was used: noted at most once an hour. */
  authenticate(keySha256: string, now: number): KeyIdentity | null {
    const key = this.findActive(keySha256);
    if (key === null) return null;
    if (key.lastUsedAt === null || key.lastUsedAt < now - hourMs) {
      this.#tables.write(() => this.#store.noteKeyUse(key.id, now));
    }
    return { id: key.id, kind: key.kind, binding: key.binding };
  }

  /** Makes a key; its text is known to the answer alone. */
  create(
    account: string,
    about: { name: string; kind: KeyKind; caps: Caps; binding?: Binding; now: number },
  ): KeySummary & { key: string } {
    const text = apiKeyFrom(account, about.kind, crypto.getRandomValues(new Uint8Array(40)));
    const key: KeyRow = {
      id: `key_${spell(crypto.getRandomValues(new Uint8Array(16)))}`,
      name: about.name,
      kind: about.kind,
      sha256: sha256Hex(text),
      caps: about.caps,
      binding: about.binding ?? unbound,
      createdAt: about.now,
      revokedAt: null,
      lastUsedAt: null,
    };
    this.#tables.write(() => this.#store.addKey(key));
    return { ...summary(key, account), key: text };
  }

  list(account: string): KeySummary[] {
    return this.#tables.exist ? this.#store.keys().map((key) => summary(key, account)) : [];
  }

  /** Null if there is none with this id. */
  change(account: string, id: string, change: KeyChange): KeySummary | BindingProblem | null {
    const key = this.#tables.exist ? this.#store.findKey("id", id) : null;
    if (key === null) return null;
    const binding = bind(key.kind, key.binding, change.binding ?? {});
    if (typeof binding === "string") return binding;
    const changed = { ...key, name: change.name ?? key.name, caps: { ...key.caps, ...change.caps }, binding };
    this.#tables.write(() => this.#store.changeKey(changed));
    return summary(changed, account);
  }

  /** Revokes for good; the first time counts. Null if there is none with this id. */
  revoke(account: string, id: string, now: number): KeySummary | null {
    const key = this.#tables.exist ? this.#store.findKey("id", id) : null;
    if (key === null) return null;
    this.#tables.write(() => this.#store.revokeKey(id, now));
    return summary({ ...key, revokedAt: key.revokedAt ?? now }, account);
  }

  settings(): AccountSettings {
    return this.#tables.exist ? this.#store.settings() : noSettings;
  }

  changeSettings(change: SettingsChange, now: number): void {
    const before = this.settings();
    const { caps, retentionDays = before.retentionDays, webhookUrl = before.webhookUrl } = change;
    const { closed = before.closedAt !== null } = change;
    this.#tables.write(() =>
      this.#store.saveSettings({
        caps: { ...before.caps, ...caps },
        retentionDays,
        webhookUrl,
        closedAt: closed ? (before.closedAt ?? now) : null,
      }),
    );
  }

  /** Directory only: false if the account was known. */
  addAccount(name: string, now: number): boolean {
    if (this.accounts().some((account) => account.name === name)) return false;
    this.#tables.write(() => this.#store.addAccount(name, now));
    return true;
  }

  /** Directory only. */
  accounts(): { name: string; createdAt: number }[] {
    return this.#tables.exist ? this.#store.accounts() : [];
  }
}

function summary(key: KeyRow, account: string): KeySummary {
  const { sha256: _, ...rest } = key;
  return { ...rest, account };
}
