/** Which models there are, what each makes, and what it costs. */

import { createRoute } from "@hono/zod-openapi";
import type { ResolutionName, VideoModel } from "../contract.ts";
import {
  type Extras,
  expectedSeconds,
  type Mode,
  models,
  type OwnPrice,
  priceMicroUsd,
  type ReferenceCounts,
} from "../domain/models.ts";
import { dollars } from "../domain/view.ts";
import { createRoutes } from "./app-env.ts";
import { json, listModelsResponse, openAIStyleError } from "./schemas.ts";

export const modelRoutes = createRoutes();

modelRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/videos/models",
    tags: ["Videos"],
    summary: "What can be made, and what it costs",
    description:
      "Each model with what it starts from, the sizes and seconds it makes, its prices in US dollars and its usual times. Prices are MiniMax's, or the operator's where `PRICES` sets them.",
    security: [{ apiKey: [] }],
    responses: {
      200: json(listModelsResponse, "The models"),
      401: json(openAIStyleError, "No key, or one that is unknown or revoked"),
      403: json(openAIStyleError, "A publishable key from a page that may not use it"),
      429: json(openAIStyleError, "Too many requests from one visitor with a publishable key"),
    },
  }),
  (c) => {
    const { prices } = c.var.settings;
    return c.json({ object: "list" as const, data: models.map((row) => modelView(row, prices)) }, 200);
  },
);

function modelView(row: (typeof models)[number], prices: readonly OwnPrice[]): VideoModel {
  const cells = Object.entries(row.makes).flatMap(([mode, matrix]) =>
    Object.entries(matrix).flatMap(([resolution, durations]) =>
      durations.map((duration) => ({
        mode: mode as Mode,
        resolution: resolution as ResolutionName,
        duration,
      })),
    ),
  );
  return {
    id: row.model,
    object: "model",
    owned_by: "minimax",
    modes: Object.keys(row.makes) as Mode[],
    default: { ...row.defaults },
    makes: cells.map((cell) => ({
      ...cell,
      price_usd: dollars(priceMicroUsd(row, cell, prices)),
      expected_seconds: expectedSeconds(row, cell),
    })),
    max_prompt_characters: row.prompt.maxCharacters,
    prompt_needed: row.prompt.neededFor.filter((mode) => row.makes[mode] !== undefined),
    ratios: [...(row.ratios ?? [])],
    prompt_expansions: [...(row.promptExpansions ?? [])],
    references: referencesView(row.references),
    extras: extrasView(row.extras),
  };
}

function referencesView(counts: ReferenceCounts | null): VideoModel["references"] {
  if (counts === null) return null;
  const { reference_images, reference_videos, reference_audio } = counts;
  return { images: reference_images, videos: reference_videos, audio: reference_audio };
}

function extrasView(extras: Extras | null): VideoModel["extras"] {
  if (extras === null) return null;
  const { freeImages, imageMicroUsd, inputSecondMicroUsd } = extras;
  return {
    free_images: freeImages,
    image_usd: imageMicroUsd / 1_000_000,
    reference_video_second_usd: Object.entries(inputSecondMicroUsd).map(([resolution, microUsd]) => ({
      resolution: resolution as ResolutionName,
      usd: microUsd / 1_000_000,
    })),
  };
}
