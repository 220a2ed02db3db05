/** docs/errors.md tells every code with which filmgate and its client say no, and none besides. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { errorTable } from "../../src/errors.ts";

/** The codes that open a row of a table: `| `code` | … |`. */
function documented(): Map<string, string> {
  const text = readFileSync(fileURLToPath(new URL("../../docs/errors.md", import.meta.url)), "utf8");
  const rows = [...text.matchAll(/^\|\s*`([a-z][a-z0-9_]*)`\s*\|(.*)$/gm)];
  return new Map(rows.map(([, code = "", rest = ""]) => [code, rest]));
}

describe("docs/errors.md", () => {
  it.each(Object.entries(errorTable))("tells what %s is, with its status", (code, { status }) => {
    const row = documented().get(code);
    expect(row, `no row for ${code}`).toBeDefined();
    expect(row).toMatch(new RegExp(`\\b${status}\\b`));
  });

  it("tells of no code that does not exist", () => {
    expect([...documented().keys()].filter((code) => !(code in errorTable))).toEqual([]);
  });

  it("tells every code of the clients, and none besides", () => {
    const read = (path: string) => readFileSync(fileURLToPath(new URL(path, import.meta.url)), "utf8");
    const [, union = ""] =
      /export type ClientErrorCode =([^;]+);/.exec(read("../../src/client/errors.ts")) ?? [];
    const [, inPython = ""] =
      /the client's own are\n(.+?)\.\n/s.exec(read("../../clients/python/src/filmgate/errors.py")) ?? [];
    const named = [...union.matchAll(/"(\w+)"/g), ...inPython.matchAll(/`(\w+)`/g)];
    const codes = [...new Set(named.map(([, code]) => code))];
    const [, section = ""] = /^## Codes of the client\n(.+?)^## /ms.exec(read("../../docs/errors.md")) ?? [];
    const told = [...section.matchAll(/^\* (`.+?`):/gm)].flatMap(
      ([, names = ""]) => names.match(/\w+/g) ?? [],
    );
    expect(codes.length).toBeGreaterThan(10);
    expect(told.sort()).toEqual(codes.sort());
  });
});
