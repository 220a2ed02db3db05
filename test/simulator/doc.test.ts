/*
 * docs/simulator.md tells every word for a fault, in its form and on its wire, and none besides.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { acceptedWords, isHeardOn, type Word } from "../../src/simulator/scenario.ts";
import { pickV2Clip } from "../../src/simulator/v2-clips.ts";
import { ratios } from "../../src/simulator/v2-models.ts";

const text = readFileSync(new URL("../../docs/simulator.md", import.meta.url), "utf8");
const rows = [...text.matchAll(/^\| (`.*?) \| (both|V1|V2) \|/gm)].flatMap(([, words = "", wire]) =>
  [...words.matchAll(/`([^`]+)`/g)].map(([, form = ""]) => ({ form: form.replaceAll("\\|", "|"), wire })),
);

describe("docs/simulator.md", () => {
  it.each(acceptedWords)("tells of %s", (form) => {
    const word = form.split("=")[0] as Word;
    const [onV1, onV2] = [isHeardOn(word, "v1"), isHeardOn(word, "v2")];
    expect(rows.find((row) => row.form === form)?.wire).toBe(onV1 && onV2 ? "both" : onV1 ? "V1" : "V2");
  });

  it("tells of no word that does not exist", () => {
    const told = rows.map(({ form }) => form);
    expect(told.filter((form) => !form.startsWith("POST ") && !acceptedWords.includes(form))).toEqual([]);
  });

  it.each(["480P", "768P", "2K"])("has the sizes of %s", (resolution) => {
    const sizes = ratios.map((ratio) => {
      const { width, height } = pickV2Clip({ resolution, ratio, duration: 5 });
      return `${width}x${height}`;
    });
    expect(text).toContain(`| ${resolution} | ${sizes.join(" | ")} |`);
  });
});
