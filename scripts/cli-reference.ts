/**
 * The part of docs/cli.md that tells each command, written from the same rows as the help. A test holds the page
 * against them; `npm run build:docs` writes it.
 */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type AnyCommand, type Options, spellCommand } from "../src/cli/command.ts";
import { commands } from "../src/cli/commands.ts";
import { commandErrors, exitCodes } from "../src/cli/exits.ts";
import { commonOptions } from "../src/cli/given.ts";
import { environmentRows } from "../src/cli/program.ts";
import { root } from "./worker.ts";

const begin = "<!-- written from the rows of src/cli by npm run build:docs -->";
const end = "<!-- end of what is written -->";
export const cliPage = join(root, "docs", "cli.md");

/** The page with its written part as it should be. */
export function withReference(page: string): string {
  const [before = "", rest = ""] = page.split(begin);
  return `${before}${begin}\n\n${reference()}\n\n${end}${rest.split(end)[1] ?? ""}`;
}

function reference(): string {
  return [
    ...commands.map(describe),
    "### Every command",
    tableOf(commonOptions),
    "## Environment",
    rowsOf(environmentRows.map(([name, means]) => [`\`${name}\``, means])),
    "## Exit codes",
    rowsOf(Object.entries(exitCodes).map(([code, means]) => [code, means])),
    "An error's code is filmgate's own, [errors.md](errors.md), or the client's, or one of these:",
    rowsOf(Object.entries(commandErrors).map(([code, { means }]) => [`\`${code}\``, means])),
  ].join("\n\n");
}

function describe(command: AnyCommand): string {
  const words = command.words.map(({ name, about }) => [`\`${name}\``, about] as const);
  const examples = command.examples.map(([line, does]) => `* \`filmgate ${line}\`: ${does}`);
  const about = [`### ${command.name}`, `\`filmgate ${spellCommand(command)}\``, command.about];
  const rows = [...words, ...optionRows(command.options)];
  return [...about, ...(rows.length === 0 ? [] : [rowsOf(rows)]), examples.join("\n")].join("\n\n");
}

function tableOf(options: Options): string {
  return rowsOf(optionRows(options));
}

function optionRows(options: Options): (readonly [string, string])[] {
  return Object.entries(options).map(([name, { value, about, choices, standard }]) => {
    const listed = choices === undefined ? "" : `: ${choices.join(", ")}`;
    const otherwise = standard === undefined ? "" : ` (by default ${standard})`;
    return [`\`--${name}${value === undefined ? "" : ` ${value}`}\``, `${about}${listed}${otherwise}`];
  });
}

function rowsOf(rows: readonly (readonly [string, string])[]): string {
  return ["| | |", "|---|---|", ...rows.map(([name, means]) => `| ${name} | ${means} |`)].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(cliPage, withReference(await readFile(cliPage, "utf8")));
}
