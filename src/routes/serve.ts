/**
 * A stored file's bytes over HTTP, a video's or a poster's: whole, a range, a condition, only the head.
 * One R2 operation per request: the range is asked for at once, and what does not apply is cut off unread.
 */

import type { Context } from "hono";
import { contentDisposition } from "../domain/filename.ts";
import { posterKey, videoKey } from "../domain/ids.ts";
import type { Poster } from "../domain/poster.ts";
import {
  type FileVersion,
  judgeConditions,
  placeRange,
  rangeApplies,
  readRange,
  type WantedRange,
} from "../domain/range.ts";
import { Refusal } from "../errors.ts";
import type { AppEnv } from "./app-env.ts";

/** What is served: where it lies, and what it is. */
export type StoredFile = Readonly<{ key: string; name: string; contentType: string }>;

export type Serving = Readonly<{
  file: StoredFile;
  disposition: "inline" | "attachment";
  /** What it is saved as; null: what its file is called. */
  filename: string | null;
  cacheControl: string;
}>;

/** The answer, be it a refusal, may be used by any site's page, one that isolates itself (COEP) too. */
export function forPagesOfAnySite(c: Context<AppEnv>): void {
  c.header("cross-origin-resource-policy", "cross-origin");
}

export function videoFile(fileId: string): StoredFile {
  return { key: videoKey(fileId), name: `${fileId}.mp4`, contentType: "video/mp4" };
}

export function posterFile(fileId: string, { contentType }: Poster): StoredFile {
  return { key: posterKey(fileId), name: `${fileId}.${contentType.replace("image/", "")}`, contentType };
}

/**
 * Answers a GET or HEAD for a stored video.
 * @throws Refusal not_found, precondition_failed, or range_not_satisfiable with the true size.
 */
export async function serveVideo(bucket: R2Bucket, request: Request, serving: Serving): Promise<Response> {
  if (request.method === "HEAD") {
    const object = await bucket.head(serving.file.key);
    if (object === null) throw new Refusal("not_found");
    const headers = headersFor(versionOf(object), serving);
    const verdict = judgeConditions(request.headers, versionOf(object));
    if (verdict !== "proceed") return refuse(verdict, headers);
    headers.set("content-length", String(object.size));
    return new Response(null, { headers });
  }
  const range = readRange(request.headers.get("range"));
  const object = await open(bucket, serving.file.key, range);
  const body = "body" in object ? object.body : null;
  const headers = headersFor(versionOf(object), serving);
  const verdict = judgeConditions(request.headers, versionOf(object));
  if (verdict !== "proceed") {
    await body?.cancel();
    return refuse(verdict, headers);
  }
  if (range === null) return new Response(body, { headers });
  if (!rangeApplies(request.headers.get("if-range"), versionOf(object))) {
    await body?.cancel();
    const whole = await bucket.get(serving.file.key);
    if (whole === null) throw new Refusal("not_found");
    return new Response(whole.body, { headers: headersFor(versionOf(whole), serving) });
  }
  const part = placeRange(range, object.size);
  if (part === null || body === null) {
    throw notSatisfiable(object.size);
  }
  headers.set("content-range", `bytes ${part.offset}-${part.offset + part.length - 1}/${object.size}`);
  return new Response(body, { status: 206, headers });
}

/**
 * Answers a GET or HEAD for a stored file of which all is known: R2 is asked for bytes, and for nothing else.
 * @throws Refusal as `serveVideo` does.
 */
export async function serveKnown(
  bucket: R2Bucket,
  request: Request,
  serving: Serving,
  version: FileVersion & { size: number },
): Promise<Response> {
  const headers = headersFor(version, serving);
  const verdict = judgeConditions(request.headers, version);
  if (verdict !== "proceed") return refuse(verdict, headers);
  if (request.method === "HEAD") {
    headers.set("content-length", String(version.size));
    return new Response(null, { headers });
  }
  const range = rangeApplies(request.headers.get("if-range"), version)
    ? readRange(request.headers.get("range"))
    : null;
  const part = range === null ? null : placeRange(range, version.size);
  if (range !== null && part === null) throw notSatisfiable(version.size);
  const object = await bucket.get(serving.file.key, part === null ? {} : { range: part });
  if (object === null) throw new Refusal("not_found");
  if (part === null) return new Response(object.body, { headers });
  headers.set("content-range", `bytes ${part.offset}-${part.offset + part.length - 1}/${version.size}`);
  return new Response(object.body, { status: 206, headers });
}

/** Opens the range, or only the head of the object if it has none of these bytes. */
async function open(
  bucket: R2Bucket,
  key: string,
  range: WantedRange | null,
): Promise<R2ObjectBody | R2Object> {
  let problem: unknown;
  try {
    const object = await bucket.get(key, range === null ? {} : { range });
    if (object !== null) return object;
  } catch (error) {
    problem = error;
  }
  // R2 refuses a range that lies outside with one of several errors; the object's size tells if that is why.
  const object = problem === undefined || range === null ? null : await bucket.head(key);
  if (object !== null && range !== null && placeRange(range, object.size) === null) return object;
  throw problem ?? new Refusal("not_found");
}

function refuse(verdict: "notModified" | "failed", headers: Headers): Response {
  if (verdict === "notModified") {
    // It sends no file, so it describes none: what caches need is all there is to say (RFC 9110, 15.4.5).
    for (const name of ["content-type", "content-disposition", "accept-ranges"]) headers.delete(name);
    return new Response(null, { status: 304, headers });
  }
  throw new Refusal("precondition_failed", { headers: { etag: headers.get("etag") ?? "" } });
}

function notSatisfiable(size: number): Refusal {
  return new Refusal("range_not_satisfiable", { headers: { "content-range": `bytes */${size}` } });
}

function versionOf(object: R2Object) {
  return { etag: object.httpEtag, modifiedAt: object.uploaded };
}

function headersFor(version: FileVersion, { file, disposition, filename, cacheControl }: Serving): Headers {
  return new Headers({
    "content-type": file.contentType,
    "content-disposition": contentDisposition(disposition, filename ?? file.name),
    "accept-ranges": "bytes",
    etag: version.etag,
    "last-modified": version.modifiedAt.toUTCString(),
    "cache-control": cacheControl,
  });
}
