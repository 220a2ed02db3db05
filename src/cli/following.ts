/** Waiting in sight: a video is followed by its events until it is over, with its word beside the strip. */

import { describeProgress, type Video, VideoFailedError, WaitTimeoutError } from "../client/filmgate.ts";
import { limitTime } from "../client/time.ts";
import type { Context, Options } from "./command.ts";
import { commandError } from "./exits.ts";
import { placeWords, shellWord } from "./words.ts";

export const standardTimeoutSeconds = 1800;

const usualPatienceMs = 1500;

export const timeoutOption = {
  timeout: {
    kind: "number",
    about: "how long to wait; the video goes on by itself",
    value: "SECONDS",
    standard: String(standardTimeoutSeconds),
  },
} as const satisfies Options;

/** How long to wait, in seconds, by default 1,800; and what is to be done then, as the command line has it. */
export type Waiting = Readonly<{
  timeout: number | undefined;
  download: string | undefined;
  force: boolean | undefined;
}>;

/**
 * Follows a task to its video.
 * @returns the finished video.
 * @throws VideoFailedError if it ended without one, WaitTimeoutError when the time is over, and what `watch` throws.
 */
export async function follow(
  context: Context,
  taskId: string,
  { timeout, download, force }: Waiting,
): Promise<Video> {
  const seconds = readTimeout(timeout);
  const task = shellWord(taskId);
  const then = download === undefined ? "" : ` --download ${placeWords(download, force)}`;
  context.goesOn([`The video goes on by itself. Wait for it again with: filmgate wait ${task}${then}`]);
  const progress = context.output.startProgress();
  const limit = limitTime(seconds * 1000, context.signal);
  const { video: videos } = context.client();
  let expected: number | null = null;
  let last: Video | null = null;
  const show = (video: Video) => progress.show(video.progress, describeProgress(video, expected));
  try {
    for await (const video of videos.watch(taskId, { signal: limit.signal })) {
      if (last === null) expected = await usualSeconds(context, video, limit.signal);
      last = video;
      show(video);
    }
  } catch (error) {
    if (limit.isOver()) throw tooLate(taskId, seconds, last);
    throw error;
  } finally {
    progress.end();
    limit.release();
  }
  const video = last ?? (await videos.get(taskId, { signal: context.signal }));
  context.goesOn([`All that is known of it: filmgate get ${task} --events`]);
  return succeeded(video);
}

/** @throws VideoFailedError unless there is a video. */
export function succeeded(video: Video): Video {
  if (video.status !== "failed") return video;
  throw new VideoFailedError(video.error?.message ?? "The video could not be made.", {
    code: video.error?.code ?? "video_failed",
    taskId: video.id,
    costState: video.cost?.state ?? null,
  });
}

function tooLate(taskId: string, seconds: number, last: Video | null): WaitTimeoutError {
  const state = last === null ? "nothing was heard of it" : describeProgress(last);
  return new WaitTimeoutError(`${taskId} is not over after ${seconds} s (${state}).`, {
    taskId,
    lastStatus: null,
  });
}

/** Whether it is not over yet. */
export function isUnderWay({ status }: Video): boolean {
  return status === "queued" || status === "in_progress";
}

/** @returns seconds; null where they are not known. */
async function usualSeconds(context: Context, video: Video, signal: AbortSignal): Promise<number | null> {
  if (!isUnderWay(video) || !context.output.showsProgress) return null;
  // It only adds a word, so little time is given to it.
  const limit = limitTime(usualPatienceMs, signal);
  const models = await context
    .client()
    .video.models({ signal: limit.signal })
    .catch(() => null)
    .finally(limit.release);
  const row = models?.data
    .find(({ id }) => id === video.model)
    ?.makes.find(
      ({ mode, resolution, duration }) =>
        mode === video.mode && resolution === video.resolution && String(duration) === video.seconds,
    );
  return row?.expected_seconds ?? null;
}

/** Seconds to wait, as `--timeout` has them. @throws FilmgateError `invalid_usage`. */
export function readTimeout(seconds: number | undefined): number {
  if (seconds === undefined) return standardTimeoutSeconds;
  if (seconds > 0 && seconds <= 604_800) return seconds;
  throw commandError("invalid_usage", `--timeout takes seconds, from above 0 to 604800, not ${seconds}.`);
}
