/** The loader in Astro itself: what a page's entries are, and which of Astro's commands may order. */

import { execFile } from "node:child_process";
import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { root } from "../../scripts/worker.ts";
import { copyExample, type Example } from "../journeys/examples.ts";
import { folderWithLock, hills, waves } from "./locked.ts";

const run = promisify(execFile);

/** Nobody answers there, so whoever wants to order fails. */
const nowhere = { url: "http://127.0.0.1:9", key: "mql_default_key" };
let example: Example;
let folder: string;
beforeAll(async () => {
  example = await copyExample("astro", nowhere);
});
beforeEach(async () => {
  folder = await folderWithLock([waves]);
  await copyFile(join(folder, "videos.lock.json"), join(example.folder, "videos.lock.json"));
  await rm(folder, { recursive: true });
});
afterAll(() => example?.remove());

const order = (orders: unknown) => writeFile(join(example.folder, "videos.json"), JSON.stringify(orders));
const astro = (command: string) =>
  example.run(`npx astro ${command}`, { CI: "", ASTRO_TELEMETRY_DISABLED: "1" });
const page = () => readFile(join(example.folder, "dist", "index.html"), "utf8");

describe("the collection", () => {
  it("is typed, without a schema of the site's own", async () => {
    await order({ waves: { ...waves, ratio: "16:9" } });
    expect(await astro("sync")).toMatchObject({ code: 0 });
    await writeFile(
      join(example.folder, "src", "typed.ts"),
      `import { type CollectionEntry, getEntry } from "astro:content";
       import { filmgateLoader } from "filmgate/astro";
       import videos from "../videos.json";
       const { data } = (await getEntry("videos", "waves")) as CollectionEntry<"videos">;
       data.url satisfies string;
       data.posterUrl satisfies string | null;
       data.width satisfies number | null;
       // @ts-expect-error the types are really there
       data.nothing;
       filmgateLoader({ videos, maxCostUsd: 1, publish: { origins: ["https://example.com"] } });`,
    );
    const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
    const compiled = await run(process.execPath, [compiler, "--noEmit"], { cwd: example.folder }).catch(
      (error: { stdout: string }) => error,
    );
    expect(compiled.stdout).toBe("");
  });

  it("has no entry for an order that is not there any more, although Astro has kept what it loaded", async () => {
    await order({ waves, again: { ...waves } });
    expect(await astro("build")).toMatchObject({ code: 0 });
    expect((await page()).match(/<video /g)).toHaveLength(2);
    await order({ waves });
    expect(await astro("build")).toMatchObject({ code: 0 });
    expect((await page()).match(/<video /g)).toHaveLength(1);
  });
});

describe("a video that is not there", () => {
  it.each(["sync", "--root . sync"])(
    "is left out by astro %s, which orders nothing, wherever its options stand",
    async (command) => {
      await order({ waves, hills });
      const { code, stdout, stderr } = await astro(command);
      expect(code).toBe(0);
      expect(stdout + stderr).toContain("hills is not in the lock and is left out");
      expect(stdout + stderr).not.toContain("waves is not");
    },
  );

  it("fails astro build with its sentence", async () => {
    await order({ waves, hills });
    const { code, stdout, stderr } = await astro("build");
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/127\.0\.0\.1:9|could not be reached/);
  });
});
