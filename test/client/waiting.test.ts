/** How long a wait goes on, and how soon it hears of the end: with a clock of its own, and a server that holds answers. */

import { afterEach, expect, it, vi } from "vitest";
import { pause } from "../../src/client/time.ts";
import { defaultMaxWaitMs, waitUntilOver } from "../../src/client/waiting.ts";
import type { QueryVideoResponse } from "../../src/contract.ts";
import { models } from "../../src/domain/models.ts";

afterEach(() => {
  vi.useRealTimers();
});

it("an interval longer than the server holds does not delay the end", async () => {
  vi.useFakeTimers();
  const start = Date.now();
  const overAt = start + 70_000;
  const ask = async (holdSeconds: number) => {
    await pause(Math.min(holdSeconds * 1000, overAt - Date.now()), undefined);
    return { status: Date.now() < overAt ? "Processing" : "Success", progress: 5 } as QueryVideoResponse;
  };
  const heardAt = waitUntilOver("task_1", ask, 0, { pollIntervalMs: 300_000 }).then(() => Date.now());
  await vi.runAllTimersAsync();
  expect((await heardAt) - start).toBe(70_000);
});

it("the default wait is longer than any model's usual time", () => {
  const usual = models.flatMap((row) => Object.values(row.expectedSeconds).flatMap(Object.values<number>));
  expect(defaultMaxWaitMs / 1000).toBeGreaterThan(Math.max(...usual));
});
