/**
 * The tables of the pacer: who stands in line or is counted as in flight, and what is known of MiniMax's pace. Only
 * what has changed is written, and only what a restart must not forget: where nobody waits and no limit is in force,
 * that is nothing.
 */

import { emptyLine, type Line } from "../domain/line.ts";
import { isWorthKeeping, type Pace, type Rules } from "../domain/pace.ts";
import type { Place } from "../domain/turns.ts";
import { LazyTables, type Tables } from "./lazy-tables.ts";

const tables: Tables = {
  version: 1,
  schema: `
    CREATE TABLE places (
      task_id TEXT PRIMARY KEY, account TEXT NOT NULL, attempt INTEGER NOT NULL, since INTEGER NOT NULL,
      sent_at INTEGER               -- empty while it is in line
    ) WITHOUT ROWID;
    CREATE TABLE pace (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      body TEXT NOT NULL            -- grants, limits and turns as JSON
    );
  `,
  upgrades: {},
};

type Row = { task_id: string; account: string; attempt: number; since: number; sent_at: number | null };
type Kept = Readonly<{ pace: Pace; turns: readonly string[] }>;

export class PacerStore {
  readonly #tables: LazyTables;

  constructor(storage: DurableObjectStorage) {
    this.#tables = new LazyTables(storage, tables);
  }

  /** The line as it was last written. Who was called is in line, and is called again. */
  load(rules: Rules): Line {
    if (!this.#tables.exist) return emptyLine;
    const { sql } = this.#tables;
    // Counted while there was a setting: without it nobody says any more when they leave.
    if (rules.tasksInFlight === null) sql.exec("DELETE FROM places WHERE sent_at IS NOT NULL");
    const places = new Map<string, Place>();
    for (const row of sql.exec<Row>("SELECT task_id, account, attempt, since, sent_at FROM places")) {
      const asking = { taskId: row.task_id, account: row.account, attempt: row.attempt, since: row.since };
      const at = row.sent_at;
      places.set(
        asking.taskId,
        at === null ? { ...asking, state: "waiting" } : { ...asking, state: "taken", at },
      );
    }
    const [kept] = sql.exec<{ body: string }>("SELECT body FROM pace").toArray();
    return { ...emptyLine, ...(kept === undefined ? {} : (JSON.parse(kept.body) as Kept)), places };
  }

  /** Writes what changed from one line to the other, as one transaction. */
  save(before: Line, after: Line, rules: Rules, now: number): void {
    const changed = [...after.places.values()].filter((place) => {
      const row = rowOf(place, rules);
      return row !== null && !isSameRow(row, rowOf(before.places.get(place.taskId), rules));
    });
    const gone = [...before.places.values()].filter(
      (place) => rowOf(place, rules) !== null && rowOf(after.places.get(place.taskId), rules) === null,
    );
    // Whose turn it was goes with a grant: forgetting one turn of one account harms nobody.
    const isKept = isWorthKeeping(after.pace, rules, now) || after.turns.length > 0;
    const paceChanged = isKept && before.pace !== after.pace;
    if (changed.length === 0 && gone.length === 0 && !paceChanged) return;
    this.#tables.write(() => {
      const { sql } = this.#tables;
      for (const { taskId } of gone) sql.exec("DELETE FROM places WHERE task_id = ?", taskId);
      for (const place of changed) {
        sql.exec(
          "INSERT OR REPLACE INTO places (task_id, account, attempt, since, sent_at) VALUES (?, ?, ?, ?, ?)",
          ...Object.values(rowOf(place, rules) ?? {}),
        );
      }
      if (paceChanged) {
        const { pace, turns } = after;
        sql.exec("INSERT OR REPLACE INTO pace (id, body) VALUES (1, ?)", JSON.stringify({ pace, turns }));
      }
    });
  }
}

/**
 * What of a place is written; null for nothing. A call that is forgotten is made again; a create under way that is
 * forgotten lets one more go than would be careful, and matters only where tasks in flight are counted.
 */
function rowOf(place: Place | undefined, rules: Rules): Row | null {
  if (place === undefined) return null;
  const { taskId: task_id, account, attempt, since } = place;
  const isLeft = place.state === "sent" || place.state === "taken";
  if (isLeft && rules.tasksInFlight === null) return null;
  return { task_id, account, attempt, since, sent_at: isLeft ? place.at : null };
}

function isSameRow(one: Row, other: Row | null): boolean {
  return other !== null && one.attempt === other.attempt && one.sent_at === other.sent_at;
}
