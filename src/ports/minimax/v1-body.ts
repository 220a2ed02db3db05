/**
 * The body of a V1 create. Images that we keep are read from the bucket and encoded while they are sent, so that
 * 20 MB of image cost a few hundred kB of memory; their place in the JSON is found by a mark that is drawn anew.
 */

import { findModel } from "../../domain/models.ts";
import { type ImageField, type ImageSource, imageFields, type Order } from "../../domain/order.ts";

/** Opens a kept image; null if it is gone. */
export type OpenImage = (sha256: string) => Promise<ReadableStream<Uint8Array> | null>;
export type Body = Readonly<{ body: BodyInit }>;

type Kept = Extract<ImageSource, { kind: "stored" }>;

/** A multiple of three, so that base64 needs padding only at the end. */
const pieceBytes = 3 * 65_536;

/**
 * Builds the body, or tells why it cannot be built: then nothing was sent.
 * @param callbackUrl asked for as `callback_url`, with its secret in it; null asks for no callbacks.
 */
export async function buildBody(
  order: Order,
  callbackUrl: string | null,
  openImage: OpenImage,
): Promise<Body | { missing: ImageField }> {
  const mark = crypto.randomUUID();
  const kept: { image: Kept; stream: ReadableStream<Uint8Array> }[] = [];
  const images: Partial<Record<ImageField, string>> = {};
  for (const field of imageFields) {
    const source = order.images[field];
    if (source === undefined) continue;
    if (source.kind === "url") {
      images[field] = source.url;
      continue;
    }
    const stream = await openImage(source.sha256);
    if (stream === null) {
      await Promise.all(kept.map((opened) => opened.stream.cancel()));
      return { missing: field };
    }
    kept.push({ image: source, stream });
    images[field] = mark;
  }
  const json = JSON.stringify(fieldsOf(order, images, callbackUrl));
  if (kept.length === 0) return { body: json };
  return streamBody(json.split(mark), kept);
}

function fieldsOf(order: Order, images: Partial<Record<ImageField, string>>, callbackUrl: string | null) {
  const takes = new Set(findModel(order.model)?.takes ?? []);
  const subject = images.subject_reference;
  return {
    model: order.model,
    ...(order.prompt === null ? {} : { prompt: order.prompt }),
    ...(images.first_frame_image === undefined ? {} : { first_frame_image: images.first_frame_image }),
    ...(images.last_frame_image === undefined ? {} : { last_frame_image: images.last_frame_image }),
    ...(subject === undefined ? {} : { subject_reference: [{ type: "character", image: [subject] }] }),
    ...(takes.has("duration") ? { duration: order.duration } : {}),
    ...(takes.has("resolution") ? { resolution: order.resolution } : {}),
    ...(takes.has("prompt_optimizer") ? { prompt_optimizer: order.promptOptimizer } : {}),
    ...(order.fastPretreatment ? { fast_pretreatment: true } : {}),
    ...(callbackUrl === null ? {} : { callback_url: callbackUrl }),
  };
}

function streamBody(texts: string[], kept: { image: Kept; stream: ReadableStream<Uint8Array> }[]): Body {
  const encoder = new TextEncoder();
  const labels = kept.map(({ image }) => `data:${image.contentType};base64,`);
  const textLength = [...texts, ...labels].reduce((sum, text) => sum + encoder.encode(text).byteLength, 0);
  const imageLength = kept.reduce((sum, { image }) => sum + 4 * Math.ceil(image.bytes / 3), 0);
  const { readable, writable } = new FixedLengthStream(textLength + imageLength);

  const send = async () => {
    const writer = writable.getWriter();
    try {
      for (const [index, text] of texts.entries()) {
        await writer.write(encoder.encode(text));
        const next = kept[index];
        if (next === undefined) continue;
        await writer.write(encoder.encode(labels[index]));
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
