/**
 * A filmgate that has one film, answers every order with it, and serves it badly: real sockets, with a list of what to
 * do wrong, one thing for each request of the bytes. For what the real Worker cannot be made to do.
 */

import { createHash } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { DownloadVideoResponse } from "../../src/client/filmgate.ts";

export type Misdeed =
  /** The connection breaks after so many bytes. */
  | { cutAfter: number }
  /** Ranges are not heeded, and the connection breaks after so many bytes. */
  | { wholeUntil: number }
  /** The connection falls silent after so many bytes, until the reader goes. */
  | { hangAfter: number }
  | { status: number }
  /** Ranges are not heeded. */
  | "whole"
  /** Another part than was asked for. */
  | "wrong part"
  /** The file was replaced: another ETag, and If-Range does not fit. */
  | "replaced"
  /** Right in length, and another film. */
  | "other bytes"
  /** More bytes than promised. */
  | "too long";

const video = { id: "task_film", object: "video", status: "completed", progress: 100, file_id: "file_film" };
const created = {
  ...{ id: "task_film", object: "video", task_id: "task_film", status: "queued" },
  ...{ model: "MiniMax-Hailuo-2.3", estimated_cost_usd: 0.28 },
};

export async function startFilmServer(film: Uint8Array, about: { filename?: string } = {}) {
  const misdeeds: Misdeed[] = [];
  const asked: { path: string; headers: IncomingHttpHeaders }[] = [];
  /** The Idempotency-Keys of orders. */
  const orders: string[] = [];
  let links = 0;
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    const path = incoming.url ?? "";
    if (path.endsWith("/events")) {
      const end = `event: end\nid: 1\ndata: ${JSON.stringify(video)}\n\n`;
      outgoing.writeHead(200, { "content-type": "text/event-stream" }).end(end);
      return;
    }
    if (path.startsWith("/v1/")) {
      if (incoming.method === "POST") orders.push(String(incoming.headers["idempotency-key"]));
      const answer = path.startsWith("/v1/videos/download/")
        ? promise()
        : incoming.method === "POST"
          ? created
          : video;
      outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
      return;
    }
    asked.push({ path, headers: incoming.headers });
    const misdeed = misdeeds.shift();
    if (typeof misdeed === "object" && "status" in misdeed) {
      outgoing.writeHead(misdeed.status).end("no");
      return;
    }
    const etag = misdeed === "replaced" ? '"b"' : '"a"';
    const range = /^bytes=(\d+)-$/.exec(incoming.headers.range ?? "");
    const ifRange = incoming.headers["if-range"];
    const isWhole = misdeed === "whole" || (typeof misdeed === "object" && "wholeUntil" in misdeed);
    const heeds = range !== null && !isWhole && (ifRange === undefined || ifRange === etag);
    const start = heeds ? Number(range[1]) - (misdeed === "wrong part" ? 1 : 0) : 0;
    if (heeds && start >= film.byteLength) {
      outgoing.writeHead(416, { "content-range": `bytes */${film.byteLength}` }).end();
      return;
    }
    const bytes = Buffer.from(film.subarray(start));
    if (misdeed === "other bytes") bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    const body = misdeed === "too long" ? Buffer.concat([bytes, Buffer.from("more")]) : bytes;
    outgoing.writeHead(heeds ? 206 : 200, {
      etag,
      "content-length": body.byteLength,
      ...(heeds ? { "content-range": `bytes ${start}-${film.byteLength - 1}/${film.byteLength}` } : {}),
    });
    const end = typeof misdeed === "object" ? Object.values(misdeed)[0] : undefined;
    if (end === undefined) outgoing.end(body);
    else if (typeof misdeed === "object" && "hangAfter" in misdeed) outgoing.write(body.subarray(0, end));
    // What has arrived and was not read yet is lost with the connection, so the reader is given a moment.
    else
      outgoing.write(body.subarray(0, end), () => setTimeout(() => outgoing.destroy(), end === 0 ? 0 : 100));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  /** What filmgate says of its film; each link is a new one. */
  function promise(): DownloadVideoResponse {
    links += 1;
    return {
      download_url: `${url}/files/film.mp4?link=${links}`,
      file_id: "file_film",
      expires_in_seconds: 60,
      expires_at: 0,
      bytes: film.byteLength,
      sha256: createHash("sha256").update(film).digest("hex"),
      content_type: "video/mp4",
      filename: about.filename ?? "film.mp4",
      disposition: "inline",
      via: "worker",
      notice: null,
      base_resp: { status_code: 0, status_msg: "success" },
    };
  }

  return {
    url,
    promise,
    asked,
    orders,
    /** Forgets what was seen, and says what to do wrong next; after that all is well. */
    tell(...next: Misdeed[]) {
      asked.length = 0;
      orders.length = 0;
      misdeeds.splice(0, misdeeds.length, ...next);
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
