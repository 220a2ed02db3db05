/** A folder of pages, built: what is completed, what is copied, and that a build which fails writes nothing. */

import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { buildPages } from "../../src/adapters/html.ts";
import { folderWithLock, hills, waves } from "./locked.ts";

let folder: string;
const inFolder = (name: string) => join(folder, name);
beforeEach(async () => {
  folder = await folderWithLock([waves]);
  await mkdir(inFolder("site/deep/er"), { recursive: true });
  await writeFile(inFolder("site/index.html"), '<p>Grüße\r\n<video data-filmgate="waves"></video>');
  await writeFile(inFolder("site/deep/er/Page.HTM"), '<a data-filmgate="waves">Watch</a>');
  await writeFile(inFolder("site/notes.txt"), '<video data-filmgate="nobody">');
  await writeFile(inFolder("site/deep/bytes.bin"), Uint8Array.from([0, 255, 254, 128]));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const build = (options: Partial<Parameters<typeof buildPages>[0]> = {}) =>
  buildPages({
    from: inFolder("site"),
    to: inFolder("dist"),
    videos: { waves },
    lock: inFolder("videos.lock.json"),
    frozen: true,
    ...options,
  });

describe("a folder of pages", () => {
  it("is completed where a page names a video, and copied byte by byte elsewhere", async () => {
    const { files, videos } = await build();
    expect(files).toEqual(["deep/bytes.bin", "deep/er/Page.HTM", "index.html", "notes.txt"]);
    expect(Object.keys(videos)).toEqual(["waves"]);
    const url = String(videos.waves?.url);
    expect(await readFile(inFolder("dist/index.html"), "utf8")).toBe(
      `<p>Grüße\r\n<video src="${url}" width="1366" height="768" aria-label="Waves &amp; foam"></video>`,
    );
    expect(await readFile(inFolder("dist/deep/er/Page.HTM"), "utf8")).toContain(
      `href="${videos.waves?.pageUrl}"`,
    );
    expect(await readFile(inFolder("dist/notes.txt"), "utf8")).toContain("data-filmgate");
    expect([...(await readFile(inFolder("dist/deep/bytes.bin")))]).toEqual([0, 255, 254, 128]);
  });

  it("keeps a page without videos in its encoding, and a byte order mark in its place", async () => {
    const latin1 = Buffer.from("<p>Gr\u00fc\u00dfe", "latin1");
    await writeFile(inFolder("site/latin1.html"), latin1);
    await writeFile(inFolder("site/marked.html"), '\ufeff<a data-filmgate="waves">');
    await build();
    expect(await readFile(inFolder("dist/latin1.html"))).toEqual(latin1);
    expect(await readFile(inFolder("dist/marked.html"), "utf8")).toMatch(/^\ufeff<a href=/);
    await writeFile(inFolder("site/latin1.html"), Buffer.from('\u00fc <a data-filmgate="waves">', "latin1"));
    await expect(build()).rejects.toThrow(/latin1\.html asks for a video, and is not UTF-8/);
  });

  it("is built into a folder that is there, whose other files stay", async () => {
    await mkdir(inFolder("dist"));
    await writeFile(inFolder("dist/own.txt"), "own");
    await build();
    expect(await readdir(inFolder("dist"))).toEqual(["deep", "index.html", "notes.txt", "own.txt"]);
  });

  it.each<[string, Partial<Parameters<typeof buildPages>[0]>, string]>([
    ["a video is missing", { videos: { waves, hills } }, "not in"],
    ["a page names one that nobody orders", { videos: {} }, "index.html:2: no video is named 'waves'"],
    ["there is no such folder", { from: "/nowhere/site" }, "ENOENT"],
  ])("is not written at all where %s", async (_, options, told) => {
    await rm(inFolder("site/deep"), { recursive: true });
    await expect(build(options)).rejects.toThrow(told);
    await expect(readdir(inFolder("dist"))).rejects.toThrow("ENOENT");
  });

  it.each([
    ["a page that names a video nobody orders", '<a data-filmgate="wavs">', "no video is named 'wavs'"],
    ["one that names it where none can be shown", '<div data-filmgate="hills">', "stands on <div>"],
  ])("%s fails before anything is ordered", async (_, text, told) => {
    await writeFile(inFolder("site/wrong.html"), text);
    const fetch = vi.fn();
    const ordering = { frozen: false, apiKey: "mql_default_key", baseUrl: "http://127.0.0.1:9", fetch };
    await expect(build({ videos: async () => ({ waves, hills }), ...ordering })).rejects.toThrow(told);
    expect(fetch).not.toHaveBeenCalled();
  });

  it.each([
    ["a folder", "deep", "is a link to a folder"],
    ["nothing", "nowhere", "is a link to nothing"],
  ])("is not begun, and nothing is ordered, where a link leads to %s", async (_, to, told) => {
    await symlink(inFolder(`site/${to}`), inFolder("site/linked"));
    const videos = () => expect.unreachable("the orders were asked for");
    await expect(build({ videos })).rejects.toThrow(told);
    await expect(readdir(inFolder("dist"))).rejects.toThrow("ENOENT");
  });

  it("has the files that links lead to", async () => {
    await symlink(inFolder("site/notes.txt"), inFolder("site/linked.txt"));
    expect((await build()).files).toContain("linked.txt");
  });

  it.each([
    ["site", "site"],
    ["site", "site/dist"],
    ["site", "."],
    ["site", "..site/../site/deep"],
  ])("%s is not built into %s", async (from, to) => {
    await expect(build({ from: inFolder(from), to: inFolder(to) })).rejects.toMatchObject({
      code: "invalid_argument",
      param: "to",
    });
  });

  it("may be built into a folder whose name begins with dots", async () => {
    await build({ to: inFolder("..site") });
    expect(await readdir(inFolder("..site"))).toContain("index.html");
  });
});
