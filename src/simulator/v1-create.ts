/*
 * POST /v1/video_generation: how V1 reads a create and what it says to it.
 */
import { json } from "./answers.ts";
import { baseResp } from "./codes.ts";
import type { CreateWire } from "./creates.ts";
import { refuseV1 } from "./v1-answers.ts";
import { pickV1Clip } from "./v1-clips.ts";
import { v1ExpectedSeconds, v1PriceMicroUsd } from "./v1-models.ts";
import { readV1Order, type V1Order } from "./v1-order.ts";
import { v1PushBody } from "./v1-status.ts";

export const v1Create: CreateWire<V1Order> = {
  wire: "v1",
  voice: { tellsQueue: false, body: v1PushBody },
  requestsPerMinute: ({ settings }) => settings.requestsPerMinute,
  tasksInFlight: () => null,
  promptOf: ({ prompt }) => (typeof prompt === "string" ? prompt : ""),
  read: (_state, _key, body) => readV1Order(body),
  termsOf: (order) => ({
    clip: pickV1Clip(order),
    expectedSeconds: v1ExpectedSeconds(order),
    microUsd: v1PriceMicroUsd(order),
  }),
  accepted: ({ id }) => json({ task_id: id, base_resp: baseResp(0) }),
  refuse: refuseV1,
  contradict: ({ id }, code) => json({ task_id: id, base_resp: baseResp(code) }),
  nameless: () => json({ base_resp: baseResp(0) }),
};
