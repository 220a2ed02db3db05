/** The plugin in Eleventy itself: pages in all of its languages, whose videos the lock has. */

import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import Eleventy from "@11ty/eleventy";
import { afterEach, describe, expect, it } from "vitest";
import {
  type EleventyConfig,
  type FilmgatePluginOptions,
  filmgatePlugin,
} from "../../src/adapters/eleventy.ts";
import { folderWithLock, hills, waves } from "./locked.ts";

let folder = "";
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Eleventy wraps what was thrown in a page. */
type Wrapped = Error & { originalError?: Wrapped };
const sentencesOf = ({ message, originalError }: Wrapped): string[] => [
  message,
  ...(originalError === undefined ? [] : sentencesOf(originalError)),
];

/** Builds pages, given by their paths, and answers with their texts by their addresses. */
async function build(
  pages: Record<string, string>,
  options: FilmgatePluginOptions = {},
): Promise<Record<string, string>> {
  folder = await folderWithLock([waves, hills]);
  for (const [name, text] of Object.entries({ "_data/videos.json": JSON.stringify({ waves }), ...pages })) {
    await mkdir(dirname(join(folder, "site", name)), { recursive: true });
    await writeFile(join(folder, "site", name), text);
  }
  const eleventy = new Eleventy(relative(".", join(folder, "site")), relative(".", join(folder, "dist")), {
    quietMode: true,
    configPath: null,
    config: (eleventyConfig: EleventyConfig & { addPlugin: (plugin: unknown, options: unknown) => void }) =>
      eleventyConfig.addPlugin(filmgatePlugin, {
        ...{ lock: join(folder, "videos.lock.json"), frozen: true },
        ...options,
      }),
  });
  const written = await eleventy.toJSON().catch((error: Wrapped) => {
    throw new Error(sentencesOf(error).join("\n"));
  });
  return Object.fromEntries(written.map(({ url, content }) => [url, content.trim()]));
}

const clouds = "---\nvideos:\n  clouds: { model: MiniMax-Hailuo-2.3, prompt: Hills }\n---\n";
const label = 'aria-label="Waves &amp; foam"';

describe("the shortcode", () => {
  it.each([
    ["Nunjucks", "index.njk", '{% video "waves" %}'],
    ["Liquid", "index.liquid", '{% video "waves" %}'],
    ["Markdown", "index.md", '{% video "waves" %}'],
    ["HTML", "index.html", '{% video "waves" %}'],
    ["JavaScript", "index.11ty.js", 'export default function () { return this.video("waves"); }'],
  ])("shows a video by its name in %s", async (_, name, text) => {
    const page = (await build({ [name]: text }))["/"];
    expect(page).toMatch(/^(?:<p>)?<video controls playsinline preload="metadata" src="https:/);
    expect(page).toContain(label);
  });

  it.each([
    ["as another element", '{% video "waves", "iframe" %}', "<iframe "],
    ["with attributes by their names", '{% video "waves", class="a b", controls=false %}', 'class="a b"'],
    ["with attributes as an object", '{% video "waves", "video", { loop: true } %}', " loop>"],
    ["by an order", "{% video videos.waves %}", label],
    ["as a link with its title", '{% video "waves", "a" %}', ">Waves &quot;at&quot; sunset</a>"],
  ])("shows one %s", async (_, text, told) => {
    const page = (await build({ "index.njk": text }))["/"];
    expect(page).toContain(told);
    expect(page).not.toContain("__keywords");
  });

  const look = "---\nlook: { class: wide, controls: false }\n---\n";
  it.each([
    ["Nunjucks", "index.njk", '{% video "waves", class="wide", controls=false %}'],
    ["Liquid", "index.liquid", `${look}{% video "waves", look %}`],
    ["Markdown", "index.md", `${look}{% video "waves", "video", look %}`],
    [
      "JavaScript",
      "index.11ty.js",
      'export default function () { return this.video("waves", { class: "wide", controls: false }); }',
    ],
  ])("shows one with attributes as %s writes them", async (_, name, text) => {
    const page = (await build({ [name]: text }))["/"];
    expect(page).toContain('class="wide"');
    expect(page).not.toContain("controls");
  });

  it("knows the orders of its page and those of all pages, and of no other page", async () => {
    const pages = await build({ "index.njk": `${clouds}{% video "clouds" %}{% video "waves" %}` });
    expect(pages["/"]?.match(/<video /g)).toHaveLength(2);
    await rm(folder, { recursive: true });
    const alone = build({ "index.njk": clouds, "other.njk": '{% video "clouds" %}' });
    await expect(alone).rejects.toThrow("no video is named 'clouds'. There are: 'waves'.");
  });

  it.each([
    ["Nunjucks", "hidden.njk", '{% video "clouds" %}'],
    ["Liquid", "hidden.liquid", '{% video "clouds" %}'],
    [
      "JavaScript",
      "hidden.11ty.js",
      `export const data = { videos: { clouds: { model: "MiniMax-Hailuo-2.3", prompt: "Hills" } },
         eleventyExcludeFromCollections: true };
       export default function () { return this.video("clouds"); }`,
    ],
  ])("finds the orders of a page that is in no collection, in %s", async (_, name, text) => {
    const data = clouds.replace("videos:", "eleventyExcludeFromCollections: true\nvideos:");
    const pages = await build({ [name]: name.endsWith(".js") ? text : `${data}${text}` });
    expect(pages["/hidden/"]).toContain("<video ");
  });

  /** Writes a page for each of two orders, which it has under `own`. */
  const paginated = (exported: string, pagination: Record<string, unknown> = collected) =>
    `const films = ${JSON.stringify([waves, hills])};
    const data = {
      pagination: { data: "films", size: 1, alias: "film", ...${JSON.stringify(pagination)} },
      films,
      permalink: ({ film }) => "/" + film.prompt + "/",
      eleventyComputed: { videos: ({ film }) => ({ own: film }) },
    };
    ${exported}`;
  const collected = { addAllPagesToCollections: true };
  const byName = 'export { data }; export default function () { return this.video("own"); }';
  const addresses = (text = "") => text.match(/(?<= src=")[^"]+/g) ?? [];

  it.each([
    [
      "Nunjucks",
      {
        "index.njk": '{% video "own" %}',
        "index.11tydata.js": paginated("export default data;"),
      },
    ],
    [
      "JavaScript, by the order",
      {
        "index.11ty.js": paginated(
          "export { data }; export default function (data) { return this.video(data.videos.own); }",
        ),
      },
    ],
  ])(
    "is another one on each page that one template writes, in %s",
    async (_, pages: Record<string, string>) => {
      const built = await build(pages);
      const [one, other] = [built["/Waves/"], built["/Hills/"]];
      expect([one, other]).toEqual([expect.stringContaining("<video "), expect.stringContaining("<video ")]);
      expect(one).not.toBe(other);
    },
  );

  it.each(["njk", "liquid"])(
    "is another one on each page that is written nowhere, in .%s",
    async (ending) => {
      const pages = await build({
        [`card.${ending}`]: '{% video "own" %}',
        "card.11tydata.js": paginated("export default { ...data, permalink: false, tags: 'cards' };"),
        "index.njk": "{% for card in collections.cards %}{{ card.templateContent | safe }}{% endfor %}",
      });
      expect(new Set(addresses(pages["/"])).size).toBe(2);
    },
  );

  const hero = (order: unknown) => `---\nlayout: base\nvideos: { hero: ${JSON.stringify(order)} }\n---\n`;
  const layout = (name: string) =>
    `export default async function ({ content }) { return (await this.video("${name}")) + content; }`;

  it("is that of the page in a Nunjucks layout", async () => {
    const pages = await build({
      "_includes/base.njk": '{% video "hero" %}',
      "a.md": hero(waves),
      "b.md": hero(hills),
    });
    expect(addresses(pages["/a/"])).not.toEqual(addresses(pages["/b/"]));
  });

  it("is that of all pages in a JavaScript layout", async () => {
    const text = "---\nlayout: base\n---\n";
    const pages = await build({ "_includes/base.11ty.js": layout("waves"), "a.md": text, "b.njk": text });
    expect([pages["/a/"], pages["/b/"]]).toEqual([
      expect.stringContaining(label),
      expect.stringContaining(label),
    ]);
  });

  it.each<[string, Record<string, string>, string]>([
    [
      "a JavaScript layout refuses a name that means another video on each page",
      { "_includes/base.11ty.js": layout("hero"), "a.md": hero(waves), "b.md": hero(hills) },
      "Hand over the order itself, as data.videos['hero']",
    ],
    [
      "a JavaScript layout refuses a name that only one page has",
      { "_includes/base.11ty.js": layout("hero"), "a.md": hero(waves), "b.md": "---\nlayout: base\n---\n" },
      "Hand over the order itself, as data.videos['hero']",
    ],
    [
      "a JavaScript template refuses a name that means another video on each page",
      { "index.11ty.js": paginated(byName) },
      "Hand over the order itself, as data.videos['own']",
    ],
    [
      "a JavaScript template refuses it also without addAllPagesToCollections",
      { "index.11ty.js": paginated(byName, {}) },
      "Set addAllPagesToCollections: true in its pagination.",
    ],
    [
      "a JavaScript page in no collection is told how to name a video of all pages",
      {
        "hidden.11ty.js": `export const data = { eleventyExcludeFromCollections: true };
          export default function () { return this.video("waves"); }`,
      },
      "is in no collection, so its data was not seen. Hand over the order itself, as data.videos['waves']",
    ],
    [
      "a JavaScript page is told the names of all pages for one that no order has",
      { "index.11ty.js": 'export default function () { return this.video("wavs"); }' },
      "no video is named 'wavs'. There are: 'waves'.",
    ],
  ])("%s", async (_, pages, told) => {
    await expect(build(pages)).rejects.toThrow(told);
  });

  it.each([
    ["is computed", "eleventyComputed: { videos: ({ film }) => ({ own: film }) }", "film"],
    ["is computed, if not for the first", "eleventyComputed: { videos: ({ film }) => film.own }", "film"],
    ["is its item", "", "videos.own"],
  ])(
    "refuses a paginated template of which only the first page is seen, if the order of each %s",
    async (_, computed, alias) => {
      const [first, second] = [waves, { ...hills, own: { own: hills } }].map((film) => JSON.stringify(film));
      const data = `export default {
        films: [${first}, ${second}], pagination: { data: "films", size: 1, alias: "${alias}" }, ${computed}
      };`;
      const pages = build({ "film.njk": '{% video "own" %}', "film.11tydata.js": data });
      await expect(pages).rejects.toThrow("film.njk writes 2 pages, each with its own 'videos'");
    },
  );

  it("takes a paginated template whose pages all have the same orders", async () => {
    const pages = await build({
      "index.njk":
        '---\nletters: [a, b]\npagination: { data: letters, size: 1 }\n---\n{% video "waves" %}{{ pagination.pageNumber }}',
    });
    expect([pages["/"], pages["/1/"]]).toEqual([
      expect.stringContaining(label),
      expect.stringContaining(label),
    ]);
  });

  it("has the name, and looks where, the options say", async () => {
    const pages = await build(
      {
        "index.njk": '{% film "waves" %}',
        "_data/videos.json": "[1]",
        "_data/films.json": JSON.stringify({ waves }),
      },
      { shortcode: "film", ordersIn: "films" },
    );
    expect(pages["/"]).toContain(label);
  });

  it("leaves all videos in a collection, each once", async () => {
    const pages = await build({
      "index.njk":
        "{% for video in collections.filmgate %}{{ video.name }} {{ video.seconds }}. {% endfor %}",
      "other.njk": clouds,
    });
    expect(pages["/"]).toBe("waves 6. clouds 6.");
  });

  it("has in that collection also what pages over a collection order", async () => {
    const pages = await build({
      "a.njk": `---\ntags: film\nfilm: ${JSON.stringify(hills)}\n---\n`,
      "film.njk": "x",
      "film.11tydata.js": `export default {
        pagination: { data: "collections.film", size: 1, alias: "post", addAllPagesToCollections: true },
        eleventyComputed: { videos: ({ post }) => (post === undefined ? {} : { own: post.data.film }) },
      };`,
      "index.njk": "{% for video in collections.filmgate %}{{ video.name }}. {% endfor %}",
    });
    expect(pages["/"]).toBe("waves. own.");
  });
});

describe("a build fails", () => {
  it.each<[string, Record<string, string>, string | RegExp]>([
    [
      "for a name that no order has",
      { "index.njk": '{% video "nobody" %}' },
      "no video is named 'nobody'. There are: 'waves'.",
    ],
    ["for no name", { "index.njk": "{% video %}" }, "no video is named ''"],
    ["for an element that shows none", { "index.njk": '{% video "waves", "div" %}' }, "and not as 'div'"],
    [
      "for data that are no orders",
      { "_data/videos.json": '["a"]', "index.njk": "x" },
      "/site/index.njk: videos must hold orders",
    ],
    [
      "for an order without a model",
      { "_data/videos.json": '{"a":{"prompt":"x"}}', "index.njk": "x" },
      "each with a model",
    ],
    [
      "for all missing videos of all pages at once",
      {
        "a.njk": "---\nvideos: { one: { model: MiniMax-Hailuo-2.3, prompt: One } }\n---\n",
        "b.njk": "---\nvideos: { two: { model: MiniMax-Hailuo-2.3, prompt: Two } }\n---\n",
      },
      /2 videos are not in[\s\S]*\n {2}one \("One"\): [\s\S]*\n {2}two \("Two"\): /,
    ],
  ])("%s", async (_, pages, told) => {
    await expect(build(pages)).rejects.toThrow(told);
  });
});
