/**
 * What the dialect MiniMax V1 takes and answers. Fields that it does not know are ignored, as MiniMax ignores them;
 * those that MiniMax takes and filmgate cannot serve are refused, and so is what would cost money otherwise than said.
 */

import { z } from "@hono/zod-openapi";
import { findModel } from "../../domain/models.ts";
import { baseResponse } from "../error-schemas.ts";
import { createVideoRequest } from "../order-schemas.ts";
import { text, told } from "../schema-parts.ts";
import { wishes } from "./minimax-wishes.ts";

const ordered = createVideoRequest.shape;
const noV2Model = "is none that MiniMax's V1 makes; POST /v1/videos/generations makes it";

/** MiniMax's fields, and those of filmgate's that mean the same here as at `POST /v1/videos/generations`. */
export const miniMaxV1Order = z
  .object({
    // What such a model takes beside has no field here, and would be ignored, and paid for.
    model: ordered.model.refine((name) => findModel(name)?.wire !== "v2", noV2Model),
    prompt: ordered.prompt,
    first_frame_image: ordered.first_frame_image,
    last_frame_image: ordered.last_frame_image,
    subject_reference: ordered.subject_reference,
    duration: ordered.duration,
    resolution: ordered.resolution,
    prompt_optimizer: ordered.prompt_optimizer,
    fast_pretreatment: ordered.fast_pretreatment,
    ...wishes,
  })
  .openapi("MiniMaxV1Order");

export const createdTask = z
  .object({
    task_id: told(z.string(), "Empty where there is no task."),
    ignored_fields: told(
      z.array(z.string()).optional(),
      "Where it joined a task that was ordered with other wishes: those. `webhook_url` stands for `callback_url`, too.",
    ),
    base_resp: baseResponse,
  })
  .openapi("MiniMaxV1Created");

export const queriedTask = z
  .object({
    task_id: z.string(),
    status: told(
      z.enum(["Preparing", "Queueing", "Processing", "Success", "Fail", ""]),
      "Empty where the task is not told.",
    ),
    file_id: told(z.string(), "Empty until the video is stored."),
    video_width: told(z.int(), "In pixels; 0 until then."),
    video_height: told(z.int(), "In pixels; 0 until then."),
    base_resp: told(baseResponse, "Beside `Fail`, `status_msg` says why."),
  })
  .openapi("MiniMaxV1Task");

export const retrievedFile = z
  .object({
    file: z
      .object({
        file_id: z.string(),
        bytes: told(z.int(), "Length of the file."),
        created_at: told(z.int(), "When it was stored."),
        filename: z.string(),
        purpose: z.literal("video_generation"),
        download_url: told(z.string(), "Plays for whoever has it, without a key, for 24 hours."),
      })
      .optional()
      .openapi({ description: "Absent where there is none." }),
    base_resp: baseResponse,
  })
  .openapi("MiniMaxV1File");

export const idParameter = (description: string) => text("must be given once").openapi({ description });
