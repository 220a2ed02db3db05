/**
 * The still picture that stands for a published video before it plays: the first frame of its order, where that is an
 * image that we keep; otherwise a frame of the video, where the deployment can take one; otherwise none. It is copied
 * to a key of its own, since kept images may be cleared away by their owner at any time, and a publication stays.
 */

import type { ImageFacts } from "./image.ts";
import type { Order } from "./order.ts";
import { isCancelled, type Task } from "./task.ts";

/** What is known of a poster. Its key follows from the file's id. */
export type Poster = ImageFacts &
  Readonly<{
    bytes: number;
    sha256: string;
    /** Epoch milliseconds. */
    keptAt: number;
  }>;

/**
 * A heavier first frame is no poster: players fetch it before anything plays, so it would make their visitors wait for
 * longer than the beginning of the video does, which has some 5 MB in all. It is also the memory that making one takes.
 */
export const maxPosterBytes = 2 * 1024 * 1024;

/** Cloudflare's Media Transformations take videos of less than 100 MB, and of 10 minutes, which MiniMax's never have. */
export const maxFrameSourceBytes = 100_000_000;

/** So often a poster is tried to be made. Those that ask Cloudflare for a frame are billed, whatever comes of it. */
export const maxPosterTries = 4;

/** The kept image that the order begins with, by its hash; null if it has none, or one that is too heavy. */
export function firstFrameOf({ images }: Order): string | null {
  const source = images.first_frame_image;
  return source?.kind === "stored" && source.bytes <= maxPosterBytes ? source.sha256 : null;
}

/** @param canTakeFrames whether the deployment can take frames out of videos. */
export function isPosterWanted(task: Task, canTakeFrames: boolean): boolean {
  if (task.publication === null || isCancelled(task) || task.status === "failed") return false;
  if (task.poster !== null || task.posterTries >= maxPosterTries) return false;
  return firstFrameOf(task.order) !== null || (canTakeFrames && hasFrames(task));
}

/** True once there is a video that a frame can be taken out of. */
export function hasFrames(task: Task): boolean {
  return task.status === "succeeded" && task.bytes < maxFrameSourceBytes;
}
