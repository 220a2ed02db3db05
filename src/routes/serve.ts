/**
 * A stored video's bytes over HTTP: whole, a range, a condition, only the head.
 * One R2 operation per request: the range is asked for at once, and what does not apply is cut off unread.
 */

import { judgeConditions, placeRange, rangeApplies, readRange, type WantedRange } from "../domain/range.ts";
import { Refusal } from "../errors.ts";

export type Serving = Readonly<{
  key: string;
  filename: string;
  disposition: "inline" | "attachment";
  cacheControl: string;
}>;

/**
 * Answers a GET or HEAD for a stored video.
 * @throws Refusal not_found, precondition_failed, or range_not_satisfiable with the true size.
 */
export async function serveVideo(bucket: R2Bucket, request: Request, serving: Serving): Promise<Response> {
  if (request.method === "HEAD") {
    const object = await bucket.head(serving.key);
    if (object === null) throw new Refusal("not_found");
    const headers = headersFor(object, serving);
    if (judge(request, object, headers) === "notModified")
      return new Response(null, { status: 304, headers });
    headers.set("content-length", String(object.size));
    return new Response(null, { headers });
  }
  const range = readRange(request.headers.get("range"));
  const object = await open(bucket, serving.key, range);
  const headers = headersFor(object, serving);
  if (!("body" in object)) {
    judge(request, object, headers);
    throw new Refusal("range_not_satisfiable", { headers: { "content-range": `bytes */${object.size}` } });
  }
  if (judge(request, object, headers) === "notModified") {
    await object.body.cancel();
    return new Response(null, { status: 304, headers });
  }
  if (range === null) return new Response(object.body, { headers });
  if (!rangeApplies(request.headers.get("if-range"), versionOf(object))) {
    await object.body.cancel();
    const whole = await bucket.get(serving.key);
    if (whole === null) throw new Refusal("not_found");
    return new Response(whole.body, { headers: headersFor(whole, serving) });
  }
  const part = placeRange(range, object.size);
  if (part === null)
    throw new Refusal("range_not_satisfiable", { headers: { "content-range": `bytes */${object.size}` } });
  headers.set("content-range", `bytes ${part.offset}-${part.offset + part.length - 1}/${object.size}`);
  return new Response(object.body, { status: 206, headers });
}

/** Opens the range, or only the head of the object if it has none of these bytes. */
async function open(
  bucket: R2Bucket,
  key: string,
  range: WantedRange | null,
): Promise<R2ObjectBody | R2Object> {
  try {
    const object = await bucket.get(key, range === null ? {} : { range });
    if (object === null) throw new Refusal("not_found");
    return object;
  } catch (error) {
    // 10039: the requested range is not satisfiable. R2 tells its errors apart by this number alone.
    if (range === null || !/\(10039\)/.test(String(error))) throw error;
    const object = await bucket.head(key);
    if (object === null) throw new Refusal("not_found");
    return object;
  }
}

function judge(request: Request, object: R2Object, headers: Headers): "proceed" | "notModified" {
  const verdict = judgeConditions(request.headers, versionOf(object));
  if (verdict === "failed") {
    throw new Refusal("precondition_failed", { headers: { etag: headers.get("etag") ?? "" } });
  }
  return verdict;
}

function versionOf(object: R2Object) {
  return { etag: object.httpEtag, modifiedAt: object.uploaded };
}

function headersFor(object: R2Object, serving: Serving): Headers {
  return new Headers({
    "content-type": "video/mp4",
    "content-disposition": `${serving.disposition}; filename="${serving.filename}"`,
    "accept-ranges": "bytes",
    etag: object.httpEtag,
    "last-modified": object.uploaded.toUTCString(),
    "cache-control": serving.cacheControl,
    "cross-origin-resource-policy": "cross-origin",
  });
}
