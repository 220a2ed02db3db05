/*
 * Handing out the bytes of a finished video, and the ways in which that goes wrong. Content-Length, ranges and
 * HEAD as an object store answers them; refusals are XML, as Aliyun's OSS writes them.
 */
import { randomBytes } from "node:crypto";
import { proxyError } from "./answers.ts";
import { fileOf } from "./clips.ts";
import { cutAtHalf, hangAtHalf, slowly, whole } from "./connection.ts";
import { beginningOf, etagOf, type FilmFile, lengthOf, partLength, wholeOf } from "./files.ts";
import { readRange } from "./range.ts";
import type { Word } from "./scenario.ts";
import { signPath, verifyUrl } from "./signed-urls.ts";
import type { State, Task } from "./state.ts";

// Documented for V1: one hour; not for V2. It is life's hour at any speed, as clients compare it with their own clock.
const urlLifetimeMs = 3_600_000;

/** A fresh address of a task's file; with `url-expired` it is dead on arrival, if somebody asked for it. */
export function freshUrl(state: State, task: Task, origin: string, isAskedFor = true): string {
  const { faults, now, signingSecret } = state;
  const isExpired = isAskedFor && faults.take("url-expired", task.order, task.id) !== undefined;
  const lifetimeMs = isExpired ? -1000 : Number(faults.find("url-lifetime", task.order) ?? urlLifetimeMs);
  return origin + signPath(signingSecret, task.order.wire, task.fileId, Math.round(now() + lifetimeMs));
}

/** GET or HEAD of a signed address. */
export function download(state: State, request: Request, fileId: string): Response {
  const query = new URL(request.url).searchParams;
  const nonce = query.get("Nonce") ?? "";
  const verdict = verifyUrl(state.signingSecret, fileId, query, state.now());
  if ("refusal" in verdict || state.expiredNonces.has(nonce)) {
    return "refusal" in verdict && verdict.refusal === "tampered"
      ? xml(403, "SignatureDoesNotMatch", "The request signature we calculated does not match.")
      : xml(403, "AccessDenied", "Request has expired.", {
          Expires: new Date("refusal" in verdict ? verdict.expiresAt : state.now()).toISOString(),
          ServerTime: new Date(state.now()).toISOString(),
        });
  }
  const task = state.tasksByFile.get(fileId);
  if (!task || task.isFileDeleted || state.faults.has("file-gone", task.order, task.id)) {
    return xml(404, "NoSuchKey", "The specified key does not exist.");
  }
  return serve(state, request, task, () => state.expiredNonces.add(nonce));
}

/**
 * The task's file, whole or in part. A GET counts as a download and uses up one of the times of a fault.
 * @param expire ends the address by which the file is asked for.
 */
export function serve(state: State, request: Request, task: Task, expire = () => {}): Response {
  const { faults } = state;
  const { id, order } = task;
  const isHead = request.method === "HEAD";
  const take: Take = (word) => (isHead ? undefined : faults.take(word, order, id));
  if (!isHead) {
    task.downloads += 1;
    task.ranges.push(request.headers.get("Range"));
  }

  const status = take("file-http");
  if (status !== undefined) return proxyError(Number(status));
  const file = deliveredOf(task, take);
  const size = sizeOf(file, take);
  const headers = new Headers({
    "Content-Type": "video/mp4",
    ETag: etagOf(file),
    "Last-Modified": new Date(task.life.endsAt).toUTCString(),
    "x-oss-request-id": randomBytes(12).toString("hex").toUpperCase(),
  });
  const isRanged = !faults.has("file-norange", order, id);
  if (isRanged) headers.set("Accept-Ranges", "bytes");
  const range = isRanged ? rangeOf(request, headers.get("ETag") ?? "", size) : undefined;
  if (range === "unsatisfiable") {
    headers.set("Content-Range", `bytes */${size}`);
    return new Response(null, { status: 416, headers });
  }
  const part = range ? { file, first: range.first, end: range.last + 1 } : beginningOf(wholeOf(file), size);
  if (range) headers.set("Content-Range", `bytes ${range.first}-${range.last}/${size}`);
  if (!faults.has("file-nolength", order, id)) headers.set("Content-Length", String(partLength(part)));
  const body = () => {
    if (isHead) return null;
    const count = (bytes: number) => {
      task.bytesServed += bytes;
    };
    if (take("file-cut") !== undefined) return cutAtHalf(part, count);
    if (take("url-expires-midway") !== undefined) {
      expire();
      return cutAtHalf(part, count);
    }
    if (take("file-hang") !== undefined) return hangAtHalf(part, count);
    const rate = faults.find("file-slow", order, id);
    return rate === undefined ? whole(part, count) : slowly(part, Number(rate), count);
  };
  return new Response(body(), { status: range ? 206 : 200, headers });
}

type Take = (word: Word) => string | undefined;

/** The file of this download: the task's own, or another of the same length that only hash and ETag tell apart. */
function deliveredOf(task: Task, take: Take): FilmFile {
  return fileOf(take("file-changes") === undefined ? task : { ...task, id: "9".repeat(task.id.length) });
}

/** How much of the file there is, as far as this download is concerned. */
function sizeOf(file: FilmFile, take: Take): number {
  const size = lengthOf(file);
  if (take("file-empty") !== undefined) return 0;
  return take("file-truncated") === undefined ? size : Math.floor(size / 2);
}

/** A range is for the version that the caller knows; of another one it gets everything (RFC 9110, 13.1.5). */
function rangeOf(request: Request, etag: string, size: number) {
  const condition = request.headers.get("If-Range");
  if (condition !== null && condition !== etag) return undefined;
  return readRange(request.headers.get("Range"), size);
}

function xml(status: number, code: string, message: string, more: Record<string, string> = {}): Response {
  const requestId = randomBytes(12).toString("hex").toUpperCase();
  const fields = Object.entries({ Code: code, Message: message, RequestId: requestId, ...more });
  const lines = fields.map(([name, value]) => `  <${name}>${value}</${name}>`);
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n${lines.join("\n")}\n</Error>\n`;
  return new Response(body, {
    status,
    headers: { "Content-Type": "application/xml", "Content-Length": String(Buffer.byteLength(body)) },
  });
}
