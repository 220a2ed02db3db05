/** docs/cli.md tells every command as its row has it, and shows lines that are understood. */

import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { cliPage, withReference } from "../../scripts/cli-reference.ts";
import { parseConfiguration } from "../../src/cli/configuration.ts";
import { readCommandLine } from "../../src/cli/program.ts";

const page = await readFile(cliPage, "utf8");

describe("docs/cli.md", () => {
  it("tells commands, options, variables and exit codes as they are: npm run build:docs writes them", () => {
    expect(page).toBe(withReference(page));
    expect(page).toContain("### keys revoke");
  });

  it("shows command lines that are understood", async () => {
    const blocks = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => String(block));
    const lines = blocks.flatMap((block) => [...block.matchAll(/npx filmgate (.+?)(?:\)| >.*)?$/gm)]);
    expect(lines.length).toBeGreaterThan(3);
    for (const [, line = ""] of lines) {
      const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
      const sight = { version: "", columns: null, print: () => {} };
      expect((await readCommandLine(words, sight))?.command.name, line).toBe(words[0]);
    }
  });

  it("shows a filmgate.json that is accepted", () => {
    const shown = String(/```json\n([\s\S]*?)```/.exec(page)?.[1]);
    expect(parseConfiguration(shown, "filmgate.json").orders.map(({ name }) => name)).toEqual([
      "hero",
      "about",
    ]);
  });
});
