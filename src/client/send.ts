/**
 * One call of the client: a request, repeated where that is safe, until it is answered. An order carries one
 * Idempotency-Key, or one ticket, for all its attempts, so that however often it arrives it is one order. What would be
 * done again is never repeated: the first delete may cancel a video, and the second would remove it.
 */

import { type Asked, readAnswer, unreadable } from "./answers.ts";
import { ConnectionError, FilmgateError } from "./errors.ts";
import { retryWaitMs } from "./retries.ts";
import type { Settings } from "./settings.ts";
import { limitTime, pause } from "./time.ts";

/** What repeating a request does whose answer was lost. */
export type Repeating =
  /** It asks again: nothing is made or kept by it. */
  | "asks"
  /** It is the same order, by its key or ticket, and paid once. */
  | "order"
  /** It leaves things as once did, or makes another of what costs nothing. */
  | "harmless"
  /** It may do more than once did, so that somebody has to look first. */
  | "look";

const usually: Record<Call["method"], Repeating> = {
  GET: "asks",
  POST: "look",
  PATCH: "harmless",
  DELETE: "look",
};

export type Call = {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Begins with a slash; ids in it are encoded. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: { json: unknown } | { bytes: Uint8Array | ArrayBuffer | Blob; contentType: string };
  /** By default as is usual for its method. */
  repeating?: Repeating | undefined;
  /** Of an order; it has one of its own if none is given. */
  idempotencyKey?: string | undefined;
  /** What a page orders with: sent in place of an Idempotency-Key. */
  ticket?: string | undefined;
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
    const retries = request.repeating === "look" ? 0 : settings.maxRetries;
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

/** @throws FilmgateError, `unreadable_answer` if it is no stream; the signal's reason if it was aborted. */
export function createOpenStream(settings: Settings): OpenStream {
  return async ({ path, lastEventId, signal }) => {
    const request = prepare(settings, { method: "GET", path });
    const { init, asked } = request;
    const headers: Record<string, string> = {
      ...(init.headers as Record<string, string>),
      accept: "text/event-stream",
      ...(lastEventId === "" ? {} : { "last-event-id": lastEventId }),
    };
    try {
      const { fetch } = settings;
      const response = await fetch(asked.url, { ...init, headers, signal });
      const isStream = /^text\/event-stream\b/i.test(response.headers.get("content-type") ?? "");
      if (response.ok && isStream && response.body !== null) return response.body;
      const text = await response.text();
      readAnswer(response, text, asked);
      // A success that is no stream is none: a page of something in between, for example.
      throw unreadable(response, text, asked);
    } catch (error) {
      if (error instanceof FilmgateError) throw error;
      signal.throwIfAborted();
      throw unanswered(request, null, error);
    }
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

type Prepared = { init: RequestInit; asked: Asked; repeating: Repeating };

/** What all attempts have in common. */
function prepare(settings: Settings, call: Call): Prepared {
  const { method, path, query, body, idempotencyKey, ticket, repeating = usually[method] } = call;
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  const search = parameters.size === 0 ? "" : `?${parameters}`;
  const headers: Record<string, string> = {
    accept: "application/json",
    authorization: `Bearer ${settings.apiKey}`,
  };
  const key = repeating === "order" && ticket === undefined ? readKey(idempotencyKey) : null;
  if (key !== null) headers["idempotency-key"] = key;
  if (ticket !== undefined) headers["filmgate-ticket"] = readTicket(ticket);
  if (body !== undefined) headers["content-type"] = "json" in body ? "application/json" : body.contentType;
  const content = body === undefined ? undefined : "json" in body ? JSON.stringify(body.json) : body.bytes;
  return {
    init: {
      method,
      headers,
      redirect: "manual",
      ...(content === undefined ? {} : { body: content as BodyInit }),
    },
    asked: { method, url: `${settings.baseUrl}${path}${search}`, idempotencyKey: key },
    repeating,
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
  const { init, asked } = request;
  const limit = limitTime(settings.timeoutMs + (call.holdMs ?? 0), call.signal);
  try {
    const { fetch } = settings;
    const response = await fetch(asked.url, { ...init, signal: limit.signal });
    if (isFirst) call.onFirstAnswer?.(response.headers);
    return readAnswer(response, await response.text(), asked);
  } catch (error) {
    if (error instanceof FilmgateError) throw error;
    call.signal?.throwIfAborted();
    throw unanswered(request, limit.isOver() ? settings.timeoutMs : null, error);
  } finally {
    limit.release();
  }
}

function unanswered(request: Prepared, timeoutMs: number | null, cause: unknown): ConnectionError {
  const { method, url, idempotencyKey } = request.asked;
  const how =
    timeoutMs === null ? `got no answer (${reason(cause)})` : `was not answered within ${timeoutMs} ms`;
  const what = `${method} ${url} ${how}.`;
  return new ConnectionError(`${what} ${advice(request)}`, {
    what,
    code: timeoutMs === null ? "connection_failed" : "timeout",
    retryable: request.repeating !== "look",
    idempotencyKey,
    cause,
  });
}

function advice({ repeating, asked: { method, idempotencyKey } }: Prepared): string {
  const same = idempotencyKey === null ? "the same ticket" : "this error's idempotencyKey";
  return {
    asks: "Look at baseUrl and the network, and ask again.",
    order: `It may have arrived: to repeat it without ordering twice, give ${same}.`,
    harmless: "It may have been done. To repeat it is safe, and costs nothing more.",
    look: `It may have been done: look ${method === "DELETE" ? "with get() " : ""}before repeating it.`,
  }[repeating];
}

/** Node says "fetch failed" and hides why; the cause tells. */
function reason(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(inner instanceof Error)) return String(inner);
  return inner.message || (inner as { code?: string }).code || inner.name;
}
