/**
 * What the dialect MiniMax V2 takes and answers. Fields that it does not know are ignored, as in the dialect MiniMax
 * V1; those that MiniMax takes and filmgate cannot serve are refused. What MiniMax requires is required: a default
 * would be a guess at somebody's money.
 */

import { z } from "@hono/zod-openapi";
import { miniMaxV2Statuses, miniMaxV2TaskType } from "../../domain/minimax-v2.ts";
import { findModel } from "../../domain/models.ts";
import { modelName } from "../model-schemas.ts";
import { createVideoRequest } from "../order-schemas.ts";
import { wholeNumber } from "../parameters.ts";
import { closed, text, told } from "../schema-parts.ts";
import { wishes } from "./minimax-wishes.ts";

const noV1Model =
  "is none that MiniMax's V2 makes; POST /v1/video_generation makes it, and POST /v1/videos/generations";
const durationRule = "must be a whole number of seconds: 4 to 15, with MiniMax-H3-Max 5 to 15";
const contentRule = 'must be a list of items such as {"type": "text", "text": "…"}';

/** More than any order has: what comes beyond is not walked, since one isolate serves many callers. */
const maxItems = 64;

/** Told to readers only: the items are read by readContent, whose refusals name them. */
const contentItem = {
  type: "object" as const,
  required: ["type"],
  properties: {
    type: { type: "string" as const, enum: ["text", "image_url", "video_url", "audio_url"] },
    text: { type: "string" as const, description: "The prompt, of at most 7,000 characters; one is needed." },
    image_url: { type: "object" as const, properties: { url: { type: "string" as const } } },
    video_url: { type: "object" as const, properties: { url: { type: "string" as const } } },
    audio_url: { type: "object" as const, properties: { url: { type: "string" as const } } },
    role: {
      type: "string" as const,
      enum: ["first_frame", "last_frame", "reference_image", "reference_video", "reference_audio"],
      description: "A single image without one is the first frame.",
    },
  },
};

export const miniMaxV2Order = z
  .object({
    model: text("must be MiniMax-H3 or MiniMax-H3-Max")
      .refine((name) => findModel(name)?.wire !== "v1", noV1Model)
      .openapi({ description: "`MiniMax-H3` or `MiniMax-H3-Max`.", example: "MiniMax-H3" }),
    content: z
      .array(z.unknown(), { error: (issue) => (issue.input === undefined ? "is required" : contentRule) })
      .max(maxItems, {
        error: ({ input }) => `has ${(input as unknown[]).length} items; at most ${maxItems} are accepted`,
      })
      .openapi({
        type: "array",
        items: contentItem,
        maxItems,
        description:
          "One text, and what the video starts from or goes by. A `url` is public, a data URI, or `mm_file://` and an id from `POST /v1/files`. Frames and references exclude each other.",
        example: [{ type: "text", text: "Ocean waves at sunset" }],
      }),
    resolution: text("must be one of 480P, 768P, 2K").openapi({
      description: "`768P` or `2K`, with MiniMax-H3-Max `480P` or `768P`.",
      example: "768P",
    }),
    duration: z
      .int({ error: (issue) => (issue.input === undefined ? "is required" : durationRule) })
      .openapi({ description: "Seconds: 4 to 15, with MiniMax-H3-Max 5 to 15.", example: 5 }),
    ratio: told(
      text("must be a text such as 16:9").optional(),
      "`16:9` by default from text, `adaptive` from references; with frames it is ignored.",
    ),
    extra: told(
      closed({ prompt_expansion_mode: createVideoRequest.shape.prompt_expansion.nullable() }).optional(),
      "For MiniMax-H3-Max.",
    ),
    ...wishes,
  })
  .openapi("MiniMaxV2Order");

export const miniMaxV2Created = z
  .object({
    task_id: z.string(),
    ignored_fields: told(
      z.array(z.string()).optional(),
      "Where it joined a task that was ordered with other wishes: those. `webhook_url` stands for `callback_url`, too.",
    ),
  })
  .openapi("MiniMaxV2Created");

const status = z.enum(miniMaxV2Statuses);

export const miniMaxV2Video = z
  .object({
    id: z.string(),
    model: modelName,
    status: told(status, "`queued` can be cancelled, and then costs nothing."),
    error: told(
      z.object({ code: z.string(), message: z.string() }).optional(),
      "Why it failed: MiniMax's number, and a sentence.",
    ),
    created_at: z.int(),
    updated_at: z.int(),
    content: told(
      z.object({ url: z.string() }).optional(),
      "Once it succeeded: a link that works for 24 hours, for whoever has it.",
    ),
    resolution: z.string(),
    duration: z.int(),
    usage: told(
      z.object({
        total_seconds: z.int().optional(),
        input_seconds: z.int().optional(),
        output_seconds: z.int().optional(),
        input_image_count: z.int().optional(),
      }),
      "What MiniMax counted; empty until it succeeded.",
    ),
    ratio: told(z.string().optional(), "As it was ordered; absent of models that MiniMax's V1 makes."),
    task_type: z.literal(miniMaxV2TaskType),
    modality: z.literal("video"),
  })
  .openapi("MiniMaxV2Task");

export const queriedVideo = z.object({ task: miniMaxV2Video }).openapi("MiniMaxV2Query");

const pageRule = "must be a whole number, 1 or more";
const sizeRule = "must be a whole number from 1 to 100";
const maxIds = 100;

export const listQuery = z.object({
  page_num: z
    .string({ error: pageRule })
    .regex(/^[1-9][0-9]{0,8}$/, pageRule)
    .transform(Number)
    .optional()
    .openapi({ description: "From 1.", example: 1, ...wholeNumber(1, 999_999_999) }),
  page_size: z
    .string({ error: sizeRule })
    .regex(/^(?:[1-9][0-9]?|100)$/, sizeRule)
    .transform(Number)
    .optional()
    .openapi({ description: "1 to 100, by default 20.", example: 20, ...wholeNumber(1, 100) }),
  "filter.status": z
    .enum(["", ...miniMaxV2Statuses], { error: `must be one of ${miniMaxV2Statuses.join(", ")}` })
    .optional(),
  "filter.task_ids": z
    .string()
    .or(z.array(z.string()))
    .transform((asked) => [asked].flat().flatMap((one) => one.split(",").filter((id) => id !== "")))
    .refine((ids) => ids.length <= maxIds, `must be at most ${maxIds} ids`)
    .optional()
    .openapi({ type: "string", description: "Ids, with commas between them; or given several times." }),
  "filter.model": z.string({ error: "must be one model's name" }).optional(),
  "filter.task_type": z
    .string({ error: "must be one type" })
    .optional()
    .openapi({ description: "`generation` is all that there is." }),
});

export const listedVideos = z
  .object({
    items: z.array(miniMaxV2Video),
    total: told(z.int(), "How many there are on all pages."),
  })
  .openapi("MiniMaxV2List");

export const dismissedVideo = z
  .object({
    task_id: z.string(),
    action: z.enum(["cancelled", "deleted"]),
    status: told(status, "After the cancel, or before the deletion."),
  })
  .openapi("MiniMaxV2Deleted");

export const miniMaxV2Error = z
  .object({
    type: z.literal("error"),
    error: z.object({
      type: z.string(),
      message: told(z.string(), "What to change, with MiniMax's number in brackets at its end."),
      http_code: z.string(),
    }),
    request_id: z.string(),
  })
  .openapi("MiniMaxV2Error");
