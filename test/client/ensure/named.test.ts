/** Videos by names of their own: what comes with each, and how those are left out that are not there. */

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { ensureNamed, missingSentence } from "../../../src/client/ensure/named.ts";
import type { FilmgateError } from "../../../src/client/errors.ts";
import { folderWithLock, hills, waves } from "../../adapters/locked.ts";
import { startServer } from "../server.ts";

let folder = "";
afterEach(() => rm(folder, { recursive: true, force: true }));
const lock = () => join(folder, "videos.lock.json");
/** Nobody answers there; where nothing has to be asked, nobody needs to. */
const nowhere = { apiKey: "mql_default_key", baseUrl: "http://127.0.0.1:9" };

describe("videos by their names", () => {
  it("come with the words of their publication", async () => {
    folder = await folderWithLock([waves, hills]);
    const { videos, missing } = await ensureNamed({ sea: waves, land: hills }, { lock: lock(), ...nowhere });
    expect(missing).toEqual([]);
    expect(videos).toMatchObject({
      sea: { name: "sea", title: waves.publish.title, alt: waves.publish.alt, source: "lock", costUsd: 0 },
      land: { name: "land", title: null, alt: null },
    });
    expect(videos.sea?.url).toMatch(/^https:\/\/video\.example\.com\/v\/file_\w+\.mp4$/);
  });

  it("may be given by a function, and be called whatever one likes", async () => {
    folder = await folderWithLock([waves]);
    const orders = JSON.parse(`{ "__proto__": ${JSON.stringify(waves)}, "2": ${JSON.stringify(waves)} }`);
    const { videos } = await ensureNamed(async () => orders, { lock: lock(), ...nowhere });
    expect(Object.keys(videos).sort()).toEqual(["2", "__proto__"]);
    expect(Object.entries(videos).every(([name, video]) => video.name === name)).toBe(true);
  });

  it("are refused by name if one is not published: no page could show it", async () => {
    folder = await folderWithLock([waves], { url: null, page_url: null, publish: null });
    const ensured = ensureNamed({ sea: { ...waves, publish: false } }, { lock: lock(), ...nowhere });
    await expect(ensured).rejects.toMatchObject({ code: "invalid_argument", param: "publish" });
    await expect(ensured).rejects.toThrow(/^sea: /);
  });

  it("were paid and waited for before they were refused: none is made that no page could show", async () => {
    folder = await folderWithLock([]);
    const server = await startServer();
    const asked = { lock: lock(), apiKey: "mql_default_key", baseUrl: server.url, frozen: false };
    try {
      for (const [orders, options] of [
        [{ sea: waves, draft: { ...hills, publish: false as const } }, asked],
        [{ draft: hills }, { ...asked, publish: false as const }],
      ] as const) {
        const error = await ensureNamed(orders, options).catch((thrown: FilmgateError) => thrown);
        expect(error).toMatchObject({ code: "invalid_argument", param: "publish" });
        expect(error).toMatchObject({
          message: expect.stringMatching(/^draft: this video is not published/),
        });
      }
      expect(server.seen).toEqual([]);
    } finally {
      await server.stop();
    }
  });
});

describe("where missing videos are left out", () => {
  it("new words for a video do not take it off the page that is being written", async () => {
    folder = await folderWithLock([waves, hills]);
    const reworded = { ...waves, publish: { ...waves.publish, alt: "Surf" } };
    const { videos, missing } = await ensureNamed(
      { land: hills, sea: reworded },
      { lock: lock(), leavesOutMissing: true, ...nowhere },
    );
    expect(missing).toEqual([]);
    expect(Object.keys(videos)).toEqual(["land", "sea"]);
    expect(videos.sea).toMatchObject({ alt: "Surf", title: waves.publish.title, source: "lock" });
  });

  it.each([
    [0.28, null, "sea is not in the lock: a build makes it, for $0.28."],
    [
      null,
      "price unknown: no answer",
      "sea is not in the lock: a build makes it (price unknown: no answer).",
    ],
    [
      0,
      "It was charged, so it is not ordered again.",
      "sea is left out: It was charged, so it is not ordered again.",
    ],
  ])("a price of %j and %j give a sentence that is true of it", (estimatedCostUsd, why, sentence) => {
    const about = { key: "k", name: "sea", indices: [0], order: { prompt: "Waves" }, video: null };
    expect(missingSentence({ ...about, estimatedCostUsd, why }, ": a build makes it")).toBe(sentence);
  });

  it("those that are there are answered, and of the others their names and prices are told", async () => {
    folder = await folderWithLock([waves]);
    const server = await startServer();
    server.tell({
      status: 200,
      body: JSON.stringify({ object: "quote", fingerprint: "f".repeat(64), estimated_cost_usd: 0.28 }),
    });
    try {
      const { videos, missing } = await ensureNamed(
        { land: hills, sea: waves, again: hills },
        { lock: lock(), leavesOutMissing: true, apiKey: "mql_default_key", baseUrl: server.url },
      );
      expect(Object.keys(videos)).toEqual(["sea"]);
      expect(missing).toMatchObject([
        { name: "land", estimatedCostUsd: 0.28, why: null },
        { name: "again", estimatedCostUsd: 0.28 },
      ]);
    } finally {
      await server.stop();
    }
  });

  it("an empty lock and nobody to ask is no error", async () => {
    folder = await folderWithLock([]);
    const { videos, missing } = await ensureNamed(
      { land: hills },
      { lock: lock(), leavesOutMissing: true, ...nowhere },
    );
    expect(videos).toEqual({});
    expect(missing).toMatchObject([{ name: "land", estimatedCostUsd: null }]);
    expect(missing[0]?.why).toContain("price unknown");
  });
});
