/** What callers rely on, over real HTTP: keys, Idempotency-Key, waiting, links, deleting, and other accounts. */

import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localSettings, makeKey } from "../../scripts/worker.ts";
import type { CreatedApiKey, CreateVideoResponse, DownloadVideoResponse, Video } from "../../src/contract.ts";
import { startWorld, type World } from "./world.ts";

let world: World;
let stored: Video & { file_id: string };
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
  const { body } = await world.create({
    model,
    prompt: world.prompt("instant"),
    metadata: { page: "/home" },
  });
  await world.untilOver(body.task_id);
  stored = (await world.video(body.task_id)) as typeof stored;
});
afterAll(() => world.stop());

const model = "MiniMax-Hailuo-2.3";

describe("a create", () => {
  it("answers as the seed API and as OpenAI's clients read it", async () => {
    const { body } = await world.create({ model, prompt: world.prompt("instant") });
    expect(body).toEqual({
      task_id: body.id,
      id: expect.stringMatching(/^task_[0-9a-z]{26}$/),
      object: "video",
      model,
      status: expect.stringMatching(/^(queued|in_progress)$/),
      created_at: expect.any(Number),
      estimated_cost_usd: 0.28,
      base_resp: { status_code: 0, status_msg: "success" },
    });
  });

  it("that is only a dry run makes nothing, and tells the price", async () => {
    const prompt = world.prompt();
    const { body } = await world.create({ model, prompt, duration: 10, dry_run: true });
    expect(body).toMatchObject({ object: "video.quote", estimated_cost_usd: 0.56 });
    expect((await world.ledger(prompt)).creates).toBe(0);
  });

  it("above max_cost_usd is refused before anything is sent", async () => {
    const prompt = world.prompt();
    expect(await world.create({ model, prompt, max_cost_usd: 0.27 })).toMatchObject({ status: 402 });
    expect((await world.ledger(prompt)).creates).toBe(0);
  });
});

describe("an Idempotency-Key", () => {
  it("makes fifty creates at the same moment one order, with one answer", async () => {
    const body = { model, prompt: world.prompt("instant") };
    const headers = { "idempotency-key": crypto.randomUUID() };
    const answers = await Promise.all(Array.from({ length: 50 }, () => world.create(body, headers)));
    expect(new Set(answers.map((answer) => answer.body.task_id)).size).toBe(1);
    expect(answers.filter((answer) => answer.headers.get("idempotent-replayed") === null)).toHaveLength(1);
    expect((await world.ledger(body.prompt)).creates).toBe(1);
  });

  it("is for one order: spelled otherwise it is the same, with another field it is refused", async () => {
    const prompt = world.prompt("instant");
    const headers = { "idempotency-key": crypto.randomUUID() };
    const first = await world.create({ model, prompt }, headers);
    const same = await world.create({ resolution: "768p", duration: 6, prompt, model, take: 1 }, headers);
    expect(same.body.task_id).toBe(first.body.task_id);
    const other = await world.create({ model, prompt, duration: 10 }, headers);
    expect(other).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
    expect((await world.ledger(prompt)).creates).toBe(1);
  });

  it("may be used again after MiniMax refused the order", async () => {
    const prompt = world.prompt("refuse=1026x1");
    const headers = { "idempotency-key": crypto.randomUUID() };
    expect((await world.create({ model, prompt }, headers)).status).toBe(422);
    await expect.poll(async () => (await world.create({ model, prompt }, headers)).status).toBe(200);
    expect(await world.ledger(prompt)).toMatchObject({ creates: 2, billed: 1 });
  });

  it("of a deleted video answers 410, and makes nothing", async () => {
    const prompt = world.prompt("instant");
    const headers = { "idempotency-key": crypto.randomUUID() };
    const { body } = await world.create({ model, prompt }, headers);
    await world.untilOver(body.task_id);
    const video = await world.video(body.task_id);
    const { promised } = await world.download(String(video.file_id));
    expect(await world.call("DELETE", `/v1/videos/${body.task_id}`)).toMatchObject({
      status: 200,
      body: { object: "video.deleted", deleted: true, cost: { state: "settled" } },
    });
    expect(await world.create({ model, prompt }, headers)).toMatchObject({
      status: 410,
      body: { code: "task_deleted" },
    });
    expect((await world.query(body.task_id)).status).toBe(404);
    expect((await fetch(promised.download_url)).status).toBe(404);
    expect((await world.ledger(prompt)).creates).toBe(1);
  });
});

describe("asking about a task", () => {
  it("holds the answer until it is over, and brings the link", async () => {
    const { body } = await world.create({ model, prompt: world.prompt() });
    const answer = await world.query(body.task_id, "?wait=30&include_download_url=true");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.body).toMatchObject({
      status: "Success",
      progress: 100,
      file_id: body.task_id.replace("task", "file"),
    });
    expect((await fetch(String(answer.body.download_url))).status).toBe(200);
  });

  it("tells a Python client of a failure in the word that ends its wait", async () => {
    const { body } = await world.create({ model, prompt: world.prompt("instant fail=1027") });
    await world.untilOver(body.task_id);
    const answer = await world.call("GET", `/v1/videos/query/${body.task_id}`, undefined, {
      "user-agent": "python-httpx/0.28.1",
    });
    expect(answer.body).toMatchObject({ status: "failed", base_resp: { status_code: 1027 } });
  });

  it.each(["/v1/videos/", "/v1/videos/generations/"])("at %s shows the whole video", async (path) => {
    const answer = await world.call<Video>("GET", `${path}${stored.id}`);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.body).toMatchObject({
      object: "video",
      status: "completed",
      seconds: "6",
      size: "1366x768",
      metadata: { page: "/home" },
      cost: { estimated_usd: 0.28, state: "settled" },
      error: null,
      download_url: expect.stringContaining(`/files/${stored.file_id}.mp4?`),
    });
  });

  it("refuses a wait that is too long", async () => {
    expect(await world.query(stored.id, "?wait=61")).toMatchObject({
      status: 400,
      body: { details: { param: "wait" } },
    });
  });

  it("before it is finished gives no download", async () => {
    const { body } = await world.create({ model, prompt: world.prompt("late=20") });
    const fileId = body.task_id.replace("task", "file");
    const download = await world.call("GET", `/v1/videos/download/${fileId}`);
    expect(download).toMatchObject({ status: 409, body: { code: "video_not_ready" } });
    expect(download.headers.get("retry-after")).toBe("5");
    expect((await world.call("GET", `/v1/videos/${body.task_id}/content`)).status).toBe(409);
    await world.call("DELETE", `/v1/videos/${body.task_id}`);
    expect((await world.call("GET", `/v1/videos/download/${fileId}`)).status).toBe(410);
  });
});

describe("the bytes", () => {
  it("are those that MiniMax made, at the link and at /content, whole and in parts", async () => {
    const { promised, sha256 } = await world.download(stored.file_id);
    expect(promised).toMatchObject({ sha256, bytes: stored.bytes, content_type: "video/mp4" });
    const headers = { authorization: `Bearer ${world.key}` };
    const content = await fetch(`${world.url}/v1/videos/${stored.id}/content`, {
      headers,
      redirect: "error",
    });
    const bytes = Buffer.from(await content.arrayBuffer());
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
    const part = await fetch(promised.download_url, { headers: { range: "bytes=0-1" } });
    expect([part.status, part.headers.get("content-range")]).toEqual([206, `bytes 0-1/${promised.bytes}`]);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(0, 2));
    const past = await fetch(promised.download_url, { headers: { range: `bytes=${promised.bytes}-` } });
    expect([past.status, past.headers.get("content-range")]).toEqual([416, `bytes */${promised.bytes}`]);
  });

  it("come as a download where that is asked for", async () => {
    const { body } = await world.call<DownloadVideoResponse>(
      "GET",
      `/v1/videos/download/${stored.file_id}?disposition=attachment&expires_in=3600`,
    );
    expect(body.expires_in_seconds).toBeGreaterThanOrEqual(3600 - 5);
    const response = await fetch(body.download_url);
    await response.body?.cancel();
    expect(response.headers.get("content-disposition")).toBe(`attachment; filename="${stored.file_id}.mp4"`);
  });
});

describe("another account", () => {
  it("finds nothing of this one", async () => {
    const key = await makeKey(world.url, "somebody else", "other");
    const headers = { authorization: `Bearer ${key}` };
    for (const [method, path] of [
      ["GET", `/v1/videos/${stored.id}`],
      ["GET", `/v1/videos/generations/${stored.id}`],
      ["GET", `/v1/videos/query/${stored.id}`],
      ["GET", `/v1/videos/download/${stored.file_id}`],
      ["GET", `/v1/videos/${stored.id}/content`],
      ["DELETE", `/v1/videos/${stored.id}`],
    ] as const) {
      expect((await world.call(method, path, undefined, headers)).status, `${method} ${path}`).toBe(404);
    }
    expect((await world.video(stored.id)).status).toBe("completed");
  });
});

describe("a key", () => {
  it("is refused once it was revoked", async () => {
    const admin = { authorization: `Bearer ${localSettings.ADMIN_KEY}` };
    const { body: made } = await world.call<CreatedApiKey>(
      "POST",
      "/v1/admin/keys",
      { name: "short-lived" },
      admin,
    );
    const own = { authorization: `Bearer ${made.key}` };
    expect((await world.call("GET", "/v1/videos/models", undefined, own)).status).toBe(200);
    const revoked = await world.call("DELETE", `/v1/admin/keys/${made.id}`, undefined, admin);
    expect(revoked).toMatchObject({ status: 200, body: { revoked_at: expect.any(Number) } });
    expect((await world.call("GET", "/v1/videos/models", undefined, own)).status).toBe(401);
    const create = await world.call<CreateVideoResponse>(
      "POST",
      "/v1/videos/generations",
      { model, prompt: "x" },
      own,
    );
    expect(create.status).toBe(401);
    const listed = await world.call<{ data: object[] }>("GET", "/v1/admin/keys", undefined, admin);
    expect(JSON.stringify(listed.body)).not.toContain(made.key);
  });
});

it("the sweep visits every account without trouble, while tasks are under way", async () => {
  const { body } = await world.create({ model, prompt: world.prompt("late=3") });
  const swept = await fetch(`${world.url}/cdn-cgi/local/scheduled?cron=*/5+*+*+*+*&format=json`);
  expect(await swept.json()).toMatchObject({ outcome: "ok" });
  expect((await world.untilOver(body.task_id)).status).toBe("Success");
  expect(world.output()).not.toContain("sweep_failed");
});
