/**
 * What a task has to see to beside its next step: telling the Account, telling the pacer that it left, tidying up in
 * R2, and at last removing everything. Each is due in the task's row, in the same write as what it follows from, and
 * stays due until it is done; after each call to somebody else the row is read again.
 */

import { moneyOf } from "../domain/money.ts";
import { isPosterWanted } from "../domain/poster.ts";
import { isSameManifest, manifestOf } from "../domain/publication.ts";
import { posterWait, troubleWait } from "../domain/schedule.ts";
import { expiresAt, isCancelled, isOver, leavesPacer, type Task } from "../domain/task.ts";
import type { Env } from "../env.ts";
import { deletePoster } from "../ports/posters.ts";
import { limitsFor, scaled } from "./reach.ts";
import { type Due, earliestDue, type StoredTask, type TaskStore } from "./task-store.ts";
import { discard } from "./transfer.ts";
import { countsTasks, tellLeft } from "./turn.ts";

const tidyAgainMs = 600_000;
/** Repeated as patiently as a turn is asked for: a task that is not heard to leave is counted too long, no more. */
const leaveFailures = 3;

/** The object whose errands they are. */
export type Errander = Readonly<{
  env(): Env;
  /** Writes the task's row, and sets the alarm for what is due in it. */
  record(stored: StoredTask): void;
}>;

export class Errands {
  readonly #store: TaskStore;
  readonly #object: Errander;

  constructor(store: TaskStore, object: Errander) {
    this.#store = store;
    this.#object = object;
  }

  /** Tells the Account what became of the task, if that is due, until it has heard. */
  async report(): Promise<void> {
    const before = this.#loadIfDue("report");
    if (before === null) return;
    const { task, revision, due } = before;
    const wakeAt = nextWake({ ...due, report: null });
    const isServed = task.status === "succeeded" && due.publish === null;
    const account = this.#object.env().ACCOUNTS.getByName(task.account);
    const answer = await account.report({ task, revision, removed: false, wakeAt, isServed }).then(
      (isAwaited) => (isAwaited ? "awaited" : "heard"),
      () => "unheard",
    );
    const after = this.#store.load();
    if (after === null) return;
    const failures = answer === "heard" ? 0 : after.failures + 1;
    // If the task moved on meanwhile, its report is due again; and so it is while its video is awaited.
    const isAllHeard = answer === "heard" && after.revision === revision;
    const again = isAllHeard ? null : Date.now() + troubleWait(failures, after.task.scale);
    this.#object.record({ ...after, failures, due: { ...after.due, report: again } });
  }

  /** The pacer has to hear that the task left: it holds a place that nobody wants. */
  oweLeave(): void {
    const stored = this.#store.load();
    if (stored !== null) this.#object.record({ ...stored, due: { ...stored.due, leave: Date.now() } });
  }

  /** Tells the pacer that the task has left, if that is due, until it has heard. */
  async leave(): Promise<void> {
    const before = this.#loadIfDue("leave");
    if (before === null) return;
    const isHeard = await isDone(tellLeft(this.#object.env(), before.task));
    const after = this.#store.load();
    if (after === null || after.due.leave === null) return;
    const again = isHeard ? null : Date.now() + troubleWait(leaveFailures, after.task.scale);
    this.#object.record({ ...after, due: { ...after.due, leave: again } });
  }

  /** What a transfer left of a video that nobody wants any more goes, if that is due. No transfer may be under way. */
  async tidy(): Promise<void> {
    const before = this.#loadIfDue("tidy");
    if (before === null) return;
    const isTidy = await isDone(discard(this.#object.env().VIDEOS, before.task, this.#store.uploads));
    const after = this.#store.load();
    if (after === null) return;
    const again = isTidy ? null : Date.now() + scaled(this.#object.env(), tidyAgainMs, 3000);
    this.#object.record({ ...after, due: { ...after.due, tidy: again } });
  }

  /**
   * Takes everything of the task away but its row. The removal was written down first; each part may be repeated.
   * @param takeDown takes down what is published of it, with nothing left that writes; false if that did not work yet.
   * @returns whether the row may go, too; if not, the removal is due again.
   */
  async removeAll(stored: StoredTask, takeDown: () => Promise<boolean>): Promise<boolean> {
    try {
      const { task, revision, due } = stored;
      if (!(await takeDown())) throw new Error("it is not taken down yet");
      await discard(this.#object.env().VIDEOS, task, this.#store.uploads);
      await deletePoster(this.#object.env().VIDEOS, task.fileId);
      if (due.leave !== null) await tellLeft(this.#object.env(), task);
      const account = this.#object.env().ACCOUNTS.getByName(task.account);
      const last = { task, revision: revision + 1, removed: true, wakeAt: null, isServed: false };
      await account.report(last);
      return true;
    } catch {
      const after = this.#store.load();
      if (after === null) return false;
      const failures = after.failures + 1;
      const again = Date.now() + troubleWait(failures, after.task.scale);
      this.#object.record({ ...after, failures, due: { ...after.due, remove: again } });
      return false;
    }
  }

  #loadIfDue(name: keyof Due): StoredTask | null {
    const stored = this.#store.load();
    const at = stored?.due[name] ?? null;
    return at === null || at > Date.now() ? null : stored;
  }
}

/** What is due once an event made `after` of the task; the step aside, and the webhook, which are others' matters. */
export function errandsAfter(
  env: Env,
  { task: before, due }: StoredTask,
  after: Task,
  now: number,
): Pick<Due, "report" | "tidy" | "publish" | "poster" | "leave" | "expire"> {
  return {
    report: isWorthReporting(before, after) ? now : due.report,
    tidy: leavesRemains(before, after) ? now : due.tidy,
    publish: isSameManifest(manifestOf(before), manifestOf(after)) ? due.publish : now,
    poster: posterAfter(env, before, after, now, due.poster),
    leave: leaveAfter(env, before, after, now, due.leave),
    expire: expiresAt(after),
  };
}

/** The same with its removal decided, and what is published of it due to go. */
export function withRemoval(stored: StoredTask): StoredTask {
  const now = Date.now();
  const publish = stored.task.publication === null && stored.due.publish === null ? null : now;
  return { ...stored, due: { ...stored.due, remove: now, publish, poster: null } };
}

/** When something is due first; null if nothing is. */
export function nextWake(due: Due): number | null {
  const next = earliestDue(due);
  return next === Number.POSITIVE_INFINITY ? null : next;
}

/**
 * The Account learns which provider task an order became, when it was cancelled, how it ended, about its money, how it
 * is published, and with which poster.
 */
function isWorthReporting(before: Task, after: Task): boolean {
  if (isCancelled(before) !== isCancelled(after) || moneyOf(before) !== moneyOf(after)) return true;
  if (before.publication !== after.publication || before.poster !== after.poster) return true;
  return before.status !== after.status && (after.status === "generating" || isOver(after));
}

/** A task that leaves `storing` without its video may have parts of it in R2, or all of it. */
function leavesRemains(before: Task, after: Task): boolean {
  return before.status === "storing" && isOver(after) && after.status !== "succeeded";
}

/** When a poster is to be made: at once where it is first wanted, and behind the end of a try that begins. */
function posterAfter(env: Env, before: Task, after: Task, now: number, due: number | null): number | null {
  if (!isPosterWanted(after, env.MEDIA !== undefined)) return null;
  const { posterTries: tries, scale } = after;
  if (tries > before.posterTries) return now + limitsFor(env).frameMs + posterWait(tries, scale);
  return due ?? now;
}

/** When the pacer has to hear that the task left; a place that it asks for or takes anew is not left any more. */
function leaveAfter(env: Env, before: Task, after: Task, now: number, due: number | null): number | null {
  if (leavesPacer(before, after, countsTasks(env, after))) return now;
  const hasPlace =
    after.status === "submitting" || (after.status === "accepted" && after.queuePosition !== null);
  return hasPlace ? null : due;
}

function isDone(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
