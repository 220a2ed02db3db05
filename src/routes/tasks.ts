/** Finding the caller's tasks: read, waited for, removed. Unknown, malformed and somebody else's are one answer. */

import type { Context } from "hono";
import type { VideoEvent } from "../contract.ts";
import { isTaskId, pacerNames } from "../domain/ids.ts";
import { wireOf } from "../domain/models.ts";
import type { Publication } from "../domain/publication.ts";
import { acceptTask, isCancelled, isOver, type Task, type TaskIn } from "../domain/task.ts";
import { eventView, failureOf } from "../domain/view.ts";
import type { Snapshot } from "../durable/video-task.ts";
import { Refusal } from "../errors.ts";
import { requireStillActive } from "./access.ts";
import type { AppEnv } from "./app-env.ts";
import { ask } from "./objects.ts";

/**
 * Reads a task of the caller's account, holding the answer until it is over if asked to. The Worker holds it,
 * asking again when the task will have been looked at: an object that waits is an object that is billed.
 */
export async function readTask(
  c: Context<AppEnv>,
  id: string,
  waitSeconds: number,
  refuse: () => Refusal = noSuchTask,
): Promise<Snapshot> {
  const taskId = readTaskId(id);
  const end = Date.now() + waitSeconds * 1000;
  for (;;) {
    const snapshot = await ask(() => findTask(c, taskId));
    if (snapshot === null) throw refuse();
    const now = Date.now();
    if (hasEnded(snapshot.task) || now >= end) {
      return { ...snapshot, task: await withCurrentPosition(c, snapshot.task) };
    }
    const waitMs = Math.min(askAgainMs(c, snapshot, now), end - now);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    await requireStillActive(c);
  }
}

/** Over for its caller: nothing that is told of it will change. */
export function hasEnded(task: Task): boolean {
  return isOver(task) || isCancelled(task);
}

/** When there may be news of a task: when it will have been looked at, or a callback may have brought that forward. */
export function askAgainMs(c: Context<AppEnv>, { nextAt }: Snapshot, now: number): number {
  const { timeScale } = c.var.settings;
  // What is due already is under way, such as a transfer: its end is not known.
  const nextLook = nextAt === null || nextAt <= now ? 1000 * timeScale : nextAt - now + 100;
  return Math.max(Math.min(nextLook, 3000 * timeScale), 250);
}

/** A task in line knows where it stood when it asked; the pacer knows where it stands. */
async function withCurrentPosition(c: Context<AppEnv>, task: Task): Promise<Task> {
  if (task.status !== "accepted" || task.queuePosition === null) return task;
  const { queuePosition: last } = task;
  // No longer in line, and its object does not say so yet: it is about to go.
  const current = await c.env.PACER.getByName(pacerNames[wireOf(task.order.model)])
    .position(task.taskId)
    .then((position) => position ?? 1)
    .catch(() => last);
  return { ...task, queuePosition: current };
}

/** The task; or, where its object could not be reached when it was admitted, the order that is about to begin. */
async function findTask(c: Context<AppEnv>, taskId: string): Promise<Snapshot | null> {
  const { account } = c.var.caller;
  const snapshot = (await c.env.VIDEO_TASKS.getByName(taskId).read(account)) as Snapshot | null;
  if (snapshot !== null) return snapshot;
  const admission = await c.env.ACCOUNTS.getByName(account).pending(taskId);
  if (admission === null) return null;
  return { task: acceptTask(admission, c.var.settings.timeScale), revision: 0, nextAt: null };
}

/**
 * Cancels or removes a task of the caller's account; not repeated if the answer is lost: the first time may cancel,
 * and the second would delete.
 */
export async function removeTask(c: Context<AppEnv>, id: string) {
  const taskId = readTaskId(id);
  return withTask(c, taskId, (account) => c.env.VIDEO_TASKS.getByName(taskId).remove(account));
}

/**
 * Cancels a task of the caller's account that is queued, or removes one that succeeded or failed, and nothing else; not
 * repeated if the answer is lost, like the other.
 */
export async function dismissTask(c: Context<AppEnv>, id: string) {
  const taskId = readTaskId(id);
  return withTask(c, taskId, (account) => c.env.VIDEO_TASKS.getByName(taskId).dismiss(account));
}

/** Publishes a task of the caller's account; may be repeated. */
export async function publishTask(c: Context<AppEnv>, id: string, publication: Publication): Promise<Task> {
  const taskId = readTaskId(id);
  return withTask(c, taskId, async (account) => {
    const task = await ask(() => c.env.VIDEO_TASKS.getByName(taskId).publish(account, publication));
    return task as Task | null;
  });
}

/** Takes it down; may be repeated. Tells whether R2 has done it. */
export async function unpublishTask(c: Context<AppEnv>, id: string): Promise<{ isDown: boolean }> {
  const taskId = readTaskId(id);
  return withTask(c, taskId, (account) => ask(() => c.env.VIDEO_TASKS.getByName(taskId).unpublish(account)));
}

/** Asks a task's object; one that was admitted and could not be reached then is begun first. */
async function withTask<T>(
  c: Context<AppEnv>,
  taskId: string,
  question: (account: string) => Promise<T | null>,
): Promise<T> {
  const { account } = c.var.caller;
  const answer = await question(account);
  if (answer !== null) return answer;
  const admission = await c.env.ACCOUNTS.getByName(account).pending(taskId);
  if (admission === null) throw noSuchTask();
  await c.env.VIDEO_TASKS.getByName(taskId).begin(admission, 0);
  const second = await question(account);
  if (second === null) throw noSuchTask();
  return second;
}

function readTaskId(id: string): string {
  if (!isTaskId(id)) throw noSuchTask();
  return id;
}

/** Unknown, malformed and somebody else's: one answer. */
function noSuchTask(): Refusal {
  return new Refusal("not_found", { message: "There is no such task.", param: "task_id" });
}

export function noSuchFile(): Refusal {
  return new Refusal("not_found", { message: "There is no such file.", param: "file_id" });
}

/** @throws Refusal video_not_ready, or why there will be no video. */
export function requireStored(task: Task): TaskIn<"succeeded"> {
  if (task.status === "succeeded") return task;
  const failure = failureOf(task);
  if (failure === null) throw new Refusal("video_not_ready", { headers: { "retry-after": "5" } });
  throw new Refusal(failure.code === "cancelled" ? "cancelled" : "video_failed", {
    message: failure.message,
    details: { reason: failure.code },
    provider: failure.provider,
  });
}

/** What MiniMax answered about a task of the caller's account. */
export async function eventsOf(c: Context<AppEnv>, task: Task): Promise<VideoEvent[]> {
  const journal = await ask(() => c.env.VIDEO_TASKS.getByName(task.taskId).journal(task.account));
  return (journal ?? []).map(eventView);
}
