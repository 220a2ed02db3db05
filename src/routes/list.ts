/**
 * `GET /v1/videos`: the account's tasks, from its index alone. A task that is under way stands there as it last
 * reported; each is told exactly by `GET /v1/videos/{task_id}`.
 */

import { createRoute, z } from "@hono/zod-openapi";
import type { VideoStatus } from "../contract.ts";
import { videoView } from "../domain/view.ts";
import { Refusal } from "../errors.ts";
import { createRoutes } from "./app-env.ts";
import { openAIStyleError } from "./error-schemas.ts";
import { linkTo, originOf } from "./link.ts";
import { ask } from "./objects.ts";
import { wholeNumber } from "./parameters.ts";
import { json } from "./schema-parts.ts";
import { listVideosResponse } from "./video-schemas.ts";

const statuses = ["queued", "in_progress", "completed", "failed"] as const satisfies VideoStatus[];
const limitRule = "must be a whole number from 1 to 100";
const timeRule = "must be a time in Unix seconds";
const time = z
  .string({ error: timeRule })
  .regex(/^[0-9]{1,11}$/, timeRule)
  .transform((text) => Number(text) * 1000)
  .optional();
const seconds = wholeNumber(0, 99_999_999_999);

export const listRoutes = createRoutes();

listRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/videos",
    tags: ["Videos"],
    operationId: "listVideos",
    summary: "The account's videos",
    description:
      "Newest first. The next page is asked for with `after`, the last id of this one; videos ordered meanwhile move nothing.",
    security: [{ apiKey: [] }],
    request: {
      query: z.object({
        limit: z
          .string({ error: limitRule })
          .regex(/^(?:[1-9][0-9]?|100)$/, limitRule)
          .transform(Number)
          .optional()
          .openapi({
            description: "How many: 1 to 100, by default 20.",
            example: 20,
            ...wholeNumber(1, 100),
          }),
        after: z
          .string({ error: "must be one task's id" })
          .optional()
          .openapi({ description: "The id behind which the page begins." }),
        order: z
          .enum(["asc", "desc"], { error: "must be asc or desc" })
          .optional()
          .openapi({ description: "`desc`, the newest first, if left out." }),
        status: z.enum(statuses, { error: `must be one of ${statuses.join(", ")}` }).optional(),
        model: z
          .string({ error: "must be one model's name" })
          .optional()
          .openapi({ description: "Videos of this model only." }),
        created_after: time.openapi({ description: "From this Unix second on.", ...seconds }),
        created_before: time.openapi({ description: "Before this Unix second.", ...seconds }),
      }),
    },
    responses: {
      200: json(listVideosResponse, "A page of videos"),
      400: json(openAIStyleError, "A parameter has a value that is not accepted"),
      401: json(openAIStyleError, "No key, or one that is unknown or revoked"),
      403: json(openAIStyleError, "A publishable key lists nothing"),
    },
  }),
  async (c) => {
    const { limit = 20, after = null, order = "desc", ...query } = c.req.valid("query");
    const filter = {
      status: query.status ?? null,
      model: query.model ?? null,
      createdFrom: query.created_after ?? null,
      createdBefore: query.created_before ?? null,
    };
    const page = await ask(() =>
      c.env.ACCOUNTS.getByName(c.var.caller.account).list({ after, order, limit, filter }),
    );
    if (page === null) {
      throw new Refusal("invalid_field", {
        message: "after: must be the id of one of the account's tasks.",
        param: "after",
      });
    }
    const now = Date.now();
    const data = await Promise.all(
      page.tasks.map(async (task) =>
        videoView(task, now, task.status === "succeeded" ? await linkTo(c, task.fileId) : null, originOf(c)),
      ),
    );
    c.header("cache-control", "no-store");
    return c.json(
      {
        object: "list" as const,
        data,
        first_id: data[0]?.id ?? null,
        last_id: data.at(-1)?.id ?? null,
        has_more: page.hasMore,
      },
      200,
    );
  },
);
