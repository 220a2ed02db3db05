/*
 * Calling the caller: the challenge inside create and the pushes after it. Documented: the challenge is a POST
 * that must be echoed within 3 s; pushes carry the query's structure, without signature. Observed by third
 * parties: the check is synchronous with create, and its failure a 2013. Not documented, so ours: nothing is
 * sent twice, redirects are not followed, and loopback addresses, which the real service refuses, are allowed.
 */
import { randomBytes, randomInt } from "node:crypto";
import { type Push, type PushStatus, planPushes } from "./callback-plan.ts";
import { baseResp } from "./codes.ts";
import type { State, Task } from "./state.ts";

const challengeTimeoutMs = 3000;
const pushTimeoutMs = 10_000;

/** Whether the receiver echoes a challenge in time. The clock here is life's, at any speed. */
export async function passesChallenge(url: string): Promise<boolean> {
  const challenge = randomBytes(16).toString("hex");
  try {
    const response = await post(url, { challenge }, challengeTimeoutMs);
    if (response.status !== 200) return false;
    const echoed = (await response.json()) as { challenge?: unknown } | null;
    return echoed?.challenge === challenge;
  } catch {
    return false; // unreachable, too late, or not JSON
  }
}

/** Sets the timers of all pushes of a task. */
export function schedulePushes(state: State, task: Task): void {
  const { faults } = state;
  const pushes = planPushes(task.acceptedAt, task.life, {
    isSilent: faults.has("callback-none", task.order),
    isReversed: faults.has("callback-reorder", task.order),
    isForged: faults.has("callback-forged", task.order),
    times: Number(faults.find("callback-storm", task.order) ?? 1),
    lateMs: Number(faults.find("callback-late", task.order) ?? 0),
  });
  for (const push of pushes) state.at(push.at, () => void send(task, push));
}

/** The push that overtakes the answer to its own create: it has arrived, or failed, when this returns. */
export function pushEarly(state: State, task: Task): Promise<void> {
  return send(task, { at: state.now(), status: "processing" });
}

async function send(task: Task, { status, forged }: Push): Promise<void> {
  const url = new URL(task.order.callbackUrl ?? "");
  if (forged === "secret") url.searchParams.set("secret", randomBytes(16).toString("hex"));
  task.callbacksSent += 1;
  const named = forged === "task" ? String(randomInt(10 ** 14, 2 * 10 ** 14)) : task.id;
  try {
    const response = await post(url.href, bodyOf(task, named, status), pushTimeoutMs);
    await response.body?.cancel();
  } catch {
    // Nobody is told: no retry of pushes is documented.
  }
}

/** The sample in the docs has these fields and no sizes. */
function bodyOf({ fileId, life }: Task, named: string, status: PushStatus) {
  const code = status === "failed" && life.ending.status === "Fail" ? life.ending.code : 0;
  return {
    task_id: named,
    status,
    file_id: status === "success" ? fileId : "",
    base_resp: baseResp(code),
  };
}

function post(url: string, body: unknown, timeoutMs: number): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    redirect: "manual",
    signal: AbortSignal.timeout(timeoutMs),
  });
}
