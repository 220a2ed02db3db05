/** Tasks to test with: one in each state, reached by events as in life. */

import { advance } from "../../src/domain/advance.ts";
import type { Order } from "../../src/domain/order.ts";
import type { Poster } from "../../src/domain/poster.ts";
import { type Admission, acceptTask, type Task, type TaskEvent, type TaskIn } from "../../src/domain/task.ts";

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

/** When every task of these tests was admitted. */
export const start = 1_800_000_000_000;

export const order: Order = {
  model: "MiniMax-Hailuo-2.3",
  mode: "text",
  prompt: "Ocean waves at sunset",
  duration: 6,
  resolution: "768P",
  promptOptimizer: true,
  fastPretreatment: false,
  take: 1,
  images: {},
};

/** The same of a model of the second wire. */
export const h3Order: Order = {
  ...order,
  model: "MiniMax-H3",
  duration: 5,
  promptOptimizer: false,
  v2: { ratio: "16:9", promptExpansion: null, references: [] },
};

export function admission(about: Partial<Admission> = {}): Admission {
  return {
    taskId: "task_00000000000000000000000001",
    account: "default",
    order,
    metadata: {},
    publicUrl: "https://video.example.com",
    createdAt: start,
    priceMicroUsd: 280_000,
    retentionDays: null,
    retryOf: null,
    webhookUrl: null,
    webhookForm: "standard",
    deployHookUrl: null,
    publication: null,
    requestId: null,
    ...about,
  };
}

/** What a task is after some events that all happen at one moment. */
export function follow(task: Task, events: readonly TaskEvent[], now = start): Task {
  return events.reduce((before, event) => advance(before, event, now), task);
}

/** Narrows a task to the state it must be in here. */
export function inState<S extends Task["status"]>(task: Task, status: S): TaskIn<S> {
  if (task.status !== status) throw new Error(`the task is ${task.status}, not ${status}`);
  return task as TaskIn<S>;
}

export const submitStarted = { type: "submitStarted", attempt: 1, withCallback: true } as const;
export const submitAccepted = { type: "submitAccepted", attempt: 1, providerTaskId: "P1" } as const;
export const submitLost = { type: "submitLost", attempt: 1, candidate: null } as const;
export const submitRefused = {
  type: "submitRefused",
  attempt: 1,
  code: "content_refused",
  provider: { statusCode: 1026, statusMessage: "input new_sensitive" },
} as const;
export const submitDeferred = {
  type: "submitDeferred",
  attempt: 1,
  provider: { statusCode: 1002, statusMessage: "rate limit" },
} as const;
export const lookedSuccess = {
  type: "lookedSuccess",
  providerTaskId: "P1",
  providerFileId: "F1",
  width: 1366,
  height: 768,
} as const;
export const lookedFail = {
  type: "lookedFail",
  providerTaskId: "P1",
  code: "generation_failed",
  provider: { statusCode: 0, statusMessage: "success" },
} as const;
export const stored = { type: "stored", bytes: 1234, sha256: "ab".repeat(32) } as const;
export const poster: Poster = {
  ...{ contentType: "image/png", width: 1280, height: 720, bytes: 5, sha256: "cd".repeat(32), keptAt: start },
};
export const storeTrouble = { type: "storeTrouble", gone: false, moved: false } as const;

const accepted = acceptTask(admission(), 1);

/** One task for each state. */
export const states: { [S in Task["status"]]: TaskIn<S> } = {
  accepted,
  submitting: inState(follow(accepted, [submitStarted]), "submitting"),
  unconfirmed: inState(follow(accepted, [submitStarted, submitLost]), "unconfirmed"),
  generating: inState(follow(accepted, [submitStarted, submitAccepted]), "generating"),
  storing: inState(follow(accepted, [submitStarted, submitAccepted, lookedSuccess]), "storing"),
  succeeded: inState(follow(accepted, [submitStarted, submitAccepted, lookedSuccess, stored]), "succeeded"),
  failed: inState(follow(accepted, [submitStarted, submitRefused]), "failed"),
  cancelled: inState(follow(accepted, [{ type: "cancelled" }]), "cancelled"),
};
