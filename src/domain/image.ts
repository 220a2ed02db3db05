/** Whether bytes are an image that MiniMax takes. The type is read from the bytes, whatever a label says. */

import { imageSize } from "image-size";
import { refuseMedia } from "./media.ts";

const mib = 1024 * 1024;
const contentTypes = {
  jpg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  // By the brand in their first box (ISO/IEC 23008-12).
  heic: "image/heic",
  heix: "image/heic",
  hevc: "image/heic",
  hevx: "image/heic",
  mif1: "image/heif",
  msf1: "image/heif",
} as const;
type ImageType = (typeof contentTypes)[keyof typeof contentTypes];

/** What a model takes for an image, in whichever field. */
export type ImageLimits = Readonly<{
  maxBytes: number;
  shortEdgeFrom: number;
  longEdgeTo: number;
  longestRatio: number;
  types: readonly ImageType[];
  /** The same in words. */
  accepted: string;
}>;

/** MiniMax's limits by its wires (documented). */
export const imageLimits = {
  v1: {
    maxBytes: 20 * mib - 1,
    shortEdgeFrom: 301,
    longEdgeTo: Number.POSITIVE_INFINITY,
    longestRatio: 2.5,
    types: ["image/jpeg", "image/png", "image/webp"],
    accepted: "a JPG, PNG or WebP under 20 MB, short edge over 300 px, between 2:5 and 5:2",
  },
  v2: {
    maxBytes: 30 * mib,
    shortEdgeFrom: 256,
    longEdgeTo: 5760,
    longestRatio: 2.5,
    types: ["image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"],
    accepted: "a JPG, PNG, WebP or HEIC of at most 30 MB, sides of 256 to 5760 px, between 2:5 and 5:2",
  },
} as const satisfies Record<string, ImageLimits>;

/** What an accepted image is. */
export type ImageFacts = Readonly<{ contentType: ImageType; width: number; height: number }>;

/**
 * Checks an image's bytes against what is taken: type by its bytes, size, edges and shape.
 * @throws Refusal naming the field, what was wrong and what is accepted.
 */
export function inspectImage(param: string, bytes: Uint8Array, limits: ImageLimits): ImageFacts {
  if (bytes.byteLength > limits.maxBytes) throw tooLarge(param, bytes.byteLength, limits);
  const { type, width, height } = measure(param, bytes, limits);
  const contentType = contentTypes[type as keyof typeof contentTypes];
  if (contentType === undefined) {
    throw refuse(param, `the bytes are ${type.toUpperCase()}`, limits);
  }
  checkImage(param, { contentType, width, height, bytes: bytes.byteLength }, limits);
  return { contentType, width, height };
}

/** Whether bytes are an image of any kind, taken or not. */
export function isImage(bytes: Uint8Array): boolean {
  try {
    return imageSize(bytes).width >= 0;
  } catch {
    return false;
  }
}

/** The same for an image whose facts are known: an upload may be meant for a model that takes more. */
export function checkImage(
  param: string,
  image: Readonly<{ contentType: string; bytes: number; width: number; height: number }>,
  limits: ImageLimits,
): void {
  const { contentType, bytes, width, height } = image;
  if (bytes > limits.maxBytes) throw tooLarge(param, bytes, limits);
  if (!limits.types.some((type) => type === contentType)) {
    throw refuse(param, `the bytes are ${contentType.replace("image/", "").toUpperCase()}`, limits);
  }
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  if (short < limits.shortEdgeFrom) throw refuse(param, `${width}x${height} is too small`, limits);
  if (long > limits.longEdgeTo) throw refuse(param, `${width}x${height} is too large`, limits);
  if (long / short > limits.longestRatio) throw refuse(param, `${width}x${height} is too narrow`, limits);
}

/** What the bytes of a picture are, which need not be one that MiniMax takes; null if browsers might not show it. */
export function readPicture(bytes: Uint8Array): ImageFacts | null {
  try {
    const { type, width, height } = imageSize(bytes);
    const contentType = contentTypes[type as keyof typeof contentTypes];
    const isShown = imageLimits.v1.types.some((shown) => shown === contentType);
    return !isShown || width < 1 || height < 1 ? null : { contentType, width, height };
  } catch {
    return null;
  }
}

function measure(
  param: string,
  bytes: Uint8Array,
  limits: ImageLimits,
): { type: string; width: number; height: number } {
  try {
    const { type, width, height, images = [] } = imageSize(bytes);
    // A photo of a phone in HEIC is a grid of tiles, whose size stands before its own.
    const largest = images.reduce((one, other) => (other.width > one.width ? other : one), { width, height });
    return { type: type ?? "unknown", width: largest.width, height: largest.height };
  } catch {
    throw refuse(param, "the bytes are not an image", limits);
  }
}

function tooLarge(param: string, bytes: number, limits: ImageLimits) {
  return refuse(param, `${(bytes / mib).toFixed(1)} MB is too large`, limits);
}

function refuse(param: string, problem: string, { accepted }: ImageLimits) {
  return refuseMedia("image", param, `${problem}; accepted is ${accepted}`);
}
