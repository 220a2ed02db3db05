/** R2: the posters of published videos, each at a key of its own, and what they are made of. */

import { sha256Hex } from "../domain/hash.ts";
import { posterKey } from "../domain/ids.ts";
import { readPicture } from "../domain/image.ts";
import { maxPosterBytes, type Poster } from "../domain/poster.ts";

/** A picture that is read, and what it is. */
export type Picture = Readonly<{ bytes: Uint8Array; facts: Omit<Poster, "keptAt"> }>;

/**
 * Reads a picture into memory.
 * @throws Error if it is heavier than a poster may be, or none that browsers show.
 */
export async function readAsPicture(body: ReadableStream<Uint8Array>): Promise<Picture> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  // Left early, the body is cancelled.
  for await (const piece of body) {
    length += piece.byteLength;
    if (length > maxPosterBytes) throw new Error(`the picture has more than ${maxPosterBytes} bytes`);
    pieces.push(piece);
  }
  const bytes = new Uint8Array(length);
  let filled = 0;
  for (const piece of pieces) {
    bytes.set(piece, filled);
    filled += piece.byteLength;
  }
  const facts = readPicture(bytes);
  if (facts === null) throw new Error("the picture is neither JPEG nor PNG nor WebP");
  return { bytes, facts: { ...facts, bytes: length, sha256: sha256Hex(bytes) } };
}

/** Reads what lies under a key as a picture; null if nothing does. @throws Error as `readAsPicture` does. */
export async function findPicture(bucket: R2Bucket, key: string): Promise<Picture | null> {
  const object = await bucket.get(key);
  return object === null ? null : readAsPicture(object.body);
}

/** Keeps a video's poster; again with the same picture, nothing changes. */
export async function keepPoster(bucket: R2Bucket, fileId: string, { bytes, facts }: Picture): Promise<void> {
  await bucket.put(posterKey(fileId), bytes, { httpMetadata: { contentType: facts.contentType } });
}

/** Deletes a video's poster, if it has one. */
export async function deletePoster(bucket: R2Bucket, fileId: string): Promise<void> {
  await bucket.delete(posterKey(fileId));
}
