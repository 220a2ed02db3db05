/**
 * Every process of the Worker is killed with SIGKILL while a task is in each of its states, and started again on
 * the same storage: every task ends, its bytes are right, nothing is billed twice.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWorld, until, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
});
afterAll(() => world.stop());

const model = "MiniMax-Hailuo-2.3";

/** Orders without waiting for the answer: the crash may take it away. */
async function orderAndForget(prompt: string, idempotencyKey: string): Promise<void> {
  await world.create({ model, prompt }, { "idempotency-key": idempotencyKey }).catch(() => {});
}

type Ledger = Awaited<ReturnType<World["ledger"]>>;
// Where an answer is lost, only a push can tell of the provider task; MiniMax sends the last one after the restart.
const states: [string, string, (ledger: Ledger) => boolean][] = [
  // 2056 puts it off for half an hour of life, so that the crash meets neither the refusal nor the next attempt.
  ["waiting for its turn", "refuse=2056x1", (ledger) => ledger.creates === 1],
  [
    "being submitted, with MiniMax about to answer",
    "create-delay=3000 late=10",
    (ledger) => ledger.tasks.length === 1,
  ],
  [
    "being submitted, with the answer never to come",
    "accept-then=hang late=10",
    (ledger) => ledger.tasks.length === 1,
  ],
  ["unconfirmed", "accept-then=drop late=10", (ledger) => ledger.tasks.length === 1],
  ["generating", "late=3", (ledger) => (ledger.tasks[0]?.queries ?? 0) >= 1],
  ["storing", "file-slow=20000", (ledger) => (ledger.tasks[0]?.downloads ?? 0) >= 1],
  ["over", "instant", (ledger) => ledger.tasks[0]?.state === "Success" && ledger.tasks[0].downloads >= 1],
];

describe("a crash while the task is", () => {
  it.each(states)("%s loses nothing and pays once", async (_title, scenario, reached) => {
    const prompt = world.prompt(scenario);
    const idempotencyKey = `crash-${crypto.randomUUID()}`;
    const ordering = orderAndForget(prompt, idempotencyKey);
    await until(async () => reached(await world.ledger(prompt)), "the state was reached");
    if (scenario.startsWith("refuse")) await new Promise((resolve) => setTimeout(resolve, 1000));
    await world.crash();
    await ordering;
    const before = await world.ledger(prompt);
    await world.restart();

    // The caller knows nothing, and asks again with its key: one order, one task.
    const again = await world.create({ model, prompt }, { "idempotency-key": idempotencyKey });
    expect(again.status).toBe(200);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    const over = await world.untilOver(again.body.task_id);
    expect(over.status, over.error).toBe("Success");
    const { sha256, promised } = await world.download(over.file_id);
    expect(promised.sha256).toBe(sha256);
    const after = await world.ledger(prompt);
    expect(after).toMatchObject({ billed: 1, tasks: [{ sha256 }] });
    // Only proof of refusal (2056) allows another create.
    if (!scenario.startsWith("refuse")) expect(after.creates).toBe(before.creates);
  });

  it("in the middle of a large file goes on behind the last part that was written down", async () => {
    const prompt = world.prompt("instant file-pad=50000000 file-slow=10000000");
    const { body } = await world.create({ model, prompt });
    // Two parts and a good bit: the second is written down before the third is here.
    const reached = async () => ((await world.ledger(prompt)).tasks[0]?.bytes_served ?? 0) > 22_000_000;
    await until(reached, "two parts were sent");
    await world.crash();
    expect((await world.ledger(prompt)).tasks[0]?.downloads).toBe(1);
    await world.restart();
    const over = await world.untilOver(body.task_id);
    expect(over.status, over.error).toBe("Success");
    const { sha256, promised } = await world.download(over.file_id);
    expect(promised.sha256).toBe(sha256);
    const ledger = await world.ledger(prompt);
    expect(ledger).toMatchObject({ creates: 1, billed: 1, tasks: [{ sha256 }] });
    const [first, second] = ledger.tasks[0]?.ranges ?? [];
    expect(first).toBeNull();
    expect(["bytes=8388608-", "bytes=16777216-"]).toContain(second);
    expect(await world.inBucket(over.file_id)).toEqual({ objects: 1, uploads: 0 });
  });

  it("in any state, for twenty at once, ends each of them, and pays none twice", async () => {
    // A plan's window would put all of them off, for longer than this test waits.
    // An answer and a last push that both meet the crash leave a task unconfirmed for longer than that, too.
    const scenarios = states.map(([, scenario]) => `${scenario.replace("2056", "1002")} callback-late=10000`);
    const orders = Array.from({ length: 20 }, (_, index) => ({
      prompt: world.prompt(scenarios[index % scenarios.length]),
      key: `crash-${crypto.randomUUID()}`,
    }));
    const ordering = orders.map(({ prompt, key }) => orderAndForget(prompt, key));
    await new Promise((resolve) => setTimeout(resolve, 700));
    await world.crash();
    await Promise.all(ordering);
    await world.restart();
    await Promise.all(
      orders.map(async ({ prompt, key }) => {
        const again = await world.create({ model, prompt }, { "idempotency-key": key });
        const over = await world.untilOver(again.body.task_id);
        const ledger = await world.ledger(prompt);
        expect(ledger.billed).toBeLessThanOrEqual(1);
        if (over.status === "Success") {
          const { sha256 } = await world.download(over.file_id);
          expect(ledger).toMatchObject({ billed: 1, tasks: [{ sha256 }] });
        } else {
          // The crash took an answer away, and no push came after it: nobody can know, and nobody paid again.
          expect((await world.video(again.body.task_id)).error?.code, prompt).toBe("outcome_unknown");
        }
      }),
    );
  });
});
