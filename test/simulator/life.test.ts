/*
 * Status over time: the order of states, how long each kind of video takes, and the pace.
 */
import { describe, expect, it } from "vitest";
import { createSimulator } from "../../src/simulator/app.ts";
import { cancelLife, phaseAt, planLife } from "../../src/simulator/life.ts";
import { v1ExpectedSeconds } from "../../src/simulator/v1-models.ts";
import { v1Word } from "../../src/simulator/v1-status.ts";
import { v2ExpectedSeconds } from "../../src/simulator/v2-models.ts";
import { v2Word } from "../../src/simulator/v2-status.ts";
import { key } from "./caller.ts";

const plan = {
  expectedMs: 100_000,
  queueMs: 0,
  isInstant: false,
  isStalled: false,
  ending: { phase: "succeeded" },
} as const;

describe("a life", () => {
  it.each([
    ["V1", v1Word, ["Preparing", "Preparing", "Queueing", "Queueing", "Processing", "Processing", "Success"]],
    ["V2", v2Word, ["queued", "queued", "queued", "queued", "running", "running", "succeeded"]],
  ] as const)("goes through the queue and the making to its end, in %s's words", (_, wordOf, seen) => {
    const life = planLife(0, plan);
    const instants = [0, 4_999, 5_000, 14_999, 15_000, 99_999, 100_000, 10 ** 12];
    expect(instants.map((now) => wordOf(phaseAt(life, now)))).toEqual([...seen, seen.at(-1)]);
  });

  it.each([
    [{ phase: "failed", code: 1027 }, "Fail", "failed"],
    [{ phase: "cancelled" }, "Fail", "cancelled"],
    [{ phase: "expired" }, "Fail", "expired"],
  ] as const)("ends as %j", (ending, onV1, onV2) => {
    const phase = phaseAt(planLife(0, { ...plan, ending }), 100_000);
    expect([v1Word(phase), v2Word(phase)]).toEqual([onV1, onV2]);
  });

  it("stays in the making when it stalls", () => {
    expect(phaseAt(planLife(0, { ...plan, isStalled: true }), 10 ** 15)).toBe("running");
  });

  it("takes as much longer as it is kept in the queue", () => {
    const life = planLife(0, { ...plan, queueMs: 60_000 });
    const seen = [74_999, 75_000, 159_999, 160_000].map((now) => phaseAt(life, now));
    expect(seen).toEqual(["queued", "running", "running", "succeeded"]);
  });

  it("is over at once, and stays so, when it is cancelled in the queue", () => {
    const life = cancelLife(planLife(0, plan), 10_000);
    expect([10_000, 20_000, 200_000].map((now) => phaseAt(life, now))).toEqual(Array(3).fill("cancelled"));
  });

  it.each([
    ["MiniMax-Hailuo-2.3", "768P", 6, 95],
    ["MiniMax-Hailuo-2.3", "768P", 10, 160],
    ["MiniMax-Hailuo-02", "1080P", 6, 190],
    ["MiniMax-Hailuo-02", "512P", 6, 60],
    ["T2V-01", "720P", 6, 95],
    ["MiniMax-Hailuo-2.3-Fast", "768P", 6, 55],
  ])("of %s at %s for %i s takes about %i s", (model, resolution, duration, seconds) => {
    expect(v1ExpectedSeconds({ model, resolution, duration })).toBe(seconds);
  });
});

describe("the seconds", () => {
  it.each([
    ["MiniMax-H3", "2K", 5, 400],
    ["MiniMax-H3", "2K", 15, 800],
    ["MiniMax-H3", "768P", 5, 170],
    ["MiniMax-H3-Max", "768P", 5, 100],
    ["MiniMax-H3-Max", "480P", 5, 60],
  ])("of %s at %s for %i s are %i", (model, resolution, duration, seconds) => {
    expect(v2ExpectedSeconds({ model, resolution, duration })).toBe(seconds);
  });
});

describe("the pace", () => {
  it.each([1, 30])("at speed %i divides the time a video takes", async (speed) => {
    let now = 1_800_000_000_000;
    const { app } = createSimulator({ speed, now: () => now });
    const init = { headers: { Authorization: `Bearer ${key}` } };
    const created = await app.request("/v1/video_generation", {
      ...init,
      method: "POST",
      body: JSON.stringify({ model: "MiniMax-Hailuo-02", prompt: "a calm sea" }),
    });
    const { task_id } = (await created.json()) as { task_id: string };
    const status = async () => {
      const response = await app.request(`/v1/query/video_generation?task_id=${task_id}`, init);
      return ((await response.json()) as { status: string }).status;
    };
    expect(await status()).toBe("Preparing");
    now += 94_000 / speed;
    expect(await status()).toBe("Processing");
    now += 1_001 / speed + 1;
    expect(await status()).toBe("Success");
  });
});
