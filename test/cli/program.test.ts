/** Reading a command line: every example of every help, what is wrong and how it is told, and what is completed. */

import { describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { suggestionsFor } from "../../src/cli/completing.ts";
import type { commandError } from "../../src/cli/exits.ts";
import { readCommandLine } from "../../src/cli/program.ts";

const printed: string[] = [];
const read = (...words: string[]) => {
  printed.length = 0;
  return readCommandLine(words, { version: "1.2.3", columns: null, print: (text) => printed.push(text) });
};

/** The words of a line as a shell would cut them; examples have quotes and a pipe, and nothing else. */
function words(line: string): string[] {
  return [...(line.split(" | ")[0] ?? "").matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? "",
  );
}

const examples = commands.flatMap(({ name, examples }) => examples.map(([line]) => [line, name] as const));

describe("every example of the help", () => {
  it.each(examples)("%s is understood", async (line, name) => {
    const parsed = await read(...words(line));
    expect(parsed?.command.name).toBe(name);
    expect(printed).toEqual([]);
  });

  it("stands in the help of its command, at least two of them", async () => {
    for (const { name, examples, about } of commands) {
      expect(await read(...name.split(" "), "--help")).toBeNull();
      const help = printed.join("");
      expect(help).toContain(about.split(".")[0]);
      expect(examples.length).toBeGreaterThan(1);
      for (const [line] of examples) expect(help).toContain(`  filmgate ${line}\n`);
    }
  });
});

describe("what is given", () => {
  it("is text as it was typed, numbers only where numbers are wanted", async () => {
    const { values } =
      (await read("create", "007", "--take", "2", "--title", "1e3", "--metadata", "a.b=1")) ?? {};
    expect(values).toMatchObject({ prompt: "007", take: 2, title: "1e3", metadata: ["a.b=1"] });
  });

  it.each([
    [
      "several values of one option",
      ["--origin", "https://a", "--origin", "https://b"],
      "origin",
      ["https://a", "https://b"],
    ],
    ["a no", ["--no-prompt-optimizer"], "prompt-optimizer", false],
    ["a value with =", ["--title=A = B"], "title", "A = B"],
    ["a value that looks like an option", ["--title=--x"], "title", "--x"],
    ["nothing", [], "wait", undefined],
  ])("may be %s", async (_what, given, name, value) => {
    expect((await read("create", "Waves", ...given))?.values[name]).toEqual(value);
  });

  it("may be a prompt that begins with a dash, behind --", async () => {
    expect((await read("create", "--take", "2", "--", "--waves"))?.values).toMatchObject({
      prompt: "--waves",
      take: 2,
    });
  });

  it("may be standard input", async () => {
    expect((await read("create", "-"))?.values).toMatchObject({ prompt: "-" });
    expect((await read("create", "--order", "-"))?.values).toMatchObject({ order: "-" });
    expect((await read("download", "task_1", "-"))?.values).toMatchObject({ video: "task_1", path: "-" });
  });

  it("leaves the prompt alone behind an option that may be repeated", async () => {
    expect((await read("create", "--origin", "https://a", "Waves"))?.values).toMatchObject({
      prompt: "Waves",
      origin: ["https://a"],
    });
  });
});

describe("what is wrong", () => {
  it.each([
    ["no command", [], "A command is missing. 'filmgate --help' tells the rest."],
    ["an unknown command", ["frobnicate"], "Unknown: frobnicate. 'filmgate --help' tells the rest."],
    ["a command misspelt", ["creat", "Waves"], "Is 'create' meant?"],
    [
      "half a command",
      ["keys"],
      "'filmgate keys' takes one of its commands. 'filmgate keys --help' tells the rest.",
    ],
    [
      "an unknown option",
      ["create", "Waves", "--modle", "x"],
      "Unknown: --modle. 'filmgate create --help' tells the rest.",
    ],
    ["a word too many", ["create", "Waves", "at", "sunset"], "Unknown: at, sunset."],
    ["a word too many behind --", ["wait", "task_1", "--", "-x"], "Unknown: -x."],
    [
      "a word too few",
      ["wait"],
      "A word is missing: 0 of 1 are given. 'filmgate wait --help' tells the rest.",
    ],
    ["an option without its value", ["create", "Waves", "--model"], "--model takes a value."],
    [
      "an option that takes a value cannot be said no to",
      ["create", "Waves", "--no-idempotency-key"],
      "--idempotency-key takes a value: there is no --no-idempotency-key.",
    ],
    [
      "nor can one that takes several",
      ["create", "Waves", "--no-origin"],
      "--origin takes a value: there is no --no-origin.",
    ],
    ["an option twice", ["create", "Waves", "--model", "a", "--model", "b"], "--model is given twice."],
    [
      "a number that is none",
      ["create", "Waves", "--duration", "six"],
      "--duration takes a number, not 'six'.",
    ],
    ["a choice that is none", ["list", "--status", "done"], "queued"],
  ])("is told: %s", async (_what, given, sentence) => {
    const refused = await read(...given).then(
      () => null,
      (error: ReturnType<typeof commandError>) => error,
    );
    expect(refused).toMatchObject({ code: "invalid_usage" });
    expect(refused?.message).toContain(sentence);
    expect(printed).toEqual([]);
  });
});

describe("the program", () => {
  it("tells its version, and in its help its commands, its variables and its exit codes", async () => {
    expect(await read("--version")).toBeNull();
    expect(printed).toEqual(["1.2.3\n"]);
    await read("--help");
    for (const text of ["filmgate create [prompt]", "FILMGATE_API_KEY", "130  interrupted"]) {
      expect(printed.join("")).toContain(text);
    }
  });
});

describe("values that are suggested", () => {
  it.each([
    ["of an option", "create --resolution", "7", ["720P", "768P"]],
    ["of a choice", "list --order", "", ["asc", "desc"]],
    ["of a command of a family, whose name another has, too", "keys list --account", "", []],
    ["of none: files are completed then by the shell", "create --first-frame", "", []],
    ["behind a flag: something else comes there", "create --wait", "", null],
    ["behind no option", "create", "", null],
    ["of an option that is none", "create --nothing", "", null],
  ])("are those %s", (_what, line, current, values) => {
    expect(suggestionsFor(["filmgate", ...line.split(" "), current], current)).toEqual(values);
  });
});
