/**
 * A database whose tables are made by the first write. Reading creates nothing, so that an object woken by a
 * guessed name leaves no trace and costs no storage. Tables of an earlier version are upgraded when the object is
 * built, before anything reads them: what was written by the last deployment is never lost to the next.
 */

export type Tables = Readonly<{
  version: number;
  /** Statements that make all tables of this version, `schema` among them. */
  schema: string;
  /** Statements that lead from a version to the next, by the version they start from. */
  upgrades: Readonly<Record<number, string>>;
}>;

export class LazyTables {
  readonly sql: SqlStorage;
  readonly #storage: DurableObjectStorage;
  readonly #tables: Tables;
  /** The names of what was there when the object was built. */
  readonly #found: ReadonlySet<string>;
  #exist: boolean;

  constructor(storage: DurableObjectStorage, tables: Tables) {
    this.sql = storage.sql;
    this.#storage = storage;
    this.#tables = tables;
    const names = this.sql.exec<{ name: string }>("SELECT name FROM sqlite_master").toArray();
    this.#found = new Set(names.map(({ name }) => name));
    this.#exist = this.#found.has("schema");
    if (this.#exist) this.#upgrade();
  }

  /** False until something was written: then there is nothing to read. */
  get exist(): boolean {
    return this.#exist;
  }

  /** Whether there is a table that only some objects have, made by its first row. */
  has(table: string): boolean {
    if (!this.#exist) return false;
    return this.sql.exec("SELECT 1 FROM sqlite_master WHERE name = ?", table).toArray().length > 0;
  }

  /** Whether there was such a table when the object was built: for who makes it, and so knows of it since. */
  wasFound(table: string): boolean {
    return this.#found.has(table);
  }

  /** Runs writes as one transaction. */
  write<T>(block: () => T): T {
    const result = this.#storage.transactionSync(() => {
      if (!this.#exist) {
        this.sql.exec("CREATE TABLE schema (version INTEGER NOT NULL)");
        this.sql.exec(this.#tables.schema);
        this.sql.exec("INSERT INTO schema (version) VALUES (?)", this.#tables.version);
      }
      return block();
    });
    this.#exist = true;
    return result;
  }

  /** Removes everything in the object, its alarm included. */
  async deleteAll(): Promise<void> {
    await this.#storage.deleteAll();
    this.#exist = false;
  }

  #upgrade(): void {
    const { version, upgrades } = this.#tables;
    const found = this.sql.exec<{ version: number }>("SELECT version FROM schema").one().version;
    if (found >= version) return;
    this.#storage.transactionSync(() => {
      for (let from = found; from < version; from++) {
        const statements = upgrades[from];
        if (statements === undefined) throw new Error(`there is no way from version ${from} of these tables`);
        this.sql.exec(statements);
      }
      this.sql.exec("UPDATE schema SET version = ?", version);
    });
  }
}
