/**
 * R2: keep a video from a stream, open a range of it, keep an image.
 *
 * A video is stored in constant memory: 256 KiB pieces go from the provider's body through a hash and a box walk
 * into the put, whose last byte is only handed over once length and container are right. A put that breaks leaves
 * nothing readable, and one that meets a taken key changes nothing (both measured in workerd). Bodies without a
 * known length go through a multipart upload, which R2 lets complete only by our word.
 */

import { createHash } from "node:crypto";
import { beforeFirstBox, isWholeMp4, walkBoxes } from "../domain/mp4.ts";

/** The bytes are there and are not the video: waiting or asking again for the same bytes helps nothing. */
export class BrokenVideo extends Error {}

export type KeptVideo = Readonly<{ bytes: number; sha256: string }>;

export type TransferLimits = Readonly<{
  /** A body that is silent for so long is given up; workerd itself waits for ever. */
  idleMs: number;
  maxBytes: number;
  /** Asked between pieces: false ends the transfer. */
  isWanted(): boolean;
}>;

const pieceBytes = 256 * 1024;
/** R2 wants parts of at least 5 MiB, all of one size but the last. */
const partBytes = 8 * 1024 * 1024;

/**
 * Stores a response's body as a video, whole or not at all.
 * @returns what was stored, or null if the key is taken: `verifyVideo` tells by what.
 * @throws Error if the body breaks, stalls, is too large, has another length than announced; BrokenVideo if all of
 * it came and is not a whole MP4.
 */
export async function keepVideo(
  bucket: R2Bucket,
  key: string,
  response: Response,
  limits: TransferLimits,
): Promise<KeptVideo | null> {
  if (response.body === null) throw new Error("the download has no body");
  const announced = response.headers.get("content-length");
  const pieces = checkedPieces(response.body, announced === null ? null : Number(announced), limits);
  if (announced === null) return keepParts(bucket, key, pieces, limits.idleMs);

  const fixed = new FixedLengthStream(Number(announced));
  const writer = fixed.writable.getWriter();
  const put = bucket.put(key, fixed.readable, asNewVideo());
  put.catch(() => {});
  try {
    for (;;) {
      const { value, done } = await pieces.next();
      if (done) {
        await withIdleLimit(writer.close(), limits.idleMs);
        return (await withIdleLimit(put, limits.idleMs)) === null ? null : value;
      }
      await withIdleLimit(writer.write(value), limits.idleMs);
    }
  } catch (error) {
    // Not waited for: what no longer takes bytes may not take an abort either.
    writer.abort(error).catch(() => {});
    await endEarly(pieces);
    throw error;
  }
}

/**
 * Reads a stored video back: its length and hash, or null if there is none.
 * @throws BrokenVideo if it is there and is not a whole MP4; Error if it could not be read.
 */
export async function verifyVideo(
  bucket: R2Bucket,
  key: string,
  limits: TransferLimits,
): Promise<KeptVideo | null> {
  const stored = await bucket.get(key);
  if (stored === null) return null;
  const pieces = checkedPieces(stored.body, stored.size, limits);
  for (;;) {
    const { value, done } = await pieces.next();
    if (done) return value;
  }
}

/** Keeps an image under a key that names its content; storing it again changes nothing. */
export async function keepImage(
  bucket: R2Bucket,
  key: string,
  bytes: Uint8Array,
  facts: { contentType: string; width: number; height: number },
): Promise<void> {
  if ((await bucket.head(key)) !== null) return;
  try {
    await bucket.put(key, bytes, {
      httpMetadata: { contentType: facts.contentType },
      customMetadata: { width: String(facts.width), height: String(facts.height) },
    });
  } catch (error) {
    // R2 takes one write a second for a key (10058); another request may just have stored the same bytes.
    if ((await bucket.head(key)) === null) throw error;
  }
}

/** The facts of a kept image, or null if there is none under the key. */
export async function findImage(
  bucket: R2Bucket,
  key: string,
): Promise<{ contentType: string; bytes: number } | null> {
  const image = await bucket.head(key);
  if (image === null) return null;
  return { contentType: image.httpMetadata?.contentType ?? "image/jpeg", bytes: image.size };
}

/**
 * Passes a body on in pieces, hashing and walking it; the last piece is held back until the whole was found right,
 * so that a put fed from here cannot complete with a wrong file.
 */
async function* checkedPieces(
  body: ReadableStream<Uint8Array>,
  announced: number | null,
  limits: TransferLimits,
): AsyncGenerator<Uint8Array, KeptVideo> {
  if (announced !== null && announced > limits.maxBytes) {
    await body.cancel();
    throw new Error(`the file has ${announced} bytes, more than ${limits.maxBytes}`);
  }
  const reader = body.getReader({ mode: "byob" });
  const hash = createHash("sha256");
  let walk = beforeFirstBox;
  let bytes = 0;
  let held: Uint8Array | null = null;
  let free = new ArrayBuffer(pieceBytes);
  try {
    for (;;) {
      const { value, done } = await withIdleLimit(reader.read(new Uint8Array(free)), limits.idleMs);
      if (done) break;
      bytes += value.byteLength;
      if (!limits.isWanted()) throw new Error("the file is not wanted any more");
      if (bytes > limits.maxBytes) throw new Error(`the file has more than ${limits.maxBytes} bytes`);
      hash.update(value);
      walk = walkBoxes(walk, value);
      const previous: Uint8Array | null = held;
      held = value;
      if (previous !== null) yield previous;
      free = previous === null ? new ArrayBuffer(pieceBytes) : (previous.buffer as ArrayBuffer);
    }
    if (announced !== null && bytes !== announced) {
      throw new Error(`the file has ${bytes} bytes, announced were ${announced}`);
    }
    if (!isWholeMp4(walk)) throw new BrokenVideo(`the ${bytes} bytes are not a whole MP4 file`);
    if (held !== null) yield held;
    return { bytes, sha256: hash.digest("hex") };
  } finally {
    // Whole, broken, or left by its reader: a body that is not read to its end is given back. One that ended takes no harm.
    reader.cancel().catch(() => {});
  }
}

/** A put that changes nothing where the key is taken. */
function asNewVideo() {
  return { onlyIf: new Headers({ "if-none-match": "*" }), httpMetadata: { contentType: "video/mp4" } };
}

/** Ends a transfer in the middle: a generator that is only left never comes to its `finally`. */
async function endEarly(pieces: AsyncGenerator<Uint8Array, KeptVideo>): Promise<void> {
  await pieces.return({ bytes: 0, sha256: "" }).catch(() => {});
}

/** A step of a transfer, reading or writing, that takes longer than this has stalled. */
async function withIdleLimit<T>(step: Promise<T>, idleMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const idle = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing moved for ${idleMs} ms`)), idleMs);
  });
  try {
    return await Promise.race([step, idle]);
  } finally {
    clearTimeout(timer);
  }
}

/** One put if the body ends within a part, otherwise a multipart upload that is completed only when all is right. */
async function keepParts(
  bucket: R2Bucket,
  key: string,
  pieces: AsyncGenerator<Uint8Array, KeptVideo>,
  idleMs: number,
): Promise<KeptVideo | null> {
  const part = new Uint8Array(partBytes);
  let filled = 0;
  let upload: R2MultipartUpload | null = null;
  const parts: R2UploadedPart[] = [];
  try {
    for (;;) {
      const { value, done } = await pieces.next();
      if (done) {
        const rest = part.subarray(0, filled);
        if (upload === null) {
          const put = bucket.put(key, rest, asNewVideo());
          return (await withIdleLimit(put, idleMs)) === null ? null : value;
        }
        if (filled > 0) parts.push(await withIdleLimit(upload.uploadPart(parts.length + 1, rest), idleMs));
        await withIdleLimit(upload.complete(parts), idleMs);
        return value;
      }
      let at = 0;
      while (at < value.byteLength) {
        const taken = value.subarray(at, at + partBytes - filled);
        part.set(taken, filled);
        filled += taken.byteLength;
        at += taken.byteLength;
        if (filled < partBytes) continue;
        upload ??= await bucket.createMultipartUpload(key, { httpMetadata: { contentType: "video/mp4" } });
        parts.push(await withIdleLimit(upload.uploadPart(parts.length + 1, part), idleMs));
        filled = 0;
      }
    }
  } catch (error) {
    upload?.abort().catch(() => {});
    await endEarly(pieces);
    throw error;
  }
}
