/**
 * The tables of an upload that is under way: which one it is, what is known of its file, and the parts that R2 has.
 * They are made by the first upload, so that the many videos that come in one piece, and objects that are older than
 * these tables, have none. What is in them is owed an end: completed, or aborted. See ports/upload.ts.
 */

import type { Part, Upload, UploadRecord } from "../ports/upload.ts";
import type { LazyTables } from "./lazy-tables.ts";

const schema = `
  CREATE TABLE IF NOT EXISTS upload (
    one INTEGER PRIMARY KEY CHECK (one = 1),   -- a task has one file, and one transfer at a time
    id TEXT NOT NULL,
    length INTEGER,                            -- of the file, if its host announced it
    etag TEXT                                  -- the file's, if it is a strong one
  );
  CREATE TABLE IF NOT EXISTS upload_parts (number INTEGER PRIMARY KEY, etag TEXT NOT NULL, bytes INTEGER NOT NULL);
`;

type UploadRow = { id: string; length: number | null; etag: string | null };

export class UploadStore implements UploadRecord {
  readonly #tables: LazyTables;

  constructor(tables: LazyTables) {
    this.#tables = tables;
  }

  load(): Upload | null {
    if (!this.#exist()) return null;
    const { sql } = this.#tables;
    const [row] = sql.exec<UploadRow>("SELECT id, length, etag FROM upload").toArray();
    if (row === undefined) return null;
    const parts = sql.exec<Part>("SELECT number, etag, bytes FROM upload_parts ORDER BY number").toArray();
    return { ...row, parts };
  }

  start({ id, length, etag }: Omit<Upload, "parts">): void {
    this.#tables.write(() => {
      this.#tables.sql.exec(schema);
      this.#tables.sql.exec("DELETE FROM upload_parts");
      this.#tables.sql.exec(
        "INSERT OR REPLACE INTO upload (one, id, length, etag) VALUES (1, ?, ?, ?)",
        id,
        length,
        etag,
      );
    });
  }

  /** A part of an upload that is not the remembered one any more is nobody's. */
  add(uploadId: string, { number, etag, bytes }: Part): void {
    if (!this.#exist()) return;
    this.#tables.write(() => {
      this.#tables.sql.exec(
        `INSERT OR REPLACE INTO upload_parts (number, etag, bytes)
         SELECT ?, ?, ? WHERE EXISTS (SELECT 1 FROM upload WHERE id = ?)`,
        number,
        etag,
        bytes,
        uploadId,
      );
    });
  }

  forget(uploadId: string): void {
    if (this.load()?.id === uploadId) this.clear();
  }

  /** Forgets whatever is remembered. */
  clear(): void {
    if (!this.#exist()) return;
    this.#tables.write(() => {
      this.#tables.sql.exec("DELETE FROM upload_parts");
      this.#tables.sql.exec("DELETE FROM upload");
    });
  }

  #exist(): boolean {
    return this.#tables.has("upload");
  }
}
