/** How long making takes, as agents are told it and docs/mcp.md has it, covers the usual time of every model. */

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { models } from "../../src/domain/models.ts";

const usualMinutes = models
  .flatMap(({ expectedSeconds }) => Object.values(expectedSeconds).flatMap((times) => Object.values(times)))
  .map((seconds) => seconds / 60);

it.each(["docs/mcp.md", "src/routes/mcp/server.ts"])(
  "%s says one to fifteen minutes, and so it is",
  (name) => {
    expect(readFileSync(new URL(`../../${name}`, import.meta.url), "utf8")).toContain(
      "one to fifteen minutes",
    );
    expect(Math.round(Math.min(...usualMinutes))).toBe(1);
    expect(Math.ceil(Math.max(...usualMinutes))).toBeLessThanOrEqual(15);
  },
);
