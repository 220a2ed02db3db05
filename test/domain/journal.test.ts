/** A task's journal: what is new is written down, the newest is kept, and patience does not push the beginning out. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type JournalEntry, writeJournal } from "../../src/domain/journal.ts";
import { start } from "./tasks.ts";

const entry = (about: Partial<JournalEntry> = {}): JournalEntry => ({
  at: start,
  event: "look",
  answer: "Processing",
  traceId: "trace-1",
  code: null,
  detail: null,
  ...about,
});

describe("a journal", () => {
  it("leaves out a look that brought the same answer again, whatever its trace id", () => {
    const journal = writeJournal([entry()], [entry({ traceId: "trace-2" }), entry({ answer: "success" })]);
    expect(journal.map(({ answer }) => answer)).toEqual(["Processing", "success"]);
  });

  it("writes the same answer down again after another, and every other event each time", () => {
    const entries = [
      entry(),
      entry({ answer: "trouble" }),
      entry(),
      entry({ event: "store", answer: "trouble" }),
    ];
    expect(writeJournal([], [...entries, entry({ event: "store", answer: "trouble" })])).toHaveLength(5);
  });

  it("is the same object where there is nothing new", () => {
    const journal = [entry()];
    expect(writeJournal(journal, [])).toBe(journal);
    expect(writeJournal(journal, [entry({ at: start + 1 })])).toBe(journal);
  });

  it("keeps the newest fifty, with details of two hundred characters", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 500 }), { maxLength: 120 }), (answers) => {
        const entries = answers.map((answer) => entry({ event: "store", answer, detail: answer }));
        const journal = entries.reduce(
          (written, one) => writeJournal(written, [one]),
          [] as readonly JournalEntry[],
        );
        expect(journal.map(({ answer }) => answer)).toEqual(answers.slice(-50));
        for (const { detail } of journal) expect((detail ?? "").length).toBeLessThanOrEqual(200);
      }),
    );
  });
});
