/** How one call is sent: what is repeated and what is not, how long is waited, and what odd answers are made of. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConnectionError, Filmgate, FilmgateError } from "../../src/client/filmgate.ts";
import { readRetryAfter, retryWaitMs } from "../../src/client/retries.ts";
import { createSend } from "../../src/client/send.ts";
import { readSettings } from "../../src/client/settings.ts";
import { errorTable } from "../../src/errors.ts";
import { startServer, type Told } from "./server.ts";

let server: Awaited<ReturnType<typeof startServer>>;
let filmgate: Filmgate;
beforeAll(async () => {
  server = await startServer();
  filmgate = new Filmgate({ apiKey: "mql_default_key", baseUrl: server.url, maxRetries: 1, timeoutMs: 400 });
});
afterAll(() => server.stop());

const order = { model: "T2V-01", prompt: "Waves" };
const refusal = (code: string) => JSON.stringify({ error: "No.", code, details: {} });

async function failure(call: Promise<unknown>): Promise<FilmgateError> {
  return call.then(
    () => expect.unreachable("it did not fail"),
    (error) => error,
  );
}

describe("a POST", () => {
  it.each<[string, Told, number]>([
    ["429", { status: 429, body: refusal("provider_busy") }, 2],
    ["500", { status: 500, body: refusal("internal_error") }, 2],
    ["503 from a proxy", { status: 503, body: "<html>" }, 2],
    ["no answer in time", "silence", 2],
    ["503 that says not to", { status: 503, headers: { "x-should-retry": "false" }, body: "{}" }, 1],
    ["429 that says not to", { status: 429, headers: { "x-should-retry": "false" }, body: "{}" }, 1],
    ["400", { status: 400, body: refusal("invalid_field") }, 1],
    ["409, whatever it says", { status: 409, headers: { "x-should-retry": "true" }, body: refusal("x") }, 1],
    ["200 that is not JSON", { status: 200, body: "<html>" }, 1],
    ["a redirect", { status: 307, headers: { location: "/elsewhere" } }, 1],
    ["a wait longer than a minute", { status: 429, headers: { "retry-after": "61" }, body: "{}" }, 1],
  ])("after %s is sent so often, always with the same key", async (_title, told, times) => {
    server.tell(told);
    await filmgate.video.create(order).catch(() => null);
    expect(server.seen).toHaveLength(times);
    expect(new Set(server.seen.map(({ key }) => key)).size).toBe(1);
    expect(server.seen[0]?.key).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("has a new key for every call, or the one that was given", async () => {
    server.tell();
    await filmgate.video.create(order);
    await filmgate.video.create(order);
    await filmgate.video.create(order, { idempotencyKey: "mine" });
    const [one, other, given] = server.seen.map(({ key }) => key);
    expect(one).not.toBe(other);
    expect(given).toBe("mine");
    const error = await failure(filmgate.video.create(order, { idempotencyKey: "übel" }));
    expect(error).toMatchObject({ code: "invalid_idempotency_key", param: "idempotencyKey" });
    expect(server.seen).toHaveLength(3);
  });

  it("of an image is repeated like any other", async () => {
    server.tell({ status: 500, body: "" });
    await filmgate.video.uploadImage(new Uint8Array([1]));
    expect(server.seen.map(({ method, path }) => `${method} ${path}`)).toEqual(
      Array(2).fill("POST /v1/files"),
    );
  });

  it("that says nothing of itself is sent once, since it might be done again", async () => {
    const settings = readSettings({ apiKey: "mql_default_key", baseUrl: server.url });
    server.tell({ status: 503, body: "" });
    await failure(createSend(settings)({ method: "POST", path: "/v1/admin/keys" }));
    expect(server.seen).toHaveLength(1);
  });
});

describe("a lost answer", () => {
  const hasty = () => ({ apiKey: "mql_default_key", baseUrl: server.url, maxRetries: 0, timeoutMs: 200 });
  const image = { first_frame_image: "https://example.com/photo.jpg" };
  const key = "to repeat it without ordering twice, give this error's idempotencyKey.";
  const again = "To repeat it is safe, and costs nothing more.";
  const wanted = { model: "T2V-01", max_cost_usd: 1, origin: "https://example.com" };
  type Row = [title: string, call: (filmgate: Filmgate) => Promise<unknown>, advice: string];
  const rows: Row[] = [
    ["create", ({ video }) => video.create(order), key],
    ["createFromImage", ({ video }) => video.createFromImage(image), key],
    ["generate", ({ video }) => video.generate(order), key],
    [
      "create with a ticket",
      ({ video }) => video.create(order, { ticket: "tkt_1" }),
      "give the same ticket.",
    ],
    ["create as a dry run", ({ video }) => video.create({ ...order, dry_run: true }), "ask again."],
    ["retry", ({ video }) => video.retry("task_1"), again],
    ["publish", ({ video }) => video.publish("task_1"), again],
    ["unpublish", ({ video }) => video.unpublish("task_1"), again],
    ["uploadImage", ({ video }) => video.uploadImage(new Uint8Array([1])), again],
    ["createTicket", (filmgate) => filmgate.createTicket(wanted), again],
    [
      "a POST of another's",
      () => createSend(readSettings(hasty()))({ method: "POST", path: "/v1/admin/keys" }),
      "It may have been done: look before repeating it.",
    ],
  ];

  it.each(rows)(
    "%s: only what takes an idempotency key is told to give one",
    async (_title, call, advice) => {
      server.tell("silence");
      const error = (await failure(call(new Filmgate(hasty())))) as ConnectionError;
      expect(error).toBeInstanceOf(ConnectionError);
      const { message, what, idempotencyKey } = error;
      expect(message.startsWith(`${what} `)).toBe(true);
      expect(what).toMatch(/^\w+ http:\S+ was not answered within 200 ms\.$/);
      expect(message.endsWith(advice), message).toBe(true);
      expect(idempotencyKey).toBe(advice === key ? server.seen[0]?.key : null);
      expect(server.seen[0]?.key !== "undefined").toBe(advice === key);
    },
  );
});

it("a DELETE is sent once, and a lost answer is told to be looked into", async () => {
  for (const told of ["silence", { status: 503, body: "" }] as Told[]) {
    server.tell(told);
    await failure(filmgate.video.delete("task_1"));
    expect(server.seen).toHaveLength(1);
  }
  server.tell("silence");
  const error = await failure(filmgate.video.delete("task_1"));
  expect(error).toMatchObject({
    code: "timeout",
    retryable: false,
    message: expect.stringContaining("get()"),
  });
});

describe("a task that failed", () => {
  const outcomes = Object.entries(errorTable).filter(([, row]) => row.type === "provider_error");
  const answer = (body: unknown) => ({ status: 200, body: JSON.stringify(body) });
  const failed = { status: "Fail", error: "No.", base_resp: { status_code: 1000, status_msg: "No." } };

  it.each(outcomes)("with %s is worth ordering again if the table says so", async (code, { retryable }) => {
    const video = { error: { code, message: "No." }, cost: { estimated_usd: 0.28, state: "held" } };
    server.tell(answer(failed), answer(video));
    const error = await failure(filmgate.video.queryAndWait("task_1"));
    expect(error).toMatchObject({
      name: "VideoFailedError",
      code,
      retryable,
      costState: "held",
      minimax: null,
    });
  });

  it("is told as far as it is known, if the rest cannot be asked", async () => {
    server.tell(answer(failed), { status: 404, body: "{}" });
    const error = await failure(filmgate.video.queryAndWait("task_1"));
    expect(error).toMatchObject({ code: "video_failed", message: "No.", taskId: "task_1", costState: null });
  });
});

describe("an error", () => {
  it("of a server that is not there names it, and why", async () => {
    const nowhere = new Filmgate({ apiKey: "k", baseUrl: "http://127.0.0.1:9", maxRetries: 0 });
    const error = await failure(nowhere.video.models());
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toMatch(/^GET http:\/\/127\.0\.0\.1:9\/v1\/videos\/models got no answer \(.+\)\. /);
    expect(error.cause).toBeInstanceOf(Error);
  });

  it("of a server that is silent tells how long it was waited for", async () => {
    server.tell("silence", "silence");
    const error = await failure(filmgate.video.get("task_1"));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ code: "timeout", message: expect.stringContaining("within 400 ms") });
  });

  it("of a proxy says that it was not filmgate, and shows its words", async () => {
    server.tell({ status: 404, body: "<h1>nginx</h1>" });
    const error = await failure(filmgate.video.get("task_1"));
    expect(error).toMatchObject({ code: "unreadable_answer", status: 404, retryable: false });
    expect(error.message).toContain("<h1>nginx</h1>");
  });

  it.each(["null", "[]", '"no"', '{"error":null}', '{"error":"no code"}', '{"error":{"message":1}}'])(
    "is made of %s, too",
    async (body) => {
      server.tell({ status: 400, body });
      expect(await failure(filmgate.video.get("task_1"))).toBeInstanceOf(FilmgateError);
    },
  );

  it("of a redirect names where it leads, and is not followed", async () => {
    server.tell({ status: 301, headers: { location: "https://video.example.com/" } });
    const error = await failure(filmgate.video.get("task_1"));
    expect(error).toMatchObject({ code: "redirected", param: "baseUrl" });
    expect(error.message).toContain("https://video.example.com/");
    expect(server.seen).toHaveLength(1);
  });
});

describe("a signal", () => {
  it("that was aborted before sends nothing", async () => {
    server.tell();
    const signal = AbortSignal.abort(new Error("too late"));
    for (const call of [
      filmgate.video.create(order, { signal }),
      filmgate.video.get("task_1", { signal }),
      filmgate.video.models({ signal }),
      filmgate.video.uploadImage(new Uint8Array([1]), { signal }),
      filmgate.video.downloadVideo("file_1", { signal }),
      filmgate.video.delete("task_1", { signal }),
      filmgate.video.queryAndWait("task_1", { signal }),
    ]) {
      expect((await failure(call)).message).toBe("too late");
    }
    expect(server.seen).toHaveLength(0);
  });

  it("ends a request that is under way, and the pause before the next", async () => {
    for (const told of ["silence", { status: 503, headers: { "retry-after": "30" } }] as Told[]) {
      server.tell(told);
      const controller = new AbortController();
      const maxRetries = told === "silence" ? 0 : 3;
      const slow = new Filmgate({ apiKey: "k", baseUrl: server.url, maxRetries });
      const call = failure(slow.video.models({ signal: controller.signal }));
      setTimeout(() => controller.abort(), 150);
      expect(await call).toMatchObject({ name: "AbortError" });
      expect(server.seen).toHaveLength(1);
    }
  });
});

describe("the pause before another attempt", () => {
  const busy = (retryAfterSeconds: number | null) =>
    new FilmgateError("", { code: "x", status: 503, retryable: true, retryAfterSeconds });

  it("doubles, has chance in it, and is never longer than eight seconds", () => {
    expect([0, 1, 2, 9].map((attempt) => retryWaitMs(busy(null), attempt, 1))).toEqual([
      500, 1000, 2000, 8000,
    ]);
    expect(retryWaitMs(busy(null), 2, 0)).toBe(1000);
  });

  it("is as long as the server asks", async () => {
    expect(retryWaitMs(busy(7), 0, 0)).toBe(7000);
    expect(retryWaitMs(busy(0), 0, 0)).toBe(250);
    server.tell({ status: 429, headers: { "retry-after": "1" }, body: "{}" });
    await filmgate.video.models();
    const [first, second] = server.seen;
    expect(Number(second?.at) - Number(first?.at)).toBeGreaterThanOrEqual(990);
  });

  it("is read in both forms of Retry-After", () => {
    const now = Date.parse("2026-11-23T12:00:00Z");
    expect(readRetryAfter("12", now)).toBe(12);
    expect(readRetryAfter("Mon, 23 Nov 2026 12:00:30 GMT", now)).toBe(30);
    expect(readRetryAfter("Mon, 23 Nov 2026 11:00:00 GMT", now)).toBe(0);
    expect([null, "", "soon"].map((header) => readRetryAfter(header, now))).toEqual([null, null, null]);
  });
});

describe("a path", () => {
  it("holds an id as one segment, whatever is in it", async () => {
    server.tell();
    await filmgate.video.get("../admin/keys?x=1#y");
    expect(server.seen[0]?.path).toBe("/v1/videos/..%2Fadmin%2Fkeys%3Fx%3D1%23y");
  });

  it.each(["", ".", "..", undefined, 7])("does not take %j for an id", async (id) => {
    server.tell();
    for (const call of [
      filmgate.video.get(id as string),
      filmgate.video.delete(id as string),
      filmgate.video.queryVideoStatus(id as string),
      filmgate.video.downloadVideo(id as string),
    ]) {
      expect(await failure(call)).toMatchObject({ code: "invalid_argument" });
    }
    expect(server.seen).toHaveLength(0);
  });
});
