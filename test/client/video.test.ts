/** The client against the real Worker and the simulator: what the seed shows, what goes wrong, and what is paid. */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../scripts/worker.ts";
import {
  ConnectionError,
  type CreateVideoResponse,
  Filmgate,
  FilmgateError,
  type LinkOptions,
  type QueryVideoResponse,
  VideoFailedError,
  type VideoOrder,
  WaitTimeoutError,
} from "../../src/client/filmgate.ts";
import { film, wave } from "../domain/media-files.ts";
import { startWorld, until, type World } from "../journeys/world.ts";
import { startProxy } from "./proxy.ts";

let world: World;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let filmgate: Filmgate;
/** Its way leads through the proxy. */
let far: Filmgate;
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
  proxy = await startProxy(world.url);
  filmgate = new Filmgate({ apiKey: world.key, baseUrl: world.url });
  far = new Filmgate({ apiKey: world.key, baseUrl: `${proxy.url}/behind/` });
});
afterEach(() => {
  proxy.faults.length = 0;
  proxy.seen.length = 0;
});
afterAll(async () => {
  await proxy.stop();
  await world.stop();
});

const model = "MiniMax-Hailuo-2.3";

/** What a call throws. */
async function thrown(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => expect.unreachable("it did not fail"),
    (error: unknown) => error,
  );
}

async function hashAt(url: string): Promise<string> {
  const response = await fetch(url);
  expect(response.headers.get("content-type")).toBe("video/mp4");
  return createHash("sha256")
    .update(new Uint8Array(await response.arrayBuffer()))
    .digest("hex");
}

describe("the seed's snippets work as they stand:", () => {
  it("text to video, then status, then download", async () => {
    const mql = filmgate;
    // biome-ignore-start format: the seed's own lines
    const video = await mql.video.create({
      model: "MiniMax-Hailuo-2.3",
      prompt: "Ocean waves crashing on a sandy beach at sunset",
      duration: 6,
      resolution: "1080P",
    });

    console.log(video.task_id);
    // biome-ignore-end format: the seed's own lines
    expect(video).toMatchObject({ task_id: video.id, base_resp: { status_code: 0, status_msg: "success" } });
    await world.untilOver(video.task_id);
    const urls: string[] = [];
    // biome-ignore-start format: the seed's own lines
    // Poll until complete
    const status = await mql.video.queryVideoStatus(video.task_id);

    if (status.status === "Success") {
      const result = await mql.video.downloadVideo(status.file_id);
      console.log("Download URL:", result.download_url);
      urls.push(result.download_url);
    }
    // biome-ignore-end format: the seed's own lines
    expect(urls).toHaveLength(1);
    const { sha256 } = await filmgate.video.get(video.task_id);
    expect(await hashAt(String(urls[0]))).toBe(sha256);
  });

  it("image to video, waiting in one call", async () => {
    const mql = filmgate;
    // biome-ignore-start format: the seed's own lines
    const video = await mql.video.createFromImage({
      model: "I2V-01",
      prompt: "The camera slowly pans right",
      first_frame_image: "https://example.com/photo.jpg",
    });
    // biome-ignore-end format: the seed's own lines
    const result = await mql.video.queryAndWait(video.task_id);
    const download = await mql.video.downloadVideo(result.file_id);
    expect(result).toMatchObject({ status: "Success", download_url: expect.stringContaining("/files/") });
    expect(await hashAt(download.download_url)).toBe(download.sha256);
    expect((await mql.video.queryAndDownload(video.task_id)).file_id).toBe(result.file_id);
  });
});

describe("generate", () => {
  it("orders, waits and links in one call, and tells how it goes", async () => {
    const prompt = world.prompt();
    const told: QueryVideoResponse[] = [];
    const created: CreateVideoResponse[] = [];
    const made = await filmgate.video.generate(
      { model, prompt, metadata: { page: "/home" } },
      {
        onCreated: (order) => created.push(order),
        onProgress: (status) => told.push(status),
        pollIntervalMs: 250,
        expiresIn: 3600,
        filename: "Waves at sunset",
      },
    );
    expect(created.map((order) => order.task_id)).toEqual([made.taskId]);
    expect(told.length).toBeGreaterThan(1);
    expect(told.at(-1)).toMatchObject({ status: "Success", progress: 100 });
    const progress = told.map((status) => status.progress);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(made.video).toMatchObject({ id: made.taskId, status: "completed", metadata: { page: "/home" } });
    expect(made.expiresAt.getTime()).toBeGreaterThan(Date.now() + 3_500_000);
    expect(made.expiresAt.getTime()).toBeLessThan(Date.now() + 12 * 3_600_000);
    const response = await fetch(made.downloadUrl);
    expect(response.headers.get("content-disposition")).toBe('attachment; filename="Waves at sunset.mp4"');
    expect((await response.arrayBuffer()).byteLength).toBe(made.bytes);
    expect(await world.ledger(prompt)).toMatchObject({
      creates: 1,
      billed: 1,
      tasks: [{ sha256: made.sha256 }],
    });
  });

  it("uploads a video and a sound for MiniMax-H3 as it uploads an image", async () => {
    const [clip, sound] = [
      await filmgate.video.uploadImage(film({ seconds: 2 })),
      await filmgate.video.uploadImage(wave(2)),
    ];
    expect([clip.id, sound.id]).toEqual([expect.stringMatching(/^video_/), expect.stringMatching(/^audio_/)]);
    const order = { model: "MiniMax-H3", prompt: world.prompt() } as const;
    const references = { reference_videos: [clip.id], reference_audio: [sound.id] };
    expect(await filmgate.video.create({ ...order, ...references, dry_run: true })).toMatchObject({
      mode: "references",
    });
  });

  it("starts from an uploaded image", async () => {
    const bytes = await readFile(join(root, "scripts", "first-frame.jpg"));
    const image = await filmgate.video.uploadImage(new Blob([bytes], { type: "image/jpeg" }));
    expect(image).toMatchObject({ object: "file", content_type: "image/jpeg", bytes: bytes.byteLength });
    expect((await filmgate.video.uploadImage(new Uint8Array(bytes))).id).toBe(image.id);
    const prompt = world.prompt("instant");
    const { task_id, model: used } = await filmgate.video.createFromImage({
      prompt,
      first_frame_image: image.id,
    });
    expect(used).toBe("MiniMax-Hailuo-2.3");
    await filmgate.video.queryAndWait(task_id);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    expect(await world.ledger(prompt)).toMatchObject({ tasks: [{ first_frame_sha256: sha256 }] });
  });

  it("called again with its key is the same order", async () => {
    const prompt = world.prompt("instant");
    const idempotencyKey = crypto.randomUUID();
    const first = await filmgate.video.generate({ model, prompt }, { idempotencyKey });
    const second = await filmgate.video.generate({ model, prompt }, { idempotencyKey });
    expect(second.taskId).toBe(first.taskId);
    expect((await world.ledger(prompt)).creates).toBe(1);
  });

  it("names its task and its key in what breaks after the order was taken, so that it is paid once", async () => {
    const order = { model, prompt: world.prompt("instant") };
    const hasty = new Filmgate({ apiKey: world.key, baseUrl: proxy.url, maxRetries: 0 });
    proxy.faults.push("pass", "pass", "drop before", "drop before");
    const error = (await thrown(hasty.video.generate(order))) as FilmgateError;
    expect(error).toBeInstanceOf(ConnectionError);
    const create = proxy.seen.find(({ method }) => method === "POST");
    expect(error.idempotencyKey).toBe(create?.headers["idempotency-key"]);
    const made = await hasty.video.generate(order, { idempotencyKey: String(error.idempotencyKey) });
    expect(made.taskId).toBe(error.taskId);
    expect(await world.ledger(order.prompt)).toMatchObject({ creates: 1, billed: 1 });
  });

  it("does not hide the video that was paid for when a link option is refused", async () => {
    const order = { model, prompt: world.prompt("instant") };
    const error = (await thrown(
      filmgate.video.generate(order, { filename: "waves\u202e4pm" }),
    )) as FilmgateError;
    expect(error).toMatchObject({ code: "invalid_field", status: 400, param: "filename" });
    const made = await filmgate.video.generate(order, { idempotencyKey: String(error.idempotencyKey) });
    expect(made.taskId).toBe(error.taskId);
    expect((await world.ledger(order.prompt)).creates).toBe(1);
  });

  it.each<[LinkOptions, string]>([
    [{ expiresIn: 59 }, "expires_in"],
    [{ expiresIn: 604_801 }, "expires_in"],
    [{ expiresIn: 90.5 }, "expires_in"],
    [{ filename: "" }, "filename"],
    [{ filename: "waves/dusk" }, "filename"],
    [{ filename: "waves\\dusk" }, "filename"],
    [{ filename: "waves", disposition: "inline" }, "filename"],
  ])("orders nothing for a link with %j, which the server would refuse", async (link, param) => {
    const prompt = world.prompt("instant");
    expect(await thrown(filmgate.video.generate({ model, prompt }, link))).toMatchObject({
      code: "invalid_argument",
      param: param === "expires_in" ? "expiresIn" : param,
    });
    expect((await world.ledger(prompt)).creates).toBe(0);
    const [video] = (await filmgate.video.list({ status: "completed", limit: 1 })).data;
    expect(await thrown(filmgate.video.downloadVideo(String(video?.file_id), link))).toMatchObject({
      code: "invalid_field",
      status: 400,
      param,
    });
  });

  it.each<LinkOptions>([
    { expiresIn: 60 },
    { expiresIn: 604_800, filename: "waves", disposition: "attachment" },
    { disposition: "inline" },
  ])("takes a link with %j", async (link) => {
    await filmgate.video.generate({ model, prompt: world.prompt("instant") }, link);
  });

  it("orders nothing for a dry run, which makes nothing to wait for", async () => {
    const prompt = world.prompt("instant");
    const order = { model, prompt, dry_run: true } as unknown as VideoOrder;
    expect(await thrown(filmgate.video.generate(order))).toMatchObject({
      code: "invalid_argument",
      param: "dry_run",
    });
  });
});

describe("beside them", () => {
  it("a dry run prices an order and makes nothing", async () => {
    const prompt = world.prompt();
    const quote = await filmgate.video.create({ model, prompt, duration: 10, dry_run: true });
    expect(quote).toMatchObject({ object: "video.quote", estimated_cost_usd: 0.56 });
    expect((await world.ledger(prompt)).creates).toBe(0);
  });

  it("models tells what can be made at what price", async () => {
    const { data } = await filmgate.video.models();
    expect(data.find(({ id }) => id === model)?.makes).toContainEqual(
      expect.objectContaining({ resolution: "768P", duration: 6, price_usd: 0.28 }),
    );
  });

  it("delete cancels what is under way, and then removes it", async () => {
    const { task_id } = await filmgate.video.create({ model, prompt: world.prompt("late=20") });
    expect(await filmgate.video.delete(task_id)).toMatchObject({
      object: "video.cancelled",
      cancelled: true,
    });
    expect(await thrown(filmgate.video.queryAndWait(task_id))).toMatchObject({
      name: "VideoFailedError",
      code: "cancelled",
    });
    const missing = await thrown(filmgate.video.get("task_nothing"));
    expect(missing).toMatchObject({ code: "not_found", status: 404, param: "task_id" });
  });
});

describe("a video that cannot be had is a VideoFailedError:", () => {
  it.each([
    ["refused by MiniMax", "refuse=1026", "content_refused", 1026, "released"],
    ["withheld as sensitive", "instant fail=1027", "content_moderated", 1027, "released"],
    ["failed for no reason", "instant fail=none", "generation_failed", null, "released"],
  ])("%s", async (_title, scenario, code, said, costState) => {
    const error = await thrown(filmgate.video.generate({ model, prompt: world.prompt(scenario) }));
    expect(error).toBeInstanceOf(VideoFailedError);
    expect(error).toMatchObject({
      code,
      costState,
      retryable: false,
      taskId: expect.stringMatching(/^task_/),
    });
    const { minimax, message, taskId } = error as VideoFailedError;
    expect(minimax?.statusCode ?? null).toBe(said);
    expect(message).toContain("nothing was charged");
    // Asked for later, it is told in the same words.
    const later = await thrown(filmgate.video.queryAndDownload(taskId));
    expect(later).toMatchObject({ name: "VideoFailedError", code, minimax, message });
    const status = await filmgate.video.queryVideoStatus(taskId, { waitSeconds: 1 });
    expect(status.status).toBe("Fail");
  });

  it("a user agent that is told 'failed' is not left waiting", async () => {
    const python = new Filmgate({
      apiKey: world.key,
      baseUrl: world.url,
      fetch: (url, init) =>
        fetch(url, { ...init, headers: { ...init.headers, "user-agent": "python-httpx/0.28.1" } }),
    });
    const { task_id } = await filmgate.video.create({ model, prompt: world.prompt("instant fail=1027") });
    expect(await thrown(python.video.queryAndWait(task_id))).toMatchObject({ code: "content_moderated" });
    expect((await python.video.queryVideoStatus(task_id)).status).toBe("failed");
  });
});

describe("a refusal says what to change", () => {
  it("in MiniMax's form", async () => {
    const error = await thrown(filmgate.video.create({ model, prompt: "x", resolution: "720P" }));
    expect(error).toBeInstanceOf(FilmgateError);
    expect(error).not.toBeInstanceOf(VideoFailedError);
    expect(error).toMatchObject({
      code: "unsupported_combination",
      status: 400,
      param: "resolution",
      retryable: false,
      minimax: null,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      message: expect.stringContaining("For 720P, take 768P."),
    });
  });

  it("in OpenAI's form", async () => {
    expect(await thrown(filmgate.video.uploadImage(new Uint8Array([1, 2, 3])))).toMatchObject({
      code: "invalid_image",
      status: 400,
      param: "body",
      requestId: expect.any(String),
    });
  });

  it("about the key, without showing it", async () => {
    const stranger = new Filmgate({ apiKey: "mql_default_wrong", baseUrl: world.url });
    const error = await thrown(stranger.video.models());
    expect(error).toMatchObject({ code: "invalid_key", status: 401 });
    expect(JSON.stringify(error) + String(error)).not.toContain("mql_default_wrong");
  });

  it("about a link that is asked for too early", async () => {
    const { task_id } = await filmgate.video.create({ model, prompt: world.prompt("late=20") });
    const error = await thrown(filmgate.video.downloadVideo(task_id.replace("task", "file")));
    expect(error).toMatchObject({
      code: "video_not_ready",
      status: 409,
      retryable: true,
      retryAfterSeconds: 5,
    });
    await filmgate.video.delete(task_id);
  });
});

describe("an answer that is lost costs nothing:", () => {
  it.each([
    ["the request is dropped", ["drop before", "drop before"]],
    ["the answer is dropped", ["drop after", "drop after"]],
    ["a proxy answers 502 in its place", ["502 before", "502 before"]],
    ["a proxy answers 502 after passing it on", ["502 after", "502 after"]],
    ["the answer is cut off", ["cut after", "drop after", "502 after"]],
  ] as const)("%s", async (_title, faults) => {
    const prompt = world.prompt("instant");
    proxy.faults.push(...faults);
    const { task_id } = await far.video.create({ model, prompt });
    expect((await far.video.queryAndWait(task_id)).status).toBe("Success");
    const creates = proxy.seen.filter(({ method }) => method === "POST");
    expect(creates).toHaveLength(faults.length + 1);
    expect(creates[0]?.path).toBe("/behind/v1/videos/generations");
    expect(new Set(creates.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 1 });
  });

  it("two calls with the same words are two orders", async () => {
    const prompt = world.prompt("instant");
    const [one, other] = await Promise.all([
      far.video.create({ model, prompt }),
      far.video.create({ model, prompt }),
    ]);
    expect(one.task_id).not.toBe(other.task_id);
    expect((await world.ledger(prompt)).creates).toBe(2);
  });

  it("a call that gave up can be taken up again with the key that its error names", async () => {
    const prompt = world.prompt("instant");
    const hasty = new Filmgate({ apiKey: world.key, baseUrl: proxy.url, maxRetries: 0 });
    proxy.faults.push("drop after");
    const error = await thrown(hasty.video.create({ model, prompt }));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ code: "connection_failed", status: null, retryable: true });
    const { idempotencyKey } = error as ConnectionError;
    await hasty.video.create({ model, prompt }, { idempotencyKey: String(idempotencyKey) });
    expect((await world.ledger(prompt)).creates).toBe(1);
  });

  it("a delete is not repeated, since the second would do more than the first", async () => {
    const { task_id } = await far.video.create({ model, prompt: world.prompt("late=20") });
    proxy.faults.push("502 after");
    expect(await thrown(far.video.delete(task_id))).toMatchObject({ code: "unreadable_answer", status: 502 });
    expect(proxy.seen.filter(({ method }) => method === "DELETE")).toHaveLength(1);
    expect(await far.video.get(task_id)).toMatchObject({ status: "failed", error: { code: "cancelled" } });
  });

  it("a wait outlives more lost connections than one question may have", async () => {
    const patient = new Filmgate({ apiKey: world.key, baseUrl: proxy.url, maxRetries: 0 });
    const { task_id } = await patient.video.create({ model, prompt: world.prompt("instant") });
    proxy.faults.push("drop before", "502 before", "drop after", "cut after");
    const done = await patient.video.queryAndWait(task_id, { pollIntervalMs: 250 });
    expect(done.status).toBe("Success");
  });
});

describe("the list", () => {
  it("is read page by page, filtered, and gives whole video objects", async () => {
    const order = { model, prompt: world.prompt("instant"), metadata: { list: "yes" } };
    const first = await filmgate.video.generate({ ...order, take: 1 });
    const second = await filmgate.video.generate({ ...order, take: 2 });
    const page = await filmgate.video.list({ limit: 1, status: "completed", model });
    expect(page).toMatchObject({
      first_id: second.taskId,
      has_more: true,
      data: [{ sha256: second.sha256 }],
    });
    const next = await filmgate.video.list({ limit: 1, after: page.last_id ?? "" });
    expect(next.data[0]).toMatchObject({ id: first.taskId, metadata: { list: "yes" } });
    const until = new Date((next.data[0]?.created_at ?? 0) * 1000);
    expect((await filmgate.video.list({ createdBefore: until })).data.map(({ id }) => id)).not.toContain(
      first.taskId,
    );
    expect(await thrown(filmgate.video.list({ limit: 101 }))).toMatchObject({
      code: "invalid_field",
      param: "limit",
    });
  });
});

describe("a retry", () => {
  it("of a cancelled video is one new task, however often it is called and its answer is lost", async () => {
    const created = await filmgate.video.create({ model, prompt: world.prompt("late=2") });
    await filmgate.video.delete(created.task_id);
    proxy.faults.push("drop after", "502 after");
    const retried = await far.video.retry(created.task_id);
    expect(retried).toMatchObject({ joined: true, ignored_fields: [] });
    expect(await filmgate.video.get(retried.task_id)).toMatchObject({ take: 2, retry_of: created.task_id });
    expect((await filmgate.video.retry(created.task_id)).task_id).toBe(retried.task_id);
    expect(await thrown(filmgate.video.retry(retried.task_id))).toMatchObject({ code: "not_retryable" });
  });

  it("that MiniMax refuses is a VideoFailedError, as a create is", async () => {
    const order = { model, prompt: world.prompt("refuse=1026") };
    const refused = (await thrown(filmgate.video.create(order))) as VideoFailedError;
    const error = await thrown(filmgate.video.retry(refused.taskId));
    expect(error).toBeInstanceOf(VideoFailedError);
    expect(error).toMatchObject({
      code: "content_refused",
      status: 422,
      costState: "released",
      minimax: { statusCode: 1026 },
      taskId: expect.stringMatching(/^task_/),
    });
    const { taskId } = error as VideoFailedError;
    expect(await filmgate.video.get(taskId)).toMatchObject({ status: "failed", retry_of: refused.taskId });
  });
});

describe("usage", () => {
  it("tells what was spent, and what caps leave", async () => {
    // What others ordered is told by their tasks, in their own time.
    const settled = async () => {
      await until(async () => (await filmgate.usage()).account.total.reserved_usd === 0, "all is settled");
      return filmgate.usage();
    };
    const before = await settled();
    await filmgate.video.generate({ model, prompt: world.prompt("instant") });
    const after = await settled();
    expect(after.account).toMatchObject({ name: "default", day: { remaining_usd: null } });
    const grown = after.account.total.settled_usd - before.account.total.settled_usd;
    expect(Math.round(grown * 1_000_000)).toBe(280_000);
  });
});

describe("a wait", () => {
  it("ends when it was told to, and the video goes on", async () => {
    const { task_id } = await filmgate.video.create({ model, prompt: world.prompt("late=3") });
    const start = Date.now();
    const error = await thrown(filmgate.video.queryAndWait(task_id, { maxWaitMs: 700, pollIntervalMs: 250 }));
    expect(Date.now() - start).toBeLessThan(2500);
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect(error).toMatchObject({ code: "wait_timeout", taskId: task_id, lastStatus: { task_id } });
    expect((await filmgate.video.queryAndWait(task_id)).status).toBe("Success");
  });

  it("is called off by its signal at once, with the signal's reason, and orders nothing twice", async () => {
    const prompt = world.prompt("late=3");
    const controller = new AbortController();
    const reason = new Error("the page was left");
    let taskId = "";
    const waiting = filmgate.video.generate(
      { model, prompt },
      {
        signal: controller.signal,
        onCreated: ({ task_id }) => {
          taskId = task_id;
          setTimeout(() => controller.abort(reason), 300);
        },
      },
    );
    const start = Date.now();
    expect(await thrown(waiting)).toBe(reason);
    expect(Date.now() - start).toBeLessThan(3000);
    expect((await filmgate.video.queryAndWait(taskId)).status).toBe("Success");
    expect((await world.ledger(prompt)).creates).toBe(1);
  });

  it("asks as often as there is something to tell, and otherwise rarely", async () => {
    const { task_id } = await far.video.create({ model, prompt: world.prompt() });
    proxy.seen.length = 0;
    await far.video.queryAndWait(task_id);
    expect(proxy.seen.length).toBeLessThanOrEqual(2);
    expect(proxy.seen[0]?.path).toBe(`/behind/v1/videos/query/${task_id}?wait=25&include_download_url=true`);
  });

  it("passes on what its listener throws", async () => {
    const { task_id } = await filmgate.video.create({ model, prompt: world.prompt("instant") });
    const mistake = new Error("no such element");
    const onProgress = () => {
      throw mistake;
    };
    expect(await thrown(filmgate.video.queryAndWait(task_id, { onProgress }))).toBe(mistake);
  });
});

describe("publishing", () => {
  it("gives an address that stays, and takes it down", async () => {
    const { task_id, publication } = await filmgate.video.create({
      model,
      prompt: world.prompt("instant"),
      publish: { title: "Waves" },
    });
    expect(publication).toMatchObject({ id: task_id, state: "making", title: "Waves" });
    await filmgate.video.queryAndWait(task_id);
    const published = await filmgate.video.publish(task_id, { origins: ["https://site.example"] });
    expect(published).toMatchObject({ url: publication?.url, state: "ready", title: null });
    expect(await hashAt(published.url)).toBe((await filmgate.video.get(task_id)).sha256);
    expect(await filmgate.video.unpublish(task_id)).toMatchObject({ deleted: true });
    expect(await filmgate.video.unpublish(task_id)).toMatchObject({ deleted: true });
    expect((await fetch(published.url)).status).toBe(404);
    expect((await filmgate.video.get(task_id)).publication).toBeNull();
    expect(await filmgate.video.publish(task_id)).toMatchObject({ url: published.url, origins: null });
  });

  it("refuses an origin that is none", async () => {
    const { task_id } = await filmgate.video.create({ model, prompt: world.prompt("instant") });
    const error = await thrown(filmgate.video.publish(task_id, { origins: ["site.example"] }));
    expect(error).toMatchObject({ code: "invalid_field", status: 400, param: "origins.0" });
  });
});
