/**
 * The steps that ask MiniMax something: submit, confirm, look. Each asks its one thing and gives back what was
 * answered as an event; what follows from it is domain/advance.ts's matter, and writing it down the object's.
 */

import { imageKey } from "../domain/ids.ts";
import type { Task, TaskEvent } from "../domain/task.ts";
import { createVideo, queryVideo } from "../ports/minimax/v1.ts";
import { buildBody } from "../ports/minimax/v1-body.ts";
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
  const built = await buildBody(task.order, callbackUrl, async (sha256) => {
    const image = await reach.bucket.get(imageKey(task.account, sha256));
    return image?.body ?? null;
  }).catch(() => null);
  if (built === null) {
    reach.note({ event: "submit", answer: "notSent", traceId: null });
    return { type: "submitNotSent", attempt };
  }
  if ("missing" in built) {
    reach.note({ event: "submit", answer: "imageGone", traceId: null });
    return { type: "submitRefused", attempt, code: "image_not_found", provider: null };
  }
  if (!isWanted()) {
    if (built.body instanceof ReadableStream) await built.body.cancel().catch(() => {});
    reach.note({ event: "submit", answer: "notWanted", traceId: null });
    return { type: "submitNotSent", attempt };
  }
  const answer = await createVideo(reach.minimax, built.body, callbackUrl !== null);
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
  const answer = await queryVideo(reach.minimax, providerTaskId);
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
  const answer = await queryVideo(reach.minimax, providerTaskId);
  const word = answer.kind === "pending" ? answer.providerStatus : answer.kind;
  reach.note({ event: "look", answer: word, ...answer });
  switch (answer.kind) {
    case "pending":
      return { type: "lookedPending", providerTaskId, providerStatus: answer.providerStatus };
    case "success": {
      const { providerFileId, width, height } = answer;
      return { type: "lookedSuccess", providerTaskId, providerFileId, width, height };
    }
    case "fail":
      return { type: "lookedFail", providerTaskId, code: answer.code, provider: answer.provider };
    case "unknownTask":
    case "trouble":
      return { type: "lookTrouble" };
  }
}
