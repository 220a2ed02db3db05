/** What an Eleventy site may spend: one budget for all that a build orders, wherever the order stands; none for trying. */

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { copyExample, type Example } from "./examples.ts";
import { startWorld, type World } from "./world.ts";

let world: World;
let example: Example;
let config: string;
let tag: string;
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
  example = await copyExample("eleventy", world);
  config = await readFile(join(example.folder, "eleventy.config.js"), "utf8");
  config = config.replace(/maxCostUsd: [\d.]+/, "maxCostUsd: 0.6");
});
afterAll(async () => {
  await example?.remove();
  await world?.stop();
});
const write = (name: string, text: string) => writeFile(join(example.folder, name), text);
beforeEach(async () => {
  tag = world.prompt("instant");
  await rm(join(example.folder, "site"), { recursive: true });
  await mkdir(join(example.folder, "site", "_data"), { recursive: true });
  await write("eleventy.config.js", config);
  await write("site/style.css", "");
});

const order = (prompt: string) => JSON.stringify({ model: "MiniMax-Hailuo-2.3", prompt: `${prompt} ${tag}` });
const build = (words = "") => example.run(`npx eleventy ${words}`, { CI: "" });

it("orders in shortcodes come out of the same budget as those of the data", async () => {
  const shortcodes = ["Two", "Three"].map((prompt) => `{% video ${order(prompt)} %}`);
  await write("site/index.njk", `---\nvideos: { one: ${order("One")} }\n---\n${shortcodes.join("\n")}`);
  const { code, stdout, stderr } = await build();
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain("more than the $0.04 allowed");
  expect(stdout + stderr).toContain("Before that, this build spent $0.56 of its $0.60.");
  expect(await world.ledger(tag)).toMatchObject({ creates: 2 });
  const lock = await readFile(join(example.folder, "videos.lock.json"), "utf8");
  expect([lock.includes("Two "), lock.includes("Three ")]).toEqual([true, false]);
});

it.each<[string, number, Record<string, string>]>([
  [
    "one page",
    1,
    {
      "index.11ty.js": `export default async function () {
        return (await Promise.all([ONE, TWO, THREE].map((order) => this.video(order)))).join("");
      }`,
    },
  ],
  [
    "pages that are written at once",
    4,
    { "a.njk": "{% video ONE %}", "b.njk": "{% video TWO %}", "c.njk": "{% video THREE %}" },
  ],
])("after an order of a shortcode failed, none is ordered any more, in %s", async (_, concurrency, pages) => {
  const setting = `eleventyConfig.setConcurrency(${concurrency});`;
  await write("eleventy.config.js", config.replace("eleventyConfig.add", `${setting}\n  $&`));
  const failing = world.prompt("instant fail=none");
  const orders: Record<string, string> = {
    ONE: JSON.stringify({ model: "MiniMax-Hailuo-2.3", prompt: `One ${failing}` }),
    TWO: order("Two"),
    THREE: order("Three"),
  };
  for (const [name, text] of Object.entries(pages)) {
    await write(
      join("site", name),
      text.replace(/\b[A-Z]{3,}\b/g, (word) => orders[word] ?? word),
    );
  }
  const { code } = await build();
  expect(code).not.toBe(0);
  expect(await world.ledger(failing)).toMatchObject({ creates: 1 });
  expect(await world.ledger(tag)).toMatchObject({ creates: 0 });
});

it("all orders of the data together are refused before one is made", async () => {
  const orders = ["One", "Two", "Three"].map((prompt) => `${prompt}: ${order(prompt)}`);
  await write("site/index.njk", `---\nvideos: { ${orders.join(", ")} }\n---\n`);
  const { code, stdout, stderr } = await build();
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain("would cost $0.84, more than the $0.60 allowed");
  expect(await world.ledger(tag)).toMatchObject({ creates: 0 });
});

it.each([
  [
    "whose pages Eleventy does not collect is told so",
    '"films", size: 1',
    "film.njk writes 3 pages, each with its own 'videos'",
  ],
  [
    "that has all its pages in collections is refused as a whole",
    '"films", size: 1, addAllPagesToCollections: true',
    "would cost $0.84, more than the $0.60 allowed",
  ],
  [
    "that lists a collection is refused as a whole",
    '"collections.film", size: 1, addAllPagesToCollections: true',
    "would cost $0.84, more than the $0.60 allowed",
  ],
])("a paginated template %s before anything is ordered", async (_, data, told) => {
  const films = ["One", "Two", "Three"].map(order);
  for (const [index, film] of films.entries()) {
    await write(`site/${index}.md`, `---\ntags: film\ndata: { film: ${film} }\n---\n`);
  }
  await write("site/film.njk", '{% video "own" %}');
  await write(
    "site/film.11tydata.js",
    `export default {
      films: [${films}].map((film) => ({ data: { data: { film } } })),
      pagination: { data: ${data}, alias: "page_of" },
      eleventyComputed: { videos: ({ page_of: of }) => of && { own: of.data.data.film } },
    };`,
  );
  const { code, stdout, stderr } = await build();
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain(told);
  expect(await world.ledger(tag)).toMatchObject({ creates: 0 });
});

it("a dry run orders nothing, and says what a build would pay", async () => {
  await write("site/index.njk", `---\nvideos: { one: ${order("One")} }\n---\n{% video "one" %}`);
  const { code, stdout } = await build("--dryrun");
  expect(code).toBe(0);
  expect(stdout).toContain("one is not in the lock: a build makes it, for $0.28.");
  expect(await world.ledger(tag)).toMatchObject({ creates: 0 });
});
