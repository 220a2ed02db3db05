/**
 * Cancelling in each state of a task, also while an answer of MiniMax's is under way: the caller is told at once, and
 * the money ends as MiniMax's verdict says. What nobody wants is not kept.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CreateVideoResponse, DeleteVideoResponse, Video } from "../../src/contract.ts";
import { startWorld, until, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
});
afterAll(() => world.stop());

const model = "MiniMax-Hailuo-2.3";
type Ledger = Awaited<ReturnType<World["ledger"]>>;

/** Orders under a key of its own, so that the task is known although its create is not answered yet. */
async function ordered(prompt: string, reached: (ledger: Ledger) => boolean): Promise<string> {
  const headers = { "idempotency-key": crypto.randomUUID() };
  const creating = world.create({ model, prompt }, headers);
  creating.catch(() => {});
  await until(async () => reached(await world.ledger(prompt)), "the state was reached");
  const { body } = await world.call<{ data: Video[] }>("GET", "/v1/videos?limit=100");
  const video = body.data.find((one) => one.prompt === prompt);
  return video?.id ?? ((await creating) as { body: CreateVideoResponse }).body.task_id;
}

const cases: [
  title: string,
  scenario: string,
  reached: (ledger: Ledger) => boolean,
  end: string,
  billed: number,
][] = [
  ["waits for its turn", "refuse=2056x1", (ledger) => ledger.creates === 1, "released", 0],
  ["is being submitted", "create-delay=1500", (ledger) => ledger.tasks.length === 1, "settled", 1],
  [
    "is being submitted and will be refused",
    "create-delay=1 refuse=1026",
    (ledger) => ledger.creates === 1,
    "released",
    0,
  ],
  [
    "is unconfirmed, and found by a push",
    "accept-then=drop",
    (ledger) => ledger.tasks.length === 1,
    "settled",
    1,
  ],
  ["is generating", "late=2", (ledger) => ledger.tasks.length === 1, "settled", 1],
  ["is generating, and will fail", "late=2 fail=1027", (ledger) => ledger.tasks.length === 1, "released", 0],
  [
    "is looked at, and the answer hangs",
    "query-hang=1",
    (ledger) => (ledger.tasks[0]?.queries ?? 0) >= 1,
    "settled",
    1,
  ],
  [
    "is looked at, and the answer is an error",
    "query-http=503x3 late=2",
    (ledger) => (ledger.tasks[0]?.queries ?? 0) >= 1,
    "settled",
    1,
  ],
  [
    "is being stored",
    "instant file-slow=20000",
    (ledger) => (ledger.tasks[0]?.downloads ?? 0) >= 1,
    "settled",
    1,
  ],
];

describe.concurrent("a task that is cancelled while it", () => {
  it.each(cases)("%s", async (_title, scenario, reached, end, billed) => {
    const prompt = world.prompt(scenario);
    const taskId = await ordered(prompt, reached);
    const path = `/v1/videos/${taskId}`;
    const cancelled = await world.call<DeleteVideoResponse>("DELETE", path);
    // Refused before the cancel came: then it is over, and is removed instead.
    if (cancelled.body.deleted) {
      expect(scenario).toContain("refuse=1026");
      expect(cancelled.body.cost.state).toBe("released");
      return;
    }
    expect(cancelled.body).toMatchObject({
      cancelled: true,
      cost: { state: expect.stringMatching(/reserved|released|settled/) },
    });
    expect((await world.query(taskId)).body).toMatchObject({
      status: "Fail",
      error: "The video was cancelled.",
    });
    expect((await world.call("GET", `/v1/videos/download/${taskId.replace("task_", "file_")}`)).status).toBe(
      410,
    );

    await until(async () => (await world.video(taskId)).cost.state === end, `its money was ${end}`);
    await until(async () => (await world.ledger(prompt)).billed === billed, `${billed} were billed`);
    expect(await world.video(taskId)).toMatchObject({
      status: "failed",
      error: { code: "cancelled" },
      file_id: null,
    });
    expect((await world.ledger(prompt)).tasks.length).toBeLessThanOrEqual(1);

    expect((await world.call("DELETE", path)).body).toMatchObject({ deleted: true });
    expect((await world.call("GET", path)).status).toBe(404);
  });
});
