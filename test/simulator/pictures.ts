/*
 * Pictures of any size as data URLs, as small as their headers: what judges an image reads no further.
 */
import { boxOf } from "../../src/simulator/film.ts";

export const dataUrl = (bytes: Uint8Array, label = "image/jpeg") =>
  `data:${label};base64,${Buffer.from(bytes).toString("base64")}`;

export function png(width: number, height: number, length = 64): Buffer {
  const bytes = Buffer.alloc(length);
  Buffer.from("89504e470d0a1a0a0000000d49484452", "hex").copy(bytes);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
}

export function jpg(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(64);
  Buffer.from("ffd8ffe000104a46494600010100000100010000ffc0001108", "hex").copy(bytes);
  bytes.writeUInt16BE(height, 25);
  bytes.writeUInt16BE(width, 27);
  return bytes;
}

export function webp(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(56, 4);
  bytes.write("WEBPVP8X", 8);
  bytes.writeUInt32LE(10, 16);
  bytes.writeUIntLE(width - 1, 24, 3);
  bytes.writeUIntLE(height - 1, 27, 3);
  return bytes;
}

export function gif(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.write("GIF89a", 0);
  bytes.writeUInt16LE(width, 6);
  bytes.writeUInt16LE(height, 8);
  return bytes;
}

/** Boxes inside boxes, as far as a size is looked for in them. */
export function heic(width: number, height: number): Buffer {
  const size = Buffer.alloc(12);
  size.writeUInt32BE(width, 4);
  size.writeUInt32BE(height, 8);
  const properties = boxOf("iprp", [boxOf("ipco", [boxOf("ispe", [size])])]);
  return Buffer.concat([
    boxOf("ftyp", [Buffer.from("heic\0\0\0\0mif1heic")]),
    boxOf("meta", [Buffer.alloc(4), properties]),
  ]);
}
