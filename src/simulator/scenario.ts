/*
 * The language in which the simulator is told to misbehave; pure. People write it into the prompt, as
 * `[sim: fail=1027 late=2]`; programs send the same words to the control route. Every word is a row: its form,
 * what its argument may be, and how often it happens if no number is given. An unknown word is refused, since a
 * misspelt fault that never happens would make a test pass for the wrong reason.
 */

export type Wire = "v1" | "v2";

type Row = {
  /** What stands after the equals sign; null for a word that takes nothing, "count" for one that takes only a number of times. */
  argument: RegExp | "count" | null;
  /** How often it happens when no number of times is said; without `xN` it cannot be said. */
  times: number;
  isCounted: boolean;
  shown: string;
  /** The one wire on which it means something; without it, both. */
  wire?: Wire;
};

const always = Number.POSITIVE_INFINITY;
const status = /[2-5]\d\d/;
const code = /\d{1,6}/;
const number = /\d+(?:\.\d+)?/;

const flag = (): Row => ({ argument: null, times: always, isCounted: false, shown: "" });
const count = (times: number): Row => ({ argument: "count", times, isCounted: true, shown: "=N" });
const value = (argument: RegExp, shown: string): Row => ({
  argument,
  times: always,
  isCounted: false,
  shown: `=${shown}`,
});
const valueTimes = (argument: RegExp, shown: string, times: number): Row => ({
  argument,
  times,
  isCounted: true,
  shown: `=${shown}[xN]`,
});
const only = (wire: Wire, row: Row): Row => ({ ...row, wire });

export const words = {
  refuse: valueTimes(code, "CODE", always),
  "create-http": valueTimes(status, "STATUS", always),
  "create-drop": count(always),
  "create-delay": value(number, "MS"),
  "accept-then": valueTimes(
    /drop|hang|garbage|empty-id|named-\d{4}|[2-5]\d\d|\d{4}/,
    "drop|hang|garbage|empty-id|named-CODE|STATUS|CODE",
    always,
  ),
  "query-drop": count(1),
  "query-http": valueTimes(status, "STATUS", 1),
  "query-code": valueTimes(code, "CODE", 1),
  "query-hang": count(1),
  "query-garbage": count(1),
  "retrieve-drop": only("v1", count(1)),
  "retrieve-http": only("v1", valueTimes(status, "STATUS", 1)),
  "retrieve-code": only("v1", valueTimes(code, "CODE", 1)),
  "retrieve-hang": only("v1", count(1)),
  "delete-drop": only("v2", count(1)),
  "delete-http": only("v2", valueTimes(status, "STATUS", 1)),
  "delete-code": only("v2", valueTimes(code, "CODE", 1)),
  "delete-then": only("v2", valueTimes(/drop|hang|garbage|[2-5]\d\d/, "drop|hang|garbage|STATUS", 1)),
  fail: value(/\d{1,6}|none/, "CODE|none"),
  expired: only("v2", flag()),
  cancelled: only("v2", flag()),
  queue: value(number, "MS"),
  stall: flag(),
  late: value(number, "FACTOR"),
  instant: flag(),
  "task-lifetime": value(number, "MS"),
  "no-file": count(1),
  "odd-status": count(1),
  "empty-status": count(1),
  "file-cut": count(1),
  "file-truncated": count(1),
  "file-empty": count(1),
  "file-hang": count(1),
  "file-http": valueTimes(status, "STATUS", 1),
  "file-nolength": flag(),
  "file-slow": value(/[1-9]\d*/, "BYTES_PER_SECOND"),
  "file-pad": value(/[1-9]\d{0,8}/, "BYTES"),
  "file-gone": flag(),
  "file-changes": count(1),
  "file-norange": flag(),
  "url-expired": count(1),
  "url-expires-midway": count(1),
  "url-lifetime": value(number, "MS"),
  "callback-none": flag(),
  "callback-storm": value(/[1-9]\d{0,2}/, "N"),
  "callback-reorder": flag(),
  "callback-late": value(number, "MS"),
  "callback-early": flag(),
  "callback-forged": flag(),
  "callback-unchecked": flag(),
} satisfies Record<string, Row>;

export type Word = keyof typeof words;
export type Fault = { word: Word; argument: string; times: number };
export type ScenarioVerdict = { faults: Fault[] } | { refusal: string };

export const acceptedWords: string[] = Object.entries(words).map(([word, row]) => word + row.shown);

export const isHeardOn = (word: Word, wire: Wire) => ((words[word] as Row).wire ?? wire) === wire;

/** Parses words parted by spaces or commas. */
export function parseScenario(text: string): ScenarioVerdict {
  const faults: Fault[] = [];
  for (const part of text.split(/[\s,]+/).filter((piece) => piece !== "")) {
    const fault = parseWord(part);
    if (!fault) return { refusal: `unknown scenario word ${part}` };
    faults.push(fault);
  }
  return { faults };
}

function parseWord(part: string): Fault | undefined {
  const [, word = "", argument] = /^([a-z-]+)(?:=(.*))?$/.exec(part) ?? [];
  if (!Object.hasOwn(words, word)) return undefined;
  const known = word as Word;
  const row: Row = words[known];
  if (row.argument === null) {
    return argument === undefined ? { word: known, argument: "", times: row.times } : undefined;
  }
  if (row.argument === "count") {
    if (argument === undefined) return { word: known, argument: "", times: row.times };
    return /^\d{1,6}$/.test(argument) ? { word: known, argument: "", times: Number(argument) } : undefined;
  }
  const times = row.isCounted ? "(?:x(\\d{1,6}))?" : "";
  const match = new RegExp(`^(${row.argument.source})${times}$`).exec(argument ?? "");
  if (!match) return undefined;
  return { word: known, argument: match[1] ?? "", times: match[2] ? Number(match[2]) : row.times };
}

/** The words inside all `[sim: …]` brackets of a prompt. */
export function scenarioInPrompt(prompt: string): string {
  return [...prompt.matchAll(/\[sim:([^\]]*)\]/gi)].map((match) => match[1]).join(" ");
}
