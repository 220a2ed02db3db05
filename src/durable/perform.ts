/**
 * The steps that ask MiniMax something: submit, confirm, look, withdraw, list. Each asks its one thing on the wire
 * that the task's model speaks, and gives back what was answered as an event; what follows from it is
 * domain/advance.ts's matter, and writing it down the object's.
 */

import { mediaKey } from "../domain/ids.ts";
import { kindOfContent } from "../domain/media.ts";
import type { Task, TaskEvent } from "../domain/task.ts";
import type { CancelAnswer, QueryAnswer } from "../ports/minimax/wire.ts";
import type { Reach } from "./reach.ts";

/**
 * Posts the create of an attempt that is already written down as `submitting`: once, whatever comes back.
 * @param callbackUrl with the attempt's secret in it, or null for no callbacks.
 * @param isWanted asked last before it leaves: who was cancelled while images were opened pays nothing.
 */
export async function submit(
  reach: Reach,
  task: Task,
  attempt: number,
  callbackUrl: string | null,
  isWanted: () => boolean,
): Promise<TaskEvent> {
  const built = await reach.wire
    .buildBody(task.order, callbackUrl, async ({ sha256, contentType }) => {
      const kept = await reach.bucket.get(mediaKey(task.account, sha256, kindOfContent(contentType)));
      return kept?.body ?? null;
    })
    .catch(() => null);
  if (built === null) {
    reach.note({ event: "submit", answer: "notSent", traceId: null });
    return { type: "submitNotSent", attempt };
  }
  if ("missing" in built) {
    const isImage = built.missing !== "reference_videos" && built.missing !== "reference_audio";
    reach.note({ event: "submit", answer: isImage ? "imageGone" : "mediaGone", traceId: null });
    const code = isImage ? "image_not_found" : "media_not_found";
    return { type: "submitRefused", attempt, code, provider: null };
  }
  if (!isWanted()) {
    if (built.body instanceof ReadableStream) await built.body.cancel().catch(() => {});
    reach.note({ event: "submit", answer: "notWanted", traceId: null });
    return { type: "submitNotSent", attempt };
  }
  const answer = await reach.wire.create(reach.minimax, built.body, callbackUrl !== null);
  reach.note({ event: "submit", answer: answer.kind, ...answer });
  switch (answer.kind) {
    case "accepted":
      return { type: "submitAccepted", attempt, providerTaskId: answer.providerTaskId };
    case "refused":
      return { type: "submitRefused", attempt, code: answer.code, provider: answer.provider };
    case "deferred":
      return { type: "submitDeferred", attempt, provider: answer.provider };
    case "callbackRefused":
      return { type: "callbackRefused", attempt };
    case "notSent":
      return { type: "submitNotSent", attempt };
    case "lost":
      return { type: "submitLost", attempt, candidate: answer.candidate };
  }
}

/** A push named a provider task: it counts once MiniMax knows it under our key and no other task holds it. */
export async function confirm(reach: Reach, providerTaskId: string): Promise<TaskEvent> {
  const answer = await reach.wire.query(reach.minimax, providerTaskId);
  reach.note({ event: "confirm", answer: answer.kind, ...answer });
  if (answer.kind === "unknownTask") return { type: "candidateUnknown", providerTaskId };
  if (answer.kind === "trouble") return { type: "confirmTrouble" };
  const ours = await reach.claim(providerTaskId).catch(() => null);
  if (ours === null) return { type: "confirmTrouble" };
  if (!ours) return { type: "candidateRejected", providerTaskId };
  const providerStatus = answer.kind === "pending" ? answer.providerStatus : "Processing";
  return { type: "confirmed", providerTaskId, providerStatus };
}

export async function look(reach: Reach, providerTaskId: string): Promise<TaskEvent> {
  return heard(providerTaskId, await query(reach, providerTaskId));
}

/**
 * Looks at a task that its caller cancelled, or would cancel, and asks MiniMax to let go of it if it has not begun. The
 * cancel is written down before, so a crash anywhere in here comes back to this same step. Of what is over the same
 * request would delete the only record of what was charged, so it leaves only when a query has just said that the task
 * is queued.
 */
export async function withdraw(reach: Reach, providerTaskId: string): Promise<TaskEvent> {
  const before = await query(reach, providerTaskId);
  const { queue } = reach.wire;
  if (queue === null || before.kind !== "pending" || before.providerStatus !== "Queueing") {
    return heard(providerTaskId, before);
  }
  const answer = await queue.cancel(reach.minimax, providerTaskId);
  reach.note({ event: "cancel", answer: answer.kind, ...answer });
  return withdrawn(providerTaskId, answer);
}

function withdrawn(providerTaskId: string, answer: CancelAnswer): TaskEvent {
  switch (answer.kind) {
    case "cancelled":
      return { type: "withdrawn", providerTaskId };
    case "refused":
      // It began in this moment, and is watched like any other.
      return { type: "lookedPending", providerTaskId, providerStatus: "Processing" };
    case "deleted":
      // It was over in this moment, and this is the last that MiniMax will say of it.
      if (answer.status === "succeeded") {
        return { type: "lookedSuccess", providerTaskId, providerFileId: providerTaskId, width: 0, height: 0 };
      }
      return answer.status === "failed"
        ? {
            type: "lookedFail",
            providerTaskId,
            code: "generation_failed",
            provider: { statusCode: 0, statusMessage: "" },
          }
        : { type: "lookedExpired", providerTaskId };
    case "trouble":
      return { type: "lookTrouble" };
  }
}

/** How long before and after an attempt a task of it may have been created, by MiniMax's clock. */
const clockMarginMs = 60_000;

/**
 * Whether MiniMax lists a task that could be a lost create's: of the same model, size and length, begun about then, and
 * held by no task of ours. Others may share the key, so this proves nothing; the operator finds it named in the journal.
 */
export async function list(
  reach: Reach,
  task: Task,
  { attempt, startedAt }: { attempt: number; startedAt: number },
): Promise<TaskEvent> {
  const { model, resolution, duration } = task.order;
  const answer = await reach.wire.queue?.list(reach.minimax, model);
  if (answer?.kind !== "listed") {
    if (answer !== undefined) reach.note({ event: "list", answer: answer.kind, ...answer });
    // Not known, so patience is the safe side.
    return { type: "listed", attempt, isThere: answer !== undefined };
  }
  const until = startedAt + reach.minimax.createTimeoutMs + clockMarginMs;
  const alike = answer.tasks.filter(
    (one) =>
      one.model === model &&
      one.resolution === resolution &&
      one.duration === duration &&
      one.createdAt >= startedAt - clockMarginMs &&
      one.createdAt <= until,
  );
  const isHeld = await Promise.all(alike.map((one) => reach.isHeld(one.id).catch(() => false)));
  const free = alike.filter((_, index) => isHeld[index] !== true);
  const reason = free.map((one) => one.id).join(", ");
  const word = free.length === 0 ? "none" : "found";
  reach.note({ event: "list", answer: word, traceId: answer.traceId, ...(reason === "" ? {} : { reason }) });
  return { type: "listed", attempt, isThere: free.length > 0 };
}

async function query(reach: Reach, providerTaskId: string): Promise<QueryAnswer> {
  const answer = await reach.wire.query(reach.minimax, providerTaskId);
  const word = answer.kind === "pending" ? answer.providerStatus : answer.kind;
  reach.note({ event: "look", answer: word, ...answer });
  return answer;
}

function heard(providerTaskId: string, answer: QueryAnswer): TaskEvent {
  switch (answer.kind) {
    case "pending":
      return { type: "lookedPending", providerTaskId, providerStatus: answer.providerStatus };
    case "success": {
      const { providerFileId, width, height, usage } = answer;
      return { type: "lookedSuccess", providerTaskId, providerFileId, width, height, usage };
    }
    case "fail":
      return { type: "lookedFail", providerTaskId, code: answer.code, provider: answer.provider };
    case "cancelled":
      return { type: "withdrawn", providerTaskId };
    case "expired":
      return { type: "lookedExpired", providerTaskId };
    case "unknownTask":
    case "trouble":
      return { type: "lookTrouble" };
  }
}
