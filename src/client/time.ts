/** Waiting that can be called off: a pause, and a limit on how long something may take. */

import { maxTimerMs } from "./settings.ts";

/** Resolves after so many milliseconds, or rejects with the signal's reason as soon as it is aborted. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      },
      Math.min(ms, maxTimerMs),
    );
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

export type Limit = {
  /** Aborted by the caller's signal, or when the time is over. */
  signal: AbortSignal;
  /** Whether it was the time that ended it. */
  isOver: () => boolean;
  release: () => void;
};

/** A limit on something that also heeds the caller. Release it when done: AbortSignal.any is not everywhere yet. */
export function limitTime(ms: number, caller: AbortSignal | undefined): Limit {
  const controller = new AbortController();
  let over = false;
  const onAbort = () => controller.abort(caller?.reason);
  const timer = setTimeout(
    () => {
      over = !controller.signal.aborted;
      controller.abort(new DOMException("It took too long.", "TimeoutError"));
    },
    Math.min(ms, maxTimerMs),
  );
  if (caller?.aborted) onAbort();
  else caller?.addEventListener("abort", onAbort, { once: true });
  return {
    signal: controller.signal,
    isOver: () => over,
    release: () => {
      clearTimeout(timer);
      caller?.removeEventListener("abort", onAbort);
    },
  };
}
