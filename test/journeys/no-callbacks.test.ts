/** A deployment that MiniMax cannot reach: nothing can come to light about a lost create, so nothing is risked. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWorld, type World } from "./world.ts";

let world: World;
let unreachable: World;
beforeAll(async () => {
  world = await startWorld({ callbacks: "none" });
  unreachable = await startWorld({ callbacks: "unreachable" });
});
afterAll(async () => {
  await world.stop();
  await unreachable.stop();
});

const model = "MiniMax-Hailuo-2.3";

describe.concurrent("without callbacks", () => {
  it("a video lands by looking alone", async () => {
    const prompt = world.prompt();
    const { body } = await world.create({ model, prompt });
    const over = await world.untilOver(body.task_id);
    const { sha256 } = await world.download(over.file_id);
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 1, tasks: [{ sha256 }] });
  });

  it("a create whose answer contradicts itself is not sent again, and its video lands", async () => {
    const prompt = world.prompt("accept-then=named-1002");
    const { body } = await world.create({ model, prompt });
    const over = await world.untilOver(body.task_id);
    expect(over.status, over.error).toBe("Success");
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 1 });
  });

  it.each([
    ["the answer was lost", "accept-then=drop", 1],
    ["a proxy answered 502", "accept-then=502", 1],
    ["the socket dropped before MiniMax took it", "create-drop", 0],
    ["a proxy answered 503 before MiniMax took it", "create-http=503", 0],
  ])(
    "a create of which %s is not sent again: its outcome is unknown, its money held",
    async (_title, scenario, billed) => {
      const prompt = world.prompt(scenario);
      const { status, body } = await world.create({ model, prompt });
      expect(status).toBe(200);
      expect(await world.untilOver(body.task_id)).toMatchObject({ status: "Fail", file_id: "" });
      expect(await world.video(body.task_id)).toMatchObject({
        error: { code: "outcome_unknown" },
        cost: { estimated_usd: 0.28, state: "held" },
      });
      expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed });
    },
  );
});

describe("without callbacks, a crash", () => {
  it("while the create is being answered leaves the outcome unknown, and the create is not sent again", async () => {
    const prompt = world.prompt("accept-then=hang");
    const headers = { "idempotency-key": crypto.randomUUID() };
    const ordering = world.create({ model, prompt }, headers).catch(() => {});
    while ((await world.ledger(prompt)).creates === 0)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await world.crash();
    await ordering;
    await world.restart();
    const again = await world.create({ model, prompt }, headers);
    expect((await world.untilOver(again.body.task_id)).status).toBe("Fail");
    expect(await world.video(again.body.task_id)).toMatchObject({
      error: { code: "outcome_unknown" },
      cost: { state: "held" },
    });
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 1 });
  });
});

describe("where MiniMax cannot reach the callback address,", () => {
  it("its refusal proves that nothing was made, and the next attempt asks for none", async () => {
    const prompt = unreachable.prompt();
    const { body } = await unreachable.create({ model, prompt });
    const over = await unreachable.untilOver(body.task_id);
    expect(over.status).toBe("Success");
    expect(await unreachable.ledger(prompt)).toMatchObject({ creates: 2, billed: 1 });
  });
});
