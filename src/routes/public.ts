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
import { servePage } from "./player.ts";
import { json, openAIStyleError } from "./schemas.ts";
import { forPagesOfAnySite, serveKnown } from "./serve.ts";

/** Browsers may play a copy for so long without asking; what is taken down is gone there, too, after that. */
const keptSeconds = 300;
/** How soon to ask again while the video is being made. */
const retryAfterSeconds = "5";
const bytes = { content: { "video/mp4": { schema: z.string() } } };
const bytesOrPage = { content: { ...bytes.content, "text/html": { schema: z.string() } } };

export const publicRoutes = createRoutes();

publicRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v/{name}",
    tags: ["Publishing"],
    summary: "A published video, or its player page",
    description:
      "What a page embeds: the same address for as long as it is published. GET and HEAD, ranges and conditions; no key is needed. Without `.mp4` it is the player page, as HTML. A page of a site that is not among its `origins` is refused, by the Origin or Referer that its browser sends.",
    "x-codeSamples": [{ lang: "Shell", source: 'curl "$FILMGATE_URL/v/$FILE_ID.mp4" -o video.mp4' }],
    request: {
      params: z.object({ name: z.string().openapi({ example: "file_vmcn3psmsswzamtpxszgj97jmr.mp4" }) }),
    },
    responses: {
      200: { ...bytesOrPage, description: "The video, or the page with it" },
      206: { ...bytes, description: "The range that was asked for" },
      304: { description: "The version that the caller has" },
      403: json(openAIStyleError, "The page's site is not among the publication's origins"),
      404: json(
        openAIStyleError,
        "Nothing is published here; or not yet: `publication_making`, with Retry-After",
      ),
      410: json(openAIStyleError, "The video could not be made, or its publication has ended"),
      412: json(openAIStyleError, "Not the version that the caller asks for"),
      416: json(openAIStyleError, "The range lies outside the file; Content-Range tells its size"),
    },
  }),
  async (c) => (await visit(c)) as never,
);

async function visit(c: Context<AppEnv>): Promise<Response> {
  const [, fileId = "", ending = ""] = /^\/v\/(\w+)(\.mp4)?$/.exec(new URL(c.req.url).pathname) ?? [];
  const manifest = isFileId(fileId) ? await readManifest(c.env.VIDEOS, fileId) : null;
  if (ending === "" && isFileId(fileId)) return servePage(c, fileId, manifest);
  forPagesOfAnySite(c);
  if (manifest === null) throw nothingHere();
  // Who may read the answer may change while browsers hold it, so all of them ask by their own name.
  c.header("vary", manifest.origins === null ? "Origin" : "Origin, Referer");
  const origin = c.req.header("origin") ?? null;
  const own = [new URL(c.req.url).origin, c.var.settings.publicUrl].filter((one) => one !== null);
  const verdict = judgeVisit(manifest, { origin, referer: c.req.header("referer") ?? null }, own, Date.now());
  if (manifest.state !== "ready" || verdict !== "ready") throw refusalOf(verdict, manifest);
  if (manifest.origins !== null) c.header("access-control-allow-origin", origin ?? undefined);
  const left = Math.floor(((manifest.expiresAt ?? Infinity) - Date.now()) / 1000);
  const cacheControl = `public, max-age=${Math.max(0, Math.min(keptSeconds, left))}, no-transform`;
  return serveKnown(
    c.env.VIDEOS,
    c.req.raw,
    { fileId, disposition: "inline", filename: null, cacheControl },
    { size: manifest.bytes, etag: `"${manifest.sha256}"`, modifiedAt: new Date(manifest.storedAt) },
  );
}

const refusals: Record<Exclude<ReturnType<typeof judgeVisit>, "ready">, ErrorCode> = {
  expired: "publication_expired",
  refused: "origin_refused",
  making: "publication_making",
  failed: "publication_failed",
};

function refusalOf(verdict: ReturnType<typeof judgeVisit>, manifest: Manifest): Refusal {
  if (verdict === "ready") return nothingHere();
  const headers = verdict === "making" ? { "retry-after": retryAfterSeconds } : {};
  const reason = verdict === "failed" && manifest.state === "failed" ? manifest.code : null;
  if (reason === null) return new Refusal(refusals[verdict], { headers });
  const { sentence } = errorTable.publication_failed;
  return new Refusal("publication_failed", { message: `${sentence} (${reason})` });
}

function nothingHere(): Refusal {
  return new Refusal("not_found", { message: "No video is published at this address." });
}
