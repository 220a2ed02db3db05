/**
 * How fast MiniMax may be called: what the settings say, and what its own refusals (1002 and its kin) taught. Its
 * limits have changed over the years and differ by account, so where none is set, none is assumed: one is learned
 * from the first refusal, and given up again minute by minute while no other comes.
 */

/** What the deployment says about pace, and TIME_SCALE. */
export type Rules = Readonly<{
  requestsPerMinute: number | null;
  tasksInFlight: number | null;
  scale: number;
}>;

export type Pace = Readonly<{
  /** Creates that were let go lately, in small buckets named by their end: a bound on the size, whatever the limit. */
  grants: readonly Readonly<{ at: number; count: number }>[];
  /** Requests a minute that went through when MiniMax refused, when that was, and when it refused last. */
  learned: Readonly<{ perMinute: number; at: number; refusedAt: number }> | null;
  pausedUntil: number;
}>;

export const unhurried: Pace = { grants: [], learned: null, pausedUntil: 0 };

/**
 * Creates that may be without an answer at one time where no limit is set: a burst then meets the first refusal with
 * these few and not with all of it. At one second an answer that is 480 a minute, more than MiniMax gives anybody.
 */
export const maxUnanswered = 8;

const second = 1000;
const minute = 60 * second;
const bucketsInWindow = 100;

/** Spans in this deployment's time, with floors that a busy machine keeps. */
export function spansFor(scale: number) {
  const atLeast = (floorMs: number, ms: number) => Math.max(ms * scale, floorMs);
  return {
    minute: minute * scale,
    /** MiniMax counts when a create arrives and not when it was let go; what takes longer than the margin is noted. */
    margin: atLeast(100, 3 * second),
    window: minute * scale + atLeast(100, 3 * second),
    pause: atLeast(500, 20 * second),
    planPause: atLeast(500, 30 * minute),
    /** A lesson this old says nothing any more: the limit has grown past all that MiniMax gives. */
    lesson: atLeast(minute, 24 * 60 * minute),
    /** How long a task that was called has to come. */
    call: atLeast(5 * second, 30 * second),
    /** Longer than a create may take: nobody will tell of it any more. */
    answer: atLeast(10 * second, 150 * second),
    /** Longer than looks go on: a task that left without being heard is forgotten. */
    flight: atLeast(minute, 8 * 24 * 60 * minute),
    /** Longer than a task waits for its turn. */
    line: atLeast(minute, 25 * 60 * minute),
    /** When a task in line asks by itself, in case that it was forgotten. */
    askAgain: atLeast(15 * second, 15 * minute),
  };
}

/** Requests a minute that may go now; Infinity where nothing speaks against it. */
export function limitInForce(pace: Pace, rules: Rules, now: number): number {
  const set = rules.requestsPerMinute ?? Number.POSITIVE_INFINITY;
  if (pace.learned === null) return set;
  const { perMinute, refusedAt } = pace.learned;
  const cleanMinutes = Math.floor(Math.max(0, now - refusedAt) / spansFor(rules.scale).window);
  return Math.min(set, perMinute + cleanMinutes);
}

/** How many more may go in this window; 0 while grants are paused. */
export function roomInWindow(pace: Pace, rules: Rules, now: number): number {
  if (now < pace.pausedUntil) return 0;
  return limitInForce(pace, rules, now) - grantsSince(pace, now - spansFor(rules.scale).window);
}

/** When the window has more room than now: a grant leaves it, or the pause ends. */
export function roomInWindowAt(pace: Pace, rules: Rules, now: number): number {
  if (now < pace.pausedUntil) return pace.pausedUntil;
  const { window } = spansFor(rules.scale);
  const first = pace.grants.find(({ at }) => at > now - window);
  return first === undefined ? now : first.at + window;
}

/** Counts one that goes now. */
export function countGrant(pace: Pace, rules: Rules, now: number): Pace {
  const { window } = spansFor(rules.scale);
  const at = bucketAt(now, rules);
  const recent = pace.grants.filter((bucket) => bucket.at > now - window);
  const last = recent.at(-1);
  const grants =
    last !== undefined && last.at >= at
      ? [...recent.slice(0, -1), { at: last.at, count: last.count + 1 }]
      : [...recent, { at, count: 1 }];
  const isForgotten = pace.learned !== null && now > pace.learned.refusedAt + spansFor(rules.scale).lesson;
  return { ...pace, grants, learned: isForgotten ? null : pace.learned };
}

/**
 * A create that was let go at `at` has its answer now. It arrived at MiniMax somewhere in between, so one that took
 * longer than the margin counts from now on.
 */
export function recountGrant(pace: Pace, at: number, rules: Rules, now: number): Pace {
  if (now - at <= spansFor(rules.scale).margin) return pace;
  const own = bucketAt(at, rules);
  const grants = pace.grants
    .map((bucket) => (bucket.at === own ? { ...bucket, count: bucket.count - 1 } : bucket))
    .filter(({ count }) => count > 0);
  return countGrant({ ...pace, grants }, rules, now);
}

/** MiniMax says that a call came too fast, or that a plan's hours are used up (2056). */
export function heedRefusal(
  pace: Pace,
  refusal: Readonly<{ statusCode: number; unanswered: number }>,
  rules: Rules,
  now: number,
): Pace {
  const { minute, window, pause, planPause } = spansFor(rules.scale);
  const isPlan = refusal.statusCode === 2056;
  const pausedUntil = Math.max(pace.pausedUntil, now + (isPlan ? planPause : pause));
  if (isPlan) return { ...pace, pausedUntil };
  const { learned } = pace;
  // Refusals come in swarms: what was under way together is one lesson.
  if (learned !== null && now < learned.at + window) {
    return { ...pace, pausedUntil, learned: { ...learned, refusedAt: Math.max(learned.refusedAt, now) } };
  }
  const wentThrough = grantsSince(pace, now - minute) - refusal.unanswered;
  // No create had a part in it: a look was refused, or other software uses the key. There is nothing to learn.
  if (wentThrough <= 0 && refusal.unanswered === 0) return { ...pace, pausedUntil };
  const perMinute = Math.max(1, Math.floor(wentThrough * 0.9));
  return { ...pace, pausedUntil, learned: { perMinute, at: now, refusedAt: now } };
}

/** Whether forgetting this could bring a refusal: then it is written down. */
export function isWorthKeeping(pace: Pace, rules: Rules, now: number): boolean {
  return rules.requestsPerMinute !== null || pace.learned !== null || pace.pausedUntil > now;
}

/** Rounded up, so that a grant counts too long rather than too short. */
function bucketAt(instant: number, rules: Rules): number {
  const width = spansFor(rules.scale).window / bucketsInWindow;
  return Math.ceil(instant / width) * width;
}

function grantsSince(pace: Pace, since: number): number {
  return pace.grants.reduce((sum, { at, count }) => (at > since ? sum + count : sum), 0);
}
