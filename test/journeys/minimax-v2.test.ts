/** The dialect MiniMax V2, from the order to the bytes and the bill; and what its DELETE does in each state. */

import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UploadedFile } from "../../src/contract.ts";
import { film, wav } from "../simulator/media.ts";
import { type Ledger, startWorld, until, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
});
afterAll(() => world.stop());

type Task = Record<string, unknown> & { status: string; content?: { url: string } };
type Failure = { error: { message: string; type: string; http_code: string } };

const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const create = (prompt: string, fields: Record<string, unknown> = {}, media: unknown[] = []) =>
  world.call<{ task_id: string } & Failure>("POST", "/v2/video_generation", {
    ...{ model: "MiniMax-H3", resolution: "768P", duration: 5 },
    content: [{ type: "text", text: prompt }, ...media],
    ...fields,
  });
const query = (taskId: string) =>
  world.call<{ task: Task } & Failure>("GET", `/v2/query/video_generation/${taskId}`);
const list = async (parameters: string) =>
  (await world.call<{ items: Task[]; total: number }>("GET", `/v2/query/video_generation?${parameters}`))
    .body;
const dismiss = (taskId: string) =>
  world.call<{ task_id: string; action: string; status: string } & Failure>(
    "DELETE",
    `/v2/video_generation/${taskId}`,
  );

async function untilStatus(taskId: string, ...wanted: string[]): Promise<Task> {
  let task: Task = { status: "" };
  await until(
    async () => {
      task = (await query(taskId)).body.task;
      return wanted.includes(task.status);
    },
    `${taskId} is ${wanted.join(" or ")}`,
  );
  return task;
}

async function ordered(scenario: string, fields: Record<string, unknown> = {}) {
  const prompt = world.prompt(scenario);
  const { status, body } = await create(prompt, fields);
  expect(status, JSON.stringify(body)).toBe(200);
  return { prompt, taskId: body.task_id };
}

describe.concurrent("a video", () => {
  it("is ordered, waited for, played, listed, and deleted with its link", async () => {
    const prompt = world.prompt();
    const first = await create(prompt, { ratio: "9:16" });
    expect((await create(prompt, { ratio: "9:16" })).body).toEqual(first.body);
    const { task_id } = first.body;
    const pending = (await query(task_id)).body.task;
    expect(["queued", "running"]).toContain(pending.status);
    expect(pending).toMatchObject({ usage: {}, ratio: "9:16" });
    expect(pending).not.toHaveProperty("content");
    const task = await untilStatus(task_id, "succeeded");
    expect(task).toMatchObject({
      usage: { total_seconds: 5, input_seconds: 0, output_seconds: 5, input_image_count: 0 },
      ...{ resolution: "768P", duration: 5, task_type: "generation", modality: "video" },
    });
    const link = String(task.content?.url);
    const response = await fetch(link);
    expect(response.headers.get("content-type")).toBe("video/mp4");
    const { creates, billed, tasks } = await world.ledger(prompt);
    expect([creates, billed, tasks[0]?.sha256]).toEqual([1, 1, hashOf(await response.bytes())]);
    await until(
      async () => (await list(`filter.status=succeeded&filter.task_ids=${task_id}`)).total === 1,
      "the account has heard of it",
    );
    const { items } = await list(`filter.task_ids=${task_id}`);
    expect(items).toMatchObject([{ id: task_id, content: { url: expect.stringMatching(/^http/) } }]);
    expect((await dismiss(task_id)).body).toEqual({ task_id, action: "deleted", status: "succeeded" });
    expect((await query(task_id)).status).toBe(404);
    expect((await dismiss(task_id)).status).toBe(404);
    await until(async () => (await fetch(link)).status === 404, "its link has ended");
  });

  it("goes by an uploaded film, named mm_file://, and by a sound within the order", async () => {
    const [movie, sound] = [film(4), wav(2)];
    const { body: upload } = await world.call<UploadedFile>("POST", "/v1/files", movie, {
      "content-type": "application/octet-stream",
    });
    const audio = `data:audio/wav;base64,${Buffer.from(sound).toString("base64")}`;
    const prompt = world.prompt("instant");
    const { body, status } = await create(prompt, {}, [
      { type: "audio_url", audio_url: { url: audio }, role: "reference_audio" },
      { type: "video_url", video_url: { url: `mm_file://${upload.id}` }, role: "reference_video" },
      { type: "image_url", image_url: { url: "https://example.com/photo.jpg" }, role: "reference_image" },
    ]);
    expect(status, JSON.stringify(body)).toBe(200);
    const task = await untilStatus(body.task_id, "succeeded");
    expect(task).toMatchObject({
      ratio: "adaptive",
      usage: { total_seconds: 9, input_seconds: 4, output_seconds: 5, input_image_count: 1 },
    });
    const { tasks } = (await world.ledger(prompt)) as Ledger & {
      tasks: { reference_sha256s: (string | null)[] }[];
    };
    expect(tasks[0]?.reference_sha256s).toEqual([null, hashOf(movie), hashOf(sound)]);
  });

  it("that MiniMax refuses is a refused create, with MiniMax's number", async () => {
    const { status, body } = await create(world.prompt("refuse=1026"));
    expect(status).toBe(422);
    expect(body.error).toEqual({
      type: "unprocessable_entity_error",
      message: expect.stringMatching(/sensitive\. .* MiniMax: video description .* content \(1026\)$/),
      http_code: "422",
    });
  });

  it.each([
    ["instant fail=1027", "1027"],
    ["instant fail=none", "1000"],
  ])("that failed tells why, and is deleted once: %s", async (scenario, code) => {
    const { taskId } = await ordered(scenario);
    const task = await untilStatus(taskId, "failed");
    expect(task).toMatchObject({ error: { code, message: expect.stringMatching(/charged/) }, usage: {} });
    expect((await dismiss(taskId)).body).toMatchObject({ action: "deleted", status: "failed" });
    expect((await dismiss(taskId)).status).toBe(404);
  });
});

describe.concurrent("a DELETE", () => {
  const cost = async (taskId: string) => (await world.video(taskId)).cost.state;

  it("cancels what is queued at MiniMax, for nothing; and repeated it deletes nothing", async () => {
    const { prompt, taskId } = await ordered("queue=20000");
    expect((await query(taskId)).body.task.status).toBe("queued");
    expect((await dismiss(taskId)).body).toEqual({
      task_id: taskId,
      action: "cancelled",
      status: "cancelled",
    });
    const again = await dismiss(taskId);
    expect([again.status, again.body.error.type]).toEqual([400, "bad_request_error"]);
    expect((await query(taskId)).body.task.status).toBe("cancelled");
    expect(await world.ledger(prompt)).toMatchObject({ billed: 0, tasks: [{ state: "cancelled" }] });
    expect(await cost(taskId)).toBe("released");
    expect(await list(`filter.status=cancelled&filter.task_ids=${taskId}`)).toMatchObject({ total: 1 });
  });

  it.each<[title: string, fields: Record<string, unknown>]>([
    ["MiniMax has begun, however lately", {}],
    ["MiniMax has begun with H3-Max", { model: "MiniMax-H3-Max" }],
  ])("leaves alone what %s", async (_title, fields) => {
    const { prompt, taskId } = await ordered("late=3", fields);
    await until(async () => (await world.ledger(prompt)).tasks[0]?.state === "running", "it runs");
    const { status, body } = await dismiss(taskId);
    expect(status).toBe(400);
    expect(body.error.message).toMatch(/^task_id: a task that is running can be neither .*\(2013\)$/);
    expect((await query(taskId)).body.task.status).toBe("running");
    await untilStatus(taskId, "succeeded");
    expect(await cost(taskId)).toBe("settled");
  });

  it("leaves alone a model's video that MiniMax has and cannot let go of", async () => {
    const prompt = world.prompt();
    const { body } = await world.create({ model: "MiniMax-Hailuo-2.3", prompt });
    expect((await query(body.task_id)).body.task.status).toBe("running");
    expect((await dismiss(body.task_id)).status).toBe(400);
    await untilStatus(body.task_id, "succeeded");
  });

  it("that MiniMax does not take can be repeated", async () => {
    const { taskId } = await ordered("queue=30000 delete-http=502");
    const { status, body } = await dismiss(taskId);
    expect([status, body.error.message]).toEqual([400, expect.stringMatching(/did not say/)]);
    expect((await query(taskId)).body.task.status).toBe("queued");
    expect((await dismiss(taskId)).body).toMatchObject({ action: "cancelled" });
    expect(await cost(taskId)).toBe("released");
  });

  it("whose answer from MiniMax was lost is told once it is known, and costs nothing", async () => {
    const { prompt, taskId } = await ordered("queue=30000 delete-then=drop");
    const { status, body } = await dismiss(taskId);
    expect([status, body.error.message]).toEqual([400, expect.stringMatching(/did not say/)]);
    await untilStatus(taskId, "cancelled");
    expect(await cost(taskId)).toBe("released");
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 0 });
  });

  it("while the create is under way waits for it, and then cancels what it made", async () => {
    const prompt = world.prompt("create-delay=1000 queue=500000");
    const creating = create(prompt, { model: "MiniMax-H3-Max" });
    let taskId = "";
    await until(async () => {
      const { items } = await list("filter.status=queued&filter.model=MiniMax-H3-Max");
      taskId = String(items[0]?.id ?? "");
      return taskId !== "" && (await world.ledger(prompt)).creates === 1;
    }, "it is being submitted");
    expect((await query(taskId)).body.task.status).toBe("queued");
    expect((await dismiss(taskId)).body).toMatchObject({ action: "cancelled", status: "cancelled" });
    expect((await creating).body.task_id).toBe(taskId);
    expect(await world.ledger(prompt)).toMatchObject({ billed: 0, tasks: [{ state: "cancelled" }] });
  });

  it("sent five times at once cancels once", async () => {
    const { prompt, taskId } = await ordered("queue=20000");
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => dismiss(taskId)));
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    expect((await query(taskId)).body.task.status).toBe("cancelled");
    expect(await world.ledger(prompt)).toMatchObject({ billed: 0, tasks: [{ state: "cancelled" }] });
    expect(await cost(taskId)).toBe("released");
  });
});

describe("an order that waits its turn", () => {
  const limit = async (requestsPerMinuteV2: number | null) => {
    const body = JSON.stringify({ requestsPerMinuteV2 });
    const answer = await fetch(`${world.simulator.url}/simulator/settings`, { method: "PUT", body });
    expect(answer.ok, await answer.text()).toBe(true);
  };

  it("is queued, and a DELETE keeps it from ever being sent", async () => {
    await limit(0);
    const { prompt, taskId } = await ordered("");
    expect((await query(taskId)).body.task.status).toBe("queued");
    expect((await dismiss(taskId)).body).toMatchObject({ action: "cancelled", status: "cancelled" });
    await limit(null);
    expect((await world.video(taskId)).cost.state).toBe("released");
    expect((await world.ledger(prompt)).tasks).toEqual([]);
  });
});
