/**
 * The body of a create. What we keep is read from the bucket and encoded while it is sent, so that 48 MB of video cost
 * a few hundred kB of memory; its place in the JSON is found by a mark that is drawn anew.
 */

import type { ImageSource, MediaField } from "../../domain/order.ts";

export type Kept = Extract<ImageSource, { kind: "stored" }>;
/** Opens a kept image, video or sound; null if it is gone. */
export type OpenMedia = (kept: Kept) => Promise<ReadableStream<Uint8Array> | null>;
export type Body = Readonly<{ body: BodyInit }>;
/** A source in its place; `url` is what stands there in the JSON. */
export type Placed = Readonly<{ field: MediaField; source: ImageSource; url: string }>;

/** A multiple of three, so that base64 needs padding only at the end. */
const pieceBytes = 3 * 65_536;

/**
 * Builds a body around what an order shows.
 * @param sources in the order in which they stand in the JSON.
 * @param write the JSON, given the sources with the texts that stand for them.
 * @param labelOf a data URL's media type for a content type.
 * @returns or which field's bytes are gone: then nothing was opened.
 */
export async function buildAround(
  sources: readonly Readonly<{ field: MediaField; source: ImageSource }>[],
  openMedia: OpenMedia,
  write: (placed: readonly Placed[]) => unknown,
  labelOf = (contentType: string) => contentType,
): Promise<Body | { missing: MediaField }> {
  const mark = crypto.randomUUID();
  const opened: Opened[] = [];
  const placed: Placed[] = [];
  for (const { field, source } of sources) {
    if (source.kind === "url") {
      placed.push({ field, source, url: source.url });
      continue;
    }
    const stream = await openMedia(source);
    if (stream === null) {
      await Promise.all(opened.map((one) => one.stream.cancel()));
      return { missing: field };
    }
    opened.push({ label: `data:${labelOf(source.contentType)};base64,`, bytes: source.bytes, stream });
    placed.push({ field, source, url: mark });
  }
  const json = JSON.stringify(write(placed));
  return opened.length === 0 ? { body: json } : streamBody(json.split(mark), opened);
}

type Opened = Readonly<{ label: string; bytes: number; stream: ReadableStream<Uint8Array> }>;

function streamBody(texts: string[], kept: readonly Opened[]): Body {
  const encoder = new TextEncoder();
  const labels = kept.map(({ label }) => label);
  const textLength = [...texts, ...labels].reduce((sum, text) => sum + encoder.encode(text).byteLength, 0);
  const mediaLength = kept.reduce((sum, { bytes }) => sum + 4 * Math.ceil(bytes / 3), 0);
  const { readable, writable } = new FixedLengthStream(textLength + mediaLength);

  const send = async () => {
    const writer = writable.getWriter();
    try {
      for (const [index, text] of texts.entries()) {
        await writer.write(encoder.encode(text));
        const next = kept[index];
        if (next === undefined) continue;
        await writer.write(encoder.encode(next.label));
        for await (const piece of pieces(next.stream)) await writer.write(encoder.encode(piece.toBase64()));
      }
      await writer.close();
    } catch (error) {
      // The fetch that reads this fails with it, and the attempt counts as lost: some bytes were sent.
      await writer.abort(error).catch(() => {});
    }
  };
  void send();
  return { body: readable };
}

async function* pieces(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader({ mode: "byob" });
  for (;;) {
    const { value, done } = await reader.readAtLeast(pieceBytes, new Uint8Array(pieceBytes));
    if (value !== undefined && value.byteLength > 0) yield value;
    if (done) return;
  }
}
