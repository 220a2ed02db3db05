/** The settings that an operator may set, and how wrong ones are told: by name, and with what they take. */

import { describe, expect, it } from "vitest";
import { findModel, priceMicroUsd } from "../../src/domain/models.ts";
import { readSettings } from "../../src/env.ts";
import { bearer, call, env, makeKey, readError } from "./worker.ts";

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

describe("the R2_S3_ settings", () => {
  const all = {
    R2_S3_ENDPOINT: "https://account.r2.cloudflarestorage.com/",
    R2_S3_BUCKET: "filmgate-videos",
    R2_S3_ACCESS_KEY_ID: "an-access-key",
    R2_S3_SECRET_ACCESS_KEY: "a-secret",
  };
  const none = Object.fromEntries(Object.keys(all).map((name) => [name, ""]));

  it("turn R2's own links on together, and off when none is set", () => {
    const [on, off] = [read(all), read(none)];
    if (!on.ok || !off.ok) throw new Error("they cannot be read");
    expect(on.settings.r2?.endpoint).toBe("https://account.r2.cloudflarestorage.com");
    expect(off.settings.r2).toBeNull();
  });

  it.each(Object.keys(all))("are refused without %s, by its name and without a value", (name) => {
    const result = read({ ...all, [name]: "" });
    if (result.ok) throw new Error("it was taken");
    expect(result.problems.join(" ")).toMatch(new RegExp(`^${name} is not set`));
    expect(result.problems.join(" ")).not.toContain("a-secret");
  });

  it.each([
    { R2_S3_ENDPOINT: "account.r2.cloudflarestorage.com" },
    { R2_S3_ENDPOINT: "https://account.r2.cloudflarestorage.com?x" },
    { R2_S3_BUCKET: "Videos" },
    { R2_S3_BUCKET: "a/b" },
  ])("are refused with %j", (wrong) => {
    const result = read({ ...all, ...wrong });
    if (result.ok) throw new Error("it was taken");
    expect(result.problems.join(" ")).toContain(Object.keys(wrong)[0]);
  });
});

it("another door than these two is refused by name", async () => {
  const { key } = await makeKey();
  const path = `/v1/videos/download/file_${"0".repeat(26)}?via=s3`;
  const response = await call(path, { headers: bearer(key) });
  expect(await readError(response)).toMatchObject({ param: "via" });
});

describe("the DEPLOY_HOOK_ settings", () => {
  const hooks = (about: Record<string, string>) => {
    const result = read(about);
    return result.ok ? result.settings.deployHooks : result.problems;
  };

  it("are a minute and five where nobody set them", () => {
    expect(hooks({})).toEqual({ windowSeconds: 60, gapSeconds: 300 });
    expect(hooks({ DEPLOY_HOOK_WINDOW_SECONDS: "", DEPLOY_HOOK_GAP_SECONDS: " 0 " })).toEqual({
      ...{ windowSeconds: 60, gapSeconds: 0 },
    });
  });

  it.each([
    ["DEPLOY_HOOK_WINDOW_SECONDS", "0", "1 to 3600"],
    ["DEPLOY_HOOK_WINDOW_SECONDS", "3601", "1 to 3600"],
    ["DEPLOY_HOOK_WINDOW_SECONDS", "1m", "1 to 3600"],
    ["DEPLOY_HOOK_GAP_SECONDS", "86401", "0 to 86400"],
    ["DEPLOY_HOOK_GAP_SECONDS", "-1", "0 to 86400"],
    ["DEPLOY_HOOK_GAP_SECONDS", "1.5", "0 to 86400"],
  ])("%s may not be '%s', and what it takes is told", (name, value, range) => {
    const [low, , high] = range.split(" ");
    expect(hooks({ [name]: value })).toEqual([
      `${name} must be a whole number of seconds from ${low} to ${high}.`,
    ]);
  });
});
