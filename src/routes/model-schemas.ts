/** What can be made, as schemas: the names that orders and videos have in common, and the list of models. */

import { z } from "@hono/zod-openapi";
import { told } from "./schema-parts.ts";

export const modelName = z
  .enum([
    "T2V-01",
    "T2V-01-Director",
    "I2V-01",
    "I2V-01-Director",
    "I2V-01-live",
    "S2V-01",
    "MiniMax-Hailuo-02",
    "MiniMax-Hailuo-2.3",
    "MiniMax-Hailuo-2.3-Fast",
    "MiniMax-H3",
    "MiniMax-H3-Max",
  ])
  .openapi("ModelName");

export const resolutionName = z.enum(["480P", "512P", "720P", "768P", "1080P", "2K"]);

export const mode = z.enum(["text", "image", "frames", "subject", "references"]);

const ratios = ["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"] as const;

export const ratioOrAdaptive = z.enum([...ratios, "adaptive"], {
  error: `must be one of ${ratios.join(", ")}, adaptive`,
});

export const promptExpansion = z.enum(["disabled", "balanced", "quality"], {
  error: "must be one of disabled, balanced, quality",
});

export const listModelsResponse = z
  .object({
    object: z.literal("list"),
    data: z.array(
      z
        .object({
          id: modelName,
          object: z.literal("model"),
          owned_by: z.literal("minimax"),
          modes: z.array(mode),
          default: told(
            z.object({ resolution: resolutionName, duration: z.int() }),
            "What it makes where an order does not say.",
          ),
          makes: z.array(
            z.object({
              mode,
              resolution: resolutionName,
              duration: z.int(),
              price_usd: told(z.number().nullable(), "Null where no price is known."),
              expected_seconds: told(z.int(), "How long MiniMax usually takes."),
            }),
          ),
          last_frame_alone: told(z.boolean(), "Whether it takes a last frame without a first."),
          max_prompt_characters: z.int(),
          prompt_needed: told(z.array(mode), "The modes that need a prompt."),
          ratios: told(z.array(z.enum(ratios)), "Shapes to choose from; empty where MiniMax decides."),
          prompt_expansions: z.array(promptExpansion),
          references: told(
            z.object({ images: z.int(), videos: z.int(), audio: z.int() }).nullable(),
            "How many of each it goes by; null where it takes none.",
          ),
          extras: told(
            z
              .object({
                free_images: z.int(),
                image_usd: told(z.number(), "For each image beyond the free ones."),
                reference_video_second_usd: z.array(
                  z.object({ resolution: resolutionName, usd: z.number() }),
                ),
              })
              .nullable(),
            "What is paid beside `price_usd`; null where nothing is.",
          ),
          fast_pretreatment: told(z.array(mode), "The modes in which it takes `fast_pretreatment`."),
        })
        .openapi("VideoModel"),
    ),
  })
  .openapi("ListModelsResponse");
