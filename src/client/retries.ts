/** Which failures are worth another attempt, and how long to wait before it. Pure: chance is an argument. */

import { ConnectionError, type FilmgateError } from "./errors.ts";

const firstWaitMs = 500;
const longestWaitMs = 8000;
/** A server that asks for more than this is not waited for: the caller is told instead. */
const longestAskedMs = 60_000;

/** Whether it was the moment that was wrong rather than the request: no answer, 429 or 5xx. */
export function isPassing(error: FilmgateError): boolean {
  if (error instanceof ConnectionError) return error.retryable;
  return error.retryable && error.status !== null && (error.status === 429 || error.status >= 500);
}

/**
 * @param attempt how many attempts were made before the one that failed.
 * @param chance from 0 to 1: keeps clients that failed together from coming back together.
 * @returns milliseconds to wait, or null if it should not be tried again.
 */
export function retryWaitMs(error: FilmgateError, attempt: number, chance: number): number | null {
  if (!isPassing(error)) return null;
  const longest = Math.min(firstWaitMs * 2 ** attempt, longestWaitMs);
  const own = longest * (0.5 + chance / 2);
  if (error.retryAfterSeconds === null) return own;
  const askedMs = error.retryAfterSeconds * 1000;
  return askedMs > longestAskedMs ? null : Math.max(askedMs, own);
}

/** `Retry-After` as seconds from now, from either of its forms. @param now epoch milliseconds. */
export function readRetryAfter(header: string | null, now: number): number | null {
  if (header === null || header.trim() === "") return null;
  if (/^\d+(?:\.\d+)?$/.test(header.trim())) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, (at - now) / 1000);
}
