/**
 * The models as rows: what each makes, what it costs, how long it usually takes.
 * Matrix and prices: platform.minimax.io/docs/api-reference/video-generation-{t2v,i2v,fl2v,s2v} and the price page,
 * as of 2026-11-23. The 01 series has no published global price, hence none here.
 */

import type { ModelName, ResolutionName } from "../contract.ts";

/** What an order starts from: words, a first frame, a last frame (with or without a first), or a person's likeness. */
export type Mode = "text" | "image" | "frames" | "subject";

type Durations = readonly number[];
type Matrix = Partial<Record<ResolutionName, Durations>>;
/** Fields that MiniMax takes for a model; the others are not sent. */
type ProviderField = "duration" | "resolution" | "prompt_optimizer" | "fast_pretreatment";

export type ModelRow = Readonly<{
  model: ModelName;
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

const hailuoMatrix: Matrix = { "768P": [6, 10], "1080P": [6] };
const hailuo = {
  defaults: { resolution: "768P", duration: 6 },
  takes: ["duration", "resolution", "prompt_optimizer", "fast_pretreatment"],
  ignoresSize: false,
} as const;
const hailuoPrice = { "768P": { 6: 280_000, 10: 560_000 }, "1080P": { 6: 490_000 } };
const hailuoSeconds = { "512P": { 6: 60, 10: 100 }, "768P": { 6: 95, 10: 160 }, "1080P": { 6: 190 } };

const first = {
  defaults: { resolution: "720P", duration: 6 },
  takes: ["prompt_optimizer"],
  fastPretreatment: [],
  ignoresSize: true,
  microUsd: {},
  expectedSeconds: { "720P": { 6: 95 } },
} as const;
const only720: Matrix = { "720P": [6] };

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
];

/** The row of a model, or undefined: model names are case-sensitive at MiniMax. */
export function findModel(name: string): ModelRow | undefined {
  return models.find((row) => row.model === name);
}

type Cell = Readonly<{ resolution: ResolutionName; duration: number }>;

/** A price that the operator set for a model, or for one cell of it: a plan's, or one that MiniMax does not publish. */
export type OwnPrice = Readonly<{
  model: ModelName;
  cell: Readonly<{ resolution: string; duration: number }> | null;
  microUsd: number;
}>;

/**
 * What MiniMax bills for one video, in millionths of a US dollar; null where no price is published and the operator
 * set none. The operator's price for a cell comes before that for a model, and both before the published one.
 */
export function priceMicroUsd(row: ModelRow, cell: Cell, own: readonly OwnPrice[]): number | null {
  const ofModel = own.filter(({ model }) => model === row.model);
  const ofCell = ofModel.find(
    (price) => price.cell?.resolution === cell.resolution && price.cell.duration === cell.duration,
  );
  const price = ofCell ?? ofModel.find((one) => one.cell === null);
  return price?.microUsd ?? row.microUsd[cell.resolution]?.[cell.duration] ?? null;
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
