/** `callback_url` of MiniMax's two dialects, to real receivers: challenged before anything is paid, told of the end. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { localSettings } from "../../scripts/worker.ts";
import type { CreatedApiKey, ListWebhookDeliveriesResponse } from "../../src/contract.ts";
import { startWorld, until, type World } from "./world.ts";

type Created = { task_id: string; base_resp: { status_code: number; status_msg: string } };
type Push = { challenge?: string; task_id?: string; status?: string; task?: { content?: { url: string } } };

let world: World;
const endings: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
});
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});
afterAll(() => world.stop());

const model = "MiniMax-Hailuo-2.3";

/** A receiver like the sample of MiniMax's documentation; `challenged` answers a challenge otherwise. */
async function startReceiver(challenged?: (response: ServerResponse, text: string) => void) {
  const heard: Push[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    let text = "";
    for await (const piece of request) text += piece;
    const push = JSON.parse(text) as Push;
    heard.push(push);
    if (push.challenge !== undefined && challenged !== undefined) return challenged(response, text);
    const answer = push.challenge === undefined ? { status: "success" } : { challenge: push.challenge };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  };
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endings.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`;
  return { url, heard, pushes: () => heard.filter(({ challenge }) => challenge === undefined) };
}

const create = async (prompt: string, callback_url: string) =>
  (await world.call<Created>("POST", "/v1/video_generation", { model, prompt, callback_url })).body;

describe("a receiver that gives the challenge back", () => {
  it.each([
    ["instant", { status: "success", base_resp: { status_code: 0, status_msg: "success" } }],
    ["instant fail=1027", { status: "failed", file_id: "", base_resp: { status_code: 1027 } }],
    ["instant fail=none", { status: "failed", file_id: "", base_resp: { status_code: 0 } }],
  ])("is told in MiniMax's words how it ended: %s", async (scenario, expected) => {
    const receiver = await startReceiver();
    const { task_id, base_resp } = await create(world.prompt(scenario), receiver.url);
    expect(base_resp.status_code).toBe(0);
    expect(receiver.heard[0]).toEqual({ challenge: expect.any(String) });
    await until(async () => receiver.pushes().length > 0, "it is told");
    const query = await world.call<object>("GET", `/v1/query/video_generation?task_id=${task_id}`);
    const [push] = receiver.pushes();
    expect(push).toMatchObject({ task_id, ...expected });
    expect({ ...push, status: "" }).toEqual({ ...query.body, status: "" });
    const told = await world.call<ListWebhookDeliveriesResponse>("GET", `/v1/videos/${task_id}/webhooks`);
    expect(told.body.data).toHaveLength(1);
  });

  it("is told once of what was ordered twice, since the answer was lost", async () => {
    const receiver = await startReceiver();
    const prompt = world.prompt("instant");
    const first = await create(prompt, receiver.url);
    expect((await create(prompt, receiver.url)).task_id).toBe(first.task_id);
    await world.untilOver(first.task_id);
    await until(async () => receiver.pushes().length > 0, "it is told");
    expect(receiver.pushes()).toHaveLength(1);
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 1 });
  });
});

describe("a receiver that answers no challenge any more", () => {
  const silent = () => startReceiver((response) => response.writeHead(500).end());

  it.each([
    ["with its Idempotency-Key", { "idempotency-key": "again" }, "idempotent-replayed"],
    ["without a key", {}, "filmgate-joined"],
  ])("is not asked by a create that is repeated %s, which is answered", async (_title, headers, told) => {
    const prompt = world.prompt();
    const receiver = await startReceiver();
    const repeat = (callback_url: string) => {
      const body = { model, prompt, callback_url };
      return world.call<Created>("POST", "/v1/video_generation", body, headers);
    };
    const first = await repeat(receiver.url);
    const dead = await silent();
    const again = await repeat(dead.url);
    expect(again.body).toMatchObject({ task_id: first.body.task_id, base_resp: { status_code: 0 } });
    expect(again.headers.get(told)).toBe("true");
    expect(dead.heard).toEqual([]);
    expect(receiver.heard.filter(({ challenge }) => challenge !== undefined)).toHaveLength(1);
    expect((await world.ledger(prompt)).creates).toBe(1);
  });
});

it("an order that a cap refuses calls nobody", async () => {
  const authorization = `Bearer ${localSettings.ADMIN_KEY}`;
  const poor = { name: "poor", account: "poor", caps: { usd_per_day: 0.1 } };
  const { key } = (await world.call<CreatedApiKey>("POST", "/v1/admin/keys", poor, { authorization })).body;
  const receiver = await startReceiver();
  const body = { model, prompt: world.prompt(), callback_url: receiver.url };
  const headers = { authorization: `Bearer ${key}` };
  const refused = await world.call<Created>("POST", "/v1/video_generation", body, headers);
  expect(refused.body).toMatchObject({ task_id: "", base_resp: { status_code: 1008 } });
  expect(receiver.heard).toEqual([]);
});

describe("a receiver of MiniMax's V2", () => {
  const order = async (prompt: string, callback_url: string) => {
    const content = [{ type: "text", text: prompt }];
    const body = { model: "MiniMax-H3", content, resolution: "768P", duration: 4, callback_url };
    return world.call<{ task_id: string; error?: { message: string } }>("POST", "/v2/video_generation", body);
  };

  it.each([
    ["instant", { status: "succeeded", usage: { output_seconds: 4 } }],
    ["instant fail=1027", { status: "failed", error: { code: "1027" }, usage: {} }],
  ])("is told what a query would tell: %s", async (scenario, expected) => {
    const receiver = await startReceiver();
    const { status, body } = await order(world.prompt(scenario), receiver.url);
    expect(status).toBe(200);
    expect(receiver.heard[0]).toEqual({ challenge: expect.any(String) });
    await until(async () => receiver.pushes().length > 0, "it is told");
    const query = await world.call<Push>("GET", `/v2/query/video_generation/${body.task_id}`);
    const [push] = receiver.pushes();
    expect(push?.task).toMatchObject({ id: body.task_id, ...expected });
    const link = push?.task?.content?.url;
    expect(link === undefined ? null : (await fetch(link)).status).toBe(
      query.body.task?.content === undefined ? null : 200,
    );
    // Each answer signs a link of its own.
    const unsigned = ({ task }: Push) => ({ ...task, content: undefined });
    expect(unsigned(push ?? {})).toEqual(unsigned(query.body));
  });

  it("that does not answer the challenge is refused, and nothing is ordered", async () => {
    const receiver = await startReceiver((response) => response.writeHead(500).end());
    const prompt = world.prompt("instant");
    const { status, body } = await order(prompt, receiver.url);
    expect(status).toBe(400);
    expect(body.error?.message).toMatch(/^invalid params, fail to check callback url.*\(2013\)$/);
    expect((await world.ledger(prompt)).creates).toBe(0);
  });
});

describe("a receiver is refused, and nothing is ordered, when it answers", () => {
  it.each<[title: string, challenged: (response: ServerResponse, text: string) => void]>([
    ["something else", (response) => response.end('{"challenge": "guess"}')],
    ["with an error", (response, text) => response.writeHead(500).end(text)],
    ["with a redirect", (response) => response.writeHead(307, { location: world.url }).end()],
    ["not within 3 seconds", () => {}],
  ])("the challenge %s", async (_title, challenged) => {
    const receiver = await startReceiver(challenged);
    const prompt = world.prompt("instant");
    expect(await create(prompt, receiver.url)).toEqual({
      task_id: "",
      base_resp: {
        status_code: 2013,
        status_msg: expect.stringMatching(/^invalid params, fail to check callback url/),
      },
    });
    expect(receiver.heard).toHaveLength(1);
    expect((await world.ledger(prompt)).creates).toBe(0);
  });
});
