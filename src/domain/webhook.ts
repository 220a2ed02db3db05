/**
 * What the caller is told by webhook, and the life of one such message: due, tried on a schedule, delivered or given
 * up. An attempt is written down before it leaves and again when its answer is there, so a crash in between costs an
 * attempt and never the message. Delivery is at least once; the message's id is the same each time.
 */

import type { Video, WebhookEventType } from "../contract.ts";
import { webhookWait } from "./schedule.ts";
import { isCancelled, type Task } from "./task.ts";

export type WebhookAttempt = Readonly<{
  at: number;
  /** Null where no answer came. */
  status: number | null;
  /** What went wrong, in words that hold no secret; null where nothing did. */
  error: string | null;
  /** Null while it is under way, and for ever if the process died in it. */
  durationMs: number | null;
}>;

type Message = Readonly<{
  /** `webhook-id`: the receiver's means to act once. */
  id: string;
  type: WebhookEventType;
  url: string;
  /** As it is sent, byte for byte, every time. */
  body: string;
  createdAt: number;
  /** The newest, oldest first. */
  attempts: readonly WebhookAttempt[];
}>;

export type Delivery = Message &
  (
    | Readonly<{
        state: "pending";
        /** Attempts of the current schedule; a replay begins another. */
        tries: number;
        nextAt: number;
      }>
    | Readonly<{ state: "delivered" | "failed" }>
  );

export type WebhookOutcome = Readonly<{
  status: number | null;
  error: string | null;
  durationMs: number;
  /** How long the receiver asks to be left alone; 0 if it does not. */
  retryAfterMs: number;
  /** True if another attempt cannot change anything. */
  isFinal: boolean;
}>;

const maxLogged = 20;
const unfinished = "No answer was recorded.";

/** What a change of the task is to its caller; null if nothing to tell of. */
export function webhookEventOf(before: Task, after: Task): WebhookEventType | null {
  // Who cancelled was told so at once. MiniMax's verdict comes later, and is the ledger's business.
  if (isCancelled(before)) return null;
  if (isCancelled(after)) return "video.cancelled";
  if (before.status === after.status) return null;
  if (after.status === "succeeded") return "video.succeeded";
  return after.status === "failed" ? "video.failed" : null;
}

/** @param about.video as it is at this moment, with a link that outlasts the schedule. */
export function announce(about: {
  id: string;
  type: WebhookEventType;
  url: string;
  video: Video;
  now: number;
}): Delivery {
  const { id, type, url, video, now } = about;
  const body = JSON.stringify({ type, timestamp: new Date(now).toISOString(), data: video });
  return { id, type, url, body, createdAt: now, attempts: [], state: "pending", tries: 0, nextAt: now };
}

/**
 * The delivery as it stands while an attempt is under way: whatever becomes of the process, the next one is due.
 * @param boundMs how long the attempt may take; the next is not due before that.
 */
export function beginAttempt(delivery: Delivery, now: number, scale: number, boundMs: number): Delivery {
  if (delivery.state !== "pending") return delivery;
  const wait = webhookWait(delivery.tries, scale);
  // The last attempt was lost to a crash: there is none left.
  if (wait === null) return settle(delivery, "failed");
  const tries = delivery.tries + 1;
  const next = webhookWait(tries, scale) ?? 0;
  const attempt = { at: now, status: null, error: unfinished, durationMs: null };
  return {
    ...delivery,
    attempts: [...delivery.attempts, attempt].slice(-maxLogged),
    tries,
    nextAt: now + Math.max(next, boundMs),
  };
}

/** What the delivery is after the attempt that began at `at`. */
export function endAttempt(
  delivery: Delivery,
  at: number,
  outcome: WebhookOutcome,
  now: number,
  scale: number,
): Delivery {
  const { status, error, durationMs } = outcome;
  const attempts = delivery.attempts.map((one) =>
    one.at === at && one.durationMs === null ? { at, status, error, durationMs } : one,
  );
  const after = { ...delivery, attempts };
  if (error === null) return settle(after, "delivered");
  if (after.state !== "pending") return after;
  const wait = webhookWait(after.tries, scale, outcome.retryAfterMs);
  if (outcome.isFinal || wait === null) return settle(after, "failed");
  return { ...after, nextAt: now + wait };
}

/** The attempt did not leave, for a reason of ours: it does not count, and another follows. */
export function takeBackAttempt(delivery: Delivery, at: number, nextAt: number): Delivery {
  const after = { ...delivery, attempts: delivery.attempts.filter((one) => one.at !== at) };
  return after.state === "pending" ? { ...after, tries: Math.max(0, after.tries - 1), nextAt } : after;
}

/**
 * Due again now, on a fresh schedule. While an attempt is due or under way there is nothing to hasten.
 * @param boundMs how long an attempt may take: one that began before that died with its process.
 */
export function replay(delivery: Delivery, now: number, boundMs: number): Delivery {
  const last = delivery.attempts.at(-1);
  const isUnderWay = last !== undefined && last.durationMs === null && now < last.at + boundMs;
  if (delivery.state === "pending" && (delivery.nextAt <= now || isUnderWay)) return delivery;
  const { id, type, url, body, createdAt, attempts } = delivery;
  return { id, type, url, body, createdAt, attempts, state: "pending", tries: 0, nextAt: now };
}

function settle(delivery: Delivery, state: "delivered" | "failed"): Delivery {
  const { id, type, url, body, createdAt, attempts } = delivery;
  return { id, type, url, body, createdAt, attempts, state };
}
