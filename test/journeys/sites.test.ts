/**
 * The example sites, each built from scratch three times: the first build orders, the second pays nothing, the third does
 * so with MiniMax and the gateway off. Each is built in a folder of its own, as on a build service: of the one before,
 * it has the lock and nothing else.
 */

import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../scripts/worker.ts";
import { copyExample, type Example } from "./examples.ts";
import { startWorld, type World } from "./world.ts";

type Lock = {
  videos: Record<string, { url: string; page_url: string; poster_url: string | null; bytes: number }>;
};

/** Each site, where its prompts stand, and how many of its videos have a poster. */
const sites = [
  { name: "astro", orders: ["videos.json"], posters: 1 },
  { name: "eleventy", orders: ["site/_data/videos.json", "site/index.njk"], posters: 0 },
  { name: "plain-html", orders: ["videos.json"], posters: 1 },
];
type Site = (typeof sites)[number];
/** What came of a site's first build. */
type Built = { tag: string; page: string; lock: string };
const first = new Map<string, Built>();

/** Cloudflare Pages takes no file that is larger. All videos here are. */
const mostBytesOfAFile = 25 * 1024 * 1024;

let world: World;
let isStopped = false;
const examples: Example[] = [];
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
});
afterAll(async () => {
  for (const example of examples) await example.remove();
  if (!isStopped) await world?.stop();
});

/** A site in a folder of its own, with something in its prompts by which the ledger knows them. */
async function startSite({ name, orders }: Site, tag: string, lock: string | null = null): Promise<Example> {
  const example = await copyExample(name, world);
  examples.push(example);
  for (const file of orders) {
    const path = join(example.folder, file);
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace(/(prompt"?: "[^"]+)"/g, `$1 ${tag}"`));
  }
  if (lock !== null) await writeFile(join(example.folder, "videos.lock.json"), lock);
  return example;
}

const build = (example: Example, environment: Record<string, string> = {}) =>
  example.run("npm run build", { CI: "", ASTRO_TELEMETRY_DISABLED: "1", ...environment });
const readPage = (example: Example) => readFile(join(example.folder, "dist", "index.html"), "utf8");
const readLock = (example: Example) => readFile(join(example.folder, "videos.lock.json"), "utf8");

describe.each(sites)("examples/$name", (site) => {
  let tag: string;
  beforeAll(() => {
    tag = world.prompt(`instant file-pad=${mostBytesOfAFile}`);
  });
  const videosOf = ({ lock }: Built) => Object.values((JSON.parse(lock) as Lock).videos);

  it("is built with what this repository has installed", async () => {
    const read = async (folder: string) =>
      JSON.parse(await readFile(join(root, folder, "package.json"), "utf8")) as Record<
        "dependencies" | "devDependencies",
        Record<string, string>
      >;
    const { filmgate, ...others } = (await read(join("examples", site.name))).dependencies;
    expect(filmgate).toBe("file:../..");
    expect((await read(".")).devDependencies).toMatchObject(others);
  });

  it("in CI, without a lock, makes nothing and fails with the list and its price", async () => {
    const own = world.prompt("instant");
    const example = await startSite(site, own);
    const { code, stdout, stderr } = await build(example, { CI: "true" });
    expect(code).not.toBe(0);
    const told = stdout + stderr;
    expect(told).toContain("2 videos are not in");
    expect(told).toContain("To make them costs $0.56.");
    expect(told.match(/(?<!Order )\b[a-z]\w* \("[^"]+"\): \$0\.28/g)?.length).toBeGreaterThanOrEqual(2);
    expect(told).not.toContain(world.key);
    expect(await world.ledger(own)).toMatchObject({ creates: 0 });
    await expect(readPage(example)).rejects.toThrow("ENOENT");
    await expect(readLock(example)).rejects.toThrow("ENOENT");
  });

  it("orders its videos with the first build, and shows them", async () => {
    const example = await startSite(site, tag);
    expect(await build(example)).toMatchObject({ code: 0 });
    expect(await world.ledger(tag)).toMatchObject({ creates: 2, billed: 2 });
    const built = { tag, page: await readPage(example), lock: await readLock(example) };
    first.set(site.name, built);
    const videos = videosOf(built);
    expect(videos).toHaveLength(2);
    for (const { url, page_url: pageUrl, poster_url: posterUrl } of videos) {
      expect(built.page).toContain(`src="${url}"`);
      expect(built.page).toContain(`href="${pageUrl}"`);
      if (posterUrl !== null) expect(built.page).toContain(`poster="${posterUrl}"`);
    }
    expect(videos.filter(({ poster_url: posterUrl }) => posterUrl !== null)).toHaveLength(site.posters);
    expect(built.page.match(/width="1366" height="768"/g)).toHaveLength(2);
    expect(built.page).toMatch(/aria-label="[^"]+"/);
    expect(built.page).not.toMatch(/data-filmgate|undefined|\{[{%]/);
  });

  it("pays nothing with the second build, and is the same", async () => {
    const { page, lock } = first.get(site.name) as Built;
    const example = await startSite(site, tag, lock);
    expect(await build(example)).toMatchObject({ code: 0 });
    expect(await world.ledger(tag)).toMatchObject({ creates: 2, billed: 2 });
    expect({ page: await readPage(example), lock: await readLock(example) }).toEqual({ page, lock });
  });

  it("has no copy of its videos, which are too large for it, and plays from their addresses", async () => {
    for (const { url, bytes } of videosOf(first.get(site.name) as Built)) {
      expect(bytes).toBeGreaterThan(mostBytesOfAFile);
      const answer = await fetch(url, { method: "HEAD" });
      expect([answer.status, answer.headers.get("content-length")]).toEqual([200, String(bytes)]);
    }
    const output = join(String(examples.at(-1)?.folder), "dist");
    const files = await readdir(output, { recursive: true });
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(output, file))).size));
    expect(Math.max(...sizes)).toBeLessThan(10_000);
  });
});

describe("with MiniMax and the gateway off", () => {
  beforeAll(async () => {
    await world.stop();
    isStopped = true;
    await expect(fetch(world.simulator.url)).rejects.toThrow();
    await expect(fetch(world.url)).rejects.toThrow();
  });

  it.each<[string, Record<string, string>]>([
    ["as it was", {}],
    ["in CI, without a key", { CI: "true", FILMGATE_API_KEY: "" }],
  ])("each site is built a third time, %s, and is the same", async (_, environment) => {
    for (const site of sites) {
      const { tag, page, lock } = first.get(site.name) as Built;
      const example = await startSite(site, tag, lock);
      expect(await build(example, environment)).toMatchObject({ code: 0 });
      expect({ page: await readPage(example), lock: await readLock(example) }).toEqual({ page, lock });
    }
  });
});
