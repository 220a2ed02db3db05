/** `POST /v1/files`: an image as raw bytes, to be named where an order wants one. */

import { createRoute, z } from "@hono/zod-openapi";
import { sha256Hex } from "../domain/hash.ts";
import { imageKey } from "../domain/ids.ts";
import { imageId, imageLimits, inspectImage } from "../domain/image.ts";
import { Refusal } from "../errors.ts";
import { keepImage } from "../ports/bucket.ts";
import { createRoutes } from "./app-env.ts";
import { readBytes } from "./body.ts";
import { json, openAIStyleError, uploadedImage } from "./schemas.ts";

export const uploadRoutes = createRoutes();

uploadRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/files",
    tags: ["Files"],
    summary: "Upload an image",
    "x-codeSamples": [
      {
        lang: "Shell",
        source:
          'curl "$FILMGATE_URL/v1/files" \\\n  -H "Authorization: Bearer $FILMGATE_API_KEY" \\\n  -H "Content-Type: image/jpeg" \\\n  --data-binary @image.jpg',
      },
    ],
    description:
      "The body is the image itself: JPG, PNG or WebP under 20 MB, short edge over 300 px, between 2:5 and 5:2. The same bytes get the same id.",
    security: [{ apiKey: [] }],
    request: { body: { content: { "image/*": { schema: z.string() } }, required: true } },
    responses: {
      201: json(uploadedImage, "The image's id and what it is"),
      400: json(openAIStyleError, "Not an image that MiniMax takes"),
      401: json(openAIStyleError, "No key, or one that is unknown or revoked"),
      403: json(openAIStyleError, "A publishable key uploads nothing"),
      413: json(openAIStyleError, "The body is too large"),
    },
  }),
  async (c) => {
    if (/^multipart\//i.test(c.req.header("content-type") ?? "")) {
      throw new Refusal("invalid_image", {
        message:
          "body: a form was sent; send the bytes of a JPG, PNG or WebP alone (curl: --data-binary @image.jpg).",
        param: "body",
      });
    }
    const bytes = await readBytes(c.req.raw, imageLimits.maxBytes);
    const facts = inspectImage("body", bytes);
    const sha256 = sha256Hex(bytes);
    await keepImage(c.env.VIDEOS, imageKey(c.var.caller.account, sha256), bytes, facts);
    return c.json(
      {
        id: imageId(sha256),
        object: "file" as const,
        purpose: "image" as const,
        content_type: facts.contentType,
        bytes: bytes.byteLength,
        width: facts.width,
        height: facts.height,
      },
      201,
    );
  },
);
