/**
 * Brings R2 to what is wanted of a task's publication. What is wanted stands in the task, and `publish` is due in the
 * same write, so after a crash the alarm comes back to it. It goes on beside the task's turns: taking a video down
 * does not wait for a transfer.
 *
 * Where a poster is at hand it is made before the first manifest, so that there is one manifest and not two; where it
 * is not, the manifest does not wait.
 *
 * One write is under way at a time, and after each the task is looked at again: a take-down that came meanwhile is
 * done next, and wins.
 */

import { isSameManifest, type Manifest, manifestOf } from "../domain/publication.ts";
import { troubleWait } from "../domain/schedule.ts";
import { logProblem } from "../log.ts";
import { writeManifest } from "../ports/manifests.ts";
import type { Sender } from "./courier.ts";
import type { StoredTask, TaskStore } from "./task-store.ts";

/** The object whose publication it is. */
export type PublishedObject = Pick<Sender, "alarmRule" | "goOn"> &
  Readonly<{
    /** Makes the poster that is due, if it is at hand. Never rejects, and takes some seconds at most. */
    preparePoster(stored: StoredTask): Promise<void>;
  }>;

/** R2 takes one write a second for a key (10058), whatever the time scale. */
const betweenWritesMs = 1100;
/** Tries in a row before the alarm has to come back: whoever publishes or takes down waits for them. */
const triesAtOnce = 3;

export class Publisher {
  readonly #bucket: R2Bucket;
  readonly #store: TaskStore;
  readonly #object: PublishedObject;
  #work: Promise<void> | null = null;
  #failures = 0;

  constructor(bucket: R2Bucket, store: TaskStore, object: PublishedObject) {
    this.#bucket = bucket;
    this.#store = store;
    this.#object = object;
  }

  /**
   * Writes what is due, and waits for it; who asks while that is under way waits for the same. Never rejects.
   * @param stored the task as it is, where it is at hand: each look is billed.
   * @returns true if R2 is as it is wanted now; if not, the alarm goes on.
   */
  async settle(stored = this.#store.load()): Promise<boolean> {
    if (this.#work === null) {
      const at = stored?.due.publish ?? null;
      if (at === null) return true;
      if (at <= Date.now()) {
        this.#work = this.#perform();
        this.#object.goOn(this.#work);
      }
    }
    await this.#work;
    return (this.#store.load()?.due.publish ?? null) === null;
  }

  #loadDue(): StoredTask | null {
    const stored = this.#store.load();
    const at = stored?.due.publish ?? null;
    return at === null || at > Date.now() ? null : stored;
  }

  async #perform(): Promise<void> {
    let tries = 0;
    const first = this.#loadDue();
    if (first !== null && first.due.poster !== null) await this.#object.preparePoster(first);
    for (;;) {
      const stored = this.#loadDue();
      if (stored === null) {
        // In the same block as the look: what becomes due after this finds no work under way, and begins it.
        this.#work = null;
        return;
      }
      const wanted = wantedOf(stored);
      const isWritten = await this.#write(stored.task.fileId, wanted);
      const after = this.#store.load();
      if (isWritten) {
        this.#failures = 0;
        if (isSameManifest(wantedOf(after), wanted)) this.#recordDue(after, null);
        else if (after === null) await this.#write(stored.task.fileId, null);
      } else if (++tries < triesAtOnce) {
        await new Promise((resolve) => setTimeout(resolve, betweenWritesMs));
      } else if (after !== null) {
        this.#recordDue(after, Date.now() + troubleWait(this.#failures++, after.task.scale));
      }
    }
  }

  async #write(fileId: string, manifest: Manifest | null): Promise<boolean> {
    return writeManifest(this.#bucket, fileId, manifest).then(
      () => true,
      (error) => {
        logProblem("publish_failed", { file: fileId, error: String(error) });
        return false;
      },
    );
  }

  #recordDue(stored: StoredTask | null, publish: number | null): void {
    if (stored === null) return;
    this.#store.record({ ...stored, due: { ...stored.due, publish } }, this.#object.alarmRule());
  }
}

/** What R2 is to hold: nothing of a task that is being removed. */
function wantedOf(stored: StoredTask | null): Manifest | null {
  return stored === null || stored.due.remove !== null ? null : manifestOf(stored.task);
}
