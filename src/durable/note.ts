/** The log line of a step: what MiniMax, or a download's host, answered. */

import type { Task } from "../domain/task.ts";
import type { ProviderAnswer } from "../errors.ts";

/** One line of log, with the trace id that MiniMax's support asks for. */
export function note(
  event: string,
  task: Task,
  answer: { kind: string; traceId: string | null; reason?: string; provider?: ProviderAnswer },
): void {
  const { kind, traceId, reason, provider } = answer;
  console.log(
    JSON.stringify({ event, task: task.taskId, answer: kind, trace_id: traceId, reason, provider }),
  );
}
