/**
 * What holds for publishable keys alone, which anybody can read in a page: what they may do, from which pages, how
 * often, and what of a video they read. A secret key passes all of it unseen.
 */

import type { Context } from "hono";
import type { Video, VisitorVideo } from "../contract.ts";
import { mayUse, siteOf } from "../domain/binding.ts";
import { forVisitor, networkOf } from "../domain/visitor.ts";
import type { KeyIdentity } from "../durable/keyring.ts";
import { quote, Refusal } from "../errors.ts";
import type { AppEnv } from "./app-env.ts";

/** Reading takes an id that nobody guesses, creating a ticket; there is nothing else. */
const routes: readonly [use: "read" | "create", methods: readonly string[], path: RegExp][] = [
  ["read", ["GET", "HEAD"], /^\/v1\/videos\/(?:query|download|generations)\/[^/]+$/],
  ["read", ["GET", "HEAD"], /^\/v1\/videos\/[^/]+(?:\/(?:content|events))?$/],
  ["create", ["POST"], /^\/v1\/videos\/(?:minimax\/)?generations$/],
];

/** The window of the limits in wrangler.toml; which part of it is over, nobody tells. */
const limitSeconds = 60;

/**
 * Lets a request with a publishable key pass, if it is for something that the key may do, from a page that may use it,
 * and not one of too many.
 * @throws Refusal publishable_key, ticket_required, origin_refused, rate_limited.
 */
export async function requireVisit(c: Context<AppEnv>, identity: KeyIdentity): Promise<void> {
  const { method, path } = c.req;
  const use = routes.find(([, methods, pattern]) => methods.includes(method) && pattern.test(path))?.[0];
  if (use === undefined || (use === "create" && !identity.binding.tickets)) {
    throw new Refusal("publishable_key", { param: "Authorization" });
  }
  requirePage(c, identity);
  const limiter = use === "read" ? c.env.VISITOR_READS : c.env.VISITOR_CREATES;
  const visitor = networkOf(c.req.header("cf-connecting-ip") ?? "");
  // A limiter that breaks down holds nobody up: what may be spent is for caps to say.
  const outcome = await limiter?.limit({ key: `${identity.id} ${visitor}` }).catch(() => null);
  if (outcome?.success === false) {
    throw new Refusal("rate_limited", { headers: { "retry-after": String(limitSeconds) } });
  }
}

/** @throws Refusal origin_refused, unless the key may be used by the page that asks. */
export function requirePage(c: Context<AppEnv>, { binding }: KeyIdentity): void {
  const signs = {
    origin: c.req.header("origin") ?? null,
    referer: c.req.header("referer") ?? null,
    fetchSite: c.req.header("sec-fetch-site") ?? null,
  };
  const own = [new URL(c.req.url).origin, c.var.settings.publicUrl].filter((one) => one !== null);
  if (mayUse(binding.origins, signs, own)) return;
  const site = siteOf(signs);
  const message =
    site === null
      ? "This key is bound to sites, and the request names none: it has neither an Origin nor a Referer. It is for pages; a server takes a secret key."
      : `This key is not for pages of ${quote(site)}. Its owner lists sites by their exact origins; https://www.example.com and https://example.com are two.`;
  throw new Refusal("origin_refused", { message, param: "Origin" });
}

/** The video as the caller may read it. */
export function videoFor(c: Context<AppEnv>, video: Video): Video | VisitorVideo {
  return c.var.caller.kind === "secret" ? video : forVisitor(video);
}
