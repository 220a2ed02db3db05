/** The lock in a real world: what is ordered once is never ordered again, whatever happens to builds, files and videos. */

import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { makeKey, root } from "../../scripts/worker.ts";
import { readLock } from "../../src/client/ensure/lock.ts";
import {
  describeProgress,
  EnsureFailedError,
  type EnsureOptions,
  type EnsureOrder,
  type EnsureProgress,
  ensureVideos,
  Filmgate,
  type FilmgateError,
  MissingVideosError,
  VideoFailedError,
  WaitTimeoutError,
} from "../../src/client/filmgate.ts";
import { startProxy } from "../client/proxy.ts";
import { png } from "../domain/images.ts";
import { startWorld, until, type World } from "./world.ts";

let world: World;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let filmgate: Filmgate;
/** Its way leads through the proxy, which sees what is asked. */
let far: Filmgate;
let folder: string;
beforeAll(async () => {
  // A developer's machine, where videos of this same machine play.
  vi.stubEnv("CI", "");
  folder = await mkdtemp(join(tmpdir(), "filmgate-lock-"));
  world = await startWorld({ callbacks: "reachable" });
  proxy = await startProxy(world.url);
  filmgate = new Filmgate({ apiKey: world.key, baseUrl: world.url });
  far = new Filmgate({ apiKey: world.key, baseUrl: `${proxy.url}/behind` });
});
afterEach(() => {
  proxy.faults.length = 0;
  proxy.seen.length = 0;
});
afterAll(async () => {
  await proxy.stop();
  await world.stop();
  await rm(folder, { recursive: true, force: true });
  vi.unstubAllEnvs();
});

const model = "MiniMax-Hailuo-2.3";
let count = 0;
/** The options of a build with a lock of its own, on a developer's machine. */
function newBuild(more: EnsureOptions = {}): EnsureOptions & { lock: string } {
  count += 1;
  return { frozen: false, ...more, lock: join(folder, `videos-${count}.lock.json`) };
}
const readVideos = async (lock: string) => Object.values(readLock(await readFile(lock, "utf8")).videos);
const order = (
  scenario = "",
  more: Omit<Partial<EnsureOrder>, "prompt"> = {},
): EnsureOrder & { prompt: string } => ({
  model,
  prompt: world.prompt(scenario),
  ...more,
});

async function thrown<E = FilmgateError>(call: Promise<unknown>): Promise<E> {
  return call.then(
    () => expect.unreachable("it did not fail"),
    (error: unknown) => error as E,
  );
}

describe("an order", () => {
  it("is made once, and then answered without any request, though filmgate is gone and no key is there", async () => {
    const build = newBuild();
    const orders = [order("", { publish: { title: "Waves" } }), order("instant")];
    const seen: EnsureProgress[] = [];
    const first = await filmgate.ensureAll(orders, {
      ...build,
      onProgress: (progress) => seen.push(progress),
    });
    expect(first).toMatchObject([
      { source: "created", costUsd: 0.28, width: 1366, height: 768, seconds: 6, publish: { title: "Waves" } },
      { source: "created", costUsd: 0.28, publish: {} },
    ]);
    for (const { url, sha256, bytes } of first) {
      const file = Buffer.from(await (await fetch(String(url))).arrayBuffer());
      expect([file.byteLength, createHash("sha256").update(file).digest("hex")]).toEqual([bytes, sha256]);
    }
    expect(seen[0]).toMatchObject({ source: "created", video: { status: "queued", progress: 0 } });
    expect(seen.at(-1)?.video.status).toBe("completed");
    expect(new Set(seen.map(({ indices: [index] }) => index))).toEqual(new Set([0, 1]));
    expect(seen.map(({ video }) => describeProgress(video))).toContain("ready");

    const text = await readFile(build.lock, "utf8");
    const nowhere = { baseUrl: "http://127.0.0.1:9", fetch: () => expect.unreachable("a request was made") };
    for (const options of [build, { ...build, frozen: true }]) {
      expect(await ensureVideos(orders, options)).toEqual(
        first.map((video) => ({ ...video, source: "lock", costUsd: 0 })),
      );
      expect(await new Filmgate({ apiKey: "mql_x", ...nowhere }).ensureAll(orders, options)).toHaveLength(2);
    }
    expect(await readFile(build.lock, "utf8")).toBe(text);
    expect(text).not.toContain(world.key);
  });

  it("that stands there twice is one video, and paid once", async () => {
    const one = order("instant");
    const dry = { ...one, metadata: { page: "/" }, dry_run: true };
    const answers = await filmgate.ensureAll([dry, order("instant"), one], newBuild());
    expect(answers[2]).toEqual({ ...answers[0], costUsd: 0 });
    expect(answers[1]?.taskId).not.toBe(answers[0]?.taskId);
    expect(await world.ledger(one.prompt)).toMatchObject({ creates: 1 });
  });

  it("that writes a default out is the same video, found without another create", async () => {
    const build = newBuild();
    const one = order("instant");
    const first = await filmgate.ensure(one, build);
    const second = await filmgate.ensure({ ...one, duration: 6, resolution: "768p", take: 1 }, build);
    expect(second).toMatchObject({ taskId: first.taskId, source: "lock", costUsd: 0 });
    expect(second.key).not.toBe(first.key);
    const both = [order("instant"), order("instant")].map(({ prompt }) => ({ model, prompt }));
    const [plain] = both;
    const answers = await filmgate.ensureAll([...both, { ...plain, model, take: 1 }], build);
    expect(answers[2]?.taskId).toBe(answers[0]?.taskId);
    expect(answers.map(({ costUsd }) => costUsd)).toEqual([0.28, 0.28, 0]);
    expect(await readVideos(build.lock)).toHaveLength(5);
    expect(await world.ledger(one.prompt)).toMatchObject({ creates: 1 });
  });

  it("of another picture in the same file is another video", async () => {
    const build = newBuild();
    const path = join(folder, "hero.jpg");
    await copyFile(join(root, "scripts", "first-frame.jpg"), path);
    const one = order("instant", { first_frame_image: "./hero.jpg" });
    const first = await filmgate.ensure(one, build);
    const sha256 = createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
    expect(first.order).toEqual({ model, prompt: one.prompt, first_frame_image: `sha256:${sha256}` });
    expect(first.posterUrl).not.toBeNull();
    expect(await filmgate.ensure(one, build)).toMatchObject({ taskId: first.taskId, source: "lock" });
    const ledger = await world.ledger(one.prompt);
    expect(ledger.tasks.map(({ first_frame_sha256 }) => first_frame_sha256)).toEqual([sha256]);
    await writeFile(path, png(800, 600));
    const second = await filmgate.ensure(one, build);
    expect(second.taskId).not.toBe(first.taskId);
    expect(await world.ledger(one.prompt)).toMatchObject({ creates: 2 });
  });

  it("that cannot be made is named by its place and its beginning, and nothing is made", async () => {
    const fine = order();
    const error = await thrown(filmgate.ensureAll([fine, order("", { duration: 7 })], newBuild()));
    expect(error).toMatchObject({ code: "unsupported_combination" });
    expect(error.message).toMatch(
      /^Order 2 \("A journey [^"]{20,}…"\): duration: MiniMax-Hailuo-2.3 does not make 7/,
    );
    const several = await thrown<EnsureFailedError>(
      filmgate.ensureAll([order("", { duration: 7 }), fine, { model: "T3V" }], newBuild()),
    );
    expect(several).toBeInstanceOf(EnsureFailedError);
    expect(several.errors.map(({ code }) => code)).toEqual(["unsupported_combination", "unknown_model"]);
    expect(several.message.split("\n")).toHaveLength(2);
    expect(await world.ledger(fine.prompt)).toMatchObject({ creates: 0 });
  });
});

describe("frozen mode", () => {
  it("makes nothing, and says what is missing and what it would cost", async () => {
    const build = newBuild();
    const there = order("instant");
    await filmgate.ensure(there, build);
    const missing = [
      order("", { resolution: "1080P" }),
      order("", { model: "T2V-01" }),
      order("", { duration: 7 }),
    ];
    const error = await thrown<MissingVideosError>(
      filmgate.ensureAll([there, ...missing, { ...there, take: 1 }], { ...build, frozen: true }),
    );
    expect(error).toBeInstanceOf(MissingVideosError);
    expect(error.code).toBe("not_locked");
    expect(error.missing.map(({ indices, estimatedCostUsd }) => [indices[0], estimatedCostUsd])).toEqual([
      [1, 0.49],
      [2, null],
      [3, null],
      [4, 0],
    ]);
    expect(error.missing.map(({ why }) => why)).toEqual([
      null,
      "no price is known",
      expect.stringMatching(/^price unknown: duration: MiniMax-Hailuo-2.3 does not make 7 seconds/),
      expect.stringMatching(/^it is the video of task_\w+ in the lock, written differently$/),
    ]);
    expect(error.totalUsd).toBeNull();
    expect(error.message).toContain("4 videos are not in ");
    const [one] = missing;
    const priced = await thrown<MissingVideosError>(
      filmgate.ensure(one as EnsureOrder, { ...build, frozen: true }),
    );
    expect(priced.totalUsd).toBe(0.49);
    expect(priced.message).toMatch(
      /1 video is not in .*To make them costs \$0\.49\..*\n {2}Order 1 \("A journey .*"\): \$0\.49$/,
    );
    for (const { prompt } of missing) expect(await world.ledger(prompt)).toMatchObject({ creates: 0 });
    expect(await readVideos(build.lock)).toHaveLength(1);
  });

  it("lists them without a price where filmgate cannot be asked, and says why", async () => {
    const orders = [order(), order()];
    const build = { ...newBuild(), frozen: true };
    const keyless = await thrown<MissingVideosError>(ensureVideos(orders, build));
    expect(keyless.missing).toMatchObject([
      { estimatedCostUsd: null, why: expect.stringContaining("filmgate needs an API key") },
      { estimatedCostUsd: null, why: expect.stringContaining("filmgate needs an API key") },
    ]);
    const connection = { apiKey: world.key, baseUrl: "http://127.0.0.1:9", maxRetries: 0 };
    const away = await thrown<MissingVideosError>(ensureVideos(orders, { ...build, ...connection }));
    expect(away.missing).toHaveLength(2);
    expect(away.message).toContain(
      "price unknown: POST http://127.0.0.1:9/v1/videos/generations got no answer",
    );
    // Nothing was ordered, so there is nothing to take care of.
    expect(away.message).not.toMatch(/may have arrived|idempotencyKey/);
  });

  it("is the default on build services, and can be said no to", async () => {
    const ci = process.env.CI;
    try {
      for (const [value, isFrozen] of [
        ["true", true],
        ["1", true],
        ["false", false],
        ["0", false],
        ["", false],
      ] as const) {
        process.env.CI = value;
        const { frozen: _frozen, ...build } = newBuild();
        const error = await thrown(ensureVideos([order()], build));
        expect([value, error.code]).toEqual([value, isFrozen ? "not_locked" : "invalid_setting"]);
      }
    } finally {
      if (ci === undefined) delete process.env.CI;
      else process.env.CI = ci;
    }
  });
});

describe("a limit of what may be spent", () => {
  it("holds for all that is missing together, before anything is made", async () => {
    const build = newBuild();
    const orders = [order("instant"), order("instant")];
    const error = await thrown(filmgate.ensureAll(orders, { ...build, maxCostUsd: 0.55 }));
    expect(error).toMatchObject({ code: "over_budget", details: { total_usd: 0.56 } });
    expect(error.message).toContain(
      "2 videos would cost $0.56, more than the $0.55 allowed. Nothing was made.",
    );
    for (const { prompt } of orders) expect(await world.ledger(prompt)).toMatchObject({ creates: 0 });
    const unknown = await thrown(
      filmgate.ensure(order("", { model: "T2V-01" }), { ...build, maxCostUsd: 9 }),
    );
    expect(unknown).toMatchObject({ code: "over_budget", param: "maxCostUsd" });
    expect(await filmgate.ensureAll(orders, { ...build, maxCostUsd: 0.56 })).toHaveLength(2);
    expect(await filmgate.ensureAll(orders, { ...build, maxCostUsd: 0 })).toHaveLength(2);
  });
});

/** A build in a process of its own, which prints its answer as JSON. */
function startBuild(
  options: EnsureOptions,
  orders: readonly EnsureOrder[],
): ChildProcess & { answer: Promise<string> } {
  const module = pathToFileURL(join(root, "src", "client", "filmgate.ts")).href;
  const script = `
    import { ensureVideos } from ${JSON.stringify(module)};
    const answers = await ensureVideos(${JSON.stringify(orders)}, ${JSON.stringify(options)});
    console.log(JSON.stringify(answers));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, FILMGATE_API_KEY: world.key, FILMGATE_URL: world.url },
  });
  let text = "";
  child.stdout?.on("data", (chunk) => {
    text += chunk;
  });
  const answer = new Promise<string>((resolve) => child.on("exit", () => resolve(text)));
  return Object.assign(child, { answer });
}

describe("a build that", () => {
  it("is killed while it waits is gone on with by the next, and nothing is ordered again", async () => {
    const build = newBuild();
    const one = order("late=5");
    const child = startBuild(build, [one]);
    await until(
      async () => (await readFile(build.lock, "utf8").catch(() => "")) !== "",
      "it is written down",
    );
    child.kill("SIGKILL");
    await child.answer;
    expect(await readVideos(build.lock)).toMatchObject([{ state: "making" }]);
    const frozen = await thrown<MissingVideosError>(filmgate.ensure(one, { ...build, frozen: true }));
    expect(frozen.missing).toMatchObject([
      { estimatedCostUsd: 0, why: expect.stringMatching(/^ordered as task_/) },
    ]);
    const video = await far.ensure(one, build);
    expect(video).toMatchObject({ source: "joined", costUsd: 0 });
    expect(proxy.seen.filter(({ method }) => method === "POST")).toEqual([]);
    expect(await world.ledger(one.prompt)).toMatchObject({ creates: 1, billed: 1 });
    expect(await readVideos(build.lock)).toMatchObject([{ state: "ready", task_id: video.taskId }]);
  });

  it("runs beside another over the same lock shares each video with it, and loses no entry", async () => {
    const build = newBuild();
    const orders = [order("late=2"), order("instant"), order("instant")];
    const [first, second, third] = orders as [EnsureOrder, EnsureOrder, EnsureOrder];
    const builds = [startBuild(build, [first, second]), startBuild(build, [third, first])];
    const [one, other] = (await Promise.all(builds.map(({ answer }) => answer))).map((text) =>
      JSON.parse(text),
    );
    expect(one[0].taskId).toBe(other[1].taskId);
    expect((await readVideos(build.lock)).map(({ state }) => state)).toEqual(["ready", "ready", "ready"]);
    for (const { prompt } of orders)
      expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 1 });
  });

  it("knows nothing of another's lock joins its video", async () => {
    const one = order("late=2");
    const [first, second] = await Promise.all([
      filmgate.ensure(one, newBuild()),
      far.ensure(one, newBuild()),
    ]);
    expect(second.taskId).toBe(first.taskId);
    expect([first.source, second.source].sort()).toEqual(["created", "joined"]);
    expect(await filmgate.ensure(one, newBuild())).toMatchObject({
      taskId: first.taskId,
      source: "joined",
      costUsd: 0,
    });
    expect(await world.ledger(one.prompt)).toMatchObject({ creates: 1, billed: 1 });
  });

  it("loses the answer to its create, at once or for good, pays once", async () => {
    const build = newBuild();
    const one = order("instant");
    // The dry run passes; of the create the answers are lost.
    proxy.faults.push("pass", "drop after", "502 after", "cut after");
    expect(await far.ensure(one, build)).toMatchObject({ source: "created" });
    const other = order("instant");
    const impatient = new Filmgate({ apiKey: world.key, baseUrl: `${proxy.url}/behind`, maxRetries: 0 });
    proxy.faults.length = 0;
    proxy.faults.push("pass", "drop after");
    expect(await thrown(impatient.ensure(other, build))).toMatchObject({ code: "connection_failed" });
    expect(await impatient.ensure(other, build)).toMatchObject({ source: "joined" });
    for (const { prompt } of [one, other]) expect(await world.ledger(prompt)).toMatchObject({ creates: 1 });
  });

  it("is out of time, or is called off, leaves the video in the lock for the next", async () => {
    const build = newBuild();
    const one = order("late=5");
    const late = await thrown<WaitTimeoutError>(filmgate.ensure(one, { ...build, maxWaitMs: 300 }));
    expect(late).toBeInstanceOf(WaitTimeoutError);
    expect(late.message).toContain("build again, and it is waited for and not ordered again");
    const controller = new AbortController();
    const calledOff = thrown(filmgate.ensure(one, { ...build, signal: controller.signal }));
    controller.abort(new Error("enough"));
    expect(await calledOff).toMatchObject({ message: "enough" });
    expect(await filmgate.ensure(one, build)).toMatchObject({ source: "joined" });
    expect(await world.ledger(one.prompt)).toMatchObject({ creates: 1 });
  });
});

describe("a merge conflict in the lock", () => {
  it("is united where the build may write, with what was paid twice told, and refused where it may not", async () => {
    const [ours, theirs] = [newBuild(), newBuild()];
    const orders = [order("instant"), order("instant"), order("instant")] as const;
    const shared = orders[1];
    await filmgate.ensureAll([orders[0], shared], ours);
    // Another key is another memory: the same order is another task there.
    const key = await makeKey(world.url, "the other branch");
    await new Filmgate({ apiKey: key, baseUrl: world.url }).ensureAll([shared, orders[2]], theirs);
    const both = newBuild();
    const [one = "", other = ""] = await Promise.all(
      [ours, theirs].map(({ lock }) => readFile(lock, "utf8")),
    );
    await writeFile(both.lock, `<<<<<<< HEAD\n${one}=======\n${other}>>>>>>> branch\n`);
    expect(await thrown(filmgate.ensureAll(orders, { ...both, frozen: true }))).toMatchObject({
      code: "lock_conflict",
    });
    const notices: string[] = [];
    const answers = await ensureVideos(orders, { ...both, onNotice: (sentence) => notices.push(sentence) });
    expect(answers.map(({ source }) => source)).toEqual(["lock", "lock", "lock"]);
    expect(notices[0]).toMatch(/had a merge conflict; both sides are united in it\. Commit it\.$/);
    const tasks = [await readVideos(ours.lock), await readVideos(theirs.lock)].map(
      (videos) => videos.find(({ order: { prompt } }) => prompt === shared.prompt)?.task_id,
    );
    expect(tasks).toContain(answers[1]?.taskId);
    expect(notices[1]).toContain(String(tasks.find((task) => task !== answers[1]?.taskId)));
    expect(await ensureVideos(orders, { ...both, frozen: true })).toHaveLength(3);
  });

  it("or what cannot be read is never written over", async () => {
    const build = newBuild();
    for (const text of ['{"lockfileVersion": 2, "videos": {}}', "not a lock"]) {
      await writeFile(build.lock, text);
      expect(await thrown(filmgate.ensure(order(), build))).toMatchObject({ code: "lock_unreadable" });
      expect(await readFile(build.lock, "utf8")).toBe(text);
    }
  });
});

describe("a video that was deleted behind the lock's back", () => {
  it("is told when it is looked at, while it is made, and when its order is given again", async () => {
    const build = newBuild();
    const one = order("instant");
    const { taskId } = await filmgate.ensure(one, build);
    await filmgate.video.delete(taskId);
    expect(await filmgate.ensure(one, build)).toMatchObject({ taskId });
    const verified = await thrown(filmgate.ensure(one, { ...build, verify: true }));
    expect(verified).toMatchObject({ code: "video_gone", taskId });
    expect(verified.message).toContain("give the order another take, or take its entry out of the lock");
    const keyless = await thrown(ensureVideos([one], { ...build, frozen: true, verify: true }));
    expect(keyless).toMatchObject({ code: "video_gone", status: 404, taskId });
    expect(await thrown(filmgate.ensure(one, newBuild()))).toMatchObject({ code: "video_gone", status: 410 });
    expect(await world.ledger(one.prompt)).toMatchObject({ creates: 1 });
  });

  it("is told when it was being made", async () => {
    const build = newBuild();
    const one = order("late=5");
    await thrown(filmgate.ensure(one, { ...build, maxWaitMs: 0 }));
    const [entry] = await readVideos(build.lock);
    const taskId = entry?.task_id ?? "";
    await filmgate.video.delete(taskId);
    await until(async () => (await world.video(taskId)).cost.state !== "reserved", "its money is known");
    await filmgate.video.delete(taskId);
    expect(await thrown(filmgate.ensure(one, build))).toMatchObject({ code: "video_gone", taskId });
    expect(await readVideos(build.lock)).toEqual([entry]);
  });
});

describe("a video that was taken down", () => {
  it("is told when it is looked at, and never published again by a build", async () => {
    const build = newBuild();
    const one = order("instant");
    const { taskId, url } = await filmgate.ensure(one, { ...build, verify: true });
    await filmgate.video.unpublish(taskId);
    expect(await filmgate.ensure(one, build)).toMatchObject({ url });
    const isTakenDown = { code: "video_taken_down", taskId };
    expect(await thrown(filmgate.ensure(one, { ...build, verify: true }))).toMatchObject(isTakenDown);
    const changed = { ...one, publish: { title: "New" } };
    expect(await thrown(filmgate.ensure(changed, build))).toMatchObject(isTakenDown);
    expect(await thrown(filmgate.ensure(one, newBuild()))).toMatchObject(isTakenDown);
    expect((await fetch(String(url))).status).toBe(404);
    await filmgate.video.publish(taskId);
    expect(await filmgate.ensure(one, { ...build, verify: true })).toMatchObject({ url });
  });
});

describe("how a video is published", () => {
  it("follows the order when that changes, and only where the build may write", async () => {
    const build = newBuild();
    const one = order("instant");
    const first = await filmgate.ensure(one, build);
    const changed = { ...one, publish: { title: "Waves", alt: "Waves at sunset" } };
    const frozen = await thrown<MissingVideosError>(ensureVideos([changed], { ...build, frozen: true }));
    expect(frozen.missing).toMatchObject([
      { estimatedCostUsd: 0, why: expect.stringContaining("publish settings") },
    ]);
    const notices: string[] = [];
    const second = await filmgate.ensure(changed, {
      ...build,
      onNotice: (sentence) => notices.push(sentence),
    });
    expect(second).toEqual({ ...first, source: "lock", costUsd: 0, publish: changed.publish });
    expect(notices).toHaveLength(1);
    expect((await world.video(first.taskId)).publication).toMatchObject({
      title: "Waves",
      alt: "Waves at sunset",
    });
    expect(await ensureVideos([changed], { ...build, frozen: true })).toHaveLength(1);
  });

  it("is not at all, if nobody wants it, until somebody does", async () => {
    const build = newBuild();
    const one = order("instant");
    const first = await filmgate.ensure(one, { ...build, publish: false, verify: true });
    expect(first).toMatchObject({ url: null, pageUrl: null, publish: null });
    const second = await filmgate.ensure(one, build);
    expect(second).toMatchObject({ taskId: first.taskId, publish: {} });
    expect((await fetch(String(second.url))).status).toBe(200);
    expect(await filmgate.ensure(one, { ...build, publish: false })).toMatchObject({ url: second.url });
  });

  it("cannot be two things at once", async () => {
    const one = order();
    const error = await thrown(
      filmgate.ensureAll(
        [
          { ...one, publish: { title: "One" } },
          { ...one, publish: { title: "Two" } },
        ],
        newBuild(),
      ),
    );
    expect(error).toMatchObject({ code: "invalid_argument" });
    expect(error.message).toContain("Order 1 and Order 2 are the same video");
  });

  it("has ended, and that is told", async () => {
    const build = newBuild();
    const expires_at = Math.floor(Date.now() / 1000) + 3;
    const one = order("instant", { publish: { expires_at } });
    const { taskId, url } = await filmgate.ensure(one, build);
    await until(async () => (await fetch(String(url))).status === 410, "it has ended");
    expect(await thrown(filmgate.ensure(one, { ...build, verify: true }))).toMatchObject({
      code: "publication_expired",
      taskId,
    });
  });
});

describe("a video that failed", () => {
  it.each([
    ["at once", "refuse=1026", "content_refused"],
    ["later", "fail=1027", "content_moderated"],
  ])(
    "%s with nothing charged is forgotten, and ordered once more by the next build",
    async (_title, scenario, code) => {
      const build = newBuild();
      const one = order(scenario);
      const error = await thrown<VideoFailedError>(filmgate.ensure(one, build));
      expect(error).toBeInstanceOf(VideoFailedError);
      expect(error).toMatchObject({ code, costState: "released" });
      expect(await readVideos(build.lock).catch(() => [])).toEqual([]);
      expect(await world.ledger(one.prompt)).toMatchObject({ creates: 1, billed: 0 });
      expect(await thrown(filmgate.ensure(one, build))).toMatchObject({ code });
      expect(await world.ledger(one.prompt)).toMatchObject({ creates: 2, billed: 0 });
      // A machine that knows nothing of it goes the same way.
      expect(await thrown(filmgate.ensure(one, newBuild()))).toMatchObject({ code });
      expect(await world.ledger(one.prompt)).toMatchObject({ creates: 3, billed: 0 });
    },
  );

  it("leaves the others alone: they are in the lock, and every failure is told", async () => {
    const build = newBuild();
    const orders = [order("fail=1027"), order("instant"), order("refuse=1026")];
    const error = await thrown<EnsureFailedError>(filmgate.ensureAll(orders, build));
    expect(error.errors.map(({ code }) => code)).toEqual(["content_moderated", "content_refused"]);
    expect(await readVideos(build.lock)).toMatchObject([
      { state: "ready", order: { prompt: orders[1]?.prompt } },
    ]);
  });

  it.each<[string, "settled" | "held" | "released", RegExp]>([
    ["was charged", "settled", /It was charged, so it is not ordered again by itself: raise take/],
    [
      "was called off",
      "released",
      /It was not charged, but called off, so it is not ordered again by itself: raise take/,
    ],
    ["may have been", "held", /It may have been charged, so it is not ordered again by itself: raise take/],
  ])(
    "and %s stays in the lock, and is not ordered again but with another take",
    async (_title, state, sentence) => {
      const build = newBuild();
      const one = {
        settled: () => order("instant file-slow=2000"),
        released: () => order("queue=20000", { model: "MiniMax-H3" }),
        held: () => order("expired", { model: "MiniMax-H3" }),
      }[state]();
      if (state !== "held") {
        await thrown(filmgate.ensure(one, { ...build, maxWaitMs: 0 }));
        const isBegun = async () => {
          const [task] = (await world.ledger(one.prompt)).tasks;
          return state === "settled" ? task?.downloads === 1 : task !== undefined;
        };
        await until(isBegun, "MiniMax has it");
        const [entry] = await readVideos(build.lock);
        const taskId = entry?.task_id ?? "";
        await filmgate.video.delete(taskId);
        await until(async () => (await world.video(taskId)).cost.state === state, "its money is known");
      }
      const error = await thrown<VideoFailedError>(filmgate.ensure(one, build));
      expect(error).toMatchObject({ costState: state, message: expect.stringMatching(sentence) });
      const locked = await readVideos(build.lock);
      expect(locked).toMatchObject([{ state: "failed", cost_state: state, task_id: error.taskId }]);
      const frozen = await thrown<MissingVideosError>(filmgate.ensure(one, { ...build, frozen: true }));
      expect(frozen.missing).toMatchObject([{ estimatedCostUsd: 0, why: expect.stringMatching(sentence) }]);
      for (const again of [build, newBuild()]) {
        expect(await thrown(filmgate.ensure(one, again))).toMatchObject({
          taskId: error.taskId,
          costState: state,
        });
      }
      expect(await readVideos(build.lock)).toEqual(locked);
      expect((await world.ledger(one.prompt)).creates).toBe(1);
      const another = { ...one, take: 2 };
      await thrown(filmgate.ensure(another, { ...build, maxWaitMs: 0 }));
      await until(async () => (await world.ledger(one.prompt)).creates === 2, "the other take is ordered");
    },
  );
});
