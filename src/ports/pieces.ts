/**
 * A body as it streams by: read in pieces of constant memory, never waited for for ever, hashed and looked through
 * on the way. In pieces of 256 KiB the looking costs nothing that can be measured.
 */

import { createHash } from "node:crypto";
import { beforeFirstBox, beforeFirstTrack, isWholeMp4, walkBoxes, walkTracks } from "../domain/mp4.ts";

/** The bytes are there and are not the video: waiting or asking again for the same bytes helps nothing. */
export class BrokenVideo extends Error {}

/** Its size in pixels is what its index says; 0 where that says none. */
export type KeptVideo = Readonly<{ bytes: number; sha256: string; width: number; height: number }>;

export type TransferLimits = Readonly<{
  /** A body that is silent for so long is given up; workerd itself waits for ever. */
  idleMs: number;
  maxBytes: number;
  /** Asked after each wait: false ends the transfer. */
  isWanted(): boolean;
}>;

const pieceBytes = 256 * 1024;

/**
 * Reads a body in pieces. There are two buffers for all of them: a piece is good until the next but one is asked for.
 * A body that is not read to its end is given back.
 * @param before how many bytes of the file came before this body.
 */
export async function* readPieces(
  body: ReadableStream<Uint8Array>,
  limits: TransferLimits,
  before = 0,
): AsyncGenerator<Uint8Array, void> {
  const reader = body.getReader({ mode: "byob" });
  const free = [new ArrayBuffer(pieceBytes), new ArrayBuffer(pieceBytes)];
  let bytes = before;
  try {
    for (;;) {
      const buffer = free.shift() ?? new ArrayBuffer(pieceBytes);
      const { value, done } = await withIdleLimit(reader.read(new Uint8Array(buffer)), limits.idleMs);
      if (done) return;
      requireWanted(limits);
      bytes += value.byteLength;
      if (bytes > limits.maxBytes) throw new Error(`the file has more than ${limits.maxBytes} bytes`);
      yield value;
      free.push(value.buffer as ArrayBuffer);
    }
  } finally {
    // A body that ended takes no harm.
    reader.cancel().catch(() => {});
  }
}

/** Looks at all pieces of a file, from the first on, and judges it at the end. */
export class Inspection {
  readonly #hash = createHash("sha256");
  #walk = beforeFirstBox;
  #tracks = beforeFirstTrack;
  #bytes = 0;

  pass(piece: Uint8Array): void {
    this.#hash.update(piece);
    this.#walk = walkBoxes(this.#walk, piece);
    this.#tracks = walkTracks(this.#tracks, piece);
    this.#bytes += piece.byteLength;
  }

  /** @throws Error if the file has another length than announced; BrokenVideo if it is not a whole MP4. */
  end(announced: number | null): KeptVideo {
    requireLength(this.#bytes, announced);
    if (!isWholeMp4(this.#walk)) throw new BrokenVideo(`the ${this.#bytes} bytes are not a whole MP4 file`);
    const { width, height } = this.#tracks;
    return { bytes: this.#bytes, sha256: this.#hash.digest("hex"), width, height };
  }
}

export function requireLength(bytes: number, announced: number | null): void {
  if (announced !== null && bytes !== announced) {
    throw new Error(`the file has ${bytes} bytes, announced were ${announced}`);
  }
}

export function requireWanted(limits: TransferLimits): void {
  if (!limits.isWanted()) throw new Error("the file is not wanted any more");
}

/** A step of a transfer, reading or writing, that takes longer than this has stalled. */
export async function withIdleLimit<T>(step: Promise<T>, idleMs: number): Promise<T> {
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
