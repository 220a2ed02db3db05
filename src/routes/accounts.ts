/** Accounts, made, listed, changed and closed by the owner of the deployment. Each pays for its own orders. */

import { createRoute, z } from "@hono/zod-openapi";
import type { Account, CapsChange, ChangeAccountRequest } from "../contract.ts";
import { directoryName, isAccountName } from "../domain/ids.ts";
import type { Caps } from "../domain/money.ts";
import { maskedUrl } from "../domain/outbound-url.ts";
import type { AccountChange, AccountSummary } from "../durable/account.ts";
import type { Env, Settings } from "../env.ts";
import { Refusal } from "../errors.ts";
import { forgetKeys } from "./access.ts";
import {
  account,
  changeAccountRequest,
  createAccountRequest,
  listAccountsResponse,
} from "./account-schemas.ts";
import { createRoutes } from "./app-env.ts";
import { noteOwner } from "./audit.ts";
import { jsonBody } from "./body.ts";
import { openAIStyleError } from "./error-schemas.ts";
import { ask } from "./objects.ts";
import { readOutboundUrl } from "./outbound-url.ts";
import { accountPattern } from "./parameters.ts";
import { json } from "./schema-parts.ts";
import { spendingView } from "./usage.ts";

const secured = { security: [{ adminKey: [] }] };
const params = z.object({
  name: z.string().openapi({ description: "The account's name.", pattern: accountPattern }),
});
const errors = {
  400: json(openAIStyleError, "A field is missing or wrong"),
  401: json(openAIStyleError, "Not the ADMIN_KEY"),
};
const tooLarge = { 413: json(openAIStyleError, "The body is too large") };
const errorsOfItsName = { 401: errors[401], 404: json(openAIStyleError, "There is no such account") };
const errorsOfOne = { ...errors, ...errorsOfItsName };

export const accountRoutes = createRoutes();

accountRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/admin/accounts",
    tags: ["Admin"],
    operationId: "createAccount",
    summary: "Make an account",
    description:
      "An account pays for its own orders and sees its own videos only. Caps are the most that may be ordered in one UTC day and month.",
    ...secured,
    middleware: jsonBody(16 * 1024),
    request: { body: { ...json(createAccountRequest, "Its name, and what holds for it"), required: true } },
    responses: {
      201: json(account, "The account"),
      ...errors,
      ...tooLarge,
      409: json(openAIStyleError, "There is an account of this name"),
    },
  }),
  async (c) => {
    const { name, ...change } = c.req.valid("json");
    const changed = changeOf(change, c.var.settings);
    if ((await accountNames(c.env)).includes(readAccountName(name, "name"))) {
      throw new Refusal("account_exists", { param: "name" });
    }
    // Its caps first: an account that is listed is one that holds to what it was made with.
    const made = await ask(() => c.env.ACCOUNTS.getByName(name).change(changed));
    await ask(() => c.env.ACCOUNTS.getByName(directoryName).addAccount(name));
    noteOwner(c, "account_made", { account: name });
    return c.json(accountView(made), 201);
  },
);

accountRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/admin/accounts",
    tags: ["Admin"],
    operationId: "listAccounts",
    summary: "List the accounts",
    description: "Each with its caps, and what it spent today, this month and in all.",
    ...secured,
    responses: {
      200: json(listAccountsResponse, "The accounts by name, with what they spent"),
      401: errors[401],
    },
  }),
  async (c) => {
    const names = await accountNames(c.env);
    const described = await Promise.all(names.map((name) => c.env.ACCOUNTS.getByName(name).describe()));
    return c.json({ object: "list" as const, data: described.map(accountView) }, 200);
  },
);

accountRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/admin/accounts/{name}",
    tags: ["Admin"],
    operationId: "getAccount",
    summary: "One account",
    description: "Its caps and retention, and what it spent today, this month and in all.",
    ...secured,
    request: { params },
    responses: { 200: json(account, "The account"), ...errorsOfItsName },
  }),
  async (c) => {
    const name = await findAccount(c.env, c.req.valid("param").name);
    return c.json(accountView(await c.env.ACCOUNTS.getByName(name).describe()), 200);
  },
);

accountRoutes.openapi(
  createRoute({
    method: "patch",
    path: "/v1/admin/accounts/{name}",
    tags: ["Admin"],
    operationId: "changeAccount",
    summary: "Change an account",
    description:
      "What is left out stays. New retention and another webhook_url hold for orders from now on, another deploy_hook_url for videos that finish from now on.",
    ...secured,
    middleware: jsonBody(16 * 1024),
    request: { params, body: { ...json(changeAccountRequest, "What to change"), required: true } },
    responses: { 200: json(account, "The account, changed"), ...errorsOfOne, ...tooLarge },
  }),
  async (c) => {
    const name = await findAccount(c.env, c.req.valid("param").name);
    const changed = await c.env.ACCOUNTS.getByName(name).change(
      changeOf(c.req.valid("json"), c.var.settings),
    );
    noteOwner(c, "account_changed", { account: name });
    forgetKeys();
    return c.json(accountView(changed), 200);
  },
);

accountRoutes.openapi(
  createRoute({
    method: "delete",
    path: "/v1/admin/accounts/{name}",
    tags: ["Admin"],
    operationId: "closeAccount",
    summary: "Close an account",
    description:
      'Its keys are refused: creates at once, reading within 20 seconds. What was ordered goes on, its links work, and its ledger stays. Open it again with PATCH {"closed": false}.',
    ...secured,
    request: { params },
    responses: { 200: json(account, "The account, closed"), ...errorsOfItsName },
  }),
  async (c) => {
    const name = await findAccount(c.env, c.req.valid("param").name);
    const closed = await c.env.ACCOUNTS.getByName(name).change({ closed: true });
    noteOwner(c, "account_closed", { account: name });
    forgetKeys();
    return c.json(accountView(closed), 200);
  },
);

/** The names of all accounts, sorted. */
export async function accountNames(env: Env): Promise<string[]> {
  return (await env.ACCOUNTS.getByName(directoryName).accounts()).map(({ name }) => name);
}

/** @throws Refusal not_found. */
export async function findAccount(env: Env, name: string): Promise<string> {
  if ((await accountNames(env)).includes(name)) return name;
  throw new Refusal("not_found", { message: "There is no such account.", param: "account" });
}

/** @throws Refusal invalid_field, naming the field. */
export function readAccountName(name = "default", field = "account"): string {
  if (isAccountName(name)) return name;
  throw new Refusal("invalid_field", {
    message: `${field}: must be 1 to 40 lower-case letters, digits and inner hyphens, and not 'pk'.`,
    param: field,
  });
}

/** Dollars to millionths; what is left out is left as it is. */
export function readCaps(caps: CapsChange): Partial<Caps> {
  const micro = (usd: number | null) => (usd === null ? null : Math.round(usd * 1_000_000));
  return {
    ...(caps.usd_per_day === undefined ? {} : { dayMicroUsd: micro(caps.usd_per_day) }),
    ...(caps.usd_per_month === undefined ? {} : { monthMicroUsd: micro(caps.usd_per_month) }),
  };
}

function changeOf(change: ChangeAccountRequest, settings: Settings): AccountChange {
  const { caps, retention_days, webhook_url, deploy_hook_url, closed } = change;
  const webhookUrl = readOutboundUrl(webhook_url, settings, "webhook_url");
  const deployHookUrl = readOutboundUrl(deploy_hook_url, settings, "deploy_hook_url");
  return {
    ...(caps === undefined ? {} : { caps: readCaps(caps) }),
    ...(retention_days === undefined ? {} : { retentionDays: retention_days }),
    ...(webhookUrl === undefined ? {} : { webhookUrl }),
    ...(deployHookUrl === undefined ? {} : { deployHookUrl }),
    ...(closed === undefined ? {} : { closed }),
  };
}

function accountView(summary: AccountSummary): Account {
  const { name, retentionDays, webhookUrl, deployHookUrl, closedAt, spending } = summary;
  return {
    object: "account",
    name,
    retention_days: retentionDays,
    webhook_url: webhookUrl,
    // An Account of the version before tells of none.
    deploy_hook_url: deployHookUrl ? maskedUrl(deployHookUrl) : null,
    closed_at: closedAt === null ? null : Math.floor(closedAt / 1000),
    usage: spendingView(spending),
  };
}
