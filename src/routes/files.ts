/** Signed links: what a page embeds. The signature is all there is to check; no object is asked. */

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { fileIdIn } from "../domain/ids.ts";
import { type ErrorCode, Refusal } from "../errors.ts";
import { type LinkVerdict, verifyLink } from "../ports/links.ts";
import { type AppEnv, createRoutes } from "./app-env.ts";
import { openAIStyleError } from "./error-schemas.ts";
import { fileName } from "./parameters.ts";
import { bytes, json } from "./schema-parts.ts";
import { forPagesOfAnySite, serveVideo, videoFile } from "./serve.ts";

const refusals: Record<Exclude<LinkVerdict["verdict"], "valid">, ErrorCode> = {
  unsigned: "link_unsigned",
  invalid: "link_invalid",
  expired: "link_expired",
};

/** Shown, not judged: whatever is wrong with a link is the signature's to say. */
const text = (description: string) =>
  z.string().or(z.array(z.string())).optional().openapi({ type: "string", description });

export const fileRoutes = createRoutes();

fileRoutes.openapi(
  createRoute({
    method: "get",
    path: "/files/{name}",
    tags: ["Links"],
    operationId: "getSignedFile",
    summary: "A signed link",
    "x-codeSamples": [{ lang: "Shell", source: 'curl "$DOWNLOAD_URL" -o video.mp4' }],
    description:
      "As `download_url` gave it, unchanged. GET and HEAD, ranges and conditions; no key is needed.",
    request: {
      params: z.object({ name: fileName }),
      query: z.object({
        exp: text("Unix second after which it is refused"),
        kid: text("The key that signed it"),
        sig: text("HMAC-SHA256 of path, expiry, disposition and name, in base64url"),
        dl: text("Present if it is to be saved rather than played; the name for it, if it has one"),
      }),
    },
    responses: {
      200: bytes("The video", "video/mp4"),
      206: bytes("The range that was asked for", "video/mp4"),
      304: { description: "The version that the caller has" },
      403: json(openAIStyleError, "No signature, one that does not fit, or one that is past its time"),
      404: json(openAIStyleError, "The video was deleted"),
      412: json(openAIStyleError, "Not the version that the caller asks for"),
      416: json(openAIStyleError, "The range lies outside the file; Content-Range tells its size"),
    },
  }),
  serveLink,
);

// Whatever else lies below is a link that was changed, and is told so rather than that there is nothing.
fileRoutes.get("/files/*", serveLink);

async function serveLink(c: Context<AppEnv>): Promise<never> {
  forPagesOfAnySite(c);
  const url = new URL(c.req.url);
  const now = Math.floor(Date.now() / 1000);
  const link = await verifyLink(c.var.settings.linkKeys, { path: url.pathname, search: url.search, now });
  if (link.verdict !== "valid") throw new Refusal(refusals[link.verdict]);
  const fileId = fileIdIn(url.pathname);
  if (fileId === null) throw new Refusal("not_found");
  const response = await serveVideo(c.env.VIDEOS, c.req.raw, {
    file: videoFile(fileId),
    disposition: link.disposition,
    filename: link.filename,
    // The bytes never change; a browser may keep them for as long as the link would let it fetch them again.
    cacheControl: `private, max-age=${Math.min(link.expiresAt - now, 3600)}, no-transform`,
  });
  // The declared responses describe JSON and texts; bytes are a Response of our own.
  return response as never;
}
