/**
 * What a task says to the pacer: that it wants a turn, what became of its create, that it has left. Each gives back
 * what happened as an event, or null where nothing did; what follows is domain/advance.ts's matter.
 */

import { wireOf } from "../domain/models.ts";
import type { Task, TaskEvent } from "../domain/task.ts";
import type { Asking } from "../domain/turns.ts";
import { type Env, readSettings } from "../env.ts";
import { pacerOf } from "./reach.ts";

/** Asks whether an attempt may go now. Null: it may. Without an answer it may not. */
export async function askForTurn(env: Env, task: Task, attempt: number): Promise<TaskEvent | null> {
  const turn = await pacerOf(env, wireOf(task.order.model))
    .ask(askingOf(task, attempt))
    .catch(() => null);
  if (turn === null) return { type: "turnUnknown" };
  if (turn.granted) return null;
  return { type: "queued", attempt, position: turn.position, until: turn.until };
}

/**
 * Tells what became of a create. Not repeated: a place that is not given back lapses, and one that was put off has a
 * wait of its own.
 * @param isWaiting whether the task wants another turn.
 */
export async function tellOutcome(
  env: Env,
  task: Task,
  attempt: number,
  outcome: TaskEvent,
  isWaiting: boolean,
): Promise<TaskEvent | null> {
  const pacer = pacerOf(env, wireOf(task.order.model));
  if (outcome.type !== "submitDeferred") {
    await pacer.answered({ taskId: task.taskId, attempt }).catch(() => {});
    return null;
  }
  const { statusCode } = outcome.provider;
  if (!isWaiting) {
    await pacer.slowDown(statusCode).catch(() => {});
    return null;
  }
  const next = attempt + 1;
  const turn = await pacer.putOff(askingOf(task, next), statusCode).catch(() => null);
  if (turn === null || turn.granted) return null;
  return { type: "queued", attempt: next, position: turn.position, until: turn.until };
}

/**
 * Tells that a task is neither in line nor at MiniMax. One that may ask once more keeps the place that it will ask for.
 * @throws Error if it was not heard.
 */
export async function tellLeft(env: Env, task: Task): Promise<void> {
  const attempt = task.status === "accepted" ? task.attempts : Number.MAX_SAFE_INTEGER;
  await pacerOf(env, wireOf(task.order.model)).leave({ taskId: task.taskId, attempt });
}

/** Whether tasks at MiniMax are counted on this one's wire. */
export function countsTasks(env: Env, { order }: Task): boolean {
  const result = readSettings(env);
  return result.ok && result.settings.minimaxPace[wireOf(order.model)].tasksInFlight !== null;
}

/** In line by when it was ordered, whenever it comes and comes back. */
function askingOf({ taskId, account, createdAt }: Task, attempt: number): Asking {
  return { taskId, account, attempt, since: createdAt };
}
