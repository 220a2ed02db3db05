import { describe, expect, it } from "vitest";
import { errorTable } from "../../src/errors.ts";
import { failureOf, isVerdictOnContent, provenCodes } from "../../src/ports/minimax/codes.ts";

/** The only numbers that prove that MiniMax did not take a create; anything else may have been billed. */
const waits = [1002, 1039, 1041, 2045, 2056];
const verdicts = {
  provider_key_refused: [1004, 2038, 2049, 2061],
  provider_balance: [1008, 1028, 1030],
  content_refused: [1026, 1042],
  provider_invalid_request: [2013],
} as const;

describe("MiniMax's answer to a create", () => {
  it.each(waits)("%d proves that it was not taken now: it waits and tries again", (code) => {
    expect(provenCodes[code]).toEqual({ proof: "deferred" });
  });

  it.each(
    Object.entries(verdicts).flatMap(([code, numbers]) => numbers.map((number) => [number, code] as const)),
  )("%d proves that it was refused: %s", (number, code) => {
    expect(provenCodes[number]).toEqual({ proof: "refused", code });
  });

  it.each(Object.keys(verdicts))("%s is told to the caller as a refusal of the request", (code) => {
    const { status } = errorTable[code as keyof typeof verdicts];
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });

  it("proves nothing with any other number", () => {
    const listed = new Set<number>([...waits, ...Object.values(verdicts).flat()]);
    expect(listed.size).toBe(15);
    for (let code = 0; code <= 3000; code++) {
      expect(provenCodes[code] !== undefined, `code ${code}`).toBe(listed.has(code));
    }
    expect(Object.keys(provenCodes).length).toBe(listed.size);
  });
});

describe("MiniMax's reason on a query", () => {
  it.each([
    [1026, "content_refused"],
    [1027, "content_moderated"],
    [0, "generation_failed"],
    [1000, "generation_failed"],
    [9999, "generation_failed"],
  ])("%d means %s", (number, code) => {
    expect(failureOf(number)).toBe(code);
  });

  it("is a verdict by its number alone only for content: trouble of theirs is no end", () => {
    const verdictCodes = Array.from({ length: 3001 }, (_, code) => code).filter(isVerdictOnContent);
    expect(verdictCodes).toEqual([1026, 1027]);
  });
});
