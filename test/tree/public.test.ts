/** What is built into `public/` stands in the repository: it must be what the sources say. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { expect, it } from "vitest";
import { buildPublic } from "../../scripts/build-public.ts";
import { root } from "../../scripts/worker.ts";
import { icon } from "../../src/look/tokens.ts";

const built = await buildPublic();

it.each(Object.entries(built))("public/%s is what `npm run build:public` makes", async (name, text) => {
  expect(await readFile(join(root, "public", name), "utf8")).toBe(text);
});

it("the playground has the icon that all pages have", async () => {
  expect(await readFile(join(root, "public", "index.html"), "utf8")).toContain(icon);
});

it("gives other people's pages a few kB", () => {
  const script = built["embed.js"] ?? "";
  expect(script.length).toBeGreaterThan(0);
  expect(script.length).toBeLessThan(19_000);
  expect(brotliCompressSync(script).length).toBeLessThan(7000);
});
