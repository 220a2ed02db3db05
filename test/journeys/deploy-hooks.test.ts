/**
 * Sites that are built again when videos finish: a running Worker, the simulator, and hosts of hooks on real sockets,
 * one that works, one that fails, one that is gone. What is asserted is how often each was called, and for how many
 * videos; no time is measured. The windows are long, so that a busy machine still finishes ten videos in one.
 */

import { randomUUID } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/free-port.ts";
import { localSettings, makeKey } from "../../scripts/worker.ts";
import type {
  Account,
  DeployHook,
  ListDeployHooksResponse,
  ListWebhookDeliveriesResponse,
} from "../../src/contract.ts";
import { speed, startWorld, until, type World } from "./world.ts";

const windowSeconds = 15;
let world: World;
const endings: (() => void)[] = [];
const admin = { authorization: `Bearer ${localSettings.ADMIN_KEY}` };

beforeAll(async () => {
  world = await startWorld({
    callbacks: "reachable",
    settings: {
      DEPLOY_HOOK_WINDOW_SECONDS: String(windowSeconds * speed),
      DEPLOY_HOOK_GAP_SECONDS: "100",
    },
  });
});
afterEach(() => {
  for (const end of endings.splice(0)) end();
});
afterAll(() => world.stop());

const model = "MiniMax-Hailuo-2.3";

type Heard = { method: string; path: string; headers: IncomingHttpHeaders; body: string };
type Host = { url: string; secret: string; heard: Heard[] };

/** A host that begins builds when its secret address is called, and answers as told, by the number of the call. */
async function startHost(answer: (count: number) => number = () => 200): Promise<Host> {
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    const { method = "", url = "", headers } = request;
    heard.push({ method, path: url, headers, body });
    response.writeHead(answer(heard.length)).end("{}");
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  endings.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const secret = randomUUID().replaceAll("-", "");
  return { url: `http://127.0.0.1:${port}/build_hooks/${secret}`, secret, heard };
}

/** An account with a deploy hook of its own, or without. */
async function newAccount(deploy_hook_url: string | null) {
  const name = `sites-${randomUUID().slice(0, 8)}`;
  const key = await makeKey(world.url, "site", name);
  const headers = { authorization: `Bearer ${key}` };
  if (deploy_hook_url !== null) {
    const path = `/v1/admin/accounts/${name}`;
    const set = await world.call<Account>("PATCH", path, { deploy_hook_url }, admin);
    expect(set.status, JSON.stringify(set.body)).toBe(200);
  }
  const account = {
    key,
    headers,
    name,
    async order(about: object = {}, scenario = "instant"): Promise<string> {
      const { status, body } = await world.create(
        { model, prompt: world.prompt(scenario), ...about },
        headers,
      );
      expect(status, JSON.stringify(body)).toBe(200);
      return body.task_id;
    },
    async made(about: object = {}, scenario = "instant") {
      return world.untilOver(await account.order(about, scenario), { key });
    },
    hooks: async () =>
      (await world.call<ListDeployHooksResponse>("GET", "/v1/deploy-hooks", undefined, headers)).body.data,
    /** The only hook, once it is in a state. */
    async hook(state: DeployHook["state"]): Promise<DeployHook> {
      let found: DeployHook | undefined;
      const isThere = async () => {
        found = (await account.hooks()).find((hook) => hook.state === state);
        return found !== undefined;
      };
      const seen = async () => JSON.stringify(await account.hooks());
      // A window, and what tries take.
      for (let tries = 0; tries < 3 && found === undefined; tries++) {
        await until(isThere, `the hook is ${state}`).catch(() => {});
      }
      if (found === undefined) throw new Error(`no hook is ${state}: ${await seen()}`);
      return found;
    },
    call: (id: string) => world.call<DeployHook>("POST", `/v1/deploy-hooks/${id}/call`, undefined, headers),
  };
  return account;
}

describe("ten videos that finish within a window", () => {
  it("give one call, and a published one is there by then", async () => {
    const host = await startHost();
    const account = await newAccount(host.url);
    const published = await account.order({ publish: { title: "Waves" } });
    const others = await Promise.all(Array.from({ length: 9 }, () => account.order()));
    const failed = await account.order({}, "instant fail=none");
    const over = await Promise.all(
      [published, ...others, failed].map((taskId) => world.untilOver(taskId, { key: account.key })),
    );
    expect(over.map(({ status }) => status)).toEqual([...Array(10).fill("Success"), "Fail"]);
    const hook = await account.hook("idle");
    expect(hook).toMatchObject({ source: "account", videos_waiting: 0, next_call_at: null });
    expect(hook.calls).toMatchObject([{ videos: 10, status: 200, error: null }]);
    expect(host.heard).toHaveLength(1);
    expect(host.heard[0]).toMatchObject({
      method: "POST",
      body: "",
      headers: { "user-agent": "filmgate/1", "content-length": "0" },
    });
    expect(host.heard[0]?.path).toBe(new URL(host.url).pathname);
    const file = await fetch(`${world.url}/v/${over[0]?.file_id}.mp4`, { method: "HEAD" });
    expect(file.status).toBe(200);
  });
});

describe("an order's own hook", () => {
  it("is called in place of the account's, and each for its own videos", async () => {
    const [ofTheAccount, ofTheOrder] = [await startHost(), await startHost()];
    const account = await newAccount(ofTheAccount.url);
    await Promise.all([
      account.made(),
      account.made({ deploy_hook_url: ofTheOrder.url }),
      account.made({ deploy_hook_url: ofTheOrder.url }),
    ]);
    await until(
      async () => (await account.hooks()).every(({ state }) => state === "idle"),
      "both were called",
    );
    expect([ofTheAccount.heard.length, ofTheOrder.heard.length]).toEqual([1, 1]);
    const told = (await account.hooks()).map(({ source, calls }) => [source, calls[0]?.videos]);
    expect(told).toEqual([
      ["account", 1],
      ["order", 2],
    ]);
  });
});

describe("a host that", () => {
  it("fails twice and then works is called three times, and no more", async () => {
    const host = await startHost((count) => (count < 3 ? 503 : 201));
    const account = await newAccount(host.url);
    await account.made();
    expect(await account.call((await account.hook("waiting")).id)).toMatchObject({ status: 200 });
    const { calls } = await account.hook("idle");
    expect(calls.map(({ status, videos }) => [status, videos])).toEqual([
      [503, 1],
      [503, 1],
      [201, 1],
    ]);
    expect(host.heard).toHaveLength(3);
  });

  it("has no such hook any more is left alone, and the list says so", async () => {
    const host = await startHost(() => 404);
    const account = await newAccount(host.url);
    const [hook] = await account.hooks();
    await account.call(hook?.id ?? "");
    const { calls } = await account.hook("gone");
    expect(calls).toMatchObject([{ status: 404, error: "There is no such hook any more: HTTP 404." }]);
    await account.made();
    expect(await account.hook("gone")).toMatchObject({ videos_waiting: 0, next_call_at: null });
    expect(host.heard).toHaveLength(1);
  });

  it("redirects is not followed", async () => {
    const target = await startHost();
    const server = createServer((_, response) => response.writeHead(307, { location: target.url }).end());
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    endings.push(() => void server.close());
    const account = await newAccount(`http://127.0.0.1:${port}/build`);
    const [hook] = await account.hooks();
    await account.call(hook?.id ?? "");
    const { calls } = await account.hook("failed");
    expect(calls[0]?.error).toBe(
      `Redirects are not followed; this one leads to ${new URL(target.url).host}. Give the hook's own address.`,
    );
    expect(target.heard).toEqual([]);
  });
});

describe("a crash of every process", () => {
  it("while a call is due does not lose it", async () => {
    const host = await startHost();
    const account = await newAccount(host.url);
    await Promise.all([account.made(), account.made()]);
    await account.hook("waiting");
    await until(async () => (await account.hook("waiting")).videos_waiting === 2, "both are counted");
    expect(host.heard).toEqual([]);
    await world.crash();
    await world.restart();
    expect((await account.hook("idle")).calls).toMatchObject([{ videos: 2, status: 200 }]);
    expect(host.heard).toHaveLength(1);
  });

  it("while a call is under way costs one more, and no video", async () => {
    const host = await startHost();
    let isHung = true;
    const calls: string[] = [];
    const server = createServer((request, response) => {
      calls.push(request.url ?? "");
      if (!isHung) response.end();
    });
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    endings.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const account = await newAccount(`http://127.0.0.1:${port}/${host.secret}`);
    await account.made();
    await account.call((await account.hook("waiting")).id);
    await until(async () => calls.length === 1, "the call is under way");
    await world.crash();
    isHung = false;
    await world.restart();
    const told = (await account.hook("idle")).calls;
    expect(told.map(({ videos, error }) => [videos, error])).toEqual([
      [1, "No answer was recorded."],
      [1, null],
    ]);
    expect(calls).toHaveLength(2);
  });
});

describe("the address", () => {
  it("is in no answer, webhook, event, error or line of the log", async () => {
    const [ofTheAccount, ofTheOrder] = [await startHost(() => 500), await startHost()];
    const told = await startHost(() => 204);
    const account = await newAccount(ofTheAccount.url);
    const answers: string[] = [];
    const read = async (
      method: string,
      path: string,
      headers = account.headers as Record<string, string>,
    ) => {
      const response = await fetch(`${world.url}${path}`, { method, headers });
      answers.push(`${method} ${path}\n${JSON.stringify([...response.headers])}\n${await response.text()}`);
    };
    const taskId = await account.order({
      deploy_hook_url: ofTheOrder.url,
      webhook_url: told.url,
      publish: {},
    });
    await world.untilOver(taskId, { key: account.key });
    await account.made();
    await until(
      async () => (await account.hooks()).filter(({ state }) => state === "waiting").length === 2,
      "both are due",
    );
    for (const { id } of await account.hooks()) await read("POST", `/v1/deploy-hooks/${id}/call`);
    await until(async () => ofTheOrder.heard.length > 0 && ofTheAccount.heard.length > 0, "both are called");
    await until(async () => told.heard.length > 0, "the caller was told");
    const video = `/v1/videos/${taskId}`;
    for (const path of [
      ...[video, `${video}?include=events`, `${video}/events`, `${video}/publish`, `${video}/webhooks`],
      ...["/v1/videos", `/v1/videos/query/${taskId}?wait=1`, "/v1/deploy-hooks", "/v1/usage"],
    ]) {
      await read("GET", path);
    }
    for (const path of [`/v1/admin/accounts/${account.name}`, "/v1/admin/accounts"])
      await read("GET", path, admin);
    await read("DELETE", video);
    const { url: wrong } = await startHost();
    const refused = await world.create({ model, prompt: "x", deploy_hook_url: `ftp${wrong.slice(4)}` });
    const deliveries = await world.call<ListWebhookDeliveriesResponse>("GET", "/v1/videos", undefined);
    answers.push(JSON.stringify(refused.body), JSON.stringify(deliveries.body), told.heard[0]?.body ?? "");
    expect(refused.status).toBe(400);
    expect(answers.join("\n")).toContain(`/…${ofTheOrder.secret.slice(-4)}`);
    const output = world.output();
    expect(output).toContain('"event":"deploy_hook"');
    for (const secret of [ofTheAccount.secret, ofTheOrder.secret, new URL(wrong).pathname.slice(13)]) {
      for (const part of [secret, secret.slice(0, 8), secret.slice(-8)]) {
        expect(output.includes(part), "the log").toBe(false);
        expect(answers.filter((answer) => answer.includes(part))).toEqual([]);
      }
    }
  });
});
