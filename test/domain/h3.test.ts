/**
 * Orders of MiniMax-H3 and H3-Max against every cell of what MiniMax documents, what they cost, and how their tasks
 * differ. Matrix and prices are written down here from MiniMax's pages (video-generation-v2-create, the price page, as
 * of 2026-11-23), and not taken from models.ts.
 */

import { describe, expect, it } from "vitest";
import type { CreateVideoRequest } from "../../src/contract.ts";
import { advance } from "../../src/domain/advance.ts";
import { amountOf } from "../../src/domain/money.ts";
import { draftOrder, fingerprintOrder, type ImageSource, type Order } from "../../src/domain/order.ts";
import { chargeOf, partsOf, priceOf } from "../../src/domain/price.ts";
import { acceptTask, nextStep, type TaskEvent } from "../../src/domain/task.ts";
import { refusedBy } from "./refused.ts";
import {
  admission,
  day,
  follow,
  h3Order,
  inState,
  lookedSuccess,
  minute,
  start,
  submitAccepted,
  submitLost,
  submitStarted,
  order as v1Order,
} from "./tasks.ts";

const url = "https://example.com/a.png";
const modes = {
  text: {},
  image: { first_frame_image: url },
  frames: { first_frame_image: url, last_frame_image: url },
  references: { reference_images: [url], reference_videos: [url], reference_audio: [url] },
} as const;
type Mode = keyof typeof modes;
type Model = keyof typeof documented;
/** US dollars by second, and by second of reference video. */
const documented = {
  "MiniMax-H3": { from: 4, tiers: { "768P": [0.08, 0.08], "2K": [0.13, 0.13] }, free: 5, image: 0.04 },
  "MiniMax-H3-Max": {
    from: 5,
    tiers: { "480P": [0.05, 0.0553], "768P": [0.08, 0.143] },
    free: 2,
    image: 0.074,
  },
} as const;

const drafted = (body: CreateVideoRequest) => draftOrder(body, []);
const bodyOf = (model: string, mode: Mode, more: Partial<CreateVideoRequest> = {}): CreateVideoRequest => ({
  model,
  prompt: "A lighthouse",
  ...(modes[mode] as unknown as Partial<CreateVideoRequest>),
  ...more,
});

const models = Object.keys(documented) as Model[];
const cells = models.flatMap((model) =>
  (Object.keys(modes) as Mode[]).flatMap((mode) =>
    ["480P", "512P", "720P", "768P", "1080P", "2K", "2k", "768p"].flatMap((resolution) =>
      Array.from({ length: 17 }, (_, duration) => ({ model, mode, resolution, duration })),
    ),
  ),
);

describe("the matrix of the second wire", () => {
  it(`is as documented in each of ${cells.length} cells`, () => {
    for (const { model, mode, resolution, duration } of cells) {
      const { from, tiers } = documented[model];
      const rates: readonly number[] | undefined = (tiers as Record<string, readonly number[]>)[
        resolution.toUpperCase()
      ];
      const body = bodyOf(model, mode, { resolution, duration });
      const isMade = rates !== undefined && duration >= from && duration <= 15;
      const what = `${model} ${mode} ${resolution} ${duration} s`;
      if (isMade) {
        const { draft, price } = drafted(body);
        expect(draft, what).toMatchObject({ mode, resolution: resolution.toUpperCase(), duration });
        const input = mode === "references" ? 15 * (rates[1] ?? 0) : 0;
        expect(price, what).toBe(Math.round((duration * (rates[0] ?? 0) + input) * 1_000_000));
      } else {
        const refusal = refusedBy(() => drafted(body));
        expect(refusal.code, what).toBe("unsupported_combination");
        expect(refusal.param, what).toBe(rates === undefined ? "resolution" : "duration");
        expect(refusal.message, what).toContain(`${from} to 15 seconds`);
      }
    }
  });

  it.each(models)("of %s has defaults that cost least where there is a choice, and says them", (model) => {
    const { draft, price } = drafted(bodyOf(model, "text"));
    expect(draft).toMatchObject({ resolution: "768P", duration: 5, v2: { ratio: "16:9" } });
    expect(price).toBe(400_000);
  });
});

describe("an order of the second wire", () => {
  type Row = [title: string, fields: Partial<CreateVideoRequest>, param: string, says: string];
  it.each<Row>([
    ["without a prompt", { prompt: " " }, "prompt", "7000"],
    ["without a prompt beside a frame", { prompt: undefined, first_frame_image: url }, "prompt", "7000"],
    ["of 7,001 characters", { prompt: "🌊".repeat(7001) }, "prompt", "7001"],
    ["adaptive from text", { ratio: "adaptive" }, "ratio", "no shape to adapt to"],
    ["of an unknown shape", { aspect_ratio: "2:1" }, "aspect_ratio", "21:9, 16:9"],
    ["of two shapes", { ratio: "1:1", aspect_ratio: "16:9" }, "aspect_ratio", "another name of ratio"],
    ["with a last frame alone", { last_frame_image: url }, "first_frame_image", "beside a first_frame_image"],
    [
      "with a frame and a reference",
      { first_frame_image: url, reference_images: [url] },
      "reference_images",
      "exclude",
    ],
    ["with ten images", { reference_images: Array(10).fill(url) }, "reference_images", "at most 9"],
    ["with four videos", { reference_videos: Array(4).fill(url) }, "reference_videos", "at most 3"],
    [
      "with thirteen files",
      { reference_images: Array(9).fill(url), reference_videos: [url, url], reference_audio: [url, url] },
      "reference_images",
      "at most 12",
    ],
    [
      "with a sound alone",
      { reference_audio: [url] },
      "reference_images",
      "beside a reference image or video",
    ],
    [
      "with a person",
      { subject_reference: [{ type: "character", image: [url] }] },
      "subject_reference",
      "S2V-01",
    ],
    ["that expands prompts", { prompt_expansion: "quality" }, "prompt_expansion", "MiniMax-H3-Max"],
    ["that does not optimize prompts", { prompt_optimizer: false }, "prompt_optimizer", "prompt_expansion"],
    ["that is pretreated fast", { fast_pretreatment: true }, "fast_pretreatment", "leave it out"],
  ])("%s is refused, and says what to change", (_title, fields, param, says) => {
    const refusal = refusedBy(() => drafted(bodyOf("MiniMax-H3", "text", fields)));
    expect(refusal.param).toBe(param);
    expect(refusal.row.status).toBe(400);
    expect(refusal.message).toContain(says);
  });

  it.each<[field: string, fields: Partial<CreateVideoRequest>]>([
    ["ratio", { ratio: "1:1" }],
    ["prompt_expansion", { prompt_expansion: "balanced" }],
    ["reference_images", { reference_images: [url] }],
    ["reference_videos", { reference_videos: [url] }],
  ])("has a %s that models of the first do not take", (field, fields) => {
    const refusal = refusedBy(() => drafted({ model: "MiniMax-Hailuo-2.3", prompt: "x", ...fields }));
    expect(refusal).toMatchObject({ code: "unsupported_combination", param: field });
    expect(refusal.message).toContain("MiniMax-H3");
  });

  it("takes 7,000 characters, and what says no more than is so", () => {
    const body = bodyOf("MiniMax-H3", "text", { prompt: "海".repeat(7000), prompt_optimizer: true, n: 1 });
    expect(drafted(body).draft).toMatchObject({ promptOptimizer: false, fastPretreatment: false });
  });

  it.each<[Partial<CreateVideoRequest>, string]>([
    [{ aspect_ratio: "9:16" }, "9:16"],
    [{ ratio: "21:9", aspect_ratio: "21:9" }, "21:9"],
    [{ first_frame_image: url, ratio: "1:1" }, "adaptive"],
    [{ reference_images: [url] }, "adaptive"],
    [{ reference_images: [url], ratio: "3:4" }, "3:4"],
  ])("with %j is %s", (fields, ratio) => {
    expect(drafted(bodyOf("MiniMax-H3", "text", fields)).draft.v2?.ratio).toBe(ratio);
  });
});

describe("a price of the second wire", () => {
  const reference = (field: "reference_images" | "reference_videos", source: Partial<ImageSource>) =>
    ({ field, source: source as ImageSource }) as const;
  const order = (about: Partial<Order>, references: NonNullable<Order["v2"]>["references"] = []): Order => ({
    ...h3Order,
    ...about,
    v2: { ratio: "adaptive", promptExpansion: null, references },
  });
  const images = (count: number) =>
    Array.from({ length: count }, () => reference("reference_images", { kind: "url" }));
  const clip = (seconds: number) => reference("reference_videos", { kind: "stored", seconds });

  it.each<[title: string, order: Order, microUsd: number]>([
    ["five images are free", order({}, images(5)), 400_000],
    ["the sixth is paid", order({}, images(6)), 440_000],
    ["the third, on H3-Max", order({ model: "MiniMax-H3-Max" }, images(3)), 474_000],
    ["begun seconds of video count", order({}, [clip(4.1), clip(5)]), 400_000 + 10 * 80_000],
    ["never more than fifteen", order({}, [clip(4.9), clip(4.9), clip(5.2)]), 400_000 + 15 * 80_000],
    [
      "nor an address's",
      order({ resolution: "2K" }, [reference("reference_videos", { kind: "url" }), clip(3)]),
      20 * 130_000,
    ],
  ])("%s", (_title, one, microUsd) => {
    expect(priceOf(one, [])).toBe(microUsd);
    expect(partsOf(one, [])?.reduce((sum, part) => sum + part.quantity * part.unitMicroUsd, 0)).toBe(
      microUsd,
    );
  });

  it("may be the operator's for the video; what comes beside it stays MiniMax's", () => {
    const own = [
      { model: "MiniMax-H3", cell: { resolution: "768P", duration: 5 }, microUsd: 300_000 },
    ] as const;
    expect(priceOf(order({}, images(6)), own)).toBe(340_000);
    expect(partsOf(order({}), own)).toMatchObject([{ of: "video", unit: "video", unitMicroUsd: 300_000 }]);
  });

  it.each<[title: string, order: Order, usage: Parameters<typeof chargeOf>[2], microUsd: number]>([
    ["nothing that it counts", order({}), null, 400_000],
    ["what was ordered", order({}), { outputSeconds: 5, inputSeconds: 0, images: 0 }, 400_000],
    [
      "fewer seconds of an address's video",
      order({}, [reference("reference_videos", { kind: "url" })]),
      { outputSeconds: 5, inputSeconds: 7, images: 0 },
      960_000,
    ],
    ["a second more", order({}), { outputSeconds: 6, inputSeconds: 0, images: 0 }, 480_000],
    [
      "images that it does not count",
      order({}, images(7)),
      { outputSeconds: 5, inputSeconds: 0, images: 5 },
      400_000,
    ],
  ])("is settled by MiniMax's count: %s", (_title, one, usage, microUsd) => {
    expect(chargeOf(one, priceOf(one, []), usage)).toBe(microUsd);
  });
});

describe("a fingerprint", () => {
  // Written down when these orders were first told apart: whoever repeats one after an upgrade must meet its task.
  const image: ImageSource = { kind: "url", url };
  it.each<[string, Partial<Order>, string]>([
    ["text", {}, "c485502dea171969d237b446cd594d60c04cd1a6a870e30e42358e31380cdc72"],
    [
      "image",
      { mode: "image", images: { first_frame_image: image } },
      "b03b47955f69f93374eae0d7560e43e1beb613604c33d88ec98f2ed39b013e6c",
    ],
    [
      "frames",
      {
        model: "MiniMax-Hailuo-02",
        mode: "frames",
        images: { first_frame_image: image, last_frame_image: image },
      },
      "5b809b192868860afd016017ab905d9d443a4e4a5e3beb789eca71e80f1b4d0b",
    ],
    [
      "subject",
      { model: "S2V-01", mode: "subject", resolution: "720P", images: { subject_reference: image } },
      "b00207f1b83e0b845a64e6656f7ff3d254f55eed1a71ad17bc1589ac8c55e95d",
    ],
  ])("of the first wire's %s is what it always was", (_mode, about, sha256) => {
    expect(fingerprintOrder({ ...v1Order, ...about })).toBe(sha256);
  });

  it("tells apart whatever the second wire makes of an order", () => {
    const base = { ratio: "16:9", promptExpansion: null, references: [] } as const;
    const one = { field: "reference_images", source: { kind: "url", url: "https://example.com/1" } } as const;
    const two = { field: "reference_images", source: { kind: "url", url: "https://example.com/2" } } as const;
    const wishes: NonNullable<Order["v2"]>[] = [
      base,
      { ...base, ratio: "9:16" },
      { ...base, promptExpansion: "quality" },
      { ...base, references: [one] },
      { ...base, references: [one, two] },
      { ...base, references: [two, one] },
      { ...base, references: [{ ...one, field: "reference_videos" }] },
    ];
    const all = wishes.map((v2) => fingerprintOrder({ ...h3Order, v2 }));
    expect(new Set(all).size).toBe(wishes.length);
  });
});

describe("a task of the second wire", () => {
  const accepted = acceptTask(admission({ order: h3Order, priceMicroUsd: 400_000 }), 1);
  const generating = inState(follow(accepted, [submitStarted, submitAccepted]), "generating");
  const cancelled: TaskEvent = { type: "cancelled" };
  const queued: TaskEvent = { type: "lookedPending", providerTaskId: "P1", providerStatus: "Queueing" };
  const withdrawn: TaskEvent = { type: "withdrawn", providerTaskId: "P1" };

  it("is asked back at once when it is cancelled, and released when MiniMax lets go of it", () => {
    const after = follow(generating, [cancelled]);
    expect(nextStep(after, start)).toEqual({ do: "withdraw", providerTaskId: "P1" });
    expect(follow(after, [withdrawn])).toMatchObject({ status: "cancelled", money: "released" });
  });

  it("is asked back at once, too, if a look was under way that found it queued", () => {
    expect(nextStep(follow(generating, [cancelled, queued]), start)).toMatchObject({ do: "withdraw" });
    const late = follow(accepted, [submitStarted, cancelled, submitAccepted]);
    expect(nextStep(late, start)).toMatchObject({ do: "withdraw" });
  });

  it("that has begun is watched, and asked back again only when it is looked at", () => {
    const running: TaskEvent = { type: "lookedPending", providerTaskId: "P1", providerStatus: "Processing" };
    expect(nextStep(follow(generating, [cancelled, running]), start)).toMatchObject({ do: "sleep" });
  });

  it("that others cancelled, or that expired, ends in so many words", () => {
    expect(follow(generating, [withdrawn])).toMatchObject({ code: "provider_cancelled", money: "released" });
    const expired: TaskEvent = { type: "lookedExpired", providerTaskId: "P1" };
    expect(follow(generating, [expired])).toMatchObject({ code: "generation_expired", money: "held" });
    expect(follow(generating, [cancelled, expired])).toMatchObject({ status: "cancelled", money: "held" });
  });

  it("is charged by MiniMax's count, which stays with it to its end", () => {
    const usage = { outputSeconds: 6, inputSeconds: 0, images: 0 };
    const storing = follow(generating, [{ ...lookedSuccess, usage }]);
    expect(amountOf(storing)).toBe(480_000);
    const stored: TaskEvent = { type: "stored", bytes: 1, sha256: "ab", width: 1366, height: 768 };
    expect(amountOf(follow(storing, [stored]))).toBe(480_000);
    expect(amountOf(follow(generating, [cancelled, { ...lookedSuccess, usage }]))).toBe(480_000);
    const asOrdered = follow(generating, [{ ...lookedSuccess, usage: { ...usage, outputSeconds: 5 } }]);
    expect(asOrdered).not.toHaveProperty("chargedMicroUsd");
  });

  it("has the size that its file tells, since MiniMax does not", () => {
    const storing = follow(generating, [{ ...lookedSuccess, width: 0, height: 0 }]);
    const stored: TaskEvent = { type: "stored", bytes: 1, sha256: "ab", width: 2560, height: 1440 };
    expect(follow(storing, [stored])).toMatchObject({ width: 2560, height: 1440 });
  });

  it("whose create was lost asks MiniMax's list before it gives up, and waits a day if it could be there", () => {
    const lost = follow(accepted, [submitStarted, submitLost]);
    const end = start + 30 * minute;
    expect(nextStep(lost, end)).toEqual({ do: "list", attempt: 1, startedAt: start });
    expect(nextStep(follow(lost, [{ type: "listed", attempt: 1, isThere: false }]), end).do).toBe("giveUp");
    const there = follow(lost, [{ type: "listed", attempt: 1, isThere: true }]);
    expect(nextStep(there, end)).toEqual({ do: "sleep", until: start + day });
    expect(nextStep(there, start + day).do).toBe("giveUp");
    expect(advance(there, { type: "listed", attempt: 1, isThere: false }, end)).toBe(there);
  });
});
