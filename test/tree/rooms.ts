/**
 * The rooms of src: what each may import, and what its files do import. Two tests read this: that the arrow holds, and
 * that docs/architecture.md tells it as it is.
 */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const source = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "src");

/** What each room may import: other rooms, and packages. A room without a row is one that nobody has thought about. */
export const rooms: Record<string, { rooms: string[]; packages: RegExp }> = {
  contract: { rooms: [], packages: /^$/ },
  log: { rooms: [], packages: /^$/ },
  errors: { rooms: [], packages: /^$/ },
  /** Its bindings name the classes of the objects, as types; what routes, objects and ports use of it is settings. */
  env: { rooms: ["domain", "durable (types)"], packages: /^zod$/ },
  domain: { rooms: ["domain", "contract", "errors"], packages: /^(?:image-size|node:crypto)$/ },
  ports: {
    rooms: ["ports", "domain", "contract", "errors", "env"],
    packages: /^(?:zod|node:crypto|aws4fetch)$/,
  },
  durable: {
    rooms: ["durable", "ports", "domain", "contract", "errors", "env", "log"],
    packages: /^cloudflare:workers$/,
  },
  routes: {
    rooms: ["routes", "durable", "ports", "domain", "contract", "errors", "env", "log", "look"],
    packages: /^(?:hono(?:\/.*)?|zod|@hono\/zod-openapi|@modelcontextprotocol\/server)$/,
  },
  /** What pages look like, wherever they are made: here, or in a visitor's browser. */
  look: { rooms: ["look"], packages: /^$/ },
  playground: { rooms: ["playground", "client", "look"], packages: /^$/ },
  /** A few kB in other people's pages: of the client it takes single files, not the class. */
  embed: { rooms: ["embed", "client", "contract (types)", "look"], packages: /^$/ },
  /** Published by itself: it takes types from the leaves, and nothing at run time. */
  client: { rooms: ["client", "contract (types)", "errors (types)"], packages: /^$/ },
  /** The client's first user: what it needs beyond that and Node is bundled into it. */
  cli: { rooms: ["cli", "client", "contract (types)", "errors (types)"], packages: /^(?:yargs|node:.*)$/ },
  /** Published beside the client, for what builds sites: of Astro it takes the zod that a site has anyway. */
  adapters: { rooms: ["adapters", "client"], packages: /^(?:node:(?:fs\/promises|path|url)|astro\/zod)$/ },
  app: { rooms: ["routes", "domain", "contract", "errors", "env"], packages: /^hono(?:\/.*)?$/ },
  index: { rooms: ["app", "durable", "domain", "env", "log"], packages: /^$/ },
  /** Stands on the other side of the wire: it shares no code with what it stands in for. */
  simulator: { rooms: ["simulator"], packages: /^(?!cloudflare:)/ },
};

export type Import = { from: string; to: string; specifier: string; typesOnly: boolean };

export function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.[cm]?[jt]sx?$/.test(name))
    .map((name) => join(folder, name));
}

/** The room of a file: its first folder, or its own name where it stands at the root. */
export function roomOf(file: string): string {
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

export const files = filesUnder(source);
export const imports: Import[] = files.flatMap((file) =>
  importsOf(file).map(({ specifier, typesOnly }) => ({
    from: relative(source, file),
    to: specifier.startsWith(".") ? resolve(dirname(file), specifier) : "",
    specifier,
    typesOnly,
  })),
);
