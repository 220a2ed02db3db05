/** `ensure` against a server that says what the real one says seldom, and on disks that are not as they should be. */

import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readLock, writeLock } from "../../../src/client/ensure/lock.ts";
import type { ReadyEntry } from "../../../src/client/ensure/lock-entry.ts";
import { identifyOrder } from "../../../src/client/ensure/media-files.ts";
import {
  type EnsureOptions,
  type EnsureOrder,
  ensureVideos,
  type Fetch,
  type FilmgateError,
  type FilmgateOptions,
} from "../../../src/client/filmgate.ts";
import { startServer, type Told } from "../server.ts";

let server: Awaited<ReturnType<typeof startServer>>;
let folder: string;
beforeAll(async () => {
  server = await startServer();
  folder = await mkdtemp(join(tmpdir(), "filmgate-ensuring-"));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const order = { model: "MiniMax-Hailuo-2.3", prompt: "Waves" };
const fingerprint = "f".repeat(64);
const taskId = "task_1";
let count = 0;
const ensure = (options: EnsureOptions & FilmgateOptions = {}, orders: EnsureOrder[] = [order]) =>
  ensureVideos(orders, {
    ...{ apiKey: "mql_default_key", baseUrl: server.url, maxRetries: 0, frozen: false },
    lock: join(folder, `${count++}.lock.json`),
    ...options,
  });
const thrown = (call: Promise<unknown>) =>
  call.then(
    () => expect.unreachable("it did not fail"),
    (error: unknown) => error as FilmgateError,
  );

const json = (body: object, status = 200, headers: Record<string, string> = {}): Told => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});
const quote = json({ object: "video.quote", fingerprint, estimated_cost_usd: 0.28 });
const address = `https://video.example.com/v/file_1`;
const publication = { url: `${address}.mp4`, page_url: address, poster_url: null, origins: null };
const video = {
  ...{ id: taskId, status: "completed", size: "1366x768", seconds: "6", file_id: "file_1", bytes: 9 },
  ...{ sha256: "a".repeat(64), cost: { charged_usd: 0.28, estimated_usd: 0.28, state: "settled" } },
  publication: { ...publication, title: null, alt: null, expires_at: null },
};
const taken = { task_id: taskId, status: "in_progress", estimated_cost_usd: 0.28, publication };
const created = json(taken);
const over = json({ task_id: taskId, status: "Success", file_id: "file_1", progress: 100 });
const failure = { error: "MiniMax was busy.", code: "provider_busy", details: { task_id: "task_0" } };

describe("an order that is given", () => {
  it("goes under a key that follows from its fingerprint, so that every build's is the same", async () => {
    server.tell(quote, created, over, json(video));
    const [made] = await ensure();
    expect(made).toMatchObject({ taskId, source: "created", width: 1366, height: 768, url: publication.url });
    const [, create] = server.seen;
    expect(create).toMatchObject({ method: "POST", key: `filmgate-lock-${fingerprint}` });
  });

  it("that failed before at no charge is given again under the same key, until that is free", async () => {
    const replayed = json(failure, 503, { "idempotent-replayed": "true", "x-should-retry": "false" });
    server.tell(quote, replayed, replayed, created, over, json(video));
    expect(await ensure()).toMatchObject([{ taskId, source: "created" }]);
    const keys = server.seen.slice(1, 4).map(({ key }) => key);
    expect(new Set(keys)).toEqual(new Set([`filmgate-lock-${fingerprint}`]));
  });

  it("that fails now is not given again", async () => {
    server.tell(quote, json(failure, 503, { "x-should-retry": "false" }));
    expect(await thrown(ensure())).toMatchObject({ code: "provider_busy", costState: "released" });
    expect(server.seen).toHaveLength(2);
  });

  it("whose answer is lost is said to be found by the next call, which gives no key of anybody's", async () => {
    const lock = join(folder, "lost.lock.json");
    server.tell(quote, "silence");
    const error = await thrown(ensure({ lock, timeoutMs: 300 }));
    expect(error).toMatchObject({ code: "timeout", idempotencyKey: `filmgate-lock-${fingerprint}` });
    expect(error.message).toMatch(/300 ms\. It may have been ordered: the next ensure finds it by its order/);
    expect(error.message).not.toContain("idempotencyKey");
  });

  it("is not given by a filmgate that does not tell its fingerprint", async () => {
    server.tell(json({ object: "video.quote", estimated_cost_usd: 0.28 }));
    const error = await thrown(ensure());
    expect(error).toMatchObject({ code: "unreadable_answer" });
    expect(error.message).toContain("older than the client");
    expect(server.seen).toHaveLength(1);
  });

  it("is refused, and nothing is ordered, if it is another written differently and published otherwise", async () => {
    const lock = join(folder, "two-ways.lock.json");
    const titled = (title: string, more = {}) => ({ ...order, ...more, publish: { title } });
    const refusal = { code: "invalid_argument", message: expect.stringContaining("Order 1 and Order 2 are") };
    server.tell(quote, quote);
    const both = [titled("One"), titled("Two", { duration: 6 })];
    expect(await thrown(ensure({ lock, concurrency: 1 }, both))).toMatchObject(refusal);
    expect(server.seen).toHaveLength(2);
    const asOne = { ...video, publication: { ...video.publication, title: "One" } };
    server.tell(quote, created, over, json(asOne));
    await ensure({ lock }, [titled("One")]);
    const before = await readFile(lock, "utf8");
    server.tell(quote);
    expect(await thrown(ensure({ lock }, both))).toMatchObject(refusal);
    expect(await readFile(lock, "utf8")).toBe(before);
  });

  it("has no known price where none was told, and no limit lets it through", async () => {
    server.tell(json({ object: "video.quote", fingerprint }), created, over, json(video));
    expect(await thrown(ensure({ maxCostUsd: 5 }))).toMatchObject({ code: "over_budget" });
    expect(server.seen).toHaveLength(1);
  });

  it("costs what was told and counted, if there is a limit, however much it may cost by itself", async () => {
    server.tell(quote, created, over, json(video));
    const bodies: unknown[] = [];
    const fetch: Fetch = (url, init) => {
      if (typeof init.body === "string") bodies.push(JSON.parse(init.body));
      return globalThis.fetch(url, init);
    };
    await ensure({ fetch, maxCostUsd: 1 }, [{ ...order, max_cost_usd: 10 }]);
    expect(bodies).toMatchObject([{ dry_run: true, max_cost_usd: 10 }, { max_cost_usd: 0.28 }]);
  });

  it("is priced once in what is missing, however many ways it is written in", async () => {
    server.tell(quote, quote);
    const ways = [order, { ...order, duration: 6 as const }];
    const error = await thrown(ensure({ frozen: true, concurrency: 1 }, ways));
    expect(error).toMatchObject({ code: "not_locked", totalUsd: 0.28 });
    expect(error.message).toContain('it is the video of Order 1 ("Waves"), written differently');
  });

  it("is not priced over and over where filmgate cannot be reached", async () => {
    const away = { baseUrl: "http://127.0.0.1:9" };
    const orders = Array.from({ length: 9 }, (_, take) => ({ ...order, take: take + 1 }));
    const error = await thrown(ensure(away as EnsureOptions, orders));
    expect(error).toMatchObject({ code: "connection_failed" });
    expect(error.message).not.toContain("\n");
  });
});

describe("an order that another build had given, published otherwise", () => {
  it("is published anew by the next build, if this one could not", async () => {
    const lock = join(folder, "published-otherwise.lock.json");
    const wanted = [{ ...order, publish: { title: "New" } }];
    const other = { ...video, publication: { ...video.publication, title: "Old" } };
    const replayed = json({ ...taken, publication: other.publication }, 200, {
      "idempotent-replayed": "true",
    });
    const busy = json({ error: { message: "Later.", code: "internal" } }, 500);
    server.tell(quote, replayed, over, json(other), json(other), busy);
    expect(await thrown(ensure({ lock }, wanted))).toMatchObject({ status: 500 });
    const asNew = json({ ...publication, title: "New" });
    server.tell(json(other), asNew);
    expect(await ensure({ lock }, wanted)).toMatchObject([{ taskId, publish: { title: "New" } }]);
    expect(server.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `GET /v1/videos/${taskId}`,
      `POST /v1/videos/${taskId}/publish`,
    ]);
  });
});

describe("a video that another site's lock may have, since this one did not know it", () => {
  const replayedWith = (settings: object) =>
    json({ ...taken, publication: { ...video.publication, ...settings } }, 200, {
      "idempotent-replayed": "true",
    });

  it.each([
    ["of its sites", { origins: ["https://a.example"] }, { origins: ["https://b.example"] }],
    ["of all sites but its own", { origins: null }, { origins: ["https://b.example"] }],
    ["before its time", { expires_at: null }, { expires_at: 2_000_000_000 }],
  ])("is not taken off the pages %s in silence", async (_what, standing, publish) => {
    const lock = join(folder, `others-${count}.lock.json`);
    server.tell(quote, replayedWith(standing));
    const error = await thrown(ensure({ lock }, [{ ...order, publish }]));
    expect(error).toMatchObject({ code: "published_otherwise", taskId });
    expect(server.seen).toHaveLength(2);
    expect(readLock(await readFile(lock, "utf8").catch(() => writeLock({ videos: {} }))).videos).toEqual({});
  });

  it("is published for more sites than before, where they are added", async () => {
    const publish = { origins: ["https://a.example", "https://b.example"] };
    server.tell(quote, replayedWith({ origins: ["https://a.example"] }), over, json(video), json(video));
    const asked = ensure({}, [{ ...order, publish }]);
    await thrown(asked); // by the stand-in's next answer, which is no publication
    expect(server.seen.at(-1)).toMatchObject({ method: "POST", path: `/v1/videos/${taskId}/publish` });
  });
});

describe("a video of a filmgate that was tried on one machine", () => {
  const tried = "http://127.0.0.1:8787/v/file_0.mp4";
  const lockOfTrial = async () => {
    const lock = join(folder, `tried-${count++}.lock.json`);
    const [key, entry] = await ready(tried);
    await writeFile(lock, writeLock({ videos: { [key]: { ...entry, task_id: "task_0" } } }));
    return lock;
  };
  /** The stand-in, at an address that everybody reaches. */
  const everywhere: FilmgateOptions = {
    baseUrl: "https://video.example.com",
    fetch: (url, init) => fetch(url.replace("https://video.example.com", server.url), init),
  };

  it("was built into pages that nobody else could play: it is made where filmgate is asked now", async () => {
    const lock = await lockOfTrial();
    const notices: string[] = [];
    server.tell(quote, created, over, json(video));
    const [made] = await ensure({ ...everywhere, lock, onNotice: (sentence) => notices.push(sentence) });
    expect(made).toMatchObject({ taskId, url: publication.url, source: "created" });
    expect(notices).toEqual([
      expect.stringContaining("http://127.0.0.1:8787, which plays only on the machine"),
    ]);
    server.tell();
    expect(await ensure({ ...everywhere, lock, frozen: true })).toMatchObject([{ taskId, source: "lock" }]);
    expect(server.seen).toEqual([]);
  });

  it("is missing in a build that makes nothing, with what it costs", async () => {
    const lock = await lockOfTrial();
    server.tell(quote);
    const error = await thrown(ensure({ ...everywhere, lock, frozen: true }));
    expect(error).toMatchObject({ code: "not_locked", totalUsd: 0.28 });
    expect(error.message).toContain("$0.28, the lock has one at http://127.0.0.1:8787");
  });

  it("is missing, too, on a build service that names no filmgate, and on no other machine", async () => {
    const lock = await lockOfTrial();
    const nobody = { lock, baseUrl: undefined, frozen: true };
    vi.stubEnv("FILMGATE_URL", "");
    try {
      vi.stubEnv("CI", "true");
      expect(await thrown(ensure(nobody))).toMatchObject({ code: "not_locked" });
      const deployed = join(folder, `deployed-${count}.lock.json`);
      await writeFile(deployed, await lockWith(await ready()));
      expect(await ensure({ ...nobody, lock: deployed })).toMatchObject([{ taskId, url: publication.url }]);
      vi.stubEnv("CI", "");
      expect(await ensure(nobody)).toMatchObject([{ taskId: "task_0", url: tried }]);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it("is there for whoever tries that filmgate on", async () => {
    const lock = await lockOfTrial();
    server.tell();
    expect(await ensure({ lock, frozen: true })).toMatchObject([{ taskId: "task_0", url: tried }]);
    expect(server.seen).toEqual([]);
  });
});

describe("a merge conflict that git leaves while a video is awaited", () => {
  it("was united in silence: it is told, with what was paid twice", async () => {
    const lock = join(folder, "while-waiting.lock.json");
    const [key, entry] = await ready();
    const other = { ...order, take: 2 };
    const { key: otherKey, canonical } = await identifyOrder(other, folder);
    const sides = ["task_8", "task_9"].map((task_id) =>
      writeLock({ videos: { [otherKey]: { ...entry, order: canonical, task_id } } }).split("\n"),
    );
    const [ours = [], theirs = []] = sides;
    const at = ours.findIndex((line) => line.includes(otherKey));
    const torn = [
      ...ours.slice(0, at),
      ...["<<<<<<< HEAD", ours[at], "=======", theirs[at], ">>>>>>> branch"],
      ...ours.slice(at + 1),
    ];
    server.tell(quote, created, over, json(video));
    const notices: string[] = [];
    await ensure({
      lock,
      onNotice: (sentence) => notices.push(sentence),
      fetch: async (url, init) => {
        if (url.includes("/query/")) await writeFile(lock, torn.join("\n"));
        return fetch(url, init);
      },
    });
    expect(notices.join("\n")).toMatch(
      /had a merge conflict; both sides are united in it[\s\S]*task_8 is kept\. task_9/,
    );
    expect(Object.keys(readLock(await readFile(lock, "utf8")).videos).sort()).toEqual([key, otherKey].sort());
  });
});

describe("an answer that is not filmgate's", () => {
  it.each<[what: string, answers: Told[]]>([
    ["a create", [quote, json({})]],
    ["a video", [quote, created, over, json({})]],
    ["a publication", [quote, created, over, json({ ...video, publication: { url: "javascript:0" } })]],
  ])("to %s never comes into the lock, which later builds could not read", async (_what, answers) => {
    const lock = join(folder, `odd-${count}.lock.json`);
    server.tell(...answers);
    const error = await thrown(ensure({ lock }));
    expect(error).toMatchObject({ code: "unreadable_answer" });
    expect(error.message).toMatch(/^Order 1 \("Waves"\): .*(?:task_id|file_id|url): must be/);
    const text = await readFile(lock, "utf8").catch(() => writeLock({ videos: {} }));
    expect(() => readLock(text)).not.toThrow();
  });
});

describe("a lock that cannot be written", () => {
  it("is told before anything is given", async () => {
    server.tell(quote);
    const lock = join(folder, "nowhere", "videos.lock.json");
    expect(await thrown(ensure({ lock }))).toMatchObject({ code: "lock_unavailable" });
    expect(server.seen).toHaveLength(1);
  });

  it("does, where nothing has to be written, and leaves the folder as it was", async () => {
    const place = join(folder, "read-only");
    await mkdir(place);
    const lock = join(place, "videos.lock.json");
    await writeFile(lock, await lockWith(await ready()));
    await chmod(place, 0o555);
    server.tell();
    expect(await ensure({ lock })).toMatchObject([{ taskId, source: "lock" }]);
    expect(await ensure({ lock, frozen: true })).toMatchObject([{ taskId }]);
    expect(server.seen).toEqual([]);
    expect(await readdir(place)).toEqual(["videos.lock.json"]);
    await chmod(place, 0o755);
  });
});

async function ready(url = publication.url): Promise<[string, ReadyEntry]> {
  const { key, canonical } = await identifyOrder(order, folder);
  return [
    key,
    {
      ...{ state: "ready", order: canonical, fingerprint, task_id: taskId, publish: {}, file_id: "file_1" },
      ...{ url, page_url: address, poster_url: null, width: null, height: null },
      ...{ seconds: 6, bytes: 9, sha256: "a".repeat(64) },
    },
  ];
}
const lockWith = async ([key, entry]: [string, ReadyEntry]) => writeLock({ videos: { [key]: entry } });

describe("an address that is verified", () => {
  it.each<[title: string, answers: Told[], code: string | null]>([
    ["plays", [{ status: 200 }], null],
    ["plays after a moment of trouble", [{ status: 503 }, { status: 429 }, { status: 200 }], null],
    ["is in trouble", [{ status: 503 }, { status: 503 }, { status: 503 }], "connection_failed"],
    [
      "is gone with its video",
      [{ status: 404 }, json({ error: { message: "x", code: "not_found" } }, 404)],
      "video_gone",
    ],
    ["was taken down", [{ status: 404 }, json({ ...video, publication: null })], "video_taken_down"],
    ["does not play though it should", [{ status: 403 }, json(video)], "unreadable_answer"],
    [
      "has ended",
      [{ status: 410 }, json({ ...video, publication: { ...video.publication, expires_at: 5 } })],
      "publication_expired",
    ],
  ])("%s", async (_title, answers, code) => {
    const lock = join(folder, `verified-${count++}.lock.json`);
    const text = await lockWith(await ready(`${server.url}/v/file_1.mp4`));
    await writeFile(lock, text);
    server.tell(...answers);
    const outcome = await ensure({ lock, verify: true, frozen: true }).catch(
      (error: FilmgateError) => error.code,
    );
    if (code === null) expect(outcome).toMatchObject([{ taskId }]);
    else expect(outcome).toBe(code);
    expect(server.seen[0]).toMatchObject({ method: "HEAD", path: "/v/file_1.mp4" });
    expect(server.seen).toHaveLength(answers.length);
    expect(await readFile(lock, "utf8")).toBe(text);
  });
});

it.each([
  [{ concurrency: 0 }, "concurrency must be a whole number from 1 on, not 0."],
  [{ maxCostUsd: Number.NaN }, "maxCostUsd must be dollars from 0 on, not NaN."],
  [{ lock: "file://elsewhere/x" }, "file://elsewhere/x names no file of this machine."],
])("refuses %j", async (options, message) => {
  expect(await thrown(ensure(options))).toMatchObject({ code: "invalid_argument", message });
});

it.each([
  ["nothing", undefined],
  ["a text", "Waves"],
  ["an order without a model", { prompt: "Waves" }],
])("refuses %s for an order, and says which", async (_title, given) => {
  const error = await thrown(ensure({}, [order, given as never]));
  expect(error).toMatchObject({ code: "invalid_argument" });
  expect(error.message).toMatch(/^Order 2 must be an order/);
});
