/** docs/architecture.md tells the rooms, their arrow and their packages as the imports have them. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Import, imports, roomOf, rooms, source } from "./rooms.ts";

const page = readFileSync(join(source, "..", "docs", "architecture.md"), "utf8");
const section = /^## Direction of imports\n([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(page)?.[1] ?? "";

/** A row of the table: what stands in its cells, by the name of its room. */
const documented = new Map(
  [...section.matchAll(/^\| `(\w+)` \|(.*)\|$/gm)].map(([, room = "", rest = ""]) => [
    room,
    rest.split("|").map((cell) => cell.trim()),
  ]),
);

/** As the table writes it: sorted, each in code, with what is imported as types only marked. */
function written(names: Iterable<string>): string {
  const sorted = [...new Set(names)].sort();
  return sorted.length === 0 ? "nothing" : sorted.map((name) => name.replace(/^\S+/, "`$&`")).join(", ");
}

function importedBy(room: string): Import[] {
  return imports.filter(({ from }) => roomOf(join(source, from)) === room);
}

/** The other rooms that a room really imports. */
function roomsImported(room: string): string[] {
  const targets = importedBy(room).filter(({ to }) => to !== "" && roomOf(to) !== room);
  const values = new Set(targets.filter(({ typesOnly }) => !typesOnly).map(({ to }) => roomOf(to)));
  return targets.map(({ to }) => (values.has(roomOf(to)) ? roomOf(to) : `${roomOf(to)} (types)`));
}

/** The packages that it really imports; Node's own modules count as one. */
function packagesImported(room: string): string[] {
  return importedBy(room)
    .filter(({ to }) => to === "")
    .map(({ specifier }) => /^(?:node|cloudflare):|^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier)
    .map((name) => (name.endsWith(":") ? `${name}*` : name));
}

describe("docs/architecture.md", () => {
  it("has a row for each room, and for none that is not there", () => {
    expect([...documented.keys()].sort()).toEqual(Object.keys(rooms).sort());
  });

  it.each(Object.entries(rooms))("tells what %s may import, and what it does", (room, { rooms: allowed }) => {
    expect(documented.get(room)).toEqual([
      written(allowed.filter((name) => name !== room)),
      written(roomsImported(room)),
      written(packagesImported(room)),
    ]);
  });
});
