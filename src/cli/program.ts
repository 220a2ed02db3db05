/**
 * The rows of the commands as the argument library wants them. What is given is checked as far as its form goes; what
 * an order may hold the server says, who knows the models.
 */

import yargs, { type Argv } from "yargs";
import { type AnyCommand, type Options, spellCommand } from "./command.ts";
import { commands, families } from "./commands.ts";
import { asUsage, sentences } from "./complaints.ts";
import { addCompletion } from "./completing.ts";
import { exitCodes } from "./exits.ts";
import { commonOptions, protect, readValues } from "./given.ts";

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
  /** Help, as it is asked for; completions the library prints by itself. */
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
    spellCommand({ name, words: row.words }),
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

const epilogue = [
  "Environment:",
  ...environmentRows.map(([name, means]) => `  ${name.padEnd(20)}${means}`),
  "",
  "Exit codes:",
  ...Object.entries(exitCodes).map(([code, means]) => `  ${code.padStart(3)}  ${means}`),
].join("\n");
