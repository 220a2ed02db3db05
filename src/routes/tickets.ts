/**
 * Tickets: made by a server that holds a secret key, and what a browser creates with. All that a ticket says is checked
 * here, before a body is read or anything is kept; whether it was used, or the key that made it was revoked, the
 * Account knows (admission.ts).
 */

import { createRoute } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import type { CreateVideoRequest } from "../contract.ts";
import { ticketIdFrom } from "../domain/ids.ts";
import { lowestMicroUsd } from "../domain/models.ts";
import { requireModel } from "../domain/order.ts";
import { readOrigin } from "../domain/publication.ts";
import { dollars } from "../domain/view.ts";
import { quote, Refusal } from "../errors.ts";
import { readTicket, signTicket, type Ticket, ticketLife } from "../ports/tickets.ts";
import { type AppEnv, createRoutes } from "./app-env.ts";
import { jsonBody } from "./body.ts";
import { openAIStyleError } from "./error-schemas.ts";
import { json } from "./schema-parts.ts";
import { createdTicket, createTicketRequest } from "./ticket-schemas.ts";

const header = "Filmgate-Ticket";

export const ticketRoutes = createRoutes();

ticketRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/tickets",
    tags: ["Tickets"],
    operationId: "createTicket",
    summary: "Make a ticket",
    description:
      "A permission to create one video from a browser: single-use, short-lived, bound to a model, a price and a site. A page sends it as `Filmgate-Ticket`, with a publishable key that takes tickets. The prompt is its visitor's, the bill is yours. Nothing is reserved or written down; revoking the key that made it ends it.",
    security: [{ apiKey: [] }],
    middleware: jsonBody(16 * 1024),
    request: { body: { ...json(createTicketRequest, "What it is good for"), required: true } },
    responses: {
      201: json(createdTicket, "The ticket, shown this once"),
      400: json(openAIStyleError, "A field is missing or wrong, or the model has no known price"),
      401: json(openAIStyleError, "No key, or one that is unknown or revoked"),
      402: json(openAIStyleError, "The model makes no video for so little"),
      403: json(openAIStyleError, "A publishable key makes no tickets"),
      413: json(openAIStyleError, "The body is too large"),
    },
  }),
  (c) => {
    const { model, max_cost_usd, origin, expires_in_seconds } = c.req.valid("json");
    const { linkKeys, prices } = c.var.settings;
    const row = requireModel(model);
    const ticket: Ticket = {
      id: ticketIdFrom(crypto.getRandomValues(new Uint8Array(26))),
      account: c.var.caller.account,
      keyId: c.var.caller.keyId,
      model: row.model,
      maxMicroUsd: Math.round(max_cost_usd * 1_000_000),
      origin: readOrigin(origin) ?? origin,
      expiresAt: Math.floor(Date.now() / 1000) + (expires_in_seconds ?? ticketLife.defaultSeconds),
    };
    // What nothing can be ordered with is told to who makes it, rather than to a visitor.
    requireBound(lowestMicroUsd(row, prices), ticket, "max_cost_usd");
    c.header("cache-control", "no-store");
    return c.json(
      {
        object: "ticket" as const,
        ticket: signTicket(linkKeys, ticket),
        model: row.model,
        max_cost_usd: ticket.maxMicroUsd / 1_000_000,
        origin: ticket.origin,
        expires_at: ticket.expiresAt,
      },
      201,
    );
  },
);

/** Before a create's body is read: what the caller may create with, in `c.var.ticket`. */
export const takeTicket: MiddlewareHandler<AppEnv> = async (c, next) => {
  c.set("ticket", await ticketOf(c));
  await next();
};

/** @throws Refusal ticket_required, ticket_invalid, ticket_mismatch; invalid_field if a secret key comes with one. */
async function ticketOf(c: Context<AppEnv>): Promise<Ticket | null> {
  const text = c.req.header(header);
  const { caller, settings } = c.var;
  if (caller.kind === "secret") {
    if (text === undefined) return null;
    throw new Refusal("invalid_field", {
      message: `${header}: a secret key creates without a ticket; a ticket goes with a publishable key.`,
      param: header,
    });
  }
  if (text === undefined) throw new Refusal("ticket_required", { param: header });
  const ticket = await readTicket(settings.linkKeys, text);
  if (ticket === null || ticket.account !== caller.account) {
    throw new Refusal("ticket_invalid", { param: header });
  }
  const origin = c.req.header("origin");
  if (ticket.origin !== origin) {
    const site = origin === undefined ? "names no Origin" : `comes from ${quote(origin)}`;
    throw new Refusal("ticket_mismatch", {
      message: `Origin: the ticket is for pages of ${quote(ticket.origin)}, and the request ${site}. https://www.example.com and https://example.com are two.`,
      param: "Origin",
    });
  }
  return ticket;
}

/** What acts on the owner's behalf, or is for the owner to read. */
const ownersFields = ["webhook_url", "deploy_hook_url", "publish", "retention_days", "metadata"] as const;

/** @throws Refusal ticket_mismatch for another model; invalid_field for a field that only the owner may send. */
export function requireTicketed(ticket: Ticket, body: CreateVideoRequest): void {
  for (const field of ownersFields) {
    if (body[field] === undefined) continue;
    throw new Refusal("invalid_field", {
      message: `${field}: an order with a ticket does not take it; it is for the account's owner to decide.`,
      param: field,
    });
  }
  if (body.model !== ticket.model) {
    throw new Refusal("ticket_mismatch", {
      message: `model: the ticket is for ${ticket.model}, not for ${quote(body.model)}.`,
      param: "model",
    });
  }
}

/**
 * @param price of what is ordered, in millionths of a US dollar; null where none is known.
 * @param param what is at fault: the ticket, or the field that it is made with.
 * @throws Refusal price_unknown, cost_exceeds_limit.
 */
export function requireBound(price: number | null, ticket: Ticket, param: string = header): void {
  if (price === null) {
    throw new Refusal("price_unknown", {
      message: `${param}: MiniMax publishes no price for ${ticket.model}, so a ticket's bound cannot be kept; take another model, or have the operator set PRICES.`,
      param,
    });
  }
  if (price > ticket.maxMicroUsd) {
    const most = dollars(ticket.maxMicroUsd);
    const what = param === header ? "the video costs" : `${ticket.model} makes no video for less than`;
    throw new Refusal("cost_exceeds_limit", {
      message: `${param}: ${what} $${dollars(price)}, more than the $${most} allowed.`,
      param,
    });
  }
}

/** For what uses a ticket up in nothing, a dry run. @throws Refusal ticket_expired. */
export function requireUnexpired(ticket: Ticket): void {
  if (Date.now() >= ticket.expiresAt * 1000) throw new Refusal("ticket_expired", { param: header });
}
