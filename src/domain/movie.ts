/**
 * What the index of an MP4 or MOV says of it (ISO/IEC 14496-12): how long, how large, how many pictures a second, and
 * how it is coded. Only headers are read; nothing here looks at a picture.
 */

export type Movie = Readonly<{
  width: number;
  height: number;
  /** Of the picture. */
  seconds: number;
  framesPerSecond: number;
  videoCodec: string;
  audioCodec: string | null;
  isQuickTime: boolean;
}>;

type Box = Readonly<{ type: string; body: DataView }>;
type Track = Readonly<{
  handler: string;
  codec: string;
  seconds: number;
  samples: number;
  width: number;
  height: number;
}>;

/** Null for bytes that are no such file, are cut short, or hold no picture whose length is told. */
export function readMovie(bytes: Uint8Array): Movie | null {
  try {
    return read(bytes);
  } catch (error) {
    // A box that is too short for its own fields.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function read(bytes: Uint8Array): Movie | null {
  const top = boxesOf(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const moov = top?.find(({ type }) => type === "moov");
  if (top === null || moov === undefined || !top.some(({ type }) => type === "mdat")) return null;
  const tracks = childrenOf(moov)
    .filter(({ type }) => type === "trak")
    .flatMap((box) => readTrack(box) ?? []);
  const picture = tracks.find(({ handler }) => handler === "vide");
  if (picture === undefined || !(picture.seconds > 0) || picture.samples === 0) return null;
  const brand = top.find(({ type }) => type === "ftyp")?.body;
  return {
    width: picture.width,
    height: picture.height,
    seconds: picture.seconds,
    framesPerSecond: picture.samples / picture.seconds,
    videoCodec: picture.codec,
    audioCodec: tracks.find(({ handler }) => handler === "soun")?.codec ?? null,
    isQuickTime: brand === undefined || wordAt(brand, 0) === "qt  ",
  };
}

function readTrack(track: Box): Track | null {
  const inside = childrenOf(track);
  const [tkhd, mdia] = [find(inside, "tkhd"), find(inside, "mdia")];
  const media = mdia === undefined ? [] : childrenOf(mdia);
  const [mdhd, hdlr, minf] = [find(media, "mdhd"), find(media, "hdlr"), find(media, "minf")];
  const stbl = minf === undefined ? undefined : find(childrenOf(minf), "stbl");
  const samples = stbl === undefined ? [] : childrenOf(stbl);
  const [stsd, stts] = [find(samples, "stsd"), find(samples, "stts")];
  if (!tkhd || !mdhd || !hdlr || !stsd || !stts) return null;
  // Version 1 has times of 64 bits.
  const isLong = mdhd.body.getUint8(0) === 1;
  const timescale = mdhd.body.getUint32(isLong ? 20 : 12);
  const duration = isLong ? Number(mdhd.body.getBigUint64(24)) : mdhd.body.getUint32(16);
  return {
    handler: wordAt(hdlr.body, 8),
    codec: wordAt(stsd.body, 12),
    seconds: duration / timescale,
    samples: countSamples(stts.body),
    ...readPixels(tkhd.body),
  };
}

/** Width and height close a track's header, as fixed-point numbers of 16 and 16 bits. */
export function readPixels(tkhd: DataView): { width: number; height: number } {
  const end = tkhd.byteLength;
  return { width: tkhd.getUint16(end - 8), height: tkhd.getUint16(end - 4) };
}

function countSamples(stts: DataView): number {
  const rows = stts.getUint32(4);
  let samples = 0;
  for (let row = 0; row < rows; row += 1) samples += stts.getUint32(8 + row * 8);
  return samples;
}

function find(boxes: readonly Box[], wanted: string): Box | undefined {
  return boxes.find(({ type }) => type === wanted);
}

function childrenOf({ body }: Box): Box[] {
  return boxesOf(body) ?? [];
}

/** The boxes that fill a run of bytes; null if they do not end where it does. */
function boxesOf(view: DataView): Box[] | null {
  const boxes: Box[] = [];
  let at = 0;
  while (at < view.byteLength) {
    const left = view.byteLength - at;
    if (left < 8) return null;
    const short = view.getUint32(at);
    const header = short === 1 ? 16 : 8;
    const size = short === 0 ? left : short === 1 ? Number(view.getBigUint64(at + 8)) : short;
    if (size < header || size > left) return null;
    boxes.push({
      type: wordAt(view, at + 4),
      body: new DataView(view.buffer, view.byteOffset + at + header, size - header),
    });
    at += size;
  }
  return boxes;
}

function wordAt(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(at + index)));
}
