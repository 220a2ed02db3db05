/*
 * Callbacks at a real receiver: the challenge inside create, the pushes after it, and their bad manners.
 */
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Json, useSimulator, wait } from "./caller.ts";

const caller = useSimulator();
type Heard = { path: string; body: Json; authorization: string | undefined };
let heard: Heard[] = [];
let receiver: Server;
let origin = "";

const echo = (body: Json, response: ServerResponse) => response.end(JSON.stringify(body));
const manners: Record<string, (body: Json, response: ServerResponse) => void> = {
  "/good": echo,
  "/wrong": (_, response) => response.end('{"challenge":"something else"}'),
  "/text": (_, response) => response.end("ok"),
  "/broken": (_, response) => response.writeHead(500).end(),
  "/moved": (_, response) => response.writeHead(307, { Location: "/good" }).end(),
  "/silent": () => {},
};

beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Json;
    heard.push({ path: request.url ?? "", body, authorization: request.headers.authorization });
    if (!body.challenge) return void response.end('{"status":"success"}');
    manners[(request.url ?? "").split("?")[0] ?? ""]?.(body, response);
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
});
afterAll(() => {
  receiver.closeAllConnections();
  receiver.close();
});
beforeEach(() => {
  heard = [];
});

const orderWith = (scenario: string, path = "/good?secret=s1") =>
  caller.order(`called back [sim: ${scenario || "late=1"}]`, { callback_url: origin + path });
const pushes = () => heard.filter(({ body }) => !("challenge" in body));
const heardStatuses = () => pushes().map(({ body }) => body.status);

describe("the challenge", () => {
  it("comes before anything is accepted, and is unsigned", async () => {
    await orderWith("stall callback-none");
    expect(heard).toEqual([
      { path: "/good?secret=s1", body: { challenge: expect.any(String) }, authorization: undefined },
    ]);
  });

  it.each(["/wrong", "/text", "/broken", "/moved", "/silent", "unreachable"])(
    "fails the create with 2013 at a receiver that is %s",
    async (path) => {
      const callback_url = path === "unreachable" ? "http://127.0.0.1:1/" : origin + path;
      const prompt = `not called back ${path}`;
      const answer = await caller.createJson({ model: "MiniMax-Hailuo-02", prompt, callback_url });
      expect(answer).toEqual({
        base_resp: { status_code: 2013, status_msg: "invalid params, fail to check callback url" },
      });
      expect(await caller.ledger(prompt)).toMatchObject({ creates: 1, accepted: 0 });
      expect(pushes()).toEqual([]);
    },
  );
});

describe("pushes", () => {
  it("tell processing and success in lower case, with the file", async () => {
    const taskId = await orderWith("");
    const { file_id } = await caller.finish(taskId);
    await expect.poll(() => pushes().length).toBe(2);
    const base_resp = { status_code: 0, status_msg: "success" };
    expect(pushes().map(({ body }) => body)).toEqual([
      { task_id: taskId, status: "processing", file_id: "", base_resp },
      { task_id: taskId, status: "success", file_id, base_resp },
    ]);
    const { tasks } = await caller.ledger("called back");
    expect(tasks.find((task: Json) => task.task_id === taskId)).toMatchObject({
      callbacks_sent: 2,
      callback_url: `${origin}/good?secret=s1`,
    });
  });

  it("tell a failure as failed, with its code", async () => {
    await orderWith("fail=1027");
    await expect.poll(heardStatuses).toEqual(["processing", "failed"]);
    expect(pushes()[1]?.body.base_resp.status_code).toBe(1027);
  });

  it.each<[string, string[]]>([
    ["instant", ["processing", "success"]],
    ["stall", ["processing"]],
    ["callback-none", []],
    ["callback-reorder", ["success", "processing"]],
    ["callback-storm=3", ["processing", "processing", "processing", "success", "success", "success"]],
    ["callback-early", ["processing", "processing", "success"]],
    ["callback-unchecked", ["processing", "success"]],
  ])("told %s", async (scenario, statuses) => {
    await orderWith(scenario);
    await wait(250);
    expect(heardStatuses()).toEqual(statuses);
  });

  it("told callback-early overtake the answer to the create", async () => {
    const answer = orderWith("callback-early create-delay=200 stall");
    await expect.poll(() => pushes().length).toBeGreaterThan(0);
    const early = pushes()[0]?.body.task_id;
    expect(await answer).toBe(early);
  });

  it("told callback-late come late", async () => {
    await orderWith("instant callback-late=300");
    await wait(150);
    expect(pushes()).toEqual([]);
    await expect.poll(heardStatuses).toEqual(["processing", "success"]);
  });

  it("told callback-forged include a wrong secret and an unknown task", async () => {
    const taskId = await orderWith("callback-forged");
    await expect.poll(() => pushes().length).toBe(4);
    const wrongSecret = pushes().filter(({ path }) => path !== "/good?secret=s1");
    expect(wrongSecret).toHaveLength(1);
    expect(wrongSecret[0]?.path).toMatch(/^\/good\?secret=/);
    const unknown = pushes().filter(({ body }) => body.task_id !== taskId);
    expect(unknown).toHaveLength(1);
    expect((await caller.queryJson(unknown[0]?.body.task_id)).base_resp.status_code).toBe(2013);
  });

  it("told callback-unchecked send no challenge", async () => {
    await orderWith("callback-unchecked", "/broken");
    await expect.poll(heardStatuses).toEqual(["processing", "success"]);
    expect(heard.length).toBe(2);
  });

  it("are not sent again when the receiver fails, nor after a reset", async () => {
    await orderWith("late=4 callback-unchecked", "/silent");
    await caller.send("/simulator/reset", { method: "POST" });
    await wait(250);
    expect(pushes()).toEqual([]);
  });
});
