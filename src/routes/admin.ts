/** Keys, made, listed and revoked by the owner of the deployment. A key's text is shown once and not kept. */

import { createRoute, z } from "@hono/zod-openapi";
import type { ApiKey } from "../contract.ts";
import { isAccountName } from "../domain/ids.ts";
import { directoryName, type KeySummary } from "../durable/account.ts";
import { Refusal } from "../errors.ts";
import { forgetKeys } from "./access.ts";
import { createRoutes } from "./app-env.ts";
import { jsonBody } from "./body.ts";
import {
  apiKey,
  createdApiKey,
  createKeyRequest,
  json,
  listKeysResponse,
  openAIStyleError,
} from "./schemas.ts";

const secured = { security: [{ adminKey: [] }] };
const errors = {
  400: json(openAIStyleError, "A field is missing or wrong"),
  401: json(openAIStyleError, "Not the ADMIN_KEY"),
};
const account = z.string().optional().openapi({ description: "The account's name; 'default' if left out." });

export const adminRoutes = createRoutes();

adminRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/admin/keys",
    summary: "Make an API key",
    ...secured,
    middleware: jsonBody(16 * 1024),
    request: { body: { ...json(createKeyRequest, "Its name, and the account it is for"), required: true } },
    responses: { 201: json(createdApiKey, "The key, shown this once"), ...errors },
  }),
  async (c) => {
    const { name, account } = c.req.valid("json");
    const accountName = readAccount(account);
    await c.env.ACCOUNTS.getByName(directoryName).addAccount(accountName);
    const made = await c.env.ACCOUNTS.getByName(accountName).createKey(name);
    c.header("cache-control", "no-store");
    return c.json({ ...keyView(made), key: made.key }, 201);
  },
);

adminRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/admin/keys",
    summary: "List an account's API keys",
    ...secured,
    request: { query: z.object({ account }) },
    responses: { 200: json(listKeysResponse, "The keys, newest first, without their texts"), ...errors },
  }),
  async (c) => {
    const keys = await c.env.ACCOUNTS.getByName(readAccount(c.req.valid("query").account)).keys();
    return c.json({ object: "list" as const, data: keys.map(keyView) }, 200);
  },
);

adminRoutes.openapi(
  createRoute({
    method: "delete",
    path: "/v1/admin/keys/{id}",
    summary: "Revoke an API key",
    description: "For good. Creates are refused at once; reading may go on for up to 20 seconds elsewhere.",
    ...secured,
    request: { params: z.object({ id: z.string() }), query: z.object({ account }) },
    responses: {
      200: json(apiKey, "The key, revoked"),
      ...errors,
      404: json(openAIStyleError, "There is no such key"),
    },
  }),
  async (c) => {
    const accountName = readAccount(c.req.valid("query").account);
    const revoked = await c.env.ACCOUNTS.getByName(accountName).revokeKey(c.req.valid("param").id);
    if (revoked === null) throw new Refusal("not_found", { message: "There is no such key.", param: "id" });
    forgetKeys();
    return c.json(keyView(revoked), 200);
  },
);

function readAccount(name = "default"): string {
  if (isAccountName(name)) return name;
  throw new Refusal("invalid_field", {
    message: "account: must be 1 to 40 lower-case letters, digits and inner hyphens, and not 'pk'.",
    param: "account",
  });
}

function keyView(key: KeySummary): ApiKey {
  const seconds = (at: number | null) => (at === null ? null : Math.floor(at / 1000));
  return {
    id: key.id,
    object: "key",
    name: key.name,
    account: key.account,
    created_at: Math.floor(key.createdAt / 1000),
    revoked_at: seconds(key.revokedAt),
    last_used_at: seconds(key.lastUsedAt),
  };
}
