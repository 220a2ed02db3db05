/** Asking before something is done for good: on a terminal a person answers, elsewhere `--yes` must have. */

import { once } from "node:events";
import { createInterface } from "node:readline";
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
  const answer = await readAnswer(context);
  if (/^y(?:es)?$/i.test(answer.trim())) return;
  throw commandError("not_confirmed", "Nothing was done.");
}

/** The line that is typed; nothing if the input ends, as with Ctrl-D. @throws AbortError by the signal. */
async function readAnswer({ stdin, output, signal }: Context): Promise<string> {
  const lines = createInterface({ input: stdin, terminal: false });
  const line = once(lines, "line", { signal }).then(([text]) => String(text));
  const end = once(lines, "close", { signal }).then(() => null);
  let answer: string | null = null;
  try {
    answer = await Promise.race([line, end]);
  } finally {
    lines.close();
    stdin.pause();
    // The line on which the question stands is still open.
    if (answer === null) output.breakLine();
  }
  return answer ?? "";
}

/** Before anything is asked of the server. @throws FilmgateError `invalid_usage`. */
export function requireSomebody(context: Context, isYes: boolean | undefined): void {
  if (isYes === true || (context.stdin.isTTY === true && !context.output.isJson)) return;
  throw commandError(
    "invalid_usage",
    "This asks before it does anything, and nobody can be asked here: give --yes.",
  );
}
