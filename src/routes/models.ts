/** Which models there are, what each makes, and what it costs. */

import { createRoute } from "@hono/zod-openapi";
import { models } from "../domain/models.ts";
import { modelView } from "../domain/view.ts";
import { createRoutes } from "./app-env.ts";
import { openAIStyleError } from "./error-schemas.ts";
import { listModelsResponse } from "./model-schemas.ts";
import { json } from "./schema-parts.ts";

export const modelRoutes = createRoutes();

modelRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/videos/models",
    tags: ["Videos"],
    operationId: "listModels",
    summary: "What can be made, and what it costs",
    description:
      "Each model with what it starts from, the sizes and seconds it makes, its prices in US dollars and its usual times. Prices are MiniMax's, or the operator's where `PRICES` sets them.",
    security: [{ apiKey: [] }],
    responses: {
      200: json(listModelsResponse, "The models"),
      401: json(openAIStyleError, "No key, or one that is unknown or revoked"),
      403: json(openAIStyleError, "A publishable key from a page that may not use it"),
      429: json(openAIStyleError, "Too many requests from one visitor with a publishable key"),
    },
  }),
  (c) => {
    const { prices } = c.var.settings;
    return c.json({ object: "list" as const, data: models.map((row) => modelView(row, prices)) }, 200);
  },
);
