/** What is wrong with a command line, in our words: the library's sentences, and where to read on. Pure. */

import { commands, families } from "./commands.ts";
import { commandError } from "./exits.ts";
import { unprotect } from "./given.ts";

const plural = (one: string, other = one) => ({ one, other });

/** The library's sentences, where ours are clearer. */
export const sentences = {
  "Not enough non-option arguments: got %s, need at least %s": plural(
    "A word is missing: %s of %s are given.",
  ),
  "Too many non-option arguments: got %s, maximum of %s": plural(
    "%s words are given, and %s taken; a text with spaces needs quotes.",
  ),
  "Unknown argument: %s": plural("Unknown: %s", "Unknown: %s"),
  "Unknown command: %s": plural("Unknown command: %s", "Unknown commands: %s"),
  "Not enough arguments following: %s": "--%s takes a value.",
  "Did you mean %s?": "Is '%s' meant?",
};

/** The library's failure as ours, with where to read on for the command that was meant. */
export function asUsage(failure: unknown, words: readonly string[]): unknown {
  // The library throws plain errors; what is thrown by mistake is of a class of its own.
  if (!(failure instanceof Error) || !/^Y?Error$/.test(failure.name)) return failure;
  const named = words.filter((word) => !word.startsWith("-"));
  const command = [named.slice(0, 2).join(" "), named[0] ?? ""].find(
    (name) => commands.some((row) => row.name === name) || Object.hasOwn(families, name),
  );
  const where = command === undefined ? "filmgate --help" : `filmgate ${command} --help`;
  // The library tells names as it parsed them.
  const asTyped = (name: string) =>
    words.some((word) => word === `--${name}` || word.startsWith(`--${name}=`)) ? `--${name}` : name;
  const sentence = unprotect(failure.message)
    .trim()
    .replace(/\s*\n\s*/g, " ")
    .replace(
      /^Unknown: (.*)$/,
      (_, names: string) => `Unknown: ${names.split(", ").map(asTyped).join(", ")}`,
    );
  return commandError(
    "invalid_usage",
    `${sentence}${/[.?]$/.test(sentence) ? "" : "."} '${where}' tells the rest.`,
  );
}
