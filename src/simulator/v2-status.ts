/*
 * A task in V2's words: `VideoTask`, the same in a query, a list and a push (documented, with samples:
 * platform.minimax.io/docs/api-reference/video-generation-v2-query). The prompt is not in it.
 */
import { freshUrl } from "./downloads.ts";
import type { Phase } from "./life.ts";
import type { State, Task } from "./state.ts";
import { v2Sentence } from "./v2-answers.ts";
import type { V2Order } from "./v2-order.ts";

const words: Record<Phase, string> = {
  accepted: "queued",
  queued: "queued",
  running: "running",
  succeeded: "succeeded",
  failed: "failed",
  cancelled: "cancelled",
  expired: "expired",
};

export const v2Word = (phase: Phase) => words[phase];
export const v2Statuses: readonly string[] = [...new Set(Object.values(words))];

/** As a push and a list have it: what it says, it says without faults. */
export function videoTask(state: State, task: Task, origin: string, phase = state.phaseOf(task)) {
  const url = phase === "succeeded" ? freshUrl(state, task, origin, false) : null;
  return describe(task, phase, url);
}

/** The answer to a query, with a fresh address each time, and with the faults that are ordered. */
export function askedVideoTask(state: State, task: Task, origin: string) {
  const { faults } = state;
  const { id, order } = task;
  const phase = state.phaseOf(task);
  const pending = describe(task, phase === "succeeded" ? "running" : phase, null);
  if (faults.take("odd-status", order, id) !== undefined) return { ...pending, status: "preparing" };
  if (faults.take("empty-status", order, id) !== undefined) return { ...pending, status: "" };
  if (phase !== "succeeded") return pending;
  const url = faults.take("no-file", order, id) === undefined ? freshUrl(state, task, origin) : null;
  return describe(task, phase, url);
}

function describe(task: Task, phase: Phase, url: string | null) {
  const order = task.order as V2Order; // nobody asks about another wire's task here
  return {
    id: task.id,
    model: order.model,
    status: words[phase],
    ...(phase === "failed" && reasonOf(task)),
    created_at: seconds(task.acceptedAt),
    updated_at: seconds(changedAt(task, phase)),
    ...(url !== null && { content: { url } }),
    resolution: order.resolution,
    duration: order.duration,
    usage: phase === "succeeded" ? usageOf(order) : {},
    ratio: order.ratio,
    task_type: taskType,
    modality: "video",
  };
}

export const taskType = "generation";

/** Whether a failure can come without a reason is not documented; here `error` is absent then. */
function reasonOf({ life }: Task) {
  const code = life.ending.phase === "failed" ? life.ending.code : 0;
  return code === 0 ? {} : { error: { code: String(code), message: v2Sentence(code) } };
}

function changedAt({ acceptedAt, life }: Task, phase: Phase): number {
  if (phase === "accepted" || phase === "queued") return acceptedAt;
  return phase === "running" ? Math.min(life.startedAt, life.endsAt) : life.endsAt;
}

const seconds = (instant: number) => Math.floor(instant / 1000);

export const imagesOf = ({ firstFrame, lastFrame, references }: V2Order) =>
  [firstFrame, lastFrame, ...references].filter((media) => media?.kind === "image").length;

/** Whole seconds of reference video or sound: rounded up together, which is a guess. */
export function inputSecondsOf({ references }: V2Order, kind: "video" | "audio"): number {
  const given = references.filter((media) => media.kind === kind);
  return Math.ceil(given.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0));
}

/** The docs' sample has these fields for 5 s of 2K; what the tokens count is not said, so they grow with the seconds. */
function usageOf(order: V2Order) {
  const [input, output] = [inputSecondsOf(order, "video"), order.duration];
  const [promptTokens, completionTokens] = [13_500, 52_078 * output];
  return {
    total_seconds: input + output,
    input_seconds: input,
    output_seconds: output,
    input_image_count: imagesOf(order),
    input_audio_seconds: inputSecondsOf(order, "audio"),
    total_tokens: promptTokens + completionTokens,
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
  };
}
