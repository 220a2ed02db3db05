/**
 * An agent puts a video on a page: the official SDK's client against the running gateway, over `/mcp`. Its tools are
 * under its key and its caps, and what it repeats is paid once.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localSettings, root } from "../../scripts/worker.ts";
import type {
  CreatedApiKey,
  CreateVideoResponse,
  Publication,
  UsageResponse,
  Video,
} from "../../src/contract.ts";
import { startWorld, type World } from "./world.ts";

type Result = {
  content: { type: string; text: string }[];
  structuredContent?: unknown;
  isError?: boolean;
};

let world: World;
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
});
afterAll(() => world?.stop());

/** An agent with a key; `lose` has the answers to its next calls of a tool go lost, after filmgate gave them. */
async function connect(key = world.key) {
  const agent = { lose: 0 };
  const transport = new StreamableHTTPClientTransport(new URL(`${world.url}/mcp`), {
    requestInit: { headers: { authorization: `Bearer ${key}` } },
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      if (agent.lose === 0 || !String(init?.body).includes('"tools/call"')) return response;
      agent.lose -= 1;
      await response.text();
      throw new TypeError("the connection was lost");
    },
  });
  const client = new Client({ name: "test", version: "1" });
  await client.connect(transport);
  const call = async (name: string, args: Record<string, unknown> = {}, options = {}) =>
    (await client.callTool({ name, arguments: args }, options)) as Result;
  return { agent, client, call, close: () => client.close() };
}

/** A key of another kind, account or cap. */
async function makeKey(body: Record<string, unknown>): Promise<string> {
  const authorization = `Bearer ${localSettings.ADMIN_KEY}`;
  return (await world.call<CreatedApiKey>("POST", "/v1/admin/keys", body, { authorization })).body.key;
}

const order = (prompt: string) => ({ model: "MiniMax-Hailuo-2.3", prompt, duration: 6, resolution: "768P" });
const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(`${world.url}/mcp`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${world.key}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...headers,
    },
    body,
  });

async function untilMade(call: Awaited<ReturnType<typeof connect>>["call"], task_id: string) {
  for (;;) {
    const { structuredContent } = await call("wait_for_video", { task_id });
    const video = structuredContent as Video;
    if (video.status === "completed" || video.status === "failed") return video;
  }
}

describe("an agent", () => {
  it("asks the price, makes a video, waits, publishes it, and its page plays it", async () => {
    const { client, call, close } = await connect();
    expect(client.getInstructions()).toContain("wait_for_video");
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain("make_video");
    const prompt = world.prompt();
    const price = await call("price_video", order(prompt));
    expect(price.structuredContent).toMatchObject({ dry_run: true, estimated_cost_usd: 0.28 });
    expect((await world.ledger(prompt)).creates).toBe(0);

    const made = await call("make_video", order(prompt));
    expect(made.isError).not.toBe(true);
    const { task_id } = made.structuredContent as CreateVideoResponse;
    const video = await untilMade(call, task_id);
    expect(video).toMatchObject({ id: task_id, status: "completed", publication: null });
    expect((await fetch(String(video.download_url))).status).toBe(200);

    const published = await call("publish_video", { task_id, title: "Waves" });
    const { url, embed_html } = published.structuredContent as Publication;
    expect(published.content[0]?.text).toContain(embed_html);
    const file = await fetch(url);
    expect([file.status, file.headers.get("content-type")]).toEqual([200, "video/mp4"]);
    expect((await call("get_video", { task_id })).structuredContent).toMatchObject({ publication: { url } });
    await call("unpublish_video", { task_id });
    expect((await fetch(url)).status).toBe(404);

    const listed = await call("list_videos", { limit: 100, status: "completed" });
    expect(JSON.stringify(listed.structuredContent)).toContain(task_id);
    const { account } = (await call("get_usage")).structuredContent as UsageResponse;
    expect(account.total.settled_usd).toBeGreaterThan(0);
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 1 });
    await close();
  });

  it("whose call's answer is lost calls again, and pays once", async () => {
    const { agent, call, close } = await connect();
    const prompt = world.prompt();
    agent.lose = 1;
    await expect(call("make_video", order(prompt))).rejects.toThrow();
    const again = await call("make_video", order(prompt));
    const { task_id, joined } = again.structuredContent as CreateVideoResponse;
    expect(joined).toBe(true);
    expect(again.content[0]?.text).toContain("paid once");
    await untilMade(call, task_id);
    // An idempotency_key says so for longer than a minute after the end, and of another take, too.
    const named = { ...order(prompt), take: 2, idempotency_key: "hero" };
    const [first, second] = [await call("make_video", named), await call("make_video", named)];
    expect(second.structuredContent).toMatchObject({
      task_id: (first.structuredContent as CreateVideoResponse).task_id,
    });
    expect((await world.ledger(prompt)).creates).toBe(2);
    await close();
  });

  it("is told what was wrong with an order, and mends it; nothing was spent", async () => {
    const { call, close } = await connect();
    const prompt = world.prompt();
    const refused = await call("make_video", { ...order(prompt), duration: 7 });
    expect(refused.isError).toBe(true);
    expect(refused.content[0]?.text).toMatch(/^duration: .*\(unsupported_combination\)$/);
    const unknown = await call("make_video", { ...order(prompt), seconds: 6 });
    expect(unknown.content[0]?.text).toMatch(/seconds: .*\(unknown_field\)$/);
    const none = await call("make_video", {});
    expect(none.content[0]?.text).toMatch(/^model: is required\. \(missing_field\)$/);
    for (const idempotency_key of ["h\u00e9ro", "the hero", "", 7, null, "x".repeat(256)]) {
      const named = await call("make_video", { ...order(prompt), idempotency_key });
      expect([idempotency_key, named.content[0]?.text]).toEqual([
        idempotency_key,
        expect.stringMatching(/\(invalid_idempotency_key\)$/),
      ]);
    }
    const dear = await call("make_video", { ...order(prompt), max_cost_usd: 0.1 });
    expect(dear.content[0]?.text).toContain("(cost_exceeds_limit)");
    expect((await world.ledger(prompt)).creates).toBe(0);
    await close();
  });

  it("is told of a video that MiniMax refuses or does not make, and what it cost", async () => {
    const { call, close } = await connect();
    const refused = await call("make_video", order(world.prompt("refuse=1026")));
    expect(refused.isError).toBe(true);
    expect(refused.content[0]?.text).toContain("(content_refused)");
    const made = await call("make_video", order(world.prompt("fail=1027")));
    const { task_id } = made.structuredContent as CreateVideoResponse;
    const video = await untilMade(call, task_id);
    expect(video.status).toBe("failed");
    const told = await call("wait_for_video", { task_id });
    expect(told.content[0]?.text).toMatch(/was not made: .*Nothing was charged\./);
    await close();
  });

  it("orders nothing beyond the cap of its key", async () => {
    const key = await makeKey({
      name: "agent",
      account: "capped-agent",
      caps: { usd_per_day: 0.3 },
    });
    const { call, close } = await connect(key);
    const [first, second] = [world.prompt(), world.prompt()];
    expect((await call("make_video", order(first))).isError).not.toBe(true);
    const over = await call("make_video", order(second));
    expect(over.isError).toBe(true);
    expect(over.content[0]?.text).toMatch(/this key has.*\(budget_exceeded\)$/);
    expect((await world.ledger(second)).creates).toBe(0);
    await close();
  });

  it("sees nothing of another account", async () => {
    const { call, close } = await connect();
    const { task_id } = (await call("make_video", order(world.prompt())))
      .structuredContent as CreateVideoResponse;
    const key = await makeKey({ name: "agent", account: "stranger" });
    const stranger = await connect(key);
    for (const name of ["get_video", "wait_for_video", "publish_video", "unpublish_video"]) {
      const told = await stranger.call(name, { task_id });
      expect([name, told.isError, told.content[0]?.text]).toEqual([
        name,
        true,
        expect.stringContaining("(not_found)"),
      ]);
    }
    expect((await stranger.call("list_videos")).structuredContent).toMatchObject({ data: [] });
    await stranger.close();
    await close();
  });

  it("that publishes a video that failed, is not made yet or only for a time is told so in words", async () => {
    const { call, close } = await connect();
    const textOf = async (name: string, args: Record<string, unknown>) =>
      (await call(name, args)).content[0]?.text;
    const expires_at = Math.floor(Date.now() / 1000) + 3600;
    const until = new Date(expires_at * 1000).toISOString();
    const failing = await call("make_video", order(world.prompt("instant fail=1027")));
    const failed = (failing.structuredContent as CreateVideoResponse).task_id;
    await untilMade(call, failed);
    expect(await textOf("publish_video", { task_id: failed, expires_at })).toMatch(
      /^Its video was not made, so http\S+ shows none\. get_video says why\.$/,
    );
    const making = await call("make_video", order(world.prompt("late=2")));
    const { task_id } = making.structuredContent as CreateVideoResponse;
    expect(await textOf("publish_video", { task_id })).toMatch(
      /^Once it is made it is at http\S+, until it is taken down\. To show it in a page: <video/,
    );
    await untilMade(call, task_id);
    const ends = new RegExp(`It is at http\\S+, until ${until}\\. To show`);
    expect(await textOf("publish_video", { task_id, expires_at })).toMatch(ends);
    expect(await textOf("get_video", { task_id })).toMatch(ends);
    await close();
  });

  it("that gives a tool an argument that it does not have is refused by its name, where it only reads as well", async () => {
    const { call, close } = await connect();
    for (const [name, args, sentence] of [
      [
        "list_videos",
        { limit: 1, state: "completed" },
        /^state: is no argument of list_videos, which takes .*status/,
      ],
      ["get_usage", { day: "2096-01-01" }, /^day: is no argument of get_usage, which takes none\./],
      ["price_video", { ...order("x"), dry_run: true }, /^dry_run: is no argument of price_video/],
      ["get_video", { task_id: "task_x", toString: 1 }, /^toString: is no argument of get_video/],
      ["make_video", { ...order("x"), seconds: 6 }, /^seconds: is no argument of make_video/],
    ] as const) {
      const told = await call(name, args);
      expect([name, told.isError, told.content[0]?.text]).toEqual([
        name,
        true,
        expect.stringMatching(sentence),
      ]);
      expect(told.content[0]?.text).toMatch(/\(unknown_field\)$/);
    }
    await close();
  });

  it("cannot get out of a video's route by what it gives for an id", async () => {
    const { call, close } = await connect();
    for (const task_id of ["../usage", "..", "models?x=", "a/b", "", 7, null]) {
      const told = await call("get_video", { task_id });
      expect([task_id, told.isError]).toEqual([task_id, true]);
    }
    await close();
  });

  it("that gives a word of the addresses for an id is told that there is no such video, not the models", async () => {
    const { call, close } = await connect();
    for (const task_id of ["models", "query", "generations"]) {
      for (const name of ["get_video", "wait_for_video", "publish_video", "unpublish_video"]) {
        const told = await call(name, { task_id, ...(name === "wait_for_video" ? { seconds: 0 } : {}) });
        expect([name, task_id, told.isError, told.content[0]?.text]).toEqual([
          ...[name, task_id, true],
          expect.stringMatching(/\(not_found\)$/),
        ]);
      }
    }
    await close();
  });

  it.each([true, false])(
    "that asks to make a video with dry_run %s is refused, and pays nothing",
    async (dry_run) => {
      const { call, close } = await connect();
      const prompt = world.prompt();
      const told = await call("make_video", { ...order(prompt), dry_run });
      expect([told.isError, told.content[0]?.text]).toEqual([
        true,
        expect.stringMatching(/^dry_run: .*price_video.*\(unknown_field\)$/),
      ]);
      expect((await world.ledger(prompt)).creates).toBe(0);
      await close();
    },
  );

  it("that repeats a call while the first is under way, together or hung up on, pays once", async () => {
    const { call, close } = await connect();
    const prompt = world.prompt();
    const made = await Promise.all(Array.from({ length: 8 }, () => call("make_video", order(prompt))));
    const ids = new Set(
      made.map(({ structuredContent }) => (structuredContent as CreateVideoResponse).task_id),
    );
    expect(ids.size).toBe(1);
    const hungUp = world.prompt();
    const message = (id: number) => ({
      ...{ jsonrpc: "2.0", id, method: "tools/call" },
      params: { name: "make_video", arguments: order(hungUp) },
    });
    const abort = new AbortController();
    const lost = fetch(`${world.url}/mcp`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${world.key}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      },
      body: JSON.stringify(message(1)),
      signal: abort.signal,
    }).catch(() => null);
    abort.abort();
    await lost;
    expect((await post(JSON.stringify([message(2), message(3)]))).status).toBe(200);
    await call("make_video", order(hungUp));
    expect((await world.ledger(prompt)).creates).toBe(1);
    expect((await world.ledger(hungUp)).creates).toBe(1);
    await close();
  });

  it("hears how far it is while it waits, if it asks to", async () => {
    const { call, close } = await connect();
    const made = await call("make_video", order(world.prompt()));
    const { task_id } = made.structuredContent as CreateVideoResponse;
    const heard: number[] = [];
    const onprogress = ({ progress }: { progress: number }) => heard.push(progress);
    const told = await call("wait_for_video", { task_id, seconds: 50 }, { onprogress });
    expect((told.structuredContent as Video).status).toBe("completed");
    expect([...heard].sort((one, other) => one - other)).toEqual(heard);
    const wrong = await call("wait_for_video", { task_id, seconds: 51 });
    expect(wrong.content[0]?.text).toBe("seconds: must be a whole number from 0 to 50. (invalid_field)");
    await close();
  });
});

describe("docs/mcp.md", () => {
  it("names every tool, and which of them spends", async () => {
    const { client, close } = await connect();
    const { tools } = await client.listTools();
    const page = await readFile(join(root, "docs", "mcp.md"), "utf8");
    const told = [...page.matchAll(/^\| `(\w+)` \|.*\| (yes )?\|$/gm)].map(([, name, spends]) => [
      name,
      !!spends,
    ]);
    expect(told).toEqual(tools.map(({ name }) => [name, name === "make_video"]));
    await close();
  });
});

describe("/mcp", () => {
  const list = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';

  it("takes a secret key, and no other", async () => {
    const missing = await post(list, { authorization: "" });
    expect([missing.status, missing.headers.get("www-authenticate")]).toEqual([
      401,
      expect.stringMatching(/^Bearer/),
    ]);
    expect((await post(list, { authorization: "Bearer mql_default_wrong" })).status).toBe(401);
    const page = await makeKey({ name: "page", kind: "publishable" });
    const refused = await post(list, { authorization: `Bearer ${page}` });
    expect([refused.status, await refused.json()]).toMatchObject([
      403,
      { error: { code: "publishable_key" } },
    ]);
  });

  it("speaks the revision with a handshake as well, and needs no session", async () => {
    const initialize = await post(
      JSON.stringify({
        ...{ jsonrpc: "2.0", id: 1, method: "initialize" },
        params: {
          protocolVersion: "2025-06-18",
          capabilities: {},
          clientInfo: { name: "old", version: "1" },
        },
      }),
    );
    expect(initialize.status).toBe(200);
    expect(initialize.headers.get("mcp-session-id")).toBeNull();
    expect(await initialize.text()).toContain('"protocolVersion":"2025-06-18"');
    const listed = await post(list, { "mcp-protocol-version": "2025-06-18" });
    expect(await listed.text()).toContain('"make_video"');
  });

  it("promises no news of its tools, and ends a subscription to them at once", async () => {
    const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode: "auto" } });
    const requestInit = { headers: { authorization: `Bearer ${world.key}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${world.url}/mcp`), { requestInit }));
    expect(client.getServerCapabilities()?.tools).toEqual({ listChanged: false });
    const { honoredFilter, closed } = await client.listen({ toolsListChanged: true });
    expect(honoredFilter).toEqual({});
    expect(await closed).not.toBe("local");
    await client.close();
  });

  it("has no stream of its own and no session to end", async () => {
    for (const method of ["GET", "DELETE"]) {
      const response = await fetch(`${world.url}/mcp`, {
        method,
        headers: { authorization: `Bearer ${world.key}` },
      });
      expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
    }
  });

  it("refuses what is no message, and what is too large", async () => {
    expect((await post("{")).status).toBe(400);
    expect((await post("{}")).status).toBe(400);
    expect((await post(list, { "content-type": "text/plain" })).status).toBe(415);
    expect((await post(JSON.stringify({ x: "x".repeat(5 * 1024 * 1024) }))).status).toBe(413);
  });
});
