/*
 * Status over time: the order of states, how long each kind of video takes, and the pace.
 */
import { describe, expect, it } from "vitest";
import { createSimulator } from "../../src/simulator/app.ts";
import { planLife, statusAt } from "../../src/simulator/life.ts";
import { expectedSeconds } from "../../src/simulator/models.ts";
import { key } from "./caller.ts";

const plan = {
  expectedMs: 100_000,
  isInstant: false,
  isStalled: false,
  ending: { status: "Success" },
} as const;

describe("a life", () => {
  it("goes through preparing, queueing and processing to success", () => {
    const life = planLife(0, plan);
    const seen = [0, 4_999, 5_000, 14_999, 15_000, 99_999, 100_000, 10 ** 12].map((now) =>
      statusAt(life, now),
    );
    expect(seen).toEqual([
      "Preparing",
      "Preparing",
      "Queueing",
      "Queueing",
      "Processing",
      "Processing",
      "Success",
      "Success",
    ]);
  });

  it("ends as Fail, never as Failed", () => {
    expect(statusAt(planLife(0, { ...plan, ending: { status: "Fail", code: 1027 } }), 100_000)).toBe("Fail");
  });

  it("stays in processing when it stalls", () => {
    expect(statusAt(planLife(0, { ...plan, isStalled: true }), 10 ** 15)).toBe("Processing");
  });

  it.each([
    ["MiniMax-Hailuo-2.3", "768P", 6, 95],
    ["MiniMax-Hailuo-2.3", "768P", 10, 160],
    ["MiniMax-Hailuo-02", "1080P", 6, 190],
    ["MiniMax-Hailuo-02", "512P", 6, 60],
    ["T2V-01", "720P", 6, 95],
    ["MiniMax-Hailuo-2.3-Fast", "768P", 6, 55],
  ])("of %s at %s for %i s takes about %i s", (model, resolution, duration, seconds) => {
    expect(expectedSeconds({ model, resolution, duration })).toBe(seconds);
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
