/**
 * Images as callers send them: a URL, a data URL, bare base64 or an uploaded image's id; and whether
 * their bytes are an image that MiniMax takes. The type is read from the bytes, whatever a label says.
 */

import { imageSize } from "image-size";
import { Refusal } from "../errors.ts";

/** MiniMax's limits for every image field (documented): under 20 MB, short edge over 300 px, 2:5 to 5:2. */
export const imageLimits = { maxBytes: 20 * 1024 * 1024, shortEdgeOver: 300, longestRatio: 2.5 } as const;

const maxUrlCharacters = 4096;
const contentTypes = { jpg: "image/jpeg", png: "image/png", webp: "image/webp" } as const;
const accepted = "a JPG, PNG or WebP under 20 MB, short edge over 300 px, between 2:5 and 5:2";
const forms = "a public http(s) URL, a data URL, bare base64, or an id from POST /v1/files";

export type ImageInput =
  | { kind: "url"; url: string }
  | { kind: "inline"; bytes: Uint8Array }
  | { kind: "uploaded"; sha256: string };

/** What an accepted image is. `sha256` names its bytes wherever they are kept. */
export type ImageFacts = Readonly<{
  contentType: (typeof contentTypes)[keyof typeof contentTypes];
  width: number;
  height: number;
}>;

/** Names an uploaded image by its content. */
export function imageId(sha256: string): string {
  return `image_${sha256}`;
}

/**
 * Tells which of the four forms a field's text has.
 * @throws Refusal naming the field if it has none of them.
 */
export function readImageInput(param: string, text: string): ImageInput {
  const uploaded = /^image_([0-9a-f]{64})$/.exec(text)?.[1];
  if (uploaded !== undefined) return { kind: "uploaded", sha256: uploaded };
  if (/^https?:\/\//i.test(text)) return { kind: "url", url: readUrl(param, text) };
  const label = /^data:[^,]*?;base64,/i.exec(text.slice(0, 256))?.[0];
  if (/^data:/i.test(text.slice(0, 5)) && label === undefined) {
    throw refuse(param, "a data URL must look like data:image/jpeg;base64,…");
  }
  return {
    kind: "inline",
    bytes: decodeBase64(param, label === undefined ? text : text.slice(label.length)),
  };
}

/**
 * Checks an image's bytes against what MiniMax takes: type by its bytes, size, edges and shape.
 * @throws Refusal naming the field, what was wrong and what is accepted.
 */
export function inspectImage(param: string, bytes: Uint8Array): ImageFacts {
  if (bytes.byteLength >= imageLimits.maxBytes) {
    throw refuse(
      param,
      `${(bytes.byteLength / 1024 / 1024).toFixed(1)} MB is too large; accepted is ${accepted}`,
    );
  }
  const { type, width, height } = measure(param, bytes);
  const contentType = contentTypes[type as keyof typeof contentTypes];
  if (contentType === undefined)
    throw refuse(param, `the bytes are ${type.toUpperCase()}; accepted is ${accepted}`);
  if (Math.min(width, height) <= imageLimits.shortEdgeOver) {
    throw refuse(param, `${width}x${height} is too small; accepted is ${accepted}`);
  }
  if (Math.max(width, height) / Math.min(width, height) > imageLimits.longestRatio) {
    throw refuse(param, `${width}x${height} is too narrow; accepted is ${accepted}`);
  }
  return { contentType, width, height };
}

/** What the bytes of a picture are, which need not be one that MiniMax takes; null if browsers might not show it. */
export function readPicture(bytes: Uint8Array): ImageFacts | null {
  try {
    const { type, width, height } = imageSize(bytes);
    const contentType = contentTypes[type as keyof typeof contentTypes];
    return contentType === undefined || width < 1 || height < 1 ? null : { contentType, width, height };
  } catch {
    return null;
  }
}

function measure(param: string, bytes: Uint8Array): { type: string; width: number; height: number } {
  try {
    const { type, width, height } = imageSize(bytes);
    return { type: type ?? "unknown", width, height };
  } catch {
    throw refuse(param, `the bytes are not an image; accepted is ${accepted}`);
  }
}

function readUrl(param: string, text: string): string {
  if (text.length > maxUrlCharacters) {
    throw refuse(param, `a URL of ${text.length} characters; at most ${maxUrlCharacters} are accepted`);
  }
  if (!URL.canParse(text)) throw refuse(param, `the URL cannot be read; accepted is ${forms}`);
  return text;
}

function decodeBase64(param: string, text: string): Uint8Array {
  if (text.length > (imageLimits.maxBytes / 3) * 4 + 4) {
    throw refuse(param, `the image is too large; accepted is ${accepted}`);
  }
  try {
    const alphabet = /[-_]/.test(text) ? "base64url" : "base64";
    const bytes = Uint8Array.fromBase64(text, { alphabet });
    if (bytes.byteLength > 0) return bytes;
  } catch {
    // Falls through to the refusal below, which says what is accepted.
  }
  throw refuse(param, `this is not an image; accepted is ${forms}`);
}

function refuse(param: string, problem: string): Refusal {
  return new Refusal("invalid_image", { message: `${param}: ${problem}.`, param });
}
