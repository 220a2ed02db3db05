/** Keys, made, listed, changed and revoked by the owner of the deployment. A key's text is shown once and not kept. */

import { createRoute, z } from "@hono/zod-openapi";
import type { ApiKey } from "../contract.ts";
import { type Binding, type BindingProblem, bind, unbound } from "../domain/binding.ts";
import { directoryName } from "../domain/ids.ts";
import { noCaps } from "../domain/money.ts";
import { readOrigin } from "../domain/publication.ts";
import { dollars } from "../domain/view.ts";
import type { KeySummary } from "../durable/keyring.ts";
import { Refusal } from "../errors.ts";
import { forgetKeys } from "./access.ts";
import {
  apiKey,
  changeKeyRequest,
  createdApiKey,
  createKeyRequest,
  listKeysResponse,
} from "./account-schemas.ts";
import { readAccountName, readCaps } from "./accounts.ts";
import { createRoutes } from "./app-env.ts";
import { noteOwner } from "./audit.ts";
import { jsonBody } from "./body.ts";
import { openAIStyleError } from "./error-schemas.ts";
import { accountName } from "./parameters.ts";
import { json } from "./schema-parts.ts";

const secured = { security: [{ adminKey: [] }] };
const errors = {
  400: json(openAIStyleError, "A field is missing or wrong"),
  401: json(openAIStyleError, "Not the ADMIN_KEY"),
};
const tooLarge = { 413: json(openAIStyleError, "The body is too large") };
const account = accountName("The account's name; 'default' if left out.");
const params = z.object({
  id: z.string().openapi({ description: "The key's id, not the key.", pattern: "^key_\\w+$" }),
});

export const keyRoutes = createRoutes();

keyRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/admin/keys",
    tags: ["Admin"],
    operationId: "createKey",
    summary: "Make an API key",
    description:
      "The key is shown this once; only its hash is kept. An account that does not exist yet comes into being with it.",
    ...secured,
    middleware: jsonBody(16 * 1024),
    request: { body: { ...json(createKeyRequest, "Its name, and the account it is for"), required: true } },
    responses: {
      201: json(createdApiKey, "The key, shown this once"),
      ...errors,
      ...tooLarge,
      409: json(openAIStyleError, "The account is closed"),
    },
  }),
  async (c) => {
    const { name, account, kind = "secret", caps = {}, ...rest } = c.req.valid("json");
    const accountName = readAccountName(account);
    const binding = bind(kind, unbound, readBinding(rest));
    if (typeof binding === "string") throw bindingRefusal(binding, rest);
    await c.env.ACCOUNTS.getByName(directoryName).addAccount(accountName);
    const made = await c.env.ACCOUNTS.getByName(accountName).createKey(name, {
      kind,
      caps: { ...noCaps, ...readCaps(caps) },
      binding,
    });
    if (made === null) throw new Refusal("account_closed", { param: "account" });
    noteOwner(c, "key_made", { account: accountName, id: made.id });
    c.header("cache-control", "no-store");
    return c.json({ ...keyView(made), key: made.key }, 201);
  },
);

keyRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/admin/keys",
    tags: ["Admin"],
    operationId: "listKeys",
    summary: "List an account's API keys",
    description: "With their caps and last use. The keys themselves are not kept.",
    ...secured,
    request: { query: z.object({ account }) },
    responses: { 200: json(listKeysResponse, "The keys, newest first, without their texts"), ...errors },
  }),
  async (c) => {
    const keys = await c.env.ACCOUNTS.getByName(readAccountName(c.req.valid("query").account)).keys();
    return c.json({ object: "list" as const, data: keys.map(keyView) }, 200);
  },
);

keyRoutes.openapi(
  createRoute({
    method: "patch",
    path: "/v1/admin/keys/{id}",
    tags: ["Admin"],
    operationId: "changeKey",
    summary: "Change an API key's name, caps or binding",
    description:
      "What is left out stays. A cap counts what was ordered before it, too. Other origins hold everywhere after 20 seconds.",
    ...secured,
    middleware: jsonBody(16 * 1024),
    request: {
      params,
      query: z.object({ account }),
      body: { ...json(changeKeyRequest, "What to change"), required: true },
    },
    responses: {
      200: json(apiKey, "The key, changed"),
      ...errors,
      ...tooLarge,
      404: json(openAIStyleError, "There is no such key"),
    },
  }),
  async (c) => {
    const accountName = readAccountName(c.req.valid("query").account);
    const { name, caps, ...rest } = c.req.valid("json");
    const changed = await c.env.ACCOUNTS.getByName(accountName).changeKey(c.req.valid("param").id, {
      ...(name === undefined ? {} : { name }),
      ...(caps === undefined ? {} : { caps: readCaps(caps) }),
      binding: readBinding(rest),
    });
    if (changed === null) throw noSuchKey();
    if (typeof changed === "string") throw bindingRefusal(changed, rest);
    forgetKeys();
    noteOwner(c, "key_changed", { account: accountName, id: changed.id });
    return c.json(keyView(changed), 200);
  },
);

keyRoutes.openapi(
  createRoute({
    method: "delete",
    path: "/v1/admin/keys/{id}",
    tags: ["Admin"],
    operationId: "revokeKey",
    summary: "Revoke an API key",
    description: "For good. Creates are refused at once; reading may go on for up to 20 seconds elsewhere.",
    ...secured,
    request: { params, query: z.object({ account }) },
    responses: {
      200: json(apiKey, "The key, revoked"),
      ...errors,
      404: json(openAIStyleError, "There is no such key"),
    },
  }),
  async (c) => {
    const accountName = readAccountName(c.req.valid("query").account);
    const revoked = await c.env.ACCOUNTS.getByName(accountName).revokeKey(c.req.valid("param").id);
    if (revoked === null) throw noSuchKey();
    noteOwner(c, "key_revoked", { account: accountName, id: revoked.id });
    forgetKeys();
    return c.json(keyView(revoked), 200);
  },
);

type NamedBinding = { origins?: string[] | null | undefined; tickets?: boolean | undefined };

/** What of it is named; origins in their canonical spelling, each once. */
function readBinding({ origins, tickets }: NamedBinding): Partial<Binding> {
  const read = (texts: string[]) => [
    ...new Set(texts.map(readOrigin).filter((origin): origin is string => origin !== null)),
  ];
  return {
    ...(origins === undefined ? {} : { origins: origins === null ? null : read(origins) }),
    ...(tickets === undefined ? {} : { tickets }),
  };
}

function bindingRefusal(problem: BindingProblem, named: NamedBinding): Refusal {
  if (problem === "tickets_without_origins") {
    return new Refusal("invalid_field", {
      message:
        "origins: a key that creates with tickets must be bound to origins; name the sites whose pages use it.",
      param: "origins",
    });
  }
  const param = named.origins === undefined ? "tickets" : "origins";
  return new Refusal("invalid_field", {
    message: `${param}: only a publishable key takes it; a secret key is for servers, which have no origin.`,
    param,
  });
}

function noSuchKey(): Refusal {
  return new Refusal("not_found", { message: "There is no such key.", param: "id" });
}

function keyView(key: KeySummary): ApiKey {
  const seconds = (at: number | null) => (at === null ? null : Math.floor(at / 1000));
  return {
    id: key.id,
    object: "key",
    name: key.name,
    account: key.account,
    kind: key.kind,
    caps: { usd_per_day: dollars(key.caps.dayMicroUsd), usd_per_month: dollars(key.caps.monthMicroUsd) },
    origins: key.binding.origins === null ? null : [...key.binding.origins],
    tickets: key.binding.tickets,
    created_at: Math.floor(key.createdAt / 1000),
    revoked_at: seconds(key.revokedAt),
    last_used_at: seconds(key.lastUsedAt),
  };
}
