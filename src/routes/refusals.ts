/**
 * How a refusal looks to those who get it: the form of MiniMax-like routes, where `error` is a sentence, OpenAI's,
 * where it is an object, or that of a dialect. Which routes speak which is a table, since clients break on another.
 */

import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { routePath } from "hono/route";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { MiniMaxStyleError, OpenAIStyleError } from "../contract.ts";
import { Refusal } from "../errors.ts";
import { log, logProblem } from "../log.ts";
import type { AppEnv } from "./app-env.ts";
import { miniMaxV1Calls, miniMaxV1Refusal } from "./dialects/minimax-v1-refusals.ts";
import { miniMaxV2Calls, miniMaxV2Refusal } from "./dialects/minimax-v2-refusals.ts";

type Form = (
  refusal: Refusal,
  c: Context<AppEnv>,
) => Readonly<{
  body: object;
  /** The table's if left out. */
  status?: ContentfulStatusCode;
  headers?: Readonly<Record<string, string>>;
}>;

/** By method and path; everything else, unknown routes included, speaks OpenAI's. */
const forms: readonly [routes: RegExp, form: Form][] = [
  [/^\w+ \/v1\/videos\/(?:minimax\/)?generations(?:\/|$)/, (refusal) => ({ body: miniMaxBody(refusal) })],
  [/^\w+ \/v1\/videos\/(?:query|download)\//, (refusal) => ({ body: miniMaxBody(refusal) })],
  // It orders like a create, and like one it tells which task MiniMax refused.
  [/^\w+ \/v1\/videos\/[^/]+\/retry$/, (refusal) => ({ body: miniMaxBody(refusal) })],
  [miniMaxV1Calls, miniMaxV1Refusal],
  [miniMaxV2Calls, miniMaxV2Refusal],
];

/** What a 401 must name: by which scheme to try again (RFC 9110, 15.5.2). */
const challenge = { "www-authenticate": 'Bearer realm="filmgate"' };

/** Renders whatever was thrown; what is not a refusal is a defect, told to the log and not to the caller. */
export function renderError(error: unknown, c: Context<AppEnv>): Response {
  const refusal = asRefusal(error);
  noteRefusal(refusal, error, c);
  const route = `${c.req.method} ${c.req.path}`;
  const form = forms.find(([routes]) => routes.test(route))?.[1];
  const told = form?.(refusal, c) ?? { body: openAIBody(refusal) };
  const headers = {
    ...(refusal.row.status === 401 ? challenge : {}),
    ...refusal.headers,
    ...told.headers,
    // OpenAI's clients repeat 409 and 5xx unless told not to. A create that broke down may be repeated, too: the same
    // order again is the same task. A delete may not: the first may have cancelled, and the second would delete.
    "x-should-retry": String(refusal.row.retryable && c.req.method !== "DELETE"),
    "cache-control": "no-store",
  };
  return c.json(told.body, told.status ?? refusal.row.status, headers);
}

/** Which refusal, where, to whom; its sentence may quote the caller, and stays out of the log. */
function noteRefusal(refusal: Refusal, error: unknown, c: Context<AppEnv>): void {
  const { requestId, caller } = c.var;
  const names = { account: caller?.account, request_id: requestId };
  const { code, row, param } = refusal;
  if (row.status === 500) logProblem("defect", { ...names, error: String(error) });
  else
    log("refused", { code, status: row.status, param, method: c.req.method, route: routePath(c), ...names });
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof HTTPException && error.status === 400)
    return new Refusal("invalid_field", { message: error.message });
  return new Refusal("internal_error");
}

function miniMaxBody(refusal: Refusal): MiniMaxStyleError {
  const { provider, row } = refusal;
  return {
    error: refusal.message,
    code: refusal.code,
    details: { ...(refusal.param === null ? {} : { param: refusal.param }), ...refusal.details },
    base_resp:
      provider === null
        ? { status_code: row.baseCode, status_msg: refusal.message }
        : { status_code: provider.statusCode, status_msg: provider.statusMessage },
  };
}

function openAIBody(refusal: Refusal): OpenAIStyleError {
  return {
    error: { message: refusal.message, type: refusal.row.type, code: refusal.code, param: refusal.param },
  };
}
