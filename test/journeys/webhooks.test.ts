/**
 * Webhooks from a running Worker to running receivers, over real sockets: the example of examples/webhook-receiver,
 * which verifies with the standardwebhooks package, and receivers that misbehave. No time is measured.
 */

import { spawn } from "node:child_process";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/free-port.ts";
import { localSettings, makeKey, root } from "../../scripts/worker.ts";
import { verifyWebhook } from "../../src/client/filmgate.ts";
import type {
  ListVideosResponse,
  ListWebhookDeliveriesResponse,
  WebhookDelivery,
  WebhookEvent,
  WebhookSecret,
} from "../../src/contract.ts";
import { startWorld, type World } from "./world.ts";

let world: World;
let secret = "";
const endings: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
  secret = (await world.call<WebhookSecret>("GET", "/v1/webhooks/secret")).body.secret;
});
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});
afterAll(() => world.stop());

const model = "MiniMax-Hailuo-2.3";

async function until<T>(
  find: () => Promise<T | null | undefined> | T | null | undefined,
  what: string,
): Promise<T> {
  const end = Date.now() + 40_000;
  for (;;) {
    const found = await find();
    if (found !== null && found !== undefined) return found;
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

type Told = {
  id: string;
  type: string;
  video: string;
  download_url: string | null;
  error: { code: string } | null;
};

/** The example as its README starts it; gives what it printed. */
async function startExample(
  port = 0,
  secrets = secret,
): Promise<{ url: string; told: Told[]; port: number }> {
  const chosen = port === 0 ? await freePort() : port;
  const receiver = spawn(process.execPath, [join(root, "examples", "webhook-receiver", "receiver.js")], {
    env: { ...process.env, WEBHOOK_SECRET: secrets, PORT: String(chosen) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  endings.push(() => void receiver.kill("SIGKILL"));
  const told: Told[] = [];
  let text = "";
  let isListening = false;
  receiver.stdout.on("data", (piece: Buffer) => {
    text += piece.toString();
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines.map((one) => JSON.parse(one))) {
      if ("listening" in line) isListening = true;
      else told.push(line as Told);
    }
  });
  await until(() => isListening || null, "the example listens");
  return { url: `http://127.0.0.1:${chosen}/`, told, port: chosen };
}

type Heard = { headers: IncomingHttpHeaders; body: string };

/** A receiver that answers as told, by the number of the request: a status, and headers. */
async function startReceiver(
  answer: (count: number) => { status: number; headers?: Record<string, string> },
): Promise<{ url: string; heard: Heard[] }> {
  const heard: Heard[] = [];
  const server: Server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    heard.push({ headers: request.headers, body });
    const { status, headers = {} } = answer(heard.length);
    response.writeHead(status, headers).end(status === 204 ? undefined : "an answer");
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  endings.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${port}/hook?token=private`, heard };
}

async function order(webhook_url: string | null, scenario = "instant", prompt = world.prompt(scenario)) {
  const body = { model, prompt, ...(webhook_url === null ? {} : { webhook_url }) };
  const { body: created, status } = await world.create(body);
  expect(status, JSON.stringify(created)).toBe(200);
  return created;
}

async function log(taskId: string): Promise<WebhookDelivery[]> {
  return (await world.call<ListWebhookDeliveriesResponse>("GET", `/v1/videos/${taskId}/webhooks`)).body.data;
}

function logged(taskId: string, state: WebhookDelivery["state"]): Promise<WebhookDelivery> {
  return until(
    async () => (await log(taskId)).find((delivery) => delivery.state === state),
    `a webhook of ${taskId} is ${state}`,
  );
}

function verified({ headers, body }: Heard, by = secret): WebhookEvent {
  return new Webhook(by).verify(body, headers as Record<string, string>) as WebhookEvent;
}

describe("the example receiver", () => {
  it("is told that a video succeeded, with a link that plays it", async () => {
    const { url, told } = await startExample();
    const { task_id } = await order(url);
    const event = await until(() => told.find(({ video }) => video === task_id), "the example was told");
    expect(event).toMatchObject({ type: "video.succeeded", error: null });
    const response = await fetch(String(event.download_url));
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "video/mp4"]);
    await response.arrayBuffer();
    const delivery = await logged(task_id, "delivered");
    expect(delivery).toMatchObject({
      id: event.id,
      type: "video.succeeded",
      attempts: [{ status: 204, error: null }],
    });
  });

  it("is told of a failure and of a cancel, once each", async () => {
    const { url, told } = await startExample();
    const failed = await order(url, "instant fail=none");
    expect(
      await until(() => told.find(({ video }) => video === failed.task_id), "of the failure"),
    ).toMatchObject({
      type: "video.failed",
      error: { code: expect.any(String) },
    });
    const cancelled = await order(url, "late=1");
    await world.call("DELETE", `/v1/videos/${cancelled.task_id}`);
    expect(
      await until(() => told.find(({ video }) => video === cancelled.task_id), "of the cancel"),
    ).toMatchObject({
      type: "video.cancelled",
      error: { code: "cancelled" },
    });
    // MiniMax's verdict settles the money, and is told to nobody.
    await until(
      async () => (await world.video(cancelled.task_id)).cost.state !== "reserved" || null,
      "it is settled",
    );
    expect((await log(cancelled.task_id)).map(({ type }) => type)).toEqual(["video.cancelled"]);
  });

  it("that was down is told when it is up again", async () => {
    const port = await freePort();
    const { task_id } = await order(`http://127.0.0.1:${port}/`);
    await until(
      async () => ((await log(task_id))[0]?.attempts.length ?? 0) >= 2 || null,
      "it was tried in vain",
    );
    const { told } = await startExample(port);
    const event = await until(() => told.find(({ video }) => video === task_id), "the example was told");
    const delivery = await logged(task_id, "delivered");
    expect(delivery.id).toBe(event.id);
    expect(delivery.attempts[0]).toMatchObject({ status: null, error: "The receiver could not be reached." });
    expect(told.filter(({ video }) => video === task_id)).toHaveLength(1);
  });

  it("acts once on a message that is sent again on request", async () => {
    const { url, told } = await startExample();
    const { task_id } = await order(url);
    const { id } = await logged(task_id, "delivered");
    const replayed = await world.call<WebhookDelivery>("POST", `/v1/videos/${task_id}/webhooks/${id}/replay`);
    expect(replayed.body).toMatchObject({ id });
    await until(async () => {
      const [delivery] = await log(task_id);
      return (delivery?.state === "delivered" && delivery.attempts.length === 2) || null;
    }, "it was delivered again");
    expect(told.filter(({ video }) => video === task_id)).toHaveLength(1);
  });
});

describe("a receiver that", () => {
  it("answers 500 and then 200 gets the same message again, signed anew", async () => {
    const { url, heard } = await startReceiver((count) => ({ status: count < 3 ? 500 : 200 }));
    const { task_id } = await order(url);
    const delivery = await logged(task_id, "delivered");
    expect(delivery.attempts.map(({ status }) => status)).toEqual([500, 500, 200]);
    expect(heard).toHaveLength(3);
    expect(new Set(heard.map(({ body }) => body)).size).toBe(1);
    expect(new Set(heard.map(({ headers }) => headers["webhook-id"]))).toEqual(new Set([delivery.id]));
    const event = { type: "video.succeeded", data: { id: task_id } };
    for (const one of heard) {
      expect(verified(one)).toMatchObject(event);
      expect((await verifyWebhook({ ...one, secret })).payload).toMatchObject(event);
    }
  });

  it("redirects is not followed, and the log says where it leads", async () => {
    const target = await startReceiver(() => ({ status: 204 }));
    const { url, heard } = await startReceiver(() => ({ status: 301, headers: { location: target.url } }));
    const { task_id } = await order(url);
    const attempt = await until(
      async () => (await log(task_id))[0]?.attempts.find(({ status }) => status === 301),
      "the redirect is logged",
    );
    await until(() => heard.length >= 2 || null, "it was tried again");
    expect(attempt.error).toContain(
      `Redirects are not followed; this one leads to ${new URL(target.url).origin}/hook?….`,
    );
    expect(target.heard).toEqual([]);
  });

  it("is gone is left alone", async () => {
    const { url, heard } = await startReceiver(() => ({ status: 410 }));
    const { task_id } = await order(url);
    expect((await logged(task_id, "failed")).attempts).toHaveLength(1);
    expect(heard).toHaveLength(1);
  });

  it("hangs delays nothing of the task", async () => {
    const hung: string[] = [];
    const server = createServer((request) => void hung.push(request.url ?? ""));
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    endings.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const { task_id } = await order(`http://127.0.0.1:${port}/`, "late=1");
    await world.call("DELETE", `/v1/videos/${task_id}`);
    await until(() => hung.length > 0 || null, "the receiver hangs");
    await until(
      async () => (await world.video(task_id)).cost.state !== "reserved" || null,
      "MiniMax was looked at",
    );
    const { attempts } = (await log(task_id))[0] as WebhookDelivery;
    expect(attempts.at(-1)?.status).toBeNull();
  });

  it("fails once while MiniMax's answer to the create is awaited is told before that comes", async () => {
    const { url, heard } = await startReceiver((count) => ({ status: count === 1 ? 500 : 204 }));
    const prompt = world.prompt("accept-then=hang");
    let isAnswered = false;
    const creating = world.create({ model, prompt, webhook_url: url }).then(() => {
      isAnswered = true;
    });
    const taskId = await until(async () => {
      const { body } = await world.call<ListVideosResponse>("GET", "/v1/videos");
      return body.data.find((video) => video.prompt === prompt)?.id;
    }, "the order is known");
    await until(async () => (await world.ledger(prompt)).creates === 1 || null, "the create was posted");
    await world.call("DELETE", `/v1/videos/${taskId}`);
    const { attempts } = await logged(taskId, "delivered");
    expect(attempts.map(({ status }) => status)).toEqual([500, 204]);
    expect(isAnswered).toBe(false);
    await creating;
    expect(heard).toHaveLength(2);
  });

  it("was told nothing before every process of the Worker died is told the same message after it", async () => {
    let isUp = false;
    const { url, heard } = await startReceiver(() => ({ status: isUp ? 204 : 503 }));
    const { task_id } = await order(url);
    const [before] = await until(async () => {
      const deliveries = await log(task_id);
      const answered = deliveries[0]?.attempts.filter(({ status }) => status === 503) ?? [];
      return answered.length >= 2 ? deliveries : null;
    }, "it was tried");
    await world.crash();
    isUp = true;
    const heardBefore = heard.length;
    await world.restart();
    const after = await logged(task_id, "delivered");
    expect(after.id).toBe(before?.id);
    expect(heard.length).toBeGreaterThan(heardBefore);
    for (const { headers, body } of heard) {
      expect([headers["webhook-id"], body]).toEqual([before?.id, heard[0]?.body]);
    }
  });
});

describe("an order", () => {
  it("that joins another tells nobody twice", async () => {
    const { url, heard } = await startReceiver(() => ({ status: 204 }));
    const prompt = world.prompt("late=1");
    const first = await order(url, "", prompt);
    const [second, third] = await Promise.all([order(url, "", prompt), order(`${url}2`, "", prompt)]);
    expect([second.task_id, third.task_id]).toEqual([first.task_id, first.task_id]);
    expect([second.ignored_fields, third.ignored_fields]).toEqual([[], ["webhook_url"]]);
    await logged(first.task_id, "delivered");
    expect(await log(first.task_id)).toHaveLength(1);
    expect(heard).toHaveLength(1);
  });

  it("without an address of its own is told at the account's, and signed with both secrets while one is replaced", async () => {
    const { url, heard } = await startReceiver(() => ({ status: 204 }));
    const account = `hooks-${Date.now()}`;
    const key = await makeKey(world.url, "hooks", account);
    const headers = { authorization: `Bearer ${key}` };
    const admin = { authorization: `Bearer ${localSettings.ADMIN_KEY}` };
    await world.call("PATCH", `/v1/admin/accounts/${account}`, { webhook_url: url }, admin);
    const old = (await world.call<WebhookSecret>("GET", "/v1/webhooks/secret", undefined, headers)).body;
    const rotated = (
      await world.call<WebhookSecret>("POST", "/v1/webhooks/secret/rotate", undefined, headers)
    ).body;
    expect(rotated.secret).not.toBe(old.secret);
    await world.create({ model, prompt: world.prompt("instant") }, headers);
    const message = await until(() => heard[0], "the account was told");
    for (const by of [old.secret, rotated.secret]) {
      expect(verified(message, by).type).toBe("video.succeeded");
    }
    expect(() => verified(message, secret)).toThrow();
  });
});
