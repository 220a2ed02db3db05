/**
 * The dialect MiniMax V1: MiniMax's own three calls over filmgate's tasks, for code that already speaks them. An order
 * is the one that `POST /v1/videos/generations` takes, checked, paid and joined by the same steps; only the words
 * differ. docs/dialects/minimax-v1.md tells where, and why.
 */

import { createRoute, z } from "@hono/zod-openapi";
import { timing } from "hono/timing";
import type { CreateVideoResponse } from "../../contract.ts";
import { isFileId, taskIdOf } from "../../domain/ids.ts";
import { miniMaxV1View, success } from "../../domain/view.ts";
import { createRoutes } from "../app-env.ts";
import { jsonBody } from "../body.ts";
import { createVideo, maxBodyBytes, uploadHint } from "../create.ts";
import { linkTo } from "../link.ts";
import { json } from "../schema-parts.ts";
import { noSuchFile, readTask, requireStored } from "../tasks.ts";
import { takeTicket } from "../tickets.ts";
import { toldInWordsOf } from "./callback-url.ts";
import { trace } from "./minimax-trace.ts";
import {
  createdTask,
  idParameter,
  miniMaxV1Order,
  queriedTask,
  retrievedFile,
} from "./minimax-v1-schemas.ts";
import { createHeaders, withoutNulls } from "./minimax-wishes.ts";

const described = {
  tags: ["MiniMax V1"],
  security: [{ apiKey: [] }],
};
const verdict = "Refusals come under 200 as well: `base_resp` says which.";

export const miniMaxV1Routes = createRoutes();

miniMaxV1Routes.openapi(
  createRoute({
    method: "post",
    path: "/v1/video_generation",
    ...described,
    operationId: "createMiniMaxV1Video",
    summary: "Order a video, as MiniMax takes it",
    description: `What \`POST /v1/videos/generations\` does, in MiniMax's words: the same order again is the same task, and is paid once. ${verdict}`,
    middleware: [
      timing({ crossOrigin: true }),
      takeTicket,
      jsonBody(maxBodyBytes, { hint: uploadHint, parse: (text) => withoutNulls(JSON.parse(text)) }),
    ],
    request: {
      headers: createHeaders,
      body: { ...json(miniMaxV1Order, "What to make"), required: true },
    },
    responses: { 200: json(createdTask, "The task that makes it, or why there is none") },
  }),
  async (c) => {
    trace(c);
    // There is no dry run on this wire.
    const made = (await createVideo(c, toldInWordsOf("minimax-v1"))) as CreateVideoResponse;
    const { task_id, base_resp, ignored_fields = [] } = made;
    return c.json({ task_id, ...(ignored_fields.length === 0 ? {} : { ignored_fields }), base_resp }, 200);
  },
);

miniMaxV1Routes.openapi(
  createRoute({
    method: "get",
    path: "/v1/query/video_generation",
    ...described,
    operationId: "queryMiniMaxV1Video",
    summary: "How a task is doing, as MiniMax tells it",
    description: `Asking never reaches MiniMax: the task looks by itself. ${verdict}`,
    request: { query: z.object({ task_id: idParameter("What the create answered.") }) },
    responses: { 200: json(queriedTask, "The task, or why it is not told") },
    "x-codeSamples": [sample("/v1/query/video_generation?task_id=$TASK_ID")],
  }),
  async (c) => {
    trace(c);
    const { task } = await readTask(c, c.req.valid("query").task_id, 0);
    return c.json(miniMaxV1View(task), 200);
  },
);

miniMaxV1Routes.openapi(
  createRoute({
    method: "get",
    path: "/v1/files/retrieve",
    ...described,
    operationId: "retrieveMiniMaxV1File",
    summary: "A link to a finished video, as MiniMax gives it",
    description: `A signed link that works for 24 hours, for whoever has it; ask again for a fresh one. ${verdict}`,
    request: { query: z.object({ file_id: idParameter("What the query answered.") }) },
    responses: { 200: json(retrievedFile, "The file, or why there is none") },
    "x-codeSamples": [sample("/v1/files/retrieve?file_id=$FILE_ID")],
  }),
  async (c) => {
    trace(c);
    const { file_id } = c.req.valid("query");
    if (!isFileId(file_id)) throw noSuchFile();
    const { task } = await readTask(c, taskIdOf(file_id), 0, noSuchFile);
    const stored = requireStored(task);
    const link = await linkTo(c, file_id);
    c.header("cache-control", "no-store");
    const file = {
      file_id,
      bytes: stored.bytes,
      created_at: Math.floor(stored.endedAt / 1000),
      filename: `${file_id}.mp4`,
      purpose: "video_generation" as const,
      download_url: link.url,
    };
    return c.json({ file, base_resp: success }, 200);
  },
);

function sample(address: string) {
  const lines = [`curl "$FILMGATE_URL${address}"`, '-H "Authorization: Bearer $FILMGATE_API_KEY"'];
  return { lang: "Shell", source: lines.join(" \\\n  ") };
}
