/**
 * One call of the client: a request, repeated where that is safe, until it is answered. Every POST that makes something
 * carries one Idempotency-Key, or one ticket, for all its attempts, so that however often it arrives it is one order.
 * A DELETE is never repeated: the first may cancel a video, and the second would delete it.
 */

import { readAnswer } from "./answers.ts";
import { ConnectionError, FilmgateError } from "./errors.ts";
import { retryWaitMs } from "./retries.ts";
import type { Settings } from "./settings.ts";
import { limitTime, pause } from "./time.ts";

export type Call = {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Begins with a slash; ids in it are encoded. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: { json: unknown } | { bytes: Uint8Array | ArrayBuffer | Blob; contentType: string };
  idempotencyKey?: string | undefined;
  /** What a page orders with: sent in place of an Idempotency-Key. */
  ticket?: string | undefined;
  /** Whether nothing is made or kept by it: a dry run. It needs no key, and a lost answer no care. */
  leavesNothing?: boolean | undefined;
  /** How long the server is asked to hold its answer: time that no timeout counts. */
  holdMs?: number;
  /** Called with the head of an answer to the first attempt, whatever it says: no attempt of this call came before. */
  onFirstAnswer?: ((headers: Headers) => void) | undefined;
  signal?: AbortSignal | undefined;
};

/** @throws FilmgateError, or the signal's reason if it was aborted. */
export type Send = <T>(call: Call) => Promise<T>;

export function createSend(settings: Settings): Send {
  return async <T>(call: Call): Promise<T> => {
    const request = prepare(settings, call);
    const retries = call.method === "DELETE" ? 0 : settings.maxRetries;
    for (let attempt = 0; ; attempt += 1) {
      call.signal?.throwIfAborted();
      try {
        return (await exchange(settings, call, request, attempt === 0)) as T;
      } catch (error) {
        if (!(error instanceof FilmgateError) || attempt >= retries) throw error;
        const waitMs = retryWaitMs(error, attempt, Math.random());
        if (waitMs === null) throw error;
        await pause(waitMs, call.signal);
      }
    }
  };
}

/** Opens a stream of server-sent events: the answer's head, with its body still to come. One attempt. */
export type OpenStream = (about: {
  path: string;
  /** The id of the last event that was seen. */
  lastEventId: string;
  signal: AbortSignal;
}) => Promise<ReadableStream<Uint8Array>>;

/** @throws FilmgateError, or the signal's reason if it was aborted. */
export function createOpenStream(settings: Settings): OpenStream {
  return async ({ path, lastEventId, signal }) => {
    const { url, init } = prepare(settings, { method: "GET", path });
    const asked = { method: "GET" as const, url, idempotencyKey: null };
    const headers: Record<string, string> = {
      ...(init.headers as Record<string, string>),
      accept: "text/event-stream",
      ...(lastEventId === "" ? {} : { "last-event-id": lastEventId }),
    };
    try {
      const { fetch } = settings;
      const response = await fetch(url, { ...init, headers, signal });
      if (response.ok && response.body !== null) return response.body;
      // A success without a stream is none.
      readAnswer(response, await response.text(), asked);
    } catch (error) {
      if (error instanceof FilmgateError) throw error;
      signal.throwIfAborted();
      throw unanswered(asked, null, error);
    }
    throw unanswered(asked, null, new Error("the answer has no body"));
  };
}

/**
 * An id as one segment of a path, whatever is in it.
 * @throws FilmgateError `invalid_argument` for what would lead to another route: nothing, or dots.
 */
export function segment(name: string, id: string): string {
  if (typeof id === "string" && !/^\.{0,2}$/.test(id)) return encodeURIComponent(id);
  throw new FilmgateError(`${name} must be an id, as an answer gave it, not ${JSON.stringify(id)}.`, {
    code: "invalid_argument",
    param: name,
  });
}

type Prepared = { url: string; init: RequestInit; idempotencyKey: string | null };

/** What all attempts have in common. */
function prepare(settings: Settings, call: Call): Prepared {
  const { method, path, query, body, idempotencyKey, ticket, leavesNothing = false } = call;
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  const search = parameters.size === 0 ? "" : `?${parameters}`;
  const headers: Record<string, string> = {
    accept: "application/json",
    authorization: `Bearer ${settings.apiKey}`,
  };
  const isNamed = method === "POST" && ticket === undefined && !leavesNothing;
  const key = isNamed ? readKey(idempotencyKey) : null;
  if (key !== null) headers["idempotency-key"] = key;
  if (ticket !== undefined) headers["filmgate-ticket"] = readTicket(ticket);
  if (body !== undefined) headers["content-type"] = "json" in body ? "application/json" : body.contentType;
  const content = body === undefined ? undefined : "json" in body ? JSON.stringify(body.json) : body.bytes;
  return {
    url: `${settings.baseUrl}${path}${search}`,
    init: {
      method,
      headers,
      redirect: "manual",
      ...(content === undefined ? {} : { body: content as BodyInit }),
    },
    idempotencyKey: key,
  };
}

function readKey(given: string | undefined): string {
  const key = given ?? crypto.randomUUID();
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new FilmgateError("idempotencyKey takes 1 to 255 visible ASCII characters.", {
    code: "invalid_idempotency_key",
    param: "idempotencyKey",
  });
}

/** A text that no ticket is would not even leave: `fetch` refuses it as a header, with a sentence of its own. */
function readTicket(ticket: string): string {
  if (/^[\x21-\x7e]+$/.test(ticket)) return ticket;
  throw new FilmgateError("ticket must be a ticket as createTicket gave it, tkt_….", {
    code: "ticket_invalid",
    param: "ticket",
  });
}

async function exchange(
  settings: Settings,
  call: Call,
  request: Prepared,
  isFirst: boolean,
): Promise<unknown> {
  const { url, init, idempotencyKey } = request;
  const asked = { method: call.method, url, idempotencyKey, leavesNothing: call.leavesNothing };
  const limit = limitTime(settings.timeoutMs + (call.holdMs ?? 0), call.signal);
  try {
    const { fetch } = settings;
    const response = await fetch(url, { ...init, signal: limit.signal });
    if (isFirst) call.onFirstAnswer?.(response.headers);
    return readAnswer(response, await response.text(), asked);
  } catch (error) {
    if (error instanceof FilmgateError) throw error;
    call.signal?.throwIfAborted();
    throw unanswered(asked, limit.isOver() ? settings.timeoutMs : null, error);
  } finally {
    limit.release();
  }
}

type Lost = Pick<Call, "method" | "leavesNothing"> & Pick<Prepared, "url" | "idempotencyKey">;

function unanswered(lost: Lost, timeoutMs: number | null, cause: unknown): ConnectionError {
  const { method, url, idempotencyKey } = lost;
  const what = timeoutMs === null ? "got no answer" : `was not answered within ${timeoutMs} ms`;
  const next = {
    GET: "Look at baseUrl and the network, and ask again.",
    POST:
      idempotencyKey === null
        ? "It may have arrived: to repeat it without ordering twice, give the same ticket."
        : "It may have arrived: to repeat it without ordering twice, give this error's idempotencyKey.",
    PATCH: "It may have been done; to repeat it changes nothing more.",
    DELETE: "It may have been done: look with get() before repeating it.",
  }[lost.leavesNothing === true ? "GET" : method];
  const why = timeoutMs === null ? ` (${reason(cause)})` : "";
  return new ConnectionError(`${method} ${url} ${what}${why}. ${next}`, {
    code: timeoutMs === null ? "connection_failed" : "timeout",
    retryable: method !== "DELETE",
    idempotencyKey,
    cause,
  });
}

/** Node says "fetch failed" and hides why; the cause tells. */
function reason(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(inner instanceof Error)) return String(inner);
  return inner.message || (inner as { code?: string }).code || inner.name;
}
