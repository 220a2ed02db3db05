/**
 * The rows of the commands as the argument library wants them: parsing, help, and completion. What is given is checked
 * here as far as its form goes; what an order may hold the server says, who knows the models.
 */

import yargs, { type Argv } from "yargs";
import type { AnyCommand, Option, Options, Word } from "./command.ts";
import { commands, families } from "./commands.ts";
import { commandError, exitCodes } from "./exits.ts";

/** Options that every command has. */
export const commonOptions = {
  json: { kind: "flag", about: "answer with the server's object, as JSON; errors and notices, too" },
  quiet: { kind: "flag", about: "no progress and no notices" },
  url: { kind: "text", about: "where filmgate runs, before FILMGATE_URL and filmgate.json", value: "URL" },
  config: { kind: "text", about: "this file in place of the nearest filmgate.json", value: "FILE" },
} as const satisfies Options;

/** What the environment says; the same sentences stand in the help and in docs/cli.md. */
export const environmentRows: readonly (readonly [name: string, means: string])[] = [
  ["FILMGATE_URL", "where filmgate runs"],
  ["FILMGATE_API_KEY", "the API key, mql_…"],
  ["FILMGATE_ADMIN_KEY", "the deployment's ADMIN_KEY, for 'filmgate keys'"],
  ["NO_COLOR", "no colours"],
];

export type Parsed = Readonly<{ command: AnyCommand; values: Readonly<Record<string, unknown>> }>;

type Sight = Readonly<{
  /** The version that `--version` tells. */
  version: string;
  /** Help and completions, as they are asked for. */
  print: (text: string) => void;
  /** How wide the help may be. */
  columns: number | null;
}>;

/**
 * Reads a command line.
 * @returns what is to be done; null if help, version or completions were printed.
 * @throws FilmgateError `invalid_usage`, with a sentence.
 */
export async function readCommandLine(words: readonly string[], sight: Sight): Promise<Parsed | null> {
  let parsed: Parsed | null = null;
  const parser = build(words, sight, (command, given) => {
    parsed = { command, values: readValues(command, given) };
  });
  let printed = "";
  let failure: unknown;
  try {
    await parser.parseAsync(protect(words), {}, (error, _values, output) => {
      failure = error;
      printed = output;
    });
  } catch (error) {
    failure = error;
  }
  if (failure !== undefined && failure !== null) throw asUsage(failure, words);
  if (printed !== "") sight.print(`${withoutTypes(printed)}\n`);
  return parsed;
}

/** No word of a command line can hold it. */
const shield = "\0";

/** The library reads words a second time, as options, where they stand for `<task>`: these would not come through. */
function protect(words: readonly string[]): string[] {
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  return [
    ...words.slice(0, end).map((word) => (word === "-" ? `${shield}-` : word)),
    ...words.slice(end + 1).map((word) => `${shield}${word}`),
  ];
}

function unprotect<T>(given: T): T {
  if (Array.isArray(given)) return given.map(unprotect) as T;
  return (typeof given === "string" ? given.replaceAll(shield, "") : given) as T;
}

/** The help less what the library says of types and choices: our own words say what a value is. */
function withoutTypes(help: string): string {
  return help.replace(/(?:\n? *\[(?:string|boolean|array|required|choices: [^\]\n]*)\])+(?=\n|$)/g, "");
}

function build(
  words: readonly string[],
  sight: Sight,
  onCommand: (command: AnyCommand, given: Record<string, unknown>) => void,
): Argv {
  const parser = yargs()
    .scriptName("filmgate")
    .locale("en")
    .updateStrings(sentences as never)
    .usage("filmgate COMMAND\n\nOrder videos, follow them, save them, and give them addresses that stay.")
    .parserConfiguration({
      "camel-case-expansion": false,
      "dot-notation": false,
      "greedy-arrays": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "short-option-groups": false,
    })
    .exitProcess(false)
    .fail(false)
    .strict()
    .recommendCommands()
    .demandCommand(1, "A command is missing.")
    .version(sight.version)
    .alias("version", "v")
    .help()
    .alias("help", "h")
    .wrap(sight.columns === null ? 100 : Math.min(sight.columns, 110))
    .epilogue(epilogue);
  addOptions(parser, commonOptions, "Everywhere:");
  parser.group(["help", "version"], "Everywhere:");
  const added = new Set<string>();
  for (const row of commands) {
    const [family = "", member] = row.name.split(" ");
    if (member === undefined) addCommand(parser, row, family, onCommand);
    else if (!added.has(family)) {
      added.add(family);
      const members = commands.filter(({ name }) => name.startsWith(`${family} `));
      parser.command(family, families[family] ?? "", (inner) => {
        for (const one of members) addCommand(inner, one, one.name.slice(family.length + 1), onCommand);
        return inner.demandCommand(1, `'filmgate ${family}' takes one of its commands.`).epilogue("");
      });
    }
  }
  return addCompletion(parser, words);
}

function addCommand(
  parser: Argv,
  row: AnyCommand,
  name: string,
  onCommand: (command: AnyCommand, given: Record<string, unknown>) => void,
): void {
  parser.command(
    [name, ...row.words.map(spellWord)].join(" "),
    row.about,
    (inner) => {
      for (const word of row.words) inner.positional(word.name, { describe: word.about, type: "string" });
      addOptions(inner, row.options, "Options:");
      return inner.epilogue(examplesOf(row));
    },
    (given) => onCommand(row, given as Record<string, unknown>),
  );
}

/** Each on a line of its own, to be copied. */
function examplesOf({ examples }: AnyCommand): string {
  return ["Examples:", ...examples.flatMap(([line, does]) => [`  filmgate ${line}`, `      ${does}`])].join(
    "\n",
  );
}

/** A command as the help names it: `download <video> [path]`. */
export function spellCommand({ name, words }: AnyCommand): string {
  return [name, ...words.map(spellWord)].join(" ");
}

function spellWord({ name, needed }: Word): string {
  return { one: `<${name}>`, perhaps: `[${name}]`, some: `<${name}..>`, any: `[${name}..]` }[needed];
}

function addOptions(parser: Argv, options: Options, group: string): void {
  for (const [name, option] of Object.entries(options)) {
    const choices = option.choices === undefined ? "" : `: ${option.choices.join(", ")}`;
    const standard = option.standard === undefined ? "" : ` (by default ${option.standard})`;
    parser.option(name, {
      describe: `${option.value === undefined ? "" : `${option.value}: `}${option.about}${choices}${standard}`,
      type: option.kind === "flag" ? "boolean" : option.kind === "texts" ? "array" : "string",
      group,
      ...(option.kind === "texts" ? { string: true } : {}),
      ...(option.kind === "flag" ? {} : { requiresArg: true }),
      ...(option.choices === undefined ? {} : { choices: option.choices }),
    });
  }
}

/** What was given, by its name and of its kind. @throws FilmgateError `invalid_usage`. */
function readValues(row: AnyCommand, given: Record<string, unknown>): Record<string, unknown> {
  const options = Object.entries({ ...commonOptions, ...row.options } as Options);
  return {
    ...Object.fromEntries(
      options.map(([name, option]) => [name, readValue(name, option, unprotect(given[name]))]),
    ),
    ...Object.fromEntries(row.words.map(({ name }) => [name, unprotect(given[name])])),
  };
}

function readValue(name: string, option: Option, given: unknown): unknown {
  if (option.kind === "texts") return given === undefined ? [] : [given].flat().map(String);
  if (Array.isArray(given)) throw commandError("invalid_usage", `--${name} is given twice.`);
  if (given === undefined || option.kind !== "number") return given;
  const text = String(given).trim();
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  throw commandError("invalid_usage", `--${name} takes a number, not '${text}'.`);
}

const plural = (one: string, other = one) => ({ one, other });

/** The library's sentences, where ours are clearer. */
const sentences = {
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

/** Where to read on, for the command that was meant. */
function asUsage(failure: unknown, words: readonly string[]): unknown {
  // The library throws plain errors; what is thrown by mistake is of a class of its own.
  if (!(failure instanceof Error) || !/^Y?Error$/.test(failure.name)) return failure;
  const named = words.filter((word) => !word.startsWith("-"));
  const command = [named.slice(0, 2).join(" "), named[0] ?? ""].find(
    (name) => commands.some((row) => row.name === name) || name in families,
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

const epilogue = [
  "Environment:",
  ...environmentRows.map(([name, means]) => `  ${name.padEnd(20)}${means}`),
  "",
  "Exit codes:",
  ...Object.entries(exitCodes).map(([code, means]) => `  ${code.padStart(3)}  ${means}`),
].join("\n");

/** Completes the values of options that the server judges, beside what the library completes by itself. */
function addCompletion(parser: Argv, words: readonly string[]): Argv {
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
  const row = commands.find(({ name }) => ` ${words.slice(1).join(" ")} `.includes(` ${name} `));
  const option = before.startsWith("--") ? row?.options[before.slice(2)] : undefined;
  const values = option?.suggestions ?? option?.choices;
  if (option === undefined || option.kind === "flag") return null;
  return (values ?? []).filter((value) => value.startsWith(current));
}
