/**
 * A database whose tables are made by the first write. Reading creates nothing, so that an object woken by a
 * guessed name leaves no trace and costs no storage.
 */

export class LazyTables {
  readonly sql: SqlStorage;
  readonly #storage: DurableObjectStorage;
  readonly #schema: string;
  #exist: boolean;

  /** @param schema statements that make all tables, `schema` among them. */
  constructor(storage: DurableObjectStorage, schema: string) {
    this.sql = storage.sql;
    this.#storage = storage;
    this.#schema = schema;
    this.#exist = this.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'schema'").toArray().length > 0;
  }

  /** False until something was written: then there is nothing to read. */
  get exist(): boolean {
    return this.#exist;
  }

  /** Runs writes as one transaction. */
  write<T>(block: () => T): T {
    const result = this.#storage.transactionSync(() => {
      if (!this.#exist) this.sql.exec(this.#schema);
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
}
