/**
 * What each answer of MiniMax's second wire means: its documented samples, and whatever else may come. Only the listed
 * ones may prove anything about a create, and no answer, however broken, may throw.
 */

import { describe, expect, it } from "vitest";
import type { Order } from "../../src/domain/order.ts";
import { provenCodes } from "../../src/ports/minimax/codes.ts";
import { v2 } from "../../src/ports/minimax/v2.ts";
import type { MiniMax } from "../../src/ports/minimax/wire.ts";

type Answer = () => Response | Promise<Response>;

function miniMax(answer: Answer) {
  const requests: Request[] = [];
  const tooFast: number[] = [];
  const minimax: MiniMax = {
    fetch: async (request) => {
      requests.push(request);
      return answer();
    },
    baseUrl: "https://api.minimax.io",
    apiKey: "key",
    createTimeoutMs: 5000,
    askTimeoutMs: 5000,
    onTooFast: (statusCode) => tooFast.push(statusCode),
  };
  return { minimax, requests, tooFast };
}

const raw =
  (body: BodyInit | null, status = 200): Answer =>
  () =>
    new Response(body, { status, headers: { "trace-id": "trace-1" } });
const json = (body: unknown, status = 200) => raw(JSON.stringify(body), status);
/** As recorded: the code stands at the end of the sentence. */
const refusal = (message: string, status: number, more: object = {}) =>
  json(
    {
      ...more,
      type: "error",
      error: { type: "bad_request_error", message, http_code: String(status) },
      request_id: "021785229015510a2c883cf675b9804d",
    },
    status,
  );

const broken: [title: string, answer: Answer][] = [
  ["a socket that breaks", () => Promise.reject(new Error("Network connection lost."))],
  ["no body", raw(null)],
  ["HTML", raw("<html>502 Bad Gateway</html>", 200)],
  ["half of an object", raw('{"task_id":"1"')],
  ["an array", json([])],
  ["null", raw("null")],
  ["more than a megabyte", raw(" ".repeat(1024 * 1024 + 1))],
];

describe("MiniMax's answer to a create", () => {
  const create = (answer: Answer, withCallback = false) =>
    v2.create(miniMax(answer).minimax, "{}", withCallback);

  it.each([
    ['{"task_id":"424010985738629"}', "424010985738629"],
    ['{"task_id":9007199254740993123}', "9007199254740993123"],
  ])("%s is accepted", async (body, providerTaskId) => {
    expect(await create(raw(body))).toEqual({ kind: "accepted", providerTaskId, traceId: "trace-1" });
  });

  it.each([
    [
      "invalid params, content must include a non-empty text item (prompt is required) (2013)",
      400,
      { kind: "refused", code: "provider_invalid_request", provider: { statusCode: 2013 } },
    ],
    [
      "login fail: Please carry the API secret key in the 'Authorization' field of the request header (1004)",
      401,
      { kind: "refused", code: "provider_key_refused" },
    ],
    ["invalid api key (2049)", 401, { kind: "refused", code: "provider_key_refused" }],
    ["insufficient balance (1008)", 402, { kind: "refused", code: "provider_balance" }],
    [
      "video description contains sensitive content (1026)",
      422,
      {
        kind: "refused",
        code: "content_refused",
        provider: { statusCode: 1026, statusMessage: "video description contains sensitive content" },
      },
    ],
    ["rate limit, please retry later (1002)", 429, { kind: "deferred", provider: { statusCode: 1002 } }],
    ["usage limit exceeded (2056)", 429, { kind: "deferred" }],
  ])("'%s' with HTTP %d is proof", async (message, status, expected) => {
    expect(await create(refusal(message, status))).toMatchObject(expected);
  });

  it.each(Object.keys(provenCodes))(
    "code %s proves with each documented status, and with no other",
    async (code) => {
      for (const status of [400, 401, 402, 422, 429]) {
        expect((await create(refusal(`no (${code})`, status))).kind).not.toBe("lost");
      }
      for (const status of [200, 302, 403, 404, 413, 500, 502, 529]) {
        expect((await create(refusal(`no (${code})`, status))).kind, `HTTP ${status}`).toBe("lost");
      }
    },
  );

  it.each<[title: string, answer: Answer]>([
    ...broken,
    ["no task id", json({})],
    ["an empty task id", json({ task_id: "" })],
    ["500", refusal("internal error (1000)", 500)],
    ["529", refusal("overloaded", 529)],
    ["400 with a code that proves nothing", refusal("internal error (1000)", 400)],
    ["400 without a code", refusal("invalid params", 400)],
    ["429 of a proxy", raw("slow down", 429)],
    ["a code that does not stand at the end", refusal("(2013) invalid params", 400)],
    ["V1's envelope", json({ base_resp: { status_code: 1002, status_msg: "rate limit" } }, 429)],
  ])("proves nothing: %s", async (_title, answer) => {
    expect(await create(answer)).toMatchObject({ kind: "lost", candidate: null });
  });

  it.each<[title: string, answer: Answer]>([
    ["a refusal", refusal("rate limit (1002)", 429, { task_id: "123" })],
    ["an HTTP 502", json({ task_id: "123" }, 502)],
    ["an HTTP 201", json({ task_id: "123" }, 201)],
    ["an error beside a good status", refusal("no (1026)", 200, { task_id: "123" })],
  ])("that names a task beside %s is lost, with a task to ask after", async (_title, answer) => {
    expect(await create(answer)).toMatchObject({ kind: "lost", candidate: "123" });
  });

  it("about the callback is a word on the callback alone, where one was asked for", async () => {
    const answer = refusal("invalid params, fail to check callback url (2013)", 400);
    expect((await create(answer, true)).kind).toBe("callbackRefused");
    expect((await create(answer, false)).kind).toBe("refused");
  });

  it("is asked for once, without following anybody elsewhere", async () => {
    const { minimax, requests } = miniMax(raw(null, 302));
    await v2.create(minimax, "{}", false);
    expect(requests.map(({ method, url, redirect }) => [method, url, redirect])).toEqual([
      ["POST", "https://api.minimax.io/v2/video_generation", "manual"],
    ]);
  });
});

const finished = {
  id: "424010985738629",
  model: "MiniMax-H3",
  status: "succeeded",
  created_at: 1785125529,
  updated_at: 1785125946,
  content: { url: "https://video-product.cdn.minimax.io/inference_output/rollout/2026-07-27/a/output.mp4" },
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
const failed = {
  ...finished,
  status: "failed",
  content: undefined,
  usage: {},
  error: { code: "1026", message: "video description contains sensitive content" },
};

describe("MiniMax's answer to a query", () => {
  const query = (answer: Answer) => v2.query(miniMax(answer).minimax, "424010985738629");

  it.each<[title: string, task: object, expected: object]>([
    [
      "success",
      finished,
      {
        kind: "success",
        providerFileId: "424010985738629",
        usage: { outputSeconds: 5, inputSeconds: 0, images: 1 },
      },
    ],
    [
      "success without an address",
      { ...finished, content: {} },
      { kind: "pending", providerStatus: "Processing" },
    ],
    ["success without content", { ...finished, content: undefined }, { kind: "pending" }],
    ["success that counts nothing", { ...finished, usage: {} }, { kind: "success", usage: null }],
    [
      "success that counts nonsense",
      { ...finished, usage: { output_seconds: "5" } },
      { kind: "success", usage: null },
    ],
    ["queued", { ...finished, status: "queued" }, { kind: "pending", providerStatus: "Queueing" }],
    ["running", { ...finished, status: "running" }, { kind: "pending", providerStatus: "Processing" }],
    [
      "a word nobody knows",
      { ...finished, status: "dreaming" },
      { kind: "pending", providerStatus: "Processing" },
    ],
    ["no word", { ...finished, status: "" }, { kind: "pending" }],
    [
      "failed for the prompt",
      failed,
      { kind: "fail", code: "content_refused", provider: { statusCode: 1026 } },
    ],
    [
      "failed for the video",
      { ...failed, error: { code: 1027, message: "sensitive" } },
      { kind: "fail", code: "content_moderated" },
    ],
    ["failed without a reason", { ...failed, error: undefined }, { kind: "fail", code: "generation_failed" }],
    ["cancelled", { ...failed, status: "cancelled" }, { kind: "cancelled" }],
    ["expired", { ...failed, status: "expired" }, { kind: "expired" }],
  ])("that says %s", async (_title, task, expected) => {
    expect(await query(json({ task }))).toMatchObject(expected);
  });

  it("that does not know the task, or not any more", async () => {
    expect((await query(refusal("invalid params, invalid task_id (2013)", 400))).kind).toBe("unknownTask");
  });

  it.each<[title: string, answer: Answer]>([
    ...broken,
    ["about another task", json({ task: { ...finished, id: "1" } })],
    ["without a task", json({})],
    ["a finished task under an error", json({ task: finished }, 500)],
    ["a bad key", refusal("invalid api key (2049)", 401)],
    ["overloaded", refusal("overloaded", 529)],
    ["not found", raw("", 404)],
  ])("that is %s is trouble, and no verdict", async (_title, answer) => {
    expect((await query(answer)).kind).toBe("trouble");
  });

  it("says to all if it came too fast", async () => {
    const { minimax, tooFast } = miniMax(refusal("rate limit (1002)", 429));
    await v2.query(minimax, "1");
    await v2.findFile(minimax, "1");
    await v2.queue?.cancel(minimax, "1");
    await v2.queue?.list(minimax, "MiniMax-H3");
    expect(tooFast).toEqual([1002, 1002, 1002, 1002]);
  });
});

describe("a file of the second wire", () => {
  const find = (answer: Answer) => v2.findFile(miniMax(answer).minimax, "424010985738629");

  it("has the address of a fresh query", async () => {
    expect(await find(json({ task: finished }))).toMatchObject({ kind: "url", url: finished.content.url });
  });

  it("is not known where its task is not", async () => {
    expect((await find(refusal("invalid task_id (2013)", 400))).kind).toBe("unknownFile");
  });

  it.each<[title: string, answer: Answer]>([
    ...broken,
    ["no address", json({ task: { ...finished, content: {} } })],
    ["an insecure address", json({ task: { ...finished, content: { url: "http://cdn.example/a.mp4" } } })],
    ["another scheme", json({ task: { ...finished, content: { url: "file:///etc/passwd" } } })],
  ])("is trouble with %s", async (_title, answer) => {
    expect((await find(answer)).kind).toBe("trouble");
  });
});

describe("MiniMax's answer to a cancel", () => {
  const cancel = (answer: Answer) => v2.queue?.cancel(miniMax(answer).minimax, "1");

  it.each<[title: string, answer: Answer, expected: object]>([
    ["cancelled", json({ task_id: "1", action: "cancelled", status: "cancelled" }), { kind: "cancelled" }],
    [
      "over, and deleted",
      json({ task_id: "1", action: "deleted", status: "succeeded" }),
      { status: "succeeded" },
    ],
    ["running", refusal("a task that is running cannot be cancelled (2013)", 400), { kind: "refused" }],
    ["nothing that is known", json({ task_id: "1", action: "pondered" }), { kind: "trouble" }],
    ["overloaded", refusal("overloaded", 529), { kind: "trouble" }],
    ...broken.map(([title, answer]): [string, Answer, object] => [title, answer, { kind: "trouble" }]),
  ])("that says %s", async (_title, answer, expected) => {
    expect(await cancel(answer)).toMatchObject(expected);
  });
});

it("MiniMax's list tells what its tasks could be, and passes over what it cannot read", async () => {
  const { minimax, requests } = miniMax(json({ items: [finished, null, 5, { id: "" }], total: 4 }));
  expect(await v2.queue?.list(minimax, "MiniMax-H3")).toMatchObject({
    kind: "listed",
    tasks: [
      {
        id: "424010985738629",
        model: "MiniMax-H3",
        resolution: "2K",
        duration: 5,
        createdAt: 1_785_125_529_000,
      },
    ],
  });
  expect(requests[0]?.url).toBe(
    "https://api.minimax.io/v2/query/video_generation?page_num=1&page_size=100&filter.model=MiniMax-H3",
  );
});

describe("the body of a create", () => {
  const order: Order = {
    model: "MiniMax-H3",
    mode: "references",
    prompt: 'A "lighthouse"',
    duration: 5,
    resolution: "768P",
    promptOptimizer: false,
    fastPretreatment: false,
    take: 1,
    images: {},
    v2: { ratio: "4:3", promptExpansion: null, references: [] },
  };
  const streamOf = (bytes: Uint8Array) => new Response(bytes.slice()).body;
  async function built(about: Partial<Order>, callbackUrl: string | null = null) {
    const body = await v2.buildBody({ ...order, ...about }, callbackUrl, async ({ bytes }) =>
      streamOf(new Uint8Array(bytes).fill(9)),
    );
    if ("missing" in body) throw new Error("something is missing");
    return JSON.parse(await new Response(body.body).text()) as Record<string, unknown>;
  }
  const kept = (contentType: string, bytes: number) =>
    ({ kind: "stored", sha256: "ab".repeat(32), contentType, bytes }) as const;
  const data = (label: string, bytes: number) =>
    `data:${label};base64,${new Uint8Array(bytes).fill(9).toBase64()}`;

  it("has text, references in their order, and only what the row takes", async () => {
    const references = [
      { field: "reference_images", source: { kind: "url", url: "https://example.com/a.png" } },
      { field: "reference_images", source: kept("image/heic", 1000) },
      { field: "reference_videos", source: kept("video/quicktime", 400_001) },
      { field: "reference_audio", source: kept("audio/mpeg", 2) },
    ] as const;
    expect(
      await built({ v2: { ratio: "adaptive", promptExpansion: null, references } }, "https://a/cb"),
    ).toEqual({
      model: "MiniMax-H3",
      content: [
        { type: "text", text: 'A "lighthouse"' },
        { type: "image_url", image_url: { url: "https://example.com/a.png" }, role: "reference_image" },
        { type: "image_url", image_url: { url: data("image/heic", 1000) }, role: "reference_image" },
        { type: "video_url", video_url: { url: data("video/mov", 400_001) }, role: "reference_video" },
        { type: "audio_url", audio_url: { url: data("audio/mp3", 2) }, role: "reference_audio" },
      ],
      resolution: "768P",
      duration: 5,
      ratio: "adaptive",
      callback_url: "https://a/cb",
    });
  });

  it("names no shape beside frames, and expands prompts for the one that does", async () => {
    const frame = { kind: "url", url: "https://example.com/a.png" } as const;
    const body = await built({
      model: "MiniMax-H3-Max",
      mode: "frames",
      images: { last_frame_image: frame, first_frame_image: frame },
      v2: { ratio: "adaptive", promptExpansion: "quality", references: [] },
    });
    expect(body).not.toHaveProperty("ratio");
    expect(body).toMatchObject({
      content: [{ type: "text" }, { role: "first_frame" }, { role: "last_frame" }],
      extra: { prompt_expansion_mode: "quality" },
    });
  });

  it("is not built where something is gone, which is named", async () => {
    const references = [
      { field: "reference_images", source: kept("image/png", 10) },
      { field: "reference_videos", source: kept("video/mp4", 10) },
    ] as const;
    const body = await v2.buildBody(
      { ...order, v2: { ratio: "adaptive", promptExpansion: null, references } },
      null,
      async ({ contentType }) => (contentType === "image/png" ? streamOf(new Uint8Array(10)) : null),
    );
    expect(body).toEqual({ missing: "reference_videos" });
  });
});
