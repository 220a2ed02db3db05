/*
 * A film of any length out of one short loop: the loop's pictures are repeated, and the index (ISO/IEC 14496-12,
 * 8.6 and 8.7) is written anew for as many as are wanted. What makes that honest is how the loops are drawn
 * (clips/make.sh): the first picture of a loop depends on no other, none depends on a later one, and the last
 * leads back to the first. The result is an ordinary file of one chunk, its index before its pictures.
 */
import { type Box, type Bytes, childrenOf, findBox, readBoxes, viewOf } from "./mp4.ts";

/** As many whole seconds of a loop. */
export function filmOf(loop: Bytes, seconds: number): Bytes {
  const boxes = readBoxes(loop) ?? [];
  const [start, index, media] = ["ftyp", "moov", "mdat"].map((type) =>
    boxes.find((box) => box.type === type),
  );
  const sizes = readSizes(boxes);
  const times = findBox(boxes, "stts");
  const header = findBox(boxes, "mdhd");
  if (!start || !index || !media || !times || !header) throw new Error("This is no loop");
  const ticksPerPicture = viewOf(times.bytes).getUint32(20);
  const pictures = Math.round((seconds * viewOf(header.bytes).getUint32(20)) / ticksPerPicture);
  const all = Array.from({ length: pictures }, (_, picture) => sizes[picture % sizes.length] ?? 0);
  const wanted: Wanted = { pictures: all, keyEvery: sizes.length, ticksPerPicture, offset: 0 };
  const indexLength = rewrite(index, wanted).length;
  const rewritten = rewrite(index, { ...wanted, offset: start.bytes.length + indexLength + 8 });
  return join([start.bytes, rewritten, boxOf("mdat", [repeat(media.bytes.subarray(8), sum(all))])]);
}

type Wanted = { pictures: number[]; keyEvery: number; ticksPerPicture: number; offset: number };

/** A box of the index as the longer film has it; containers are made of their own parts again. */
function rewrite(box: Box, wanted: Wanted): Bytes {
  const { pictures, keyEvery, ticksPerPicture, offset } = wanted;
  const inside = childrenOf(box);
  if (inside.length > 0)
    return boxOf(
      box.type,
      inside.map((part) => rewrite(part, wanted)),
    );
  switch (box.type) {
    case "stts":
      return boxOf("stts", [words(0, 1, pictures.length, ticksPerPicture)]);
    case "stss": {
      const keys = pictures.flatMap((_, index) => (index % keyEvery === 0 ? [index + 1] : []));
      return boxOf("stss", [words(0, keys.length, ...keys)]);
    }
    case "stsz":
      return boxOf("stsz", [words(0, 0, pictures.length, ...pictures)]);
    case "stsc":
      return boxOf("stsc", [words(0, 1, 1, pictures.length, 1)]);
    case "stco":
      return boxOf("stco", [words(0, 1, offset)]);
    case "mdhd":
      return withLength(box, 24, pictures.length * ticksPerPicture);
    case "mvhd":
      return withLength(box, 24, seconds(wanted) * 1000);
    case "tkhd":
      return withLength(box, 28, seconds(wanted) * 1000);
    case "elst":
      return withLength(box, 16, seconds(wanted) * 1000);
    default:
      return box.bytes;
  }
}

// The loops are 24 pictures a second, and ffmpeg counts a film's time in thousandths.
const seconds = ({ pictures }: Wanted) => pictures.length / 24;

/** A header box (version 0) whose length stands at an offset. */
function withLength({ bytes }: Box, at: number, length: number): Bytes {
  const copy = bytes.slice();
  viewOf(copy).setUint32(at, length);
  return copy;
}

function readSizes(boxes: Box[]): number[] {
  const table = findBox(boxes, "stsz");
  if (!table) throw new Error("This is no loop");
  const view = viewOf(table.bytes);
  return Array.from({ length: view.getUint32(16) }, (_, index) => view.getUint32(20 + index * 4));
}

export function boxOf(type: string, parts: Uint8Array[]): Bytes {
  const head = new Uint8Array(8);
  viewOf(head).setUint32(0, 8 + sum(parts.map((part) => part.length)));
  head.set(new TextEncoder().encode(type), 4);
  return join([head, ...parts]);
}

function repeat(bytes: Bytes, length: number): Bytes {
  const result = new Uint8Array(length);
  for (let offset = 0; offset < length; offset += bytes.length) {
    result.set(bytes.subarray(0, length - offset), offset);
  }
  return result;
}

function words(...values: number[]): Bytes {
  const bytes = new Uint8Array(values.length * 4);
  for (const [index, value] of values.entries()) viewOf(bytes).setUint32(index * 4, value);
  return bytes;
}

const join = (parts: Uint8Array[]): Bytes => new Uint8Array(Buffer.concat(parts));
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
