/**
 * A multipart upload that outlives whoever began it. Each part is written down as soon as R2 has it, so that after
 * any break another process goes on behind the last one; what was sent and not written down is sent again.
 * Measured in workerd: parts survive SIGKILL, a part that is sent again voids its old ETag (10025), unequal parts
 * fail at the end (10048), and a second `complete` says that there is no such upload (10024).
 */

import { type Begun, canResume } from "../domain/resume.ts";
import {
  BrokenVideo,
  Inspection,
  type KeptVideo,
  readPieces,
  requireLength,
  requireWanted,
  type TransferLimits,
  withIdleLimit,
} from "./pieces.ts";

export type Part = Readonly<{ number: number; etag: string; bytes: number }>;

export type Upload = Readonly<{
  id: string;
  /** What the first answer said of the file; null where it did not. */
  length: number | null;
  etag: string | null;
  /** In order, without gaps: all of one size, but for the last of the file. */
  parts: readonly Part[];
}>;

/** Remembers the one upload that is under way. Its writes are durable before anything that follows leaves. */
export interface UploadRecord {
  load(): Upload | null;
  start(upload: Omit<Upload, "parts">): void;
  add(uploadId: string, part: Part): void;
  forget(uploadId: string): void;
}

/** Where a video goes, and what is remembered of its way. */
export type Destination = Readonly<{
  bucket: R2Bucket;
  key: string;
  record: UploadRecord;
  limits: TransferLimits;
}>;

/** R2 wants parts of at least 5 MiB, all of one size but the last. One is in memory at a time. */
export const partBytes = 8 * 1024 * 1024;

export const asVideo = { httpMetadata: { contentType: "video/mp4" } } as const;

export function sentBytes(upload: Upload): number {
  return upload.parts.reduce((sum, part) => sum + part.bytes, 0);
}

/** True if R2 has every part, so that nothing is left but to complete: a short part is the last. */
export function isSent(upload: Upload): boolean {
  if (upload.length !== null) return sentBytes(upload) === upload.length;
  return (upload.parts.at(-1)?.bytes ?? partBytes) < partBytes;
}

/** What a new download could carry on, or null if it has to begin anew. */
export function begunOf(record: UploadRecord): Begun | null {
  const upload = record.load();
  if (upload === null) return null;
  const begun = { sent: sentBytes(upload), length: upload.length, etag: upload.etag };
  return canResume(begun) ? begun : null;
}

/** `kept` is null where this process did not see the whole file. */
export type Sent =
  | Readonly<{ kind: "parts"; kept: KeptVideo | null }>
  /** The body ended within a part: no upload was begun for it. */
  | Readonly<{ kind: "small"; kept: KeptVideo; bytes: Uint8Array }>;

/**
 * Sends a body as parts, behind those of `carriedOn`, or as a new upload.
 * @param about.skip how many bytes of the body R2 has already.
 * @param about.length the whole file's, if it is known.
 * @throws Error if the body breaks, stalls or has another length; BrokenVideo if it is not the video.
 */
export async function sendParts(
  to: Destination,
  body: ReadableStream<Uint8Array>,
  about: { carriedOn: Upload | null; skip: number; length: number | null; etag: string | null },
): Promise<Sent> {
  const { carriedOn, length } = about;
  const inspection = carriedOn === null ? new Inspection() : null;
  let uploadId = carriedOn?.id ?? null;
  let count = carriedOn?.parts.length ?? 0;
  let sent = carriedOn === null ? 0 : sentBytes(carriedOn);
  let { skip } = about;
  const part = new Uint8Array(partBytes);
  let filled = 0;
  for await (const piece of readPieces(body, to.limits, sent - skip)) {
    inspection?.pass(piece);
    let at = Math.min(skip, piece.byteLength);
    skip -= at;
    if (length !== null && sent + filled + piece.byteLength - at > length) {
      throw new BrokenVideo(`the file has more than the ${length} bytes that were announced`);
    }
    while (at < piece.byteLength) {
      const taken = piece.subarray(at, at + partBytes - filled);
      part.set(taken, filled);
      filled += taken.byteLength;
      at += taken.byteLength;
      if (filled < partBytes) continue;
      uploadId ??= await startUpload(to, about);
      await sendPart(to, uploadId, ++count, part);
      sent += filled;
      filled = 0;
    }
  }
  if (skip > 0) throw new Error("the body ended before the part that is missing");
  // A short part counts as the last, so it must not be sent before it is known to be.
  requireLength(sent + filled, length);
  const kept = inspection?.end(length) ?? null;
  const rest = part.subarray(0, filled);
  if (uploadId === null && kept !== null) return { kind: "small", kept, bytes: rest };
  if (uploadId !== null && filled > 0) await sendPart(to, uploadId, ++count, rest);
  return { kind: "parts", kept };
}

async function startUpload(
  { bucket, key, record, limits }: Destination,
  { length, etag }: { length: number | null; etag: string | null },
): Promise<string> {
  const upload = await withIdleLimit(bucket.createMultipartUpload(key, asVideo), limits.idleMs);
  if (!limits.isWanted()) {
    // Not written down yet, so nobody else would end it.
    await upload.abort().catch(() => {});
    requireWanted(limits);
  }
  record.start({ id: upload.uploadId, length, etag });
  return upload.uploadId;
}

async function sendPart(
  { bucket, key, record, limits }: Destination,
  uploadId: string,
  number: number,
  bytes: Uint8Array,
): Promise<void> {
  const upload = bucket.resumeMultipartUpload(key, uploadId);
  const { etag } = await withIdleLimit(upload.uploadPart(number, bytes), limits.idleMs);
  requireWanted(limits);
  record.add(uploadId, { number, etag, bytes: bytes.byteLength });
}

/** Makes the parts one object. Multipart uploads know no condition: the key was looked at before, and has one writer. */
export async function completeUpload({ bucket, key, record, limits }: Destination): Promise<void> {
  const upload = record.load();
  if (upload === null) throw new Error("there is no upload to complete");
  requireWanted(limits);
  const parts = upload.parts.map(({ number, etag }) => ({ partNumber: number, etag }));
  await withIdleLimit(bucket.resumeMultipartUpload(key, upload.id).complete(parts), limits.idleMs);
  record.forget(upload.id);
}

/** Ends the upload that is remembered, if there is one, with all its parts. It is remembered until R2 has ended it. */
export async function abandonUpload(to: Pick<Destination, "bucket" | "key" | "record">): Promise<void> {
  const upload = to.record.load();
  if (upload === null) return;
  await to.bucket
    .resumeMultipartUpload(to.key, upload.id)
    .abort()
    .catch((error) => {
      if (codeOf(error) !== noSuchUpload) throw error;
    });
  to.record.forget(upload.id);
}

/** R2's number for "there is no such upload": completed, aborted, or expired after a week. */
export const noSuchUpload = 10024;
/**
 * R2's numbers for trouble that passes. Any other is about the upload itself: its parts are too small (10011), replaced
 * by one that was sent again (10025), unequal (10048).
 */
export const passingTrouble: ReadonlySet<number> = new Set([10001, 10043, 10054, 10058]);

/** R2's error number stands at the end of its sentence; null for errors that have none, such as a lost connection. */
export function codeOf(error: unknown): number | null {
  const code = /\((\d{5})\)$/.exec(error instanceof Error ? error.message : "")?.[1];
  return code === undefined ? null : Number(code);
}
