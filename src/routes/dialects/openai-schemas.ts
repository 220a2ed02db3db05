/** OpenAI's create as schemas: its own fields, and ours where they have the same meaning. */

import { z } from "@hono/zod-openapi";
import { createVideoRequest, createVideoResponse } from "../order-schemas.ts";
import { closed, text } from "../schema-parts.ts";
import { video } from "../video-schemas.ts";

const sizeRule = "must be a text such as 1366x768, 1280x720 or 1920x1080, or a resolution's name";

const referenceRule =
  "must be a picture: a file in a form, or one of {image_url} (a public or data URL) and {file_id} (an id from POST /v1/files)";

// Without flags: a pattern of JSON Schema has none.
const imageUrl = z
  .string()
  .regex(/^(?:[Hh][Tt]{2}[Pp][Ss]?|[Dd][Aa][Tt][Aa]):/, "must be a public URL or a data URL");

const imageFileId = z.string().regex(/^image_[0-9a-f]{64}$/, "must be an id from POST /v1/files");

const ordered = createVideoRequest.shape;

export const openAICreateVideoRequest = closed({
  model: ordered.model,
  prompt: ordered.prompt,
  seconds: z
    .union([z.string(), z.number()], { error: "must be a number of seconds, as a text or a number" })
    .optional()
    .openapi({ description: "What the model makes, such as 6 or 10; a text or a number.", example: "6" }),
  size: text(sizeRule).optional().openapi({
    description:
      "`1366x768`, `1280x720`, `1920x1080` or `2560x1440`, or a resolution's name, as the model allows.",
    example: "1366x768",
  }),
  input_reference: z
    .union(
      [
        z.string(),
        z
          .strictObject({
            image_url: imageUrl.optional(),
            file_id: imageFileId.optional(),
          })
          .refine(
            ({ image_url, file_id }) => (image_url === undefined) !== (file_id === undefined),
            referenceRule,
          ),
      ],
      { error: referenceRule },
    )
    .optional()
    .openapi({ description: "What the video starts with; in a form it may be a file." }),
  ratio: ordered.ratio,
  prompt_expansion: ordered.prompt_expansion,
  prompt_optimizer: ordered.prompt_optimizer,
  fast_pretreatment: ordered.fast_pretreatment,
  take: ordered.take,
  metadata: ordered.metadata,
  max_cost_usd: ordered.max_cost_usd,
  retention_days: ordered.retention_days,
  webhook_url: ordered.webhook_url,
  deploy_hook_url: ordered.deploy_hook_url,
  dry_run: ordered.dry_run,
}).openapi("OpenAICreateVideoRequest");

export const openAICreateVideoResponse = video
  .extend({
    joined: createVideoResponse.shape.joined,
    ignored_fields: createVideoResponse.shape.ignored_fields,
  })
  .openapi("OpenAICreateVideoResponse");
