/**
 * A task in the words of MiniMax's V2: what its query, its list and its callbacks tell of it
 * (platform.minimax.io/docs/api-reference/video-generation-v2-query). `queued` has a meaning of its own there: what
 * is queued can be cancelled and then costs nothing, so nothing else is called so here.
 */

import { hasQueue, isCancelled, type Task } from "./task.ts";
import { failureOf, type LinkView } from "./view.ts";

export const miniMaxV2Statuses = ["queued", "running", "succeeded", "failed", "cancelled"] as const;
export type MiniMaxV2Status = (typeof miniMaxV2Statuses)[number];

export function miniMaxV2Status(task: Task): MiniMaxV2Status {
  if (isCancelled(task)) return "cancelled";
  switch (task.status) {
    case "accepted":
    case "submitting":
      return "queued";
    case "unconfirmed":
    case "storing":
      return "running";
    case "generating":
      return task.providerStatus !== "Processing" && hasQueue(task) ? "queued" : "running";
    case "succeeded":
      return "succeeded";
    case "failed":
      return task.code === "provider_cancelled" ? "cancelled" : "failed";
    case "cancelled":
      return "cancelled";
  }
}

/**
 * A task as an account's index knows it. That hears of a task when MiniMax has it and when it is over, and of nothing
 * between: what MiniMax has counts as running.
 */
export function asMiniMaxV2Lists(task: Task): Task {
  return task.status === "generating" ? { ...task, providerStatus: "Processing" } : task;
}

/** @param link to the stored video; null where there is none, or nobody told where this deployment is. Unix seconds. */
export function miniMaxV2Task(task: Task, link: LinkView | null) {
  const { order } = task;
  const status = miniMaxV2Status(task);
  const failure = status === "failed" ? failureOf(task) : null;
  return {
    id: task.taskId,
    model: order.model,
    status,
    ...(failure === null
      ? {}
      : { error: { code: String(failure.base.status_code), message: failure.message } }),
    created_at: seconds(task.createdAt),
    updated_at: seconds(changedAt(task)),
    ...(status === "succeeded" && link !== null ? { content: { url: link.url } } : {}),
    resolution: order.resolution,
    duration: order.duration,
    usage: status === "succeeded" ? usageOf(task) : {},
    ...(order.v2 === undefined ? {} : { ratio: order.v2.ratio }),
    task_type: miniMaxV2TaskType,
    modality: "video" as const,
  };
}

/** MiniMax has `regeneration` beside it, which filmgate has not. */
export const miniMaxV2TaskType = "generation" as const;

/** What MiniMax counted of a video of its second wire; it tells nothing of those of the first. */
function usageOf({ usage }: Task) {
  if (usage === undefined) return {};
  const { outputSeconds, inputSeconds, images } = usage;
  return {
    total_seconds: inputSeconds + outputSeconds,
    input_seconds: inputSeconds,
    output_seconds: outputSeconds,
    input_image_count: images,
  };
}

function changedAt(task: Task): number {
  if ("cancelledAt" in task && task.cancelledAt !== null) return task.cancelledAt;
  switch (task.status) {
    case "accepted":
      return task.createdAt;
    case "submitting":
    case "unconfirmed":
    case "storing":
      return task.startedAt;
    case "generating":
      return task.submittedAt;
    case "succeeded":
    case "failed":
    case "cancelled":
      return task.endedAt;
  }
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
