/**
 * The models as rows: which wire each speaks, what it makes of what, what that costs, how long it usually takes.
 * Matrix, limits and prices: platform.minimax.io/docs/api-reference/video-generation-{t2v,i2v,fl2v,s2v} and
 * video-generation-v2-create, and the price page, as of 2026-11-23. The 01 series has no published global price,
 * hence none here.
 */

import type { ModelName, PromptExpansion, Ratio, ResolutionName } from "../contract.ts";
import { type ImageLimits, imageLimits } from "./image.ts";

/**
 * What an order starts from: words, a first frame, a last frame (with or without a first), a person's likeness, or
 * images, videos and sounds to go by.
 */
export type Mode = "text" | "image" | "frames" | "subject" | "references";

/** MiniMax's two generations of its API. */
export type WireName = "v1" | "v2";

/** What an order may go by, and how many of each. */
export type ReferenceCounts = Readonly<
  Record<"reference_images" | "reference_videos" | "reference_audio", number>
>;

/** What is paid beside the seconds that are made: by image beyond the free ones, and by second of reference video. */
export type Extras = Readonly<{
  freeImages: number;
  imageMicroUsd: number;
  inputSecondMicroUsd: Readonly<Partial<Record<ResolutionName, number>>>;
  /** Of what is made: a second, for when MiniMax makes more or fewer than were ordered. */
  secondMicroUsd: Readonly<Partial<Record<ResolutionName, number>>>;
}>;

type Durations = readonly number[];
type Matrix = Partial<Record<ResolutionName, Durations>>;
/** Fields that MiniMax takes for a model; the others are not sent. */
type ProviderField = "duration" | "resolution" | "prompt_optimizer" | "fast_pretreatment";

export type ModelRow = Readonly<{
  model: ModelName;
  wire: WireName;
  prompt: Readonly<{ maxCharacters: number; neededFor: readonly Mode[] }>;
  images: ImageLimits;
  /** Whether a last frame is taken without a first. */
  takesLastFrameAlone: boolean;
  references: ReferenceCounts | null;
  /** Shapes that may be asked for by name; null where MiniMax decides. */
  ratios: readonly Ratio[] | null;
  promptExpansions: readonly PromptExpansion[] | null;
  extras: Extras | null;
  makes: Readonly<Partial<Record<Mode, Matrix>>>;
  defaults: Readonly<{ resolution: ResolutionName; duration: number }>;
  takes: readonly ProviderField[];
  /** Modes in which `fast_pretreatment` is documented. */
  fastPretreatment: readonly Mode[];
  /** True for the 01 series: `duration` and `resolution` are dropped in silence, as the seed API says. */
  ignoresSize: boolean;
  microUsd: Readonly<Partial<Record<ResolutionName, Readonly<Record<number, number>>>>>;
  /** Usual seconds from create to Success, observed by third parties, by resolution and duration. */
  expectedSeconds: Readonly<Partial<Record<ResolutionName, Readonly<Record<number, number>>>>>;
}>;

const v1 = {
  wire: "v1",
  prompt: { maxCharacters: 2000, neededFor: ["text", "subject"] },
  images: imageLimits.v1,
  takesLastFrameAlone: true,
  references: null,
  ratios: null,
  promptExpansions: null,
  extras: null,
} as const;

const hailuoMatrix: Matrix = { "768P": [6, 10], "1080P": [6] };
const hailuo = {
  ...v1,
  defaults: { resolution: "768P", duration: 6 },
  takes: ["duration", "resolution", "prompt_optimizer", "fast_pretreatment"],
  ignoresSize: false,
} as const;
const hailuoPrice = { "768P": { 6: 280_000, 10: 560_000 }, "1080P": { 6: 490_000 } };
const hailuoSeconds = { "512P": { 6: 60, 10: 100 }, "768P": { 6: 95, 10: 160 }, "1080P": { 6: 190 } };

const first = {
  ...v1,
  defaults: { resolution: "720P", duration: 6 },
  takes: ["prompt_optimizer"],
  fastPretreatment: [],
  ignoresSize: true,
  microUsd: {},
  expectedSeconds: { "720P": { 6: 95 } },
} as const;
const only720: Matrix = { "720P": [6] };

const seconds = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

/** MiniMax's dearest is 2K, and its own client's default; ours is the size that both models make and that costs less. */
const h3 = {
  wire: "v2",
  prompt: { maxCharacters: 7000, neededFor: ["text", "image", "frames", "references"] },
  images: imageLimits.v2,
  // The guide allows it, the text on roles says that it comes in a pair: the stricter reading costs nobody a video.
  takesLastFrameAlone: false,
  references: { reference_images: 9, reference_videos: 3, reference_audio: 3 },
  ratios: ["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"],
  defaults: { resolution: "768P", duration: 5 },
  takes: ["duration", "resolution"],
  fastPretreatment: [],
  ignoresSize: false,
} as const;

/** A model's tiers written out: what a second costs, and how the usual time grows with the seconds. */
type Tiers = Partial<
  Record<ResolutionName, { second: number; input: number; wait: [start: number, each: number] }>
>;

function tiered(
  durations: readonly number[],
  tiers: Tiers,
  extras: Pick<Extras, "freeImages" | "imageMicroUsd">,
) {
  const entries = Object.entries(tiers);
  const each = <T>(of: (tier: (typeof entries)[number][1]) => T) =>
    Object.fromEntries(entries.map(([resolution, tier]) => [resolution, of(tier)]));
  const byDuration = (of: (duration: number) => number) =>
    Object.fromEntries(durations.map((duration) => [duration, of(duration)]));
  const matrix: Matrix = each(() => durations);
  return {
    makes: { text: matrix, image: matrix, frames: matrix, references: matrix },
    microUsd: each(({ second }) => byDuration((duration) => second * duration)),
    expectedSeconds: each(({ wait: [start, perSecond] }) =>
      byDuration((duration) => start + perSecond * duration),
    ),
    extras: {
      ...extras,
      inputSecondMicroUsd: each(({ input }) => input),
      secondMicroUsd: each(({ second }) => second),
    },
  };
}

export const models: readonly ModelRow[] = [
  {
    ...hailuo,
    model: "MiniMax-Hailuo-2.3",
    makes: { text: hailuoMatrix, image: hailuoMatrix },
    fastPretreatment: ["text", "image"],
    microUsd: hailuoPrice,
    expectedSeconds: hailuoSeconds,
  },
  {
    ...hailuo,
    model: "MiniMax-Hailuo-2.3-Fast",
    makes: { image: hailuoMatrix },
    fastPretreatment: ["image"],
    microUsd: { "768P": { 6: 190_000, 10: 320_000 }, "1080P": { 6: 330_000 } },
    expectedSeconds: { "768P": { 6: 55, 10: 90 }, "1080P": { 6: 110 } },
  },
  {
    ...hailuo,
    model: "MiniMax-Hailuo-02",
    makes: { text: hailuoMatrix, image: { "512P": [6, 10], ...hailuoMatrix }, frames: hailuoMatrix },
    fastPretreatment: ["text", "image"],
    microUsd: { "512P": { 6: 100_000, 10: 150_000 }, ...hailuoPrice },
    expectedSeconds: hailuoSeconds,
  },
  { ...first, model: "T2V-01", makes: { text: only720 } },
  { ...first, model: "T2V-01-Director", makes: { text: only720 } },
  { ...first, model: "I2V-01", makes: { image: only720 } },
  { ...first, model: "I2V-01-Director", makes: { image: only720 } },
  { ...first, model: "I2V-01-live", makes: { image: only720 } },
  { ...first, model: "S2V-01", makes: { subject: only720 } },
  {
    ...h3,
    model: "MiniMax-H3",
    promptExpansions: null,
    // 2K: 417 s in MiniMax's own sample of 5 s, 402 s observed. 768P: 143 and 197 s in Cloudflare's catalogue.
    ...tiered(
      seconds(4, 15),
      {
        "768P": { second: 80_000, input: 80_000, wait: [95, 15] },
        "2K": { second: 130_000, input: 130_000, wait: [200, 40] },
      },
      { freeImages: 5, imageMicroUsd: 40_000 },
    ),
  },
  {
    ...h3,
    model: "MiniMax-H3-Max",
    promptExpansions: ["disabled", "balanced", "quality"],
    // Nobody has told its times yet: it is called faster than H3, and looks only come early for it.
    ...tiered(
      seconds(5, 15),
      {
        "480P": { second: 50_000, input: 55_300, wait: [30, 6] },
        "768P": { second: 80_000, input: 143_000, wait: [50, 10] },
      },
      { freeImages: 2, imageMicroUsd: 74_000 },
    ),
  },
];

/** The row of a model, or undefined: model names are case-sensitive at MiniMax. */
export function findModel(name: string): ModelRow | undefined {
  return models.find((row) => row.model === name);
}

/** The wire that a model's orders go over; a model that was taken off the list spoke the first. */
export function wireOf(name: string): WireName {
  return findModel(name)?.wire ?? "v1";
}

export type Cell = Readonly<{ resolution: ResolutionName; duration: number }>;

/** A price that the operator set for a model, or for one cell of it: a plan's, or one that MiniMax does not publish. */
export type OwnPrice = Readonly<{
  model: ModelName;
  cell: Readonly<{ resolution: string; duration: number }> | null;
  microUsd: number;
}>;

/**
 * What MiniMax bills for one video without extras, in millionths of a US dollar; null where no price is published and the operator
 * set none. The operator's price for a cell comes before that for a model, and both before the published one.
 */
export function priceMicroUsd(row: ModelRow, cell: Cell, own: readonly OwnPrice[]): number | null {
  return ownPrice(row, cell, own) ?? row.microUsd[cell.resolution]?.[cell.duration] ?? null;
}

/** What the operator set for it; null if nothing. */
export function ownPrice(row: ModelRow, cell: Cell, own: readonly OwnPrice[]): number | null {
  const ofModel = own.filter(({ model }) => model === row.model);
  const ofCell = ofModel.find(
    (price) => price.cell?.resolution === cell.resolution && price.cell.duration === cell.duration,
  );
  return (ofCell ?? ofModel.find((one) => one.cell === null))?.microUsd ?? null;
}

/** The least that a video of this model costs, in millionths of a US dollar; null where no price of it is known. */
export function lowestMicroUsd(row: ModelRow, own: readonly OwnPrice[]): number | null {
  const matrices = Object.values(row.makes).flatMap((matrix) => Object.entries(matrix));
  const prices = matrices.flatMap(([resolution, durations]) =>
    durations.map((duration) =>
      priceMicroUsd(row, { resolution: resolution as ResolutionName, duration }, own),
    ),
  );
  const known = prices.filter((price) => price !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** How long MiniMax usually takes, in seconds. */
export function expectedSeconds(row: ModelRow, cell: Cell): number {
  return row.expectedSeconds[cell.resolution]?.[cell.duration] ?? 120;
}
