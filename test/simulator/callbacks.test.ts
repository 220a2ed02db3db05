/*
 * Callbacks at a real receiver: the challenge inside create, the pushes after it, and their bad manners.
 */
import { describe, expect, it } from "vitest";
import { type Json, textBody, useSimulator, wait } from "./caller.ts";
import { useReceiver } from "./receiver.ts";

const caller = useSimulator();
const { heard, pushes, origin } = useReceiver();

const orderWith = (scenario: string, path = "/good?secret=s1") =>
  caller.order(`called back [sim: ${scenario || "late=1"}]`, { callback_url: origin() + path });
const heardStatuses = () => pushes().map(({ body }) => body.status);

describe("the challenge", () => {
  it("comes before anything is accepted, and is unsigned", async () => {
    await orderWith("stall callback-none");
    expect(heard()).toEqual([
      { path: "/good?secret=s1", body: { challenge: expect.any(String) }, authorization: undefined },
    ]);
  });

  it.each(["/wrong", "/text", "/broken", "/moved", "/silent", "unreachable"])(
    "fails the create with 2013 at a receiver that is %s",
    async (path) => {
      const callback_url = path === "unreachable" ? "http://127.0.0.1:1/" : origin() + path;
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
      callback_url: `${origin()}/good?secret=s1`,
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
    expect(heard().length).toBe(2);
  });

  it("are not sent again when the receiver fails, nor after a reset", async () => {
    await orderWith("late=4 callback-unchecked", "/silent");
    await caller.send("/simulator/reset", { method: "POST" });
    await wait(250);
    expect(pushes()).toEqual([]);
  });
});

describe("on V2", () => {
  const orderV2 = (scenario: string, path = "/good?secret=s2") =>
    caller.v2.order(`called back [sim: ${scenario || "late=1"}]`, { callback_url: origin() + path });
  const statuses = () => pushes().map(({ body }) => body.task.status);

  it("the challenge comes before anything is accepted, and its failure is a 400", async () => {
    await orderV2("stall callback-none");
    expect(heard()).toEqual([
      { path: "/good?secret=s2", body: { challenge: expect.any(String) }, authorization: undefined },
    ]);
    const callback_url = `${origin()}/wrong`;
    const response = await caller.v2.create({ ...textBody("not called back on V2"), callback_url });
    expect(response.status).toBe(400);
    expect(((await response.json()) as Json).error.message).toBe(
      "invalid params, fail to check callback url (2013)",
    );
    expect(await caller.ledger("not called back on V2")).toMatchObject({ creates: 1, accepted: 0 });
  });

  it("pushes are the answers to queries, with an address that works", async () => {
    const taskId = await orderV2("");
    const task = await caller.v2.finish(taskId);
    await expect.poll(statuses).toEqual(["queued", "running", "succeeded"]);
    const content = { url: expect.stringContaining("/output.mp4?") };
    expect(pushes().at(-1)?.body).toEqual({ task: { ...task, content } });
    expect((await fetch(pushes().at(-1)?.body.task.content.url)).status).toBe(200);
    expect(pushes()[0]?.body.task).toMatchObject({ id: taskId, usage: {} });
    expect(pushes()[0]?.body.task).not.toHaveProperty("content");
  });

  it("a push of a failure has its error", async () => {
    await orderV2("fail=1027");
    await expect.poll(statuses).toEqual(["queued", "running", "failed"]);
    expect(pushes().at(-1)?.body.task.error.code).toBe("1027");
  });

  it.each<[string, string[]]>([
    ["instant", ["queued", "running", "succeeded"]],
    ["stall", ["queued", "running"]],
    ["queue=60000", ["queued"]],
    ["expired", ["queued", "running", "expired"]],
    ["callback-none", []],
    ["callback-reorder", ["succeeded", "running", "queued"]],
    ["callback-storm=2", ["queued", "queued", "running", "running", "succeeded", "succeeded"]],
    ["callback-early", ["running", "queued", "running", "succeeded"]],
    ["callback-unchecked", ["queued", "running", "succeeded"]],
  ])("pushes told %s", async (scenario, expected) => {
    await orderV2(scenario);
    await wait(350);
    expect(statuses()).toEqual(expected);
  });

  it("pushes told callback-forged include a wrong secret and an unknown task", async () => {
    const taskId = await orderV2("callback-forged");
    await expect.poll(() => pushes().length).toBe(5);
    expect(pushes().filter(({ path }) => path !== "/good?secret=s2")).toHaveLength(1);
    const unknown = pushes().filter(({ body }) => body.task.id !== taskId);
    expect(unknown).toHaveLength(1);
    expect((await caller.v2.query(unknown[0]?.body.task.id)).status).toBe(400);
  });

  it("a cancel is pushed, and nothing that was planned after it", async () => {
    const taskId = await orderV2("queue=200");
    await expect.poll(statuses).toEqual(["queued"]);
    await caller.v2.remove(taskId);
    await wait(400);
    expect(statuses()).toEqual(["queued", "cancelled"]);
  });

  it("the limit of tasks in flight holds when many wait for their receivers at once", async () => {
    const put = (body: object) =>
      caller.send("/simulator/settings", { method: "PUT", body: JSON.stringify(body) });
    await caller.send("/simulator/reset", { method: "POST" });
    await put({ tasksInFlight: 1 });
    const body = { ...textBody("at once [sim: stall callback-none]"), callback_url: `${origin()}/good` };
    const answers = await Promise.all([1, 2, 3].map(() => caller.v2.create(body)));
    await put({ tasksInFlight: 30 });
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 429, 429]);
    expect(heard()).toHaveLength(3);
  });
});
