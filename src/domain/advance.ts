/**
 * What follows from what happened: every transition of a task, as one pure function.
 * Two rules carry the promise to pay once: a create is only ever posted after `submitting` was written down; and
 * the way back from `submitting` to `accepted` takes an event that proves MiniMax did not take the last attempt.
 */

import type { OutcomeCode, ProviderAnswer } from "../errors.ts";
import {
  askLater,
  candidatesOf,
  dropCandidate,
  hearName,
  isUnknownForGood,
  operatorsName,
  orphanOf,
  withCandidate,
  withEvidence,
} from "./evidence.ts";
import { isSamePublication } from "./publication.ts";
import { askTurnWait, nextLookAt, times, transferWait, troubleWait, turnWait } from "./schedule.ts";
import {
  type Attempt,
  type Common,
  countedBy,
  hasQueue,
  isCancelled,
  lookEnd,
  type Money,
  nextStep,
  type Orphan,
  type ProviderStatus,
  type Task,
  type TaskEvent,
  type TaskIn,
} from "./task.ts";

/** Fewest answers in a row that make a file gone: after a long wait between tries, time alone would be one answer. */
const goneAnswers = 5;

/**
 * What the task is after an event. An event that does not fit the state it meets (late, repeated, of an
 * earlier attempt) changes nothing: the same object comes back.
 */
export function advance(task: Task, event: TaskEvent, now: number): Task {
  switch (event.type) {
    case "queued":
      if (task.status !== "accepted" || event.attempt !== task.attempts + 1) return task;
      return {
        ...task,
        queuePosition: event.position,
        submitAt: Math.min(event.until, task.createdAt + times.turnBound * task.scale),
      };
    case "called":
      if (task.status !== "accepted" || task.queuePosition === null || task.submitAt <= now) return task;
      return { ...task, submitAt: now };
    case "turnUnknown":
      if (task.status !== "accepted") return task;
      return { ...task, submitAt: now + askTurnWait(now - task.createdAt, task.scale) };
    case "submitStarted":
      if (task.status !== "accepted" || event.attempt !== task.attempts + 1) return task;
      return enter(task, {
        status: "submitting",
        attempt: event.attempt,
        startedAt: now,
        withCallback: event.withCallback,
        challenged: false,
        candidates: [],
        cancelledAt: null,
      });
    case "submitAccepted":
      if (!isAttempt(task, event.attempt)) return task;
      return generate(task, event.providerTaskId, "Preparing", now);
    case "submitRefused":
      if (!isSubmitting(task, event.attempt)) return task;
      if (task.cancelledAt !== null) return cancel(task, "released", null, now);
      return fail(task, event.code, event.provider, "released", now);
    case "submitDeferred":
      if (!isSubmitting(task, event.attempt)) return task;
      return again(task, now, {
        wait: turnWait(event.provider.statusCode, task.attempt, task.scale),
        withCallback: task.withCallback,
        deferredBy: event.provider,
      });
    case "callbackRefused":
      if (!isSubmitting(task, event.attempt) || !task.withCallback) return task;
      return again(task, now, { wait: 0, withCallback: false, deferredBy: null });
    case "submitNotSent":
      if (!isSubmitting(task, event.attempt)) return task;
      return again(task, now, {
        wait: troubleWait(task.attempt, task.scale),
        withCallback: task.withCallback,
        deferredBy: null,
      });
    case "submitLost":
      if (!isSubmitting(task, event.attempt)) return task;
      return enter(task, {
        ...attemptOf(task),
        candidates: withCandidate(task.candidates, event.candidate),
        status: "unconfirmed",
        failures: 0,
        confirmAt: now,
      });
    case "challenged":
      if (!isAttempt(task, event.attempt) || task.challenged) return task;
      return { ...task, challenged: true };
    case "pushed":
      return hearPush(task, event, now);
    case "named":
      return hearName(task, event.providerTaskId, now, operatorsName);
    case "confirmed":
      if (!candidatesOf(task).includes(event.providerTaskId)) return task;
      if (task.status === "unconfirmed") {
        return generate(task, event.providerTaskId, event.providerStatus, now);
      }
      return revive(task, event.providerTaskId, event.providerStatus, now);
    case "candidateRejected":
      if (!candidatesOf(task).includes(event.providerTaskId)) return task;
      return dropCandidate(task, event.providerTaskId, now);
    case "candidateUnknown":
      if (!candidatesOf(task).includes(event.providerTaskId)) return task;
      if (!isUnknownForGood(task, now)) return askLater(task, now);
      return dropCandidate(task, event.providerTaskId, now);
    case "confirmTrouble":
      return askLater(task, now);
    case "lookedPending":
      if (!isGenerating(task, event.providerTaskId)) return task;
      if (now >= lookEnd(task.submittedAt, task.scale)) return timeOut(task, now);
      return {
        ...task,
        providerStatus: event.providerStatus,
        failures: 0,
        // Cancelled while a look was under way: what is still in MiniMax's queue can be had back.
        lookAt:
          task.cancelledAt !== null && event.providerStatus === "Queueing" && hasQueue(task)
            ? now
            : nextLookAt({ ...task, now }),
      };
    case "lookedSuccess":
      if (!isGenerating(task, event.providerTaskId)) return task;
      if (task.cancelledAt !== null) {
        return { ...cancel(task, "settled", task.providerTaskId, now), ...countedBy(task, event.usage) };
      }
      return enter(
        { ...task, ...countedBy(task, event.usage) },
        {
          status: "storing",
          providerTaskId: task.providerTaskId,
          submittedAt: task.submittedAt,
          providerFileId: event.providerFileId,
          width: event.width,
          height: event.height,
          startedAt: now,
          storeAt: now,
          failures: 0,
          gone: null,
        },
      );
    case "lookedFail":
      if (!isGenerating(task, event.providerTaskId)) return task;
      if (task.cancelledAt !== null) return cancel(task, "released", task.providerTaskId, now);
      return fail(task, event.code, event.provider, "released", now);
    case "lookedExpired":
      if (!isGenerating(task, event.providerTaskId)) return task;
      if (task.cancelledAt !== null) return cancel(task, "held", task.providerTaskId, now);
      return fail(task, "generation_expired", null, "held", now);
    case "withdrawn":
      if (!isGenerating(task, event.providerTaskId)) return task;
      if (task.cancelledAt !== null) return cancel(task, "released", task.providerTaskId, now);
      return fail(task, "provider_cancelled", null, "released", now);
    case "listed":
      if (task.status !== "unconfirmed" || task.attempt !== event.attempt || task.isListed) return task;
      // Others may share MiniMax's key, so what it lists is nobody's yet: it makes waiting worthwhile, no more.
      return { ...task, isListed: true, challenged: task.challenged || event.isThere };
    case "lookTrouble": {
      if (task.status !== "generating") return task;
      if (now >= lookEnd(task.submittedAt, task.scale)) return timeOut(task, now);
      return { ...task, failures: task.failures + 1, lookAt: now + troubleWait(task.failures, task.scale) };
    }
    case "stored":
      if (task.status !== "storing") return task;
      return enter(task, {
        status: "succeeded",
        providerTaskId: task.providerTaskId,
        submittedAt: task.submittedAt,
        providerFileId: task.providerFileId,
        width: task.width || (event.width ?? 0),
        height: task.height || (event.height ?? 0),
        bytes: event.bytes,
        sha256: event.sha256,
        endedAt: now,
      });
    case "storeTrouble":
      return task.status === "storing" ? hearStoreTrouble(task, event, now) : task;
    case "gaveUp":
      if (nextStep(task, now).do !== "giveUp") return task;
      if (task.status === "accepted") {
        return fail(
          task,
          task.deferredBy === null && task.queuePosition === null ? "not_sent" : "provider_busy",
          task.deferredBy,
          "released",
          now,
        );
      }
      // Named after the end, and asked about in vain: it is as it was before.
      if (task.status === "failed" || task.status === "cancelled") {
        return withEvidence(task, { candidates: [] });
      }
      if (task.status !== "unconfirmed") return task;
      if (task.cancelledAt !== null) return cancel(task, "held", null, now);
      return fail(task, "outcome_unknown", null, "held", now);
    case "cancelled":
      return hearCancel(task, now);
    case "moneyResolved":
      if ((task.status !== "failed" && task.status !== "cancelled") || task.money !== "held") return task;
      return { ...task, money: event.money };
    case "published":
      if (isCancelled(task) || isSamePublication(task.publication, event.publication)) return task;
      return { ...task, publication: event.publication };
    case "unpublished":
      // Published again, it may try anew to get a poster.
      return task.publication === null ? task : { ...task, publication: null, posterTries: 0 };
    case "posterTried":
      if (task.publication === null || task.poster !== null) return task;
      return { ...task, posterTries: task.posterTries + 1 };
    case "posterKept":
      if (task.publication === null || isCancelled(task) || task.status === "failed") return task;
      return task.poster === null ? { ...task, poster: event.poster } : task;
  }
}

/** A push only ever pulls the next look forward, or names a candidate for an attempt whose answer is not known. */
function hearPush(task: Task, event: Extract<TaskEvent, { type: "pushed" }>, now: number): Task {
  if (task.status === "generating" && task.providerTaskId === event.providerTaskId) {
    const lookAt = now + times.afterPush * task.scale;
    return lookAt < task.lookAt ? { ...task, lookAt } : task;
  }
  const isHeard = isAttempt(task, event.attempt) || orphanOf(task)?.attempt === event.attempt;
  return isHeard ? hearName(task, event.providerTaskId, now) : task;
}

/**
 * A transfer that gets further each time is as good as one that works, so its waits begin anew. A file counts as
 * gone only when that was the answer every time for a while: MiniMax's stores may learn of a new file late.
 */
function hearStoreTrouble(
  task: TaskIn<"storing">,
  event: Extract<TaskEvent, { type: "storeTrouble" }>,
  now: number,
): Task {
  const gone = event.gone ? { since: task.gone?.since ?? now, times: (task.gone?.times ?? 0) + 1 } : null;
  if (gone !== null && gone.times >= goneAnswers && now >= gone.since + times.goneBound * task.scale) {
    return fail(task, "file_gone", null, "settled", now);
  }
  if (now >= task.startedAt + times.storeBound * task.scale) {
    return fail(task, "file_unavailable", null, "settled", now);
  }
  const before = event.moved ? 0 : task.failures;
  return { ...task, gone, failures: before + 1, storeAt: now + transferWait(before, task.scale) };
}

function hearCancel(task: Task, now: number): Task {
  switch (task.status) {
    case "accepted":
      return cancel(task, "released", null, now);
    case "submitting":
    case "unconfirmed":
      return task.cancelledAt === null ? { ...task, cancelledAt: now } : task;
    case "generating":
      if (task.cancelledAt !== null) return task;
      return { ...task, cancelledAt: now, lookAt: hasQueue(task) ? now : task.lookAt };
    case "storing":
      return cancel(task, "settled", task.providerTaskId, now);
    case "succeeded":
    case "failed":
    case "cancelled":
      return task;
  }
}

function isSubmitting(task: Task, attempt: number): task is TaskIn<"submitting"> {
  return task.status === "submitting" && task.attempt === attempt;
}

function isAttempt(task: Task, attempt: number): task is TaskIn<"submitting" | "unconfirmed"> {
  return (task.status === "submitting" || task.status === "unconfirmed") && task.attempt === attempt;
}

function isGenerating(task: Task, providerTaskId: string): task is TaskIn<"generating"> {
  return task.status === "generating" && task.providerTaskId === providerTaskId;
}

/** Back in line after proof; one who was cancelled meanwhile leaves it, with nothing spent. */
function again(
  task: TaskIn<"submitting">,
  now: number,
  next: { wait: number; withCallback: boolean; deferredBy: ProviderAnswer | null },
): Task {
  if (task.cancelledAt !== null) return cancel(task, "released", null, now);
  const { wait, withCallback, deferredBy } = next;
  return enter(task, {
    status: "accepted",
    attempts: task.attempt,
    submitAt: now + wait,
    withCallback,
    deferredBy,
    queuePosition: null,
  });
}

function generate(
  task: TaskIn<"submitting" | "unconfirmed">,
  providerTaskId: string,
  providerStatus: ProviderStatus,
  now: number,
): Task {
  const submittedAt = task.startedAt;
  return enter(task, {
    status: "generating",
    providerTaskId,
    submittedAt,
    providerStatus,
    lookAt:
      task.cancelledAt !== null && hasQueue(task)
        ? now
        : nextLookAt({ submittedAt, expectedMs: task.expectedMs, now, scale: task.scale }),
    failures: 0,
    cancelledAt: task.cancelledAt,
  });
}

/** MiniMax has it after all: an ended task lives again, and is watched as if it had just been taken. */
function revive(task: Task, providerTaskId: string, providerStatus: ProviderStatus, now: number): Task {
  if (task.status !== "failed" && task.status !== "cancelled") return task;
  return enter(task, {
    status: "generating",
    providerTaskId,
    submittedAt: now,
    providerStatus,
    lookAt: now,
    failures: 0,
    cancelledAt: task.status === "cancelled" ? task.endedAt : null,
  });
}

function timeOut(task: TaskIn<"generating">, now: number): Task {
  if (task.cancelledAt !== null) return cancel(task, "held", task.providerTaskId, now);
  return fail(task, "generation_timeout", null, "held", now);
}

function fail(
  task: Task,
  code: OutcomeCode,
  provider: ProviderAnswer | null,
  money: Money,
  endedAt: number,
): Task {
  return enter(task, {
    status: "failed",
    code,
    provider,
    money,
    providerTaskId: providerTaskIdOf(task),
    endedAt,
    orphan: money === "held" ? orphaned(task, endedAt) : null,
  });
}

function cancel(task: Task, money: Money, providerTaskId: string | null, endedAt: number): Task {
  const orphan = money === "held" ? orphaned(task, endedAt) : null;
  return enter(task, { status: "cancelled", money, providerTaskId, endedAt, orphan });
}

function orphaned(task: Task, now: number): Orphan {
  const attempt = task.status === "unconfirmed" ? task.attempt : null;
  return { attempt, candidates: [], namedAt: now, failures: 0, confirmAt: now };
}

function providerTaskIdOf(task: Task): string | null {
  return "providerTaskId" in task ? task.providerTaskId : null;
}

function attemptOf(task: TaskIn<"submitting">): Attempt {
  const { attempt, startedAt, withCallback, challenged, candidates, cancelledAt } = task;
  return { attempt, startedAt, withCallback, challenged, candidates, cancelledAt };
}

type Own<T> = T extends Task ? Omit<T, keyof Common> : never;

/** What is true of every task; the compiler sees to it that none is forgotten. */
const commonFields: Record<keyof Common, true> = {
  taskId: true,
  fileId: true,
  account: true,
  order: true,
  metadata: true,
  publicUrl: true,
  createdAt: true,
  priceMicroUsd: true,
  retentionDays: true,
  retryOf: true,
  requestId: true,
  webhookUrl: true,
  webhookForm: true,
  deployHookUrl: true,
  publication: true,
  expectedMs: true,
  scale: true,
  chargedMicroUsd: true,
  usage: true,
  poster: true,
  posterTries: true,
};

/** Moves to another state: what is true of every task is kept, what was true of the old state only is dropped. */
function enter(task: Task, arm: Own<Task>): Task {
  const common = Object.fromEntries(
    Object.entries(task).filter(([field]) => Object.hasOwn(commonFields, field)),
  );
  return { ...(common as Common), ...arm };
}
