/** docs/upgrading.md has notes for the version that package.json names, with the versions of its tables. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
const { version } = JSON.parse(read("package.json")) as { version: string };
const [, notes = ""] = read("docs/upgrading.md").split(`\n### ${version}\n`);

/** The version of the tables that a file of src/durable makes. */
const tablesOf = (file: string) => /^ {2}version: (\d+),$/m.exec(read(`src/durable/${file}.ts`))?.[1];

describe("docs/upgrading.md", () => {
  it("tells which tables the version has that package.json names", () => {
    const [tasks, accounts, pacer] = ["task-store", "account-tables", "pacer-store"].map(tablesOf);
    expect(notes).toContain(`Versions of the tables: tasks ${tasks}, accounts ${accounts}, pacer ${pacer}.`);
  });

  it("tells of no release that the changelog does not know", () => {
    const noted = [...read("docs/upgrading.md").matchAll(/^### (.+)$/gm)].map(([, name]) => name);
    const released = [...read("CHANGELOG.md").matchAll(/^## \[(\d.*?)\]/gm)].map(([, name]) => name);
    expect(noted.filter((name) => name !== version && !released.includes(name))).toEqual([]);
  });
});
