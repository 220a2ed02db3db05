/**
 * What was given on a command line, between the argument library and the commands: shielded from the one, read as the
 * other's rows say. Pure.
 */

import type { AnyCommand, Option, Options } from "./command.ts";
import { commandError } from "./exits.ts";

/** Options that every command has. */
export const commonOptions = {
  json: { kind: "flag", about: "answer with the server's object, as JSON; errors and notices, too" },
  quiet: { kind: "flag", about: "no progress and no notices" },
  url: { kind: "text", about: "where filmgate runs, before FILMGATE_URL and filmgate.json", value: "URL" },
  config: { kind: "text", about: "this file in place of the nearest filmgate.json", value: "FILE" },
} as const satisfies Options;

/** No word of a command line can hold it. */
const shield = "\0";

/** The library reads words a second time, as options, where they stand for `<task>`: these would not come through. */
export function protect(words: readonly string[]): string[] {
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  return [
    ...words.slice(0, end).map((word) => (word === "-" ? `${shield}-` : word)),
    ...words.slice(end + 1).map((word) => `${shield}${word}`),
  ];
}

/** The word as it was typed. */
export function unprotect<T>(given: T): T {
  if (Array.isArray(given)) return given.map(unprotect) as T;
  return (typeof given === "string" ? given.replaceAll(shield, "") : given) as T;
}

/** What was given, by its name and of its kind. @throws FilmgateError `invalid_usage`. */
export function readValues(row: AnyCommand, given: Record<string, unknown>): Record<string, unknown> {
  const options = Object.entries({ ...commonOptions, ...row.options } as Options);
  return {
    ...Object.fromEntries(
      options.map(([name, option]) => [name, readValue(name, option, unprotect(given[name]))]),
    ),
    ...Object.fromEntries(row.words.map(({ name }) => [name, unprotect(given[name])])),
  };
}

function readValue(name: string, option: Option, given: unknown): unknown {
  // The library takes --no-… of any option.
  if (option.kind !== "flag" && [given].flat().includes(false)) {
    throw commandError("invalid_usage", `--${name} takes a value: there is no --no-${name}.`);
  }
  if (option.kind === "texts") return given === undefined ? [] : [given].flat().map(String);
  if (Array.isArray(given)) throw commandError("invalid_usage", `--${name} is given twice.`);
  if (given === undefined || option.kind !== "number") return given;
  const text = String(given).trim();
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  throw commandError("invalid_usage", `--${name} takes a number, not '${text}'.`);
}
