/**
 * A tool's requests to filmgate's own routes, with its caller's key: the same checks, caps, joining and refusals as for
 * anybody else, in the same process. So no tool can do what its caller could not.
 */

import type { Context } from "hono";
import { isTaskId } from "../../domain/ids.ts";
import { Refusal } from "../../errors.ts";
import type { AppEnv } from "../app-env.ts";

/** Answers a request as the app answers it. */
export type Dispatch = (request: Request, c: Context<AppEnv>) => Promise<Response>;

export type OwnRequests = Readonly<{
  get(path: string, query?: Readonly<Record<string, unknown>>): Promise<Answer>;
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  delete(path: string): Promise<Answer>;
}>;

/** What a route answered with success. */
export type Answer = Readonly<Record<string, unknown>>;

/** What a route refused, in its own sentence. */
export class RefusedRequest extends Error {
  readonly code: string;
  /** The request in the log, where that broke down and nobody knows what it did; null where it was refused. */
  readonly brokenRequestId: string | null;
  constructor(message: string, code: string, brokenRequestId: string | null) {
    super(message);
    this.code = code;
    this.brokenRequestId = brokenRequestId;
  }
}

/** @throws RefusedRequest from each of them. */
export function ownRequests(c: Context<AppEnv>, dispatch: Dispatch): OwnRequests {
  const authorization = c.req.header("authorization") ?? "";
  const { origin } = new URL(c.req.url);
  const { requestId } = c.var;
  const send = async (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) => {
    // In the log under the name that its caller was told.
    const headers = { ...init.headers, authorization, "x-request-id": requestId };
    const response = await dispatch(new Request(`${origin}${path}`, { ...init, headers }), c);
    const body = (await response.json()) as Answer & { error?: unknown; code?: unknown };
    if (response.ok) return body;
    // Routes refuse in two forms: a sentence with its code beside it, or both within an object.
    const { message, code } =
      typeof body.error === "string"
        ? { message: body.error, code: body.code }
        : (body.error as { message: string; code: unknown });
    throw new RefusedRequest(message, String(code), response.status === 500 ? requestId : null);
  };
  return {
    get(path, query = {}) {
      const given = Object.entries(query).flatMap(([name, value]) =>
        value === undefined || value === null ? [] : [[name, String(value)]],
      );
      return send(given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`);
    },
    post: (path, body, headers = {}) =>
      send(path, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { ...headers, "content-type": "application/json" },
      }),
    delete: (path) => send(path, { method: "DELETE" }),
  };
}

/** The path of one video's route. @throws Refusal missing_field, not_found. */
export function videoPath(taskId: unknown, rest = ""): string {
  return `/v1/videos/${requireTaskId(taskId)}${rest}`;
}

/**
 * What is no id has no route, wherever its words, dots and slashes would lead.
 * @throws Refusal missing_field, not_found.
 */
export function requireTaskId(taskId: unknown): string {
  if (typeof taskId !== "string") throw new Refusal("missing_field", { message: "task_id: is required." });
  if (!isTaskId(taskId)) throw new Refusal("not_found", { message: "There is no such video." });
  return taskId;
}
