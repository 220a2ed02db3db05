/**
 * One VideoTask for interleavings: what durable/video-task.ts keeps of it, without storage, alarm and MiniMax; and what
 * is true of it, for those who judge what its Account believes.
 */

import { advance } from "../../src/domain/advance.ts";
import { amountOf, type MoneyState, moneyOf } from "../../src/domain/money.ts";
import {
  type Admission,
  acceptTask,
  isCancelled,
  isOver,
  nextStep,
  type Task,
  type TaskEvent,
} from "../../src/domain/task.ts";
import type { AdmissionRequest } from "../../src/durable/admissions.ts";

export type Fate = Readonly<{
  create: "accepted" | "refused" | "lost" | "crash" | "deferred";
  look: "pending" | "success" | "fail" | "trouble" | "expired" | "withdrawn";
  /** The seconds that MiniMax counts of a finished video, where its wire tells them. */
  seconds: number;
}>;

export class Film {
  task: Task | null = null;
  /** As it last was, for what is asked about it after it was removed. */
  last: Task | null = null;
  revision = 0;
  isReportDue = false;
  isRemoving = false;
  isRemoved = false;
  /** From when on the same order without a key is a new one; null while it is not. */
  freeFrom: number | null = null;
  /** It once failed with nothing charged: then its Idempotency-Key may be used again. */
  wasReleased = false;
  /** Nothing was charged for it at some time, failed or cancelled: another retry of what it retried is another. */
  wasFree = false;
  /**
   * The operator said that nothing was charged, and MiniMax's late word says otherwise, or MiniMax counted more than
   * was reserved: no cap foresees that.
   */
  isBeyondCaps = false;
  removedAt: number | null = null;
  /** What the operator made of its money after it was removed. */
  resolved: MoneyState | null = null;
  readonly request: AdmissionRequest;

  constructor(request: AdmissionRequest) {
    this.request = request;
  }

  begin(admission: Admission): void {
    if (this.task !== null || this.isRemoved) return;
    this.#write(acceptTask(admission, 1));
  }

  apply(event: TaskEvent): void {
    const before = this.task;
    if (before === null) return;
    const after = advance(before, event, Date.now());
    if (after === before) return;
    const isNews =
      isCancelled(before) !== isCancelled(after) ||
      moneyOf(before) !== moneyOf(after) ||
      (before.status !== after.status && (after.status === "generating" || isOver(after)));
    if (isNews) this.isReportDue = true;
    if (moneyOf(before) === "released" && moneyOf(after) !== "released") this.isBeyondCaps = true;
    if ((amountOf(after) ?? 0) > (amountOf(before) ?? 0)) this.isBeyondCaps = true;
    this.#write(after);
  }

  money(): MoneyState {
    return this.resolved ?? (this.last === null ? "reserved" : moneyOf(this.last));
  }

  #write(task: Task): void {
    this.task = task;
    this.last = task;
    this.revision += 1;
    const isFree =
      isCancelled(task) || (task.status === "failed" && task.money === "released") ? Date.now() : null;
    const isOld =
      task.status === "succeeded" || (task.status === "failed" && task.money === "settled")
        ? Date.now() + 60_000
        : null;
    this.freeFrom ??= isFree ?? isOld;
    if (task.status === "failed" && task.money === "released") this.wasReleased = true;
    if (moneyOf(task) === "released") this.wasFree = true;
  }
}

let providerTasks = 0;

/** The name of a provider task that no other has. */
export function newProviderTask(): string {
  providerTasks += 1;
  return `P${providerTasks}`;
}

/**
 * One step of a task, as its alarm would take it.
 * @param claim asks the Account for a provider task that was named.
 */
export async function takeStep(
  film: Film,
  fate: Fate,
  claim: (providerTaskId: string, taskId: string) => Promise<boolean>,
): Promise<void> {
  const { task } = film;
  if (task === null) return;
  const step = nextStep(task, Date.now());
  switch (step.do) {
    case "submit": {
      const { attempt, withCallback } = step;
      film.apply({ type: "submitStarted", attempt, withCallback });
      const provider = { statusCode: 1002, statusMessage: "no" };
      if (fate.create === "lost") film.apply({ type: "submitLost", attempt, candidate: null });
      if (fate.create === "deferred") film.apply({ type: "submitDeferred", attempt, provider });
      if (fate.create === "refused")
        film.apply({ type: "submitRefused", attempt, code: "content_refused", provider });
      if (fate.create === "accepted")
        film.apply({ type: "submitAccepted", attempt, providerTaskId: newProviderTask() });
      return;
    }
    case "presumeLost":
      if (task.status === "submitting")
        film.apply({ type: "submitLost", attempt: task.attempt, candidate: null });
      return;
    case "confirm": {
      const { providerTaskId } = step;
      if (fate.look === "trouble") return film.apply({ type: "confirmTrouble" });
      const isOurs = await claim(providerTaskId, task.taskId);
      film.apply(
        isOurs
          ? { type: "confirmed", providerTaskId, providerStatus: "Processing" }
          : { type: "candidateRejected", providerTaskId },
      );
      return;
    }
    case "list":
      film.apply({ type: "listed", attempt: step.attempt, isThere: fate.look === "success" });
      return;
    case "withdraw":
    case "look":
      return look(film, step.providerTaskId, fate);
    case "store":
      film.apply(
        fate.look === "trouble"
          ? { type: "storeTrouble", gone: false, moved: false }
          : { type: "stored", bytes: 1, sha256: "ab" },
      );
      return;
    case "giveUp":
      film.apply({ type: "gaveUp" });
      return;
    case "sleep":
    case "rest":
      return;
  }
}

/** What MiniMax tells of a provider task that was asked about. */
function look(film: Film, providerTaskId: string, fate: Fate): void {
  const provider = { statusCode: 1027, statusMessage: "no" };
  const usage = { outputSeconds: fate.seconds, inputSeconds: 0, images: 0 };
  if (fate.look === "success") {
    const file = { providerFileId: "F", width: 1, height: 1 };
    film.apply({ type: "lookedSuccess", providerTaskId, ...file, usage });
  }
  if (fate.look === "fail")
    film.apply({ type: "lookedFail", providerTaskId, code: "generation_failed", provider });
  if (fate.look === "expired") film.apply({ type: "lookedExpired", providerTaskId });
  // Somebody else may have cancelled it, too.
  if (fate.look === "withdrawn") film.apply({ type: "withdrawn", providerTaskId });
  if (fate.look === "pending")
    film.apply({ type: "lookedPending", providerTaskId, providerStatus: "Queueing" });
  if (fate.look === "trouble") film.apply({ type: "lookTrouble" });
}
