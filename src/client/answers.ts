/**
 * Reading answers: JSON where all is well, and otherwise an error from whichever form the route speaks. MiniMax-like
 * routes say `{error: "sentence", code, details, base_resp}`, all others `{error: {message, code, param}}`; a proxy in
 * between says what it likes.
 */

import type { MiniMaxStyleError, OpenAIStyleError } from "../contract.ts";
import { type ErrorFacts, FilmgateError, type MiniMaxAnswer, VideoFailedError } from "./errors.ts";
import { readRetryAfter } from "./retries.ts";

/** What was asked, for sentences. */
export type Asked = { method: string; url: string; idempotencyKey: string | null };

/** @throws FilmgateError unless the answer is a success in JSON. A redirect has status 0 in browsers. */
export function readAnswer(response: Response, text: string, asked: Asked): unknown {
  if (response.status === 0 || (response.status >= 300 && response.status < 400)) {
    throw redirected(response, asked);
  }
  const body = parse(text);
  if (!response.ok) throw errorOf(response, body, text, asked);
  if (body === undefined) throw unreadable(response, text, asked);
  return body;
}

/** What MiniMax said, if it said anything: filmgate repeats its own sentence in `base_resp` where MiniMax did not. */
export function miniMaxAnswer(
  base: { status_code: number; status_msg: string } | undefined,
  sentence: string | undefined,
): MiniMaxAnswer | null {
  if (base === undefined || base.status_msg === sentence) return null;
  return { statusCode: base.status_code, statusMessage: base.status_msg };
}

function errorOf(response: Response, body: unknown, text: string, asked: Asked): FilmgateError {
  const facts = factsOf(response, asked);
  if (isMiniMaxStyle(body)) {
    const details = body.details ?? {};
    const { task_id: taskId, param } = details;
    const told: ErrorFacts = {
      ...facts,
      code: body.code,
      details,
      param: typeof param === "string" ? param : null,
      minimax: miniMaxAnswer(body.base_resp, body.error),
    };
    // A create that names a task tells how that task ended; it does so only if nothing was charged.
    if (typeof taskId === "string") {
      return new VideoFailedError(body.error, { ...told, taskId, costState: "released" });
    }
    return new FilmgateError(body.error, told);
  }
  if (isOpenAIStyle(body)) {
    const { message, code, param } = body.error;
    return new FilmgateError(message, { ...facts, code, param: param ?? null });
  }
  return unreadable(response, text, asked);
}

function factsOf(response: Response, asked: Asked): Omit<ErrorFacts, "code"> {
  const advice = response.headers.get("x-should-retry");
  const isPassingStatus = response.status === 429 || response.status >= 500;
  return {
    status: response.status,
    requestId: response.headers.get("x-request-id"),
    retryable: advice === null ? isPassingStatus : advice === "true",
    retryAfterSeconds: readRetryAfter(response.headers.get("retry-after"), Date.now()),
    idempotencyKey: asked.idempotencyKey,
  };
}

/** The error of an answer that is not filmgate's. */
export function unreadable(response: Response, text: string, asked: Asked): FilmgateError {
  const start = text.trim().slice(0, 120);
  const words = start === "" ? "without a body" : `with '${start}${text.length > 120 ? "…" : ""}'`;
  return new FilmgateError(
    `${asked.method} ${asked.url} was answered ${response.status} ${words}, which is not filmgate's. Look at what baseUrl points to, and at what stands in between.`,
    { ...factsOf(response, asked), code: "unreadable_answer" },
  );
}

/** Not followed: a POST would arrive as a GET, and the key would travel to another place. */
function redirected(response: Response, asked: Asked): FilmgateError {
  const location = response.headers.get("location");
  const where = location === null ? "elsewhere" : `to ${location}`;
  return new FilmgateError(
    `${asked.method} ${asked.url} is redirected ${where}, which is not followed. Set baseUrl to the address that answers itself.`,
    { ...factsOf(response, asked), code: "redirected", param: "baseUrl" },
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isMiniMaxStyle(body: unknown): body is Partial<MiniMaxStyleError> & { error: string; code: string } {
  const { error, code } = (body ?? {}) as { error?: unknown; code?: unknown };
  return typeof error === "string" && typeof code === "string";
}

function isOpenAIStyle(body: unknown): body is OpenAIStyleError {
  const { message, code } = ((body as { error?: unknown } | null)?.error ?? {}) as Record<string, unknown>;
  return typeof message === "string" && typeof code === "string";
}
