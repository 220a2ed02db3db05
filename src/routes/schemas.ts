/**
 * The contract as schemas: what routes parse and what `/openapi.json` shows. A type test holds them equal to
 * contract.ts. Whether a combination of fields is possible is not said here but in domain/order.ts.
 */

import { z } from "@hono/zod-openapi";
import { maxUrlCharacters } from "../domain/outbound-url.ts";
import { maxOrigins, readOrigin } from "../domain/publication.ts";

/** A field with a sentence for those who read it. */
export const told = <T extends z.ZodType>(schema: T, description: string): T =>
  schema.openapi({ description }) as T;

export const example = <T extends z.ZodType>(schema: T, value: unknown): T =>
  schema.openapi({ example: value }) as T;

/** A schema with a name, or null: as `.nullable()` the document would lose that it may be null, or give it to all. */
export const orNull = <T extends z.ZodType>(schema: T) => schema.or(z.null());

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
const resolutionName = z.enum(["480P", "512P", "720P", "768P", "1080P", "2K"]);
const mode = z.enum(["text", "image", "frames", "subject", "references"]);
const ratios = ["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"] as const;
const ratioOrAdaptive = z.enum([...ratios, "adaptive"], {
  error: `must be one of ${ratios.join(", ")}, adaptive`,
});
const promptExpansion = z.enum(["disabled", "balanced", "quality"], {
  error: "must be one of disabled, balanced, quality",
});
const videoStatus = z.enum(["queued", "in_progress", "completed", "failed"]);
export const text = (accepted: string) =>
  z.string({ error: (issue) => (issue.input === undefined ? "is required" : accepted) });
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
export const flag = z.boolean({ error: "must be true or false" });

export const retentionDays = z
  .int({ error: "must be a whole number of days from 1 to 3650" })
  .min(1, "must be a whole number of days from 1 to 3650")
  .max(3650, "must be a whole number of days from 1 to 3650")
  .openapi({ description: "How long the video is kept after it ended; by default for ever." });

/** Which addresses are taken is domain/outbound-url.ts's matter; the route judges them by the deployment's settings. */
export const webhookUrl = text("must be a text: an https URL").openapi({
  // Without an example: a pasted one would be called.
  description: "An https URL on a public host: it is told when the video succeeded, failed or was cancelled.",
  format: "uri",
  maxLength: maxUrlCharacters,
});

/** An object whose unknown fields are refused by name, with the names that are accepted. */
export const closed = <T extends z.ZodRawShape>(shape: T) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `is not a field here; accepted are ${Object.keys(shape).join(", ")}`
        : "must be an object",
  });

const originRule =
  "must be an https origin without a path, such as https://example.com (http only for localhost)";
const originsRule = `must be a list of 1 to ${maxOrigins} origins, or null for any`;
const titleRule = "must be a text of at most 200 characters";
const altRule = "must be a text of at most 1,000 characters";
const futureRule = "must be a Unix second in the future";

/** A site, by its origin; what is kept is its canonical spelling, by readOrigin. */
export const siteOrigin = text(originRule)
  .refine((origin) => readOrigin(origin) !== null, originRule)
  .openapi({ pattern: "^https?://[^/?#@\\s\\\\]+$", example: "https://example.com" });
export const siteOrigins = z
  .array(siteOrigin, { error: originsRule })
  .min(1, originsRule)
  .max(maxOrigins, originsRule);

export const publishRequest = closed({
  origins: siteOrigins
    .nullish()
    .openapi({ description: "Sites that may show it, by their origins; any if left out." }),
  title: z
    .string({ error: titleRule })
    .max(200, titleRule)
    .nullish()
    .openapi({ description: "At most 200 characters." }),
  alt: z
    .string({ error: altRule })
    .max(1000, altRule)
    .nullish()
    .openapi({ description: "What is seen, for those who do not see it; at most 1,000 characters." }),
  expires_at: z
    .int({ error: futureRule })
    .refine((at) => at * 1000 > Date.now(), futureRule)
    .nullish()
    .openapi({
      description: "A Unix second: when it ends by itself; it stays until it is taken down if left out.",
      minimum: 1,
    }),
}).openapi("PublishRequest");

export const publication = z
  .object({
    object: z.literal("publication"),
    id: told(z.string(), "The task's."),
    file_id: z.string(),
    url: told(z.string(), "The video, from when it is ready. It is the same for ever."),
    page_url: told(z.string(), "Its player page, for an iframe or a link."),
    poster_url: told(
      z.string().nullable(),
      "The picture that stands for it, also while the video is made; null where there is none.",
    ),
    oembed_url: told(z.string(), "What programs that embed by oEmbed ask."),
    embed_html: told(z.string(), "A `<video>` to paste into a page."),
    state: told(
      z.enum(["making", "ready", "failed"]),
      "`making` until there is a video; `failed` if none came.",
    ),
    origins: z.array(z.string()).nullable(),
    title: z.string().nullable(),
    alt: z.string().nullable(),
    expires_at: z.int().nullable(),
  })
  .openapi("Publication");

export const oembedResponse = z
  .object({
    version: z.literal("1.0"),
    type: z.literal("video"),
    provider_name: z.literal("filmgate"),
    title: z.string().optional(),
    width: z.int(),
    height: z.int(),
    html: told(z.string(), "An `<iframe>` with the player page."),
    thumbnail_url: told(
      z.string().optional(),
      "Its poster, if it has one that there is room for; with `thumbnail_width` and `thumbnail_height`, or not at all.",
    ),
    thumbnail_width: z.int().optional(),
    thumbnail_height: z.int().optional(),
  })
  .openapi("OEmbedResponse");

export const unpublishResponse = z
  .object({ id: z.string(), object: z.literal("publication.deleted"), deleted: z.literal(true) })
  .openapi("UnpublishResponse");

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

export const baseResponse = z
  .object({
    status_code: told(z.int(), "0, or MiniMax's code."),
    status_msg: told(z.string(), "`success`, or MiniMax's sentence."),
  })
  .openapi("BaseResponse");

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

export const queryVideoResponse = z
  .object({
    id: z.string(),
    object: z.literal("video"),
    task_id: z.string(),
    status: z.enum(["Preparing", "Queueing", "Processing", "Success", "Fail", "failed"]),
    file_id: told(z.string(), "Empty until the video is stored."),
    video_width: told(z.int(), "In pixels, as MiniMax told it; 0 until then."),
    video_height: told(z.int(), "In pixels, as MiniMax told it; 0 until then."),
    progress: told(z.int(), "Per cent; an estimate from the model's usual time."),
    queue_position: told(
      z.int().optional(),
      "Its place in line for MiniMax, 1 being next; only while in line.",
    ),
    error: told(z.string().optional(), "Why it failed, as a sentence."),
    download_url: told(
      z.string().optional(),
      "With `include_download_url`, once there is a video: a link for 24 hours.",
    ),
    expires_at: told(z.int().optional(), "When that link ends."),
    base_resp: baseResponse,
  })
  .openapi("QueryVideoResponse");

export const downloadVideoResponse = z
  .object({
    download_url: told(z.string(), "Plays for whoever has it, without a key, until it expires."),
    file_id: z.string(),
    expires_in_seconds: z.int(),
    expires_at: z.int(),
    bytes: told(z.int(), "Length of the file."),
    sha256: told(z.string(), "Of the file, in hex."),
    content_type: z.literal("video/mp4"),
    filename: z.string(),
    disposition: z.enum(["inline", "attachment"]),
    via: told(z.enum(["worker", "r2"]), "Who serves it: filmgate, or R2 itself."),
    notice: told(z.string().nullable(), "What such a link cannot do; null if there is nothing to know."),
    base_resp: baseResponse,
  })
  .openapi("DownloadVideoResponse");

export const cost = z
  .object({
    estimated_usd: told(z.number().nullable(), "Null where no price is known."),
    charged_usd: told(z.number().nullable(), "Null while nobody can say."),
    state: told(
      z.enum(["reserved", "settled", "released", "held"]),
      "May still be charged; was charged; was not; nobody knows.",
    ),
  })
  .openapi("Cost");

export const videoEvent = z
  .object({
    at: z.int(),
    event: z.enum(["submit", "confirm", "look", "cancel", "list", "store", "callback"]),
    answer: told(z.string(), "In one word: `accepted`, `refused`, `Processing`, `success`, `stored` …"),
    trace_id: told(z.string().nullable(), "MiniMax's `Trace-Id`, which its support asks for."),
    code: told(z.int().nullable(), "MiniMax's code, where it gave one."),
    detail: z.string().nullable(),
  })
  .openapi("VideoEvent");

export const video = z
  .object({
    id: z.string(),
    object: z.literal("video"),
    model: modelName,
    mode,
    status: videoStatus,
    progress: told(z.int(), "Per cent; an estimate from the model's usual time."),
    queue_position: told(z.int().nullable(), "Its place in line for MiniMax, 1 being next."),
    prompt: z.string().nullable(),
    seconds: told(z.string(), "As a text, as OpenAI's video object has it."),
    size: told(z.string(), "`1366x768` once MiniMax told it, else the resolution's name."),
    resolution: resolutionName,
    take: told(z.int(), "Which attempt at the same order it is."),
    created_at: z.int(),
    completed_at: told(z.int().nullable(), "When it was stored; null for as long as there is no video."),
    expires_at: told(
      z.int().nullable(),
      "When the video and its file will be removed; null: never, or not before it ends.",
    ),
    retry_of: told(z.string().nullable(), "The task whose next take this is."),
    remixed_from_video_id: told(z.string().nullable(), "Read by OpenAI's clients; nothing is remixed here."),
    error: told(
      z.object({ code: z.string(), message: z.string() }).nullable(),
      "Which of the refusals it ended with, and its sentence.",
    ),
    cost,
    metadata: z.record(z.string(), z.string()),
    file_id: z.string().nullable(),
    bytes: z.int().nullable(),
    sha256: told(z.string().nullable(), "Of the file, in hex."),
    download_url: told(z.string().nullable(), "A link for 24 hours, once there is a video."),
    download_url_expires_at: z.int().nullable(),
    publication: told(
      orNull(publication),
      "Null if it is not published; in a webhook also where the deployment does not know its own address.",
    ),
    events: told(
      z.array(videoEvent).optional(),
      "With `include=events`: what MiniMax answered, the oldest first, the newest 50.",
    ),
  })
  .openapi("Video");

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
  dry_run: ordered.dry_run,
}).openapi("OpenAICreateVideoRequest");

export const openAICreateVideoResponse = video
  .extend({
    joined: createVideoResponse.shape.joined,
    ignored_fields: createVideoResponse.shape.ignored_fields,
  })
  .openapi("OpenAICreateVideoResponse");

export const visitorVideo = video
  .omit({ prompt: true, retry_of: true, cost: true, metadata: true, events: true })
  .openapi("VisitorVideo", {
    description: "What a publishable key reads of a video: without what only its owner needs.",
  });

export const listVideosResponse = z
  .object({
    object: z.literal("list"),
    data: z.array(video),
    first_id: z.string().nullable(),
    last_id: told(z.string().nullable(), "What the next page is asked for with, as `after`."),
    has_more: told(z.boolean(), "Whether there is a next page."),
  })
  .openapi("ListVideosResponse");

export const deleteVideoResponse = z
  .object({
    id: z.string(),
    object: z.enum(["video.deleted", "video.cancelled"]),
    deleted: z.boolean(),
    cancelled: z.boolean(),
    cost,
    message: told(z.string(), "What happened, and what it means for the money."),
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

const uploaded = {
  id: told(z.string(), "To be given where an order takes such a file."),
  object: z.literal("file"),
  bytes: z.int(),
};
export const uploadedImage = z
  .object({
    ...uploaded,
    purpose: z.literal("image"),
    content_type: z.enum(["image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"]),
    width: z.int(),
    height: z.int(),
  })
  .openapi("UploadedImage");
export const uploadedVideo = z
  .object({
    ...uploaded,
    purpose: z.literal("video"),
    content_type: z.enum(["video/mp4", "video/quicktime"]),
    width: z.int(),
    height: z.int(),
    seconds: z.number(),
  })
  .openapi("UploadedVideo");
export const uploadedAudio = z
  .object({
    ...uploaded,
    purpose: z.literal("audio"),
    content_type: z.enum(["audio/mpeg", "audio/wav"]),
    seconds: z.number(),
  })
  .openapi("UploadedAudio");
export const uploadedFile = uploadedImage.or(uploadedVideo).or(uploadedAudio);

export const miniMaxStyleError = z
  .object({
    error: told(z.string(), "A sentence that says what to change."),
    code: told(z.string(), "Which of the refusals it is."),
    details: z.record(z.string(), z.unknown()),
    base_resp: baseResponse,
  })
  .openapi("MiniMaxStyleError");
export const openAIStyleError = z
  .object({
    error: z.object({
      message: told(z.string(), "A sentence that says what to change."),
      type: z.string(),
      code: told(z.string(), "Which of the refusals it is."),
      param: told(z.string().nullable(), "The field, header or parameter at fault."),
    }),
  })
  .openapi("OpenAIStyleError");

/** A JSON body, as a route declares it. */
export function json<T extends z.ZodType>(schema: T, description: string) {
  return { content: { "application/json": { schema } }, description };
}

export const pictureTypes = ["image/jpeg", "image/png", "image/webp"] as const;

/** A body of bytes, of one of these types. */
export function bytes(description: string, ...types: string[]) {
  const schema = z.string().openapi({ format: "binary" });
  return { content: Object.fromEntries(types.map((type) => [type, { schema }])), description };
}
