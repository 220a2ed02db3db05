/**
 * One run of the command line, from its words to its exit code: settings are found, the command is done, and whatever
 * goes wrong ends as a sentence and a code.
 */

import { EnsureFailedError, Filmgate, FilmgateError } from "../client/filmgate.ts";
import { type AnyCommand, type Context, standardTimeoutMs } from "./command.ts";
import { findConfiguration } from "./configuration.ts";
import { commandError, type ExitCode, exitCodeOf } from "./exits.ts";
import { createOutput, type Output } from "./output.ts";
import { type Parsed, readCommandLine } from "./program.ts";

export type Surroundings = Readonly<{
  words: readonly string[];
  environment: Readonly<Record<string, string | undefined>>;
  folder: string;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  version: string;
  /** Aborted by Ctrl-C, with an {@link Interruption}. */
  signal: AbortSignal;
}>;

/** That the process shall end. It is no error of a video's, so it ends whatever is waited for. */
export class Interruption extends Error {
  readonly end: "interrupted" | "terminated";

  constructor(end: Interruption["end"]) {
    super(end);
    this.end = end;
  }
}

export async function run(around: Surroundings): Promise<ExitCode> {
  const { words, stdout, stderr, environment, signal } = around;
  const streams = { stdout, stderr, environment };
  // Before the words are read, for what is wrong with them.
  let output = createOutput(streams, { isJson: words.includes("--json"), isQuiet: false });
  const course: Course = { hints: [], hasOrdered: false };
  try {
    const parsed = await readCommandLine(words, {
      version: around.version,
      columns: stdout.isTTY === true ? stdout.columns : null,
      print: (text) => stdout.write(text),
    });
    if (parsed === null) return 0;
    output = createOutput(streams, {
      isJson: parsed.values.json === true,
      isQuiet: parsed.values.quiet === true,
    });
    await perform(parsed.command, parsed, await makeContext(around, parsed, output, course));
    return 0;
  } catch (error) {
    const told = signal.aborted ? interrupted(signal.reason) : inOurWords(error);
    const code = exitCodeOf(told, course.hasOrdered);
    output.error(told, code, hintsFor(told, code, course));
    return code;
  }
}

/** What is to be told if it goes wrong here. */
type Course = { hints: readonly string[]; hasOrdered: boolean };

async function perform(command: AnyCommand, { values }: Parsed, context: Context): Promise<void> {
  await command.run(context, values as never);
}

async function makeContext(
  { environment, folder, stdin, stdout, signal }: Surroundings,
  { values }: Parsed,
  output: Output,
  course: Course,
): Promise<Context> {
  const configuration = await findConfiguration(folder, values.config as string | undefined);
  const url =
    (values.url as string | undefined) ?? (environment.FILMGATE_URL || undefined) ?? configuration.url;
  const apiKey = environment.FILMGATE_API_KEY || undefined;
  const clients = new Map<number, Filmgate>();
  const patientClient = (timeoutMs: number) => {
    const made = clients.get(timeoutMs) ?? new Filmgate({ apiKey, baseUrl: url, timeoutMs });
    clients.set(timeoutMs, made);
    return made;
  };
  return {
    output,
    client: () => patientClient(standardTimeoutMs),
    patientClient,
    configuration,
    url,
    environment,
    stdin,
    stdout,
    signal,
    goesOn: (sentences) => {
      course.hints = sentences;
    },
    ordered: () => {
      course.hasOrdered = true;
    },
  };
}

/** The client speaks to programmers: where a setting is missing, whoever types wants to know which variable. */
const sentences: ReadonlyMap<string, string> = new Map(
  Object.entries({
    apiKey: "There is no API key, or it is none: set FILMGATE_API_KEY in the environment, as 'mql_…'.",
    baseUrl:
      "Where filmgate runs is not known: set FILMGATE_URL in the environment, or 'url' in filmgate.json, to an address such as https://video.example.com.",
  }),
);

/** What a program calls it, and what is typed. */
const typed: readonly (readonly [RegExp, string])[] = [
  [/\bbaseUrl\b/g, "FILMGATE_URL"],
  [/\bmaxCostUsd\b/g, "--max-cost"],
  [/\bmaxWaitMs\b/g, "--timeout"],
  [/\bfrozen: false\b/g, "--no-frozen"],
  [/\bthis error's idempotencyKey\b/g, "the key below"],
  [/\blook with get\(\)/g, "look with 'filmgate get'"],
  [/\bcall video\.publish\("(\w+)"[^)]*\)/g, "run 'filmgate publish $1'"],
];

function asTyped(message: string): string {
  return typed.reduce((text, [name, word]) => text.replace(name, word), message);
}

function interrupted(reason: unknown): FilmgateError {
  const end = reason instanceof Interruption ? reason.end : "interrupted";
  return commandError(end, "Interrupted.");
}

function inOurWords(error: unknown): unknown {
  // Every order fails of the same lack.
  if (error instanceof EnsureFailedError && error.errors.every(({ code }) => code === "invalid_setting")) {
    return inOurWords(error.errors[0]);
  }
  const sentence =
    error instanceof FilmgateError && error.code === "invalid_setting"
      ? sentences.get(error.param ?? "")
      : undefined;
  if (sentence !== undefined) return commandError("invalid_configuration", sentence, error);
  // What has a status is the server's own sentence.
  if (error instanceof FilmgateError && error.status === null) error.message = asTyped(error.message);
  return error;
}

/** What to do about an error, where its own sentence speaks of a program's options. */
const adviceOf: ReadonlyMap<string, string> = new Map(
  Object.entries({
    not_locked: "Without --frozen (where CI is set: with --no-frozen) they are made.",
    lock_conflict: "Without --frozen (where CI is set: with --no-frozen) both sides are united.",
  }),
);

/** What the command said of coming back, where it applies: not after a refusal before anything was ordered. */
function hintsFor(error: unknown, code: ExitCode, { hints, hasOrdered }: Course): readonly string[] {
  const advice = error instanceof FilmgateError ? adviceOf.get(error.code) : undefined;
  if (advice !== undefined) return [advice];
  return hasOrdered || code === 130 || code === 143 || code === 5 ? hints : [];
}
