/** The part of the contract that is about accounts, keys and money, as schemas; videos are in schemas.ts. */

import { z } from "@hono/zod-openapi";
import { accountPattern } from "./parameters.ts";
import { siteOrigins } from "./publication-schemas.ts";
import {
  closed,
  deployHookUrl,
  example,
  flag,
  orNull,
  retentionDays,
  text,
  told,
  webhookUrl,
} from "./schema-parts.ts";
import { cost, video } from "./video-schemas.ts";

const nameRule = "must be a text of 1 to 100 characters";
const accountRule = "must be 1 to 40 lower-case letters, digits and inner hyphens";
const accountName = text(accountRule)
  .optional()
  .openapi({ description: "The account's name; `default` if left out.", pattern: accountPattern });
const keyName = example(text(nameRule).trim().min(1, nameRule).max(100, nameRule), "my site");

const capRule = "must be a number of US dollars from 0 to 1000000, or null for no cap";
const cap = z
  .number({ error: capRule })
  .min(0, capRule)
  .max(1_000_000, capRule)
  .nullable()
  .optional()
  .openapi({ example: 25 });
const capsChange = closed({ usd_per_day: cap, usd_per_month: cap })
  .openapi({ description: "Most that may be ordered in one UTC day and month; null takes a cap away." })
  .optional();

const caps = z
  .object({ usd_per_day: z.number().nullable(), usd_per_month: z.number().nullable() })
  .openapi("Caps", { description: "Most that may be ordered in one UTC day and month; null for no cap." });
const sums = {
  reserved_usd: told(z.number(), "May still be charged."),
  settled_usd: told(z.number(), "Was charged."),
  released_usd: told(z.number(), "Was not charged."),
  held_usd: told(z.number(), "Nobody knows."),
};
const period = z
  .object({
    ...sums,
    remaining_usd: told(z.number().nullable(), "What the cap leaves; null without one."),
  })
  .openapi("Period");
const spendingFields = { caps, day: period, month: period, total: z.object(sums).openapi("Sums") };
const spending = z.object(spendingFields).openapi("Spending");

export const usageResponse = z
  .object({
    object: z.literal("usage"),
    account: z.object({ name: z.string(), ...spendingFields }),
    key: z.object({ id: z.string(), name: z.string(), ...spendingFields }),
  })
  .openapi("UsageResponse");

const kind = z.enum(["secret", "publishable"], { error: "must be secret or publishable" });

const binding = {
  origins: siteOrigins.nullable().optional().openapi({
    description: "For a publishable key: sites whose pages may use it, by their origins; null for any.",
  }),
  tickets: flag.optional().openapi({
    description:
      "For a publishable key with `origins`: whether it creates with a ticket of `POST /v1/tickets`.",
  }),
};

export const createKeyRequest = closed({
  name: keyName,
  account: accountName,
  kind: kind.optional().openapi({
    description:
      "secret (default) orders and pays; publishable may stand in a page, and reads and plays; with `tickets` it also creates, with a ticket.",
  }),
  caps: capsChange,
  ...binding,
}).openapi("CreateKeyRequest");

export const changeKeyRequest = closed({
  name: keyName.optional(),
  caps: capsChange,
  ...binding,
}).openapi("ChangeKeyRequest");

const apiKeyFields = {
  id: z.string(),
  object: z.literal("key"),
  name: z.string(),
  account: z.string(),
  kind,
  caps,
  origins: told(z.array(z.string()).nullable(), "Sites whose pages may use it; null for any."),
  tickets: told(z.boolean(), "Whether it creates with a ticket."),
  created_at: z.int(),
  revoked_at: told(z.int().nullable(), "Null while it is active."),
  last_used_at: told(z.int().nullable(), "Noted at most once an hour."),
};
export const apiKey = z.object(apiKeyFields).openapi("ApiKey");
export const createdApiKey = z
  .object({ ...apiKeyFields, key: told(z.string(), "The key itself, shown this once.") })
  .openapi("CreatedApiKey");
export const listKeysResponse = z
  .object({ object: z.literal("list"), data: z.array(apiKey) })
  .openapi("ListKeysResponse");

const accountFields = {
  caps: capsChange,
  retention_days: retentionDays.nullable().optional(),
  webhook_url: webhookUrl.nullable().optional(),
  deploy_hook_url: deployHookUrl.nullable().optional(),
  closed: flag.optional().openapi({ description: "A closed account refuses its keys; its links work." }),
};
export const changeAccountRequest = closed(accountFields).openapi("ChangeAccountRequest");
export const createAccountRequest = closed({
  name: text(accountRule).openapi({ example: "studio", pattern: accountPattern }),
  ...accountFields,
}).openapi("CreateAccountRequest");

export const account = z
  .object({
    object: z.literal("account"),
    name: z.string(),
    retention_days: told(z.int().nullable(), "Null keeps videos for ever."),
    webhook_url: told(z.string().nullable(), "Who is told of orders without an address of their own."),
    deploy_hook_url: told(
      z.string().nullable(),
      "What is called when videos of orders without one of their own succeeded: its host, and at most its last four characters.",
    ),
    closed_at: told(z.int().nullable(), "Null while it is open."),
    usage: spending,
  })
  .openapi("Account");
export const listAccountsResponse = z
  .object({ object: z.literal("list"), data: z.array(account) })
  .openapi("ListAccountsResponse");

export const listHeldResponse = z
  .object({
    object: z.literal("list"),
    data: z.array(
      z
        .object({
          task_id: z.string(),
          object: z.literal("held"),
          account: z.string(),
          created_at: z.int(),
          estimated_cost_usd: z.number().nullable(),
          video: orNull(video),
        })
        .openapi("HeldTask"),
    ),
  })
  .openapi("ListHeldResponse");

export const resolveHeldRequest = closed({
  account: accountName,
  charged: flag.optional().openapi({ description: "Whether MiniMax's bill has it." }),
  provider_task_id: text("must be one of MiniMax's task ids")
    .regex(/^[\w-]{1,64}$/, "must be one of MiniMax's task ids")
    .optional()
    .openapi({
      description: "Which of MiniMax's tasks it is: once MiniMax confirms it, its video is stored.",
    }),
}).openapi("ResolveHeldRequest", { example: { account: "studio", charged: false } });

export const resolveHeldResponse = z
  .object({
    task_id: z.string(),
    object: z.literal("held.resolved"),
    cost: orNull(cost),
    video: orNull(video),
  })
  .openapi("ResolveHeldResponse");
