/*
 * What MiniMax would have on its books: creates seen, videos accepted, money billed. It is how a test knows that
 * one order was paid once. Billed is what was accepted and did not fail: failed videos are not charged
 * (documented). A video is on the books from acceptance on, and comes off them when it fails.
 */
import { createHash } from "node:crypto";
import { fileOf } from "./clips.ts";
import type { Image } from "./images.ts";
import { priceMicroUsd } from "./models.ts";
import type { State, Task } from "./state.ts";

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

function entry(state: State, task: Task) {
  const { order } = task;
  const status = state.statusOf(task);
  const isBilled = status !== "Fail";
  const file = status === "Success" ? measure(task) : null;
  return {
    task_id: task.id,
    model: order.model,
    mode: order.mode,
    prompt: order.prompt,
    duration: order.duration,
    resolution: order.resolution,
    prompt_optimizer: order.promptOptimizer,
    fast_pretreatment: order.fastPretreatment,
    state: status,
    billed: isBilled,
    micro_usd: isBilled ? priceMicroUsd(order) : 0,
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
    first_frame_sha256: hashOf(order.firstFrame),
    last_frame_sha256: hashOf(order.lastFrame),
    subject_sha256: hashOf(order.subject),
    created_at: Math.floor(task.acceptedAt / 1000),
  };
}

const measured = new WeakMap<Task, { sha256: string; bytes: number }>();

/** Hash and length of the task's file, worked out once: a benchmark asks for thousands. */
function measure(task: Task): { sha256: string; bytes: number } {
  const known = measured.get(task);
  if (known) return known;
  const file = fileOf(task);
  const fresh = { sha256: createHash("sha256").update(file).digest("hex"), bytes: file.length };
  measured.set(task, fresh);
  return fresh;
}

const hashOf = (image: Image | null) => (image?.kind === "inline" ? image.sha256 : null);
