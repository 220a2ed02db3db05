/** The dialect MiniMax V2 as its callers meet it: MiniMax's words, statuses and error object, our keys and joining. */

import { beforeAll, describe, expect, it, vi } from "vitest";
import { app } from "../../../src/app.ts";
import { taskIdFrom } from "../../../src/domain/ids.ts";
import { adminKey, bearer, call, env, makeKey, origin, post } from "../worker.ts";

const create = "/v2/video_generation";
const query = "/v2/query/video_generation";
const stranger = taskIdFrom(crypto.getRandomValues(new Uint8Array(26)));
const text = (words = `A lighthouse ${crypto.randomUUID()}`) => ({ type: "text", text: words });
const image = (url: string, role?: string) => ({
  type: "image_url",
  image_url: { url },
  ...(role === undefined ? {} : { role }),
});
const url = "https://example.com/photo.jpg";

/** An order of its own, so that nothing joins what another test ordered. */
const fresh = () => ({ model: "MiniMax-H3", content: [text()], resolution: "768P", duration: 5 });
const order = fresh();

type Task = { id: string; status: string; content?: { url: string } } & Record<string, unknown>;
type Answer = {
  task_id: string;
  ignored_fields?: string[];
  task: Task;
  items: Task[];
  total: number;
  error: { type: string; message: string; http_code: string };
};

let key = "";
beforeAll(async () => {
  key = (await makeKey("v2")).key;
});

async function send(body: object | string, headers: Record<string, string> = {}, ownKey = key) {
  const response = await post(
    create,
    ownKey,
    typeof body === "string" ? body : JSON.stringify(body),
    headers,
  );
  return { response, body: (await response.json()) as Answer };
}

async function ask(path: string, ownKey = key, method = "GET") {
  const response = await call(path, { method, headers: bearer(ownKey) });
  return { response, body: (await response.json()) as Answer };
}

describe("a create", () => {
  it("answers with a task id and nothing else, and with the request's id as Trace-Id", async () => {
    const { response, body } = await send(fresh());
    expect(response.status).toBe(200);
    expect(body).toEqual({ task_id: expect.stringMatching(/^task_[0-9a-z]{26}$/) });
    expect(response.headers.get("trace-id")).toBe(response.headers.get("x-request-id"));
  });

  it.each<[title: string, more: Record<string, unknown>]>([
    ["with fields that MiniMax does not know", { n: 4, seed: 7, prompt: "another", first_frame_image: url }],
    ["with null for what is left out", { ratio: null, extra: null, callback_url: null }],
    ["with its defaults spelled out", { ratio: "16:9", take: 1 }],
    ["with what MiniMax takes to be off", { aigc_watermark: false, callback_url: "", dry_run: false }],
    ["with filmgate's own fields", { max_cost_usd: 0.4, metadata: {} }],
  ])("%s is the same order, and joins it", async (_title, more) => {
    const wanted = fresh();
    const first = await send(wanted);
    const { response, body } = await send({ ...wanted, ...more });
    expect(body).toEqual(first.body);
    expect(response.headers.get("filmgate-joined")).toBe("true");
  });

  it("is one order with what the same key asks for at /v1/videos/generations", async () => {
    const prompt = `A lighthouse ${crypto.randomUUID()}`;
    const references = [image(url, "reference_image"), image(`${url}?2`, "reference_image")];
    const video = {
      type: "video_url",
      video_url: { url: "https://example.com/a.mp4" },
      role: "reference_video",
    };
    const { body } = await send({
      ...{ ...order, model: "MiniMax-H3-Max", resolution: "480P", duration: 6, ratio: "4:3" },
      content: [...references, text(prompt), video],
      extra: { prompt_expansion_mode: "quality" },
    });
    const other = await post(
      "/v1/videos/generations",
      key,
      JSON.stringify({
        ...{ model: "MiniMax-H3-Max", prompt, resolution: "480P", duration: 6, ratio: "4:3" },
        reference_images: [url, `${url}?2`],
        reference_videos: ["https://example.com/a.mp4"],
        prompt_expansion: "quality",
      }),
    );
    expect(await other.json()).toMatchObject({ task_id: body.task_id, joined: true });
  });

  it("with frames ignores a ratio, whatever it says, as MiniMax does", async () => {
    const content = [text(), image(url, "first_frame"), image(`${url}?2`, "last_frame")];
    const first = await send({ ...order, content });
    expect(first.response.status).toBe(200);
    for (const ratio of ["9:16", "7:5", "adaptive"]) {
      expect((await send({ ...order, content, ratio })).body).toEqual(first.body);
    }
    const { body } = await ask(`${query}/${first.body.task_id}`);
    expect(body.task.ratio).toBe("adaptive");
  });

  it("names the wishes that a joined task was not ordered with", async () => {
    const wanted = fresh();
    const { body } = await send(wanted);
    const again = await send({ ...wanted, retention_days: 3 });
    expect(again.body).toEqual({ ...body, ignored_fields: ["retention_days"] });
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
    const { response, body } = await send({ ...wanted, duration: 10 }, headers);
    expect(response.status).toBe(422);
    expect(body.error).toMatchObject({ type: "unprocessable_entity_error", http_code: "422" });
  });
});

describe("a refusal has MiniMax's error object and the true status", () => {
  const rows: [title: string, body: object | string, status: number, sentence: RegExp][] = [
    ["no body", "", 400, /empty/],
    ["no JSON", "{", 400, /not valid JSON/],
    ["a list", "[]", 400, /JSON object/],
    ["no model", { ...order, model: undefined }, 400, /^model: is required/],
    ["an unknown model", { ...order, model: "video-01" }, 400, /^model: 'video-01' is unknown/],
    [
      "a model of MiniMax's V1",
      { ...order, model: "MiniMax-Hailuo-2.3" },
      400,
      /^model: is none that MiniMax's V2 makes; POST \/v1\/video_generation makes it/,
    ],
    ["no content", { ...order, content: undefined }, 400, /^content: is required/],
    ["a text for content", { ...order, content: "x" }, 400, /^content: must be a list/],
    [
      "content of more items than any order has, at once and by their number",
      {
        ...order,
        content: [text(), ...Array.from({ length: 80_000 }, () => image("https://a.b", "reference_image"))],
      },
      400,
      /^content: has 80001 items; at most 64 are accepted\./,
    ],
    ["no text", { ...order, content: [] }, 400, /^content: must include a text/],
    ["a blank text", { ...order, content: [text(" ")] }, 400, /^content: must include a text/],
    ["two texts", { ...order, content: [text("a"), text("b")] }, 400, /^content\[1\]: is a second text/],
    [
      "a text that is too long",
      { ...order, content: [text("x".repeat(7001))] },
      400,
      /^content\[0\]\.text: 7001 characters/,
    ],
    ["an item that is none", { ...order, content: [text(), 7] }, 400, /^content\[1\]: must be an object/],
    ["an unknown item", { ...order, content: [text(), { type: "x" }] }, 400, /^content\[1\]\.type: must be/],
    [
      "an unknown part",
      { ...order, content: [text(), image(url, "subject")] },
      400,
      /^content\[1\]\.role: must be one of first_frame/,
    ],
    [
      "two images without a part",
      { ...order, content: [text(), image(url), image(url)] },
      400,
      /^content\[1\]\.role: must be one of/,
    ],
    [
      "two first frames",
      { ...order, content: [text(), image(url, "first_frame"), image(url, "first_frame")] },
      400,
      /^content\[2\]\.role: is a second first_frame/,
    ],
    [
      "a last frame alone",
      { ...order, content: [text(), image(url, "last_frame")] },
      400,
      /^content \(first_frame\): .* beside a first_frame only/,
    ],
    [
      "frames beside references",
      { ...order, content: [text(), image(url, "first_frame"), image(url, "reference_image")] },
      400,
      /references and frames exclude each other/,
    ],
    [
      "ten reference images",
      { ...order, content: [text(), ...Array.from({ length: 10 }, () => image(url, "reference_image"))] },
      400,
      /^content \(reference_image\): 10 were sent; MiniMax-H3 takes at most 9/,
    ],
    [
      "a sound alone",
      {
        ...order,
        content: [text(), { type: "audio_url", audio_url: { url }, role: "reference_audio" }],
      },
      400,
      /^content \(reference_image\): .* reference_audio beside a reference image/,
    ],
    [
      "what is no image",
      { ...order, content: [text(), image("data:image/png;base64,AAAA")] },
      400,
      /^content\[1\]\.image_url\.url: /,
    ],
    [
      "a file of MiniMax's own",
      { ...order, content: [text(), image("mm_file://176843862716480")] },
      400,
      /^content\[1\]\.image_url\.url: 'mm_file:\/\/176843862716480' names no upload/,
    ],
    [
      "a file that was never uploaded",
      { ...order, content: [text(), image(`mm_file://image_${"0".repeat(64)}`)] },
      400,
      /^content\[1\]\.image_url\.url: no image with this id was uploaded/,
    ],
    ["no resolution", { ...order, resolution: undefined }, 400, /^resolution: is required/],
    ["a resolution that the model lacks", { ...order, resolution: "1080P" }, 400, /^resolution: /],
    ["no duration", { ...order, duration: undefined }, 400, /^duration: is required/],
    ["seconds as a text", { ...order, duration: "5" }, 400, /^duration: must be a whole number/],
    ["too many seconds", { ...order, duration: 16 }, 400, /^duration: /],
    ["a shape for which there is no frame", { ...order, ratio: "adaptive" }, 400, /^ratio: /],
    ["an unknown shape", { ...order, ratio: "7:5" }, 400, /^ratio: '7:5' is not made/],
    [
      "an expansion of a model that has none",
      { ...order, extra: { prompt_expansion_mode: "quality" } },
      400,
      /^extra\.prompt_expansion_mode: MiniMax-H3 does not take it/,
    ],
    ["an unknown extra", { ...order, extra: { seed: 7 } }, 400, /^extra\.seed: is not a field here/],
    ["a watermark, which would be missing", { ...order, aigc_watermark: true }, 400, /^aigc_watermark: /],
    ["a dry run, which would be paid", { ...order, dry_run: true }, 400, /^dry_run: /],
    ["a price above its limit", { ...order, max_cost_usd: 0.1 }, 402, /more than the \$0.1 allowed/],
    [
      "a callback to a private host",
      { ...order, callback_url: "https://10.0.0.1/x" },
      400,
      /^callback_url: /,
    ],
    [
      "a callback to nobody",
      { ...order, callback_url: "http://127.0.0.1:9/x?token=private" },
      400,
      /^invalid params, fail to check callback url(?!.*private)/,
    ],
    [
      "two addresses",
      { ...order, callback_url: "https://example.com/x", webhook_url: "https://example.com/y" },
      400,
      /^callback_url: .* one address/,
    ],
    ["a take that is none", { ...order, take: 0 }, 400, /^take: /],
  ];
  it.each(rows)("%s", async (_title, body, status, sentence) => {
    const answer = await send(body);
    expect(answer.response.status).toBe(status);
    expect(answer.body).toEqual({
      type: "error",
      error: {
        type: status === 402 ? "insufficient_balance_error" : "bad_request_error",
        message: expect.stringMatching(sentence),
        http_code: String(status),
      },
      request_id: answer.response.headers.get("x-request-id"),
    });
    expect(answer.body.error.message).toMatch(status === 402 ? /\(1008\)$/ : /\(2013\)$/);
    expect(answer.response.headers.get("trace-id")).toBe(answer.response.headers.get("x-request-id"));
    expect(answer.response.headers.get("x-should-retry")).toBe("false");
  });

  it("a body that is too large, by its declared length", async () => {
    const { response, body } = await send(order, { "content-length": String(29 * 1024 * 1024) });
    expect(response.status).toBe(413);
    expect(body.error).toMatchObject({ type: "bad_request_error", http_code: "413" });
  });

  it("a publishable key, which belongs into a page and not here", async () => {
    const made = await call("/v1/admin/keys", {
      method: "POST",
      headers: bearer(adminKey),
      body: JSON.stringify({ name: "page", account: "v2", kind: "publishable" }),
    });
    const { key: publishable } = (await made.json()) as { key: string };
    for (const { response, body } of [
      await send(fresh(), {}, publishable),
      await ask(query, publishable),
      await ask(`${query}/${stranger}`, publishable),
    ]) {
      expect(response.status).toBe(403);
      expect(body.error).toMatchObject({
        type: "authorized_error",
        message: expect.stringMatching(/\(1004\)$/),
      });
    }
  });

  it.each([
    ["POST", "/v2/h3_context_ir"],
    ["POST", "/v2/video_regeneration"],
  ])("what filmgate has no way to do: %s %s", async (method, path) => {
    const { response, body } = await ask(path, key, method);
    expect(response.status).toBe(501);
    expect(body.error).toMatchObject({
      type: "server_error",
      message: expect.stringMatching(/^filmgate does not .* \(2013\)$/),
    });
    expect(response.headers.get("x-should-retry")).toBe("false");
  });

  it("and a defect is a 500 that may be repeated", async () => {
    const breaks = async () => {
      throw new Error("Network connection lost.");
    };
    const broken = { ...env, VIDEO_TASKS: { getByName: () => ({ read: breaks }) } };
    const request = new Request(`${origin}${query}/${stranger}`, { headers: bearer(key) });
    const response = await app.fetch(request, broken);
    expect(response.status).toBe(500);
    expect(response.headers.get("x-should-retry")).toBe("true");
    expect(await response.json()).toMatchObject({ error: { type: "server_error", http_code: "500" } });
  });
});

describe("a task", () => {
  it("is told in MiniMax's words while it waits", async () => {
    const { body: created } = await send(fresh());
    const { response, body } = await ask(`${query}/${created.task_id}`);
    expect(response.status).toBe(200);
    expect(body).toEqual({
      task: {
        ...{
          id: created.task_id,
          model: "MiniMax-H3",
          status: expect.stringMatching(/^(?:queued|running)$/),
        },
        created_at: expect.any(Number),
        updated_at: expect.any(Number),
        ...{ resolution: "768P", duration: 5, usage: {}, ratio: "16:9" },
        ...{ task_type: "generation", modality: "video" },
      },
    });
  });

  it("of a model that MiniMax's V1 makes is told, too, without a shape", async () => {
    const made = await post(
      "/v1/videos/generations",
      key,
      JSON.stringify({ model: "MiniMax-Hailuo-2.3", prompt: `A lighthouse ${crypto.randomUUID()}` }),
    );
    const { task_id } = (await made.json()) as { task_id: string };
    const { body } = await ask(`${query}/${task_id}`);
    expect(body.task).toMatchObject({ id: task_id, model: "MiniMax-Hailuo-2.3", resolution: "768P" });
    expect(body.task).not.toHaveProperty("ratio");
  });

  it("that was cancelled elsewhere is cancelled here, and is neither cancelled nor deleted again", async () => {
    const { body: created } = await send(fresh());
    await call(`/v1/videos/${created.task_id}`, { method: "DELETE", headers: bearer(key) });
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const { response, body } = await ask(`${create}/${created.task_id}`, key, "DELETE");
      expect(response.status).toBe(400);
      expect(body.error.message).toMatch(/is cancelled.*\(2013\)$/);
    }
    const { body } = await ask(`${query}/${created.task_id}`);
    expect(body.task.status).toBe("cancelled");
    expect(body.task).not.toHaveProperty("error");
  });

  it("of which nobody knows whether MiniMax has it is running, and a DELETE leaves it alone", async () => {
    const { body: created } = await send(fresh());
    await vi.waitFor(async () => {
      const { body } = await ask(`${query}/${created.task_id}`);
      expect(body.task.status).toBe("running");
    });
    const { response, body } = await ask(`${create}/${created.task_id}`, key, "DELETE");
    expect(response.status).toBe(400);
    expect(body.error.message).toMatch(/running can be neither cancelled nor deleted/);
    expect(response.headers.get("x-should-retry")).toBe("false");
  });

  it("of another account is as unknown as any: 404, in the list as well", async () => {
    const other = (await makeKey("v2-other")).key;
    const { body: created } = await send(fresh(), {}, other);
    for (const [method, path] of [
      ["GET", `${query}/${created.task_id}`],
      ["DELETE", `${create}/${created.task_id}`],
    ] as const) {
      const { response, body } = await ask(path, key, method);
      expect(response.status).toBe(404);
      expect(body.error).toMatchObject({ message: "There is no such task. (2013)" });
    }
    const listed = await ask(`${query}?filter.task_ids=${created.task_id}`);
    expect(listed.body).toEqual({ items: [], total: 0 });
    expect((await ask(`${query}/${created.task_id}`, other)).response.status).toBe(200);
  });
});

describe("the list", () => {
  it.each([
    ["page_num=0", /^page_num: must be a whole number, 1 or more/],
    ["page_num=x", /^page_num: /],
    ["page_size=101", /^page_size: must be a whole number from 1 to 100/],
    ["page_size=1&page_size=2", /^page_size: /],
    ["filter.status=Success", /^filter\.status: must be one of queued, running/],
    [`filter.task_ids=${"x,".repeat(101)}`, /^filter\.task_ids: must be at most 100 ids/],
  ])("refuses %s", async (parameters, sentence) => {
    const { response, body } = await ask(`${query}?${parameters}`);
    expect(response.status).toBe(400);
    expect(body.error.message).toMatch(sentence);
  });

  it("is empty where nothing was ordered, and behind its end", async () => {
    const { key: nobody } = await makeKey("v2-nobody");
    expect((await ask(query, nobody)).body).toEqual({ items: [], total: 0 });
    expect((await ask(`${query}?page_num=999999999`)).body.items).toEqual([]);
  });

  it("goes by numbered pages, newest first, and filters by model, ids, state and type", async () => {
    const { key: own } = await makeKey("v2-list");
    const ids: string[] = [];
    for (const model of ["MiniMax-H3", "MiniMax-H3-Max", "MiniMax-H3"]) {
      ids.unshift((await send({ ...fresh(), model }, {}, own)).body.task_id);
    }
    const [newest = "", middle = "", oldest = ""] = ids;
    await call(`/v1/videos/${middle}`, { method: "DELETE", headers: bearer(own) });
    const list = async (parameters: string) => {
      const { body } = await ask(`${query}?${parameters}`, own);
      return { ids: body.items.map(({ id }) => id), total: body.total };
    };
    expect(await list("")).toEqual({ ids, total: 3 });
    expect(await list("page_size=2")).toEqual({ ids: [newest, middle], total: 3 });
    expect(await list("page_size=2&page_num=2")).toEqual({ ids: [oldest], total: 3 });
    expect(await list("filter.model=MiniMax-H3")).toEqual({ ids: [newest, oldest], total: 2 });
    expect(await list(`filter.task_ids=${oldest},${middle}`)).toEqual({ ids: [middle, oldest], total: 2 });
    expect(await list(`filter.task_ids=${oldest}&filter.task_ids=${newest}`)).toEqual({
      ids: [newest, oldest],
      total: 2,
    });
    expect(await list("filter.status=cancelled")).toEqual({ ids: [middle], total: 1 });
    expect(await list("filter.status=queued&page_size=1&page_num=2")).toEqual({ ids: [oldest], total: 2 });
    expect(await list("filter.status=failed")).toEqual({ ids: [], total: 0 });
    expect(await list("filter.task_type=generation&filter.model=")).toEqual({ ids, total: 3 });
    expect(await list("filter.task_type=regeneration")).toEqual({ ids: [], total: 0 });
  });
});
