/**
 * A deploy hook: an address whose call has a site built again, since a video finished. Builds are counted and paid for
 * elsewhere, so one call tells of all videos that finish within a window, two builds keep a gap between them, and at
 * most one call of a hook is due or under way. A call is written down before it leaves: a crash in it costs one call
 * more at most, and never the build.
 */

import { deployHookWait } from "./schedule.ts";
import type { Task } from "./task.ts";

export type HookCall = Readonly<{
  at: number;
  /** How many videos it tells of; 0 for one that was only asked for. */
  videos: number;
  /** Null where no answer came. */
  status: number | null;
  /** What went wrong, in words that hold nothing of the address but its host; null where nothing did. */
  error: string | null;
  /** Null while it is under way, and for ever if the process died in it. */
  durationMs: number | null;
}>;

type Known = Readonly<{
  id: string;
  /** The secret itself: who has it can have the site built. */
  url: string;
  /** The newest, oldest first. */
  calls: readonly HookCall[];
  /** When the last build was begun, as far as an answer said so; null before the first. */
  builtAt: number | null;
}>;

/** `tries` are the calls for the same videos so far, one that is under way among them. */
export type DeployHook = Known &
  (
    | Readonly<{ state: "idle" }>
    | Readonly<{
        state: "waiting";
        videos: number;
        tries: number;
        callAt: number;
        /** Absent unless the hook asked to be left alone until then. */
        quietUntil?: number;
      }>
    | Readonly<{
        state: "calling";
        videos: number;
        tries: number;
        calledAt: number;
        /** From then on its process is dead. */
        lostAt: number;
        /** Finished since it left, and so not told by it. */
        more: number;
      }>
    /** Given up, until another video finishes. */
    | Readonly<{ state: "failed" }>
    /** There is no such hook any more: it is called no more, unless its owner says so. */
    | Readonly<{ state: "gone" }>
  );

/** How a deployment calls; all of it in its own time. */
export type HookPace = Readonly<{
  /** From the first finish on, for others to join it. */
  windowMs: number;
  /** At least between two builds. */
  gapMs: number;
  /** How long a call may take: one that began before that died with its process. */
  boundMs: number;
  /** TIME_SCALE. */
  scale: number;
}>;

export type HookOutcome = Readonly<{
  status: number | null;
  error: string | null;
  durationMs: number;
  /** How long the hook asks to be left alone; 0 if it does not. */
  retryAfterMs: number;
  /** Whether a build was begun; if not, whether another try can change that, or no call ever will. */
  verdict: "built" | "again" | "refused" | "gone";
}>;

const maxLogged = 20;
const unfinished = "No answer was recorded.";
/** Tries that follow each other within minutes; from then on they are farther apart. */
const quickTries = 3;

export function newHook(id: string, url: string): DeployHook {
  return { id, url, calls: [], builtAt: null, state: "idle" };
}

/** More videos finished. The first opens the window, others join; a hook that is gone hears of none. */
export function finish(hook: DeployHook, videos: number, now: number, pace: HookPace): DeployHook {
  switch (hook.state) {
    case "idle":
    case "failed":
      return { ...known(hook), state: "waiting", videos, tries: 0, callAt: windowEnd(hook, now, pace) };
    case "waiting":
      return join(hook, videos, now, pace);
    case "calling":
      return { ...hook, more: hook.more + videos };
    case "gone":
      return hook;
  }
}

/** When the window of what finishes now ends, and the gap after the last build. */
function windowEnd({ builtAt }: Known, now: number, { windowMs, gapMs }: HookPace): number {
  // One that lies ahead was told by a clock that was set right since.
  return Math.max(now + windowMs, Math.min(builtAt ?? Number.NEGATIVE_INFINITY, now) + gapMs);
}

/**
 * What finishes while a late try is waited for is not told later than what finishes after the last, and has tries of
 * its own. Its call keeps the gap to the last one, too: else a dead host would be called without end, and more often
 * than one that builds.
 */
function join(
  hook: DeployHook & { state: "waiting" },
  videos: number,
  now: number,
  pace: HookPace,
): DeployHook {
  const joined = { ...hook, videos: hook.videos + videos };
  if (hook.tries === 0) return joined;
  const calledAt = Math.min(hook.calls.at(-1)?.at ?? now, now);
  const soonest = Math.max(windowEnd(hook, now, pace), calledAt + pace.gapMs, hook.quietUntil ?? 0);
  return {
    ...joined,
    tries: Math.min(hook.tries, quickTries),
    callAt: Math.min(hook.callAt, soonest),
  };
}

/** When there is something to do for it; null when nothing is. */
export function dueAt(hook: DeployHook): number | null {
  if (hook.state === "waiting") return hook.callAt;
  return hook.state === "calling" ? hook.lostAt : null;
}

/** The hook as it stands once its time has come: `calling` if a call is to leave now, else as it goes on without one. */
export function wakeHook(hook: DeployHook, now: number, pace: HookPace): DeployHook {
  if (hook.state === "calling" && hook.lostAt <= now) return tryAgain(hook, 0, now, pace);
  if (hook.state !== "waiting" || hook.callAt > now) return hook;
  const { videos, tries } = hook;
  const call: HookCall = { at: now, videos, status: null, error: unfinished, durationMs: null };
  return {
    ...known(hook),
    calls: [...hook.calls, call].slice(-maxLogged),
    ...{ state: "calling", videos, tries: tries + 1, calledAt: now, lostAt: now + pace.boundMs, more: 0 },
  };
}

/** What the hook is after the call that left at `calledAt`. */
export function endCall(
  hook: DeployHook,
  calledAt: number,
  outcome: HookOutcome,
  now: number,
  pace: HookPace,
): DeployHook {
  const { status, error, durationMs, retryAfterMs, verdict } = outcome;
  const calls = hook.calls.map((one) =>
    one.at === calledAt && one.durationMs === null ? { ...one, status, error, durationMs } : one,
  );
  const told = { ...hook, calls };
  // It was taken for lost, and what it told of is due again.
  if (told.state !== "calling" || told.calledAt !== calledAt) return told;
  switch (verdict) {
    case "built":
      return goOn({ ...told, builtAt: now }, "idle", now, pace);
    case "again":
      return tryAgain(told, retryAfterMs, now, pace);
    case "refused":
      return goOn(told, "failed", now, pace);
    case "gone":
      return { ...known(told), state: "gone" };
  }
}

/** Due now, whatever finished and whenever it was last called. While a call is under way there is nothing to hasten. */
export function callNow(hook: DeployHook, now: number): DeployHook {
  if (hook.state === "calling") return hook;
  const videos = hook.state === "waiting" ? hook.videos : 0;
  return { ...known(hook), state: "waiting", videos, tries: 0, callAt: now };
}

/** Its owner gives the same address again: what was said of it may have been true once. */
export function takeUp(hook: DeployHook): DeployHook {
  return hook.state === "gone" || hook.state === "failed" ? { ...known(hook), state: "idle" } : hook;
}

/** How many videos no call has told of yet. */
export function videosOwed(hook: DeployHook): number {
  if (hook.state === "waiting") return hook.videos;
  return hook.state === "calling" ? hook.videos + hook.more : 0;
}

/** What a report of a task means to its deploy hook. */
export type FinishNews =
  /** It succeeded, and is served: once for each task. */
  | "finished"
  /** It succeeded, and what is published of it is not there yet: the task is to say when it is. */
  | "awaited"
  /** It was awaited, and was removed. */
  | "dropped"
  | "none";

/**
 * @param about.isKnown whether a report before this one told of the success.
 * @param about.isAwaited whether that one said that it is not served yet.
 */
export function finishNewsOf(
  task: Task,
  about: { isKnown: boolean; isAwaited: boolean; isServed: boolean; isRemoved: boolean },
): FinishNews {
  const { isKnown, isAwaited, isServed, isRemoved } = about;
  if (isRemoved) return isAwaited ? "dropped" : "none";
  if (task.status !== "succeeded" || (isKnown && !isAwaited)) return "none";
  return isServed ? "finished" : "awaited";
}

/** A call ended for good: what finished meanwhile makes one more. */
function goOn(
  hook: DeployHook & { state: "calling" },
  rest: "idle" | "failed",
  now: number,
  { windowMs, gapMs }: HookPace,
): DeployHook {
  if (hook.more === 0) return { ...known(hook), state: rest };
  const callAt = now + Math.max(windowMs, gapMs);
  return { ...known(hook), state: "waiting", videos: hook.more, tries: 0, callAt };
}

/** No answer, or one that may be another next time: the next call tells of all that finished by then. */
function tryAgain(
  hook: DeployHook & { state: "calling" },
  retryAfterMs: number,
  now: number,
  pace: HookPace,
): DeployHook {
  const wait = deployHookWait(hook.tries, pace.scale, retryAfterMs);
  if (wait === null) return goOn(hook, "failed", now, pace);
  const { videos, tries, more } = hook;
  const asked = retryAfterMs > 0 ? { quietUntil: now + Math.min(retryAfterMs, wait) } : {};
  const waiting = { ...known(hook), state: "waiting" as const, videos, tries, callAt: now + wait, ...asked };
  return more === 0 ? waiting : join(waiting, more, now, pace);
}

function known({ id, url, calls, builtAt }: DeployHook): Known {
  return { id, url, calls, builtAt };
}
