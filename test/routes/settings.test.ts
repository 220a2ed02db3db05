/** The settings that an operator may set, and how wrong ones are told: by name, and with what they take. */

import { describe, expect, it } from "vitest";
import { findModel, priceMicroUsd } from "../../src/domain/models.ts";
import { readSettings } from "../../src/env.ts";
import { env } from "./worker.ts";

function read(about: Record<string, string>) {
  return readSettings({ ...env, ...about });
}

function priceOf(prices: string, model: string, resolution: "720P" | "768P" | "1080P", duration: number) {
  const result = read({ PRICES: prices });
  const row = findModel(model);
  if (!result.ok || row === undefined) throw new Error("it cannot be read");
  return priceMicroUsd(row, { resolution, duration }, result.settings.prices);
}

describe("PRICES", () => {
  it("gives a model a price that MiniMax publishes none for", () => {
    expect(priceOf("", "T2V-01", "720P", 6)).toBeNull();
    expect(priceOf("T2V-01=0.43", "T2V-01", "720P", 6)).toBe(430_000);
    expect(priceOf("T2V-01=0.43", "I2V-01", "720P", 6)).toBeNull();
  });

  it("comes before the published price, and one for a cell before one for the model", () => {
    const prices = " MiniMax-Hailuo-2.3 = 0.2 , MiniMax-Hailuo-2.3:1080P:6=0.333333,";
    expect(priceOf(prices, "MiniMax-Hailuo-2.3", "768P", 6)).toBe(200_000);
    expect(priceOf(prices, "MiniMax-Hailuo-2.3", "1080P", 6)).toBe(333_333);
    expect(priceOf(prices, "MiniMax-Hailuo-02", "768P", 6)).toBe(280_000);
  });

  it.each([
    "T2V-01",
    "T2V-01=",
    "T2V-01=free",
    "T2V-01=-1",
    "T2V-01=0.1234567",
    "T2V-02=1",
    "T2V-01:1080P:6=1",
    "T2V-01:720P=1",
    "MiniMax-Hailuo-2.3:1080P:10=1",
    "T2V-01=1;I2V-01=1",
  ])("'%s' is refused, and what it takes is told", (prices) => {
    const result = read({ PRICES: prices });
    expect(result.ok).toBe(false);
    if (!result.ok) expect(result.problems.join(" ")).toMatch(/^PRICES must be MODEL=USD/);
  });
});
