/** When a deploy hook is called: the window, the gap, what joins what, tries, and hooks that are gone. */

import { describe, expect, it } from "vitest";
import {
  callNow,
  type DeployHook,
  dueAt,
  endCall,
  finish,
  finishNewsOf,
  type HookOutcome,
  type HookPace,
  newHook,
  takeUp,
  videosOwed,
  wakeHook,
} from "../../src/domain/deploy-hook.ts";
import { deployHookWait } from "../../src/domain/schedule.ts";
import { hour, minute, start, states } from "./tasks.ts";

const second = 1000;
const pace: HookPace = { windowMs: minute, gapMs: 5 * minute, boundMs: 30 * second, scale: 1 };
const url = "https://api.netlify.com/build_hooks/0123456789abcdef01234567";
const fresh = newHook("hook_1", url);

const answered = (verdict: HookOutcome["verdict"], about: Partial<HookOutcome> = {}): HookOutcome => ({
  status: { built: 200, again: 503, refused: 400, gone: 404 }[verdict],
  error: verdict === "built" ? null : "It did not build.",
  durationMs: 200,
  retryAfterMs: 0,
  verdict,
  ...about,
});

function inState<S extends DeployHook["state"]>(hook: DeployHook, state: S) {
  if (hook.state !== state) throw new Error(`the hook is ${hook.state}, not ${state}`);
  return hook as Extract<DeployHook, { state: S }>;
}
/** The hook with a call under way, for so many videos, since its time came. */
function calling(hook: DeployHook = finish(fresh, 1, start, pace)) {
  return inState(wakeHook(hook, dueAt(hook) ?? start, pace), "calling");
}
/** What it is after that call, a second later. */
function ended(hook: Extract<DeployHook, { state: "calling" }>, outcome: HookOutcome) {
  return endCall(hook, hook.calledAt, outcome, hook.calledAt + second, pace);
}

describe("the first finish", () => {
  it("makes a call due at the end of the window, and those within it join", () => {
    const hooks = Array.from({ length: 10 }, (_, index) => index * 6 * second).reduce(
      (hook, after) => finish(hook, 1, start + after, pace),
      fresh,
    );
    expect(hooks).toMatchObject({ state: "waiting", videos: 10, tries: 0, callAt: start + minute });
    expect(wakeHook(hooks, start + minute - 1, pace)).toBe(hooks);
    const call = calling(hooks);
    expect(call).toMatchObject({ videos: 10, tries: 1, calledAt: start + minute });
    const built = ended(call, answered("built"));
    expect(built).toMatchObject({
      state: "idle",
      builtAt: start + minute + second,
      calls: [{ at: start + minute, videos: 10, status: 200, error: null, durationMs: 200 }],
    });
    expect([dueAt(built), videosOwed(built)]).toEqual([null, 0]);
  });

  it("after a build waits for the gap, and after a long rest for the window alone", () => {
    const built = ended(calling(), answered("built"));
    const builtAt = start + minute + second;
    expect(finish(built, 1, builtAt + second, pace)).toMatchObject({ callAt: builtAt + 5 * minute });
    expect(finish(built, 1, builtAt + hour, pace)).toMatchObject({ callAt: builtAt + hour + minute });
    expect(finish(built, 1, builtAt + 5 * minute - second, pace)).toMatchObject({
      callAt: builtAt + 6 * minute - second,
    });
  });
});

describe("a clock that was ahead when the last build began, and was set right", () => {
  it("holds the next build back for the gap, and not until then", () => {
    const ahead = ended(calling(finish(fresh, 1, start + 30 * 24 * hour, pace)), answered("built"));
    expect(finish(ahead, 1, start, pace)).toMatchObject({ state: "waiting", callAt: start + 5 * minute });
  });
});

describe("finishes while a call is under way", () => {
  const during = (hook: DeployHook) =>
    inState(finish(finish(hook, 1, start, pace), 2, start, pace), "calling");

  it("make one more, after the gap", () => {
    const hook = during(calling());
    expect(videosOwed(hook)).toBe(4);
    const after = ended(hook, answered("built"));
    expect(after).toMatchObject({ state: "waiting", videos: 3, tries: 0 });
    expect(dueAt(after)).toBe(hook.calledAt + second + 5 * minute);
  });

  it("are told by the next try where there is one, and by a new call where the hook refused", () => {
    expect(ended(during(calling()), answered("again"))).toMatchObject({
      ...{ state: "waiting", videos: 4, tries: 1 },
      callAt: start + minute + second + 10 * second,
    });
    expect(ended(during(calling()), answered("refused"))).toMatchObject({
      ...{ state: "waiting", videos: 3, tries: 0 },
      callAt: start + minute + second + 5 * minute,
    });
  });
});

describe("a call that got no build", () => {
  it("is tried six times, ever rarer, and then given up until another video finishes", () => {
    let hook = calling();
    const waits: number[] = [];
    for (let tries = 1; tries < 6; tries++) {
      const waiting = inState(ended(hook, answered("again")), "waiting");
      waits.push((waiting.callAt - hook.calledAt - second) / second);
      hook = calling(waiting);
    }
    expect(waits).toEqual([10, 60, 300, 1800, 7200]);
    const failed = ended(hook, answered("again"));
    expect(failed).toMatchObject({ state: "failed", builtAt: null });
    expect([failed.calls.length, dueAt(failed), videosOwed(failed)]).toEqual([6, null, 0]);
    const later = start + 10 * hour;
    expect(finish(failed, 1, later, pace)).toMatchObject({
      state: "waiting",
      tries: 0,
      callAt: later + minute,
    });
  });

  it("is joined by what finishes before the next try, which is not put off", () => {
    const waiting = inState(ended(calling(), answered("again")), "waiting");
    const joined = finish(waiting, 3, waiting.callAt - 1, pace);
    expect(joined).toEqual({ ...waiting, videos: 4 });
  });

  describe("and waits for a late try", () => {
    /** After so many calls without a build. */
    const triedInVain = (tries: number) => {
      let hook = calling();
      for (let count = 1; count < tries; count++) hook = calling(ended(hook, answered("again")));
      return inState(ended(hook, answered("again")), "waiting");
    };
    const lastCallOf = ({ calls }: DeployHook) => calls.at(-1)?.at ?? Number.NaN;

    it("has a finish wait for its window, and not for that try, with three tries before it", () => {
      const waiting = triedInVain(5);
      const now = lastCallOf(waiting) + 8 * minute;
      const joined = finish(waiting, 1, now, pace);
      expect(joined).toEqual({ ...waiting, videos: 2, tries: 3, callAt: now + minute });
      let [hook, calls] = [joined, 0];
      for (; hook.state === "waiting"; calls++) hook = ended(calling(hook), answered("again"));
      expect([hook.state, calls]).toEqual(["failed", 3]);
    });

    it("keeps the gap to the last call, and puts nothing off", () => {
      const waiting = triedInVain(4);
      expect(finish(waiting, 1, lastCallOf(waiting) + minute, pace)).toMatchObject({
        callAt: lastCallOf(waiting) + 5 * minute,
      });
      expect(finish(waiting, 1, waiting.callAt - second, pace)).toMatchObject({
        ...{ tries: 3, callAt: waiting.callAt },
      });
    });

    it("is not called sooner than it asked", () => {
      const hook = calling(triedInVain(4));
      const waiting = inState(ended(hook, answered("again", { retryAfterMs: hour })), "waiting");
      expect(finish(waiting, 1, hook.calledAt + minute, pace)).toMatchObject({
        callAt: hook.calledAt + second + hour,
      });
    });

    it("calls a dead host no more often than the gap allows, although videos finish without end", () => {
      let hook: DeployHook = triedInVain(4);
      let now = lastCallOf(hook);
      const calls: number[] = [];
      for (; calls.length < 50; now += 10 * second) {
        hook = finish(hook, 1, now, pace);
        if ((dueAt(hook) ?? now) > now) continue;
        calls.push(now);
        hook = ended(calling(hook), answered("again"));
      }
      const gaps = calls.slice(1).map((at, index) => at - (calls[index] ?? 0));
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(pace.gapMs);
    });
  });

  it("is left alone for as long as the hook asks, up to a day", () => {
    const hook = calling();
    const asked = (retryAfterMs: number) =>
      inState(ended(hook, answered("again", { status: 429, retryAfterMs })), "waiting").callAt -
      (hook.calledAt + second);
    expect([asked(2000), asked(120_000), asked(1000 * hour)]).toEqual([10_000, 120_000, 24 * hour]);
  });

  it("of which no answer was recorded is tried again once its process must be dead, and its late answer is logged", () => {
    const hook = calling();
    expect(dueAt(hook)).toBe(hook.calledAt + pace.boundMs);
    expect(wakeHook(hook, hook.lostAt - 1, pace)).toBe(hook);
    const lost = wakeHook(hook, hook.lostAt, pace);
    expect(lost).toMatchObject({ state: "waiting", videos: 1, tries: 1, callAt: hook.lostAt + 10 * second });
    expect(lost.calls).toMatchObject([{ status: null, error: "No answer was recorded.", durationMs: null }]);
    const late = endCall(lost, hook.calledAt, answered("built"), hook.lostAt + second, pace);
    expect(late).toEqual({
      ...lost,
      calls: [{ ...hook.calls[0], status: 200, error: null, durationMs: 200 }],
    });
  });

  it("lost each time is given up, too", () => {
    let hook: DeployHook = calling();
    for (let wakes = 0; wakes < 20 && dueAt(hook) !== null; wakes++) {
      hook = wakeHook(hook, dueAt(hook) ?? 0, pace);
    }
    expect(hook.state).toBe("failed");
    expect(hook.calls).toHaveLength(6);
  });

  it("since it was refused is not tried again", () => {
    expect(ended(calling(), answered("refused"))).toMatchObject({ state: "failed" });
  });
});

describe("a hook that is gone", () => {
  const gone = ended(inState(finish(calling(), 1, start, pace), "calling"), answered("gone"));

  it("is called no more, whatever finishes", () => {
    expect(gone).toMatchObject({ state: "gone", calls: [{ status: 404 }] });
    expect(finish(gone, 5, start + hour, pace)).toBe(gone);
    expect(dueAt(gone)).toBeNull();
  });

  it("is taken up when its owner gives it again, or calls it", () => {
    expect(finish(takeUp(gone), 1, start + hour, pace)).toMatchObject({ state: "waiting", videos: 1 });
    const called = calling(callNow(gone, start + hour));
    expect(called).toMatchObject({ videos: 0, calledAt: start + hour });
    expect(ended(called, answered("built"))).toMatchObject({ state: "idle" });
  });
});

describe("calling now", () => {
  it("takes along what waits, and heeds neither window, gap nor tries", () => {
    const built = ended(calling(), answered("built"));
    const waiting = finish(built, 3, start + 2 * minute, pace);
    expect(callNow(waiting, start + 2 * minute)).toMatchObject({
      videos: 3,
      tries: 0,
      callAt: start + 2 * minute,
    });
    expect(callNow(built, start + 2 * minute)).toMatchObject({ state: "waiting", videos: 0 });
  });

  it("changes nothing while a call is under way, and taking up what is not at an end does not either", () => {
    const hook = calling();
    expect(callNow(hook, start + hour)).toBe(hook);
    expect(takeUp(hook)).toBe(hook);
  });
});

it("the newest twenty calls are kept", () => {
  let hook: DeployHook = fresh;
  for (let count = 1; count <= 25; count++) {
    hook = ended(calling(finish(hook, count, start + count * hour, pace)), answered("built"));
  }
  expect(hook.calls.map(({ videos }) => videos)).toEqual(Array.from({ length: 20 }, (_, index) => index + 6));
});

it("waits are scaled, and what the hook asks for is not", () => {
  expect([1, 5, 6].map((calls) => deployHookWait(calls, 0.01))).toEqual([100, 72_000, null]);
  expect(deployHookWait(1, 0.01, 5000)).toBe(5000);
});

describe("a task's report", () => {
  const about = { isKnown: false, isAwaited: false, isServed: true, isRemoved: false };
  const rows: [title: string, task: keyof typeof states, about: Partial<typeof about>, news: string][] = [
    ["of a success is a finish", "succeeded", {}, "finished"],
    ["of a success that comes again is none", "succeeded", { isKnown: true }, "none"],
    ["of a success that is not served yet is awaited", "succeeded", { isServed: false }, "awaited"],
    [
      "of the same is awaited still",
      "succeeded",
      { isServed: false, isKnown: true, isAwaited: true },
      "awaited",
    ],
    ["that it is served is the finish", "succeeded", { isKnown: true, isAwaited: true }, "finished"],
    [
      "that what was awaited was removed drops it",
      "succeeded",
      { isAwaited: true, isRemoved: true },
      "dropped",
    ],
    ["of a success that was removed before it was told is none", "succeeded", { isRemoved: true }, "none"],
    ["of a failure is none", "failed", {}, "none"],
    ["of a cancel is none", "cancelled", {}, "none"],
    ["of one that is made is none", "generating", {}, "none"],
    ["of one that is stored is none", "storing", {}, "none"],
  ];
  it.each(rows)("%s", (_title, task, differs, news) => {
    expect(finishNewsOf(states[task], { ...about, ...differs })).toBe(news);
  });
});
