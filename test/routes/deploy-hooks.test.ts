/** Deploy hooks at the door: which addresses are taken, that none is shown whole, and who sees and calls them. */

import { describe, expect, it } from "vitest";
import { app } from "../../src/app.ts";
import type { Account, DeployHook, ListDeployHooksResponse } from "../../src/contract.ts";
import { adminKey, bearer, call, env, makeKey, origin, post, readError } from "./worker.ts";

/** The tests' deployment runs against the simulator's address; this one is like any in the world. */
const inTheWorld = { ...env, MINIMAX_BASE_URL: "https://api.minimax.io" };
const secret = "0123456789abcdef0123c3d4";
const netlify = `https://api.netlify.com/build_hooks/${secret}`;
let orders = 0;
const another = () => ({ model: "T2V-01", prompt: `A lighthouse, ${++orders}, built` });

async function newAccount(): Promise<{ account: string; key: string }> {
  const account = `deploys-${crypto.randomUUID().slice(0, 8)}`;
  return { account, key: (await makeKey(account)).key };
}

function change(account: string, body: object, settings = env): Promise<Response> {
  const init = { method: "PATCH", headers: bearer(adminKey), body: JSON.stringify(body) };
  return Promise.resolve(app.fetch(new Request(`${origin}/v1/admin/accounts/${account}`, init), settings));
}

function order(key: string, body: object, settings = env, path = "/v1/videos/generations") {
  const init = { method: "POST", headers: bearer(key), body: JSON.stringify(body) };
  const context = { waitUntil: () => {}, passThroughOnException: () => {} };
  return app.fetch(new Request(`${origin}${path}`, init), settings, context as unknown as ExecutionContext);
}

async function hooksOf(key: string): Promise<DeployHook[]> {
  const response = await call("/v1/deploy-hooks", { headers: bearer(key) });
  expect(response.status).toBe(200);
  return ((await response.json()) as ListDeployHooksResponse).data;
}

describe("an order's deploy_hook_url", () => {
  it.each([
    [`http://api.netlify.com/build_hooks/${secret}`, /is not https/],
    [`https://localhost/${secret}`, /names localhost, which is no public host/],
    [`https://169.254.169.254/${secret}`, /names 169\.254\.169\.254, which is no public address/],
    [`https://user:${secret}@example.com/`, /user name or password/],
    [`${netlify}#x`, /fragment/],
    [secret, /is not an https URL/],
    ["", /is not an https URL/],
  ])("may not be %s, in a real order or a dry run", async (deploy_hook_url, message) => {
    const { key } = await newAccount();
    for (const dry_run of [true, false]) {
      const response = await order(key, { ...another(), deploy_hook_url, dry_run }, inTheWorld);
      expect(response.status).toBe(400);
      const error = await readError(response);
      expect(error).toMatchObject({
        ...{ form: "minimax", code: "invalid_deploy_hook_url", param: "deploy_hook_url" },
      });
      expect(error.message).toMatch(message);
      expect(error.message).toMatch(
        /^deploy_hook_url: .* Accepted is an https URL of at most 2048 characters/,
      );
      expect(error.text).not.toContain(secret);
    }
  });

  it.each([7, null, [netlify]])("may not be %j", async (deploy_hook_url) => {
    const { key } = await newAccount();
    const error = await readError(await order(key, { ...another(), deploy_hook_url }));
    expect(error).toMatchObject({ code: "invalid_field", param: "deploy_hook_url" });
    expect(error.text).not.toContain(secret);
  });

  it.each([
    ["/v1/videos/generations", another],
    ["/v1/videos/minimax/generations", another],
    ["/v1/videos", another],
    ["/v1/video_generation", another],
    [
      "/v2/video_generation",
      () => ({
        model: "MiniMax-H3",
        content: [{ type: "text", text: `A lighthouse, ${++orders}` }],
        resolution: "768P",
        duration: 5,
      }),
    ],
  ])("is taken at %s, where a wrong one is refused and a right one is not shown", async (path, body) => {
    const { key } = await newAccount();
    const wrong = await order(key, { ...body(), deploy_hook_url: `http://10.0.0.1/${secret}` }, env, path);
    const refused = await readError(wrong);
    expect(refused.message).toMatch(/deploy_hook_url: is not https/);
    expect(refused.text).not.toContain(secret);
    const right = await order(key, { ...body(), deploy_hook_url: `http://127.0.0.1:9/${secret}` }, env, path);
    expect(right.status).toBe(200);
    const { id = "", task_id = id } = (await right.clone().json()) as { task_id?: string; id?: string };
    expect(task_id).toMatch(/^task_/);
    expect(await right.text()).not.toContain(secret);
    for (const read of [`/v1/videos/${task_id}`, "/v1/videos", `/v1/videos/query/${task_id}`]) {
      expect(await (await call(read, { headers: bearer(key) })).text()).not.toMatch(secret);
    }
  });

  it("changes nothing of which order it is; one that differs from the joined order's is named as ignored", async () => {
    const { key } = await newAccount();
    const body = another();
    const first = await order(key, { ...body, deploy_hook_url: "http://127.0.0.1:9/a" });
    expect(await first.json()).not.toHaveProperty("joined");
    const ignored = async (about: object) => (await order(key, { ...body, ...about })).json();
    const joined = (...ignored_fields: string[]) => ({ joined: true, ignored_fields });
    expect(await ignored({ deploy_hook_url: "http://127.0.0.1:9/a" })).toMatchObject(joined());
    expect(await ignored({ deploy_hook_url: "http://127.0.0.1:9/b" })).toMatchObject(
      joined("deploy_hook_url"),
    );
    expect(await ignored({})).toMatchObject(joined());
  });
});

describe("an account's deploy_hook_url", () => {
  it("is set, shown masked wherever the account is shown, kept and taken away", async () => {
    const { account, key } = await newAccount();
    const set = await change(account, { deploy_hook_url: netlify }, inTheWorld);
    const masked = "https://api.netlify.com/…c3d4";
    expect(((await set.json()) as Account).deploy_hook_url).toBe(masked);
    const kept = await change(account, { retention_days: 7 });
    expect(((await kept.json()) as Account).deploy_hook_url).toBe(masked);
    for (const path of [`/v1/admin/accounts/${account}`, "/v1/admin/accounts"]) {
      const text = await (await call(path, { headers: bearer(adminKey) })).text();
      expect(text).toContain(masked);
      expect(text).not.toContain(secret);
    }
    expect(await hooksOf(key)).toEqual([
      {
        ...{ id: expect.stringMatching(/^hook_\w{26}$/), object: "deploy_hook", url: masked },
        ...{ source: "account", state: "idle", videos_waiting: 0, next_call_at: null, calls: [] },
      },
    ]);
    const taken = await change(account, { deploy_hook_url: null });
    expect(((await taken.json()) as Account).deploy_hook_url).toBeNull();
    expect(await hooksOf(key)).toEqual([]);
  });

  it("is judged like an order's, also when the account is made, which then is not", async () => {
    const { account } = await newAccount();
    const wrong = `http://127.0.0.1/${secret}`;
    const refused = await readError(await change(account, { deploy_hook_url: wrong }, inTheWorld));
    expect(refused).toMatchObject({
      form: "openai",
      code: "invalid_deploy_hook_url",
      param: "deploy_hook_url",
    });
    expect(refused.text).not.toContain(secret);
    const name = `deploys-${crypto.randomUUID().slice(0, 8)}`;
    const body = JSON.stringify({ name, deploy_hook_url: "https://a.local/" });
    expect((await post("/v1/admin/accounts", adminKey, body)).status).toBe(400);
    expect((await call(`/v1/admin/accounts/${name}`, { headers: bearer(adminKey) })).status).toBe(404);
  });
});

describe("calling a hook on request", () => {
  it("calls it now, and tells how it stands", async () => {
    const { account, key } = await newAccount();
    await change(account, { deploy_hook_url: `http://127.0.0.1:9/${secret}` });
    const [hook] = await hooksOf(key);
    const response = await post(`/v1/deploy-hooks/${hook?.id}/call`, key, null);
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ id: hook?.id, calls: [{ videos: 0 }] });
    expect(text).not.toContain(secret);
  });

  it("is the same 404 for an unknown hook, a malformed id and another account's", async () => {
    const [owner, stranger] = [await newAccount(), await newAccount()];
    await change(owner.account, { deploy_hook_url: `http://127.0.0.1:9/${secret}` });
    const [hook] = await hooksOf(owner.key);
    expect(await hooksOf(stranger.key)).toEqual([]);
    for (const id of ["hook_unknown", "x", hook?.id]) {
      const response = await post(`/v1/deploy-hooks/${id}/call`, stranger.key, null);
      expect(response.status).toBe(404);
      expect(await readError(response)).toMatchObject({ code: "not_found", param: "id" });
    }
    expect((await hooksOf(owner.key))[0]?.calls).toEqual([]);
  });

  it.each([
    ["GET", "/v1/deploy-hooks"],
    ["POST", "/v1/deploy-hooks/hook_1/call"],
  ])("%s %s is not for a publishable key", async (method, path) => {
    const body = JSON.stringify({ name: "page", kind: "publishable" });
    const { key } = (await (await post("/v1/admin/keys", adminKey, body)).json()) as { key: string };
    const response = await call(path, { method, headers: bearer(key) });
    expect([response.status, (await readError(response)).code]).toEqual([403, "publishable_key"]);
  });
});
