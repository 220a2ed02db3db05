/** Publishing: giving a video an address that stays, before or after it is made, and taking it down. */

import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Publication as PublicationAnswer, PublishRequest } from "../contract.ts";
import { type Publication, readOrigin } from "../domain/publication.ts";
import type { Task } from "../domain/task.ts";
import { publicationView } from "../domain/view.ts";
import { Refusal } from "../errors.ts";
import { type AppEnv, createRoutes } from "./app-env.ts";
import { jsonBody } from "./body.ts";
import { openAIStyleError } from "./error-schemas.ts";
import { originOf } from "./link.ts";
import { taskParams } from "./parameters.ts";
import { publication, publishRequest, unpublishResponse } from "./publication-schemas.ts";
import { json } from "./schema-parts.ts";
import { publishTask, readTask, unpublishTask } from "./tasks.ts";

const maxBodyBytes = 64 * 1024;
const path = "/v1/videos/{task_id}/publish";
const params = taskParams;
const secured = { tags: ["Publishing"], security: [{ apiKey: [] }] };
const errors = {
  401: json(openAIStyleError, "No key, or one that is unknown or revoked"),
  403: json(openAIStyleError, "A publishable key publishes nothing"),
};

export const publishingRoutes = createRoutes();

publishingRoutes.openapi(
  createRoute({
    method: "post",
    path,
    operationId: "publishVideo",
    summary: "Publish a video, or change how",
    description:
      "Gives it an address that stays until it is taken down, without a key or a signature; also before the video is made. Again with other settings, it keeps the address and takes all settings anew.",
    "x-codeSamples": [
      {
        lang: "Shell",
        source: `curl "$FILMGATE_URL/v1/videos/$TASK_ID/publish" \\
  -H "Authorization: Bearer $FILMGATE_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"title": "Waves at sunset"}'`,
      },
    ],
    ...secured,
    middleware: jsonBody(maxBodyBytes),
    request: { params, body: { ...json(publishRequest, "How it is published; {} will do"), required: true } },
    responses: {
      200: json(publication, "The publication"),
      400: json(openAIStyleError, "A field has a value that is not accepted"),
      ...errors,
      404: json(openAIStyleError, "There is no such task in this account"),
      410: json(openAIStyleError, "The video was cancelled"),
      413: json(openAIStyleError, "The body is too large"),
    },
  }),
  async (c) => {
    const wanted = readPublication(c.req.valid("json"));
    const task = await publishTask(c, c.req.valid("param").task_id, wanted);
    const view = publicationView(task, originOf(c));
    if (view === null)
      throw new Refusal("cancelled", { message: "The video was cancelled.", param: "task_id" });
    return c.json(view, 200);
  },
);

publishingRoutes.openapi(
  createRoute({
    method: "get",
    path,
    operationId: "getPublication",
    summary: "How a video is published",
    description: "Its address, its state and its settings.",
    ...secured,
    request: { params },
    responses: {
      200: json(publication, "The publication"),
      ...errors,
      404: json(openAIStyleError, "It is not published, or there is no such task in this account"),
    },
  }),
  async (c) => {
    const { task } = await readTask(c, c.req.valid("param").task_id, 0);
    return c.json(requirePublication(c, task), 200);
  },
);

publishingRoutes.openapi(
  createRoute({
    method: "delete",
    path,
    operationId: "unpublishVideo",
    summary: "Take a published video down",
    description:
      "It holds here when it is answered, and within five minutes in browsers that have a copy. The video stays, and published again it has the same address. Taking down what is not published changes nothing.",
    ...secured,
    request: { params },
    responses: {
      200: json(unpublishResponse, "It is down"),
      ...errors,
      404: json(openAIStyleError, "There is no such task in this account"),
    },
  }),
  async (c) => {
    const { task_id: id } = c.req.valid("param");
    const { isDown } = await unpublishTask(c, id);
    if (!isDown) {
      throw new Refusal("internal_error", {
        message:
          "R2 did not take the video down yet. filmgate goes on trying; ask again to know when it is done.",
      });
    }
    return c.json({ id, object: "publication.deleted" as const, deleted: true as const }, 200);
  },
);

/** What a request wants, once its schema has accepted it. */
export function readPublication({ origins, title, alt, expires_at }: PublishRequest): Publication {
  const sites = origins?.map((origin) => readOrigin(origin) ?? origin) ?? null;
  return {
    origins: sites === null ? null : [...new Set(sites)],
    title: title?.toWellFormed() ?? null,
    alt: alt?.toWellFormed() ?? null,
    expiresAt: expires_at == null ? null : expires_at * 1000,
  };
}

function requirePublication(c: Context<AppEnv>, task: Task): PublicationAnswer {
  const view = publicationView(task, originOf(c));
  if (view === null) {
    throw new Refusal("not_found", { message: "The video is not published.", param: "task_id" });
  }
  return view;
}
