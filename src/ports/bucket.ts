/**
 * R2: keep a video from a download, whole or not at all; read one back; keep what an order shows.
 *
 * A file whose length is known and not large is one conditional put, started over if it breaks: a put that breaks
 * leaves nothing readable, and one that meets a taken key changes nothing (both measured in workerd). Any other goes
 * up in parts that outlive a break (upload.ts). Either is completed only once length and container are right, or,
 * where no process saw the whole file, read back before it counts.
 */

import { judgeDownload, readDownload } from "../domain/resume.ts";
import { BrokenVideo, Inspection, type KeptVideo, readPieces, withIdleLimit } from "./pieces.ts";
import {
  abandonUpload,
  asVideo,
  begunOf,
  codeOf,
  completeUpload,
  type Destination,
  noSuchUpload,
  passingTrouble,
  type Sent,
  sendParts,
} from "./upload.ts";

/**
 * Up to here a transfer that breaks is started over. Four parts: below, sending again what was sent costs less than
 * the read back that a resumed file needs, as no hash can be carried over a restart; MiniMax's videos are mostly below.
 */
export const startOverBytes = 32 * 1024 * 1024;

/**
 * Stores what a download answered as a video. Where an upload is remembered that the answer can carry on, it is
 * carried on; the download should have been asked for the rest (`begunOf`), but one that answers with all will do.
 * @returns what was stored, or null if the key is taken: `takeStored` tells by what.
 * @throws Error if the body breaks, stalls, is too large, or is not what was asked for: parts that R2 has stay
 * remembered if they can be carried on. BrokenVideo if all of it came and is not a whole MP4.
 */
export async function keepVideo(to: Destination, response: Response): Promise<KeptVideo | null> {
  const { body } = response;
  const verdict = judgeDownload(begunOf(to.record), readDownload(response.status, response.headers));
  let sent: Sent;
  try {
    if (verdict.do === "refuse") throw new Error(verdict.reason);
    if (verdict.do === "begin" || verdict.do === "startOver") await abandonUpload(to);
    if (verdict.do === "startOver") throw new Error(verdict.reason);
    if (body === null) throw new Error("the download has no body");
    if (verdict.length !== null && verdict.length > to.limits.maxBytes) {
      throw new Error(`the file has ${verdict.length} bytes, more than ${to.limits.maxBytes}`);
    }
    if (verdict.do === "begin") {
      const { length, etag } = verdict;
      if (length !== null && length <= startOverBytes) return await putWhole(to, body, length);
      sent = await sendParts(to, body, { carriedOn: null, skip: 0, length, etag });
    } else {
      const { skip, length } = verdict;
      sent = await sendParts(to, body, { carriedOn: to.record.load(), skip, length, etag: null });
    }
  } catch (error) {
    await body?.cancel().catch(() => {});
    return afterFailure(to, error);
  }
  if (sent.kind === "parts") return finishUpload(to, sent.kept);
  const put = to.bucket.put(to.key, sent.bytes, asNewVideo());
  return (await withIdleLimit(put, to.limits.idleMs)) === null ? null : sent.kept;
}

/**
 * Completes the upload that is remembered, all of whose parts R2 has.
 * @param kept what it is, if this process saw all of it; otherwise it is read back.
 * @throws as `keepVideo` does.
 */
export async function finishUpload(to: Destination, kept: KeptVideo | null): Promise<KeptVideo> {
  try {
    await completeUpload(to);
  } catch (error) {
    return afterFailure(to, error);
  }
  const stored = kept ?? (await takeStored(to));
  if (stored === null) throw new BrokenVideo("the parts do not make a whole MP4 file");
  return stored;
}

/**
 * What is under the key already, read back whole: its length and hash, or null if there is nothing. What was read
 * whole and is no video is deleted; a read that failed says nothing about a video that was paid for.
 */
export async function takeStored(to: Omit<Destination, "record">): Promise<KeptVideo | null> {
  const stored = await to.bucket.get(to.key);
  if (stored === null) return null;
  const inspection = new Inspection();
  for await (const piece of readPieces(stored.body, to.limits)) inspection.pass(piece);
  try {
    return inspection.end(stored.size);
  } catch (error) {
    if (!(error instanceof BrokenVideo)) throw error;
    await to.bucket.delete(to.key);
    return null;
  }
}

/** What is known of a kept image, video or sound. */
export type MediaFacts = Readonly<
  { contentType: string } & (
    | { width: number; height: number }
    | { seconds: number }
    | { width: number; height: number; seconds: number }
  )
>;

/** Keeps an image, video or sound under a key that names its content; storing it again changes nothing. */
export async function keepMedia(
  bucket: R2Bucket,
  key: string,
  bytes: Uint8Array,
  { contentType, ...facts }: MediaFacts,
): Promise<void> {
  if ((await bucket.head(key)) !== null) return;
  try {
    await bucket.put(key, bytes, {
      httpMetadata: { contentType },
      customMetadata: Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, String(value)])),
    });
  } catch (error) {
    // R2 takes one write a second for a key (10058); another request may just have stored the same bytes.
    if ((await bucket.head(key)) === null) throw error;
  }
}

/** What is known of what is kept under a key, or null if there is nothing. */
export async function findMedia(
  bucket: R2Bucket,
  key: string,
): Promise<{ bytes: number; facts: MediaFacts } | null> {
  const kept = await bucket.head(key);
  if (kept === null) return null;
  const known = Object.entries(kept.customMetadata ?? {}).map(([name, value]) => [name, Number(value)]);
  const contentType = kept.httpMetadata?.contentType ?? "image/jpeg";
  return { bytes: kept.size, facts: { contentType, ...Object.fromEntries(known) } as MediaFacts };
}

/** One put of a body whose length is known. Its last piece is held back until the whole was found right. */
async function putWhole(
  { bucket, key, limits }: Destination,
  body: ReadableStream<Uint8Array>,
  length: number,
): Promise<KeptVideo | null> {
  const fixed = new FixedLengthStream(length);
  const writer = fixed.writable.getWriter();
  const put = bucket.put(key, fixed.readable, asNewVideo());
  put.catch(() => {});
  const inspection = new Inspection();
  let held: Uint8Array | null = null;
  try {
    for await (const piece of readPieces(body, limits)) {
      inspection.pass(piece);
      if (held !== null) await withIdleLimit(writer.write(held), limits.idleMs);
      held = piece;
    }
    const kept = inspection.end(length);
    if (held !== null) await withIdleLimit(writer.write(held), limits.idleMs);
    await withIdleLimit(writer.close(), limits.idleMs);
    return (await withIdleLimit(put, limits.idleMs)) === null ? null : kept;
  } catch (error) {
    // Not waited for: what no longer takes bytes may not take an abort either.
    writer.abort(error).catch(() => {});
    throw error;
  }
}

/** What becomes of an upload when a transfer fails: parts that are of no use, or for nobody, do not stay. */
async function afterFailure(to: Destination, error: unknown): Promise<KeptVideo> {
  const code = codeOf(error);
  if (code === noSuchUpload) {
    const upload = to.record.load();
    if (upload !== null) to.record.forget(upload.id);
    // It may have been completed, by a process that died before it could write that down.
    const stored = await takeStored(to);
    if (stored !== null) return stored;
  }
  const isOfNoUse = error instanceof BrokenVideo || (code !== null && !passingTrouble.has(code));
  // If R2 does not end it now, it stays remembered, and is ended another time.
  if (isOfNoUse || !to.limits.isWanted()) await abandonUpload(to).catch(() => {});
  throw error;
}

/** A put that changes nothing where the key is taken. */
function asNewVideo() {
  return { ...asVideo, onlyIf: new Headers({ "if-none-match": "*" }) };
}
