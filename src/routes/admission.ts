/**
 * From an order to its task: admitted by the Account, begun by the VideoTask, and answered with MiniMax's verdict if
 * it comes in time. From the first hop on the task will be made, whatever happens to the request.
 */

import type { Context } from "hono";
import { endTime, startTime } from "hono/timing";
import type { CreateVideoResponse } from "../contract.ts";
import { taskIdFrom } from "../domain/ids.ts";
import { periodEnd } from "../domain/money.ts";
import { fingerprintOrder, type Order } from "../domain/order.ts";
import { isSamePublication, type Publication } from "../domain/publication.ts";
import { acceptTask, type Task } from "../domain/task.ts";
import { createdView, dollars, failureOf } from "../domain/view.ts";
import type { AdmissionAnswer } from "../durable/account.ts";
import { Refusal } from "../errors.ts";
import { log } from "../log.ts";
import type { AppEnv } from "./app-env.ts";
import { originOf } from "./link.ts";
import { ask } from "./objects.ts";

/** MiniMax's verdict is the create's own answer if it comes within this time. */
const verdictWaitMs = 8000;

/** What is wanted beside the order itself; a joined task may have been ordered with other wishes. */
export type Wishes = Readonly<{
  metadata: Readonly<Record<string, string>>;
  retentionDays: number | null;
  /** Null: as the account says. */
  webhookUrl: string | null;
  publication: Publication | null;
}>;

export type Wanted = Wishes &
  Readonly<{
    order: Order;
    priceMicroUsd: number | null;
    idempotencyKey: string | null;
    retryOf: string | null;
  }>;

/**
 * Orders what is wanted, once.
 * @throws Refusal if it is not admitted, or if it failed at once with nothing charged.
 */
export async function placeOrder(c: Context<AppEnv>, wanted: Wanted): Promise<CreateVideoResponse> {
  const { task, verdict } = await admitAndBegin(c, wanted);
  const headers: Record<string, string> = {};
  if (verdict === "replayed") headers["idempotent-replayed"] = "true";
  if (verdict === "joined") headers["filmgate-joined"] = "true";
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  if (task.status === "failed" && task.money === "released") {
    const failure = failureOf(task);
    throw new Refusal(task.code, {
      ...(failure === null ? {} : { message: failure.message, provider: failure.provider }),
      details: { task_id: task.taskId },
      headers,
    });
  }
  const view = createdView(task, originOf(c));
  if (verdict !== "joined") return view;
  return { ...view, joined: true, ignored_fields: ignoredFields(wanted, task) };
}

/** Who joins gets the task as it was ordered: the wishes in which the two differ are named. */
function ignoredFields(wanted: Wanted, task: Task): string[] {
  const sorted = (pairs: Readonly<Record<string, string>>) => JSON.stringify(Object.entries(pairs).sort());
  const differs: [string, boolean][] = [
    ["metadata", sorted(wanted.metadata) !== sorted(task.metadata)],
    ["retention_days", wanted.retentionDays !== null && wanted.retentionDays !== task.retentionDays],
    ["publish", wanted.publication !== null && !isSamePublication(wanted.publication, task.publication)],
    ["webhook_url", wanted.webhookUrl !== null && wanted.webhookUrl !== task.webhookUrl],
  ];
  return differs.filter(([, isDifferent]) => isDifferent).map(([field]) => field);
}

async function admitAndBegin(
  c: Context<AppEnv>,
  wanted: Wanted,
): Promise<{ task: Task; verdict: "admitted" | "replayed" | "joined" }> {
  const { settings, caller } = c.var;
  const origin = new URL(c.req.url).origin;
  const request = {
    ...wanted,
    taskId: taskIdFrom(crypto.getRandomValues(new Uint8Array(26))),
    keySha256: caller.keySha256,
    fingerprint: fingerprintOrder(wanted.order),
    // Callbacks are asked for only where MiniMax can reach us.
    publicUrl: settings.publicUrl ?? (origin.startsWith("https:") ? origin : null),
    requestId: c.var.requestId,
  };
  const { account } = caller;
  const gone: string[] = [];
  for (;;) {
    startTime(c, "admit", "the account admits the order");
    const answer = (await ask(() =>
      c.env.ACCOUNTS.getByName(account).admit(request, gone),
    )) as AdmissionAnswer;
    endTime(c, "admit");
    if (!("taskId" in answer)) throw refusalOf(answer);
    const { verdict, taskId } = answer;
    log("order", { verdict, task: taskId, account, request_id: request.requestId });
    startTime(c, "verdict", "MiniMax answers, or is not waited for any longer");
    const task = await begin(c, answer);
    endTime(c, "verdict");
    if (task !== null) return { task, verdict };
    if (verdict !== "joined") throw new Refusal("task_deleted", { param: "Idempotency-Key" });
    // Removed, and the Account has yet to hear of it: nobody joins that any more.
    gone.push(taskId);
  }
}

/** The task with MiniMax's verdict, if that comes in time; null if it was removed. */
async function begin(
  c: Context<AppEnv>,
  { taskId, admission }: Extract<AdmissionAnswer, { taskId: string }>,
): Promise<Task | null> {
  const stub = c.env.VIDEO_TASKS.getByName(taskId);
  if (admission === null) {
    const { account } = c.var.caller;
    // One that cannot be reached now is told as it last reported: it was accepted, so this is no failure of the order.
    const known = await ask(() => stub.verdict(account, verdictWaitMs)).catch(async () => {
      const task = await ask(() => c.env.ACCOUNTS.getByName(account).reported(taskId));
      return task === null ? null : { task };
    });
    return known?.task ?? null;
  }
  // From here on the task will be made, whatever happens to this request: the outbox begins it if we do not.
  const begun = await ask(() => stub.begin(admission, verdictWaitMs)).catch(() => ({
    task: acceptTask(admission, c.var.settings.timeScale),
  }));
  return begun?.task ?? null;
}

function refusalOf(answer: Exclude<AdmissionAnswer, { taskId: string }>): Refusal {
  switch (answer.verdict) {
    case "invalid_key":
      return new Refusal("invalid_key", { param: "Authorization" });
    case "idempotency_key_reused":
    case "task_deleted":
      return new Refusal(answer.verdict, { param: "Idempotency-Key" });
    case "price_unknown":
      return new Refusal("price_unknown", {
        message: `model: MiniMax publishes no price for it, so the cap of this ${answer.scope} cannot be kept. Take another model, or have the operator set its price in PRICES.`,
        param: "model",
      });
    case "budget_exceeded": {
      const { scope, period, capMicroUsd, spentMicroUsd } = answer.cap;
      const [price, cap, spent] = [answer.priceMicroUsd, capMicroUsd, spentMicroUsd].map(dollars);
      const resetsAt = Math.floor(periodEnd(period, Date.now()) / 1000);
      return new Refusal("budget_exceeded", {
        message: `The video costs $${price}, and this ${scope} has spent $${spent} of the $${cap} it may spend in a ${period}. Ask for a higher cap, or wait for the next ${period} (UTC).`,
        details: { scope, period, cap_usd: cap, spent_usd: spent, price_usd: price, resets_at: resetsAt },
      });
    }
  }
}

/** @throws Refusal invalid_idempotency_key. */
export function readIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (!/^[\x21-\x7e]{1,255}$/.test(header)) {
    throw new Refusal("invalid_idempotency_key", { param: "Idempotency-Key" });
  }
  return header;
}
