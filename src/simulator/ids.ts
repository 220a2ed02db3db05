/*
 * Task and file ids as MiniMax makes them: 15 decimal digits that grow by about 4.1 million a second. The ids
 * third parties recorded fit seconds since May 2023 in steps of 2^22, and so do ours: they sort by time,
 * stay unique across restarts, and are below 2^53 until 2091 (the docs' callback sample shows 18 digits).
 */

const epochMs = 1_684_098_350_000;
const stepsPerMs = 2 ** 22 / 1000;

/** A generator of ids: each is larger than the last, and its last digits say nothing. */
export function createIds(now: () => number, random: () => number = Math.random): () => string {
  let last = 0;
  return () => {
    const next = Math.floor((now() - epochMs + random()) * stepsPerMs);
    last = Math.max(next, last + 1);
    return String(last);
  };
}
