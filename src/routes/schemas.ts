/**
 * The contract as schemas: what routes parse and what `/openapi.json` shows. A type test holds them equal to
 * contract.ts. Whether a combination of fields is possible is not said here but in domain/order.ts.
 */

import { z } from "@hono/zod-openapi";

export const example = <T extends z.ZodType>(schema: T, value: unknown): T =>
  schema.openapi({ example: value }) as T;

const modelName = z.enum([
  "T2V-01",
  "T2V-01-Director",
  "I2V-01",
  "I2V-01-Director",
  "I2V-01-live",
  "S2V-01",
  "MiniMax-Hailuo-02",
  "MiniMax-Hailuo-2.3",
  "MiniMax-Hailuo-2.3-Fast",
]);
const resolutionName = z.enum(["512P", "720P", "768P", "1080P"]);
const mode = z.enum(["text", "image", "frames", "subject"]);
const videoStatus = z.enum(["queued", "in_progress", "completed", "failed"]);
export const text = (accepted: string) =>
  z.string({ error: (issue) => (issue.input === undefined ? "is required" : accepted) });
const image = text(
  "must be a text: a public URL, a data URL, bare base64, or an id from POST /v1/files",
).openapi({
  description: "A public URL, a data URL, bare base64, or an id from POST /v1/files.",
});
export const flag = z.boolean({ error: "must be true or false" });

export const retentionDays = z
  .int({ error: "must be a whole number of days from 1 to 3650" })
  .min(1, "must be a whole number of days from 1 to 3650")
  .max(3650, "must be a whole number of days from 1 to 3650")
  .openapi({ description: "How long the video is kept after it ended; by default for ever.", example: 30 });

/** Which addresses are taken is domain/outbound-url.ts's matter; the route judges them by the deployment's settings. */
export const webhookUrl = example(
  text("must be a text: an https URL").openapi({
    description:
      "An https URL on a public host: it is told when the video succeeded, failed or was cancelled.",
  }),
  "https://example.com/webhooks/filmgate",
);

/** An object whose unknown fields are refused by name, with the names that are accepted. */
export const closed = <T extends z.ZodRawShape>(shape: T) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `is not a field here; accepted are ${Object.keys(shape).join(", ")}`
        : "must be an object",
  });

export const createVideoRequest = closed({
  model: example(text("must be a model's name, as GET /v1/videos/models lists them"), "MiniMax-Hailuo-2.3"),
  prompt: example(text("must be a text of at most 2,000 characters").optional(), "Ocean waves at sunset"),
  first_frame_image: image.optional(),
  last_frame_image: image.optional(),
  subject_reference: z
    .array(
      closed({
        type: z.literal("character", { error: "must be 'character', the only type MiniMax takes" }),
        image: z
          .array(image, { error: "must be a list of one image" })
          .length(1, "must be a list of one image"),
      }),
      { error: "must be a list of one {type, image}" },
    )
    .length(1, "must be a list of one {type, image}")
    .optional(),
  duration: z
    .int({ error: "must be a whole number of seconds: 6 or 10" })
    .optional()
    .openapi({ description: "Seconds: 6 or 10, as the model allows.", example: 6 }),
  resolution: example(text("must be one of 512P, 720P, 768P, 1080P").optional(), "768P"),
  prompt_optimizer: flag.optional(),
  fast_pretreatment: flag.optional(),
  take: z
    .int({ error: "must be a whole number from 1 to 1000" })
    .min(1, "must be from 1 to 1000")
    .max(1000, "must be from 1 to 1000")
    .optional(),
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
    .openapi({ description: "At most 16 texts, shown again on the video." }),
  max_cost_usd: z
    .number({ error: "must be a number of US dollars, 0 or more" })
    .min(0, "must be a number of US dollars, 0 or more")
    .optional(),
  retention_days: retentionDays.optional(),
  webhook_url: webhookUrl.optional(),
  dry_run: flag.optional(),
  n: z.int({ error: "must be 1" }).optional().openapi({ description: "Existing clients send it; only 1." }),
  aspect_ratio: text("must be a text such as 16:9")
    .optional()
    .openapi({ description: "Existing clients send it; it has no effect on these models." }),
}).openapi("CreateVideoRequest");

export const baseResponse = z
  .object({ status_code: z.int(), status_msg: z.string() })
  .openapi("BaseResponse");

export const createVideoResponse = z
  .object({
    task_id: z.string(),
    id: z.string(),
    object: z.literal("video"),
    model: modelName,
    status: videoStatus,
    created_at: z.int(),
    estimated_cost_usd: z.number().nullable(),
    joined: z.literal(true).optional(),
    ignored_fields: z.array(z.string()).optional(),
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
    estimated_cost_usd: z.number().nullable(),
    base_resp: baseResponse,
  })
  .openapi("DryRunResponse");

export const queryVideoResponse = z
  .object({
    id: z.string(),
    object: z.literal("video"),
    task_id: z.string(),
    status: z.enum(["Preparing", "Queueing", "Processing", "Success", "Fail", "failed"]),
    file_id: z.string(),
    video_width: z.int(),
    video_height: z.int(),
    progress: z.int(),
    queue_position: z.int().optional(),
    error: z.string().optional(),
    download_url: z.string().optional(),
    expires_at: z.int().optional(),
    base_resp: baseResponse,
  })
  .openapi("QueryVideoResponse");

export const downloadVideoResponse = z
  .object({
    download_url: z.string(),
    file_id: z.string(),
    expires_in_seconds: z.int(),
    expires_at: z.int(),
    bytes: z.int(),
    sha256: z.string(),
    content_type: z.literal("video/mp4"),
    filename: z.string(),
    disposition: z.enum(["inline", "attachment"]),
    via: z.enum(["worker", "r2"]),
    notice: z.string().nullable(),
    base_resp: baseResponse,
  })
  .openapi("DownloadVideoResponse");

export const cost = z
  .object({
    estimated_usd: z.number().nullable(),
    charged_usd: z.number().nullable(),
    state: z.enum(["reserved", "settled", "released", "held"]),
  })
  .openapi("Cost");

export const video = z
  .object({
    id: z.string(),
    object: z.literal("video"),
    model: modelName,
    mode,
    status: videoStatus,
    progress: z.int(),
    queue_position: z.int().nullable(),
    prompt: z.string().nullable(),
    seconds: z.string(),
    size: z.string(),
    resolution: resolutionName,
    take: z.int(),
    created_at: z.int(),
    completed_at: z.int().nullable(),
    expires_at: z.int().nullable(),
    retry_of: z.string().nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    cost,
    metadata: z.record(z.string(), z.string()),
    file_id: z.string().nullable(),
    bytes: z.int().nullable(),
    sha256: z.string().nullable(),
    download_url: z.string().nullable(),
    download_url_expires_at: z.int().nullable(),
  })
  .openapi("Video");

export const listVideosResponse = z
  .object({
    object: z.literal("list"),
    data: z.array(video),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  })
  .openapi("ListVideosResponse");

export const deleteVideoResponse = z
  .object({
    id: z.string(),
    object: z.enum(["video.deleted", "video.cancelled"]),
    deleted: z.boolean(),
    cancelled: z.boolean(),
    cost,
    message: z.string(),
  })
  .openapi("DeleteVideoResponse");

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
          default: z.object({ resolution: resolutionName, duration: z.int() }),
          makes: z.array(
            z.object({
              mode,
              resolution: resolutionName,
              duration: z.int(),
              price_usd: z.number().nullable(),
              expected_seconds: z.int(),
            }),
          ),
        })
        .openapi("VideoModel"),
    ),
  })
  .openapi("ListModelsResponse");

export const uploadedImage = z
  .object({
    id: z.string(),
    object: z.literal("file"),
    purpose: z.literal("image"),
    content_type: z.enum(["image/jpeg", "image/png", "image/webp"]),
    bytes: z.int(),
    width: z.int(),
    height: z.int(),
  })
  .openapi("UploadedImage");

export const miniMaxStyleError = z
  .object({
    error: z.string(),
    code: z.string(),
    details: z.record(z.string(), z.unknown()),
    base_resp: baseResponse,
  })
  .openapi("MiniMaxStyleError");
export const openAIStyleError = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      code: z.string(),
      param: z.string().nullable(),
    }),
  })
  .openapi("OpenAIStyleError");

/** A JSON body, as a route declares it. */
export function json<T extends z.ZodType>(schema: T, description: string) {
  return { content: { "application/json": { schema } }, description };
}
