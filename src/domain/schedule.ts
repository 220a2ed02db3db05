/**
 * When to act again: looks at MiniMax, waits after a refusal for pace, repeats after trouble.
 * Everything is in milliseconds of real life; `scale` (TIME_SCALE) multiplies waits and bounds alike.
 */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Bounds and waits, unscaled. */
export const times = {
  /** A create that waits its turn at MiniMax (1002 and its kin) is given up after this long. */
  turnBound: day,
  /** How long evidence of a lost create may come in by callback, before and after MiniMax checked the callback URL. */
  evidenceBound: 30 * minute,
  evidenceBoundAfterChallenge: day,
  /** How long MiniMax may not know a provider task that was named for a create, before that counts as an answer. */
  unknownBound: day,
  /** MiniMax keeps V2 tasks seven days; V1's retention is not documented. Looking ends then. */
  lookBound: 7 * day,
  storeBound: 7 * day,
  /** How long MiniMax must say without exception that it has no such file before that is believed. */
  goneBound: hour,
  /** A callback may announce what a query does not tell yet. */
  afterPush: 0.5 * second,
} as const;

/** Waits after MiniMax refused for pace, by its code: requests a minute, or a five-hour window (2056). */
export function turnWait(statusCode: number, attempt: number, scale: number): number {
  const wait =
    statusCode === 2056 ? 30 * minute : Math.min(10 * second * 2 ** Math.min(attempt, 5), 2 * minute);
  return wait * scale;
}

/** Until a task asks again for its turn when nobody could tell: rarer the longer it waits, and no count is kept. */
export function askTurnWait(waitedMs: number, scale: number): number {
  return Math.min(Math.max(waitedMs / 4, 5 * second * scale), 5 * minute * scale);
}

/** Backoff after trouble (a lost answer to a question that costs nothing): 2 s doubling to ten minutes. */
export function troubleWait(failures: number, scale: number): number {
  return Math.min(2 * second * 2 ** Math.min(failures, 12), 10 * minute) * scale;
}

/** Backoff between transfers: 2 s doubling to six hours, so that seven days see a few dozen. */
export function transferWait(failures: number, scale: number): number {
  return Math.min(2 * second * 2 ** Math.min(failures, 16), 6 * hour) * scale;
}

/** Between tries to make a poster: half a minute, five, fifty. */
export function posterWait(tries: number, scale: number): number {
  return 0.5 * minute * 10 ** Math.max(0, tries - 1) * scale;
}

/**
 * The moment of the next look: the first a little before the earliest likely end, then dense until twice the
 * expected time, then ever rarer, at last daily.
 */
export function nextLookAt(about: {
  submittedAt: number;
  expectedMs: number;
  now: number;
  scale: number;
}): number {
  const { submittedAt, now, scale } = about;
  const expected = about.expectedMs * scale;
  const elapsed = now - submittedAt;
  if (elapsed < expected * 0.6) return submittedAt + expected * 0.6;
  const dense = Math.max(5 * second * scale, expected * 0.08);
  if (elapsed < expected * 2) return now + dense;
  return now + Math.min(Math.max(dense, elapsed / 8), day * scale);
}

/** Delays between the attempts of a webhook, as the Standard Webhooks specification has them: three days in all. */
const webhookDelays = [
  0,
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];

/** Delays between the calls of a deploy hook for the same videos: a build that is hours late is of little use. */
const deployHookDelays = [0, 10 * second, minute, 5 * minute, 30 * minute, 2 * hour];

/**
 * The wait after so many attempts of a webhook; null where there is no other. A receiver that is busy may ask for a
 * longer one, in its own time, and gets a day at most. There is no jitter: events come when videos end, which
 * spreads them.
 */
export function webhookWait(attempts: number, scale: number, askedMs = 0): number | null {
  return waitAfter(webhookDelays, attempts, scale, askedMs);
}

/** The same for a deploy hook, after so many calls. */
export function deployHookWait(calls: number, scale: number, askedMs = 0): number | null {
  return waitAfter(deployHookDelays, calls, scale, askedMs);
}

function waitAfter(
  delays: readonly number[],
  attempts: number,
  scale: number,
  askedMs: number,
): number | null {
  const delay = delays[attempts];
  return delay === undefined ? null : Math.max(delay * scale, Math.min(askedMs, day * scale));
}
