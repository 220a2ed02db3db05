/** The loader by itself, with as much of Astro around it as it uses. */

import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { filmgateLoader } from "../../src/adapters/astro.ts";
import { folderWithLock, waves } from "./locked.ts";

let folder: string;
beforeEach(async () => {
  folder = await folderWithLock([waves]);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What is in the store once the loader has run. */
async function load(lock: string | URL | undefined): Promise<string[]> {
  const entries = new Map<string, unknown>();
  await filmgateLoader({ videos: { waves }, lock, frozen: true, baseUrl: "http://127.0.0.1:9" }).load({
    store: {
      keys: () => [...entries.keys()],
      set: ({ id, data }) => entries.set(id, data),
      delete: (id) => entries.delete(id),
    },
    parseData: async ({ data }) => data,
    generateDigest: (data) => JSON.stringify(data),
    logger: { info() {}, warn() {} },
    config: { root: pathToFileURL(`${folder}/`) },
  });
  return [...entries.keys()];
}

it.each(["videos #1.lock.json", "100%25.lock.json", "what?.lock.json", "c:videos.lock.json"])(
  "a lock that is called '%s' is that file, whatever it would be as a URL",
  async (name) => {
    await mkdir(join(folder, "locks"));
    await rename(join(folder, "videos.lock.json"), join(folder, "locks", name));
    const path = join(folder, "locks", name);
    expect(await load(`locks/${name}`)).toEqual(["waves"]);
    expect(await load(path)).toEqual(["waves"]);
    expect(await load(pathToFileURL(path))).toEqual(["waves"]);
    expect(await load(pathToFileURL(path).href)).toEqual(["waves"]);
  },
);

it("the lock lies in the site's folder, if nothing is said", async () => {
  expect(await load(undefined)).toEqual(["waves"]);
});
