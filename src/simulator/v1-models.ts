/*
 * The V1 models as rows: what each makes out of what, what it costs and how long it takes. Matrix and prices are
 * documented (platform.minimax.io/docs/api-reference/video-generation-t2v, -i2v, -fl2v, -s2v and its price
 * page); prices are US dollars of the global service, in millionths. The seconds are rounded from what third
 * parties saw (720P, 6 s: 80–110 s) and from published examples.
 */

export type Mode = "text" | "image" | "frames" | "subject";
type Cells = Record<string, readonly number[]>;
type Prices = Record<string, Record<number, number>>;

export type ModelRow = {
  modes: Partial<Record<Mode, Cells>>;
  defaultResolution: string;
  /** Whether the model takes `duration` and `resolution` at all: the 01 series is said not to, nodetool-ai/nodetool#4309. */
  takesSize: boolean;
  /** Millionths of a dollar by resolution and duration; null where nothing is published. */
  microUsd: Prices | null;
};

const hailuo: Cells = { "768P": [6, 10], "1080P": [6] };
const hailuoPrices: Prices = { "768P": { 6: 280_000, 10: 560_000 }, "1080P": { 6: 490_000 } };
const only720: Cells = { "720P": [6] };

function first(...modes: Mode[]): ModelRow {
  return {
    modes: Object.fromEntries(modes.map((mode) => [mode, only720])),
    defaultResolution: "720P",
    takesSize: false,
    microUsd: null,
  };
}

export const v1Models: Record<string, ModelRow> = {
  "MiniMax-Hailuo-2.3": {
    modes: { text: hailuo, image: hailuo },
    defaultResolution: "768P",
    takesSize: true,
    microUsd: hailuoPrices,
  },
  "MiniMax-Hailuo-2.3-Fast": {
    modes: { image: hailuo },
    defaultResolution: "768P",
    takesSize: true,
    microUsd: { "768P": { 6: 190_000, 10: 320_000 }, "1080P": { 6: 330_000 } },
  },
  "MiniMax-Hailuo-02": {
    modes: { text: hailuo, image: { "512P": [6, 10], ...hailuo }, frames: hailuo },
    defaultResolution: "768P",
    takesSize: true,
    microUsd: { "512P": { 6: 100_000, 10: 150_000 }, ...hailuoPrices },
  },
  "T2V-01-Director": first("text"),
  "T2V-01": first("text"),
  "I2V-01-Director": first("image"),
  "I2V-01-live": first("image"),
  "I2V-01": first("image"),
  "S2V-01": first("subject"),
};

type Made = { model: string; resolution: string; duration: number };

export function v1PriceMicroUsd({ model, resolution, duration }: Made): number | null {
  return v1Models[model]?.microUsd?.[resolution]?.[duration] ?? null;
}

const seconds: Record<string, number> = {
  "512P-6": 60,
  "512P-10": 100,
  "720P-6": 95,
  "768P-6": 95,
  "768P-10": 160,
  "1080P-6": 190,
};

/** How long MiniMax would take in life, from acceptance to the end. */
export function v1ExpectedSeconds({ model, resolution, duration }: Made): number {
  if (model === "MiniMax-Hailuo-2.3-Fast") return 55;
  return seconds[`${resolution}-${duration}`] ?? 95;
}
