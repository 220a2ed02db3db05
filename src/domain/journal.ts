/**
 * What happened to one task outside of filmgate, for its owner and for MiniMax's support: a short list, the newest kept.
 * Questions that brought nothing new are left out, so that a patient task does not push its own beginning out.
 */

/** What was asked, or heard. */
export type JournalEvent = "submit" | "confirm" | "look" | "cancel" | "list" | "store" | "callback";

export type JournalEntry = Readonly<{
  at: number;
  event: JournalEvent;
  /** In one word or two: `accepted`, `refused`, `Processing`, `challenge` … */
  answer: string;
  /** MiniMax's `Trace-Id` of the answer, which its support asks for. */
  traceId: string | null;
  /** MiniMax's code, where it gave one. */
  code: number | null;
  /** Why, where the answer says no more than that it was trouble. */
  detail: string | null;
}>;

const maxEntries = 50;
const maxDetailCharacters = 200;

/** Adds what is new. */
export function writeJournal(
  journal: readonly JournalEntry[],
  entries: readonly JournalEntry[],
): readonly JournalEntry[] {
  const written = [...journal];
  for (const entry of entries) {
    if (isNews(written.at(-1), entry)) {
      written.push({ ...entry, detail: entry.detail?.slice(0, maxDetailCharacters) ?? null });
    }
  }
  return written.length === journal.length ? journal : written.slice(-maxEntries);
}

/** Whether an entry tells more than the last one: a look with the same answer does not. */
export function isNews(last: JournalEntry | undefined, entry: JournalEntry): boolean {
  if (entry.event !== "look" || last?.event !== "look") return true;
  return last.answer !== entry.answer || last.code !== entry.code;
}
