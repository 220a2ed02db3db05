/** `POST /v1/files`: an image, video or sound as raw bytes, to be named where an order wants one. */

import { createRoute } from "@hono/zod-openapi";
import type { UploadedFile } from "../contract.ts";
import { sha256Hex } from "../domain/hash.ts";
import { mediaKey } from "../domain/ids.ts";
import { type ImageFacts, imageLimits, inspectImage, isImage } from "../domain/image.ts";
import { clipLimits, inspectAudio, inspectVideo, kindOf, mediaId } from "../domain/media.ts";
import { Refusal } from "../errors.ts";
import { keepMedia } from "../ports/bucket.ts";
import { createRoutes } from "./app-env.ts";
import { readBytes } from "./body.ts";
import { openAIStyleError } from "./error-schemas.ts";
import { bytes, json } from "./schema-parts.ts";
import { uploadedFile } from "./upload-schemas.ts";

/** Of the largest that any kind may be. */
const maxBytes = clipLimits.video.maxBytes;

export const uploadRoutes = createRoutes();

uploadRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/files",
    tags: ["Files"],
    operationId: "uploadFile",
    summary: "Upload an image, video or sound",
    "x-codeSamples": [
      {
        lang: "Shell",
        source:
          'curl "$FILMGATE_URL/v1/files" \\\n  -H "Authorization: Bearer $FILMGATE_API_KEY" \\\n  -H "Content-Type: image/jpeg" \\\n  --data-binary @image.jpg',
      },
    ],
    description:
      "The body is the file itself; what it is, is read from its bytes. The same bytes get the same id. An image: JPG, PNG or WebP under 20 MB, short edge over 300 px, between 2:5 and 5:2; for the H3 models also HEIC, up to 30 MB, sides of 256 to 5760 px. For these models also a video, MP4 or MOV of H.264 or H.265 under 50 MB, 2 to 15 seconds, 23.976 to 60 frames a second; and a sound, WAV or MP3 under 15 MB, 2 to 15 seconds.",
    security: [{ apiKey: [] }],
    request: {
      body: {
        ...bytes("The file's bytes", "image/*", "video/*", "audio/*"),
        required: true,
      },
    },
    responses: {
      201: json(uploadedFile, "The file's id and what it is"),
      400: json(openAIStyleError, "Nothing that MiniMax takes"),
      401: json(openAIStyleError, "No key, or one that is unknown or revoked"),
      403: json(openAIStyleError, "A publishable key uploads nothing"),
      413: json(openAIStyleError, "The body is too large"),
    },
  }),
  async (c) => {
    if (/^multipart\//i.test(c.req.header("content-type") ?? "")) {
      throw new Refusal("invalid_image", {
        message:
          "body: a form was sent; send the bytes of a JPG, PNG or WebP, or of another file, alone (curl: --data-binary @image.jpg).",
        param: "body",
      });
    }
    const bytes = await readBytes(c.req.raw, maxBytes);
    const kind = kindOf(bytes);
    const sha256 = sha256Hex(bytes);
    const keep = (facts: Parameters<typeof keepMedia>[3]) =>
      keepMedia(c.env.VIDEOS, mediaKey(c.var.caller.account, sha256, kind), bytes, facts);
    const told = <P extends UploadedFile["purpose"], F extends { contentType: string }>(
      purpose: P,
      { contentType, ...facts }: F,
    ) => ({
      id: mediaId(kind, sha256),
      object: "file" as const,
      purpose,
      content_type: contentType as F["contentType"],
      bytes: bytes.byteLength,
      ...facts,
    });
    if (kind === "video") {
      const facts = inspectVideo("body", bytes);
      await keep(facts);
      return c.json(told("video", facts), 201);
    }
    if (kind === "audio") {
      const facts = inspectAudio("body", bytes);
      await keep(facts);
      return c.json(told("audio", facts), 201);
    }
    const facts = inspectAnyImage(bytes);
    await keep(facts);
    return c.json(told("image", facts), 201);
  },
);

/** An image that any model takes; the order says which of them is meant, and is judged by that one's limits. */
function inspectAnyImage(bytes: Uint8Array): ImageFacts {
  try {
    return inspectImage("body", bytes, imageLimits.v1);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (!isImage(bytes)) {
      throw new Refusal("invalid_image", {
        message: `body: the bytes are no image, video or sound; accepted is ${imageLimits.v2.accepted}; ${clipLimits.video.accepted}; or ${clipLimits.audio.accepted}.`,
        param: "body",
      });
    }
    return inspectImage("body", bytes, imageLimits.v2);
  }
}
