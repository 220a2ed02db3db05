/**
 * What the client throws. One class tells everything; it has subclasses only where a caller would catch one apart:
 * a video that failed, a wait that ended too early, a connection that broke, a webhook that is not to be believed.
 * `message` is the server's own sentence, which says what to change.
 */

import type { CostState, QueryVideoResponse } from "../contract.ts";
import type { ErrorCode } from "../errors.ts";
import type { EnsuredVideo } from "./ensure/options.ts";
import type { LockedOrder } from "./ensure/order-identity.ts";

/** Codes that are the client's own; every other is a row of filmgate's table, docs/errors.md. */
export type ClientErrorCode =
  | "invalid_setting"
  | "invalid_argument"
  | "connection_failed"
  | "timeout"
  | "redirected"
  | "unreadable_answer"
  | "wait_timeout"
  | "webhook_unsigned"
  | "webhook_expired"
  | "webhook_invalid"
  | "lock_unavailable"
  | "lock_unreadable"
  | "lock_conflict"
  | "not_locked"
  | "over_budget"
  | "video_gone"
  | "video_taken_down"
  | "published_otherwise"
  | "ensure_failed";

/** Known codes by name; a newer filmgate may send others. */
export type FilmgateErrorCode = ErrorCode | ClientErrorCode | (string & Record<never, never>);

/** What MiniMax said, word for word. */
export type MiniMaxAnswer = { statusCode: number; statusMessage: string };

export type ErrorFacts = {
  code: FilmgateErrorCode;
  status?: number | null;
  requestId?: string | null;
  param?: string | null;
  retryable?: boolean;
  retryAfterSeconds?: number | null;
  minimax?: MiniMaxAnswer | null;
  details?: Record<string, unknown>;
  taskId?: string | null;
  idempotencyKey?: string | null;
  cause?: unknown;
};

export class FilmgateError extends Error {
  override name = "FilmgateError";
  /** Which way of saying no; see docs/errors.md. */
  readonly code: FilmgateErrorCode;
  /** HTTP status of the answer; null if there was none. */
  readonly status: number | null;
  /** `x-request-id` of the answer: what the operator finds it by. */
  readonly requestId: string | null;
  /** The field, header or parameter at fault. */
  readonly param: string | null;
  /** Whether the same request may succeed later without a change. */
  readonly retryable: boolean;
  /** How long the server asks to wait. */
  readonly retryAfterSeconds: number | null;
  /** MiniMax's own code and sentence, where it was MiniMax that said no. */
  readonly minimax: MiniMaxAnswer | null;
  /** What else the answer told. */
  readonly details: Readonly<Record<string, unknown>>;
  /** The task that this is about, where one is known. */
  readonly taskId: string | null;
  /** The key of the order that this is about. Give it again to ask for the same order, not for a second one. */
  readonly idempotencyKey: string | null;

  constructor(message: string, facts: ErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = facts.code;
    this.status = facts.status ?? null;
    this.requestId = facts.requestId ?? null;
    this.param = facts.param ?? null;
    this.retryable = facts.retryable ?? false;
    this.retryAfterSeconds = facts.retryAfterSeconds ?? null;
    this.minimax = facts.minimax ?? null;
    this.details = facts.details ?? {};
    this.taskId = facts.taskId ?? null;
    this.idempotencyKey = facts.idempotencyKey ?? null;
  }
}

/** Of an error that came after an order was taken: it names the order from now on, whatever it was that failed. */
export function nameOrder(error: unknown, order: { taskId: string; idempotencyKey: string | null }): unknown {
  return error instanceof FilmgateError ? Object.assign(error, order) : error;
}

/** The task ended without a video: refused by MiniMax, moderated, failed, cancelled. `code` says which. */
export class VideoFailedError extends FilmgateError {
  override name = "VideoFailedError";
  declare readonly taskId: string;
  /** What it means for the money: `released` was not charged, `settled` was, `held` may have been; null if not told. */
  readonly costState: CostState | null;

  constructor(message: string, facts: ErrorFacts & { taskId: string; costState: CostState | null }) {
    super(message, facts);
    this.costState = facts.costState;
  }
}

/** The video was not finished in `maxWaitMs`. It goes on by itself: wait again with the same `taskId`. */
export class WaitTimeoutError extends FilmgateError {
  override name = "WaitTimeoutError";
  declare readonly taskId: string;
  /** The last that was heard of it; null if nothing was. */
  readonly lastStatus: QueryVideoResponse | null;

  constructor(
    message: string,
    facts: { taskId: string; lastStatus: QueryVideoResponse | null; cause?: unknown },
  ) {
    super(message, { code: "wait_timeout", retryable: true, taskId: facts.taskId, cause: facts.cause });
    this.lastStatus = facts.lastStatus;
  }
}

/** No answer came: `connection_failed`, or `timeout` after `timeoutMs`. The request may have arrived nevertheless. */
export class ConnectionError extends FilmgateError {
  override name = "ConnectionError";
  /** What happened, as a sentence: `message` without its advice, for whoever has another to give. */
  readonly what: string;

  constructor(message: string, facts: ErrorFacts & { what?: string }) {
    super(message, facts);
    this.what = facts.what ?? message;
  }
}

/** One video that the lock does not answer for. */
export type MissingVideo = {
  /** Its key in the lock. */
  key: string;
  /** What it is called in sentences. */
  name: string;
  /** Where it stands among the orders of the call, from 0: each place, if it is there more than once. */
  indices: readonly number[];
  /** What is to be made, as the lock would have it. */
  order: LockedOrder;
  /** What it would cost; 0 if it was ordered already, null if the price is not known. */
  estimatedCostUsd: number | null;
  /** Why it is missing although something of it is known, or why its price is not; null if there is nothing to say. */
  why: string | null;
  /** What plays now, with the words that are wanted, where only its publication is not as it is wanted; else null. */
  video: EnsuredVideo | null;
};

/** Nothing is made in frozen mode, and these videos are not in the lock, or not as they are wanted: `not_locked`. */
export class MissingVideosError extends FilmgateError {
  override name = "MissingVideosError";
  readonly missing: readonly MissingVideo[];
  /** What all of them would cost; null if the price of one is not known. */
  readonly totalUsd: number | null;

  constructor(message: string, facts: { missing: readonly MissingVideo[]; totalUsd: number | null }) {
    super(message, { code: "not_locked" });
    this.missing = facts.missing;
    this.totalUsd = facts.totalUsd;
  }
}

/** Several of the videos that were to be there are not: `ensure_failed`. What did succeed stands in the lock. */
export class EnsureFailedError extends FilmgateError {
  override name = "EnsureFailedError";
  /** What each of them met, in the order in which they were given. */
  readonly errors: readonly FilmgateError[];

  constructor(errors: readonly FilmgateError[]) {
    super(errors.map(({ message }) => message).join("\n"), {
      code: "ensure_failed",
      retryable: errors.every(({ retryable }) => retryable),
    });
    this.errors = errors;
  }
}

/** The request is not a webhook of ours, or not a fresh one. Answer it with 400 and do nothing. */
export class WebhookError extends FilmgateError {
  override name = "WebhookError";
}
