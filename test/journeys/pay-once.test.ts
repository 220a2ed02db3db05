/**
 * One thing asked for is one paid generation, also for clients that send no key and repeat a create whose answer was
 * lost; a video that was paid is found again; and the ledger adds up to MiniMax's bill.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localSettings, makeKey, root } from "../../scripts/worker.ts";
import type {
  CreatedApiKey,
  CreateVideoResponse,
  HeldTask,
  ListVideosResponse,
  ResolveHeldResponse,
  UsageResponse,
  Video,
} from "../../src/contract.ts";
import { startWorld, type World } from "./world.ts";

let world: World;
let alone: World;
let image: Buffer;
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
  alone = await startWorld({ callbacks: "none" });
  image = await readFile(join(root, "scripts", "first-frame.jpg"));
});
afterAll(async () => {
  await world.stop();
  await alone.stop();
});

const model = "MiniMax-Hailuo-2.3";
const micro = (usd: number) => Math.round(usd * 1_000_000);

function admin<T>(where: World, method: string, path: string, body?: unknown) {
  const authorization = `Bearer ${localSettings.ADMIN_KEY}`;
  return where.call<T>(method, `/v1/admin/${path}`, body, { authorization });
}

/** A key of an account of its own, so that sums are of one test only. */
async function account(where: World, caps: Record<string, number> = {}) {
  const name = `pay-once-${crypto.randomUUID().slice(0, 8)}`;
  await admin(where, "POST", "accounts", { name, caps });
  const key = await makeKey(where.url, "site", name);
  const headers = { authorization: `Bearer ${key}` };
  return {
    name,
    headers,
    usage: async () => (await where.call<UsageResponse>("GET", "/v1/usage", undefined, headers)).body,
    video: async (id: string) =>
      (await where.call<Video>("GET", `/v1/videos/${id}`, undefined, headers)).body,
    untilOver: async (id: string) => {
      for (let tries = 0; tries < 60; tries++) {
        const path = `/v1/videos/${id}?wait=2`;
        const { body } = await where.call<Video>("GET", path, undefined, headers);
        if (body.status === "completed" || body.status === "failed") return body;
      }
      throw new Error(`${id} never ended`);
    },
  };
}

describe("two hundred identical creates at the same moment", () => {
  it("are one task and one paid create, and all get the same answer", async () => {
    const { headers, usage } = await account(world);
    const body = { model, prompt: world.prompt() };
    const answers = await Promise.all(Array.from({ length: 200 }, () => world.create(body, headers)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map((answer) => answer.body.task_id)).size).toBe(1);
    expect(answers.filter((answer) => answer.headers.get("filmgate-joined") === null)).toHaveLength(1);
    expect(answers.filter((answer) => answer.body.joined === true)).toHaveLength(199);
    expect(await world.ledger(body.prompt)).toMatchObject({ creates: 1, billed: 1 });
    const { total } = (await usage()).account;
    expect(total.reserved_usd + total.settled_usd).toBe(0.28);
  });

  it("that MiniMax refuses get its verdict, all of them, and nothing is charged", async () => {
    const { headers, usage } = await account(world);
    const body = { model, prompt: world.prompt("refuse=1026") };
    const answers = await Promise.all(Array.from({ length: 200 }, () => world.create(body, headers)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([422]));
    expect(new Set(answers.map((answer) => (answer.body as { code?: string }).code))).toEqual(
      new Set(["content_refused"]),
    );
    expect(await world.ledger(body.prompt)).toMatchObject({ billed: 0 });
    expect((await usage()).account.total).toMatchObject({ reserved_usd: 0, settled_usd: 0, held_usd: 0 });
  });
});

describe("the same order", () => {
  it("is one order in whatever order its fields come, with defaults spelled out or left out, 1080p or 1080P", async () => {
    const { headers } = await account(world);
    const prompt = world.prompt();
    const spellings = [
      { model, prompt, resolution: "1080P" },
      { resolution: "1080p", prompt, model },
      { prompt_optimizer: true, duration: 6, take: 1, model, prompt, resolution: "1080P" },
      { model, prompt, resolution: "1080P", fast_pretreatment: false, n: 1, aspect_ratio: "16:9" },
    ];
    const ids = new Set<string>();
    for (const spelling of spellings) ids.add((await world.create(spelling, headers)).body.task_id);
    expect(ids.size).toBe(1);
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 1 });
  });

  it("is one order whether its image comes inline, as a data URL under any label, or as an upload", async () => {
    const { headers } = await account(world);
    const prompt = world.prompt();
    const base64 = image.toString("base64");
    const upload = await world.call<{ id: string }>("POST", "/v1/files", image, {
      ...headers,
      "content-type": "image/jpeg",
    });
    const ids = new Set<string>();
    for (const first_frame_image of [
      base64,
      `data:image/jpeg;base64,${base64}`,
      `data:image/png;base64,${base64}`,
      upload.body.id,
    ]) {
      ids.add((await world.create({ model, prompt, first_frame_image }, headers)).body.task_id);
    }
    expect(ids.size).toBe(1);
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 1 });
  });

  it("of another key or another account is another", async () => {
    const [mine, theirs] = [await account(world), await account(world)];
    const second = await makeKey(world.url, "second", mine.name);
    const body = { model, prompt: world.prompt("instant") };
    const ids = new Set<string>();
    for (const authorization of [
      mine.headers.authorization,
      theirs.headers.authorization,
      `Bearer ${second}`,
    ]) {
      ids.add((await world.create(body, { authorization })).body.task_id);
    }
    expect(ids.size).toBe(3);
  });

  it("is the same for a client that lost the answer and posts it three times more, and a new one much later", async () => {
    const { headers } = await account(world);
    const body = JSON.stringify({ model, prompt: world.prompt("create-delay=1500") });
    const post = (timeoutMs: number) =>
      fetch(`${world.url}/v1/videos/generations`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body,
        signal: AbortSignal.timeout(timeoutMs),
      });
    for (let lost = 0; lost < 3; lost++) await expect(post(200)).rejects.toThrow();
    const answer = (await (await post(20_000)).json()) as CreateVideoResponse;
    expect(answer.joined).toBe(true);
    const { body: list } = await world.call<ListVideosResponse>("GET", "/v1/videos", undefined, headers);
    expect(list.data.map((video) => video.id)).toEqual([answer.task_id]);
    expect(await world.ledger(JSON.parse(body).prompt)).toMatchObject({ creates: 1, billed: 1 });
  });

  it("of which the outcome is unknown is not paid again by accident, and is by a retry, once", async () => {
    const { headers, video, untilOver } = await account(alone);
    const body = { model, prompt: alone.prompt("accept-then=dropx1") };
    const first = (await alone.create(body, headers)).body;
    expect(await untilOver(first.task_id)).toMatchObject({ error: { code: "outcome_unknown" } });
    const again = (await alone.create(body, headers)).body;
    expect(again).toMatchObject({ task_id: first.task_id, joined: true });
    expect(await alone.ledger(body.prompt)).toMatchObject({ creates: 1 });

    const retry = () =>
      alone.call<CreateVideoResponse>("POST", `/v1/videos/${first.task_id}/retry`, undefined, headers);
    const answers = await Promise.all([retry(), retry(), retry()]);
    const ids = new Set(answers.map((answer) => answer.body.task_id));
    expect(ids.size).toBe(1);
    const [id = ""] = ids;
    expect(await untilOver(id)).toMatchObject({ status: "completed", take: 2, retry_of: first.task_id });
    expect(await alone.ledger(body.prompt)).toMatchObject({ creates: 2, billed: 2 });
    expect((await retry()).body).toMatchObject({ task_id: id, joined: true });
    const refused = await alone.call("POST", `/v1/videos/${id}/retry`, undefined, headers);
    expect(refused).toMatchObject({ status: 409, body: { code: "not_retryable" } });
    expect((await video(first.task_id)).status).toBe("failed");
  });
});

describe("a paid video whose create was lost", () => {
  it("is found by a push that comes after its task was given up as unknown", async () => {
    // Unchecked, so that evidence is waited for only 18 s here; the push comes after that.
    const { headers, untilOver, usage } = await account(world);
    const prompt = world.prompt("accept-then=drop callback-unchecked callback-late=22000");
    const { task_id } = (await world.create({ model, prompt }, headers)).body;
    expect(await untilOver(task_id)).toMatchObject({ error: { code: "outcome_unknown" } });
    expect((await usage()).account.total.held_usd).toBe(0.28);
    await expect
      .poll(async () => (await untilOver(task_id)).status, { timeout: 30_000, interval: 500 })
      .toBe("completed");
    const over = await untilOver(task_id);
    expect(await world.ledger(prompt)).toMatchObject({
      creates: 1,
      billed: 1,
      tasks: [{ sha256: over.sha256 }],
    });
    expect((await usage()).account.total).toMatchObject({ settled_usd: 0.28, held_usd: 0 });
  });

  it("is found by the operator, who names MiniMax's task: it lands, and is settled", async () => {
    const { name, headers, untilOver, usage } = await account(alone);
    const prompt = alone.prompt("accept-then=drop");
    const { task_id } = (await alone.create({ model, prompt }, headers)).body;
    await untilOver(task_id);
    const { data } = (await admin<{ data: HeldTask[] }>(alone, "GET", `held?account=${name}`)).body;
    expect(data).toMatchObject([{ task_id, estimated_cost_usd: 0.28, video: { prompt } }]);

    const [provider] = (await alone.ledger(prompt)).tasks;
    const path = `held/${task_id}`;
    const found = { account: name, provider_task_id: provider?.task_id };
    const resolved = await admin<ResolveHeldResponse>(alone, "POST", path, found);
    expect(resolved.body).toMatchObject({
      task_id,
      cost: { state: expect.stringMatching(/reserved|settled/) },
    });
    const { status, sha256 } = await untilOver(task_id);
    expect(status).toBe("completed");
    expect(await alone.ledger(prompt)).toMatchObject({ creates: 1, billed: 1, tasks: [{ sha256 }] });
    expect((await usage()).account.total).toMatchObject({ settled_usd: 0.28, held_usd: 0 });
  });

  it("is not given what is another task's, of whichever account", async () => {
    const [mine, theirs] = [await account(alone), await account(alone)];
    const prompt = alone.prompt();
    const good = (await alone.create({ model, prompt }, theirs.headers)).body;
    await theirs.untilOver(good.task_id);
    const lost = (await alone.create({ model, prompt: alone.prompt("accept-then=drop") }, mine.headers)).body;
    await mine.untilOver(lost.task_id);
    const [provider] = (await alone.ledger(prompt)).tasks;
    await admin(alone, "POST", `held/${lost.task_id}`, {
      account: mine.name,
      provider_task_id: provider?.task_id,
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await mine.video(lost.task_id)).toMatchObject({
      status: "failed",
      error: { code: "outcome_unknown" },
      cost: { state: "held" },
    });
    expect(await theirs.video(good.task_id)).toMatchObject({ status: "completed" });
  });
});

describe("money", () => {
  it("is capped for a burst of fifty creates: as many are paid as the cap allows, and not one more", async () => {
    const { headers, usage } = await account(world, { usd_per_day: 1 });
    const mark = crypto.randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        world.create({ model, prompt: `${mark} ${index} [sim: instant]` }, headers),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 402)).toHaveLength(47);
    expect(await world.ledger(mark)).toMatchObject({ creates: 3, billed: 3 });
    expect((await usage()).account.day.remaining_usd).toBe(0.16);
  });

  it("adds up to MiniMax's bill, whatever became of the videos", async () => {
    const { headers, untilOver, usage } = await account(world);
    const mark = crypto.randomUUID();
    const scenarios = [
      "instant",
      "fail=1027",
      "fail=none",
      "accept-then=drop",
      "file-cut=1",
      "query-http=503x2",
    ];
    const created = await Promise.all(
      scenarios.map((scenario, index) =>
        world.create(
          { model, prompt: `${mark} [sim: ${scenario}]`, duration: index % 2 === 0 ? 6 : 10 },
          headers,
        ),
      ),
    );
    await Promise.all(created.map(({ body }) => untilOver(body.task_id)));
    const bill = (await world.ledger(mark)) as unknown as { billed: number; billed_micro_usd: number };
    expect(bill.billed).toBe(4);
    const { total } = (await usage()).account;
    expect(micro(total.settled_usd)).toBe(bill.billed_micro_usd);
    expect(total).toMatchObject({ reserved_usd: 0, held_usd: 0 });
    expect(micro(total.released_usd)).toBe(560_000 + 280_000);
  });

  it("of a cancelled video that MiniMax made is settled, and of one that it did not make released", async () => {
    const { headers, usage } = await account(world);
    const mark = crypto.randomUUID();
    for (const scenario of ["late=2", "late=2 fail=1027"]) {
      const { body } = await world.create({ model, prompt: `${mark} [sim: ${scenario}]` }, headers);
      const cancelled = await world.call("DELETE", `/v1/videos/${body.task_id}`, undefined, headers);
      expect(cancelled.body).toMatchObject({ cancelled: true, cost: { state: "reserved" } });
    }
    await expect
      .poll(async () => (await usage()).account.total, { timeout: 20_000 })
      .toEqual({ reserved_usd: 0, settled_usd: 0.28, released_usd: 0.28, held_usd: 0 });
    expect(await world.ledger(mark)).toMatchObject({ creates: 2, billed: 1 });
  });

  it("of a cancelled order is free for the same order again, at once", async () => {
    const { headers } = await account(world);
    const body = { model, prompt: world.prompt("late=3") };
    const first = (await world.create(body, headers)).body;
    await world.call("DELETE", `/v1/videos/${first.task_id}`, undefined, headers);
    const second = (await world.create(body, headers)).body;
    expect(second.task_id).not.toBe(first.task_id);
    expect(second.joined).toBeUndefined();
  });
});

describe("a key that is revoked", () => {
  it("orders nothing from that moment on", async () => {
    const { name, headers } = await account(world);
    const made = await admin<CreatedApiKey>(world, "POST", "keys", { name: "gone", account: name });
    await admin(world, "DELETE", `keys/${made.body.id}?account=${name}`);
    const prompt = world.prompt();
    const refused = await world.create({ model, prompt }, { authorization: `Bearer ${made.body.key}` });
    expect(refused.status).toBe(401);
    expect((await world.create({ model, prompt: world.prompt("instant") }, headers)).status).toBe(200);
    expect((await world.ledger(prompt)).creates).toBe(0);
  });
});
