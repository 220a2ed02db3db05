/** Asking about videos: query, download, the video object, its bytes; and deleting them. */

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { maxNameLength, readName } from "../domain/filename.ts";
import { isFileId, taskIdOf } from "../domain/ids.ts";
import type { Task } from "../domain/task.ts";
import { deletedView, queryView, success, videoView } from "../domain/view.ts";
import { Refusal } from "../errors.ts";
import { linkLife } from "../ports/links.ts";
import { requireSecretKey } from "./access.ts";
import { type AppEnv, createRoutes } from "./app-env.ts";
import { miniMaxStyleError, openAIStyleError } from "./error-schemas.ts";
import { linkFromR2, linkTo, originOf, r2Notice } from "./link.ts";
import { fileId, taskParams, wholeNumber } from "./parameters.ts";
import { statusWordFor } from "./quirks.ts";
import { bytes, json, pictureTypes } from "./schema-parts.ts";
import { forPagesOfAnySite, posterFile, serveKnown, serveVideo, videoFile } from "./serve.ts";
import { askAgainMs, eventsOf, hasEnded, noSuchFile, readTask, removeTask, requireStored } from "./tasks.ts";
import {
  deleteVideoResponse,
  downloadVideoResponse,
  queryVideoResponse,
  video,
  visitorVideo,
} from "./video-schemas.ts";
import { videoFor } from "./visitors.ts";

const maxWaitSeconds = 60;
const wait = z
  .string({ error: `must be one whole number of seconds from 0 to ${maxWaitSeconds}` })
  .regex(/^(?:[0-9]|[1-5][0-9]|60)$/, `must be a whole number of seconds from 0 to ${maxWaitSeconds}`)
  .transform(Number)
  .optional()
  .openapi({
    description: "Hold the answer until the task is over, at most so many seconds.",
    example: 30,
    ...wholeNumber(0, maxWaitSeconds),
  });
const yesOrNo = z
  .enum(["true", "false", "1", "0"], { error: "must be true or false" })
  .optional()
  .openapi({ description: "Add a link for 24 hours, once there is a video." });
const lifeSeconds = z
  .string({ error: lifeRule() })
  .regex(/^[0-9]{1,7}$/, lifeRule())
  .transform(Number)
  .refine((life) => life >= linkLife.minSeconds && life <= linkLife.maxSeconds, lifeRule())
  .optional()
  .openapi({
    description: "How long the link must work, in seconds; 24 hours if left out.",
    example: 86400,
    ...wholeNumber(linkLife.minSeconds, linkLife.maxSeconds),
  });
const nameRule = `must be a name of at most ${maxNameLength} characters, without slashes or control characters`;
const filename = z
  .string({ error: nameRule })
  .transform(readName)
  .refine((name) => name !== null, nameRule)
  .optional()
  .openapi({
    type: "string",
    minLength: 1,
    maxLength: maxNameLength,
    description: "What it is saved as, with `.mp4` put at its end; makes `disposition` `attachment`.",
    example: "Waves at sunset.mp4",
  });
const include = z
  .enum(["events"], { error: "must be events" })
  .optional()
  .openapi({ description: "`events`: what MiniMax answered, with its trace ids. Takes a secret key." });
const variant = z
  .enum(["video", "thumbnail", "spritesheet"], { error: "must be video or thumbnail" })
  .optional()
  .openapi({
    description:
      "`video` if left out; `thumbnail` is the poster of a published video. OpenAI's `spritesheet` does not exist here.",
  });
const secured = { security: [{ apiKey: [] }] };
const otherPage = "A publishable key from a page that may not use it, or for what it may not do";
const tooMany = "Too many requests from one visitor with a publishable key";
const miniMaxErrors = {
  400: json(miniMaxStyleError, "A parameter has a value that is not accepted"),
  401: json(miniMaxStyleError, "No key, or one that is unknown or revoked"),
  403: json(miniMaxStyleError, otherPage),
  404: json(miniMaxStyleError, "There is no such task or file in this account"),
  429: json(miniMaxStyleError, tooMany),
};
const openAIErrors = {
  400: json(openAIStyleError, "A parameter has a value that is not accepted"),
  401: json(openAIStyleError, "No key, or one that is unknown or revoked"),
  403: json(openAIStyleError, otherPage),
  404: json(openAIStyleError, "There is no such task in this account"),
  429: json(openAIStyleError, tooMany),
};

export const videoRoutes = createRoutes();

videoRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/videos/query/{task_id}",
    tags: ["Videos"],
    operationId: "queryVideo",
    summary: "How a task is doing",
    description:
      "In MiniMax's words. Asking never reaches MiniMax: the task looks by itself. With `wait` the answer is held until the task is over. That a video failed is an answer here, not an error. To `python-httpx` clients a failure is `failed` instead of `Fail`: treat both as the end.",
    ...secured,
    request: { params: taskParams, query: z.object({ wait, include_download_url: yesOrNo }) },
    responses: { 200: json(queryVideoResponse, "The task"), ...miniMaxErrors },
  }),
  async (c) => {
    const { wait, include_download_url } = c.req.valid("query");
    const { task } = await readTask(c, c.req.valid("param").task_id, wait ?? 0);
    const wantsLink = include_download_url === "true" || include_download_url === "1";
    const link = wantsLink && task.status === "succeeded" ? await linkTo(c, task.fileId) : null;
    const view = queryView(task, Date.now(), link);
    if (link !== null) c.header("cache-control", "no-store");
    return c.json({ ...view, status: statusWordFor(c.req.header("user-agent"), view.status) }, 200);
  },
);

videoRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/videos/download/{file_id}",
    tags: ["Links"],
    operationId: "downloadVideo",
    summary: "A signed link to a finished video",
    description:
      "For a `<video>` on any page: it needs no key, takes ranges, and lasts for as long as `expires_in` says. Ask again whenever a fresh one is wanted.",
    ...secured,
    request: {
      params: z.object({ file_id: fileId }),
      query: z.object({
        expires_in: lifeSeconds,
        disposition: z
          .enum(["inline", "attachment"], { error: "must be inline or attachment" })
          .optional()
          .openapi({ description: "`inline`, to be played, if left out; `attachment` is saved." }),
        filename,
        via: z.enum(["worker", "r2"], { error: "must be worker or r2" }).optional().openapi({
          description:
            "`worker` (default): a link of filmgate's. `r2`: R2's own, where the deployment has S3 credentials.",
        }),
      }),
    },
    responses: {
      200: json(downloadVideoResponse, "The link"),
      ...miniMaxErrors,
      409: json(miniMaxStyleError, "The video is not finished yet"),
      410: json(miniMaxStyleError, "The video failed or was cancelled"),
    },
  }),
  async (c) => {
    const { file_id } = c.req.valid("param");
    if (!isFileId(file_id)) throw noSuchFile();
    const { task } = await readTask(c, taskIdOf(file_id), 0, noSuchFile);
    const stored = requireStored(task);
    const { expires_in, filename = null, via = "worker", ...asked } = c.req.valid("query");
    const disposition = asked.disposition ?? (filename === null ? "inline" : "attachment");
    if (filename !== null && disposition === "inline") {
      throw new Refusal("invalid_field", {
        message: "filename: is for what is saved; leave it out, or disposition.",
        param: "filename",
      });
    }
    const link =
      via === "r2"
        ? await linkFromR2(c, file_id, expires_in, disposition, filename)
        : await linkTo(c, file_id, expires_in, disposition, filename);
    c.header("cache-control", "no-store");
    return c.json(
      {
        download_url: link.url,
        file_id,
        expires_in_seconds: link.expiresAt - Math.floor(Date.now() / 1000),
        expires_at: link.expiresAt,
        bytes: stored.bytes,
        sha256: stored.sha256,
        content_type: "video/mp4" as const,
        filename: filename ?? `${file_id}.mp4`,
        disposition,
        via,
        notice: via === "r2" ? r2Notice : null,
        base_resp: success,
      },
      200,
    );
  },
);

for (const [path, operationId, errors, summary] of [
  ["/v1/videos/{task_id}", "getVideo", openAIErrors, "A task as a video object"],
  [
    "/v1/videos/generations/{task_id}",
    "getGeneration",
    miniMaxErrors,
    "A task as a video object, beside its create",
  ],
] as const) {
  videoRoutes.openapi(
    createRoute({
      method: "get",
      path,
      tags: ["Videos"],
      operationId,
      summary,
      description:
        "In OpenAI's form: state, size, cost, hash and, once finished, a link that works for 24 hours. A publishable key reads it without what only its owner needs.",
      ...secured,
      request: { params: taskParams, query: z.object({ wait, include }) },
      responses: { 200: json(video.or(visitorVideo), "The video"), ...errors },
    }),
    async (c) => {
      const { wait, include } = c.req.valid("query");
      if (include !== undefined) requireSecretKey(c);
      const snapshot = await readTask(c, c.req.valid("param").task_id, wait ?? 0);
      const { task } = snapshot;
      // Python's client for OpenAI asks again after so long, and otherwise every second.
      if (!hasEnded(task)) c.header("openai-poll-after-ms", String(askAgainMs(c, snapshot, Date.now())));
      const link = task.status === "succeeded" ? await linkTo(c, task.fileId) : null;
      const view = videoView(task, Date.now(), link, originOf(c));
      c.header("cache-control", "no-store");
      const whole = include === undefined ? view : { ...view, events: await eventsOf(c, task) };
      return c.json(videoFor(c, whole), 200);
    },
  );
}

videoRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/videos/{task_id}/content",
    tags: ["Videos"],
    operationId: "getVideoContent",
    summary: "A finished video's bytes",
    description: "Streamed, not redirected; ranges and conditions are honoured.",
    ...secured,
    request: { params: taskParams, query: z.object({ variant }) },
    responses: {
      200: bytes("The video, or its poster", "video/mp4", ...pictureTypes),
      206: bytes("The range that was asked for", "video/mp4", ...pictureTypes),
      304: { description: "The version that the caller has" },
      ...openAIErrors,
      409: json(openAIStyleError, "The video is not finished yet"),
      410: json(openAIStyleError, "The video failed or was cancelled"),
      412: json(openAIStyleError, "Not the version that the caller asks for"),
      416: json(openAIStyleError, "The range lies outside the file; Content-Range tells its size"),
      501: json(openAIStyleError, "Spritesheets do not exist here"),
    },
  }),
  async (c) => {
    const { task } = await readTask(c, c.req.valid("param").task_id, 0);
    const { variant = "video" } = c.req.valid("query");
    if (variant === "spritesheet") {
      throw new Refusal("not_supported", {
        message: "variant: MiniMax makes no spritesheets; accepted are video and thumbnail.",
        param: "variant",
      });
    }
    if (variant === "thumbnail") {
      forPagesOfAnySite(c);
      return (await serveThumbnail(c, task)) as never;
    }
    const { fileId } = requireStored(task);
    forPagesOfAnySite(c);
    const response = await serveVideo(c.env.VIDEOS, c.req.raw, {
      file: videoFile(fileId),
      disposition: "inline",
      filename: null,
      cacheControl: "private, no-cache, no-transform",
    });
    return response as never;
  },
);

videoRoutes.openapi(
  createRoute({
    method: "delete",
    path: "/v1/videos/{task_id}",
    tags: ["Videos"],
    operationId: "deleteVideo",
    summary: "Cancel a task, or delete a finished one with its file",
    description:
      "A task that is under way is cancelled: MiniMax cannot be stopped, and what it charges is charged. One that is over is removed with its file, and its links end; its ledger entry stays. So a second delete of a cancelled task removes it.",
    ...secured,
    request: { params: taskParams },
    responses: {
      200: json(deleteVideoResponse, "What was done, and what it means for the money"),
      401: openAIErrors[401],
      403: json(openAIStyleError, "A publishable key deletes nothing"),
      404: openAIErrors[404],
    },
  }),
  async (c) => {
    const removed = await removeTask(c, c.req.valid("param").task_id);
    return c.json(deletedView(removed.did, removed.task), 200);
  },
);

/** The picture that a published video has; others have none. */
function serveThumbnail(c: Context<AppEnv>, { fileId, poster, publication }: Task): Promise<Response> {
  if (publication === null || poster === null) {
    throw new Refusal("not_found", {
      message:
        "variant: this video has no picture. A published one has, where it begins with an image that was sent here, or the deployment takes frames.",
      param: "variant",
    });
  }
  const file = posterFile(fileId, poster);
  return serveKnown(
    c.env.VIDEOS,
    c.req.raw,
    { file, disposition: "inline", filename: null, cacheControl: "private, no-cache, no-transform" },
    { size: poster.bytes, etag: `"${poster.sha256}"`, modifiedAt: new Date(poster.keptAt) },
  );
}

function lifeRule(): string {
  return `must be a whole number of seconds from ${linkLife.minSeconds} to ${linkLife.maxSeconds}`;
}
