/** The part of the contract that is about tickets, as schemas. */

import { z } from "@hono/zod-openapi";
import { ticketLife } from "../ports/tickets.ts";
import { modelName } from "./model-schemas.ts";
import { siteOrigin } from "./publication-schemas.ts";
import { closed, example, text, told } from "./schema-parts.ts";

const costRule = "must be a number of US dollars from 0 to 1000000";
const lifeRule = `must be a whole number of seconds from ${ticketLife.minSeconds} to ${ticketLife.maxSeconds}`;

export const createTicketRequest = closed({
  model: text("must be a model's name, as GET /v1/videos/models lists them").openapi({
    description: "The one model that it is good for.",
    example: "MiniMax-Hailuo-2.3",
  }),
  max_cost_usd: z
    .number({ error: (issue) => (issue.input === undefined ? "is required" : costRule) })
    .min(0, costRule)
    .max(1_000_000, costRule)
    .openapi({ description: "Most that the video may cost.", example: 0.28 }),
  origin: example(told(siteOrigin, "The site whose pages may use it, by its origin."), "https://example.com"),
  expires_in_seconds: z
    .int({ error: lifeRule })
    .min(ticketLife.minSeconds, lifeRule)
    .max(ticketLife.maxSeconds, lifeRule)
    .optional()
    .openapi({ description: "How long it can be used; 600 if left out." }),
}).openapi("CreateTicketRequest");

export const createdTicket = z
  .object({
    object: z.literal("ticket"),
    ticket: told(z.string(), "What a browser sends as `Filmgate-Ticket`. Shown this once, and not kept."),
    model: modelName,
    max_cost_usd: z.number(),
    origin: z.string(),
    expires_at: told(z.int(), "From then on it orders nothing; what it ordered is still answered."),
  })
  .openapi("CreatedTicket");
