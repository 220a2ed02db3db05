/**
 * How long a WAV or an MP3 lasts. A WAV says so in its header; an MP3 by its frames (ISO/IEC 11172-3, 13818-3), which
 * are walked, since many have no index, and a bit rate that varies makes the length of the file tell nothing.
 */

export type Sound = Readonly<{ isWave: boolean; seconds: number }>;

/** Null for bytes that are neither. */
export function readSound(bytes: Uint8Array): Sound | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isWave = asciiAt(bytes, 0, 4) === "RIFF" && asciiAt(bytes, 8, 4) === "WAVE";
  const seconds = isWave ? waveSeconds(bytes, view) : mp3Seconds(bytes, view);
  return seconds === null || !(seconds > 0) ? null : { isWave, seconds };
}

function waveSeconds(bytes: Uint8Array, view: DataView): number | null {
  let bytesPerSecond = 0;
  for (let at = 12; at + 8 <= bytes.byteLength; ) {
    const [type, length] = [asciiAt(bytes, at, 4), view.getUint32(at + 4, true)];
    if (type === "fmt " && at + 20 <= bytes.byteLength) bytesPerSecond = view.getUint32(at + 16, true);
    if (type === "data") {
      // A recorder that was cut off, or that streams, leaves a length that is longer than the file.
      const there = Math.min(length, bytes.byteLength - at - 8);
      return bytesPerSecond > 0 ? there / bytesPerSecond : null;
    }
    at += 8 + length + (length % 2);
  }
  return null;
}

/** Kilobits a second by the four bits in a frame's header; 0 is of no fixed rate, and 15 is none. */
const bitRates = {
  mpeg1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0],
  mpeg2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0],
};
const sampleRates = [44_100, 48_000, 32_000, 0];
/** Bytes that may stand between a tag and the first frame. */
const maxLeading = 64 * 1024;

function mp3Seconds(bytes: Uint8Array, view: DataView): number | null {
  let at = asciiAt(bytes, 0, 3) === "ID3" ? 10 + tagLength(bytes) : 0;
  const last = Math.min(bytes.byteLength - 4, at + maxLeading);
  // Two frames in a row: a single one is found in many other files.
  while (at <= last) {
    const first = frameAt(view, at);
    if (first !== null && frameAt(view, at + first.bytes) !== null) break;
    at += 1;
  }
  if (at > last) return null;
  let seconds = 0;
  for (let frame = frameAt(view, at); frame !== null; frame = frameAt(view, at)) {
    seconds += frame.seconds;
    at += frame.bytes;
  }
  return seconds;
}

/** The frame of layer III that begins here; null if none does. */
function frameAt(view: DataView, at: number): { bytes: number; seconds: number } | null {
  if (at + 4 > view.byteLength) return null;
  const header = view.getUint32(at);
  const version = (header >>> 19) & 3;
  const isLayer3 = ((header >>> 17) & 3) === 1;
  if (header >>> 21 !== 0x7ff || version === 1 || !isLayer3) return null;
  const isMpeg1 = version === 3;
  const kilobits = bitRates[isMpeg1 ? "mpeg1" : "mpeg2"][(header >>> 12) & 15] ?? 0;
  // Version 2 halves the rates of version 1, and 2.5 those of version 2.
  const rate = (sampleRates[(header >>> 10) & 3] ?? 0) / (isMpeg1 ? 1 : version === 2 ? 2 : 4);
  if (kilobits === 0 || rate === 0) return null;
  const samples = isMpeg1 ? 1152 : 576;
  const padding = (header >>> 9) & 1;
  return { bytes: Math.floor((samples * kilobits * 125) / rate) + padding, seconds: samples / rate };
}

/** Of an ID3v2 tag, seven bits to a byte. */
function tagLength(bytes: Uint8Array): number {
  return [...bytes.subarray(6, 10)].reduce((length, byte) => length * 128 + (byte & 0x7f), 0);
}

function asciiAt(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
