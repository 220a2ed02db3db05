/** Asking before something is done for good: on a terminal a person answers, elsewhere `--yes` must have. */

import { createInterface } from "node:readline/promises";
import type { Context, Options } from "./command.ts";
import { commandError } from "./exits.ts";

export const yesOption = {
  yes: { kind: "flag", about: "do it without asking; needed where nobody can be asked" },
} as const satisfies Options;

/**
 * @param question ends with a question mark.
 * @throws FilmgateError `invalid_usage` where nobody can be asked, `not_confirmed` if the answer is not yes.
 */
export async function confirm(context: Context, isYes: boolean | undefined, question: string): Promise<void> {
  if (isYes === true) return;
  requireSomebody(context, isYes);
  context.output.ask(`${question} [y/N]`);
  const lines = createInterface({ input: context.stdin, terminal: false });
  try {
    const answer = await lines.question("", { signal: context.signal }).catch((error) => {
      context.output.breakLine();
      throw error;
    });
    if (/^y(?:es)?$/i.test(answer.trim())) return;
  } finally {
    lines.close();
    context.stdin.pause();
  }
  throw commandError("not_confirmed", "Nothing was done.");
}

/** Before anything is asked of the server. @throws FilmgateError `invalid_usage`. */
export function requireSomebody(context: Context, isYes: boolean | undefined): void {
  if (isYes === true || (context.stdin.isTTY === true && !context.output.isJson)) return;
  throw commandError(
    "invalid_usage",
    "This asks before it does anything, and nobody can be asked here: give --yes.",
  );
}
