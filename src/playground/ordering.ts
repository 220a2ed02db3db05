/**
 * Paying once. Each press has one Idempotency-Key, which is written down before anything is sent and kept until there
 * is an answer: asking again, or coming back after a reload, is the same order.
 */

import {
  ConnectionError,
  type CreateVideoResponse,
  type Filmgate,
  FilmgateError,
  type VideoOrder,
} from "../client/filmgate.ts";
import { type Pending, session } from "./session.ts";

export type Outcome =
  | { kind: "ordered"; created: CreateVideoResponse; order: VideoOrder }
  | { kind: "refused"; error: unknown }
  /** It may have arrived. */
  | { kind: "unanswered"; error: unknown };

/** How long after a press a page that was loaded again goes on by itself. */
const goOnMs = 5 * 60_000;

export function createOrdering(client: Filmgate) {
  let underWay: Promise<Outcome> | null = null;

  const send = async (pending: Pending): Promise<Outcome> => {
    try {
      const { idempotencyKey, order } = pending;
      const created = await client.video.create(order, { idempotencyKey });
      session.keepOrder(created.task_id, order);
      session.dropPending();
      return { kind: "ordered", created, order };
    } catch (error) {
      if (!isAnswer(error)) return { kind: "unanswered", error };
      session.dropPending();
      return { kind: "refused", error };
    } finally {
      underWay = null;
    }
  };
  const begin = (pending: Pending) => {
    underWay = send(pending);
    return underWay;
  };

  return {
    isUnderWay: () => underWay !== null,
    /** Orders it; null if an order is under way, as after a double click. The same order unanswered is that order. */
    press(order: VideoOrder): Promise<Outcome> | null {
      if (underWay !== null) return null;
      const before = session.readPending();
      const isSame = before !== null && JSON.stringify(before.order) === JSON.stringify(order);
      const pending = isSame ? before : { idempotencyKey: crypto.randomUUID(), order, pressedAt: Date.now() };
      session.keepPending(pending);
      return begin(pending);
    },
    /** Asks again what became of the order that was not answered. */
    askAgain(): Promise<Outcome> | null {
      const pending = session.readPending();
      return underWay !== null || pending === null ? null : begin(pending);
    },
    /** After a reload: goes on where the page was left, if that was a moment ago. */
    resume(): { outcome: Promise<Outcome> | null } | null {
      const pending = session.readPending();
      if (pending === null) return null;
      return { outcome: Date.now() - pending.pressedAt < goOnMs ? begin(pending) : null };
    },
  };
}

/** Whether the server has decided: anything else leaves open whether it has taken the order. */
function isAnswer(error: unknown): boolean {
  if (!(error instanceof FilmgateError) || error instanceof ConnectionError) return false;
  return error.status === null || (error.status < 500 && error.code !== "unreadable_answer");
}
