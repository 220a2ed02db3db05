/*
 * Films and sounds for creates: real films out of the simulator's own clips, changed in single fields where a
 * test wants them wrong, and sounds that are little more than their headers.
 */
import { fileOf } from "../../src/simulator/clips.ts";
import { piecesOf, wholeOf } from "../../src/simulator/files.ts";

/** A film of 480x480 and 24 pictures a second. */
export function film(seconds: number): Buffer {
  const clip = { name: "480P-1x1", width: 480, height: 480, loopSeconds: seconds };
  return Buffer.concat([...piecesOf(wholeOf(fileOf({ clip, id: "1", padding: 0 })), 1_000_000)]);
}

/** The same pictures so many times as fast. */
export function fasterFilm(seconds: number, factor: number): Buffer {
  const bytes = film(seconds);
  const header = bytes.indexOf("mdhd") + 4;
  bytes.writeUInt32BE(bytes.readUInt32BE(header + 12) * factor, header + 12);
  return bytes;
}

/** The same film, said to be written in another way. */
export function filmIn(codec: string): Buffer {
  const bytes = film(4);
  bytes.write(codec, bytes.indexOf("avc1", bytes.indexOf("stsd")), "latin1");
  return bytes;
}

export function wav(seconds: number, bytesPerSecond = 8000): Buffer {
  const bytes = Buffer.alloc(44 + seconds * bytesPerSecond);
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write("WAVEfmt ", 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt32LE(bytesPerSecond, 28);
  bytes.write("data", 36);
  bytes.writeUInt32LE(seconds * bytesPerSecond, 40);
  return bytes;
}

/** 32 kilobits a second, behind a tag or without one. */
export function mp3(seconds: number, tagBytes = 0): Buffer {
  const tag = Buffer.alloc(tagBytes === 0 ? 0 : 10 + tagBytes);
  if (tagBytes > 0) {
    tag.write("ID3", 0);
    tag.writeUInt8(tagBytes >> 7, 8);
    tag.writeUInt8(tagBytes & 0x7f, 9);
  }
  const sound = Buffer.alloc(seconds * 4000);
  sound.writeUInt32BE(0xfffb1000);
  return Buffer.concat([tag, sound]);
}
