/*
 * How long a sound is, by its bytes: WAV from its header, MP3 from its first frame, as if all frames were alike.
 */
import { viewOf } from "./mp4.ts";

export function audioSeconds(bytes: Uint8Array): number | undefined {
  return wavSeconds(bytes) ?? mp3Seconds(bytes);
}

const textAt = (bytes: Uint8Array, offset: number, length: number) =>
  Buffer.from(bytes.subarray(offset, offset + length)).toString("latin1");

function wavSeconds(bytes: Uint8Array): number | undefined {
  if (textAt(bytes, 0, 4) !== "RIFF" || textAt(bytes, 8, 4) !== "WAVE") return undefined;
  const view = viewOf(bytes);
  let bytesPerSecond = 0;
  for (let offset = 12; offset + 8 <= bytes.length; ) {
    const [type, length] = [textAt(bytes, offset, 4), view.getUint32(offset + 4, true)];
    if (type === "fmt " && offset + 20 <= bytes.length) bytesPerSecond = view.getUint32(offset + 16, true);
    if (type === "data") return bytesPerSecond > 0 ? length / bytesPerSecond : undefined;
    offset += 8 + length + (length % 2);
  }
  return undefined;
}

// Kilobits a second of layer III, by version (ISO/IEC 11172-3, 13818-3) and the four bits in a frame's header.
const bitRates = {
  mpeg1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  mpeg2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};

function mp3Seconds(bytes: Uint8Array): number | undefined {
  const start = textAt(bytes, 0, 3) === "ID3" ? 10 + tagLength(bytes) : 0;
  const [first = 0, second = 0, third = 0] = bytes.subarray(start, start + 3);
  const isFrame = first === 0xff && (second & 0xe0) === 0xe0 && (second & 0x06) === 0x02;
  const rates = (second & 0x18) === 0x18 ? bitRates.mpeg1 : bitRates.mpeg2;
  const kilobits = rates[third >> 4] ?? 0;
  return isFrame && kilobits > 0 ? ((bytes.length - start) * 8) / (kilobits * 1000) : undefined;
}

/** An ID3v2 tag's length, seven bits to a byte. */
function tagLength(bytes: Uint8Array): number {
  return [...bytes.subarray(6, 10)].reduce((length, byte) => length * 128 + (byte & 0x7f), 0);
}
