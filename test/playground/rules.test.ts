/** What the playground lets people choose, against the rows that the Worker itself lists. */

import { describe, expect, it } from "vitest";
import type { UsageResponse, VideoModel } from "../../src/client/filmgate.ts";
import { models as rows } from "../../src/domain/models.ts";
import { draftOrder } from "../../src/domain/order.ts";
import { modelView } from "../../src/domain/view.ts";
import {
  cellOf,
  describeModel,
  durationOptions,
  judgePicture,
  missing,
  modeOf,
  nearestSize,
  type Pictures,
  ratiosOf,
  reasonAgainst,
  remainingOf,
  resolutionOptions,
} from "../../src/playground/rules.ts";

const models: VideoModel[] = rows.map((row) => modelView(row, []));
const model = (id: string) => models.find((one) => one.id === id) as VideoModel;
const [first, last, person] = [
  { first_frame_image: "x" },
  { last_frame_image: "x" },
  { subject_reference: "x" },
];
const pictureSets: Pictures[] = [{}, first, last, { ...first, ...last }, person];

describe("every choice that is offered", () => {
  const offered = models.flatMap((one) =>
    pictureSets
      .filter((pictures) => reasonAgainst(one, pictures) === null && missing(one, pictures, "Waves") === null)
      .flatMap((pictures) => {
        const mode = modeOf(one, pictures);
        return ["480P", "512P", "720P", "768P", "1080P", "2K"].flatMap((resolution) =>
          [4, 6, 10, 15].map((duration) => ({
            one,
            pictures,
            size: nearestSize(one, mode, { resolution, duration }),
          })),
        );
      }),
  );

  it("is taken by the server, at the price that stood on the button", () => {
    expect(offered.length).toBeGreaterThan(100);
    for (const { one, pictures, size } of offered) {
      const { subject_reference: subject, ...frames } = pictures as Record<string, string>;
      const ratios = ratiosOf(one, modeOf(one, pictures));
      const { draft, price } = draftOrder(
        {
          model: one.id,
          prompt: "Waves",
          ...frames,
          ...(subject ? { subject_reference: [{ type: "character", image: [subject] }] } : {}),
          ...size,
          ...(ratios.length === 0 ? {} : { ratio: ratios.at(-1) }),
        },
        [],
      );
      const cell = cellOf(one, modeOf(one, pictures), size);
      expect(draft).toMatchObject({ mode: cell?.mode, ...size });
      if (ratios.length > 0) expect(draft.v2?.ratio).toBe(ratios.at(-1));
      expect(price === null ? null : price / 1_000_000).toBe(cell?.price_usd ?? null);
    }
  });
});

describe("a size", () => {
  const hailuo = model("MiniMax-Hailuo-2.3");
  it("that does not go with the seconds says so", () => {
    expect(resolutionOptions(hailuo, "text", { resolution: "768P", duration: 10 })).toEqual([
      { value: "768P", isPossible: true, reason: null },
      { value: "1080P", isPossible: false, reason: "1080P is made in 6 s only" },
    ]);
    expect(durationOptions(hailuo, "text", { resolution: "1080P", duration: 6 })).toEqual([
      { value: 6, isPossible: true, reason: null },
      { value: 10, isPossible: false, reason: "10 s is made at 768P only" },
    ]);
  });
  it("that takes a picture says so", () => {
    const [small] = resolutionOptions(model("MiniMax-Hailuo-02"), "text", {
      resolution: "768P",
      duration: 6,
    });
    expect(small).toEqual({ value: "512P", isPossible: false, reason: "512P is made from first frame only" });
  });
  it("gives way to the nearest that is made", () => {
    expect(nearestSize(hailuo, "text", { resolution: "1080P", duration: 10 })).toEqual({
      resolution: "1080P",
      duration: 6,
    });
    expect(nearestSize(hailuo, "text", { resolution: "512P", duration: 6 })).toEqual({
      resolution: "768P",
      duration: 6,
    });
    expect(nearestSize(model("T2V-01"), "text", { resolution: "1080P", duration: 10 })).toEqual({
      resolution: "720P",
      duration: 6,
    });
  });
});

describe("a shape", () => {
  it("can be chosen where MiniMax takes one, and not where the frames have it", () => {
    const h3 = model("MiniMax-H3");
    expect(ratiosOf(h3, "text")).toEqual(["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"]);
    expect(ratiosOf(h3, "image")).toEqual([]);
    expect(ratiosOf(model("MiniMax-Hailuo-2.3"), "text")).toEqual([]);
  });
});

describe("a model", () => {
  it("is told with its sizes from the small to the large", () => {
    expect(describeModel(model("MiniMax-H3"))).toContain(" · 768P, 2K · 4 to 15 s");
  });
  it.each([
    ["T2V-01", first, "takes no first frame"],
    ["MiniMax-Hailuo-2.3", last, "takes no last frame"],
    ["MiniMax-Hailuo-02", person, "takes no person"],
    ["MiniMax-Hailuo-02", { ...first, ...last }, null],
    ["S2V-01", {}, null],
  ])("%s with %o: %s", (id, pictures, reason) => {
    expect(reasonAgainst(model(id), pictures)).toBe(reason);
  });
  it.each([
    ["MiniMax-Hailuo-2.3", {}, "", "prompt"],
    ["MiniMax-Hailuo-2.3", first, "", undefined],
    ["MiniMax-Hailuo-2.3-Fast", {}, "Waves", "first_frame_image"],
    ["S2V-01", {}, "Waves", "subject_reference"],
    ["S2V-01", person, " ", "prompt"],
    ["MiniMax-Hailuo-2.3", {}, "🌊".repeat(2000), undefined],
    ["MiniMax-Hailuo-2.3", {}, "🌊".repeat(2001), "prompt"],
  ])("%s with %o and that prompt lacks what it lacks", (id, pictures, prompt, param) => {
    expect(missing(model(id), pictures, prompt)?.param).toBe(param);
  });
  it("has its seconds as a span, where it makes every one of them", () => {
    expect(describeModel(model("MiniMax-H3"))).toMatch(/ · 4 to 15 s$/);
    expect(describeModel(model("MiniMax-H3-Max"))).toMatch(/ · 5 to 15 s$/);
  });
  it("is described in a line", () => {
    expect(describeModel(model("MiniMax-Hailuo-02"))).toBe(
      "text, first frame, first and last frame · 512P, 768P, 1080P · 6 or 10 s",
    );
  });
});

describe("a picture", () => {
  const good = { type: "image/png", bytes: 1000, width: 1280, height: 720 };
  it.each([
    [{}, null],
    [{ type: "image/gif" }, "MiniMax takes JPG, PNG and WebP."],
    [{ bytes: 20 * 1024 * 1024 }, "20.0 MB: it must be under 20 MB."],
    [{ height: 300 }, "1280 × 300: its short edge must be over 300 px."],
    [{ width: 1000, height: 400 }, null],
    [{ width: 1001, height: 400 }, "1001 × 400: its shape must be between 2:5 and 5:2."],
  ])("%o: %s", (difference, verdict) => {
    expect(judgePicture({ ...good, ...difference })).toBe(verdict);
  });
});

describe("what is left", () => {
  const sums = { reserved_usd: 0, settled_usd: 0, released_usd: 0, held_usd: 0 };
  const spending = (day: number | null, month: number | null) => ({
    caps: { usd_per_day: null, usd_per_month: null },
    day: { ...sums, remaining_usd: day },
    month: { ...sums, remaining_usd: month },
    total: sums,
  });
  it.each([
    [spending(null, null), spending(null, null), null],
    [spending(5, 3), spending(null, null), { usd: 3, where: "this month" }],
    [spending(5, 3), spending(0, null), { usd: 0, where: "today" }],
  ])("is what the tightest cap leaves", (account, key, left) => {
    const usage: UsageResponse = {
      object: "usage",
      account: { ...account, name: "default" },
      key: { ...key, id: "key", name: "key" },
    };
    expect(remainingOf(usage)).toEqual(left);
  });
});
