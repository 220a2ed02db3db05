/*
 * A task in V1's words: the answer to a query and the body of a push. The words and their spelling are documented
 * (platform.minimax.io/docs/api-reference/video-generation-query); in pushes they are in lower case.
 */
import { baseResp } from "./codes.ts";
import type { Phase } from "./life.ts";
import type { State, Task } from "./state.ts";

// V1 tasks are neither cancelled nor do they expire: no scenario makes them.
const words: Record<Phase, string> = {
  accepted: "Preparing",
  queued: "Queueing",
  running: "Processing",
  succeeded: "Success",
  failed: "Fail",
  cancelled: "Fail",
  expired: "Fail",
};

export const v1Word = (phase: Phase) => words[phase];

/** Pending answers carry the fields of a result, empty and zero: observed by third parties, 2026-08-04. */
export function v1Status(state: State, task: Task): Record<string, unknown> {
  const { faults } = state;
  const { id, order, clip } = task;
  const phase = state.phaseOf(task);
  const pending = {
    task_id: id,
    status: words[phase],
    file_id: "",
    video_width: 0,
    video_height: 0,
    base_resp: baseResp(codeOf(task, phase)),
  };
  if (faults.take("odd-status", order, id) !== undefined) return { ...pending, status: "Pending" };
  if (faults.take("empty-status", order, id) !== undefined) return { ...pending, status: "" };
  if (phase !== "succeeded") return pending;
  const finished = { ...pending, video_width: clip.width, video_height: clip.height };
  if (faults.take("no-file", order, id) !== undefined) return finished;
  return { ...finished, file_id: task.fileId };
}

/** The sample in the docs has these fields and no sizes. */
export function v1PushBody(_state: State, task: Task, phase: Phase, named: string) {
  return {
    task_id: named,
    status: phase === "running" ? "processing" : phase === "succeeded" ? "success" : "failed",
    file_id: phase === "succeeded" ? task.fileId : "",
    base_resp: baseResp(codeOf(task, phase)),
  };
}

/** A failure has no field of its own: `base_resp` is its only reason, and may be 0 (inferred). */
function codeOf({ life }: Task, phase: Phase): number {
  return phase === "failed" && life.ending.phase === "failed" ? life.ending.code : 0;
}
