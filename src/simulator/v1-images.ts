/*
 * An image as a V1 create may carry it, judged as MiniMax documents it: JPG, PNG or WebP, under 20 MB, short edge
 * over 300 px, shape between 2:5 and 5:2 (platform.minimax.io/docs/api-reference/video-generation-i2v). A data
 * URL is judged by its bytes and not by its label. A public URL is taken at its word: the simulator never
 * reaches for the outside network.
 */
import { createHash } from "node:crypto";
import { measureImage } from "./images.ts";

export type Image =
  | { kind: "url"; url: string }
  | { kind: "inline"; sha256: string; width: number; height: number };
export type ImageVerdict = { image: Image } | { refusal: string };

// "20 MB" may mean either; the larger reading, so that no one is refused who would not be by MiniMax.
const sizeLimitBytes = 20 * 1024 * 1024;
const acceptedTypes = ["jpg", "png", "webp"];

export function readImage(value: unknown, field: string): ImageVerdict {
  if (typeof value !== "string") return { refusal: `${field} must be a string` };
  if (/^https?:\/\/[^/]/i.test(value)) return { image: { kind: "url", url: value } };
  const comma = value.indexOf(",");
  if (!value.startsWith("data:image/") || !value.slice(0, comma).endsWith(";base64")) {
    return { refusal: `${field} must be a public URL or a data URL like data:image/jpeg;base64,…` };
  }
  return judge(Buffer.from(value.slice(comma + 1), "base64"), field);
}

function judge(bytes: Buffer, field: string): ImageVerdict {
  if (bytes.length >= sizeLimitBytes) return { refusal: `${field} must be smaller than 20MB` };
  const size = measureImage(bytes, acceptedTypes);
  if (!size) return { refusal: `${field} must be a JPG, JPEG, PNG or WebP image` };
  const { width, height } = size;
  if (Math.min(width, height) <= 300) {
    return { refusal: `${field} short edge must be larger than 300px, got ${width}x${height}` };
  }
  if (width * 5 < height * 2 || height * 5 < width * 2) {
    return { refusal: `${field} aspect ratio must be between 2:5 and 5:2, got ${width}x${height}` };
  }
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { image: { kind: "inline", sha256, width, height } };
}
