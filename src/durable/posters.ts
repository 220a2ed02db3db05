/**
 * Makes the poster of a published video. That one is to be made stands in the task's row as `poster`, which is due; the
 * manifest follows from the task once it is kept. It goes on beside the task's turns, and nothing waits for it but the
 * first manifest, for a moment, where the poster is a copy of an image at hand.
 *
 * A try that may be billed, or that follows another, is written down before it begins, with its due time behind its own
 * end: so there is a last one, whatever crashes. What a try that died left in R2 is found by the next.
 */

import { imageKey, posterKey, videoKey } from "../domain/ids.ts";
import { firstFrameOf, hasFrames, isPosterWanted } from "../domain/poster.ts";
import type { Task, TaskEvent } from "../domain/task.ts";
import type { Env } from "../env.ts";
import { logProblem } from "../log.ts";
import { takeFirstFrame } from "../ports/frames.ts";
import { withIdleLimit } from "../ports/pieces.ts";
import { deletePoster, findPicture, keepPoster, type Picture, readAsPicture } from "../ports/posters.ts";
import { limitsFor } from "./reach.ts";
import type { StoredTask, TaskStore } from "./task-store.ts";

/** The object whose posters are made. */
export type PosterKeeper = Readonly<{
  env(): Env;
  /** Applies an event to the task as it is now; null if there is none any more. */
  apply(event: TaskEvent): Task | null;
  /** Writes the task's row, and sets the alarm for what is due in it. */
  record(stored: StoredTask): void;
  /** Lets work go on when what asked for it has ended. */
  goOn(work: Promise<void>): void;
}>;

export class Posters {
  readonly #store: TaskStore;
  readonly #object: PosterKeeper;
  #work: Promise<void> | null = null;
  /** A write that is under way, whoever still waits for it. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(store: TaskStore, object: PosterKeeper) {
    this.#store = store;
    this.#object = object;
  }

  /** Makes what is due; who asks while that is under way waits for the same. Never rejects. */
  settle(stored = this.#store.load()): Promise<void> {
    if (this.#work !== null) return this.#work;
    if (stored === null || !isDue(stored)) return Promise.resolve();
    const work = this.#perform(stored).finally(() => {
      this.#work = null;
    });
    this.#work = work;
    this.#object.goOn(work);
    return work;
  }

  /** Makes what is due if it is at hand, so that the first manifest names it: for some seconds at most. */
  async prepare(stored: StoredTask): Promise<void> {
    if (!isDue(stored) || !isAtHand(stored.task)) return;
    await withIdleLimit(this.settle(stored), this.#limits().posterMs).catch(() => {});
  }

  /** Waits until nothing is being written: what is deleted then does not come back. */
  async rest(): Promise<void> {
    await withIdleLimit(this.#writing, this.#limits().posterMs).catch(() => {});
  }

  async #perform({ task, due }: StoredTask): Promise<void> {
    const { MEDIA } = this.#object.env();
    if (!isPosterWanted(task, MEDIA !== undefined)) {
      // The deployment took frames when it was written down, and does not any more.
      const stored = this.#store.load();
      if (stored !== null && stored.due.poster === due.poster) {
        this.#object.record({ ...stored, due: { ...stored.due, poster: null } });
      }
      return;
    }
    const isFirst = isAtHand(task);
    if (!isFirst && this.#object.apply({ type: "posterTried" }) === null) return;
    const { posterMs, frameMs } = this.#limits();
    try {
      await withIdleLimit(this.#make(task), isFirst ? posterMs : frameMs);
    } catch (error) {
      logProblem("poster_failed", { task: task.taskId, account: task.account, error: String(error) });
      if (isFirst && this.#isWanted()) this.#object.apply({ type: "posterTried" });
    }
  }

  /** @throws Error if there is no picture, or R2 did not keep it. */
  async #make(task: Task): Promise<void> {
    const picture = await this.#findPicture(task);
    // Nothing may come between this look and the write's beginning.
    if (!this.#isWanted()) return;
    const { VIDEOS } = this.#object.env();
    const write = keepPoster(VIDEOS, task.fileId, picture);
    this.#writing = write.catch(() => {});
    await write;
    const after = this.#object.apply({
      type: "posterKept",
      poster: { ...picture.facts, keptAt: Date.now() },
    });
    if (after !== null && after.poster !== null) return;
    // Taken down, cancelled or removed while it was written.
    this.#writing = deletePoster(VIDEOS, task.fileId).catch(() => {});
    await this.#writing;
  }

  async #findPicture(task: Task): Promise<Picture> {
    const { VIDEOS, MEDIA } = this.#object.env();
    const left = task.posterTries > 0 ? await findPicture(VIDEOS, posterKey(task.fileId)) : null;
    if (left !== null) return left;
    const sha256 = firstFrameOf(task.order);
    const image = sha256 === null ? null : await findPicture(VIDEOS, imageKey(task.account, sha256));
    if (image !== null) return image;
    if (MEDIA === undefined || !hasFrames(task)) throw new Error("the first frame is gone");
    const video = await VIDEOS.get(videoKey(task.fileId));
    if (video === null) throw new Error("the video is gone");
    return readAsPicture(await takeFirstFrame(MEDIA, video.body));
  }

  #limits() {
    return limitsFor(this.#object.env());
  }

  /** True while the task is there and published, and has no poster. */
  #isWanted(): boolean {
    const stored = this.#store.load();
    if (stored === null || stored.due.remove !== null) return false;
    // The last try is wanted, too.
    return isPosterWanted({ ...stored.task, posterTries: 0 }, true);
  }
}

function isDue({ due }: StoredTask): boolean {
  return due.remove === null && due.poster !== null && due.poster <= Date.now();
}

/** True for a copy of a kept image that was not tried in vain before: it is made in a moment, and costs no frame. */
function isAtHand({ order, posterTries }: Task): boolean {
  return posterTries === 0 && firstFrameOf(order) !== null;
}
