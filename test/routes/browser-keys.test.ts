/** Publishable keys: bound to sites, reading what a player needs, limited for each visitor. */

import { describe, expect, it } from "vitest";
import { app } from "../../src/app.ts";
import type { ApiKey, CreatedApiKey, Video } from "../../src/contract.ts";
import { newAccountName } from "../durable/objects.ts";
import { type AnyError, adminKey, bearer, call, env, makeKey, origin, readError } from "./worker.ts";

const model = "MiniMax-Hailuo-2.3";
const site = "https://example.com";

async function admin<T>(method: string, path: string, body: unknown): Promise<{ status: number; body: T }> {
  const init = { method, headers: bearer(adminKey), body: JSON.stringify(body) };
  const response = await call(`/v1/admin/${path}`, init);
  return { status: response.status, body: (await response.json()) as T };
}

/** An account with a task, and a publishable key. */
async function page(about: Record<string, unknown> = { origins: [site] }) {
  const account = newAccountName();
  const secret = (await makeKey(account)).key;
  const order = JSON.stringify({ model, prompt: "What its owner wrote", metadata: { customer: "7" } });
  // Over at once: no callback is possible.
  const init = { method: "POST", headers: bearer(secret), body: order };
  const made = await call("/v1/videos/generations", init, "http://video.example.com");
  const { task_id: taskId } = (await made.json()) as { task_id: string };
  const created = await admin<CreatedApiKey>("POST", "keys", {
    name: "page",
    account,
    kind: "publishable",
    ...about,
  });
  return { account, secret, taskId, id: created.body.id, key: created.body.key };
}

function look(
  key: string,
  taskId: string,
  headers: Record<string, string> = { origin: site },
  from = origin,
) {
  return call(`/v1/videos/${taskId}`, { headers: { ...bearer(key), ...headers } }, from);
}

describe("a publishable key", () => {
  it("is made with origins, in their one spelling and each once, and shows them", async () => {
    const account = newAccountName();
    const origins = ["HTTPS://Example.com:443", "https://example.com/", "http://localhost:5173"];
    const wrong = await admin<AnyError>("POST", "keys", { name: "x", account, kind: "publishable", origins });
    expect(wrong).toMatchObject({ status: 400, body: { error: { param: "origins.1" } } });
    const about = { name: "x", account, kind: "publishable", origins: [origins[0], site, origins[2]] };
    const { body } = await admin<CreatedApiKey>("POST", "keys", about);
    expect(body).toMatchObject({ origins: [site, "http://localhost:5173"], tickets: false });
  });

  it("is bound, given tickets and set free again by PATCH, and keeps what is not named", async () => {
    const { account, id } = await page({});
    const path = `keys/${id}?account=${account}`;
    const change = async (body: unknown) => (await admin<ApiKey>("PATCH", path, body)).body;
    expect(await change({ origins: [site] })).toMatchObject({ origins: [site], tickets: false });
    expect(await change({ tickets: true })).toMatchObject({ origins: [site], tickets: true });
    expect(await change({ name: "new" })).toMatchObject({ name: "new", origins: [site], tickets: true });
    expect(await change({ origins: null, tickets: false })).toMatchObject({ origins: null, tickets: false });
  });

  const refused: [body: Record<string, unknown>, param: string, message: RegExp][] = [
    [{ origins: [site] }, "origins", /only a publishable key/],
    [{ origins: null }, "origins", /only a publishable key/],
    [{ tickets: true }, "tickets", /only a publishable key/],
    [{ tickets: false }, "tickets", /only a publishable key/],
    [{ kind: "publishable", tickets: true }, "origins", /must be bound to origins/],
    [{ kind: "publishable", tickets: true, origins: null }, "origins", /must be bound to origins/],
    [{ kind: "publishable", origins: [] }, "origins", /1 to 20 origins/],
    [{ kind: "publishable", origins: site }, "origins", /1 to 20 origins/],
    [{ kind: "publishable", origins: Array(21).fill(site) }, "origins", /1 to 20 origins/],
    [{ kind: "publishable", origins: ["example.com"] }, "origins.0", /https origin/],
    [{ kind: "publishable", origins: ["https://*.example.com"] }, "origins.0", /https origin/],
    [{ kind: "publishable", origins: ["null"] }, "origins.0", /https origin/],
    [{ kind: "publishable", origins: [site], tickets: "yes" }, "tickets", /true or false/],
  ];
  it.each(refused)("is not made of %j: %s is named", async (about, param, message) => {
    const answer = await admin<AnyError>("POST", "keys", { name: "x", account: newAccountName(), ...about });
    expect(answer).toMatchObject({ status: 400, body: { error: { param } } });
    expect((answer.body.error as { message: string }).message).toMatch(message);
  });

  it.each([
    [{}, { tickets: true }, "origins"],
    [{ origins: [site], tickets: true }, { origins: null }, "origins"],
    [{ kind: "secret" }, { origins: [site] }, "origins"],
    [{ kind: "secret" }, { tickets: false }, "tickets"],
  ])("that was made with %j is not changed by %j", async (about, change, param) => {
    const { account, id } = await page(about);
    const answer = await admin("PATCH", `keys/${id}?account=${account}`, change);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "invalid_field", param } } });
  });
});

describe("a key bound to origins", () => {
  it("is used by pages of its site, and by no other, told with the site that was seen", async () => {
    const { key, taskId } = await page();
    expect((await look(key, taskId)).status).toBe(200);
    const other = await look(key, taskId, { origin: "https://www.example.com" });
    expect(other.status).toBe(403);
    // The page may read why.
    expect(other.headers.get("access-control-allow-origin")).toBe("*");
    const error = await readError(other);
    expect(error).toMatchObject({ code: "origin_refused", param: "Origin" });
    expect(error.message).toContain("'https://www.example.com'");
    expect(error.message).toMatch(/are two/);
    expect((await look(key, taskId)).status).toBe(200);
  });

  it.each<[title: string, status: number, headers: Record<string, string>]>([
    ["a Referer alone", 200, { referer: `${site}/page` }],
    ["neither Origin nor Referer", 403, {}],
    ["an opaque Origin", 403, { origin: "null" }],
    ["a page of the deployment's own", 200, { "sec-fetch-site": "same-origin" }],
    ["one of those that names itself", 200, { origin, "sec-fetch-site": "same-origin" }],
    [
      "another site that says same-origin",
      403,
      { origin: "https://x.example", "sec-fetch-site": "same-origin" },
    ],
  ])("answers a request with %s with %i", async (_title, status, headers) => {
    const { key, taskId } = await page();
    expect((await look(key, taskId, headers)).status).toBe(status);
  });

  it("is refused on each route that it reads, in the form of that route", async () => {
    const { key, taskId } = await page();
    for (const path of [
      "/v1/videos/models",
      `/v1/videos/query/${taskId}`,
      `/v1/videos/${taskId}/events`,
      `/v1/videos/${taskId}/content`,
      `/v1/videos/generations/${taskId}`,
      `/v1/videos/download/${taskId.replace("task_", "file_")}`,
    ]) {
      const response = await call(path, { headers: { ...bearer(key), origin: "https://x.example" } });
      expect([path, response.status, (await readError(response)).code]).toEqual([
        path,
        403,
        "origin_refused",
      ]);
    }
  });

  it("is bound otherwise from its change on, also where it is remembered", async () => {
    const { account, key, id, taskId } = await page();
    expect((await look(key, taskId)).status).toBe(200);
    await admin("PATCH", `keys/${id}?account=${account}`, { origins: ["https://other.example"] });
    expect((await look(key, taskId)).status).toBe(403);
    expect((await look(key, taskId, { origin: "https://other.example" })).status).toBe(200);
  });

  it("is not for what only a secret key does, from its own site neither", async () => {
    const { key, taskId } = await page();
    const headers = { ...bearer(key), origin: site };
    for (const [method, path] of [
      ["POST", "/v1/tickets"],
      ["POST", "/v1/files"],
      ["POST", "/v1/videos/generations"],
      ["DELETE", `/v1/videos/${taskId}`],
      ["POST", `/v1/videos/${taskId}/retry`],
      ["POST", `/v1/videos/${taskId}/publish`],
      ["GET", `/v1/videos/${taskId}/webhooks`],
      ["GET", "/v1/videos"],
    ] as const) {
      const response = await call(path, { method, headers });
      expect([path, response.status, (await readError(response)).code]).toEqual([
        path,
        403,
        "publishable_key",
      ]);
    }
  });
});

describe("what a publishable key reads of a video", () => {
  it("leaves out what only its owner needs, also as events", async () => {
    const { key, secret, taskId } = await page();
    const owner = (await (await look(secret, taskId)).json()) as Video;
    expect(owner).toMatchObject({
      prompt: "What its owner wrote",
      metadata: { customer: "7" },
      cost: { state: "held" },
    });
    const headers = { ...bearer(key), origin: site };
    const answers = await Promise.all(
      ["", "/events"].map(async (end) => (await call(`/v1/videos/${taskId}${end}`, { headers })).text()),
    );
    answers.push(await (await call(`/v1/videos/query/${taskId}`, { headers })).text());
    for (const text of answers) {
      expect(text).toContain(taskId);
      expect(text).not.toMatch(/What its owner wrote|customer|"cost"|_usd|retry_of|metadata/);
    }
    const { prompt: _1, metadata: _2, cost: _3, retry_of: _4, ...rest } = owner;
    expect(JSON.parse(String(answers[0]))).toEqual(rest);
  });
});

describe("a visitor", () => {
  const limit = 120;
  const from = (address: string) => ({ origin: site, "cf-connecting-ip": address });
  const ask = (key: string, address: string) =>
    call("/v1/videos/models", { headers: { ...bearer(key), ...from(address) } });

  it("asks so often in a minute, and is told when to come back; another is not held up", async () => {
    const { key, secret } = await page();
    const at = (n: number) => `2001:db8:0:1::${n.toString(16)}`;
    let answered = 0;
    let last = await ask(key, at(0));
    while (last.status === 200 && answered <= 2 * limit) last = await ask(key, at(++answered));
    // The minute may end meanwhile, and a second one begin.
    expect(answered).toBeGreaterThanOrEqual(limit);
    expect(answered).toBeLessThanOrEqual(2 * limit);
    expect(last.status).toBe(429);
    expect(last.headers.get("retry-after")).toBe("60");
    expect(last.headers.get("access-control-expose-headers")).toContain("retry-after");
    expect((await readError(last)).code).toBe("rate_limited");
    expect((await ask(key, "2001:db8:0:2::1")).status).toBe(200);
    expect((await ask((await page()).key, at(1))).status).toBe(200);
    for (let n = 0; n < limit + 5; n++) expect((await ask(secret, at(1))).status).toBe(200);
  }, 30_000);

  it.each<[title: string, limiter: RateLimit | undefined]>([
    ["has none", undefined],
    ["has one that is broken", { limit: () => Promise.reject(new Error("out of order")) }],
  ])("is not held up where the deployment %s", async (_title, limiter) => {
    const { key } = await page();
    for (let n = 0; n < limit + 1; n++) {
      const request = new Request(`${origin}/v1/videos/models`, {
        headers: { ...bearer(key), ...from("203.0.113.7") },
      });
      expect((await app.fetch(request, { ...env, VISITOR_READS: limiter })).status).toBe(200);
    }
  });

  it("is not counted by what its site was refused", async () => {
    const { key } = await page();
    const headers = { ...bearer(key), origin: "https://x.example", "cf-connecting-ip": "203.0.113.9" };
    for (let n = 0; n < limit + 1; n++)
      expect((await call("/v1/videos/models", { headers })).status).toBe(403);
    expect((await ask(key, "203.0.113.9")).status).toBe(200);
  }, 30_000);
});
