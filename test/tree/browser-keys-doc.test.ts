/** docs/browser-keys.md tells the limits that wrangler.toml sets. */

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");

it("each visitor's limits are those of the page", () => {
  const set = read("wrangler.toml").matchAll(
    /^\[\[ratelimits\]\]\nname = "(\w+)"\n.*\nsimple = \{ limit = (\d+), period = 60 \}$/gm,
  );
  const told = read("docs/browser-keys.md").matchAll(/^\| .* \| (\d+) \| `(VISITOR_\w+)` \|$/gm);
  const limits = [...set].map(([, name, limit]) => [name, limit]);
  expect(limits).toHaveLength(2);
  expect([...told].map(([, limit, name]) => [name, limit])).toEqual(limits);
});
