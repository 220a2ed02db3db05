/*
 * The V2 models as rows: what each makes, what it costs and how long it takes. Matrix and prices are documented
 * (platform.minimax.io/docs/api-reference/video-generation-v2-create and its price page); prices are US dollars
 * of the global service, in millionths. The seconds are drawn through what was seen: H3 takes 400 s for 5 s of 2K
 * (417 in the docs' sample, 402 observed) and 140 to 200 s for 768P (Cloudflare's catalogue). Those of H3-Max,
 * and how the seconds grow with the film's length, are guesses.
 */

export const ratios = ["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"] as const;

type Tier = {
  /** By second of film. */
  microUsd: number;
  /** By second of a reference video. */
  inputMicroUsd: number;
  seconds: { start: number; each: number };
};

export type V2Row = {
  durations: { least: number; most: number };
  tiers: Record<string, Tier>;
  freeImages: number;
  /** For each image beyond the free ones. */
  imageMicroUsd: number;
  /** What `extra.prompt_expansion_mode` may say; null where there is no `extra`. */
  expansionModes: readonly string[] | null;
};

export const v2Models: Record<string, V2Row> = {
  "MiniMax-H3": {
    durations: { least: 4, most: 15 },
    tiers: {
      "768P": { microUsd: 80_000, inputMicroUsd: 80_000, seconds: { start: 95, each: 15 } },
      "2K": { microUsd: 130_000, inputMicroUsd: 130_000, seconds: { start: 200, each: 40 } },
    },
    freeImages: 5,
    imageMicroUsd: 40_000,
    expansionModes: null,
  },
  "MiniMax-H3-Max": {
    durations: { least: 5, most: 15 },
    tiers: {
      "480P": { microUsd: 50_000, inputMicroUsd: 55_300, seconds: { start: 30, each: 6 } },
      "768P": { microUsd: 80_000, inputMicroUsd: 143_000, seconds: { start: 50, each: 10 } },
    },
    freeImages: 2,
    imageMicroUsd: 74_000,
    expansionModes: ["disabled", "balanced", "quality"],
  },
};

type Made = {
  model: string;
  resolution: string;
  duration: number;
  /** Images given, frames and references alike. */
  images: number;
  /** Whole seconds of reference video. */
  inputSeconds: number;
};

export function v2PriceMicroUsd({ model, resolution, duration, images, inputSeconds }: Made): number {
  const [row, tier] = rowAndTier(model, resolution);
  const billedImages = Math.max(0, images - row.freeImages);
  return duration * tier.microUsd + inputSeconds * tier.inputMicroUsd + billedImages * row.imageMicroUsd;
}

/** How long MiniMax would take in life, from acceptance to the end. */
export function v2ExpectedSeconds({
  model,
  resolution,
  duration,
}: Omit<Made, "images" | "inputSeconds">): number {
  const { seconds } = rowAndTier(model, resolution)[1];
  return seconds.start + seconds.each * duration;
}

function rowAndTier(model: string, resolution: string): [V2Row, Tier] {
  const row = v2Models[model];
  const tier = row?.tiers[resolution];
  if (!row || !tier) throw new Error(`There is no ${model} at ${resolution}`);
  return [row, tier];
}
