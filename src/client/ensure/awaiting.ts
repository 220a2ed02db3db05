/** Waiting for what is being made, and writing down what became of it: a video, or how it failed. */

import type { QueryVideoResponse, Video } from "../../contract.ts";
import { FilmgateError, VideoFailedError, WaitTimeoutError } from "../errors.ts";
import { defaultMaxWaitMs } from "../waiting.ts";
import type { MakingEntry, ReadyEntry } from "./lock-entry.ts";
import { failedEntry, failedSentence, gone, takenDown } from "./making.ts";
import type { EnsureProgress } from "./options.ts";
import { type Failures, type Found, putEntries, type Run, removeEntries } from "./run.ts";

type Making = Found<MakingEntry>;

/**
 * Waits for all at once. What fails goes to `failures`; the others are in the lock then.
 * @throws the signal's reason.
 */
export async function waitForAll(
  run: Run,
  making: readonly Making[],
  failures: Failures,
): Promise<Found<ReadyEntry>[]> {
  const end = Date.now() + (run.options.maxWaitMs ?? defaultMaxWaitMs);
  const byTask = new Map<string, [Making, ...Making[]]>();
  for (const one of making) {
    const same = byTask.get(one.entry.task_id);
    if (same === undefined) byTask.set(one.entry.task_id, [one]);
    else same.push(one);
  }
  const ready: Found<ReadyEntry>[] = [];
  await Promise.all(
    [...byTask.values()].map(async (same) => {
      try {
        const video = await waitForOne(run, same, end);
        const found = same.map((one) => ({ ...one, ...readyOf(one, video) }));
        await putEntries(
          run,
          found.map(({ wanted, entry }) => [wanted.key, entry]),
        );
        ready.push(...found);
      } catch (error) {
        failures.add(same[0].wanted, await noted(run, same, error));
      }
    }),
  );
  return ready;
}

async function waitForOne(run: Run, same: readonly [Making, ...Making[]], end: number): Promise<Video> {
  const { onProgress, signal } = run.options;
  const taskId = same[0].entry.task_id;
  const tell = (video: EnsureProgress["video"]) => {
    for (const { wanted, source } of same) {
      const { key, indices, canonical: order } = wanted;
      onProgress?.({ key, indices, order, taskId, source, video });
    }
  };
  // The first answer is held for a while; that it was ordered is known.
  if (same[0].source === "created") tell({ status: "queued", progress: 0, queue_position: null });
  await run.client().queryAndWait(taskId, {
    maxWaitMs: Math.max(0, end - Date.now()),
    ...(onProgress === undefined ? {} : { onProgress: (status) => tell(progressOf(status)) }),
    signal,
  });
  return run.client().get(taskId, { signal });
}

/** MiniMax's words as the video object has them. What waits without a place in our line waits at MiniMax. */
function progressOf({ status, progress, queue_position }: QueryVideoResponse): EnsureProgress["video"] {
  const place = queue_position ?? null;
  if (status === "Success") return { status: "completed", progress, queue_position: null };
  if (status === "Fail" || status === "failed") return { status: "failed", progress, queue_position: null };
  const isQueued = status === "Preparing" || place !== null;
  return { status: isQueued ? "queued" : "in_progress", progress, queue_position: place };
}

/** @throws FilmgateError `video_taken_down` if it has no address any more, and shall have one. */
function readyOf(
  { wanted, entry, source, costUsd }: Making,
  video: Video,
): { entry: ReadyEntry; costUsd: number | null } {
  const { publication, cost } = video;
  if (publication === null && entry.publish !== null && wanted.publish !== null)
    throw takenDown(entry.task_id);
  const [, width, height] = /^(\d+)x(\d+)$/.exec(video.size) ?? [];
  const ready: ReadyEntry = {
    state: "ready",
    order: entry.order,
    fingerprint: entry.fingerprint,
    task_id: entry.task_id,
    publish: publication === null ? null : entry.publish,
    file_id: video.file_id ?? "",
    url: publication?.url ?? null,
    page_url: publication?.page_url ?? null,
    poster_url: publication?.poster_url ?? null,
    width: width === undefined ? null : Number(width),
    height: height === undefined ? null : Number(height),
    seconds: Number(video.seconds),
    bytes: video.bytes ?? 0,
    sha256: video.sha256 ?? "",
  };
  const isPaidNow = source === "created" && costUsd !== 0;
  // An answer without a cost is not filmgate's: writing it down says so.
  return { entry: ready, costUsd: isPaidNow ? (cost?.charged_usd ?? cost?.estimated_usd ?? null) : costUsd };
}

/** What a failure means for the lock, done there; and the error that says it. */
async function noted(run: Run, same: readonly [Making, ...Making[]], error: unknown): Promise<unknown> {
  const taskId = same[0].entry.task_id;
  if (error instanceof VideoFailedError) {
    const failed = same.flatMap(({ wanted, entry }) => {
      const staying = failedEntry(entry, error);
      return staying === null ? [] : [[wanted.key, staying] as const];
    });
    const [first] = failed;
    if (first !== undefined) {
      await putEntries(run, failed);
      error.message = `${error.message} ${failedSentence(first[1].cost_state)}`;
    } else if (error.costState === "released") {
      await removeEntries(
        run,
        same.map(({ wanted }) => wanted.key),
        taskId,
      );
    } else {
      error.message = `${error.message} Whether it was charged is not known yet: it stays in the lock, and the next build asks again.`;
    }
    return error;
  }
  if (error instanceof WaitTimeoutError) {
    error.message = `${taskId} is not finished yet. It stands in the lock as being made: build again, and it is waited for and not ordered again. (${error.message})`;
    return error;
  }
  const isGone = error instanceof FilmgateError && (error.status === 404 || error.status === 410);
  return isGone ? gone(error, taskId) : error;
}
