/** docs/README.md: every page of docs is in its index, once, with the question that it answers. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL("../../docs/", import.meta.url));
const entries = [...readFileSync(`${folder}README.md`, "utf8").matchAll(/^\* \[.+?\]\((.+?)\): (.+)$/gm)].map(
  ([, page = "", question = ""]) => ({ page, question }),
);
const pages = ["", "dialects/"].flatMap((room) =>
  readdirSync(`${folder}${room}`)
    .filter((name) => name.endsWith(".md") && name !== "README.md")
    .map((name) => `${room}${name}`),
);

describe("the index of docs", () => {
  it("has every page, once, and what stands elsewhere", () => {
    const elsewhere = ["../clients/python/README.md", "decisions/README.md"];
    expect(entries.map(({ page }) => page).sort()).toEqual([...pages, ...elsewhere].sort());
  });

  it.each(entries)("tells in a question of few words what $page answers", ({ question }) => {
    expect(question).toMatch(/\?$/);
    expect(question.split(" ").length).toBeLessThan(20);
  });
});
