/*
 * MP4 as far as the simulator must read it (ISO/IEC 14496-12): boxes inside boxes, and of a film its length, size,
 * pictures a second and codecs. Nothing here looks at a picture.
 */

export type Bytes = Uint8Array<ArrayBuffer>;
export type Box = { type: string; bytes: Bytes };

const containers = new Set(["moov", "trak", "mdia", "minf", "stbl", "edts"]);

/** The boxes of a run of bytes, each with its header; undefined if they do not end where the bytes do. */
export function readBoxes(bytes: Bytes): Box[] | undefined {
  const view = viewOf(bytes);
  const boxes: Box[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (offset + 8 > bytes.length) return undefined;
    const short = view.getUint32(offset);
    const isLong = short === 1 && offset + 16 <= bytes.length;
    const size = isLong ? Number(view.getBigUint64(offset + 8)) : short === 0 ? bytes.length - offset : short;
    if (size < 8 || offset + size > bytes.length) return undefined;
    const type = Buffer.from(bytes.subarray(offset + 4, offset + 8)).toString("latin1");
    boxes.push({ type, bytes: bytes.subarray(offset, offset + size) });
    offset += size;
  }
  return boxes;
}

/** What stands in a container, or all boxes of some type at any depth. */
export const childrenOf = (box: Box): Box[] =>
  containers.has(box.type) ? (readBoxes(box.bytes.subarray(8)) ?? []) : [];

export function findBox(boxes: Box[], type: string): Box | undefined {
  for (const box of boxes) {
    if (box.type === type) return box;
    const found = findBox(childrenOf(box), type);
    if (found) return found;
  }
  return undefined;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export type Movie = {
  width: number;
  height: number;
  seconds: number;
  picturesPerSecond: number;
  videoCodec: string;
  audioCodec: string | null;
};

/** What the index of an MP4 or MOV says; undefined if it has none, or no picture track. */
export function measureMovie(bytes: Bytes): Movie | undefined {
  try {
    return measure(bytes);
  } catch {
    return undefined; // a box too short for its own fields
  }
}

function measure(bytes: Bytes): Movie | undefined {
  const moov = readBoxes(bytes)?.find(({ type }) => type === "moov");
  if (!moov) return undefined;
  const tracks = childrenOf(moov)
    .filter(({ type }) => type === "trak")
    .map(measureTrack);
  const picture = tracks.find(({ handler }) => handler === "vide");
  if (!picture || picture.seconds <= 0) return undefined;
  return {
    width: picture.width,
    height: picture.height,
    seconds: picture.seconds,
    picturesPerSecond: picture.samples / picture.seconds,
    videoCodec: picture.codec,
    audioCodec: tracks.find(({ handler }) => handler === "soun")?.codec ?? null,
  };
}

function measureTrack(track: Box) {
  const inside = childrenOf(track);
  const body = (type: string) => {
    const box = findBox(inside, type);
    if (!box) throw new Error(`no ${type}`);
    return viewOf(box.bytes.subarray(8));
  };
  const header = body("mdhd");
  const isLong = header.getUint8(0) === 1;
  const timescale = header.getUint32(isLong ? 20 : 12);
  const length = isLong ? Number(header.getBigUint64(24)) : header.getUint32(16);
  const trackHeader = body("tkhd");
  const end = trackHeader.byteLength;
  const times = body("stts");
  let samples = 0;
  for (let index = 0; index < times.getUint32(4); index += 1) samples += times.getUint32(8 + index * 8);
  return {
    handler: wordAt(body("hdlr"), 8),
    codec: wordAt(body("stsd"), 12),
    seconds: length / timescale,
    samples,
    width: trackHeader.getUint32(end - 8) >>> 16,
    height: trackHeader.getUint32(end - 4) >>> 16,
  };
}

function wordAt(view: DataView, offset: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(offset + index)));
}
