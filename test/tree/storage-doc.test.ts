/** docs/storage.md tells the bounds of prompts, images, videos and sounds that orders are held to. */

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { imageLimits } from "../../src/domain/image.ts";
import { clipLimits } from "../../src/domain/media.ts";
import { models } from "../../src/domain/models.ts";

const page = readFileSync(new URL("../../docs/storage.md", import.meta.url), "utf8");
const bounds = new Map(
  [...(page.split("\n## Sizes and bounds\n")[1]?.matchAll(/^\| ([^|]+) \| ([^|]+) \|$/gm) ?? [])].map(
    ([, what = "", bound = ""]) => [what, bound.replaceAll(",", "")],
  ),
);
const mib = 1024 * 1024;
const characters = (wire: "v1" | "v2") =>
  new Set(models.filter((row) => row.wire === wire).map(({ prompt }) => prompt.maxCharacters));

it.each([
  ["prompt", [...characters("v1")].map((most) => `${most} Unicode code points`)],
  ["prompt", [...characters("v2")].map((most) => `${most} for the H3 models`)],
  ["image for V1", [`under ${(imageLimits.v1.maxBytes + 1) / mib} MiB`]],
  ["image for V1", [`short edge over ${imageLimits.v1.shortEdgeFrom - 1} pixels`]],
  ["image for V2 (the H3 models)", [`${imageLimits.v2.maxBytes / mib} MiB`]],
  [
    "image for V2 (the H3 models)",
    [`sides of ${imageLimits.v2.shortEdgeFrom} to ${imageLimits.v2.longEdgeTo}`],
  ],
  ["reference video", [`${clipLimits.video.maxBytes / mib} MiB`]],
  ["reference sound", [`${clipLimits.audio.maxBytes / mib} MiB`]],
])("the bound of '%s' is the code's: %s", (what, told) => {
  expect(told).toHaveLength(1);
  expect(bounds.get(what)).toContain(told[0]);
});
