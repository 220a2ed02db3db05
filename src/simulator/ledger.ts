/*
 * What MiniMax would have on its books: creates seen, videos accepted, money billed. It is how a test knows that
 * one order was paid once. Billed is what was accepted and did not fail: failed videos are not charged
 * (documented), nor are those that were cancelled in V2's queue (documented) or expired (assumed). A video is on
 * the books from acceptance on, deleted or not, and comes off them when it fails.
 */
import { fileOf } from "./clips.ts";
import { lengthOf, sha256Of } from "./files.ts";
import type { Phase } from "./life.ts";
import type { Wire } from "./scenario.ts";
import type { State, Task } from "./state.ts";
import type { V1Order } from "./v1-order.ts";
import { v1Word } from "./v1-status.ts";
import type { V2Order } from "./v2-order.ts";
import { imagesOf, inputSecondsOf, v2Word } from "./v2-status.ts";

/** The books, or the part of them whose prompt contains some words. */
export function ledger(state: State, words = "") {
  const posts = state.posts.filter(({ prompt }) => prompt.includes(words));
  const entries = [...state.tasks.values()]
    .filter(({ order }) => order.prompt.includes(words))
    .map((task) => entry(state, task));
  const billed = entries.filter((task) => task.billed);
  return {
    creates: posts.length,
    accepted: entries.length,
    billed: billed.length,
    billed_micro_usd: billed.reduce((sum, task) => sum + (task.micro_usd ?? 0), 0),
    tasks: entries,
    refused: posts.flatMap(({ refusedWith, model, prompt }) =>
      refusedWith === null ? [] : [{ code: refusedWith, model, prompt }],
    ),
  };
}

const unbilled: readonly Phase[] = ["failed", "cancelled", "expired"];
const words: Record<Wire, (phase: Phase) => string> = { v1: v1Word, v2: v2Word };

function entry(state: State, task: Task) {
  const { order } = task;
  const phase = state.phaseOf(task);
  const isBilled = !unbilled.includes(phase);
  const file = phase === "succeeded" ? measure(task) : null;
  return {
    task_id: task.id,
    wire: order.wire,
    model: order.model,
    mode: order.mode,
    prompt: order.prompt,
    duration: order.duration,
    resolution: order.resolution,
    ...(order.wire === "v1" ? aboutV1(order) : aboutV2(order)),
    state: words[order.wire](phase),
    deleted: task.isDeleted,
    billed: isBilled,
    micro_usd: isBilled ? task.microUsd : 0,
    file_id: file ? task.fileId : null,
    sha256: file?.sha256 ?? null,
    bytes: file?.bytes ?? null,
    downloads: task.downloads,
    bytes_served: task.bytesServed,
    ranges: task.ranges,
    queries: task.queries,
    retrieves: task.retrieves,
    callbacks_sent: task.callbacksSent,
    callback_url: order.callbackUrl,
    created_at: Math.floor(task.acceptedAt / 1000),
  };
}

function aboutV1(order: V1Order) {
  const hashOf = (image: V1Order["firstFrame"]) => (image?.kind === "inline" ? image.sha256 : null);
  return {
    prompt_optimizer: order.promptOptimizer,
    fast_pretreatment: order.fastPretreatment,
    first_frame_sha256: hashOf(order.firstFrame),
    last_frame_sha256: hashOf(order.lastFrame),
    subject_sha256: hashOf(order.subject),
  };
}

function aboutV2(order: V2Order) {
  return {
    ratio: order.ratio,
    prompt_expansion_mode: order.promptExpansionMode,
    images: imagesOf(order),
    input_seconds: inputSecondsOf(order, "video"),
    first_frame_sha256: order.firstFrame?.sha256 ?? null,
    last_frame_sha256: order.lastFrame?.sha256 ?? null,
    reference_sha256s: order.references.map(({ sha256 }) => sha256),
  };
}

const measured = new WeakMap<Task, { sha256: string; bytes: number }>();

/** Hash and length of the task's file, worked out once: a benchmark asks for thousands. */
function measure(task: Task): { sha256: string; bytes: number } {
  const known = measured.get(task);
  if (known) return known;
  const file = fileOf(task);
  const fresh = { sha256: sha256Of(file), bytes: lengthOf(file) };
  measured.set(task, fresh);
  return fresh;
}
