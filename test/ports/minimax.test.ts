/**
 * What each answer of MiniMax means. The port takes the `fetch` it is to use, so each answer is a real Response; no
 * answer, however broken, may throw, and only the listed ones may prove anything about a create.
 */

import { describe, expect, it } from "vitest";
import { createVideo, queryVideo, retrieveFile } from "../../src/ports/minimax/v1.ts";
import type { MiniMax } from "../../src/ports/minimax/wire.ts";

type Answer = () => Response | Promise<Response>;

function miniMax(answer: Answer, about: Partial<MiniMax> = {}) {
  const requests: Request[] = [];
  const minimax: MiniMax = {
    fetch: async (request) => {
      requests.push(request);
      return answer();
    },
    baseUrl: "https://api.minimax.io",
    apiKey: "key",
    createTimeoutMs: 5000,
    askTimeoutMs: 5000,
    onTooFast: () => {},
    ...about,
  };
  return { minimax, requests };
}

const raw =
  (body: BodyInit | null, status = 200, headers: Record<string, string> = {}): Answer =>
  () =>
    new Response(body, { status, headers: { "trace-id": "trace-1", ...headers } });
const json = (body: unknown, status = 200): Answer => raw(JSON.stringify(body), status);
const base = (status_code: number, status_msg = "sentence") => ({ base_resp: { status_code, status_msg } });

const broken: [title: string, answer: Answer][] = [
  ["a socket that breaks", () => Promise.reject(new Error("Network connection lost."))],
  [
    "a body that breaks off",
    () =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode('{"task_id":"1",'));
            controller.error(new Error("reset"));
          },
        }),
      ),
  ],
  ["no body", raw(null)],
  ["HTML", raw("<html>502 Bad Gateway</html>", 200)],
  ["half of an object", raw('{"task_id":"1","base_resp":{"status_code":0')],
  ["an array", json([])],
  ["null", raw("null")],
  ["no base_resp", json({ task_id: "1", status: "Success", file_id: "2" })],
  [
    "a code that is no number",
    json({ task_id: "1", base_resp: { status_code: "0", status_msg: "success" } }),
  ],
  ["more than a megabyte", raw(" ".repeat(1024 * 1024 + 1))],
];

describe("MiniMax's answer to a create", () => {
  const create = (answer: Answer, withCallback = false) =>
    createVideo(miniMax(answer).minimax, "{}", withCallback);

  it("is accepted with code 0 and a task id, as a text or as a number of any size", async () => {
    for (const [text, id] of [
      ['"106916112212032"', "106916112212032"],
      ["106916112212032", "106916112212032"],
      ["9007199254740993123", "9007199254740993123"],
    ] as const) {
      const answer = await create(
        raw(`{"task_id":${text},"base_resp":{"status_code":0,"status_msg":"success"}}`),
      );
      expect(answer).toEqual({ kind: "accepted", providerTaskId: id, traceId: "trace-1" });
    }
  });

  const lost: [title: string, answer: Answer][] = [
    ...broken,
    ["code 0 without a task id", json(base(0, "success"))],
    ["code 0 with an empty task id", json({ task_id: "", ...base(0, "success") })],
    ["code 0 with a task id of null", json({ task_id: null, ...base(0, "success") })],
    ...[1000, 1001, 1013, 1024, 1027, 1033, 9999].map((code): [string, Answer] => [
      `code ${code}`,
      json(base(code)),
    ]),
    ["code 1000 with a task id", json({ task_id: "1", ...base(1000) })],
    ...[500, 502, 503, 504].map((status): [string, Answer] => [`HTTP ${status}`, raw("", status)]),
    ["a 5xx that names a code that would prove", json(base(1002), 502)],
    ["a 5xx that claims success", json({ task_id: "1", ...base(0) }, 500)],
    ["a 4xx that claims success", json({ task_id: "1", ...base(0) }, 400)],
    ["a 4xx without a code", raw("slow down", 429)],
    ["a redirect", raw(null, 302, { location: "https://elsewhere.example/" })],
  ];
  it.each(lost)("proves nothing: %s", async (_title, answer) => {
    expect((await create(answer)).kind).toBe("lost");
  });

  it.each([200, 400, 401, 429])(
    "proves with a listed code whatever the status below 500 is: %d",
    async (status) => {
      expect(await create(json(base(1026, "input new_sensitive"), status))).toMatchObject({
        kind: "refused",
        code: "content_refused",
        provider: { statusCode: 1026, statusMessage: "input new_sensitive" },
      });
      expect((await create(json(base(1002), status))).kind).toBe("deferred");
    },
  );

  it.each([
    ["fail to check callback url", true, "callbackRefused"],
    ["invalid params: callback_url", true, "callbackRefused"],
    ["fail to check callback url", false, "refused"],
    ["invalid params", true, "refused"],
  ])("2013 '%s' with a callback asked for (%s) is %s", async (sentence, withCallback, kind) => {
    expect((await create(json(base(2013, sentence)), withCallback)).kind).toBe(kind);
  });

  it("is asked for once, with the key, and without following anybody elsewhere", async () => {
    const { minimax, requests } = miniMax(() => Promise.reject(new Error("lost")));
    await createVideo(minimax, '{"model":"T2V-01"}', false);
    expect(requests).toHaveLength(1);
    const [request] = requests;
    expect(request?.url).toBe("https://api.minimax.io/v1/video_generation");
    expect(request?.method).toBe("POST");
    expect(request?.redirect).toBe("manual");
    expect(request?.headers.get("authorization")).toBe("Bearer key");
    expect(await request?.text()).toBe('{"model":"T2V-01"}');
  });

  it.each<[title: string, about: Partial<MiniMax>]>([
    ["a key that no header can carry", { apiKey: "a\nb" }],
    ["an address that is none", { baseUrl: "nonsense" }],
  ])("is not waited for where the request cannot be built: %s", async (_title, about) => {
    const { minimax, requests } = miniMax(json(base(0)), about);
    expect((await createVideo(minimax, "{}", false)).kind).toBe("notSent");
    expect(requests).toEqual([]);
  });
});

describe("a create's answer that names a task, and is not plainly yes,", () => {
  it.each<[title: string, answer: Answer]>([
    ["has no base_resp", json({ task_id: "123" })],
    ["has a code that is no number", json({ task_id: "123", base_resp: { status_code: "0" } })],
    ["has a code that proves nothing", json({ task_id: "123", ...base(1000) })],
    ["has a code that would put it off", json({ task_id: "123", ...base(1002) })],
    ["has a code that would refuse it", json({ task_id: "123", ...base(1026) })],
    ["is an HTTP 502", json({ task_id: "123", ...base(0) }, 502)],
    ["is a redirect", json({ task_id: "123", ...base(0) }, 302)],
  ])("and %s, is lost with a task to ask after", async (_title, answer) => {
    expect(await createVideo(miniMax(answer).minimax, "{}", true)).toMatchObject({
      kind: "lost",
      candidate: "123",
    });
  });

  it.each([0, "0", "", " ", "a b", "x".repeat(65)])("names none as %j", async (task_id) => {
    const answer = json({ task_id, ...base(0) });
    expect(await createVideo(miniMax(answer).minimax, "{}", true)).toMatchObject({
      kind: "lost",
      candidate: null,
    });
  });

  it("proves nothing as a redirect with a code that would", async () => {
    expect((await createVideo(miniMax(json(base(1002), 302)).minimax, "{}", true)).kind).toBe("lost");
  });
});

it("MiniMax's sentence is kept short, and a callback's secret out of it", async () => {
  const sentence = `fail to check callback url https://a/callbacks/x?secret=abc-_1 ${"x".repeat(2000)}`;
  const answer = await createVideo(miniMax(json(base(2013, sentence))).minimax, "{}", false);
  expect(JSON.stringify(answer)).not.toContain("abc-_1");
  expect(JSON.stringify(answer).length).toBeLessThan(1000);
});

it.each(["secret%3Dabc-_1", "secret%3dabc-_1"])(
  "a callback's secret is kept out of it as %s, too",
  async (encoded) => {
    const sentence = `invalid params, callback_url=https%3A%2F%2Fa%2Fcallbacks%2Fx%3F${encoded}`;
    const answer = await createVideo(miniMax(json(base(2013, sentence))).minimax, "{}", false);
    expect(JSON.stringify(answer)).not.toContain("abc-_1");
  },
);

describe("MiniMax's answer to a query", () => {
  const query = (answer: Answer) => queryVideo(miniMax(answer).minimax, "176843862716480");
  const finished = { status: "Success", file_id: "176844028768320", video_width: 1366, video_height: 768 };
  const pending = { status: "Processing", file_id: "", video_width: 0, video_height: 0 };

  const rows: [title: string, body: object, expected: object][] = [
    ["pending", { ...pending, ...base(0) }, { kind: "pending", providerStatus: "Processing" }],
    ["preparing", { ...pending, status: "Preparing", ...base(0) }, { providerStatus: "Preparing" }],
    ["in the queue", { ...pending, status: "Queueing", ...base(0) }, { providerStatus: "Queueing" }],
    ["a word nobody knows", { ...pending, status: "Dreaming", ...base(0) }, { kind: "pending" }],
    ["no word", base(0), { kind: "pending" }],
    [
      "success",
      { ...finished, ...base(0) },
      { kind: "success", providerFileId: "176844028768320", width: 1366, height: 768 },
    ],
    ["success in another case", { ...finished, status: "success", ...base(0) }, { kind: "success" }],
    ["success without a file", { ...finished, file_id: "", ...base(0) }, { kind: "pending" }],
    ["success with file 0", { ...finished, file_id: 0, ...base(0) }, { kind: "pending" }],
    [
      "success without pixels",
      { status: "Success", file_id: "1", ...base(0) },
      { kind: "success", width: 0 },
    ],
    [
      "fail without a reason",
      { ...pending, status: "Fail", ...base(0) },
      { kind: "fail", code: "generation_failed" },
    ],
    ["fail for the prompt", { status: "Fail", ...base(1026) }, { kind: "fail", code: "content_refused" }],
    ["fail for the video", { status: "Fail", ...base(1027) }, { kind: "fail", code: "content_moderated" }],
    ["a verdict on content without a word", base(1027), { kind: "fail", code: "content_moderated" }],
    ["failed, as callbacks say it", { status: "failed", ...base(0) }, { kind: "fail" }],
    ["a task that is not known", { status: "", ...base(2013) }, { kind: "unknownTask" }],
    ["a rate limit", { status: "", ...base(1002) }, { kind: "trouble" }],
    ["a wrong key", base(1004), { kind: "trouble" }],
    ["success under an error", { ...finished, ...base(1000) }, { kind: "trouble" }],
  ];
  it.each(rows)("that says %s", async (_title, body, expected) => {
    expect(await query(json(body))).toMatchObject(expected);
  });

  it.each(broken.filter(([title]) => title !== "no base_resp"))(
    "that is %s is trouble, and no verdict",
    async (_title, answer) => {
      expect((await query(answer)).kind).toBe("trouble");
    },
  );

  it("that has another status than 200 is trouble, whatever it says", async () => {
    expect((await query(json({ status: "Fail", ...base(0) }, 502))).kind).toBe("trouble");
    expect((await query(json({ ...finished, ...base(0) }, 404))).kind).toBe("trouble");
  });

  it("keeps a file id beyond 2^53 exact", async () => {
    const answer = await query(
      raw('{"status":"Success","file_id":9007199254740993123,"base_resp":{"status_code":0}}'),
    );
    expect(answer).toMatchObject({ kind: "success", providerFileId: "9007199254740993123" });
  });

  it("is asked for by the id, spelled for an address", async () => {
    const { minimax, requests } = miniMax(json(base(0)));
    await queryVideo(minimax, "a&b=c");
    expect(requests[0]?.url).toBe("https://api.minimax.io/v1/query/video_generation?task_id=a%26b%3Dc");
  });
});

describe("MiniMax's answer about a file", () => {
  const file = (download_url: unknown) => ({ file: { file_id: 1, bytes: 0, download_url }, ...base(0) });

  it("is its address, although it says that it has no bytes", async () => {
    const url = "https://cdn.example/output_aigc.mp4?Expires=1&Signature=x%2By";
    expect(await retrieveFile(miniMax(json(file(url))).minimax, "1")).toEqual({
      kind: "url",
      url,
      traceId: "trace-1",
    });
  });

  it("may be that it does not know the file", async () => {
    const { minimax } = miniMax(json(base(2013, "invalid params, file not found")));
    expect(await retrieveFile(minimax, "1")).toEqual({ kind: "unknownFile", traceId: "trace-1" });
  });

  const trouble: [title: string, answer: Answer][] = [
    ...broken,
    ["that it does not know it, with HTTP 404", json(base(2013), 404)],
    ["an error", json(base(1013))],
    ["an address under an error", json({ ...file("https://cdn.example/a.mp4"), ...base(1002) })],
    ["no file", json(base(0))],
    ["an empty address", json(file(""))],
    ["no address", json(file(null))],
    ["an address without a host", json(file("https://"))],
    ["another scheme", json(file("file:///etc/passwd"))],
    ["an insecure address from a secure MiniMax", json(file("http://cdn.example/a.mp4"))],
  ];
  it.each(trouble)("is trouble: %s", async (_title, answer) => {
    expect((await retrieveFile(miniMax(answer).minimax, "1")).kind).toBe("trouble");
  });

  it("may be insecure where MiniMax itself is, as on a desk", async () => {
    const { minimax } = miniMax(json(file("http://127.0.0.1:9797/a.mp4")), {
      baseUrl: "http://127.0.0.1:9797",
    });
    expect((await retrieveFile(minimax, "1")).kind).toBe("url");
  });
});

describe("a question that costs nothing", () => {
  it.each([
    [1002, [1002, 1002]],
    [1039, [1039, 1039]],
    [1041, [1041, 1041]],
    [2045, [2045, 2045]],
    [2056, [2056, 2056]],
    [1000, []],
    [0, []],
  ])("says with code %i that calls came too fast: %j", async (code, told) => {
    const heard: number[] = [];
    const { minimax } = miniMax(json(base(code)), { onTooFast: (statusCode) => heard.push(statusCode) });
    await queryVideo(minimax, "1");
    await retrieveFile(minimax, "1");
    expect(heard).toEqual(told);
  });
});
