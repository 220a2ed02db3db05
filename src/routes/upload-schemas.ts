/** Uploads as schemas. */

import { z } from "@hono/zod-openapi";
import { told } from "./schema-parts.ts";

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
