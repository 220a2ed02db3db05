/** Videos as schemas: a task as it is told, listed, linked to and removed. */

import { z } from "@hono/zod-openapi";
import { baseResponse } from "./error-schemas.ts";
import { mode, modelName, resolutionName } from "./model-schemas.ts";
import { publication } from "./publication-schemas.ts";
import { orNull, told } from "./schema-parts.ts";

export const videoStatus = z.enum(["queued", "in_progress", "completed", "failed"]);

export const queryVideoResponse = z
  .object({
    id: z.string(),
    object: z.literal("video"),
    task_id: z.string(),
    status: told(
      z.enum(["Preparing", "Queueing", "Processing", "Success", "Fail", "failed"]),
      "`failed` stands for `Fail` in answers to `python-httpx` clients.",
    ),
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
