/*
 * Calling the caller: the challenge inside create and the pushes after it. Documented: the challenge is a POST
 * that must be echoed within 3 s; pushes carry the query's structure, without signature. Observed by third
 * parties: the check is synchronous with create, and its failure a 2013. Not documented, so ours: nothing is
 * sent twice, redirects are not followed, and loopback addresses, which the real service refuses, are allowed.
 */
import { randomBytes, randomInt } from "node:crypto";
import { type Push, planPushes } from "./callback-plan.ts";
import type { Phase } from "./life.ts";
import type { State, Task } from "./state.ts";

/** How a wire speaks to the caller's address. */
export type Voice = {
  tellsQueue: boolean;
  /** The body of a push; `named` is the task's id, or the one a forged push names. */
  body(state: State, task: Task, phase: Phase, named: string): unknown;
};

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
export function schedulePushes(state: State, task: Task, voice: Voice): void {
  const { faults } = state;
  const { life } = task;
  const manners = {
    isSilent: faults.has("callback-none", task.order),
    isReversed: faults.has("callback-reorder", task.order),
    isForged: faults.has("callback-forged", task.order),
    times: Number(faults.find("callback-storm", task.order) ?? 1),
    lateMs: Number(faults.find("callback-late", task.order) ?? 0),
  };
  for (const push of planPushes(task.acceptedAt, life, manners, voice.tellsQueue)) {
    // What was planned for a life that was cut short is not told.
    state.at(push.at, () => void (task.life === life && send(state, task, push, voice)));
  }
}

/** The push that overtakes the answer to its own create: it has arrived, or failed, when this returns. */
export function pushEarly(state: State, task: Task, voice: Voice): Promise<void> {
  return send(state, task, { at: state.now(), phase: "running" }, voice);
}

/** The push of a change that was not planned. */
export function pushNow(state: State, task: Task, phase: Phase, voice: Voice): void {
  if (task.order.callbackUrl === null || state.faults.has("callback-none", task.order)) return;
  state.at(state.now(), () => void send(state, task, { at: state.now(), phase }, voice));
}

async function send(state: State, task: Task, { phase, forged }: Push, voice: Voice): Promise<void> {
  const url = new URL(task.order.callbackUrl ?? "");
  if (forged === "secret") url.searchParams.set("secret", randomBytes(16).toString("hex"));
  task.callbacksSent += 1;
  const named = forged === "task" ? String(randomInt(10 ** 14, 2 * 10 ** 14)) : task.id;
  try {
    const response = await post(url.href, voice.body(state, task, phase, named), pushTimeoutMs);
    await response.body?.cancel();
  } catch {
    // Nobody is told: no retry of pushes is documented.
  }
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
