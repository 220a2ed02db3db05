/** Lines for people: aligned, cut to the terminal, and harmless whatever a server said. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accent, bold, dim, pairs, printable, printableJson, render, table } from "../../src/cli/lines.ts";

const plain = { dim: String, bold: String, accent: String };
const marked = {
  dim: (text: string) => `(${text})`,
  bold: (text: string) => `*${text}*`,
  accent: (text: string) => `_${text}_`,
};
/** What moves a cursor, colours, rings, or turns the direction of writing. */
const dangerous = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

describe("a text of the server's", () => {
  it.each([
    ["colours and clears the screen", "\u001b[2J\u001b[31mtask_1", "\ufffd[2J\ufffd[31mtask_1"],
    ["sets the window's title", "a\u001b]0;owned\u0007b", "a\ufffd]0;owned\ufffdb"],
    ["speaks in the second set of control characters", "a\u009b31mb", "a\ufffd31mb"],
    ["overwrites its line", "ok\rno", "ok no"],
    ["has several lines", "one\r\n\ttwo", "one two"],
    ["is written backwards", "a\u202egpj.exe", "a\ufffdgpj.exe"],
    ["is only text, in any script", "Wellen, 波, 🎬", "Wellen, 波, 🎬"],
  ])("that %s stands on one line and does nothing", (_what, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it("is harmless whatever it is, in JSON, too, which still says the same", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(printable(text)).not.toMatch(dangerous);
        const json = printableJson({ [text]: [text] }, 0);
        expect(json).not.toMatch(dangerous);
        expect(JSON.parse(json)).toEqual({ [text]: [text] });
      }),
    );
  });
});

describe("pairs", () => {
  it("stand in two columns, without those that are null", () => {
    const lines = pairs([
      ["task", "task_1"],
      ["link", null],
      ["published", accent("https://a")],
    ]);
    expect(lines.map((line) => render(line, plain))).toEqual(["task       task_1", "published  https://a"]);
    expect(lines.map((line) => render(line, marked))[1]).toBe("(published)  _https://a_");
  });
});

describe("a table", () => {
  const rows = [
    ["task_1", "ready", "The waves \u001b[31mroll"],
    ["task_22", "making", "波"],
  ];
  const draw = (columns: number | null) =>
    table(["task", "status", "prompt"], rows, columns).map((line) => render(line, plain));

  it("has each column as wide as its widest cell", () => {
    expect(draw(null)).toEqual([
      "task     status  prompt",
      "task_1   ready   The waves \ufffd[31mroll",
      "task_22  making  波",
    ]);
  });

  it("may have more rows than a call takes arguments", () => {
    const many = Array.from({ length: 200_000 }, () => ["task_1", "ready", "Waves"]);
    expect(table(["task", "status", "prompt"], many, null)).toHaveLength(200_001);
  });

  it("is cut to the terminal in its last column", () => {
    expect(draw(30)[1]).toBe("task_1   ready   The waves \ufffd[…");
    expect(Math.max(...draw(30).map((line) => [...line].length))).toBe(30);
  });
});

it("looks are put around the text that was made harmless", () => {
  expect(render([bold("a\u001bb"), " ", dim("c")], marked)).toBe("*a\ufffdb* (c)");
});
