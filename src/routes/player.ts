/**
 * The player page of a published video, and oEmbed, by which other programs find out how to embed it. Both go by the
 * manifest. Which sites may frame the page is its policy's to say: whoever follows a link to it may see it.
 */

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { isFileId, pagePath, posterPath, publicPath } from "../domain/ids.ts";
import { hasExpired, type Manifest } from "../domain/publication.ts";
import { errorTable, Refusal } from "../errors.ts";
import { html } from "../look/html.ts";
import { readManifest } from "../ports/manifests.ts";
import { type AppEnv, createRoutes } from "./app-env.ts";
import { openAIStyleError } from "./error-schemas.ts";
import { originOf } from "./link.ts";
import { pagePolicy } from "./page-policy.ts";
import { wholeNumber } from "./parameters.ts";
import {
  type Addresses,
  emptyPage,
  playerPage,
  playerScript,
  playerStyle,
  waitingPage,
} from "./player-page.ts";
import { oembedResponse } from "./publication-schemas.ts";
import { json } from "./schema-parts.ts";

/** How soon to ask again while a video is being made. */
export const askAgainWhileMaking = { "retry-after": "5" };
const forAWhile = "public, max-age=300";

/** Answers a visit of the page; what is wrong is told in words, to people. */
export async function servePage(
  c: Context<AppEnv>,
  fileId: string,
  manifest: Manifest | null,
): Promise<Response> {
  const addresses = addressesOf(c, fileId);
  const isOver = manifest !== null && hasExpired(manifest, Date.now());
  const respond = async (page: string, status: 200 | 404 | 410) =>
    c.html(page, status, {
      "content-security-policy": await policyFor(manifest),
      "cache-control": status === 200 && manifest?.state === "ready" ? forAWhile : "no-store",
      "referrer-policy": "same-origin",
      // By its status and this header a script knows what the page tells, without an answer that counts as an error.
      ...(status === 200 && manifest?.state === "making" ? askAgainWhileMaking : {}),
    });
  if (manifest === null)
    return respond(emptyPage("Nothing is published at this address, or not any more."), 404);
  if (isOver) return respond(emptyPage(errorTable.publication_expired.sentence), 410);
  switch (manifest.state) {
    case "making":
      return respond(waitingPage(manifest, addresses), 200);
    case "failed":
      return respond(emptyPage(errorTable.publication_failed.sentence), 410);
    case "ready":
      return respond(playerPage(manifest, addresses), 200);
  }
}

function policyFor(manifest: Manifest | null): Promise<string> {
  const origins = manifest?.origins ?? null;
  return pagePolicy({
    style: playerStyle,
    script: playerScript,
    images: (manifest?.poster ?? null) === null ? "data:" : "'self' data:",
    sources: ["media-src 'self'", "connect-src 'self'"],
    framedBy: origins === null ? "*" : ["'self'", ...origins].join(" "),
  });
}

function addressesOf(c: Context<AppEnv>, fileId: string): Addresses {
  const origin = originOf(c);
  const page = `${origin}${pagePath(fileId)}`;
  const oembed = `${origin}/oembed?url=${encodeURIComponent(page)}`;
  return { page, video: `${origin}${publicPath(fileId)}`, poster: `${origin}${posterPath(fileId)}`, oembed };
}

const side = (name: string) =>
  z
    .string()
    .regex(/^[1-9][0-9]{0,4}$/, "must be a whole number of pixels")
    .transform(Number)
    .optional()
    .openapi({ description: `The ${name} that there is room for, in pixels.`, ...wholeNumber(1, 99_999) });

export const oembedRoutes = createRoutes();

oembedRoutes.openapi(
  createRoute({
    method: "get",
    path: "/oembed",
    tags: ["Publishing"],
    operationId: "getOEmbed",
    summary: "How to embed a published video",
    description:
      "oEmbed 1.0, as JSON, for programs that turn a pasted address into a player. No key is needed.",
    "x-codeSamples": [{ lang: "Shell", source: 'curl "$FILMGATE_URL/oembed?url=$FILMGATE_URL/v/$FILE_ID"' }],
    request: {
      query: z.object({
        url: z.string({ error: "is required" }).openapi({
          description: "A publication's `page_url` or `url`.",
          example: "https://video.example.com/v/file_vmcn3psmsswzamtpxszgj97jmr",
        }),
        maxwidth: side("width"),
        maxheight: side("height"),
        format: z.literal("json", { error: "must be json" }).optional(),
      }),
    },
    responses: {
      200: json(oembedResponse, "What to put into a page"),
      400: json(openAIStyleError, "A parameter has a value that is not accepted"),
      404: json(openAIStyleError, "Nothing is published there; or not yet: `publication_making`"),
      410: json(openAIStyleError, "The video could not be made, or its publication has ended"),
    },
  }),
  async (c) => {
    const { url, maxwidth = 99_999, maxheight = 99_999 } = c.req.valid("query");
    const own = [originOf(c), new URL(c.req.url).origin];
    const asked = URL.canParse(url) ? new URL(url) : null;
    const fileId = /^\/v\/(\w+?)(?:\.mp4)?$/.exec(asked?.pathname ?? "")?.[1] ?? "";
    const isOurs = asked !== null && own.includes(asked.origin) && isFileId(fileId);
    const manifest = isOurs ? await readManifest(c.env.VIDEOS, fileId) : null;
    if (manifest === null) {
      throw new Refusal("not_found", { message: "url: No video is published there.", param: "url" });
    }
    if (hasExpired(manifest, Date.now())) throw new Refusal("publication_expired", { param: "url" });
    if (manifest.state === "failed") throw new Refusal("publication_failed", { param: "url" });
    if (manifest.state === "making") {
      throw new Refusal("publication_making", { param: "url", headers: askAgainWhileMaking });
    }
    const [full, high] =
      manifest.width > 0 && manifest.height > 0 ? [manifest.width, manifest.height] : [1280, 720];
    const share = Math.min(1, maxwidth / full, maxheight / high);
    const [width, height] = [Math.max(1, Math.floor(full * share)), Math.max(1, Math.floor(high * share))];
    const { title, poster } = manifest;
    const addresses = addressesOf(c, fileId);
    // A thumbnail keeps to the room, too, and has one size (oEmbed 2.3.4).
    const hasRoom = poster !== null && poster.width <= maxwidth && poster.height <= maxheight;
    const frame = html`<iframe src="${addresses.page}" width="${width}" height="${height}" title="${title ?? "A video"}" allow="fullscreen; picture-in-picture" allowfullscreen></iframe>`;
    c.header("cache-control", forAWhile);
    return c.json(
      {
        version: "1.0" as const,
        type: "video" as const,
        provider_name: "filmgate" as const,
        ...(title === null ? {} : { title }),
        width,
        height,
        html: frame.markup,
        ...(hasRoom
          ? {
              thumbnail_url: addresses.poster,
              thumbnail_width: poster.width,
              thumbnail_height: poster.height,
            }
          : {}),
      },
      200,
    );
  },
);
