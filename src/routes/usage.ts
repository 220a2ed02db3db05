/** `GET /v1/usage`: what the caller's account and key ordered, in every state of money, and what their caps leave. */

import { createRoute } from "@hono/zod-openapi";
import type { Spending as SpendingView } from "../contract.ts";
import { committed, type Sums } from "../domain/money.ts";
import { dollars } from "../domain/view.ts";
import type { Spending } from "../durable/ledger.ts";
import { Refusal } from "../errors.ts";
import { usageResponse } from "./account-schemas.ts";
import { createRoutes } from "./app-env.ts";
import { openAIStyleError } from "./error-schemas.ts";
import { ask } from "./objects.ts";
import { json } from "./schema-parts.ts";

export const usageRoutes = createRoutes();

usageRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/usage",
    tags: ["Usage"],
    operationId: "getUsage",
    summary: "What was spent",
    description:
      "Reserved may still be charged, settled was charged, released was not, and held is what nobody knows. Money belongs to the UTC day of its order.",
    security: [{ apiKey: [] }],
    responses: {
      200: json(usageResponse, "Sums in US dollars"),
      401: json(openAIStyleError, "No key, or one that is unknown or revoked"),
      403: json(openAIStyleError, "A publishable key sees no money"),
    },
  }),
  async (c) => {
    const { account, keySha256 } = c.var.caller;
    const usage = await ask(() => c.env.ACCOUNTS.getByName(account).usage(keySha256));
    if (usage === null) throw new Refusal("invalid_key", { param: "Authorization" });
    const { id, name } = usage.key;
    c.header("cache-control", "no-store");
    return c.json(
      {
        object: "usage" as const,
        account: { name: account, ...spendingView(usage.account) },
        key: { id, name, ...spendingView(usage.key) },
      },
      200,
    );
  },
);

export function spendingView({ caps, day, month, total }: Spending): SpendingView {
  return {
    caps: { usd_per_day: dollars(caps.dayMicroUsd), usd_per_month: dollars(caps.monthMicroUsd) },
    day: { ...sumsView(day), remaining_usd: remaining(caps.dayMicroUsd, day) },
    month: { ...sumsView(month), remaining_usd: remaining(caps.monthMicroUsd, month) },
    total: sumsView(total),
  };
}

function sumsView({ reserved, settled, released, held }: Sums) {
  return {
    reserved_usd: reserved / 1_000_000,
    settled_usd: settled / 1_000_000,
    released_usd: released / 1_000_000,
    held_usd: held / 1_000_000,
  };
}

/** Nothing is left, rather than less than nothing, where a cap was lowered below what was spent. */
function remaining(capMicroUsd: number | null, sums: Sums): number | null {
  return capMicroUsd === null ? null : dollars(Math.max(0, capMicroUsd - committed(sums)));
}
