/**
 * What stands in the place of `ensuring.ts` in bundles for browsers and workers, by `browser` in package.json: there are
 * no files, so there is no lock, and nobody should load 27 kB to hear that.
 */

import { FilmgateError } from "../errors.ts";

export async function ensureAll(): Promise<never> {
  throw noFiles();
}

/** `lock_unavailable`, with what to do instead. */
export function noFiles(): FilmgateError {
  return new FilmgateError(
    "A lock is a file, and there are none here. ensure takes Node 20.16 or newer, on the machine that builds the site; in a page, embed the address that the lock holds.",
    { code: "lock_unavailable" },
  );
}
