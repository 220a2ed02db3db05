/**
 * Held money: tasks of which nobody knows whether MiniMax charged for them. The operator reads MiniMax's bill or its
 * list of tasks, and tells what is found there; a provider task that is named is confirmed, and its video lands.
 */

import { createRoute, z } from "@hono/zod-openapi";
import type { HeldTask, ResolveHeldRequest } from "../contract.ts";
import { isTaskId } from "../domain/ids.ts";
import { costOf, dollars, videoView } from "../domain/view.ts";
import type { HeldTask as Held } from "../durable/account.ts";
import { Refusal } from "../errors.ts";
import { listHeldResponse, resolveHeldRequest, resolveHeldResponse } from "./account-schemas.ts";
import { accountNames, readAccountName } from "./accounts.ts";
import { createRoutes } from "./app-env.ts";
import { noteOwner } from "./audit.ts";
import { jsonBody } from "./body.ts";
import { openAIStyleError } from "./error-schemas.ts";
import { originOf } from "./link.ts";
import { accountName, taskParams } from "./parameters.ts";
import { json } from "./schema-parts.ts";

const secured = { security: [{ adminKey: [] }] };
const errors = {
  400: json(openAIStyleError, "A field is missing or wrong"),
  401: json(openAIStyleError, "Not the ADMIN_KEY"),
};
const tooLarge = { 413: json(openAIStyleError, "The body is too large") };

export const heldRoutes = createRoutes();

heldRoutes.openapi(
  createRoute({
    method: "get",
    path: "/v1/admin/held",
    tags: ["Admin"],
    operationId: "listHeld",
    summary: "List held money",
    description:
      "Tasks of which nobody knows whether MiniMax charged for them, with what to look for in MiniMax's bill or its list of tasks.",
    ...secured,
    request: {
      query: z.object({
        account: accountName("One account's name; all if left out."),
      }),
    },
    responses: { 200: json(listHeldResponse, "Tasks whose money is held, the oldest first"), ...errors },
  }),
  async (c) => {
    const { account } = c.req.valid("query");
    const names = account === undefined ? await accountNames(c.env) : [readAccountName(account)];
    const held = await Promise.all(
      names.map(async (name) =>
        (await c.env.ACCOUNTS.getByName(name).held()).map((one) => heldView(originOf(c), name, one as Held)),
      ),
    );
    return c.json({ object: "list" as const, data: held.flat() }, 200);
  },
);

heldRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/admin/held/{task_id}",
    tags: ["Admin"],
    operationId: "resolveHeld",
    summary: "Tell what became of held money",
    description:
      "Either whether MiniMax charged for it, or which of MiniMax's tasks it is: then MiniMax is asked, and its video is stored.",
    ...secured,
    middleware: jsonBody(16 * 1024),
    request: {
      params: taskParams,
      body: { ...json(resolveHeldRequest, "What was found at MiniMax"), required: true },
    },
    responses: {
      200: json(resolveHeldResponse, "The task as it is then"),
      ...errors,
      ...tooLarge,
      404: json(openAIStyleError, "There is no such task in this account"),
      409: json(openAIStyleError, "Nothing is held for it"),
    },
  }),
  async (c) => {
    const taskId = c.req.valid("param").task_id;
    const body = c.req.valid("json");
    const found = readFinding(body);
    const account = readAccountName(body.account);
    if (!isTaskId(taskId)) throw noSuchTask();
    const object = c.env.VIDEO_TASKS.getByName(taskId);
    const before = await object.read(account);
    if (before === null) {
      // Deleted since, or never this account's: only its ledger entry can be changed.
      const isResolved =
        "money" in found && (await c.env.ACCOUNTS.getByName(account).resolveRemoved(taskId, found.money));
      if (!isResolved) throw noSuchTask();
      noteOwner(c, "held_resolved", { account, id: taskId });
      return c.json({ task_id: taskId, object: "held.resolved" as const, cost: null, video: null }, 200);
    }
    if (costOf(before.task).state !== "held") throw new Refusal("not_held", { param: "task_id" });
    const task = await object.resolve(account, found);
    if (task === null) throw noSuchTask();
    noteOwner(c, "held_resolved", { account, id: taskId });
    const video = videoView(task, Date.now(), null, originOf(c));
    return c.json({ task_id: taskId, object: "held.resolved" as const, cost: video.cost, video }, 200);
  },
);

function readFinding(
  body: ResolveHeldRequest,
): { money: "settled" | "released" } | { providerTaskId: string } {
  const { charged, provider_task_id } = body;
  if (charged !== undefined && provider_task_id === undefined) {
    return { money: charged ? "settled" : "released" };
  }
  if (provider_task_id !== undefined && charged === undefined) return { providerTaskId: provider_task_id };
  throw new Refusal("invalid_field", {
    message: "charged: send either charged (true or false) or provider_task_id, and not both.",
    param: "charged",
  });
}

function noSuchTask(): Refusal {
  return new Refusal("not_found", {
    message: "There is no such task in this account with money held.",
    param: "task_id",
  });
}

function heldView(origin: string, account: string, { taskId, createdAt, microUsd, task }: Held): HeldTask {
  return {
    task_id: taskId,
    object: "held",
    account,
    created_at: Math.floor(createdAt / 1000),
    estimated_cost_usd: dollars(microUsd),
    video: task === null ? null : videoView(task, Date.now(), null, origin),
  };
}
