/**
 * What an order shows, in the forms that it is needed in: as text for the canonical form, inline for a dry run, which
 * keeps nothing, and as the id of an upload for the order itself. Files are read once, when the order is looked at.
 */

import type { UploadedImage } from "../../contract.ts";
import { FilmgateError } from "../errors.ts";
import { fileErrorCode, requireFiles, resolvePath } from "./node.ts";
import {
  base64OfBytes,
  canonicalOrder,
  canonicalText,
  type EnsureOrder,
  keyOfOrder,
  type LockedOrder,
  mapMedia,
  sha256Hex,
} from "./order-identity.ts";

export type IdentifiedOrder = {
  readonly key: string;
  readonly canonical: LockedOrder;
  /** The order with its files and bytes read, and nothing else changed. */
  readonly order: Readonly<Record<string, unknown>>;
};

/**
 * @param folder where relative paths in it begin.
 * @throws FilmgateError `invalid_argument` naming the field whose file is not there.
 */
export async function identifyOrder(given: EnsureOrder, folder: string): Promise<IdentifiedOrder> {
  const order = await mapMedia(given, (media, param) => readMedia(media, param, folder));
  const named = await mapMedia(order, async (media) => {
    if (media instanceof Uint8Array) return `sha256:${await sha256Hex(media)}`;
    return typeof media === "string" ? canonicalText(media) : media;
  });
  const canonical = canonicalOrder(named);
  return { key: await keyOfOrder(canonical), canonical, order };
}

/** With bytes as base64: nothing has to be uploaded for it. */
export function inlineMedia(order: IdentifiedOrder["order"]): Promise<Record<string, unknown>> {
  return mapMedia(order, async (media) => (media instanceof Uint8Array ? base64OfBytes(media) : media));
}

export function hasBytes(order: IdentifiedOrder["order"]): Promise<boolean> {
  let found = false;
  return mapMedia(order, async (media) => {
    found ||= media instanceof Uint8Array;
  }).then(() => found);
}

/** With bytes uploaded, and named by their ids. The same bytes are the same upload. */
export function uploadMedia(
  order: IdentifiedOrder["order"],
  upload: (bytes: Uint8Array) => Promise<Pick<UploadedImage, "id">>,
): Promise<Record<string, unknown>> {
  return mapMedia(order, async (media) => (media instanceof Uint8Array ? (await upload(media)).id : media));
}

/** Base64 has no dot in it and no colon, so no picture is taken for a path; a JPEG's begins with `/9j/`. */
export const isPath = (text: string) =>
  /^(?:\.{1,2}[\\/]|file:|[A-Za-z]:[\\/])|^\/(?=[^\n]{0,4096}\.)/i.test(text.slice(0, 4096));

async function readMedia(media: unknown, param: string, folder: string): Promise<unknown> {
  if (media instanceof Uint8Array) return media;
  if (media instanceof ArrayBuffer) return new Uint8Array(media);
  if (media instanceof Blob) return new Uint8Array(await media.arrayBuffer());
  if (media instanceof URL && media.protocol !== "file:") return media.href;
  const named = media instanceof URL ? media.href : media;
  if (typeof named !== "string" || !isPath(named)) return media;
  const path = resolvePath(named, folder);
  try {
    return requireFiles().readFileSync(path);
  } catch (cause) {
    const why =
      fileErrorCode(cause) === "ENOENT" ? "is not there" : `cannot be read (${fileErrorCode(cause)})`;
    throw new FilmgateError(
      `${param}: ${path} ${why}. A path in an order begins at the folder of the lock.`,
      { code: "invalid_argument", param, cause },
    );
  }
}
