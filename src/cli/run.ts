/**
 * One run of the command line, from its words to its exit code: settings are found, the command is done, and whatever
 * goes wrong ends as a sentence and a code.
 */

import { Filmgate, type FilmgateError } from "../client/filmgate.ts";
import type { AnyCommand, Context } from "./command.ts";
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
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}>;

export async function run(around: Surroundings): Promise<ExitCode> {
  const { words, stdout, stderr, environment, signal } = around;
  const streams = { stdout, stderr, environment };
  // Before the words are read, for what is wrong with them.
  let output = createOutput(streams, { isJson: words.includes("--json"), isQuiet: false });
  let hints: readonly string[] = [];
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
    const goesOn = (sentences: readonly string[]) => {
      hints = sentences;
    };
    await perform(parsed.command, parsed, await makeContext(around, parsed, output, goesOn));
    return 0;
  } catch (error) {
    const told = signal.aborted ? commandError("interrupted", "Interrupted.") : error;
    output.error(told, [...hintsFor(told, hints)]);
    return exitCodeOf(told);
  }
}

async function perform(command: AnyCommand, { values }: Parsed, context: Context): Promise<void> {
  await command.run(context, values as never);
}

async function makeContext(
  { environment, folder, stdin, stdout, signal }: Surroundings,
  { values }: Parsed,
  output: Output,
  goesOn: Context["goesOn"],
): Promise<Context> {
  const configuration = await findConfiguration(folder, values.config as string | undefined);
  const url =
    (values.url as string | undefined) ?? (environment.FILMGATE_URL || undefined) ?? configuration.url;
  const apiKey = environment.FILMGATE_API_KEY || undefined;
  const clients = new Map<number, Filmgate>();
  const patientClient = (timeoutMs: number) => {
    requireSetting(apiKey, "There is no API key: set FILMGATE_API_KEY in the environment.");
    requireSetting(
      url,
      "Where filmgate runs is not known: set FILMGATE_URL in the environment, or 'url' in filmgate.json.",
    );
    const made = clients.get(timeoutMs) ?? new Filmgate({ apiKey, baseUrl: url, timeoutMs });
    clients.set(timeoutMs, made);
    return made;
  };
  return {
    output,
    client: () => patientClient(30_000),
    patientClient,
    configuration,
    url,
    environment,
    stdin,
    stdout,
    signal,
    goesOn,
  };
}

function requireSetting(value: string | undefined, sentence: string): void {
  if (value === undefined) throw commandError("invalid_configuration", sentence);
}

/** What the command said of coming back, where it applies: not after a refusal, which ordered nothing. */
function hintsFor(error: unknown, hints: readonly string[]): readonly string[] {
  const code = exitCodeOf(error);
  const { code: word } = error as FilmgateError;
  return code === 130 || code === 5 || word === "corrupt_download" ? hints : [];
}
