/** Films and sounds of which only the index is real: it is all that is read of them. */

const ascii = (text: string) => [...new TextEncoder().encode(text)];
const big = (value: number, count: number) =>
  Array.from({ length: count }, (_, at) => Math.floor(value / 2 ** (8 * (count - 1 - at))) & 255);
const little = (value: number, count: number) => big(value, count).reverse();

function box(type: string, ...content: number[][]): number[] {
  const body = content.flat();
  return [...big(8 + body.length, 4), ...ascii(type), ...body];
}

export type FilmAbout = {
  seconds?: number;
  framesPerSecond?: number;
  width?: number;
  height?: number;
  codec?: string;
  /** Of its sound; null for a silent film. */
  audioCodec?: string | null;
  brand?: string;
  /** Times of 64 bits. */
  isLong?: boolean;
  padding?: number;
};

/** An MP4, or with the brand `qt  ` a MOV, of the given facts. */
export function film(about: FilmAbout = {}): Uint8Array {
  const { seconds = 5, framesPerSecond = 24, width = 1280, height = 720 } = about;
  const { codec = "avc1", audioCodec = "mp4a", brand = "isom", isLong = false, padding = 100 } = about;
  const times = isLong ? 8 : 4;
  const track = (handler: string, format: string, sides: [number, number]) =>
    box(
      "trak",
      box("tkhd", [isLong ? 1 : 0, 0, 0, 7], big(0, times * 2 + 8 + times), big(0, 16 + 36), [
        ...big(sides[0], 2),
        0,
        0,
        ...big(sides[1], 2),
        0,
        0,
      ]),
      box(
        "mdia",
        box(
          "mdhd",
          [isLong ? 1 : 0, 0, 0, 0],
          big(0, times * 2),
          big(24_000, 4),
          big(Math.round(seconds * 24_000), times),
          big(0, 4),
        ),
        box("hdlr", big(0, 8), ascii(handler), big(0, 13)),
        box(
          "minf",
          box(
            "stbl",
            box("stsd", big(0, 4), big(1, 4), big(16, 4), ascii(format), big(0, 8)),
            box("stts", big(0, 4), big(1, 4), big(Math.round(seconds * framesPerSecond), 4), big(1000, 4)),
          ),
        ),
      ),
    );
  return new Uint8Array([
    ...box("ftyp", ascii(brand), big(0, 4)),
    ...box(
      "moov",
      box("mvhd", big(0, 100)),
      audioCodec === null ? [] : track("soun", audioCodec, [0, 0]),
      track("vide", codec, [width, height]),
    ),
    ...box("mdat", Array<number>(padding).fill(7)),
  ]);
}

export function wave(seconds: number, bytesPerSecond = 8000): Uint8Array {
  const length = seconds * bytesPerSecond;
  const format = [...little(16, 4), ...little(1, 2), ...little(1, 2), ...little(bytesPerSecond, 4)];
  const head = [
    ...ascii("WAVEfmt "),
    ...format,
    ...little(bytesPerSecond, 4),
    ...little(1, 2),
    ...little(8, 2),
  ];
  const bytes = new Uint8Array(8 + head.length + 8 + length);
  bytes.set([
    ...ascii("RIFF"),
    ...little(bytes.byteLength - 8, 4),
    ...head,
    ...ascii("data"),
    ...little(length, 4),
  ]);
  return bytes;
}

/** Frames of 32 kilobits a second at 44.1 kHz, behind a tag or none. */
export function mp3(seconds: number, tagBytes = 0): Uint8Array {
  const tag = tagBytes === 0 ? [] : [...ascii("ID3"), 4, 0, 0, 0, 0, tagBytes >> 7, tagBytes & 127];
  const frames = Math.round((seconds * 44_100) / 1152);
  const size = Math.floor((1152 * 32 * 125) / 44_100);
  const bytes = new Uint8Array(tag.length + tagBytes + frames * size);
  bytes.set(tag);
  for (let frame = 0; frame < frames; frame += 1) {
    bytes.set([0xff, 0xfb, 0x10, 0x00], tag.length + tagBytes + frame * size);
  }
  return bytes;
}

/** An HEIC whose first size is that of a tile, as phones write it. */
export function heic(width: number, height: number, brand = "heic"): Uint8Array {
  const ispe = (one: number, other: number) => box("ispe", big(0, 4), big(one, 4), big(other, 4));
  const boxes = box("ipco", ispe(512, 512), ispe(width, height));
  return new Uint8Array([
    ...box("ftyp", ascii(brand), big(0, 4), ascii("mif1")),
    ...box("meta", big(0, 4), box("iprp", boxes)),
    ...box("mdat", big(0, 20)),
  ]);
}
