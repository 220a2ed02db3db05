/**
 * How the dialect MiniMax V2 says no: the true HTTP status, and MiniMax's error object, whose message ends with its
 * number in brackets (platform.minimax.io/docs/api-reference/video-generation-v2-create). Clients show the message and
 * judge by the status: they repeat what is 409, 429 or 5xx, so no verdict on an order that a repetition cannot help
 * comes so.
 */

import type { Context } from "hono";
import type { Refusal } from "../../errors.ts";
import type { AppEnv } from "../app-env.ts";

/** Unknown addresses below it as well: whoever asks there speaks V2. */
export const miniMaxV2Calls = /^\w+ \/v2\//;

/** MiniMax's words for the statuses that it has; another gets that of its kind. */
const types: Readonly<Record<number, string>> = {
  401: "authorized_error",
  402: "insufficient_balance_error",
  403: "authorized_error",
  422: "unprocessable_entity_error",
  429: "rate_limit_error",
};

export function miniMaxV2Refusal({ row, message, provider }: Refusal, c: Context<AppEnv>) {
  const said =
    provider === null
      ? `${message} (${row.baseCode})`
      : `${row.sentence} MiniMax: ${provider.statusMessage} (${provider.statusCode})`;
  return {
    body: miniMaxV2ErrorOf(row.status, said, c.var.requestId),
    headers: { "trace-id": c.var.requestId },
  };
}

/** MiniMax's error object. */
export function miniMaxV2ErrorOf(status: number, message: string, requestId: string) {
  const type = types[status] ?? (status < 500 ? "bad_request_error" : "server_error");
  return { type: "error", error: { type, message, http_code: String(status) }, request_id: requestId };
}
