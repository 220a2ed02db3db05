/** `GET /healthz`: whether the deployment has what it needs, in plain words, for whoever asks; values are never told. */

import { createRoute, z } from "@hono/zod-openapi";
import { readSettings } from "../env.ts";
import { createRoutes } from "./app-env.ts";
import { json } from "./schema-parts.ts";

export const healthRoutes = createRoutes();

healthRoutes.openapi(
  createRoute({
    method: "get",
    path: "/healthz",
    tags: ["System"],
    operationId: "getHealth",
    summary: "Is it set up",
    description:
      "Tells whether every setting is there and well formed. It asks neither MiniMax nor the bucket.",
    responses: {
      200: json(z.object({ ok: z.literal(true) }).openapi("Healthy"), "It is set up"),
      503: json(
        z
          .object({
            ok: z.literal(false),
            problems: z
              .array(z.string())
              .openapi({ description: "One sentence for each setting that is missing or wrong." }),
          })
          .openapi("NotHealthy"),
        "A setting is missing or wrong",
      ),
    },
  }),
  (c) => {
    const result = readSettings(c.env);
    return result.ok
      ? c.json({ ok: true as const }, 200)
      : c.json({ ok: false as const, problems: result.problems }, 503);
  },
);
