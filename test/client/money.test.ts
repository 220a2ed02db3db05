/** Money in words and sums. */

import { describe, expect, it } from "vitest";
import { sumUsd } from "../../src/client/money.ts";

describe("a sum of prices", () => {
  it.each([
    ["is as many cents as they are together", [0.28, 0.28, 0.28], 0.84],
    ["is nothing for none", [], 0],
    ["is not known if one is not", [0.28, null], null],
  ])("%s", (_what, prices, sum) => {
    expect(sumUsd(prices)).toBe(sum);
  });
});
