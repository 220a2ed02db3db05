/*
 * The V2 wire to the letter: what each answer holds and what it does not, errors, the list, cancelling and
 * deleting, and who is let in.
 */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createSimulator, type SimulatorOptions } from "../../src/simulator/app.ts";
import { type Json, key, textBody, useSimulator } from "./caller.ts";
import { film, mp3 } from "./media.ts";
import { dataUrl, png } from "./pictures.ts";

const fast = useSimulator();
const slow = useSimulator({ speed: 1, keys: [key, "sk-api-other"] });

/** A simulator whose clock stands, called in-process. */
function still(options: SimulatorOptions = {}) {
  const clock = { now: 1_785_125_529_000 };
  const { app } = createSimulator({ now: () => clock.now, ...options });
  const call = async (method: string, path: string, body?: object, who = key) => {
    const init = {
      method,
      headers: { Authorization: `Bearer ${who}` },
      body: body ? JSON.stringify(body) : null,
    };
    const response = await app.request(path, init);
    return { status: response.status, body: (await response.json()) as Json };
  };
  const order = async (prompt: string, more: object = {}) =>
    (await call("POST", "/v2/video_generation", { ...textBody(prompt), ...more })).body.task_id as string;
  const task = async (taskId: string) =>
    (await call("GET", `/v2/query/video_generation/${taskId}`)).body.task;
  return { clock, call, order, task };
}

/** The documented error object, with the code in brackets behind the sentence. */
const refusal = (status: number, type: string, message: string) => ({
  type: "error",
  error: { type, message, http_code: String(status) },
  request_id: expect.stringMatching(/^02\d{13}[0-9a-f]{17}$/),
});
const invalidId = refusal(400, "bad_request_error", "invalid params, invalid task_id (2013)");

describe("an accepted create", () => {
  it("answers 200 with the task id and nothing else", async () => {
    const response = await fast.v2.create(textBody("a calm sea"));
    expect(response.status).toBe(200);
    expect(response.headers.get("Trace-Id")).toMatch(/^[0-9a-f]{32}$/);
    expect(await response.text()).toMatch(/^\{"task_id":"[1-9]\d{14}"\}$/);
  });
});

describe("a task", () => {
  // The docs' samples, field by field and in their order.
  it("succeeds as the sample does", async () => {
    const { clock, order, task } = still();
    const item = (kind: string, url: string, role: string) => ({
      type: `${kind}_url`,
      [`${kind}_url`]: { url },
      role,
    });
    const id = await order("", {
      resolution: "2K",
      content: [
        { type: "text", text: "a calm sea" },
        item("image", dataUrl(png(1600, 900)), "reference_image"),
        item("audio", dataUrl(mp3(6), "audio/mp3"), "reference_audio"),
      ],
    });
    clock.now += 417_000;
    const sample = {
      id,
      model: "MiniMax-H3",
      status: "succeeded",
      created_at: 1785125529,
      updated_at: 1785125929,
      content: {
        url: expect.stringMatching(
          /^http:\/\/localhost\/inference_output\/rollout\/[\d-]{10}\/[0-9a-f-]{36}\/output\.mp4\?/,
        ),
      },
      resolution: "2K",
      duration: 5,
      usage: {
        total_seconds: 5,
        input_seconds: 0,
        output_seconds: 5,
        input_image_count: 1,
        input_audio_seconds: 6,
        total_tokens: 273890,
        prompt_tokens: 13500,
        completion_tokens: 260390,
      },
      ratio: "16:9",
      task_type: "generation",
      modality: "video",
    };
    const answer = await task(id);
    expect(answer).toEqual(sample);
    expect(Object.keys(answer)).toEqual(Object.keys(sample));
    expect(Object.keys(answer.usage)).toEqual(Object.keys(sample.usage));
  });

  it("fails as the sample does", async () => {
    const { clock, order, task } = still();
    const id = await order("[sim: fail=1026]", { resolution: "2K" });
    clock.now += 500_000;
    const sample = {
      id,
      model: "MiniMax-H3",
      status: "failed",
      error: { code: "1026", message: "video description contains sensitive content" },
      created_at: 1785125529,
      updated_at: 1785125929,
      resolution: "2K",
      duration: 5,
      usage: {},
      ratio: "16:9",
      task_type: "generation",
      modality: "video",
    };
    const answer = await task(id);
    expect(answer).toEqual(sample);
    expect(Object.keys(answer)).toEqual(Object.keys(sample));
  });

  it("is queued, then running, and has no content and no usage until it succeeds", async () => {
    const { clock, order, task } = still();
    const id = await order("a calm sea");
    const seen = [];
    for (const seconds of [0, 25, 1, 143, 1]) {
      clock.now += seconds * 1000;
      const { status, updated_at, usage, content } = await task(id);
      seen.push([status, updated_at - 1785125529, usage.total_seconds, content === undefined]);
    }
    expect(seen).toEqual([
      ["queued", 0, undefined, true],
      ["queued", 0, undefined, true],
      ["running", 25, undefined, true],
      ["running", 25, undefined, true],
      ["succeeded", 170, 5, false],
    ]);
  });

  it("has a fresh address at each query, which needs no key, is a whole film, and expires", async () => {
    const taskId = await fast.v2.order("a film [sim: instant url-lifetime=400]");
    const [one, two] = [await fast.v2.task(taskId), await fast.v2.task(taskId)];
    expect(one.content.url).not.toBe(two.content.url);
    const bytes = await (await fetch(one.content.url)).bytes();
    const { tasks } = await fast.ledger("a film");
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    expect(tasks).toMatchObject([
      { wire: "v2", state: "succeeded", sha256, bytes: bytes.length, downloads: 1 },
    ]);
    await new Promise((go) => setTimeout(go, 420));
    expect((await fetch(one.content.url)).status).toBe(403);
    expect((await fetch((await fast.v2.task(taskId)).content.url)).status).toBe(200);
  });

  it("is known for seven days, of which the clock makes fewer at a higher speed", async () => {
    for (const speed of [1, 100]) {
      const { clock, call, order, task } = still({ speed });
      const id = await order("to be forgotten");
      clock.now += (7 * 86_400_000) / speed - 1;
      expect((await task(id)).status).toBe("succeeded");
      expect((await call("GET", "/v2/query/video_generation")).body.total).toBe(1);
      clock.now += 1;
      const answer = await call("GET", `/v2/query/video_generation/${id}`);
      expect(answer).toEqual({ status: 400, body: invalidId });
      expect((await call("DELETE", `/v2/video_generation/${id}`)).body).toEqual(invalidId);
      expect((await call("GET", "/v2/query/video_generation")).body).toEqual({ items: [], total: 0 });
    }
  });

  it("is as unknown to another key, and to the other wire, as one that never was", async () => {
    const onV2 = await slow.v2.order("mine");
    const onV1 = await slow.order("mine too");
    const headers = { Authorization: "Bearer sk-api-other" };
    expect(await slow.json(`/v2/query/video_generation/${onV2}`, { headers })).toEqual(invalidId);
    for (const id of [onV1, "106916112212032", "nonsense"]) {
      expect(await (await slow.v2.query(id)).json()).toEqual(invalidId);
    }
    expect((await slow.queryJson(onV2)).base_resp.status_code).toBe(2013);
    const { files } = await fast.json("/v1/files/list?purpose=video_generation");
    expect(files).toEqual([]);
  });
});

describe("an error", () => {
  it.each<[string, object, number, string, string]>([
    [
      "no text",
      { content: [] },
      400,
      "bad_request_error",
      "invalid params, content must include a non-empty text item (prompt is required) (2013)",
    ],
    [
      "a sensitive text",
      { content: [{ type: "text", text: "nsfw" }] },
      422,
      "unprocessable_entity_error",
      "video description contains sensitive content (1026)",
    ],
    [
      "an unknown model",
      { model: "MiniMax-H4" },
      400,
      "bad_request_error",
      "invalid params, model MiniMax-H4 is not supported (2013)",
    ],
    [
      "a dead callback",
      { callback_url: "http://127.0.0.1:1/" },
      400,
      "bad_request_error",
      "invalid params, fail to check callback url (2013)",
    ],
  ])("about %s", async (_, more, status, type, message) => {
    const response = await fast.v2.create({ ...textBody("a calm sea"), ...more });
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual(refusal(status, type, message));
  });

  it.each([
    [1000, 500, "server_error", "internal error"],
    [1001, 500, "server_error", "request timeout, please try again later"],
    [1002, 429, "rate_limit_error", "rate limit, please retry later"],
    [1008, 402, "insufficient_balance_error", "insufficient balance"],
    [1026, 422, "unprocessable_entity_error", "video description contains sensitive content"],
    [1033, 500, "server_error", "system error, database failure"],
    [1039, 429, "rate_limit_error", "token limit, please retry later"],
    [2013, 400, "bad_request_error", "invalid params"],
    [2049, 401, "authorized_error", "invalid api key"],
    [2056, 429, "rate_limit_error", "usage limit exceeded"],
    [2061, 400, "bad_request_error", "your current token plan not support model"],
  ])("with the code %i has the status %i", async (code, status, type, sentence) => {
    const response = await fast.v2.create(textBody(`refused [sim: refuse=${code}]`));
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual(refusal(status, type, `${sentence} (${code})`));
  });

  it("about a body that is no JSON is a 2013", async () => {
    const response = await fast.send("/v2/video_generation", {
      method: "POST",
      body: "{",
      headers: { Authorization: `Bearer ${key}` },
    });
    expect(await response.json()).toEqual(
      refusal(400, "bad_request_error", "invalid params, the body is not a JSON object (2013)"),
    );
  });
});

describe("the door", () => {
  const noKey =
    "login fail: Please carry the API secret key in the 'Authorization' field of the request header (1004)";

  it.each([
    ["POST", "/v2/video_generation"],
    ["GET", "/v2/query/video_generation/424010985738629"],
    ["GET", "/v2/query/video_generation"],
    ["DELETE", "/v2/video_generation/424010985738629"],
  ])("guards %s %s", async (method, path) => {
    const none = await fast.send(path, { method, headers: {} });
    expect([none.status, await none.json()]).toEqual([401, refusal(401, "authorized_error", noKey)]);
    const wrong = await fast.send(path, { method, headers: { Authorization: "Bearer sk-api-wrong" } });
    expect([wrong.status, await wrong.json()]).toEqual([
      401,
      refusal(401, "authorized_error", "invalid api key (2049)"),
    ]);
  });

  const busy = {
    status: 429,
    body: refusal(429, "rate_limit_error", "rate limit, please retry later (1002)"),
  };

  it("lets thirty unfinished tasks in for each key, and the next when one has ended", async () => {
    const { clock, call, order } = still({ keys: [key, "another"] });
    const ids = [];
    for (let count = 0; count < 30; count += 1) ids.push(await order("one of many"));
    const post = (who = key) => call("POST", "/v2/video_generation", textBody("one more"), who);
    expect(await post()).toEqual(busy);
    expect((await post("another")).status).toBe(200);
    await call("DELETE", `/v2/video_generation/${ids[0]}`);
    expect((await post()).status).toBe(200);
    expect(await post()).toEqual(busy);
    clock.now += 170_000;
    expect((await post()).status).toBe(200);
  });

  it("does not let in more when many come at once", async () => {
    const { order, call } = still({ tasksInFlight: 1 });
    const answers = await Promise.all(
      [1, 2, 3].map(() => call("POST", "/v2/video_generation", textBody("at once"))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 429, 429]);
    expect(await order("refused")).toBeUndefined();
  });

  it("lets in as many requests a minute as is set, apart from V1's", async () => {
    const { clock, call } = still({ requestsPerMinuteV2: 2, requestsPerMinute: 0 });
    const post = async () => (await call("POST", "/v2/video_generation", textBody("limited"))).status;
    expect([await post(), await post(), await post()]).toEqual([200, 200, 429]);
    clock.now += 60_000;
    expect(await post()).toBe(200);
  });

  it("sets and lifts both limits while it runs", async () => {
    const put = (body: object) =>
      fast.json("/simulator/settings", { method: "PUT", body: JSON.stringify(body) });
    expect(await put({ requestsPerMinuteV2: 0, tasksInFlight: 0 })).toMatchObject({ tasksInFlight: 0 });
    expect((await fast.v2.create(textBody("limited"))).status).toBe(429);
    await put({ requestsPerMinuteV2: null });
    expect((await fast.v2.create(textBody("limited"))).status).toBe(429);
    expect(await put({ tasksInFlight: null })).not.toHaveProperty("keys");
    expect((await fast.v2.create(textBody("limited"))).status).toBe(200);
    await put({ tasksInFlight: 30 });
  });
});

describe("the list", () => {
  async function filled() {
    const simulator = still({ keys: [key, "another"] });
    const ids: string[] = [];
    for (let index = 0; index < 25; index += 1) {
      const scenario = index < 3 ? "instant" : index === 3 ? "instant fail=1027" : "queue=9000000";
      const model = index % 5 === 0 ? "MiniMax-H3-Max" : "MiniMax-H3";
      ids.push(await simulator.order(`listed [sim: ${scenario}]`, { model }));
      simulator.clock.now += 1000;
    }
    const list = async (query = "") => {
      const { body } = await simulator.call("GET", `/v2/query/video_generation${query}`);
      return { numbers: body.items?.map((item: Json) => ids.indexOf(item.id)), total: body.total };
    };
    return { ...simulator, ids, list };
  }
  const down = (from: number, to: number) =>
    Array.from({ length: from - to + 1 }, (_, index) => from - index);

  it("has the newest first, twenty to a page", async () => {
    const { list } = await filled();
    expect(await list()).toEqual({ numbers: down(24, 5), total: 25 });
    expect(await list("?page_num=2")).toEqual({ numbers: down(4, 0), total: 25 });
    expect(await list("?page_num=3")).toEqual({ numbers: [], total: 25 });
    expect(await list("?page_num=2&page_size=4")).toEqual({ numbers: down(20, 17), total: 25 });
  });

  it("filters, and counts what is left", async () => {
    const { list, ids } = await filled();
    expect(await list("?filter.status=succeeded")).toEqual({ numbers: [2, 1, 0], total: 3 });
    expect(await list("?filter.status=failed")).toEqual({ numbers: [3], total: 1 });
    expect(await list("?filter.status=cancelled")).toEqual({ numbers: [], total: 0 });
    expect(await list("?filter.status=queued&page_size=2")).toEqual({ numbers: [24, 23], total: 21 });
    expect(await list("?filter.model=MiniMax-H3-Max")).toEqual({ numbers: [20, 15, 10, 5, 0], total: 5 });
    expect(await list("?filter.task_type=regeneration")).toEqual({ numbers: [], total: 0 });
    expect(await list("?filter.task_type=generation&page_size=1")).toEqual({ numbers: [24], total: 25 });
    expect(await list(`?filter.task_ids=${ids[7]}&filter.task_ids=${ids[9]}&filter.task_ids=1`)).toEqual({
      numbers: [9, 7],
      total: 2,
    });
    expect(await list(`?filter.task_ids=${ids[7]},${ids[9]}`)).toEqual({ numbers: [9, 7], total: 2 });
    expect(await list(`?filter.status=succeeded&filter.task_ids=${ids[2]},${ids[9]}`)).toEqual({
      numbers: [2],
      total: 1,
    });
  });

  it("has items like the answers to queries, and nobody else's", async () => {
    const { call, ids, task } = await filled();
    const { body } = await call("GET", `/v2/query/video_generation?filter.task_ids=${ids[0]}`);
    const content = { url: expect.stringContaining("/output.mp4?") };
    expect(body.items).toEqual([{ ...(await task(ids[0] ?? "")), content }]);
    expect((await call("GET", "/v2/query/video_generation", undefined, "another")).body).toEqual({
      items: [],
      total: 0,
    });
  });

  it.each(["page_num=0", "page_num=x", "page_size=0", "page_size=101", "filter.status=done"])(
    "refuses %s",
    async (query) => {
      const { status, body } = await still().call("GET", `/v2/query/video_generation?${query}`);
      expect([status, body.error.message]).toEqual([
        400,
        expect.stringMatching(/^invalid params, .* \(2013\)$/),
      ]);
    },
  );
});

describe("a delete", () => {
  const billOf = async (prompt: string) => (await fast.ledger(prompt)).billed_micro_usd;

  it("cancels what is queued, which is not billed", async () => {
    const taskId = await fast.v2.order("to be cancelled [sim: queue=60000]");
    expect(await billOf("to be cancelled")).toBe(400_000);
    const response = await fast.v2.remove(taskId);
    expect([response.status, await response.json()]).toEqual([
      200,
      { task_id: taskId, action: "cancelled", status: "cancelled" },
    ]);
    expect(await fast.v2.task(taskId)).toMatchObject({ id: taskId, status: "cancelled", usage: {} });
    expect(await fast.v2.task(taskId)).not.toHaveProperty("content");
    expect(await billOf("to be cancelled")).toBe(0);
  });

  it.each([
    ["succeeded", "instant", 400_000],
    ["failed", "instant fail=1027", 0],
    ["expired", "instant expired", 0],
  ])("deletes what has %s, and the bill stays", async (status, scenario, billed) => {
    const prompt = `${status}, to be deleted`;
    const taskId = await fast.v2.order(`${prompt} [sim: ${scenario}]`);
    const { content } = await fast.v2.task(taskId);
    const response = await fast.v2.remove(taskId);
    expect([response.status, await response.json()]).toEqual([
      200,
      { task_id: taskId, action: "deleted", status },
    ]);
    expect(await (await fast.v2.query(taskId)).json()).toEqual(invalidId);
    expect(await (await fast.v2.remove(taskId)).json()).toEqual(invalidId);
    expect((await fast.v2.list(`?filter.task_ids=${taskId}`)).total).toBe(0);
    if (content) expect((await fetch(content.url)).status).toBe(404);
    expect(await fast.ledger(prompt)).toMatchObject({
      billed_micro_usd: billed,
      tasks: [{ state: status, deleted: true }],
    });
  });

  it.each([
    ["running", "stall", 120],
    ["cancelled", "instant cancelled", 0],
  ])("leaves alone what is %s", async (status, scenario, ms) => {
    const taskId = await fast.v2.order(`left alone [sim: ${scenario}]`);
    await new Promise((go) => setTimeout(go, ms));
    const response = await fast.v2.remove(taskId);
    const message = `invalid params, a task that is ${status} cannot be cancelled or deleted (2013)`;
    expect([response.status, await response.json()]).toEqual([
      400,
      refusal(400, "bad_request_error", message),
    ]);
    expect((await fast.v2.task(taskId)).status).toBe(status);
  });
});

describe("an upload", () => {
  const upload = async (
    bytes: Buffer,
    purpose = "video_generation_input",
    authorization = `Bearer ${key}`,
  ) => {
    const body = new FormData();
    body.set("purpose", purpose);
    body.set("file", new File([new Uint8Array(bytes)], "given.bin"));
    const response = await fast.send("/v1/files/upload", {
      method: "POST",
      body,
      headers: { Authorization: authorization },
    });
    return { status: response.status, body: (await response.json()) as Json };
  };
  const filesOf = async () =>
    (await fast.json("/v1/files/list?purpose=video_generation_input")).files as Json[];

  it("answers with a number for an id, and is listed, used and deleted by it", async () => {
    const bytes = film(6);
    const { status, body } = await upload(bytes);
    expect(status).toBe(200);
    expect(body).toEqual({
      file: {
        file_id: expect.any(Number),
        bytes: bytes.length,
        created_at: expect.any(Number),
        filename: "given.bin",
        purpose: "video_generation_input",
      },
      base_resp: { status_code: 0, status_msg: "success" },
    });
    expect(await filesOf()).toEqual([body.file]);
    const url = `mm_file://${body.file.file_id}`;
    const content = [
      { type: "text", text: "by upload" },
      { type: "video_url", video_url: { url }, role: "reference_video" },
    ];
    await fast.v2.order("", { content });
    expect(await fast.ledger("by upload")).toMatchObject({
      billed_micro_usd: 11 * 80_000,
      tasks: [{ input_seconds: 6, reference_sha256s: [createHash("sha256").update(bytes).digest("hex")] }],
    });
    const init = {
      method: "POST",
      body: JSON.stringify({ file_id: body.file.file_id }),
      headers: { Authorization: `Bearer ${key}` },
    };
    expect((await fast.json("/v1/files/delete", init)).base_resp.status_code).toBe(0);
    expect(await filesOf()).toEqual([]);
    expect((await fast.v2.create({ ...textBody(""), content })).status).toBe(400);
  });

  it.each<[string, Buffer, string, number, RegExp]>([
    [
      "a text",
      Buffer.from("hello, this is only a sentence"),
      "video_generation_input",
      400,
      /no supported format/,
    ],
    ["a film that is too long", film(16), "video_generation_input", 400, /2 to 15 s long, got 16/],
    ["a picture that is too small", png(200, 200), "video_generation_input", 400, /256 and 5760 px/],
    ["another purpose", png(640, 360), "voice_clone", 200, /purpose must be video_generation_input/],
  ])("of %s is refused", async (_, bytes, purpose, status, sentence) => {
    const answer = await upload(bytes, purpose);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({
      base_resp: { status_code: 2013, status_msg: expect.stringMatching(sentence) },
    });
  });

  it("needs a key", async () => {
    expect((await upload(png(640, 360), undefined, "Bearer wrong")).body.base_resp.status_code).toBe(2049);
  });
});
