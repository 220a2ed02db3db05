/*
 * Handing out the bytes of a finished video, and the ways in which that goes wrong. Content-Length, ranges and
 * HEAD as an object store answers them; refusals are XML, as Aliyun's OSS writes them.
 */
import { createHash, randomBytes } from "node:crypto";
import { proxyError } from "./answers.ts";
import { fileOf } from "./clips.ts";
import { cutAtHalf, hangAtHalf, slowly, unmeasured } from "./connection.ts";
import { readRange } from "./range.ts";
import { verifyUrl } from "./signed-urls.ts";
import type { State, Task } from "./state.ts";

/** GET or HEAD of a signed address. */
export function download(state: State, request: Request, fileId: string): Response {
  const verdict = verifyUrl(state.signingSecret, fileId, new URL(request.url).searchParams, state.now());
  if ("refusal" in verdict) {
    return verdict.refusal === "expired"
      ? xml(403, "AccessDenied", "Request has expired.", {
          Expires: new Date(verdict.expiresAt).toISOString(),
          ServerTime: new Date(state.now()).toISOString(),
        })
      : xml(403, "SignatureDoesNotMatch", "The request signature we calculated does not match.");
  }
  const task = state.tasksByFile.get(fileId);
  if (!task || task.isFileDeleted) return xml(404, "NoSuchKey", "The specified key does not exist.");
  return serve(state, request, task);
}

/** The task's file, whole or in part. A GET counts as a download and uses up one of the times of a fault. */
export function serve(state: State, request: Request, task: Task): Response {
  const { faults } = state;
  const { id, order } = task;
  const isHead = request.method === "HEAD";
  const take = (word: "file-cut" | "file-truncated" | "file-empty" | "file-hang" | "file-http") =>
    isHead ? undefined : faults.take(word, order, id);
  if (!isHead) task.downloads += 1;

  const status = take("file-http");
  if (status !== undefined) return proxyError(Number(status));
  const whole = fileOf(task);
  let file = whole;
  if (take("file-empty") !== undefined) file = whole.subarray(0, 0);
  else if (take("file-truncated") !== undefined) file = whole.subarray(0, whole.length >> 1);

  const headers = new Headers({
    "Content-Type": "video/mp4",
    "Accept-Ranges": "bytes",
    ETag: `"${createHash("md5").update(file).digest("hex").toUpperCase()}"`,
    "Last-Modified": new Date(task.life.endsAt).toUTCString(),
    "x-oss-request-id": randomBytes(12).toString("hex").toUpperCase(),
  });
  const range = readRange(request.headers.get("Range"), file.length);
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
    if (take("file-cut") !== undefined) return cutAtHalf(part);
    if (take("file-hang") !== undefined) return hangAtHalf(part);
    const rate = faults.find("file-slow", order, id);
    if (rate !== undefined) return slowly(part, Number(rate));
    return isMeasured ? part : unmeasured(part);
  };
  return new Response(body(), { status: range ? 206 : 200, headers });
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
