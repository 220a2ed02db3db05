/** Webhooks at the door: which addresses an order and an account may name, who sees the log, and the secret. */

import { describe, expect, it } from "vitest";
import { app } from "../../src/app.ts";
import type {
  Account,
  ListWebhookDeliveriesResponse,
  WebhookDelivery,
  WebhookSecret,
} from "../../src/contract.ts";
import { taskIdFrom } from "../../src/domain/ids.ts";
import { adminKey, bearer, call, env, makeKey, origin, post, readError } from "./worker.ts";

const good = { model: "T2V-01", prompt: "A lighthouse" };
/** The tests' deployment runs against the simulator's address; this one is like any in the world. */
const inTheWorld = { ...env, MINIMAX_BASE_URL: "https://api.minimax.io" };
let orders = 0;
const another = () => ({ ...good, prompt: `A lighthouse, ${++orders}` });

async function newAccount(webhookUrl: string | null = null): Promise<{ account: string; key: string }> {
  const account = `hooks-${crypto.randomUUID().slice(0, 8)}`;
  const { key } = await makeKey(account);
  if (webhookUrl !== null) expect((await change(account, { webhook_url: webhookUrl })).status).toBe(200);
  return { account, key };
}

function change(account: string, body: object, settings = env): Promise<Response> {
  const init = { method: "PATCH", headers: bearer(adminKey), body: JSON.stringify(body) };
  return Promise.resolve(app.fetch(new Request(`${origin}/v1/admin/accounts/${account}`, init), settings));
}

async function order(key: string, body: object, settings = env) {
  const init = { method: "POST", headers: bearer(key), body: JSON.stringify(body) };
  const context = { waitUntil: () => {}, passThroughOnException: () => {} };
  const request = new Request(`${origin}/v1/videos/generations`, init);
  return app.fetch(request, settings, context as unknown as ExecutionContext);
}

async function read<T>(path: string, key: string): Promise<T> {
  const response = await call(path, { headers: bearer(key) });
  expect(response.status).toBe(200);
  return response.json();
}

/** The address that a task's messages go to, told by cancelling it. */
async function toldAt(key: string, taskId: string): Promise<WebhookDelivery[]> {
  await call(`/v1/videos/${taskId}`, { method: "DELETE", headers: bearer(key) });
  return (await read<ListWebhookDeliveriesResponse>(`/v1/videos/${taskId}/webhooks`, key)).data;
}

describe("an order's webhook_url", () => {
  it.each([
    ["http://example.com/", /is not https/],
    ["https://localhost/", /names localhost, which is no public host/],
    ["http://127.0.0.1:8080/hook", /is not https/],
    ["https://169.254.169.254/latest/meta-data", /names 169\.254\.169\.254, which is no public address/],
    ["https://user:hunter2@example.com/", /user name or password/],
    ["https://example.com/#x", /fragment/],
    [`https://example.com/${"a".repeat(2048)}`, /2068 characters/],
    ["example.com", /is not an https URL/],
    ["", /is not an https URL/],
  ])("may not be %s, in a real order or a dry run", async (webhook_url, message) => {
    const { key } = await newAccount();
    for (const dry_run of [true, false]) {
      const response = await order(key, { ...another(), webhook_url, dry_run }, inTheWorld);
      expect(response.status).toBe(400);
      const error = await readError(response);
      expect(error).toMatchObject({ form: "minimax", code: "invalid_webhook_url", param: "webhook_url" });
      expect(error.message).toMatch(message);
      expect(error.message).toMatch(/Accepted is an https URL of at most 2048 characters, on a public host/);
      expect(error.text).not.toMatch(/hunter2|meta-data/);
    }
  });

  it.each([7, null, ["https://example.com/"]])("may not be %j", async (webhook_url) => {
    const { key } = await newAccount();
    const error = await readError(await order(key, { ...another(), webhook_url }));
    expect(error).toMatchObject({ code: "invalid_field", param: "webhook_url" });
  });

  it("may be loopback where the deployment itself runs against the simulator", async () => {
    const { key } = await newAccount();
    const body = { ...good, webhook_url: "http://127.0.0.1:9/hook", dry_run: true };
    expect((await order(key, body)).status).toBe(200);
  });

  it("is told, and shown without its query to whoever has the key", async () => {
    const { key } = await newAccount();
    const webhook_url = "http://127.0.0.1:9/hook?token=private";
    const { task_id } = (await (await order(key, { ...another(), webhook_url })).json()) as {
      task_id: string;
    };
    const deliveries = await toldAt(key, task_id);
    expect(deliveries).toMatchObject([
      {
        object: "webhook.delivery",
        type: expect.stringMatching(/^video\./),
        url: "http://127.0.0.1:9/hook?…",
      },
    ]);
    expect(JSON.stringify(deliveries)).not.toMatch(/private|whsec|v1,/);
    const { id } = deliveries[0] as WebhookDelivery;
    const replayed = await post(`/v1/videos/${task_id}/webhooks/${id}/replay`, key, null);
    expect(replayed.status).toBe(200);
    expect(await replayed.json()).toMatchObject({ id, state: "pending" });
  });

  it("is the account's where the order has none, and nobody's where that has none either", async () => {
    const { account, key } = await newAccount("http://127.0.0.1:9/of-the-account");
    const made = async (body: object) =>
      ((await (await order(key, body)).json()) as { task_id: string }).task_id;
    expect(await toldAt(key, await made(another()))).toMatchObject([
      { url: "http://127.0.0.1:9/of-the-account" },
    ]);
    const own = { ...another(), webhook_url: "http://127.0.0.1:9/its-own" };
    expect(await toldAt(key, await made(own))).toMatchObject([{ url: "http://127.0.0.1:9/its-own" }]);
    expect((await change(account, { webhook_url: null })).status).toBe(200);
    expect(await toldAt(key, await made(another()))).toEqual([]);
  });

  it("that differs from the joined order's is named as ignored", async () => {
    const { key } = await newAccount();
    const body = another();
    const first = await order(key, { ...body, webhook_url: "http://127.0.0.1:9/a" });
    expect(await first.json()).not.toHaveProperty("joined");
    const same = await order(key, { ...body, webhook_url: "http://127.0.0.1:9/a" });
    expect(await same.json()).toMatchObject({ joined: true, ignored_fields: [] });
    const other = await order(key, { ...body, webhook_url: "http://127.0.0.1:9/b" });
    expect(await other.json()).toMatchObject({ joined: true, ignored_fields: ["webhook_url"] });
    const none = await order(key, body);
    expect(await none.json()).toMatchObject({ joined: true, ignored_fields: [] });
  });
});

describe("an account's webhook_url", () => {
  it("is set, shown and taken away", async () => {
    const { account } = await newAccount();
    const set = await change(account, { webhook_url: "https://Example.com/hook" }, inTheWorld);
    expect(((await set.json()) as Account).webhook_url).toBe("https://example.com/hook");
    const kept = await change(account, { retention_days: 7 });
    expect(((await kept.json()) as Account).webhook_url).toBe("https://example.com/hook");
    const taken = await change(account, { webhook_url: null });
    expect(((await taken.json()) as Account).webhook_url).toBeNull();
  });

  it("is judged like an order's, also when the account is made, which then is not", async () => {
    const { account } = await newAccount();
    const refused = await readError(await change(account, { webhook_url: "http://127.0.0.1/" }, inTheWorld));
    expect(refused).toMatchObject({ form: "openai", code: "invalid_webhook_url", param: "webhook_url" });
    const name = `hooks-${crypto.randomUUID().slice(0, 8)}`;
    const made = await post(
      "/v1/admin/accounts",
      adminKey,
      JSON.stringify({ name, webhook_url: "https://a.local/" }),
    );
    expect([made.status, (await readError(made)).code]).toEqual([400, "invalid_webhook_url"]);
    expect((await call(`/v1/admin/accounts/${name}`, { headers: bearer(adminKey) })).status).toBe(404);
  });
});

describe("the webhook secret", () => {
  it("is one per account, not to be kept by caches, and replaced on request", async () => {
    const { key } = await newAccount();
    const response = await call("/v1/webhooks/secret", { headers: bearer(key) });
    expect(response.headers.get("cache-control")).toBe("no-store");
    const first = (await response.json()) as WebhookSecret;
    expect(first).toMatchObject({ object: "webhook.secret", previous_sign_until: null });
    expect(first.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(await read<WebhookSecret>("/v1/webhooks/secret", key)).toEqual(first);
    const rotated = (await (await post("/v1/webhooks/secret/rotate", key, null)).json()) as WebhookSecret;
    expect(rotated.secret).not.toBe(first.secret);
    expect(rotated.previous_sign_until).toBeGreaterThan(Date.now() / 1000 + 86_000);
    expect(await read<WebhookSecret>("/v1/webhooks/secret", key)).toEqual(rotated);
    const other = await newAccount();
    expect((await read<WebhookSecret>("/v1/webhooks/secret", other.key)).secret).not.toBe(first.secret);
  });
});

describe("who may not see webhooks", () => {
  const taskId = taskIdFrom(crypto.getRandomValues(new Uint8Array(26)));
  const paths: [method: string, path: string][] = [
    ["GET", `/v1/videos/${taskId}/webhooks`],
    ["POST", `/v1/videos/${taskId}/webhooks/msg_1/replay`],
    ["GET", "/v1/webhooks/secret"],
    ["POST", "/v1/webhooks/secret/rotate"],
  ];
  it.each(paths)("%s %s is not for a publishable key", async (method, path) => {
    const body = JSON.stringify({ name: "page", kind: "publishable" });
    const { key } = (await (await post("/v1/admin/keys", adminKey, body)).json()) as { key: string };
    const response = await call(path, { method, headers: bearer(key) });
    expect([response.status, (await readError(response)).code]).toEqual([403, "publishable_key"]);
  });

  it.each(paths.slice(0, 2))(
    "%s %s is the same 404 for an unknown task, a malformed id and another's",
    async (method, path) => {
      const [owner, stranger] = [await newAccount(), await newAccount()];
      const { task_id } = (await (await order(owner.key, another())).json()) as { task_id: string };
      const answers = await Promise.all(
        [taskId, "x", task_id].map(async (id) => {
          const response = await call(path.replace(taskId, id), { method, headers: bearer(stranger.key) });
          return [response.status, await response.json()];
        }),
      );
      expect(answers[0]?.[0]).toBe(404);
      expect(answers).toEqual([answers[0], answers[0], answers[0]]);
    },
  );

  it("an unknown message of a task is told as one", async () => {
    const { key } = await newAccount();
    const { task_id } = (await (await order(key, another())).json()) as { task_id: string };
    const response = await post(`/v1/videos/${task_id}/webhooks/msg_unknown/replay`, key, null);
    expect(await readError(response)).toMatchObject({ code: "not_found", param: "id" });
  });
});

it("the reference tells of what is posted, and of every route", async () => {
  const reference = (await (await call("/openapi.json")).json()) as {
    paths: Record<string, object>;
    webhooks?: Record<string, object>;
  };
  expect(Object.keys(reference.webhooks ?? {})).toEqual(["webhook_url"]);
  expect(Object.keys(reference.paths)).toEqual(
    expect.arrayContaining([
      "/v1/videos/{task_id}/webhooks",
      "/v1/videos/{task_id}/webhooks/{id}/replay",
      "/v1/webhooks/secret",
      "/v1/webhooks/secret/rotate",
    ]),
  );
});
