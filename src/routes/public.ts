/**
 * Published videos: what pages embed. The manifest in R2 says all there is to say, and no object is asked, so a visit
 * costs one read of R2 for an answer without bytes (HEAD, 304, 416, every refusal) and two for one with them.
 */

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { isFileId } from "../domain/ids.ts";
import { judgeVisit, type Manifest } from "../domain/publication.ts";
import { type ErrorCode, errorTable, Refusal } from "../errors.ts";
import { readManifest } from "../ports/manifests.ts";
import { type AppEnv, createRoutes } from "./app-env.ts";
import { openAIStyleError } from "./error-schemas.ts";
import { fileId, fileName } from "./parameters.ts";
import { askAgainWhileMaking, servePage } from "./player.ts";
import { bytes, json, pictureTypes } from "./schema-parts.ts";
import { forPagesOfAnySite, posterFile, serveKnown, videoFile } from "./serve.ts";

/** Browsers may play a copy for so long without asking; what is taken down is gone there, too, after that. */
const keptSeconds = 300;
/** In the page, and saved under the file's own name. */
const shown = { disposition: "inline", filename: null } as const;
const page = { "text/html": { schema: z.string() } };

/** A refusal, which the address of a page tells as one. */
const orPage = (description: string) => ({
  content: { ...json(openAIStyleError, "").content, ...page },
  description,
});

export const publicRoutes = createRoutes();

publicRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v/{name}",
    tags: ["Publishing"],
    operationId: "getPublished",
    summary: "A published video, or its player page",
    description:
      "What a page embeds: the same address for as long as it is published. GET and HEAD, ranges and conditions; no key is needed. Without `.mp4` it is the player page, as HTML. A page of a site that is not among its `origins` is refused, by the Origin or Referer that its browser sends.",
    "x-codeSamples": [{ lang: "Shell", source: 'curl "$FILMGATE_URL/v/$FILE_ID.mp4" -o video.mp4' }],
    request: {
      params: z.object({ name: fileName }),
    },
    responses: {
      200: {
        content: { ...bytes("", "video/mp4").content, ...page },
        description:
          "The video, or the page with it; with Retry-After where that waits for the video to be made",
      },
      206: bytes("The range that was asked for", "video/mp4"),
      304: { description: "The version that the caller has" },
      403: json(openAIStyleError, "The page's site is not among the publication's origins"),
      404: orPage("Nothing is published here; or not yet: `publication_making`, with Retry-After"),
      410: orPage("The video could not be made, or its publication has ended"),
      412: json(openAIStyleError, "Not the version that the caller asks for"),
      416: json(openAIStyleError, "The range lies outside the file; Content-Range tells its size"),
    },
  }),
  async (c) => (await visit(c)) as never,
);

publicRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v/{file_id}/poster",
    tags: ["Publishing"],
    operationId: "getPoster",
    summary: "A published video's poster",
    description:
      "The picture that stands for it before it plays, and while it is made: what `poster_url` names. GET and HEAD; no key is needed. Who may show the video may show its poster.",
    "x-codeSamples": [{ lang: "Shell", source: 'curl "$FILMGATE_URL/v/$FILE_ID/poster" -o poster' }],
    request: {
      params: z.object({ file_id: fileId }),
    },
    responses: {
      200: bytes("The poster", ...pictureTypes),
      206: bytes("The range that was asked for", ...pictureTypes),
      304: { description: "The version that the caller has" },
      403: json(openAIStyleError, "The page's site is not among the publication's origins"),
      404: json(openAIStyleError, "Nothing is published here, or it has no poster"),
      410: json(openAIStyleError, "The video could not be made, or its publication has ended"),
      412: json(openAIStyleError, "Not the version that the caller asks for"),
      416: json(openAIStyleError, "The range lies outside the file; Content-Range tells its size"),
    },
  }),
  async (c) => (await visitPoster(c)) as never,
);

async function visitPoster(c: Context<AppEnv>): Promise<Response> {
  const [, fileId = ""] = /^\/v\/(\w+)\/poster$/.exec(new URL(c.req.url).pathname) ?? [];
  const manifest = isFileId(fileId) ? await readManifest(c.env.VIDEOS, fileId) : null;
  forPagesOfAnySite(c);
  if (manifest === null) throw nothingHere();
  const verdict = judge(c, manifest);
  if (verdict !== "ready" && verdict !== "making") throw refusalOf(verdict, manifest);
  const { poster } = manifest;
  if (poster === null) throw new Refusal("not_found", { message: "This video has no poster." });
  return serveKnown(
    c.env.VIDEOS,
    c.req.raw,
    { file: posterFile(fileId, poster), ...shown, cacheControl: admit(c, manifest) },
    { size: poster.bytes, etag: `"${poster.sha256}"`, modifiedAt: new Date(poster.keptAt) },
  );
}

async function visit(c: Context<AppEnv>): Promise<Response> {
  const [, fileId = "", ending = ""] = /^\/v\/(\w+)(\.mp4)?$/.exec(new URL(c.req.url).pathname) ?? [];
  const manifest = isFileId(fileId) ? await readManifest(c.env.VIDEOS, fileId) : null;
  if (ending === "" && isFileId(fileId)) return servePage(c, fileId, manifest);
  forPagesOfAnySite(c);
  if (manifest === null) throw nothingHere();
  const verdict = judge(c, manifest);
  if (manifest.state !== "ready" || verdict !== "ready") throw refusalOf(verdict, manifest);
  return serveKnown(
    c.env.VIDEOS,
    c.req.raw,
    { file: videoFile(fileId), ...shown, cacheControl: admit(c, manifest) },
    { size: manifest.bytes, etag: `"${manifest.sha256}"`, modifiedAt: new Date(manifest.storedAt) },
  );
}

/** Judges who asks, and has caches keep the answer apart by that. */
function judge(c: Context<AppEnv>, manifest: Manifest): ReturnType<typeof judgeVisit> {
  // Who may read the answer may change while browsers hold it, so all of them ask by their own name.
  c.header("vary", manifest.origins === null ? "Origin" : "Origin, Referer");
  const origin = c.req.header("origin") ?? null;
  const own = [new URL(c.req.url).origin, c.var.settings.publicUrl].filter((one) => one !== null);
  return judgeVisit(manifest, { origin, referer: c.req.header("referer") ?? null }, own, Date.now());
}

/** Lets a listed site's scripts read the answer. @returns for how long browsers may keep it. */
function admit(c: Context<AppEnv>, { origins, expiresAt }: Manifest): string {
  if (origins !== null) c.header("access-control-allow-origin", c.req.header("origin"));
  const left = Math.floor(((expiresAt ?? Infinity) - Date.now()) / 1000);
  return `public, max-age=${Math.max(0, Math.min(keptSeconds, left))}, no-transform`;
}

const refusals: Record<Exclude<ReturnType<typeof judgeVisit>, "ready">, ErrorCode> = {
  expired: "publication_expired",
  refused: "origin_refused",
  making: "publication_making",
  failed: "publication_failed",
};

function refusalOf(verdict: ReturnType<typeof judgeVisit>, manifest: Manifest): Refusal {
  if (verdict === "ready") return nothingHere();
  const headers = verdict === "making" ? askAgainWhileMaking : {};
  const reason = verdict === "failed" && manifest.state === "failed" ? manifest.code : null;
  if (reason === null) return new Refusal(refusals[verdict], { headers });
  const { sentence } = errorTable.publication_failed;
  return new Refusal("publication_failed", { message: `${sentence} (${reason})` });
}

function nothingHere(): Refusal {
  return new Refusal("not_found", { message: "No video is published at this address." });
}
