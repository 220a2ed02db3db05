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
import { acceptTask, type Task, type WebhookForm } from "../domain/task.ts";
import { createdView, dollars, failureOf } from "../domain/view.ts";
import type { AdmissionAnswer, AdmissionRequest } from "../durable/admissions.ts";
import { Refusal } from "../errors.ts";
import { log } from "../log.ts";
import type { Ticket } from "../ports/tickets.ts";
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
  webhookForm: WebhookForm;
  /** Null: as the account says when it succeeds. */
  deployHookUrl: string | null;
  publication: Publication | null;
}>;

export type Wanted = Wishes &
  Readonly<{
    order: Order;
    priceMicroUsd: number | null;
    idempotencyKey: string | null;
    retryOf: string | null;
    /** What a publishable key orders with; null for a secret key. */
    ticket: Ticket | null;
  }>;

/**
 * Orders what is wanted, once.
 * @throws Refusal if it is not admitted, or if it failed at once with nothing charged.
 */
export async function placeOrder(c: Context<AppEnv>, wanted: Wanted): Promise<CreateVideoResponse> {
  const { task, joined } = await placeTask(c, wanted);
  return { ...createdView(task, originOf(c)), ...joined };
}

/** The same for who tells the task in words of its own; `joined` is what to add if it was ordered before. */
export async function placeTask(
  c: Context<AppEnv>,
  wanted: Wanted,
): Promise<{ task: Task; joined: Pick<CreateVideoResponse, "joined" | "ignored_fields"> }> {
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
  if (verdict !== "joined") return { task, joined: {} };
  return { task, joined: { joined: true, ignored_fields: ignoredFields(wanted, task) } };
}

/**
 * What will become of an order when it is placed, as far as can be told; nothing is written down.
 * @throws Refusal if it will not be admitted.
 */
export async function foreseeOrder(c: Context<AppEnv>, wanted: Wanted): Promise<"new" | "known"> {
  const request = requestOf(c, wanted);
  const account = c.env.ACCOUNTS.getByName(c.var.caller.account);
  const answer = (await ask(() => account.foresee(request))) as AdmissionAnswer | null;
  if (answer === null) return "new";
  if (!("taskId" in answer)) throw refusalOf(c, answer);
  return "known";
}

function requestOf(c: Context<AppEnv>, { ticket, ...wanted }: Wanted): AdmissionRequest {
  const { settings, caller } = c.var;
  const origin = new URL(c.req.url).origin;
  return {
    ...wanted,
    ticket: ticket && { id: ticket.id, keyId: ticket.keyId, expiresAt: ticket.expiresAt },
    taskId: taskIdFrom(crypto.getRandomValues(new Uint8Array(26))),
    keySha256: caller.keySha256,
    fingerprint: fingerprintOrder(wanted.order),
    // Callbacks are asked for only where MiniMax can reach us.
    publicUrl: settings.publicUrl ?? (origin.startsWith("https:") ? origin : null),
    requestId: c.var.requestId,
  };
}

/** Who joins gets the task as it was ordered: the wishes in which the two differ are named. */
function ignoredFields(wanted: Wanted, task: Task): string[] {
  const sorted = (pairs: Readonly<Record<string, string>>) => JSON.stringify(Object.entries(pairs).sort());
  const differs: [string, boolean][] = [
    ["metadata", sorted(wanted.metadata) !== sorted(task.metadata)],
    ["retention_days", wanted.retentionDays !== null && wanted.retentionDays !== task.retentionDays],
    ["publish", wanted.publication !== null && !isSamePublication(wanted.publication, task.publication)],
    [
      "webhook_url",
      wanted.webhookUrl !== null &&
        (wanted.webhookUrl !== task.webhookUrl || wanted.webhookForm !== task.webhookForm),
    ],
    ["deploy_hook_url", wanted.deployHookUrl !== null && wanted.deployHookUrl !== task.deployHookUrl],
  ];
  return differs.filter(([, isDifferent]) => isDifferent).map(([field]) => field);
}

async function admitAndBegin(
  c: Context<AppEnv>,
  wanted: Wanted,
): Promise<{ task: Task; verdict: "admitted" | "replayed" | "joined" }> {
  const request = requestOf(c, wanted);
  const { account } = c.var.caller;
  const gone: string[] = [];
  for (;;) {
    startTime(c, "admit", "the account admits the order");
    const answer = (await ask(() =>
      c.env.ACCOUNTS.getByName(account).admit(request, gone),
    )) as AdmissionAnswer;
    endTime(c, "admit");
    if (!("taskId" in answer)) throw refusalOf(c, answer);
    const { verdict, taskId } = answer;
    log("order", { verdict, task: taskId, account, request_id: request.requestId });
    startTime(c, "verdict", "MiniMax answers, or is not waited for any longer");
    const task = await begin(c, answer);
    endTime(c, "verdict");
    if (task !== null) return { task, verdict };
    if (verdict !== "joined") throw refusalOf(c, { verdict: "task_deleted" });
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

function refusalOf(c: Context<AppEnv>, answer: Exclude<AdmissionAnswer, { taskId: string }>): Refusal {
  const isVisitor = c.var.caller.kind === "publishable";
  switch (answer.verdict) {
    case "invalid_key":
    case "publishable_key":
      return new Refusal(answer.verdict, { param: "Authorization" });
    case "ticket_used":
    case "ticket_expired":
    case "ticket_invalid":
      return new Refusal(answer.verdict, { param: "Filmgate-Ticket" });
    case "idempotency_key_reused":
      return new Refusal(answer.verdict, { param: "Idempotency-Key" });
    case "task_deleted":
      return isVisitor
        ? new Refusal("task_deleted", {
            message: "The video that this ticket made was deleted. Have a new ticket made for another.",
            param: "Filmgate-Ticket",
          })
        : new Refusal("task_deleted", { param: "Idempotency-Key" });
    case "price_unknown":
      return new Refusal("price_unknown", {
        message: `model: MiniMax publishes no price for it, so the cap of this ${answer.scope} cannot be kept. Take another model, or have the operator set its price in PRICES.`,
        param: "model",
      });
    case "budget_exceeded": {
      const { scope, period, capMicroUsd, spentMicroUsd } = answer.cap;
      const [price, cap, spent] = [answer.priceMicroUsd, capMicroUsd, spentMicroUsd].map(dollars);
      const resetsAt = Math.floor(periodEnd(period, Date.now()) / 1000);
      // What the owner spends is no visitor's business.
      if (isVisitor) {
        return new Refusal("budget_exceeded", {
          message: `This site may order no more videos in this ${period} (UTC). Come back in the next.`,
          details: { period, resets_at: resetsAt },
        });
      }
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
