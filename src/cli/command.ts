/**
 * What a command is: a row of words, options, examples, and what it does. The rows are read three times: by the
 * argument library, by the completion, and by docs/cli.md.
 */

import type { Filmgate } from "../client/filmgate.ts";
import type { Configuration } from "./configuration.ts";
import type { Output } from "./output.ts";

export type Option = Readonly<{
  /** `text` and `number` take one value, `texts` may be given several times, `flag` takes none. */
  kind: "text" | "texts" | "number" | "flag";
  about: string;
  /** What stands behind it in the help. */
  value?: string;
  /** All there is; another is refused before anything is sent. */
  choices?: readonly string[];
  /** Offered by the completion; what else there is, the server knows. */
  suggestions?: readonly string[];
  /** Shown as what holds without it. */
  standard?: string;
}>;
export type Options = Readonly<Record<string, Option>>;

/** A word of the command line that has no name: `<task>`, `[path]`, `[files..]`. */
export type Word = Readonly<{ name: string; about: string; needed: "one" | "perhaps" | "any" }>;

type ValueOf<O extends Option> = O["kind"] extends "texts"
  ? readonly string[]
  : O["kind"] extends "flag"
    ? boolean | undefined
    : O["kind"] extends "number"
      ? number | undefined
      : string | undefined;
type WordValue<W extends Word> = W["needed"] extends "one"
  ? string
  : W["needed"] extends "perhaps"
    ? string | undefined
    : readonly string[];

/** What was given, by its name. */
export type Values<O extends Options, W extends readonly Word[]> = {
  readonly [Name in keyof O]: ValueOf<O[Name]>;
} & { readonly [Each in W[number] as Each["name"]]: WordValue<Each> };

/** How long a request may take that sends little. */
export const standardTimeoutMs = 30_000;

/** What a command runs in. */
export type Context = Readonly<{
  output: Output;
  /** The client, made when it is first wanted: help and completion need no key. */
  client: () => Filmgate;
  /** One whose requests may take so long: uploads. */
  patientClient: (timeoutMs: number) => Filmgate;
  configuration: Configuration;
  /** Where filmgate runs, if anything says so. */
  url: string | undefined;
  environment: Readonly<Record<string, string | undefined>>;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  /** What to tell whoever interrupts from now on, or gets no answer: what goes on, and how to come back to it. */
  goesOn: (sentences: readonly string[]) => void;
  /** Something is ordered now: what `goesOn` says is told from here on however the run goes wrong. */
  ordered: () => void;
}>;

export type Command<O extends Options, W extends readonly Word[]> = Readonly<{
  /** One word, or two where the first is a family: `keys list`. */
  name: string;
  words: W;
  about: string;
  options: O;
  /** Command lines without the program's name, and what each does. */
  examples: readonly (readonly [line: string, does: string])[];
  run: (context: Context, values: Values<O, W>) => Promise<void>;
}>;
export type AnyCommand = Omit<Command<Options, readonly Word[]>, "run"> & {
  readonly run: (context: Context, values: never) => Promise<void>;
};

/** Says nothing but lets the values of `run` be read off the row. */
export function command<const O extends Options, const W extends readonly Word[]>(
  row: Command<O, W>,
): AnyCommand {
  return row;
}

/** A command as the help names it: `download <video> [path]`. */
export function spellCommand({ name, words }: Pick<AnyCommand, "name" | "words">): string {
  return [name, ...words.map(spellWord)].join(" ");
}

function spellWord({ name, needed }: Word): string {
  return { one: `<${name}>`, perhaps: `[${name}]`, any: `[${name}..]` }[needed];
}
