/** When to ask again, when to renew, and whether what is to be played is there already. Pure: `now` is an argument. */

/** No longer than this between two questions, while somebody looks. */
const longestMs = 60_000;

/**
 * How long to wait before asking for a video that is being made: as the server says; less often the longer it takes,
 * and far less in a tab that nobody sees.
 */
export function askAgainMs(about: { retryAfterMs: number; waitedMs: number; isHidden: boolean }): number {
  const { retryAfterMs, waitedMs, isHidden } = about;
  const patient = Math.max(retryAfterMs, Math.min(waitedMs / 60, longestMs));
  return isHidden ? patient * 6 : patient;
}

/** The moment to fetch a fresh link: a minute before the end, or later for one that lives for minutes. */
export function renewAt(now: number, endsAt: number): number {
  return endsAt - Math.min(60_000, Math.max(0, endsAt - now) / 4);
}

/** A timer that is set for longer than a browser can count would ring at once. */
export const longestTimerMs = 2 ** 31 - 1;

type Media = Pick<HTMLMediaElement, "buffered" | "currentTime" | "duration">;

/** Whether it can go on playing where it is, for a moment at least, without asking anybody. */
export function isBuffered({ buffered, currentTime, duration }: Media): boolean {
  for (let index = 0; index < buffered.length; index++) {
    const end = buffered.end(index);
    const isInside = buffered.start(index) <= currentTime + 0.1 && currentTime < end;
    if (isInside && (end - currentTime > 0.3 || end > duration - 0.1)) return true;
  }
  return false;
}
