/**
 * Lines for people: pairs and tables, short and aligned. Whatever a server said is printed without what would move a
 * cursor, colour a screen or turn the direction of writing, so every text comes through here. Pure.
 */

import type { Terminal } from "./terminal.ts";

/** A text, and how it looks. */
export type Piece = string | Readonly<{ text: string; as: "dim" | "bold" | "accent" }>;
export type Line = readonly Piece[];

export const dim = (text: string): Piece => ({ text, as: "dim" });
export const bold = (text: string): Piece => ({ text, as: "bold" });
export const accent = (text: string): Piece => ({ text, as: "accent" });

/** Control characters of both sets, and those of Unicode that reorder or separate lines. */
const unprintable = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

/** A text on one line that does nothing to a terminal but stand in it. */
export function printable(text: string): string {
  return text.replace(unprintable, (found) => (/^\s+$/.test(found) ? " " : "\ufffd"));
}

/** JSON that says the same, with nothing in it that a terminal would obey. */
export function printableJson(value: unknown, space: number): string {
  return JSON.stringify(value, null, space).replace(
    // What stands inside of texts only; JSON escapes the first control characters by itself.
    /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export function render(line: Line, terminal: Pick<Terminal, "dim" | "bold" | "accent">): string {
  return line
    .map((piece) =>
      typeof piece === "string" ? printable(piece) : terminal[piece.as](printable(piece.text)),
    )
    .join("")
    .trimEnd();
}

/** Names and what they are, the names in a column of their own; what is null is left out. */
export function pairs(rows: readonly (readonly [name: string, value: Piece | null])[]): Line[] {
  const told = rows.filter((row): row is readonly [string, Piece] => row[1] !== null);
  const width = Math.max(0, ...told.map(([name]) => name.length));
  return told.map(([name, value]) => [dim(name.padEnd(width)), "  ", value]);
}

/**
 * A table with a head. @param columns how wide a line may be; the last cell of a row is cut to it. Null: as wide as it
 * comes.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number | null,
): Line[] {
  const cells = rows.map((row) => row.map(printable));
  // One by one: as arguments of one call, those of 100,000 videos would be too many.
  const widths = head.map((name, index) =>
    cells.reduce((widest, row) => Math.max(widest, [...(row[index] ?? "")].length), name.length),
  );
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0);
  const room = columns === null ? Number.POSITIVE_INFINITY : Math.max(columns - before, 8);
  const spread = (row: readonly string[]) =>
    row
      .map((cell, index) => (index === head.length - 1 ? cut(cell, room) : pad(cell, widths[index] ?? 0)))
      .join("  ");
  return [[dim(spread(head))], ...cells.map((row) => [spread(row)])];
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(width - [...text].length, 0));
}

function cut(text: string, room: number): string {
  const characters = [...text];
  return characters.length <= room ? text : `${characters.slice(0, Math.max(room - 1, 0)).join("")}…`;
}
