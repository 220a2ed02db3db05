/** The owner's routes: accounts, keys, caps and held money; and what each of them means for those who call. */

import { describe, expect, it } from "vitest";
import type {
  Account,
  ApiKey,
  CreatedApiKey,
  HeldTask,
  ResolveHeldResponse,
  UsageResponse,
  Video,
} from "../../src/contract.ts";
import { newAccountName, newTaskId } from "../durable/objects.ts";
import { adminKey, bearer, call, makeKey, post, readError } from "./worker.ts";

const model = "MiniMax-Hailuo-2.3";

async function admin<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
  const response = await call(`/v1/admin/${path}`, {
    method,
    headers: bearer(adminKey),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as T };
}

async function made(about: Record<string, unknown> = {}) {
  const name = newAccountName();
  expect((await admin("POST", "accounts", { name, ...about })).status).toBe(201);
  const { body } = await admin<CreatedApiKey>("POST", "keys", { name: "site", account: name });
  return { name, key: body };
}

/** MiniMax is a port on which nobody listens, and no callback is possible: the outcome is unknown at once. */
async function orderedInVain(key: string, about: Record<string, unknown> = {}): Promise<string> {
  const prompt = `An order ${crypto.randomUUID()}`;
  const body = JSON.stringify({ model, prompt, ...about });
  const init = { method: "POST", headers: bearer(key), body };
  const response = await call("/v1/videos/generations", init, "http://video.example.com");
  expect(response.status).toBe(200);
  return ((await response.json()) as { task_id: string }).task_id;
}

async function get<T>(key: string, path: string): Promise<T> {
  return (await call(path, { headers: bearer(key) })).json() as Promise<T>;
}

describe("an account", () => {
  it("is made with what holds for it, listed, and told with what it spent", async () => {
    const name = newAccountName();
    const { status, body } = await admin<Account>("POST", "accounts", {
      name,
      caps: { usd_per_day: 5 },
      retention_days: 90,
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      object: "account",
      name,
      retention_days: 90,
      closed_at: null,
      usage: { caps: { usd_per_day: 5, usd_per_month: null }, day: { remaining_usd: 5 } },
    });
    const { data } = (await admin<{ data: Account[] }>("GET", "accounts")).body;
    expect(data.map((account) => account.name)).toContain(name);
    expect((await admin<Account>("GET", `accounts/${name}`)).body).toEqual(body);
  });

  it("is made once: its name is taken then", async () => {
    const { name } = await made();
    const again = await admin<{ error: { code: string } }>("POST", "accounts", { name });
    expect(again).toMatchObject({ status: 409, body: { error: { code: "account_exists" } } });
  });

  it("is changed in what is sent, and keeps the rest", async () => {
    const { name } = await made({ caps: { usd_per_day: 5, usd_per_month: 50 }, retention_days: 90 });
    const { body } = await admin<Account>("PATCH", `accounts/${name}`, { caps: { usd_per_day: null } });
    expect(body).toMatchObject({
      retention_days: 90,
      usage: { caps: { usd_per_day: null, usd_per_month: 50 }, day: { remaining_usd: null } },
    });
    expect((await admin<Account>("PATCH", `accounts/${name}`, { retention_days: null })).body).toMatchObject({
      retention_days: null,
    });
  });

  it("that is closed refuses its keys, says that this may be why, and opens again", async () => {
    const { name, key } = await made();
    expect((await admin<Account>("DELETE", `accounts/${name}`)).body.closed_at).not.toBeNull();
    expect(await get(key.key, "/v1/usage")).toMatchObject({
      error: { code: "invalid_key", message: expect.stringContaining("or its account is closed") },
    });
    expect(await admin("POST", "keys", { name: "another", account: name })).toMatchObject({
      status: 409,
      body: { error: { code: "account_closed" } },
    });
    await admin("PATCH", `accounts/${name}`, { closed: false });
    expect((await call("/v1/usage", { headers: bearer(key.key) })).status).toBe(200);
  });

  it.each(["GET", "PATCH", "DELETE"])(
    "that nobody made is not found by %s, and is not made",
    async (method) => {
      const name = newAccountName();
      const body = method === "PATCH" ? {} : undefined;
      expect((await admin(method, `accounts/${name}`, body)).status).toBe(404);
      const { data } = (await admin<{ data: Account[] }>("GET", "accounts")).body;
      expect(data.map((account) => account.name)).not.toContain(name);
    },
  );

  it.each([
    [{ name: "pk" }, "name"],
    [{ name: "A" }, "name"],
    [{ name: "" }, "name"],
    [{}, "name"],
    [{ name: "fine", caps: { usd_per_day: -1 } }, "caps.usd_per_day"],
    [{ name: "fine", caps: { usd_per_month: "5" } }, "caps.usd_per_month"],
    [{ name: "fine", caps: { usd_per_year: 5 } }, "caps.usd_per_year"],
    [{ name: "fine", retention_days: 0 }, "retention_days"],
    [{ name: "fine", retention_days: 1.5 }, "retention_days"],
    [{ name: "fine", closed: "yes" }, "closed"],
    [{ name: "fine", owner: "me" }, "owner"],
  ])("is not made of %j: %s is named", async (body, param) => {
    const answer = await admin<{ error: { param: string; message: string } }>("POST", "accounts", body);
    expect(answer.status).toBe(400);
    expect(answer.body.error.param).toBe(param);
    expect(answer.body.error.message).toContain(param);
  });
});

describe("a key", () => {
  it("is made with a kind and caps, and changed in name and caps", async () => {
    const { name } = await made();
    const { body } = await admin<CreatedApiKey>("POST", "keys", {
      name: "page",
      account: name,
      kind: "publishable",
      caps: { usd_per_month: 1 },
    });
    expect(body).toMatchObject({ kind: "publishable", caps: { usd_per_day: null, usd_per_month: 1 } });
    expect(body.key).toMatch(new RegExp(`^mql_pk_${name}_`));
    const changed = await admin<ApiKey>("PATCH", `keys/${body.id}?account=${name}`, {
      name: "page of today",
      caps: { usd_per_day: 2 },
    });
    expect(changed.body).toMatchObject({
      name: "page of today",
      kind: "publishable",
      caps: { usd_per_day: 2, usd_per_month: 1 },
    });
    expect(changed.body).not.toHaveProperty("key");
  });

  it("of another account is not found there", async () => {
    const [mine, theirs] = [await made(), await made()];
    const path = `keys/${theirs.key.id}?account=${mine.name}`;
    expect((await admin("PATCH", path, { name: "mine" })).status).toBe(404);
    expect((await admin("DELETE", path)).status).toBe(404);
  });

  it("that is revoked while an answer is held for it does not get that answer", async () => {
    const { name, key } = await made();
    const order = JSON.stringify({ model, prompt: "Waves" });
    const created = await post("/v1/videos/generations", key.key, order);
    const { task_id } = (await created.json()) as { task_id: string };
    // Lost, and callbacks may come: it is waited for.
    const held = call(`/v1/videos/query/${task_id}?wait=30`, { headers: bearer(key.key) });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await admin("DELETE", `keys/${key.id}?account=${name}`)).status).toBe(200);
    const answer = await held;
    expect(answer.status).toBe(401);
    expect((await readError(answer)).code).toBe("invalid_key");
  }, 15_000);
});

describe("a publishable key", () => {
  const page = async () => {
    const { name, key } = await made();
    const taskId = await orderedInVain(key.key);
    const { body } = await admin<CreatedApiKey>("POST", "keys", {
      name: "page",
      account: name,
      kind: "publishable",
    });
    return { taskId, key: body.key };
  };

  it("reads what it can name", async () => {
    const { taskId, key } = await page();
    for (const path of [
      `/v1/videos/query/${taskId}`,
      `/v1/videos/${taskId}`,
      `/v1/videos/${taskId}/events`,
      `/v1/videos/generations/${taskId}`,
      "/v1/videos/models",
    ]) {
      expect((await call(path, { headers: bearer(key) })).status, path).toBe(200);
    }
  });

  it.each([
    ["POST", "/v1/videos/generations"],
    ["POST", "/v1/videos/minimax/generations"],
    ["POST", "/v1/videos/TASK/retry"],
    ["DELETE", "/v1/videos/TASK"],
    ["POST", "/v1/files"],
    ["GET", "/v1/videos"],
    ["GET", "/v1/usage"],
  ])("is refused by %s %s", async (method, path) => {
    const { taskId, key } = await page();
    const response = await call(path.replace("TASK", taskId), { method, headers: bearer(key) });
    expect(response.status).toBe(403);
    expect((await readError(response)).code).toBe("publishable_key");
  });
});

describe("another account", () => {
  it.each([
    ["GET", "/v1/videos/query/TASK"],
    ["GET", "/v1/videos/TASK"],
    ["GET", "/v1/videos/generations/TASK"],
    ["GET", "/v1/videos/TASK/content"],
    ["GET", "/v1/videos/download/FILE"],
    ["DELETE", "/v1/videos/TASK"],
    ["POST", "/v1/videos/TASK/retry"],
  ])("gets by %s %s the answer that an id gets which nobody has", async (method, path) => {
    const [mine, theirs] = [await made(), await made()];
    const ask = async (taskId: string) => {
      const url = path.replace("TASK", taskId).replace("FILE", taskId.replace("task_", "file_"));
      const response = await call(url, { method, headers: bearer(mine.key.key) });
      const { text: _, ...error } = await readError(response);
      return { status: response.status, error };
    };
    const taskId = await orderedInVain(theirs.key.key);
    const foreign = await ask(taskId);
    expect(foreign.status).toBe(404);
    expect(foreign).toEqual(await ask(newTaskId()));
    expect((await get<Video>(theirs.key.key, `/v1/videos/${taskId}`)).id).toBe(taskId);
  });

  it("sees nothing of it in its list and its usage", async () => {
    const [mine, theirs] = [await made(), await made()];
    await orderedInVain(theirs.key.key);
    expect(await get(mine.key.key, "/v1/videos")).toMatchObject({ data: [], has_more: false });
    expect((await get<UsageResponse>(mine.key.key, "/v1/usage")).account.total.held_usd).toBe(0);
  });
});

describe("the list", () => {
  it("gives pages of video objects, and goes on behind the last", async () => {
    const { key } = await made();
    const ids = [await orderedInVain(key.key), await orderedInVain(key.key), await orderedInVain(key.key)];
    type Page = { data: Video[]; first_id: string; last_id: string; has_more: boolean };
    const first = await get<Page>(key.key, "/v1/videos?limit=2");
    expect(first).toMatchObject({ object: "list", first_id: ids[2], last_id: ids[1], has_more: true });
    expect(first.data[0]).toMatchObject({
      object: "video",
      status: "failed",
      error: { code: "outcome_unknown" },
      cost: { estimated_usd: 0.28, charged_usd: null, state: "held" },
    });
    const second = await get<Page>(key.key, `/v1/videos?limit=2&after=${first.last_id}`);
    expect(second).toMatchObject({ first_id: ids[0], last_id: ids[0], has_more: false });
    expect(await get(key.key, "/v1/videos?status=completed")).toMatchObject({
      data: [],
      first_id: null,
      last_id: null,
    });
  });

  it.each([
    ["limit=0", "limit"],
    ["limit=101", "limit"],
    ["limit=x", "limit"],
    ["after=task_unknown", "after"],
    ["order=newest", "order"],
    ["status=done", "status"],
    ["created_after=yesterday", "created_after"],
    ["created_before=-1", "created_before"],
  ])("refuses %s, and names %s", async (query, param) => {
    const { key } = await made();
    const response = await call(`/v1/videos?${query}`, { headers: bearer(key.key) });
    expect(response.status).toBe(400);
    expect(await readError(response)).toMatchObject({ param });
  });
});

describe("a cap", () => {
  it("refuses what would break it, and says what is left, of whom, and until when", async () => {
    const { name, key } = await made({ caps: { usd_per_day: 0.5 } });
    await orderedInVain(key.key);
    const response = await post(
      "/v1/videos/generations",
      key.key,
      JSON.stringify({ model, prompt: "One too many" }),
    );
    expect(response.status).toBe(402);
    expect(response.headers.get("x-should-retry")).toBe("false");
    const body = (await response.json()) as { code: string; error: string; details: { resets_at: number } };
    expect(body).toMatchObject({
      code: "budget_exceeded",
      details: { scope: "account", period: "day", cap_usd: 0.5, spent_usd: 0.28, price_usd: 0.28 },
    });
    expect(body.error).toContain("$0.28");
    expect(body.details.resets_at % 86_400).toBe(0);
    expect((await get<UsageResponse>(key.key, "/v1/usage")).account).toMatchObject({
      name,
      day: { held_usd: 0.28, remaining_usd: 0.22 },
    });
  });

  it("refuses a model without a price, by naming it", async () => {
    const { key } = await made({ caps: { usd_per_month: 100 } });
    const response = await post(
      "/v1/videos/generations",
      key.key,
      JSON.stringify({ model: "T2V-01", prompt: "No price" }),
    );
    expect(response.status).toBe(400);
    expect(await readError(response)).toMatchObject({ code: "price_unknown", param: "model" });
  });
});

describe("held money", () => {
  it("is listed with what to look for, settled by what MiniMax's bill says, and listed no more", async () => {
    const { name, key } = await made();
    const [charged, free] = [await orderedInVain(key.key), await orderedInVain(key.key)];
    const held = () => admin<{ data: HeldTask[] }>("GET", `held?account=${name}`);
    expect((await held()).body.data).toMatchObject([
      {
        task_id: charged,
        account: name,
        estimated_cost_usd: 0.28,
        video: { error: { code: "outcome_unknown" } },
      },
      { task_id: free },
    ]);
    const resolve = (taskId: string, is: boolean) =>
      admin<ResolveHeldResponse>("POST", `held/${taskId}`, { account: name, charged: is });
    expect((await resolve(charged, true)).body.cost).toEqual({
      estimated_usd: 0.28,
      charged_usd: 0.28,
      state: "settled",
    });
    expect((await resolve(free, false)).body.cost).toMatchObject({ charged_usd: 0, state: "released" });
    expect((await held()).body.data).toEqual([]);
    expect((await get<UsageResponse>(key.key, "/v1/usage")).account.total).toEqual({
      reserved_usd: 0,
      settled_usd: 0.28,
      released_usd: 0.28,
      held_usd: 0,
    });
    expect(await resolve(charged, false)).toMatchObject({
      status: 409,
      body: { error: { code: "not_held" } },
    });
  });

  it("of a deleted task is settled all the same", async () => {
    const { name, key } = await made();
    const taskId = await orderedInVain(key.key);
    await call(`/v1/videos/${taskId}`, { method: "DELETE", headers: bearer(key.key) });
    const { body } = await admin<{ data: HeldTask[] }>("GET", "held");
    expect(body.data.find((one) => one.task_id === taskId)).toMatchObject({ account: name, video: null });
    const path = `held/${taskId}`;
    expect((await admin("POST", path, { account: name, provider_task_id: "106916112212032" })).status).toBe(
      404,
    );
    expect((await admin("POST", path, { account: name, charged: true })).status).toBe(200);
    expect((await admin("POST", path, { account: name, charged: true })).status).toBe(404);
  });

  it.each([
    [{}, "charged"],
    [{ charged: "yes" }, "charged"],
    [{ charged: true, provider_task_id: "1" }, "charged"],
    [{ provider_task_id: "" }, "provider_task_id"],
    [{ provider_task_id: "../x" }, "provider_task_id"],
  ])("is not resolved by %j: %s is named", async (finding, param) => {
    const { name, key } = await made();
    const taskId = await orderedInVain(key.key);
    const answer = await admin<{ error: { param: string } }>("POST", `held/${taskId}`, {
      account: name,
      ...finding,
    });
    expect(answer).toMatchObject({ status: 400, body: { error: { param } } });
  });

  it("of another account, or of nobody, is not found", async () => {
    const [mine, theirs] = [await made(), await made()];
    const taskId = await orderedInVain(theirs.key.key);
    for (const id of [taskId, newTaskId(), "task_x"]) {
      expect((await admin("POST", `held/${id}`, { account: mine.name, charged: false })).status).toBe(404);
    }
  });
});

describe("a retry", () => {
  it("orders the next take as a new task, and is that task for whoever repeats it", async () => {
    const { key } = await made();
    const taskId = await orderedInVain(key.key, { metadata: { page: "home" }, retention_days: 9 });
    const retry = async () =>
      (await (await post(`/v1/videos/${taskId}/retry`, key.key, null)).json()) as { task_id: string };
    const first = await retry();
    expect(first.task_id).not.toBe(taskId);
    expect(await get<Video>(key.key, `/v1/videos/${first.task_id}`)).toMatchObject({
      take: 2,
      retry_of: taskId,
      metadata: { page: "home" },
    });
    expect(await retry()).toMatchObject({ task_id: first.task_id, joined: true, ignored_fields: [] });
    expect((await get<{ data: Video[] }>(key.key, "/v1/videos")).data).toHaveLength(2);
  });

  it("of one that is not over is refused", async () => {
    const { key } = await made();
    const response = await post(`/v1/videos/${newTaskId()}/retry`, key.key, null);
    expect(response.status).toBe(404);
  });
});

describe("a joined order", () => {
  it("says so, and names the wishes in which it differs", async () => {
    const { key } = await made();
    const order = {
      model,
      prompt: `Twice ${crypto.randomUUID()}`,
      metadata: { a: "1", b: "2" },
      retention_days: 9,
    };
    const create = (about: Record<string, unknown>, headers: Record<string, string> = {}) =>
      post("/v1/videos/generations", key.key, JSON.stringify({ ...order, ...about }), headers);
    const first = (await (await create({})).json()) as { task_id: string };
    expect(first).not.toHaveProperty("joined");
    const same = await create({ metadata: { b: "2", a: "1" } });
    expect(same.headers.get("filmgate-joined")).toBe("true");
    expect(await same.json()).toMatchObject({ task_id: first.task_id, joined: true, ignored_fields: [] });
    expect(await (await create({ metadata: { a: "3" }, retention_days: 10 })).json()).toMatchObject({
      task_id: first.task_id,
      ignored_fields: ["metadata", "retention_days"],
    });
  });

  it.each([
    [{}, { "filmgate-take": "2" }],
    [{ take: 2 }, {}],
    [{ take: 2 }, { "filmgate-take": "2" }],
  ])("is a new one with another take: %j, %j", async (about, headers) => {
    const { key } = await made();
    const order = { model, prompt: `Takes ${crypto.randomUUID()}` };
    const first = await post("/v1/videos/generations", key.key, JSON.stringify(order));
    const second = await post(
      "/v1/videos/generations",
      key.key,
      JSON.stringify({ ...order, ...about }),
      headers as Record<string, string>,
    );
    const body = (await second.json()) as { task_id: string };
    expect(body.task_id).not.toBe(((await first.json()) as { task_id: string }).task_id);
    expect((await get<Video>(key.key, `/v1/videos/${body.task_id}`)).take).toBe(2);
  });

  it.each(["0", "1001", "x", "", "2.0"])("a header Filmgate-Take of '%s' is refused", async (take) => {
    const { key } = await made();
    const response = await post("/v1/videos/generations", key.key, JSON.stringify({ model, prompt: "x" }), {
      "filmgate-take": take,
    });
    expect(response.status).toBe(400);
    expect(await readError(response)).toMatchObject({ param: "Filmgate-Take" });
  });

  it("a header Filmgate-Take that contradicts the field is refused", async () => {
    const { key } = await makeKey();
    const response = await post(
      "/v1/videos/generations",
      key,
      JSON.stringify({ model, prompt: "x", take: 3 }),
      {
        "filmgate-take": "2",
      },
    );
    expect(response.status).toBe(400);
  });
});
