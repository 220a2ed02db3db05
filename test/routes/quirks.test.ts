import { expect, it } from "vitest";
import { statusWordFor } from "../../src/routes/quirks.ts";

it.each([
  ["python-httpx/0.27.0", "Fail", "failed"],
  ["python-httpx/0.27.0", "Success", "Success"],
  ["python-httpx/0.27.0", "Processing", "Processing"],
  ["my-python-httpx/1", "Fail", "Fail"],
  ["node", "Fail", "Fail"],
  [undefined, "Fail", "Fail"],
] as const)("a caller whose user agent is %s is told %s as %s", (userAgent, word, told) => {
  expect(statusWordFor(userAgent, word)).toBe(told);
});
