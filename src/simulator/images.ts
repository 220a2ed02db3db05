/*
 * What an image is, by its bytes and not by its label: type and size, as far as a header tells them.
 */
import { imageSize } from "image-size";

export type Measured = { width: number; height: number };

/** The size of an image of one of these types (`image-size` has the names); undefined for anything else. */
export function measureImage(bytes: Uint8Array, types: readonly string[]): Measured | undefined {
  try {
    const { type, width, height } = imageSize(bytes);
    return type && types.includes(type) ? { width, height } : undefined;
  } catch {
    return undefined; // image-size throws on bytes that it cannot read
  }
}
