/**
 * `GET /v1/videos/{task_id}/events`: how a task is doing, as server-sent events. The Worker holds the stream and asks
 * the object when there may be news; an object that waits is an object that is billed. A stream tells the present and
 * not the past: whoever comes back with `Last-Event-ID` is told at once if that has changed.
 */

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import { videoView } from "../domain/view.ts";
import type { Snapshot } from "../durable/video-task.ts";
import { requireStillActive } from "./access.ts";
import { type AppEnv, createRoutes } from "./app-env.ts";
import { openAIStyleError } from "./error-schemas.ts";
import { linkTo, originOf } from "./link.ts";
import { taskParams } from "./parameters.ts";
import { json } from "./schema-parts.ts";
import { askAgainMs, hasEnded, readTask } from "./tasks.ts";
import { videoFor } from "./visitors.ts";

/** A silent stream is cut by proxies, and never learns that its client has left (measured in workerd). */
const heartbeatMs = 15_000;
/** Then the client comes back by itself, with its `Last-Event-ID`. */
const longestStreamMs = 5 * 60_000;
const comeBackMs = 1000;

/** One event, by its fields: tools read a stream as a row of these. */
const streamed = z.object({
  event: z.enum(["progress", "end"]),
  id: z.string().openapi({ description: "What the next connection sends as `Last-Event-ID`." }),
  data: z.string().openapi({ description: "The video object, as JSON." }),
});
const anEvent = {
  event: "progress",
  id: "3-46-0",
  data: '{"id": "task_vmcn3psmsswzamtpxszgj97jmr", "object": "video", "status": "in_progress", "progress": 46}',
};

export const eventRoutes = createRoutes();

eventRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/videos/{task_id}/events",
    tags: ["Videos"],
    operationId: "watchVideo",
    summary: "A task's progress, as it happens",
    description:
      "Server-sent events. Each `progress` carries the video object; the last is `end`, with the video over, and closes the stream. A stream lasts five minutes at most: come back with `Last-Event-ID`, as an EventSource does by itself.",
    security: [{ apiKey: [] }],
    request: {
      params: taskParams,
      headers: z.object({
        "last-event-id": z.string().optional().openapi({
          description: "The id of the last event that was seen: what has not changed is not told.",
        }),
      }),
    },
    responses: {
      200: {
        content: { "text/event-stream": { schema: streamed, example: anEvent } },
        description: "Events: `progress`, and at last `end`",
      },
      401: json(openAIStyleError, "No key, or one that is unknown or revoked"),
      403: json(openAIStyleError, "A publishable key from a page that may not use it"),
      404: json(openAIStyleError, "There is no such task in this account"),
      429: json(openAIStyleError, "Too many requests from one visitor with a publishable key"),
    },
  }),
  async (c) => {
    const taskId = c.req.valid("param").task_id;
    // Before the first byte, so that what cannot be followed is refused as everywhere else.
    const first = await readTask(c, taskId, 0);
    const response = streamSSE(c, (stream) => follow(c, stream, first, c.req.header("last-event-id")));
    // A proxy that collects an answer before it passes it on would make a stream of it useless.
    c.header("cache-control", "no-store, no-transform");
    // The runtime's own matter.
    c.header("transfer-encoding", undefined);
    c.header("connection", undefined);
    return response as never;
  },
);

async function follow(
  c: Context<AppEnv>,
  stream: SSEStreamingApi,
  first: Snapshot,
  lastSeen: string | undefined,
): Promise<void> {
  const end = Date.now() + longestStreamMs;
  let snapshot = first;
  let told = lastSeen ?? "";
  let spokenAt = Date.now();
  let askAt = Date.now() + askAgainMs(c, snapshot, Date.now());
  await stream.write(`retry: ${comeBackMs}\n\n`);
  while (!stream.aborted && !stream.closed) {
    const now = Date.now();
    const isOver = hasEnded(snapshot.task);
    const view = videoView(snapshot.task, now, null, originOf(c));
    // Progress is an estimate that grows with time, without a change of the task.
    const id = `${snapshot.revision}-${view.progress}-${view.queue_position ?? 0}`;
    if (id !== told || isOver) {
      const link = snapshot.task.status === "succeeded" ? await linkTo(c, snapshot.task.fileId) : null;
      const data = JSON.stringify(videoFor(c, videoView(snapshot.task, now, link, originOf(c))));
      await stream.writeSSE({ event: isOver ? "end" : "progress", id, data });
      [told, spokenAt] = [id, now];
    }
    if (isOver || now >= end) return;
    if (now - spokenAt >= heartbeatMs) {
      await stream.write(":\n\n");
      spokenAt = now;
    }
    await stream.sleep(Math.min(Math.max(askAt - now, 50), 1000));
    if (Date.now() < askAt) continue;
    // A video that was removed meanwhile, or a key that was revoked, ends the stream; who comes back is told.
    const next = await requireStillActive(c)
      .then(() => readTask(c, snapshot.task.taskId, 0))
      .catch(() => null);
    if (next === null) return;
    snapshot = next;
    askAt = Date.now() + askAgainMs(c, snapshot, Date.now());
  }
}
