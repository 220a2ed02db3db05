/**
 * Who is calling: API keys for `/v1`, the ADMIN_KEY for `/v1/admin`.
 * An isolate remembers a key's verdict for at most 20 s, in bounded memory, so that polling costs one object
 * request less; a revoked key is refused everywhere after that. Admission itself asks the Account each time.
 */

import type { Context, MiddlewareHandler } from "hono";
import { unbound } from "../domain/binding.ts";
import { isSameSecret, sha256Hex } from "../domain/hash.ts";
import { accountOfKey } from "../domain/ids.ts";
import type { KeyIdentity } from "../durable/keyring.ts";
import type { Env } from "../env.ts";
import { Refusal } from "../errors.ts";
import type { AppEnv } from "./app-env.ts";
import { ask } from "./objects.ts";
import { requirePage, requireVisit } from "./visitors.ts";

/** Who presented a key. The key itself is not kept. */
export type Caller = Readonly<{
  account: string;
  keySha256: string;
  keyId: string;
  kind: KeyIdentity["kind"];
}>;

const rememberMs = 20_000;
const maxRemembered = 1000;
const remembered = new Map<string, { identity: KeyIdentity; until: number }>();

/** Lets a request pass that carries an active API key, and tells who calls in `c.var.caller`. */
export const requireKey: MiddlewareHandler<AppEnv> = async (c, next) => {
  const key = bearer(c.req.header("authorization"));
  if (key === null) throw new Refusal("missing_key", { param: "Authorization" });
  const account = accountOfKey(key);
  if (account === null) throw new Refusal("invalid_key", { param: "Authorization" });
  const keySha256 = sha256Hex(key);
  const identity = await requireActive(c.env, account, keySha256);
  if (identity.kind === "publishable") await requireVisit(c, identity);
  c.set("caller", { account, keySha256, keyId: identity.id, kind: identity.kind });
  await next();
};

/** For what a page must not see on a route that it may use. @throws Refusal publishable_key. */
export function requireSecretKey(c: Context<AppEnv>): void {
  if (c.var.caller.kind !== "secret") throw new Refusal("publishable_key", { param: "Authorization" });
}

/**
 * For an answer that is held for longer than a verdict is remembered: the caller's key may have been revoked since, or
 * bound to other sites.
 * @throws Refusal invalid_key, origin_refused.
 */
export async function requireStillActive(c: Context<AppEnv>): Promise<void> {
  requirePage(c, await requireActive(c.env, c.var.caller.account, c.var.caller.keySha256));
}

/** Lets a request pass that carries the deployment's ADMIN_KEY. */
export const requireAdmin: MiddlewareHandler<AppEnv> = async (c, next) => {
  const key = bearer(c.req.header("authorization"));
  if (key === null || !isSameSecret(key, c.var.settings.adminKey)) {
    throw new Refusal("invalid_admin_key", { param: "Authorization" });
  }
  await next();
};

/** Forgets what this isolate knows of keys, so that a change made here holds here at once. */
export function forgetKeys(): void {
  remembered.clear();
}

async function requireActive(env: Env, account: string, keySha256: string): Promise<KeyIdentity> {
  const now = Date.now();
  const known = remembered.get(keySha256);
  if (known !== undefined && known.until > now) return known.identity;
  const found = await ask(() => env.ACCOUNTS.getByName(account).authenticate(keySha256));
  if (found === null) {
    remembered.delete(keySha256);
    throw new Refusal("invalid_key", { param: "Authorization" });
  }
  if (remembered.size >= maxRemembered) remembered.clear();
  // An Account of the version before, which a deploy leaves at work for some minutes, binds no keys.
  const identity: KeyIdentity = { ...found, binding: found.binding ?? unbound };
  remembered.set(keySha256, { identity, until: now + rememberMs });
  return identity;
}

function bearer(header: string | undefined): string | null {
  return /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1] ?? null;
}
