import { expect, it } from "vitest";
import type { OpenApi } from "../../src/routes/docs/document.ts";
import { statusWordFor } from "../../src/routes/quirks.ts";
import { call } from "./worker.ts";

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

it("the reference says who is told another word, and which", async () => {
  const document = (await (await call("/openapi.json")).json()) as OpenApi;
  expect(document.paths?.["/v1/videos/query/{task_id}"]?.get?.description).toContain(
    "To `python-httpx` clients a failure is `failed` instead of `Fail`",
  );
});
