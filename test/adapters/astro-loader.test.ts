/** The loader by itself, with as much of Astro around it as it uses. */

import { EventEmitter } from "node:events";
import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type FilmgateLoaderOptions, filmgateLoader, type LoaderContext } from "../../src/adapters/astro.ts";
import { folderWithLock, hills, waves } from "./locked.ts";

let folder: string;
beforeEach(async () => {
  folder = await folderWithLock([waves]);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Starts the loader. @returns what is in the store and in the log, and the end of what it does at first. */
function start(options: FilmgateLoaderOptions, watcher?: LoaderContext["watcher"]) {
  const entries = new Map<string, unknown>();
  const log: string[] = [];
  const loaded = filmgateLoader(options).load({
    store: {
      keys: () => [...entries.keys()],
      set: ({ id, data }) => entries.set(id, data),
      delete: (id) => entries.delete(id),
    },
    parseData: async ({ data }) => data,
    generateDigest: (data) => JSON.stringify(data),
    logger: { info() {}, warn: (sentence) => log.push(sentence) },
    config: { root: pathToFileURL(`${folder}/`) },
    watcher,
  });
  return { loaded, log, ids: () => [...entries.keys()].sort() };
}

const comes = (what: () => void) => vi.waitFor(what, { timeout: 20_000 });

/** What is in the store once the loader has run. */
async function load(lock: string | URL | undefined): Promise<string[]> {
  const { loaded, ids } = start({ videos: { waves }, lock, frozen: true, baseUrl: "http://127.0.0.1:9" });
  await loaded;
  return ids();
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

describe("on a server, the lock as it is last is what is shown", () => {
  /** Whoever asks for a price waits, until `answer`. */
  const asked: ServerResponse[] = [];
  const gateway = createServer((request, response) => {
    request.resume();
    asked.push(response);
  });
  const someoneAsks = () => comes(() => expect(asked).toHaveLength(1));
  const answer = () => {
    const quote = { object: "quote", fingerprint: "f".repeat(64), estimated_cost_usd: 0.28 };
    asked.pop()?.setHeader("content-type", "application/json").end(JSON.stringify(quote));
  };
  beforeEach(async () => {
    await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    gateway.closeAllConnections();
    await new Promise((resolve) => gateway.close(resolve));
  });

  /** The lock is that of another folder, and the watcher sees it. */
  async function change(watcher: EventEmitter, orders: Parameters<typeof folderWithLock>[0]) {
    const other = await folderWithLock(orders);
    await copyFile(join(other, "videos.lock.json"), join(folder, "videos.lock.json"));
    await rm(other, { recursive: true });
    watcher.emit("change", join(folder, "videos.lock.json"));
  }

  const startServer = () => {
    const watcher = Object.assign(new EventEmitter(), { add() {} });
    const { port } = gateway.address() as AddressInfo;
    const connection = { apiKey: "mql_default_key", baseUrl: `http://127.0.0.1:${port}` };
    return { watcher, ...start({ videos: { waves, hills }, ...connection }, watcher) };
  };

  it("also if it changes while the first prices are asked", async () => {
    const { watcher, loaded, ids } = startServer();
    await someoneAsks();
    await change(watcher, [waves, hills]);
    answer();
    await loaded;
    await comes(() => expect(ids()).toEqual(["hills", "waves"]));
  });

  it("also if what is asked because of an older one is answered later", async () => {
    const { watcher, loaded, log, ids } = startServer();
    await someoneAsks();
    answer();
    await loaded;
    await change(watcher, [waves]);
    await someoneAsks();
    await change(watcher, [waves, hills]);
    answer();
    await comes(() => expect(log).toHaveLength(2));
    await comes(() => expect(ids()).toEqual(["hills", "waves"]));
  });
});
