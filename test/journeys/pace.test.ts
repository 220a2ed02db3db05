/**
 * MiniMax's limits under a burst: nobody runs into them who knows them, few do who do not, everyone's video lands,
 * each is billed once, and accounts take turns. A minute of MiniMax's lasts six tenths of a second here.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeKey } from "../../scripts/worker.ts";
import type { CreateVideoResponse, QueryVideoResponse } from "../../src/contract.ts";
import { startWorld, type World } from "./world.ts";

const model = "MiniMax-Hailuo-2.3";

/** Orders so many videos at once, each with a prompt of its own that begins with the same words. */
async function burst(world: World, count: number, words: string, key = world.key): Promise<string[]> {
  const headers = { authorization: `Bearer ${key}` };
  const created = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      world.create({ model, prompt: `${words} [sim: instant] ${index}` }, headers),
    ),
  );
  expect(created.map(({ status }) => status)).toEqual(created.map(() => 200));
  return created.map(({ body }) => body.task_id);
}

async function allLand(world: World, taskIds: readonly string[], key = world.key): Promise<void> {
  const over = await Promise.all(taskIds.map((taskId) => world.untilOver(taskId, { key })));
  expect(over.filter(({ status }) => status !== "Success")).toEqual([]);
}

describe("where MiniMax's limit is set", () => {
  const perMinute = 6;
  let world: World;
  beforeAll(async () => {
    world = await startWorld({
      callbacks: "none",
      settings: { MINIMAX_REQUESTS_PER_MINUTE: String(perMinute) },
    });
    await world.limit(perMinute);
  });
  afterAll(() => world.stop());

  it("a burst meets no refusal, and every video lands and is billed once", async () => {
    const words = world.prompt();
    await allLand(world, await burst(world, 50, words));
    expect(await world.ledger(words)).toMatchObject({ creates: 50, accepted: 50, billed: 50, refused: [] });
  });

  it("two accounts take turns, whoever came first with however many", async () => {
    const words = world.prompt();
    const other = await makeKey(world.url, "other", "other");
    const [many, few] = await Promise.all([
      burst(world, 40, `${words} many`),
      burst(world, 6, `${words} few`, other),
    ]);
    await Promise.all([allLand(world, many), allLand(world, few, other)]);
    const { tasks, refused } = await world.ledger(words);
    expect(refused).toEqual([]);
    const order = tasks.map(({ prompt }) => (prompt.includes(" few ") ? "few" : "many"));
    // In the order of their coming the few would be the last.
    expect(order.slice(order.lastIndexOf("few") + 1).length).toBeGreaterThan(5);
  });

  it("cancelling in line ends the task with nothing sent, and lets the others move up", async () => {
    const words = world.prompt();
    const taskIds = await burst(world, 40, words);
    const others = taskIds.filter((_, index) => index % 2 === 0);
    const cancelled = await Promise.all(
      taskIds
        .filter((taskId) => !others.includes(taskId))
        .map(async (taskId) => {
          const { body } = await world.call<{ cost: { state: string } }>("DELETE", `/v1/videos/${taskId}`);
          return { taskId, state: body.cost.state };
        }),
    );
    await allLand(world, others);
    const { creates, refused } = await world.ledger(words);
    const unsent = cancelled.filter(({ state }) => state === "released");
    expect(unsent.length).toBeGreaterThan(0);
    expect(creates).toBe(40 - unsent.length);
    expect(refused).toEqual([]);
  });

  it("a crash in the middle of the line loses nobody", async () => {
    const words = world.prompt();
    const taskIds = await burst(world, 40, words);
    await world.crash();
    await world.restart();
    const over = await Promise.all(taskIds.map((taskId) => world.untilOver(taskId)));
    // Where the crash took an answer away nobody can know, and nobody pays again.
    const lost = over.filter(({ status }) => status !== "Success");
    expect(lost.every(({ error }) => error?.includes("was lost"))).toBe(true);
    const ledger = await world.ledger(words);
    expect(ledger.billed).toBe(ledger.tasks.length);
    expect(new Set(ledger.tasks.map(({ prompt }) => prompt)).size).toBe(ledger.tasks.length);
    expect(over.length - lost.length).toBeGreaterThan(20);
  });
});

describe("where as many tasks may be in flight as the setting says", () => {
  it("a place in line is told, and becomes smaller", async () => {
    const world = await startWorld({ callbacks: "none", settings: { MINIMAX_TASKS_IN_FLIGHT: "1" } });
    try {
      // As long as the first is under way nobody moves, however slow this machine is.
      const prompts = ["late=10", "instant", "instant", "instant", "instant"].map(world.prompt);
      const taskIds: string[] = [];
      for (const prompt of prompts) taskIds.push((await world.create({ model, prompt })).body.task_id);
      const last = String(taskIds.at(-1));
      const seen: number[] = [];
      let answer: QueryVideoResponse;
      do {
        answer = (await world.query(last)).body;
        if (answer.queue_position === undefined) continue;
        expect(answer.status).toBe("Queueing");
        seen.push(answer.queue_position);
      } while (answer.status === "Preparing" || answer.queue_position !== undefined);
      expect(seen[0]).toBe(4);
      expect(seen).toEqual([...seen].sort((one, other) => other - one));
      await allLand(world, taskIds);
      expect(await world.video(last)).toMatchObject({ status: "completed", queue_position: null });
    } finally {
      await world.stop();
    }
  });

  it("never more are, and all land", async () => {
    const world = await startWorld({ callbacks: "none", settings: { MINIMAX_TASKS_IN_FLIGHT: "3" } });
    try {
      const words = world.prompt();
      const created = await Promise.all(
        Array.from({ length: 9 }, (_, index) => world.create({ model, prompt: `${words} ${index}` })),
      );
      let most = 0;
      const landing = allLand(
        world,
        created.map(({ body }: { body: CreateVideoResponse }) => body.task_id),
      ).then(() => true);
      while (!(await Promise.race([landing, new Promise((resolve) => setTimeout(resolve, 50, false))]))) {
        const { tasks } = await world.ledger(words);
        most = Math.max(most, tasks.filter(({ state }) => state !== "Success").length);
      }
      expect(most).toBeGreaterThan(0);
      expect(most).toBeLessThanOrEqual(3);
      expect(await world.ledger(words)).toMatchObject({ creates: 9, billed: 9, refused: [] });
    } finally {
      await world.stop();
    }
  });
});

describe("where no limit is set", () => {
  it("a burst meets MiniMax's own with a few creates, learns it, and lands", async () => {
    const world = await startWorld({ callbacks: "none" });
    try {
      await world.limit(4);
      const words = world.prompt();
      const taskIds = await burst(world, 30, words);
      await allLand(world, taskIds);
      const { billed, refused } = await world.ledger(words);
      expect(billed).toBe(30);
      expect(refused.length).toBeGreaterThan(0);
      expect(refused.length).toBeLessThanOrEqual(16);
    } finally {
      await world.stop();
    }
  });
});
