/**
 * Those who order, as real clients do when answers are lost: each kind repeats in its own way, and all stay within
 * what one order means. Nobody repeats an order without a key later than `patienceMs` after giving it first, since
 * the same order a minute after it succeeded is another; and nobody repeats what he took back.
 */

import type { CreateVideoResponse, DeleteVideoResponse, QueryVideoResponse } from "../../src/contract.ts";
import type { PlannedOrder } from "./plan.ts";
import { type Answer, type Stage, sleep } from "./stage.ts";

/** What a caller knows at the end. */
export type CallerNotes = Readonly<{
  order: PlannedOrder;
  /** Tasks that an answer named: accepted, in so many words. */
  taskIds: ReadonlySet<string>;
  /** Set if it sent a DELETE, whose answer may have been lost: its task may end in any way, or be gone. */
  tookBack: boolean;
  /** Answers that no client should see: a 5xx though the Worker was up. */
  troubles: readonly string[];
}>;

const patienceMs = 45_000;
const followMs = 30_000;

type Outcome = { taskId: string | null; isRepeatable: boolean };

/** Gives one order, until its task is known, it was refused, or patience has ended. */
export async function giveOrder(
  stage: Stage,
  order: PlannedOrder,
  fields: Record<string, unknown>,
): Promise<CallerNotes> {
  const account = stage.accounts[order.account];
  const key = account?.keys[order.key] ?? "";
  const taskIds = new Set<string>();
  const troubles: string[] = [];
  let tookBack = false;
  const began = Date.now();
  const idempotency = order.withIdempotencyKey ? { "idempotency-key": `film-${order.number}` } : null;

  async function post(retry: number, signal?: AbortSignal): Promise<Outcome> {
    const answer = await stage
      .call<CreateVideoResponse & { details?: { task_id?: string } }>(key, "POST", "/v1/videos/generations", {
        body: fields,
        headers: { ...idempotency, "x-stainless-retry-count": String(retry) },
        ...(signal === undefined ? {} : { signal }),
      })
      .catch(() => null);
    return read(answer);
  }
  function read(answer: Answer<CreateVideoResponse & { details?: { task_id?: string } }> | null): Outcome {
    if (answer === null) return { taskId: null, isRepeatable: true };
    const taskId = answer.body?.task_id ?? answer.body?.details?.task_id ?? null;
    if (taskId !== null) taskIds.add(taskId);
    if (answer.status >= 500) troubles.push(`a create answered ${answer.status}`);
    return { taskId, isRepeatable: taskId === null && (answer.status >= 500 || answer.status === 429) };
  }
  const isPatient = () => order.withIdempotencyKey || Date.now() - began < patienceMs;

  /** One call of the client: up to so many POSTs. */
  async function attempt(posts: number, waitMs: (retry: number) => number): Promise<Outcome> {
    let outcome: Outcome = { taskId: null, isRepeatable: true };
    for (let retry = 0; retry < posts && outcome.isRepeatable && isPatient(); retry++) {
      if (retry > 0) await sleep(waitMs(retry));
      outcome = await post(retry);
    }
    return outcome;
  }
  const slowly = (retry: number) => 500 * 2 ** (retry - 1);
  const call = async (): Promise<Outcome> => {
    switch (order.caller) {
      case "repeats-at-once":
        return attempt(6, () => 3);
      case "hangs-up": {
        const outcome = await post(0, AbortSignal.timeout(order.hangUpMs));
        return outcome;
      }
      case "sends-in-parallel": {
        const outcomes = await Promise.all(Array.from({ length: 4 }, (_, retry) => post(retry)));
        return outcomes.find(({ taskId }) => taskId !== null) ?? { taskId: null, isRepeatable: true };
      }
      case "repeats-thrice":
      case "sends-a-key":
      case "sends-a-key-sometimes":
      case "orders-again-on-a-failed-poll":
      case "cancels":
        return attempt(3, slowly);
    }
  };

  /** Follows the task; what `onFailedPoll` says replaces it. */
  async function follow(first: string, onFailedPoll: () => Promise<Outcome>): Promise<void> {
    let taskId = first;
    const end = Date.now() + followMs;
    while (Date.now() < end) {
      const answer = await stage
        .call<QueryVideoResponse>(key, "GET", `/v1/videos/query/${taskId}?wait=3`)
        .catch(() => null);
      if (answer !== null && answer.status >= 500) troubles.push(`a poll answered ${answer.status}`);
      if (answer?.status === 404) return void troubles.push(`${taskId} was told, and is unknown to a poll`);
      if (answer?.body?.status === "Success" || answer?.body?.status === "Fail") return;
      if (answer === null || answer.status >= 500) {
        await sleep(300);
        taskId = (await onFailedPoll()).taskId ?? taskId;
      }
    }
  }

  async function takeBack(taskId: string): Promise<void> {
    await sleep(order.cancelMs);
    tookBack = true;
    await stage.call<DeleteVideoResponse>(key, "DELETE", `/v1/videos/${taskId}`).catch(() => {});
  }

  let outcome = await call();
  while (outcome.isRepeatable && isPatient() && Date.now() - began < 3 * patienceMs) {
    await sleep(order.comeBackMs);
    if (isPatient()) outcome = await (order.caller === "hangs-up" ? post(0) : call());
  }
  if (outcome.taskId !== null) {
    if (order.caller === "cancels") await takeBack(outcome.taskId);
    else if (order.caller === "orders-again-on-a-failed-poll") {
      await follow(outcome.taskId, async () =>
        isPatient() ? attempt(3, slowly) : { taskId: null, isRepeatable: false },
      );
    } else if (order.followsToTheEnd) {
      await follow(outcome.taskId, async () => ({ taskId: null, isRepeatable: false }));
    }
  }
  return { order, taskIds, tookBack, troubles };
}

/** The create's fields. */
export function fieldsOf(order: PlannedOrder, image: string, more: Record<string, unknown>) {
  const { prompt, model, resolution, duration, ratio } = order;
  return {
    ...{ prompt, model, resolution, duration, metadata: { order: String(order.number) } },
    ...(order.withImage ? { first_frame_image: image } : {}),
    ...(ratio === undefined ? {} : { ratio }),
    ...more,
  };
}
