/** Completion of what the library does not complete by itself: values that the server judges and we only suggest. */

import type { Argv } from "yargs";
import { commands } from "./commands.ts";

/** Completes the values of options that the server judges, beside what the library completes by itself. */
export function addCompletion(parser: Argv, words: readonly string[]): Argv {
  return parser.completion(
    "completion",
    "Print what makes bash or zsh complete commands and options.",
    (
      current: string,
      _given: unknown,
      filter: (onCompleted: (error: Error | null, found: string[] | undefined) => void) => void,
      done: (found: string[]) => void,
    ) => {
      const typed = words.slice(words.indexOf("--get-yargs-completions") + 1);
      const suggested = suggestionsFor(typed, current);
      if (suggested !== null) return done(suggested);
      filter((_error, found) => done(found ?? []));
    },
  );
}

/** Values for the option before the word that is being written; null if there is none that has suggestions. */
export function suggestionsFor(words: readonly string[], current: string): string[] | null {
  const before = words.at(-2) ?? "";
  const line = `${words.slice(1).join(" ")} `;
  const row = commands.find(({ name }) => line.startsWith(`${name} `));
  const option = before.startsWith("--") ? row?.options[before.slice(2)] : undefined;
  const values = option?.suggestions ?? option?.choices;
  if (option === undefined || option.kind === "flag") return null;
  return (values ?? []).filter((value) => value.startsWith(current));
}
