/** docs/guarantees.md says of each promise which test shows it: those tests are there. */

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const text = readFileSync(join(root, "docs", "guarantees.md"), "utf8");
const promises = text
  .split(/^## /m)
  .slice(1)
  .filter((part) => !part.startsWith("Not promised"));

describe("docs/guarantees.md", () => {
  it.each(promises.map((part) => [part.split("\n")[0] ?? "", part]))(
    "names tests for '%s', and they exist",
    (_title, part) => {
      const shown = /Shown by (.*)/.exec(part)?.[1] ?? "";
      const named = [...shown.matchAll(/`(test\/[^`]+)`/g)].map(([, path]) => path ?? "");
      expect(named.length).toBeGreaterThan(0);
      expect(named.filter((path) => globSync(path, { cwd: root }).length === 0)).toEqual([]);
    },
  );
});
