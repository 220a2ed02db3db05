/*
 * Handing out the bytes of a finished video, and the ways in which that goes wrong. Content-Length, ranges and
 * HEAD as an object store answers them; refusals are XML, as Aliyun's OSS writes them.
 */
import { createHash, randomBytes } from "node:crypto";
import { proxyError } from "./answers.ts";
import { fileOf } from "./clips.ts";
import { cutAtHalf, hangAtHalf, slowly, unmeasured } from "./connection.ts";
import { readRange } from "./range.ts";
import type { Word } from "./scenario.ts";
import { verifyUrl } from "./signed-urls.ts";
import type { State, Task } from "./state.ts";

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
  if (!task || task.isFileDeleted) return xml(404, "NoSuchKey", "The specified key does not exist.");
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
  const take = (word: Word) => (isHead ? undefined : faults.take(word, order, id));
  if (!isHead) {
    task.downloads += 1;
    task.ranges.push(request.headers.get("Range"));
  }

  const status = take("file-http");
  if (status !== undefined) return proxyError(Number(status));
  const file = deliveredOf(task, take);
  const headers = new Headers({
    "Content-Type": "video/mp4",
    ETag: `"${createHash("md5").update(file).digest("hex").toUpperCase()}"`,
    "Last-Modified": new Date(task.life.endsAt).toUTCString(),
    "x-oss-request-id": randomBytes(12).toString("hex").toUpperCase(),
  });
  const isRanged = !faults.has("file-norange", order, id);
  if (isRanged) headers.set("Accept-Ranges", "bytes");
  const range = isRanged ? rangeOf(request, headers.get("ETag") ?? "", file.length) : undefined;
  if (range === "unsatisfiable") {
    headers.set("Content-Range", `bytes */${file.length}`);
    return new Response(null, { status: 416, headers });
  }
  const part = range ? file.subarray(range.first, range.last + 1) : file;
  if (range) headers.set("Content-Range", `bytes ${range.first}-${range.last}/${file.length}`);
  const isMeasured = !faults.has("file-nolength", order, id);
  if (isMeasured) headers.set("Content-Length", String(part.length));
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
    if (rate !== undefined) return slowly(part, Number(rate), count);
    count(part.length);
    return isMeasured ? part : unmeasured(part);
  };
  return new Response(body(), { status: range ? 206 : 200, headers });
}

/** The bytes of this download: the task's file, or what a fault makes of it. */
function deliveredOf(task: Task, take: (word: Word) => string | undefined): Uint8Array<ArrayBuffer> {
  const whole = fileOf(task);
  if (take("file-empty") !== undefined) return whole.subarray(0, 0);
  if (take("file-truncated") !== undefined) return whole.subarray(0, whole.length >> 1);
  // Of the same length, and a film like the other: only its hash and ETag tell them apart.
  if (take("file-changes") !== undefined) return fileOf({ ...task, id: "9".repeat(task.id.length) });
  return whole;
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
