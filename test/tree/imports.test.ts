/**
 * The arrow between the rooms of src: routes → durable → ports, routes → ports, all three → domain; contract and
 * errors are leaves. Every import of every file is walked, so a new file or folder is judged as soon as it is there.
 */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const source = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "src");

/** What each room may import: other rooms, and packages. A room without a row is one that nobody has thought about. */
const rooms: Record<string, { rooms: string[]; packages: RegExp }> = {
  contract: { rooms: [], packages: /^$/ },
  errors: { rooms: [], packages: /^$/ },
  /** Its bindings name the classes of the objects, as types; what routes, objects and ports use of it is settings. */
  env: { rooms: ["domain", "durable (types)"], packages: /^zod$/ },
  domain: { rooms: ["domain", "contract", "errors"], packages: /^(?:image-size|node:crypto)$/ },
  ports: {
    rooms: ["ports", "domain", "contract", "errors", "env"],
    packages: /^(?:zod|node:crypto|aws4fetch)$/,
  },
  durable: {
    rooms: ["durable", "ports", "domain", "contract", "errors", "env"],
    packages: /^cloudflare:workers$/,
  },
  routes: {
    rooms: ["routes", "durable", "ports", "domain", "contract", "errors", "env"],
    packages: /^(?:hono(?:\/.*)?|zod|@hono\/zod-openapi)$/,
  },
  /** Published by itself: it takes types from the leaves, and nothing at run time. */
  client: { rooms: ["client", "contract (types)", "errors (types)"], packages: /^$/ },
  app: { rooms: ["routes", "domain", "contract", "errors", "env"], packages: /^hono(?:\/.*)?$/ },
  index: { rooms: ["app", "durable", "domain", "env"], packages: /^$/ },
  /** Stands on the other side of the wire: it shares no code with what it stands in for. */
  simulator: { rooms: ["simulator"], packages: /^(?!cloudflare:)/ },
};

type Import = { from: string; to: string; specifier: string; typesOnly: boolean };

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.[cm]?[jt]sx?$/.test(name))
    .map((name) => join(folder, name));
}

/** The room of a file: its first folder, or its own name where it stands at the root. */
function roomOf(file: string): string {
  const [first = "", ...rest] = relative(source, file).split("/");
  return rest.length === 0 ? first.replace(/\.ts$/, "") : first;
}

function importsOf(file: string): { specifier: string; typesOnly: boolean }[] {
  const text = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const statements = text.matchAll(
    /^\s*(?:import|export)\s+(type\s)?(?:[^"';]*?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm,
  );
  return [...statements].map(([, types, named, dynamic]) => ({
    specifier: named ?? dynamic ?? "",
    typesOnly: types !== undefined,
  }));
}

const files = filesUnder(source);
const imports: Import[] = files.flatMap((file) =>
  importsOf(file).map(({ specifier, typesOnly }) => ({
    from: relative(source, file),
    to: specifier.startsWith(".") ? resolve(dirname(file), specifier) : "",
    specifier,
    typesOnly,
  })),
);

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
