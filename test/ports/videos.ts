/** Videos of any size to store, downloads that break where they are told to, and a memory for uploads. */

import { createHash } from "node:crypto";
import type { Destination, Part, Upload, UploadRecord } from "../../src/ports/upload.ts";
import { env } from "../routes/worker.ts";

export const part = 8 * 1024 * 1024;

/** A whole MP4 of so many bytes; another seed makes other bytes. */
export function video(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  const words = new Uint32Array(bytes.buffer, 0, size >> 2);
  let state = seed;
  for (let index = 0; index < words.length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    words[index] = state;
  }
  const view = new DataView(bytes.buffer);
  const box = (at: number, length: number, type: string) => {
    view.setUint32(at, length);
    bytes.set(new TextEncoder().encode(type), at + 4);
  };
  box(0, 16, "ftyp");
  box(16, 8, "moov");
  box(24, size - 24, "mdat");
  return bytes;
}

export const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** A download's answer: with its body whole, or breaking after `breakAt` of its bytes, or going silent there. */
export function download(
  bytes: Uint8Array,
  about: { status?: number; headers?: Record<string, string>; breakAt?: number; hangAt?: number } = {},
): Response {
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  const end = about.breakAt ?? about.hangAt ?? bytes.byteLength;
  void (async () => {
    for (let at = 0; at < end; at += 65_536) await writer.write(bytes.slice(at, Math.min(at + 65_536, end)));
    if (about.breakAt !== undefined) await writer.abort(new Error("Network connection lost."));
    else if (about.hangAt === undefined) await writer.close();
  })().catch(() => {});
  return new Response(readable, { status: about.status ?? 200, headers: about.headers ?? {} });
}

/** The rest of a file from `first` on, as a host answers that honours ranges. */
export function rest(
  bytes: Uint8Array,
  first: number,
  about: { headers?: Record<string, string>; breakAt?: number; total?: string } = {},
): Response {
  const range = `bytes ${first}-${bytes.byteLength - 1}/${about.total ?? bytes.byteLength}`;
  return download(bytes.subarray(first), {
    ...about,
    status: 206,
    headers: { "content-range": range, ...about.headers },
  });
}

/** What an object's tables do, without an object. */
export class MemoryRecord implements UploadRecord {
  upload: Upload | null = null;
  load(): Upload | null {
    return this.upload;
  }
  start(upload: Omit<Upload, "parts">): void {
    this.upload = { ...upload, parts: [] };
  }
  add(uploadId: string, one: Part): void {
    if (this.upload?.id === uploadId) this.upload = { ...this.upload, parts: [...this.upload.parts, one] };
  }
  forget(uploadId: string): void {
    if (this.upload?.id === uploadId) this.upload = null;
  }
}

/** A key of its own in the real local bucket. */
export function newDestination(limits: Partial<Destination["limits"]> = {}) {
  const record = new MemoryRecord();
  const to = {
    bucket: env.VIDEOS,
    key: `videos/${crypto.randomUUID()}.mp4`,
    record,
    limits: { idleMs: 10_000, maxBytes: 1024 ** 3, isWanted: () => true, ...limits },
  };
  return { to, record, key: to.key };
}

export async function storedSha256(key: string): Promise<string | null> {
  const object = await env.VIDEOS.get(key);
  return object === null ? null : sha256(new Uint8Array(await object.arrayBuffer()));
}

/** True if R2 still has an upload: only one that is there takes another part. */
export async function isUploadThere(key: string, uploadId: string): Promise<boolean> {
  return env.VIDEOS.resumeMultipartUpload(key, uploadId)
    .uploadPart(9999, new Uint8Array(1))
    .then(
      () => true,
      () => false,
    );
}
