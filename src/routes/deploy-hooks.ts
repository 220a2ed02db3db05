/** Deploy hooks, as their owner sees them: when each was called and what it answered, and calling one now. */

import { createRoute, z } from "@hono/zod-openapi";
import type { DeployHook } from "../contract.ts";
import { videosOwed } from "../domain/deploy-hook.ts";
import { maskedUrl } from "../domain/outbound-url.ts";
import type { HookRow } from "../durable/deploy-hook-store.ts";
import { Refusal } from "../errors.ts";
import { createRoutes } from "./app-env.ts";
import { deployHook, listDeployHooksResponse } from "./deploy-hook-schemas.ts";
import { openAIStyleError } from "./error-schemas.ts";
import { ask } from "./objects.ts";
import { json } from "./schema-parts.ts";

const secured = { tags: ["Deploy hooks"], security: [{ apiKey: [] }] };
const errors = {
  401: json(openAIStyleError, "No key, or one that is unknown or revoked"),
  403: json(openAIStyleError, "A publishable key sees nothing of deploy hooks"),
};

export const deployHookRoutes = createRoutes();

deployHookRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/deploy-hooks",
    operationId: "listDeployHooks",
    summary: "The account's deploy hooks, and what came of calling them",
    description:
      "The account's own first, then those that orders brought, the last used first, a hundred at most; one that nobody used for a month is forgotten.",
    ...secured,
    responses: { 200: json(listDeployHooksResponse, "The hooks"), ...errors },
  }),
  async (c) => {
    const found = await ask(() => c.env.ACCOUNTS.getByName(c.var.caller.account).deployHooks());
    return c.json({ object: "list" as const, data: (found as HookRow[]).map(hookView) }, 200);
  },
);

deployHookRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/deploy-hooks/{id}/call",
    operationId: "callDeployHook",
    summary: "Call a deploy hook now",
    description:
      "Whatever finished and whenever it was last called; also one that failed or is gone, which it takes up again. While a call of it is under way this changes nothing; while six others of the account are, it waits for one of them. Takes no body.",
    ...secured,
    request: {
      params: z.object({
        id: z.string().openapi({ description: "The hook's id, not its address.", pattern: "^hook_\\w+$" }),
      }),
    },
    responses: {
      200: json(deployHook, "The hook, as it stands"),
      ...errors,
      404: json(openAIStyleError, "There is no such deploy hook in this account"),
    },
  }),
  // Not repeated by us: a call that got through although its answer was lost would be another build.
  async (c) => {
    const { id } = c.req.valid("param");
    const called = await c.env.ACCOUNTS.getByName(c.var.caller.account).callDeployHook(id);
    if (called === null) {
      throw new Refusal("not_found", { message: "There is no such deploy hook.", param: "id" });
    }
    return c.json(hookView(called as HookRow), 200);
  },
);

function hookView({ hook, isAccounts }: HookRow): DeployHook {
  return {
    id: hook.id,
    object: "deploy_hook",
    url: maskedUrl(hook.url),
    source: isAccounts ? "account" : "order",
    state: hook.state,
    videos_waiting: videosOwed(hook),
    next_call_at: hook.state === "waiting" ? Math.floor(hook.callAt / 1000) : null,
    calls: hook.calls.map(({ at, videos, status, error, durationMs }) => ({
      at: Math.floor(at / 1000),
      videos,
      status,
      error,
      duration_ms: durationMs,
    })),
  };
}
