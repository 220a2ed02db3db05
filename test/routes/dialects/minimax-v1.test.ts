/** The dialect MiniMax V1 as its callers meet it: MiniMax's words, its HTTP 200, and our keys, checks and joining. */

import { beforeAll, describe, expect, it } from "vitest";
import { app } from "../../../src/app.ts";
import { fileIdOf, taskIdFrom } from "../../../src/domain/ids.ts";
import { adminKey, bearer, call, env, makeKey, origin, post } from "../worker.ts";

const create = "/v1/video_generation";
const order = { model: "MiniMax-Hailuo-2.3", prompt: "A lighthouse" };
const stranger = taskIdFrom(crypto.getRandomValues(new Uint8Array(26)));

type Answer = { task_id?: string; base_resp: { status_code: number; status_msg: string } };

let key = "";
beforeAll(async () => {
  key = (await makeKey("v1")).key;
});

async function send(body: object | string, headers: Record<string, string> = {}, ownKey = key) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await post(create, ownKey, text, headers);
  return { response, body: (await response.json()) as Answer };
}

async function get(path: string, ownKey = key) {
  const response = await call(path, { headers: bearer(ownKey) });
  return { response, body: (await response.json()) as Answer };
}

/** A prompt of its own, so that nothing joins what another test ordered. */
const fresh = () => ({ ...order, prompt: `A lighthouse ${crypto.randomUUID()}` });

describe("a create", () => {
  it("answers as MiniMax does, with the request's id as Trace-Id", async () => {
    const { response, body } = await send(fresh());
    expect(response.status).toBe(200);
    expect(body).toEqual({
      task_id: expect.stringMatching(/^task_[0-9a-z]{26}$/),
      base_resp: { status_code: 0, status_msg: "success" },
    });
    expect(response.headers.get("trace-id")).toBe(response.headers.get("x-request-id"));
  });

  it.each<[title: string, more: Record<string, unknown>]>([
    [
      "with fields that MiniMax ignores",
      { aspect_ratio: 16 / 9, n: 4, seed: 7, GroupId: "1", negative_prompt: "rain" },
    ],
    ["with null for what is left out", { first_frame_image: null, callback_url: null, duration: null }],
    ["with its defaults spelled out", { duration: 6, resolution: "768P", prompt_optimizer: true }],
    ["with what MiniMax takes to be off", { aigc_watermark: false, callback_url: "", dry_run: false }],
    ["with filmgate's own fields", { take: 1, max_cost_usd: 0.28, metadata: {} }],
  ])("%s is the same order, and joins it", async (_title, more) => {
    const wanted = fresh();
    const first = await send(wanted);
    const { response, body } = await send({ ...wanted, ...more });
    expect(body).toEqual(first.body);
    expect(response.headers.get("filmgate-joined")).toBe("true");
  });

  it("names the wishes that a joined task was not ordered with", async () => {
    const wanted = fresh();
    const { body } = await send(wanted);
    const again = await send({ ...wanted, retention_days: 3 });
    expect(again.body).toEqual({ ...body, ignored_fields: ["retention_days"] });
  });

  it("is one order with what the same key asks for at /v1/videos/generations", async () => {
    const wanted = fresh();
    const { body } = await send(wanted);
    const other = await post("/v1/videos/generations", key, JSON.stringify(wanted));
    expect(await other.json()).toMatchObject({ task_id: body.task_id, joined: true });
  });

  it("is another one with another take, and a repeated one with the same Idempotency-Key", async () => {
    const wanted = fresh();
    const first = await send(wanted);
    const second = await send(wanted, { "filmgate-take": "2" });
    expect(second.body.task_id).not.toBe(first.body.task_id);
    const headers = { "idempotency-key": crypto.randomUUID() };
    const keyed = await send(wanted, headers);
    expect(keyed.body.task_id).not.toBe(first.body.task_id);
    const again = await send(wanted, headers);
    expect(again.body).toEqual(keyed.body);
    expect(again.response.headers.get("idempotent-replayed")).toBe("true");
    const { body } = await send({ ...wanted, duration: 10 }, headers);
    expect(body).toMatchObject({ task_id: "", base_resp: { status_code: 2013 } });
  });
});

describe("a refusal is HTTP 200 with MiniMax's number and our sentence", () => {
  const image = { first_frame_image: "data:image/png;base64,AAAA" };
  it.each<[title: string, body: object | string, code: number, sentence: RegExp]>([
    ["no body", "", 2013, /empty/],
    ["no JSON", "{", 2013, /not valid JSON/],
    ["a list", "[]", 2013, /JSON object/],
    ["no model", { prompt: "x" }, 2013, /^model: is required/],
    ["an unknown model", { ...order, model: "video-01" }, 2013, /^model: 'video-01' is unknown/],
    ["a model of MiniMax's V2", { ...order, model: "MiniMax-H3" }, 2013, /^model: is none that MiniMax's V1/],
    ["no prompt", { model: order.model }, 2013, /^prompt: /],
    ["a prompt that is too long", { ...order, prompt: "x".repeat(2001) }, 2013, /2001 characters/],
    ["a cell that the model lacks", { ...order, resolution: "1080P", duration: 10 }, 2013, /^duration: /],
    ["720P", { ...order, resolution: "720P" }, 2013, /take 768P/],
    ["seconds as a text", { ...order, duration: "6" }, 2013, /^duration: must be a whole number/],
    ["what is no image", { ...order, ...image }, 2013, /^first_frame_image: /],
    ["a watermark, which would be missing", { ...order, aigc_watermark: true }, 2013, /^aigc_watermark: /],
    ["a dry run, which would be paid", { ...order, dry_run: true }, 2013, /^dry_run: /],
    ["a price above its limit", { ...order, max_cost_usd: 0.1 }, 1008, /more than the \$0.1 allowed/],
    [
      "a callback to a private host",
      { ...order, callback_url: "https://10.0.0.1/x" },
      2013,
      /^callback_url: /,
    ],
    ["a callback without https", { ...order, callback_url: "http://example.com/x" }, 2013, /^callback_url: /],
    [
      "a callback to nobody",
      { ...order, callback_url: "http://127.0.0.1:9/x?token=private" },
      2013,
      /^invalid params, fail to check callback url(?!.*private)/,
    ],
    [
      "two addresses",
      { ...order, callback_url: "https://example.com/x", webhook_url: "https://example.com/y" },
      2013,
      /^callback_url: .* one address/,
    ],
    ["a take that is none", { ...order, take: 0 }, 2013, /^take: /],
  ])("%s", async (_title, body, code, sentence) => {
    const answer = await send(body);
    expect(answer.response.status).toBe(200);
    expect(answer.body).toEqual({
      task_id: "",
      base_resp: { status_code: code, status_msg: expect.stringMatching(sentence) },
    });
    expect(answer.response.headers.get("trace-id")).toBe(answer.response.headers.get("x-request-id"));
    expect(answer.response.headers.get("cache-control")).toBe("no-store");
  });

  it("a body that is too large, by its declared length", async () => {
    const headers = { "content-length": String(29 * 1024 * 1024) };
    const { body } = await send(order, headers);
    expect(body).toMatchObject({ task_id: "", base_resp: { status_code: 2013 } });
  });

  it("a cap that is reached", async () => {
    await call("/v1/admin/accounts", {
      method: "POST",
      headers: bearer(adminKey),
      body: JSON.stringify({ name: "v1-poor", caps: { usd_per_day: 0.1 } }),
    });
    const { body } = await send(fresh(), {}, (await makeKey("v1-poor")).key);
    expect(body).toMatchObject({ task_id: "", base_resp: { status_code: 1008 } });
  });

  it("a publishable key, which belongs into a page and not here", async () => {
    const made = await call("/v1/admin/keys", {
      method: "POST",
      headers: bearer(adminKey),
      body: JSON.stringify({ name: "page", account: "v1", kind: "publishable" }),
    });
    const { key: publishable } = (await made.json()) as { key: string };
    const { body } = await send(fresh(), {}, publishable);
    expect(body).toMatchObject({ task_id: "", base_resp: { status_code: 1004 } });
    expect((await get(`/v1/query/video_generation?task_id=${stranger}`, publishable)).body).toMatchObject({
      base_resp: { status_code: 1004 },
    });
  });

  it("but a defect is a 5xx, which no client takes for MiniMax's word", async () => {
    const breaks = async () => {
      throw new Error("Network connection lost.");
    };
    const broken = { ...env, VIDEO_TASKS: { getByName: () => ({ read: breaks }) } };
    const request = new Request(`${origin}/v1/query/video_generation?task_id=${stranger}`, {
      headers: bearer(key),
    });
    const response = await app.fetch(request, broken);
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ base_resp: { status_code: 1000 } });
  });

  it("and another method at its addresses is a 405, as everywhere", async () => {
    for (const [method, path] of [
      ["GET", create],
      ["POST", "/v1/query/video_generation"],
      ["DELETE", "/v1/files/retrieve"],
    ] as const) {
      expect((await call(path, { method, headers: bearer(key) })).status, `${method} ${path}`).toBe(405);
    }
  });
});

describe("asking", () => {
  it("after a pending task gets empty and zero fields, as MiniMax has them", async () => {
    const { body: created } = await send(fresh());
    const { response, body } = await get(`/v1/query/video_generation?task_id=${created.task_id}&GroupId=1`);
    expect(response.status).toBe(200);
    expect(body).toEqual({
      task_id: created.task_id,
      status: expect.stringMatching(/^(?:Preparing|Queueing|Processing)$/),
      file_id: "",
      video_width: 0,
      video_height: 0,
      base_resp: { status_code: 0, status_msg: "success" },
    });
  });

  it("after a cancelled task gets Fail with the reason, under a code that no client asks again for", async () => {
    const { body: created } = await send(fresh());
    await call(`/v1/videos/${created.task_id}`, { method: "DELETE", headers: bearer(key) });
    const { body } = await get(`/v1/query/video_generation?task_id=${created.task_id}`);
    expect(body).toMatchObject({
      status: "Fail",
      file_id: "",
      base_resp: { status_code: 0, status_msg: "The video was cancelled." },
    });
    const file = await get(`/v1/files/retrieve?file_id=${fileIdOf(String(created.task_id))}`);
    expect(file.body).toEqual({ base_resp: { status_code: 1000, status_msg: "The video was cancelled." } });
  });

  it("for the file of a task that is not finished gets 2013", async () => {
    const { body: created } = await send(fresh());
    const { response, body } = await get(`/v1/files/retrieve?file_id=${fileIdOf(String(created.task_id))}`);
    expect(response.status).toBe(200);
    expect(body).toEqual({
      base_resp: { status_code: 2013, status_msg: "The video is not finished yet." },
    });
  });

  const untold = { task_id: "", status: "", file_id: "", video_width: 0, video_height: 0 };
  it.each([
    "",
    "?task_id=",
    "?task_id=x",
    "?task_id=176843862716480",
    `?task_id=${stranger}`,
    "?task_id=a&task_id=b",
  ])("for no task of this account gets 2013: %s", async (query) => {
    const { response, body } = await get(`/v1/query/video_generation${query}`);
    expect(response.status).toBe(200);
    expect(body).toEqual({
      ...untold,
      base_resp: { status_code: 2013, status_msg: expect.stringMatching(/./) },
    });
  });

  it.each(["", "?file_id=", "?file_id=176844028768320", `?file_id=${fileIdOf(stranger)}`])(
    "for no file of this account gets 2013, and no file: %s",
    async (query) => {
      const { response, body } = await get(`/v1/files/retrieve${query}`);
      expect(response.status).toBe(200);
      expect(body).toEqual({ base_resp: { status_code: 2013, status_msg: expect.stringMatching(/./) } });
    },
  );

  it("somebody else's task and file are as unknown as any", async () => {
    const { body: created } = await send(fresh(), {}, (await makeKey("v1-other")).key);
    const { body } = await get(`/v1/query/video_generation?task_id=${created.task_id}`);
    expect(body).toEqual((await get(`/v1/query/video_generation?task_id=${stranger}`)).body);
    const file = await get(`/v1/files/retrieve?file_id=${fileIdOf(String(created.task_id))}`);
    expect(file.body).toEqual((await get(`/v1/files/retrieve?file_id=${fileIdOf(stranger)}`)).body);
  });
});
