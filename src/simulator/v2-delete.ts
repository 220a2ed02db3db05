/*
 * DELETE /v2/video_generation/{task_id}: what is queued is cancelled, what has ended is deleted, and what runs or
 * was cancelled is left alone (documented; China's page adds that `expired` is deleted). Not documented, so ours:
 * the sentence of a refusal, that `status` is the task's own afterwards, or its last one, and that the file of
 * what is deleted is gone at once.
 */
import { garbage, json, proxyError } from "./answers.ts";
import { pushNow } from "./callbacks.ts";
import { ConnectionLost, hang } from "./connection.ts";
import { cancelLife, isOver } from "./life.ts";
import { lose } from "./looks.ts";
import type { State, Task } from "./state.ts";
import { refuseV2 } from "./v2-answers.ts";
import { v2Create } from "./v2-create.ts";
import { v2Word } from "./v2-status.ts";

export function deleteTask(state: State, task: Task): Response | Promise<Response> {
  const lost = lose(state, task, "delete", refuseV2);
  if (lost) return lost;
  const phase = state.phaseOf(task);
  if (phase === "running" || phase === "cancelled") {
    return refuseV2(2013, `a task that is ${phase} cannot be cancelled or deleted`);
  }
  const action = isOver(phase) ? "deleted" : "cancelled";
  if (action === "cancelled") {
    task.life = cancelLife(task.life, state.now());
    pushNow(state, task, "cancelled", v2Create.voice);
  } else {
    task.isDeleted = true;
    task.isFileDeleted = true;
  }
  const status = v2Word(state.phaseOf(task));
  return loseDone(state, task) ?? json({ task_id: task.id, action, status });
}

/** It is done, and the answer does not say so. */
function loseDone({ faults }: State, { id, order }: Task): Response | Promise<Response> | undefined {
  const loss = faults.take("delete-then", order, id);
  if (loss === "drop") throw new ConnectionLost();
  if (loss === "hang") return hang();
  if (loss === "garbage") return garbage();
  return loss === undefined ? undefined : proxyError(Number(loss));
}
