/**
 * A clip as a long film lies in its file: its second half is far behind its first. A browser that seeks there cannot
 * have it yet, and must ask for a range.
 */

const text = (bytes: Uint8Array, at: number) => new TextDecoder().decode(bytes.subarray(at, at + 4));

type Box = { type: string; start: number; end: number };

function boxesIn(file: Uint8Array, start: number, end: number): Box[] {
  const view = new DataView(file.buffer, file.byteOffset);
  const boxes: Box[] = [];
  for (let at = start; at < end; at += view.getUint32(at)) {
    boxes.push({ type: text(file, at + 4), start: at, end: at + view.getUint32(at) });
  }
  return boxes;
}

function box(type: string, ...parts: Uint8Array[]): Uint8Array {
  const body = Buffer.concat(parts);
  const head = new Uint8Array(8);
  new DataView(head.buffer).setUint32(0, 8 + body.byteLength);
  head.set(new TextEncoder().encode(type), 4);
  return Buffer.concat([head, body]);
}

/** A table of 32-bit numbers with its version and length before it (ISO/IEC 14496-12, 8.7). */
function table(type: string, rows: number[][]): Uint8Array {
  const numbers = [0, rows.length, ...rows.flat()];
  const bytes = new DataView(new ArrayBuffer(4 * numbers.length));
  for (const [index, number] of numbers.entries()) bytes.setUint32(4 * index, number);
  return box(type, new Uint8Array(bytes.buffer));
}

/**
 * Puts `gap` bytes before sample `from` and after the last one.
 * @param file one track whose samples lie in one chunk, and `moov` before `mdat`, as the simulator's clips are.
 */
export function spread(file: Uint8Array, from: number, gap: number): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset);
  const inside = ["moov", "trak", "mdia", "minf", "stbl"];
  let sizes: number[] = [];
  let offset = 0;
  const rewrite = ({ type, start, end }: Box, offsets: number[] | null): Uint8Array => {
    if (inside.includes(type)) {
      return box(type, ...boxesIn(file, start + 8, end).map((one) => rewrite(one, offsets)));
    }
    if (type === "stsz") {
      sizes = Array.from({ length: view.getUint32(start + 16) }, (_, at) =>
        view.getUint32(start + 20 + 4 * at),
      );
    }
    if (type === "stco") {
      if (view.getUint32(start + 12) !== 1) throw new Error("the clip has several chunks");
      offset = view.getUint32(start + 16);
      return table(
        "stco",
        (offsets ?? [0, 0]).map((one) => [one]),
      );
    }
    if (type === "stsc") {
      return table("stsc", [
        [1, from, 1],
        [2, sizes.length - from, 1],
      ]);
    }
    return file.subarray(start, end);
  };
  const [ftyp, moov] = boxesIn(file, 0, file.byteLength);
  if (ftyp === undefined || moov?.type !== "moov") throw new Error("the clip is not fast start");
  // Once to learn the sizes; they may stand behind what needs them.
  rewrite(moov, null);
  const length = rewrite(moov, null).byteLength;
  const head = ftyp.end + length + 8;
  const firstHalf = sizes.slice(0, from).reduce((sum, size) => sum + size, 0);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const samples = file.slice(offset, offset + all);
  return Buffer.concat([
    file.subarray(ftyp.start, ftyp.end),
    rewrite(moov, [head, head + firstHalf + gap]),
    box(
      "mdat",
      samples.subarray(0, firstHalf),
      new Uint8Array(gap),
      samples.subarray(firstHalf),
      new Uint8Array(gap),
    ),
  ]);
}
