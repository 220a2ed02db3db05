/** docs/decisions/: each has the same four parts and a date, and the list names them all. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL("../../docs/decisions/", import.meta.url));
const names = readdirSync(folder)
  .filter((name) => name !== "README.md")
  .sort();
const read = (name: string) => readFileSync(`${folder}${name}`, "utf8");

describe("a decision", () => {
  it.each(names)("%s says what, why, at what cost, and until when", (name) => {
    const text = read(name);
    expect(text).toMatch(/^# .+\n\n20\d\d-[01]\d-[0-3]\d\n\n## Decided\n/);
    expect([...text.matchAll(/^##+ (.+)$/gm)].map(([, title]) => title)).toEqual([
      "Decided",
      "Why",
      "What it costs",
      "What would change our mind",
    ]);
    for (const part of text.split(/^## .+$/m).slice(1)) expect(part.trim().length).toBeGreaterThan(40);
    expect(text.length, "short enough to be read").toBeLessThan(4000);
  });

  it("has a number of its own, in one row", () => {
    expect(names.map((name) => Number(/^(\d{4})-[a-z0-9-]+\.md$/.exec(name)?.[1]))).toEqual(
      names.map((_, index) => index + 1),
    );
  });

  it("stands in the list with its title and date", () => {
    const rows = names.map((name, index) => {
      const [, title, date] = /^# (.+)\n\n(\S+)/.exec(read(name)) ?? [];
      return `| ${index + 1} | [${title}](${name}) | ${date} |`;
    });
    expect(
      read("README.md")
        .split("\n")
        .filter((line) => /^\| \d/.test(line)),
    ).toEqual(rows);
  });
});
