/** SHA-256 of texts, in hex: how keys, callback secrets and orders are known without being kept. */

import { createHash } from "node:crypto";

export function sha256Hex(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex");
}

/**
 * Compares two texts in a time that tells nothing about where they differ, or how long either is.
 */
export function isSameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => new Uint8Array(createHash("sha256").update(text).digest());
  return crypto.subtle.timingSafeEqual(digest(given), digest(expected));
}
