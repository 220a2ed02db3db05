/** The plan of a chaos run: the same from the same seed, and of everything something. */

import { describe, expect, it } from "vitest";
import { callerKinds, planRun } from "../../scripts/chaos/plan.ts";
import { parseScenario, scenarioInPrompt } from "../../src/simulator/scenario.ts";

const plan = planRun({ seed: 7, tasks: 400, kills: 20 });

describe("the plan of a run", () => {
  it("is the same from the same seed, and another from another", () => {
    expect(planRun({ seed: 7, tasks: 400, kills: 20 })).toEqual(plan);
    expect(planRun({ seed: 8, tasks: 400, kills: 20 })).not.toEqual(plan);
  });

  it("gives every order a prompt of its own, so that what was billed for it can be told", () => {
    expect(new Set(plan.orders.map(({ prompt }) => prompt)).size).toBe(400);
    const prompts = plan.orders.map(({ prompt }) => prompt);
    expect(
      prompts.filter((prompt) => prompts.some((other) => other !== prompt && other.includes(prompt))),
    ).toEqual([]);
  });

  it("speaks the simulator's language", () => {
    for (const { prompt } of plan.orders) {
      expect(parseScenario(scenarioInPrompt(prompt)), prompt).toHaveProperty("faults");
    }
  });

  it("has both of MiniMax's wires, each with words that it knows", () => {
    const isH3 = ({ model }: { model: string }) => model.startsWith("MiniMax-H3");
    const [h3, others] = [plan.orders.filter(isH3), plan.orders.filter((order) => !isH3(order))];
    expect(Math.min(h3.length, others.length)).toBeGreaterThan(50);
    expect(h3.filter(({ prompt }) => prompt.includes("retrieve-"))).toEqual([]);
    expect(h3.filter(({ prompt }) => prompt.includes("delete-")).length).toBeGreaterThan(5);
    expect(
      others.filter(({ prompt }) => /delete-|expired\b(?! *=)/.test(prompt.replace("url-expired", ""))),
    ).toEqual([]);
  });

  it("has every kind of caller, every account and every key", () => {
    expect(new Set(plan.orders.map(({ caller }) => caller))).toEqual(new Set(callerKinds));
    expect(new Set(plan.orders.map(({ account, key }) => `${account}/${key}`)).size).toBe(6);
  });

  it("gives a key only to callers that send one", () => {
    for (const { caller, withIdempotencyKey } of plan.orders) {
      if (caller === "sends-a-key") expect(withIdempotencyKey).toBe(true);
      else if (caller !== "sends-a-key-sometimes") expect(withIdempotencyKey).toBe(false);
    }
  });

  it("kills as often as it was told, in the order in which it happens", () => {
    const moments = plan.kills.map(({ afterOrder }) => afterOrder);
    expect(moments).toHaveLength(20);
    expect(moments).toEqual([...moments].sort((one, other) => one - other));
    expect(planRun({ seed: 1, tasks: 1, kills: 0 }).kills).toEqual([]);
  });
});
