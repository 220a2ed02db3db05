/** One POST to a receiver: its headers against other people's verifiers, and what each answer is taken for. */

import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { verifyWebhook } from "../../src/client/filmgate.ts";
import { sendWebhook, signedHeaders } from "../../src/ports/webhooks.ts";

const secretOf = () => `whsec_${crypto.getRandomValues(new Uint8Array(32)).toBase64()}`;
const secret = secretOf();
const body = '{"type":"video.succeeded","data":{"prompt":"Wellen, 波, 🌊"}}';
const message = { id: "msg_1", url: "https://example.com/hook?token=private", body };
const now = Date.now();

function send(answer: (request: Request) => Promise<Response> | Response, timeoutMs = 5000) {
  return sendWebhook({ fetch: async (request) => answer(request), timeoutMs }, message, [secret], now);
}

describe("a webhook", () => {
  it("is one POST of the body as it is, with its id, its time and a signature, and follows nothing", async () => {
    const seen: Request[] = [];
    await send((request) => {
      seen.push(request);
      return new Response(null, { status: 204 });
    });
    const [request] = seen;
    expect(seen).toHaveLength(1);
    expect(request).toMatchObject({ method: "POST", url: message.url, redirect: "manual" });
    expect(await request?.text()).toBe(body);
    expect(Object.fromEntries(request?.headers ?? [])).toMatchObject({
      "content-type": "application/json",
      "user-agent": expect.stringMatching(/^filmgate\//),
      "webhook-id": "msg_1",
      "webhook-timestamp": String(Math.floor(now / 1000)),
      "webhook-signature": expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/),
    });
  });

  it("is signed as the specification's own example is", () => {
    const example = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", body: '{"test": 2432232314}' };
    expect(
      signedHeaders(example, ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], 1_614_265_330_000),
    ).toMatchObject({
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  it("passes the verifier of the standardwebhooks package, and filmgate's own", async () => {
    const headers = signedHeaders(message, [secret], now);
    expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
    expect((await verifyWebhook({ body, headers, secret })).id).toBe("msg_1");
  });

  it("passes with each secret while one is being replaced, and with no other", async () => {
    const old = secretOf();
    const headers = signedHeaders(message, [secret, old], now);
    for (const known of [secret, old]) {
      expect(new Webhook(known).verify(body, headers)).toEqual(JSON.parse(body));
      expect((await verifyWebhook({ body, headers, secret: known })).id).toBe("msg_1");
    }
    expect(() => new Webhook(secretOf()).verify(body, headers)).toThrow();
    expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow();
  });
});

describe("an answer is", () => {
  const answers: [title: string, response: () => Response, outcome: object][] = [
    ["a success with 200", () => new Response("ok"), { status: 200, error: null }],
    ["a success with 204", () => new Response(null, { status: 204 }), { status: 204, error: null }],
    ["a success with 299", () => new Response(null, { status: 299 }), { status: 299, error: null }],
    [
      "a failure with 400",
      () => new Response("no", { status: 400 }),
      { status: 400, error: "The receiver answered HTTP 400.", isFinal: false, retryAfterMs: 0 },
    ],
    ["a failure with 500", () => new Response("private", { status: 500 }), { status: 500, isFinal: false }],
    ["the end with 410", () => new Response(null, { status: 410 }), { status: 410, isFinal: true }],
    [
      "a failure with 301, which names where it leads but no query",
      () =>
        new Response(null, {
          status: 301,
          headers: { location: "https://www.example.com/hook?token=private" },
        }),
      {
        status: 301,
        isFinal: false,
        error:
          "Redirects are not followed; this one leads to https://www.example.com/hook?…. Give the address that answers itself.",
      },
    ],
    [
      "a failure with 308 to a path",
      () => new Response(null, { status: 308, headers: { location: "/hook/" } }),
      { status: 308, error: expect.stringContaining("https://example.com/hook/.") },
    ],
    [
      "a failure with 302 to nowhere",
      () => new Response(null, { status: 302 }),
      { status: 302, error: "Redirects are not followed. Give the address that answers itself." },
    ],
    [
      "a wish to wait, in seconds",
      () => new Response(null, { status: 429, headers: { "retry-after": "120" } }),
      { status: 429, retryAfterMs: 120_000 },
    ],
    [
      "a wish to wait, as a date",
      () =>
        new Response(null, {
          status: 503,
          headers: { "retry-after": new Date(Math.floor(now / 1000) * 1000 + 60_000).toUTCString() },
        }),
      { status: 503, retryAfterMs: Math.floor(now / 1000) * 1000 + 60_000 - now },
    ],
    [
      "no wish where it makes no sense",
      () => new Response(null, { status: 429, headers: { "retry-after": "-5, soon" } }),
      { retryAfterMs: 0 },
    ],
    [
      "no wish on another status",
      () => new Response(null, { status: 500, headers: { "retry-after": "120" } }),
      { retryAfterMs: 0 },
    ],
  ];
  it.each(answers)("%s", async (_title, response, outcome) => {
    const answered = await send(() => response());
    expect(answered).toMatchObject(outcome);
    expect(JSON.stringify(answered)).not.toMatch(/private|v1,/);
  });

  it("none if nobody can be reached, and the reason holds no address", async () => {
    const answered = await send(() => Promise.reject(new Error(`connect to ${message.url} failed`)));
    expect(answered).toMatchObject({
      status: null,
      error: "The receiver could not be reached.",
      isFinal: false,
    });
  });

  it("none if it does not come in time", async () => {
    const hangs = (request: Request) =>
      new Promise<Response>((_, reject) => {
        request.signal.addEventListener("abort", () => reject(new Error("aborted")));
      });
    expect(await send(hangs, 20)).toMatchObject({ status: null, error: "No answer came in time." });
  });

  it("its status, although its body never ends", async () => {
    let cancelled = false;
    const body = new ReadableStream({
      cancel() {
        cancelled = true;
      },
    });
    expect(await send(() => new Response(body), 20)).toMatchObject({ status: 200, error: null });
    expect(cancelled).toBe(true);
  });

  it("its status, although its body breaks", async () => {
    const body = new ReadableStream({ start: (controller) => controller.error(new Error("broken")) });
    expect(await send(() => new Response(body))).toMatchObject({ status: 200, error: null });
  });

  it("read no further than a few kilobytes", async () => {
    let bytes = 0;
    const body = new ReadableStream({
      pull(controller) {
        bytes += 1024;
        controller.enqueue(new Uint8Array(1024));
      },
    });
    expect(await send(() => new Response(body))).toMatchObject({ status: 200, error: null });
    expect(bytes).toBeLessThan(16 * 1024);
  });
});
