/**
 * Waiting for a video. The server holds each question until the video is over, so the answer comes at once when there
 * is one; in between, answers come often enough to show progress. A wait outlives a network that is away for a while.
 */

import type { QueryVideoResponse } from "../contract.ts";
import { FilmgateError, WaitTimeoutError } from "./errors.ts";
import { isPassing } from "./retries.ts";
import { limitTime, pause } from "./time.ts";

export type WaitOptions = {
  /**
   * Milliseconds between two reports of progress, 250 to 60,000: by default 5,000, and 25,000 if nobody listens.
   * It does not delay the end: that is told as soon as it comes.
   */
  pollIntervalMs?: number | undefined;
  /** How long to wait, in milliseconds: by default 1,800,000. One question under way may take `timeoutMs` more. */
  maxWaitMs?: number | undefined;
  /** Called with every answer, the last one too. Its `progress` is per cent, an estimate from the model's usual time. */
  onProgress?: ((status: QueryVideoResponse) => void) | undefined;
  /** Ends the wait, not the video: `delete(taskId)` cancels that. */
  signal?: AbortSignal | undefined;
};

/** Twice as long as the slowest model usually takes. */
export const defaultMaxWaitMs = 1_800_000;
const shortestIntervalMs = 250;
/** The server holds a question no longer: with more time between two, the end would be heard of late. */
const longestIntervalMs = 60_000;
/** How long nothing but passing failures is borne, beyond the retries of each question. */
const patienceMs = 60_000;

/**
 * Asks until the task is over, and answers with its last status: `Success`, `Fail` or `failed`.
 * @param ask asks once; the server may hold the answer for so many seconds.
 * @throws WaitTimeoutError, what `ask` throws, or the signal's reason.
 */
export async function waitUntilOver(
  taskId: string,
  ask: (holdSeconds: number, signal: AbortSignal) => Promise<QueryVideoResponse>,
  graceMs: number,
  options: WaitOptions,
): Promise<QueryVideoResponse> {
  const { onProgress, maxWaitMs = defaultMaxWaitMs } = options;
  const wantedMs = options.pollIntervalMs ?? (onProgress ? 5000 : 25_000);
  const intervalMs = Math.min(Math.max(wantedMs, shortestIntervalMs), longestIntervalMs);
  const end = Date.now() + maxWaitMs;
  const limit = limitTime(maxWaitMs + graceMs, options.signal);
  let last: QueryVideoResponse | null = null;
  let answeredAt = Date.now();
  let failure: unknown;
  try {
    for (;;) {
      const askedAt = Date.now();
      const holdSeconds = Math.floor(Math.min(intervalMs, Math.max(end - askedAt, 0)) / 1000);
      try {
        last = await ask(holdSeconds, limit.signal);
        failure = undefined;
        answeredAt = Date.now();
      } catch (error) {
        const isBearable = error instanceof FilmgateError && isPassing(error);
        if (!isBearable || Date.now() - answeredAt > patienceMs) throw error;
        failure = error;
      }
      if (last !== null && failure === undefined) {
        onProgress?.(last);
        if (isOver(last)) return last;
      }
      const now = Date.now();
      if (now >= end) throw tooLate(taskId, maxWaitMs, last, failure);
      await pause(Math.max(0, Math.min(askedAt + intervalMs, end) - now), limit.signal);
    }
  } catch (error) {
    throw limit.isOver() ? tooLate(taskId, maxWaitMs, last, failure) : error;
  } finally {
    limit.release();
  }
}

/** filmgate says `failed` to those who do not know MiniMax's word. */
export function hasFailed(status: QueryVideoResponse): boolean {
  return status.status === "Fail" || status.status === "failed";
}

function isOver(status: QueryVideoResponse): boolean {
  return status.status === "Success" || hasFailed(status);
}

function tooLate(taskId: string, maxWaitMs: number, lastStatus: QueryVideoResponse | null, cause: unknown) {
  const state =
    lastStatus === null ? "Nothing was heard of" : `${lastStatus.status} (${lastStatus.progress} %) is`;
  return new WaitTimeoutError(
    `${state} ${taskId} after ${Math.round(maxWaitMs / 1000)} s. It goes on by itself: wait for it again, or raise maxWaitMs.`,
    { taskId, lastStatus, cause },
  );
}
