/**
 * Orders as schemas: what a create takes and answers. Whether a combination of fields is possible is not said here but
 * in domain/order.ts.
 */

import { z } from "@hono/zod-openapi";
import { baseResponse } from "./error-schemas.ts";
import { mode, modelName, promptExpansion, ratioOrAdaptive, resolutionName } from "./model-schemas.ts";
import { publication, publishRequest } from "./publication-schemas.ts";
import { closed, deployHookUrl, flag, retentionDays, text, told, webhookUrl } from "./schema-parts.ts";
import { videoStatus } from "./video-schemas.ts";

const anImage = "A public URL, a data URL, bare base64, or an id from `POST /v1/files`.";

const image = told(
  text("must be a text: a public URL, a data URL, bare base64, or an id from POST /v1/files"),
  anImage,
);

/** @param what of which there may be at most `most`. */
const references = (what: string, most: number) => {
  const rule = `must be a list of 1 to ${most} ${what}`;
  const one = text("must be a text: a public URL, a data URL, or an id from POST /v1/files");
  return z.array(one, { error: rule }).min(1, rule).max(most, rule).optional();
};

export const createVideoRequest = closed({
  model: text("must be a model's name, as GET /v1/videos/models lists them").openapi({
    description: "A model's name, as `GET /v1/videos/models` lists them.",
    example: "MiniMax-Hailuo-2.3",
  }),
  prompt: text("must be a text of at most 2,000 characters").optional().openapi({
    description:
      "At most 2,000 characters; may be left out with a first frame. With the H3 models at most 7,000, and always needed.",
    maxLength: 7000,
    example: "Ocean waves at sunset",
  }),
  first_frame_image: told(image.optional(), `What the video starts with. ${anImage}`),
  last_frame_image: told(image.optional(), `What it ends with. ${anImage}`),
  subject_reference: z
    .array(
      closed({
        type: z.literal("character", { error: "must be 'character', the only type MiniMax takes" }),
        image: z
          .array(image, { error: "must be a list of one image" })
          .min(1, "must be a list of one image")
          .max(1, "must be a list of one image"),
      }),
      { error: "must be a list of one {type, image}" },
    )
    .min(1, "must be a list of one {type, image}")
    .max(1, "must be a list of one {type, image}")
    .optional()
    .openapi({ description: "For S2V-01: whose likeness the video shows." }),
  reference_images: references("images", 9).openapi({
    description:
      "For the H3 models: at most nine images to go by, each in the forms of a frame. References and frames exclude each other.",
  }),
  reference_videos: references("videos", 3).openapi({
    description:
      "For the H3 models: at most three MP4 or MOV of 2 to 15 seconds, 15 together. MiniMax charges their seconds, too; for a URL the most is reserved, and what MiniMax counts is settled.",
  }),
  reference_audio: references("sounds", 3).openapi({
    description:
      "For the H3 models: at most three WAV or MP3 of 2 to 15 seconds, 15 together, beside a reference image or video.",
  }),
  duration: z
    .int({ error: "must be a whole number of seconds: 6 or 10, with the H3 models 4 to 15" })
    .optional()
    .openapi({
      description:
        "Seconds: 6 or 10, with MiniMax-H3 4 to 15 and with MiniMax-H3-Max 5 to 15, as the model allows. By default 6, with the H3 models 5.",
      minimum: 4,
      maximum: 15,
      example: 6,
    }),
  resolution: text("must be one of 480P, 512P, 720P, 768P, 1080P, 2K").optional().openapi({
    description:
      "`480P`, `512P`, `720P`, `768P`, `1080P` or `2K`, as the model allows; by default `768P`, with the 01 series `720P`.",
    example: "768P",
  }),
  ratio: told(
    ratioOrAdaptive.optional(),
    "For the H3 models: the shape. `16:9` by default from text, which cannot be `adaptive`; `adaptive` by default from references; with frames it is always that, whatever is sent.",
  ),
  prompt_expansion: told(
    promptExpansion.optional(),
    "For MiniMax-H3-Max: how much MiniMax makes of the prompt; `balanced` by default.",
  ),
  prompt_optimizer: told(
    flag.optional(),
    "Whether MiniMax may improve the prompt; it does unless told not to.",
  ),
  fast_pretreatment: told(
    flag.optional(),
    "Whether MiniMax shortens that; where a model does not take it, it is not sent.",
  ),
  take: z
    .int({ error: "must be a whole number from 1 to 1000" })
    .min(1, "must be from 1 to 1000")
    .max(1000, "must be from 1 to 1000")
    .optional()
    .openapi({
      description: "Which attempt at the same order is wanted, 1 if left out: another take is another video.",
    }),
  metadata: z
    .record(
      z.string().regex(/^[\s\S]{1,64}$/, "must have names of 1 to 64 characters"),
      z
        .string({ error: "must be a text of at most 512 characters" })
        .max(512, "must be a text of at most 512 characters"),
      {
        error: (issue) =>
          issue.code === "invalid_key"
            ? "must have names of 1 to 64 characters"
            : "must be an object of at most 16 texts",
      },
    )
    .refine((pairs) => Object.keys(pairs).length <= 16, "must be an object of at most 16 texts")
    .optional()
    .openapi({ description: "At most 16 texts, shown again on the video.", maxProperties: 16 }),
  max_cost_usd: z
    .number({ error: "must be a number of US dollars, 0 or more" })
    .min(0, "must be a number of US dollars, 0 or more")
    .optional()
    .openapi({ description: "Refuse the order if its price is above this." }),
  retention_days: retentionDays.optional(),
  webhook_url: webhookUrl.optional(),
  deploy_hook_url: deployHookUrl.optional(),
  publish: told(publishRequest.optional(), "Give the video an address that stays, known at once."),
  dry_run: told(flag.optional(), "Check and price the order, and make nothing."),
  n: z.int({ error: "must be 1" }).optional().openapi({
    description: "Existing clients send it; only 1.",
    minimum: 1,
    maximum: 1,
  }),
  aspect_ratio: text("must be a text such as 16:9").optional().openapi({
    description:
      "The other name of `ratio`, which existing clients send; other models than the H3 ones ignore it.",
  }),
}).openapi("CreateVideoRequest");

export const createVideoResponse = z
  .object({
    task_id: told(z.string(), "What to ask for the video by."),
    id: told(z.string(), "The same, for clients of OpenAI's form."),
    object: z.literal("video"),
    model: modelName,
    status: videoStatus,
    created_at: z.int(),
    estimated_cost_usd: told(z.number().nullable(), "Null where no price is known."),
    joined: told(
      z.literal(true).optional(),
      "The same order was given before, and this is its task: nothing is paid for again.",
    ),
    ignored_fields: told(
      z.array(z.string()).optional(),
      "With `joined`: wishes in which this request differs from what that task was ordered with.",
    ),
    publication: told(publication.optional(), "Present if it is published."),
    base_resp: baseResponse,
  })
  .openapi("CreateVideoResponse");

export const dryRunResponse = z
  .object({
    object: z.literal("video.quote"),
    dry_run: z.literal(true),
    model: modelName,
    mode,
    duration: z.int(),
    resolution: resolutionName,
    ratio: told(ratioOrAdaptive.nullable(), "The shape; null where the model has none to choose."),
    fingerprint: told(
      z.string().regex(/^[0-9a-f]{64}$/),
      "What is to be made, of all that makes it another video: orders with the same fingerprint are the same order, however they are written and whichever way their images come.",
    ),
    estimated_cost_usd: told(z.number().nullable(), "Null where no price is known."),
    cost_parts: told(
      z.array(
        z.object({
          of: z.enum(["video", "images", "reference_video"]),
          quantity: z.int(),
          unit: z.enum(["video", "second", "image"]),
          unit_usd: z.number(),
          usd: z.number(),
          is_most: told(
            z.boolean(),
            "True where MiniMax may charge less: how long a reference video is whose address was given turns out later.",
          ),
        }),
      ),
      "What the cost is made of; empty where no price is known.",
    ),
    base_resp: baseResponse,
  })
  .openapi("DryRunResponse");
