/*
 * A file that need not be in memory: a film, and behind it as much padding as was ordered, which is made while it
 * is read. No two runs of the padding are alike, so that a part in the wrong place is noticed by its hash.
 */
import { createHash } from "node:crypto";
import type { Bytes } from "./mp4.ts";

export type FilmFile = { head: Bytes; padding: number };
/** A run of a file's bytes; `end` is the first that is no longer in it. */
export type Part = { file: FilmFile; first: number; end: number };

export const lengthOf = ({ head, padding }: FilmFile) => head.length + padding;
export const wholeOf = (file: FilmFile): Part => ({ file, first: 0, end: lengthOf(file) });
export const partLength = ({ first, end }: Part) => end - first;
/** The first so many bytes of a part. */
export const beginningOf = (part: Part, length: number): Part => ({ ...part, end: part.first + length });

export function* piecesOf({ file, first, end }: Part, pieceBytes: number): Generator<Bytes, undefined> {
  const { head } = file;
  for (let offset = first; offset < end; ) {
    const stop = Math.min(end, offset + pieceBytes);
    if (offset < head.length) {
      const piece = head.subarray(offset, Math.min(stop, head.length));
      yield piece;
      offset += piece.length;
    } else {
      yield paddingAt(offset - head.length, stop - offset);
      offset = stop;
    }
  }
}

/** Worked out piece by piece, whatever the size. */
export function sha256Of(file: FilmFile): string {
  const hash = createHash("sha256");
  for (const piece of piecesOf(wholeOf(file), 1024 * 1024)) hash.update(piece);
  return hash.digest("hex");
}

/** Strong, as two files with the same film and as much padding are the same. */
export function etagOf({ head, padding }: FilmFile): string {
  return `"${createHash("md5").update(head).update(String(padding)).digest("hex").toUpperCase()}"`;
}

const blockLength = 4096;
// The same in every process, without a repetition inside.
const block = new Uint8Array(
  Buffer.concat(
    Array.from({ length: blockLength / 32 }, (_, index) =>
      createHash("sha256").update(String(index)).digest(),
    ),
  ),
);

/** Each block is the same but for its first four bytes, which count the blocks. */
function paddingAt(first: number, length: number): Bytes {
  const firstBlock = Math.floor(first / blockLength);
  const lastBlock = Math.floor((first + length - 1) / blockLength);
  const bytes = new Uint8Array((lastBlock - firstBlock + 1) * blockLength);
  const view = new DataView(bytes.buffer);
  for (let index = firstBlock; index <= lastBlock; index += 1) {
    const offset = (index - firstBlock) * blockLength;
    bytes.set(block, offset);
    view.setUint32(offset, index);
  }
  const skipped = first - firstBlock * blockLength;
  return bytes.subarray(skipped, skipped + length);
}
