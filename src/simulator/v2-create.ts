/*
 * POST /v2/video_generation: how V2 reads a create and what it says to it. Documented: the answer is a task id
 * and nothing else. What is accepted with a contradiction carries both, which is ours.
 */
import { json } from "./answers.ts";
import type { CreateWire } from "./creates.ts";
import { type Body, isObject } from "./fields.ts";
import { refuseV2 } from "./v2-answers.ts";
import { pickV2Clip } from "./v2-clips.ts";
import { v2ExpectedSeconds, v2PriceMicroUsd } from "./v2-models.ts";
import { readV2Order, type V2Order } from "./v2-order.ts";
import { imagesOf, inputSecondsOf, videoTask } from "./v2-status.ts";

export const v2Create: CreateWire<V2Order> = {
  wire: "v2",
  voice: {
    tellsQueue: true,
    body: (state, task, phase, named) => ({
      task: { ...videoTask(state, task, task.origin, phase), id: named },
    }),
  },
  requestsPerMinute: ({ settings }) => settings.requestsPerMinuteV2,
  tasksInFlight: ({ settings }) => settings.tasksInFlight,
  promptOf,
  read: (state, key, body) => readV2Order(body, (fileId) => state.uploads.find(fileId, key)?.media),
  termsOf: (order) => ({
    clip: pickV2Clip(order),
    expectedSeconds: v2ExpectedSeconds(order),
    microUsd: v2PriceMicroUsd({
      ...order,
      images: imagesOf(order),
      inputSeconds: inputSecondsOf(order, "video"),
    }),
  }),
  accepted: ({ id }) => json({ task_id: id }),
  refuse: refuseV2,
  contradict: ({ id }, code) => refuseV2(code, undefined, { task_id: id }),
  nameless: () => json({}),
};

/** The text of a body that is not judged yet: scenarios are read from it, and the ledger shows it. */
function promptOf({ content }: Body): string {
  const items = Array.isArray(content) ? content.filter(isObject) : [];
  return items
    .flatMap(({ type, text }) => (type === "text" && typeof text === "string" ? [text] : []))
    .join("\n");
}
