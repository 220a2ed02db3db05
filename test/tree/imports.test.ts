/**
 * The arrow between the rooms of src: routes → durable → ports, routes → ports, all three → domain; contract and
 * errors are leaves. Every import of every file is walked, so a new file or folder is judged as soon as it is there.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { files, filesUnder, imports, roomOf, rooms, source } from "./rooms.ts";

describe("the imports of src", () => {
  it("are read: the walk finds files and what they import", () => {
    expect(files.length).toBeGreaterThan(30);
    expect(imports.length).toBeGreaterThan(100);
    expect(imports).toContainEqual(expect.objectContaining({ from: "app.ts", specifier: "./env.ts" }));
  });

  it("begin in rooms that have a row here", () => {
    expect([...new Set(files.map(roomOf))].filter((room) => rooms[room] === undefined)).toEqual([]);
  });

  it.each(Object.entries(rooms))("of %s follow the arrow", (room, { rooms: allowed, packages }) => {
    const bent = imports
      .filter(({ from }) => roomOf(join(source, from)) === room)
      .filter(({ to, specifier, typesOnly }) => {
        if (to === "") return !packages.test(specifier);
        const target = roomOf(to);
        return !allowed.includes(target) && !(typesOnly && allowed.includes(`${target} (types)`));
      })
      .map(({ from, specifier }) => `${from} imports ${specifier}`);
    expect(bent).toEqual([]);
  });

  it("never lead into the simulator from outside, nor out of src", () => {
    const wrong = imports
      .filter(({ to }) => to !== "")
      .filter(({ from, to }) => {
        const outside = relative(source, to).startsWith("..");
        return outside || (roomOf(to) === "simulator" && roomOf(join(source, from)) !== "simulator");
      })
      .map(({ from, specifier }) => `${from} imports ${specifier}`);
    expect(wrong).toEqual([]);
  });

  it("name files with their extension, so that Node and the bundler read the same", () => {
    const bare = imports.filter(({ to }) => to !== "" && !/\.(?:ts|json|mp4)$/.test(to));
    expect(bare.map(({ from, specifier }) => `${from} imports ${specifier}`)).toEqual([]);
  });
});

describe("the rooms of src", () => {
  it("have names that say what is in them: none is a drawer for anything", () => {
    const drawers = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) =>
      name
        .split("/")
        .some((part) =>
          /^(?:utils?|lib|helpers?|types|services|common|shared|constants)(?:\.ts)?$/.test(part),
        ),
    );
    expect(drawers).toEqual([]);
  });

  it("have no barrel: only the Worker itself is an index", () => {
    expect(
      files.map((file) => relative(source, file)).filter((name) => /(?:^|\/)index\.ts$/.test(name)),
    ).toEqual(["index.ts"]);
  });

  it("say at the top of each file why it is there", () => {
    const silent = files.filter(
      (file) => file.endsWith(".ts") && !/^(?:#!.*\n)?\/[/*]/.test(readFileSync(file, "utf8")),
    );
    expect(silent.map((file) => relative(source, file))).toEqual([]);
  });
});

describe("domain", () => {
  it("reads no clock, no randomness, no network and no storage", () => {
    const impure = filesUnder(join(source, "domain")).flatMap((file) => {
      const text = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
      return [
        ...text.matchAll(
          /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bgetRandomValues\b|\brandomUUID\b|\bfetch\(|\bthis\./g,
        ),
      ].map(([found]) => `${relative(source, file)}: ${found}`);
    });
    expect(impure).toEqual([]);
  });
});
