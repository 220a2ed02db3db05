/** A refusal in each form, as the table of errors has it: the code that is most likely where a route says no so. */

import type { MiniMaxStyleError, OpenAIStyleError } from "../../contract.ts";
import { type ErrorCode, errorTable } from "../../errors.ts";
import { miniMaxV2ErrorOf } from "../dialects/minimax-v2-refusals.ts";
import type { Examples, Operation } from "./document.ts";

/** By status … */
const likely: Readonly<Record<string, ErrorCode>> = {
  400: "invalid_field",
  401: "missing_key",
  402: "cost_exceeds_limit",
  403: "publishable_key",
  404: "not_found",
  409: "video_not_ready",
  410: "content_moderated",
  412: "precondition_failed",
  413: "body_too_large",
  416: "range_not_satisfiable",
  422: "content_refused",
  424: "provider_key_refused",
  429: "rate_limited",
  500: "internal_error",
  501: "not_supported",
  503: "misconfigured",
};

/** … but for these routes. */
const exceptions: Readonly<Record<string, Readonly<Record<string, ErrorCode>>>> = {
  getSignedFile: { 403: "link_expired" },
  getPublished: { 403: "origin_refused", 404: "publication_making", 410: "publication_expired" },
  getPoster: { 403: "origin_refused", 410: "publication_expired" },
  getOEmbed: { 404: "publication_making", 410: "publication_expired" },
  publishVideo: { 410: "cancelled" },
  downloadVideo: { 410: "video_failed" },
  getVideoContent: { 410: "video_failed" },
  retryVideo: { 409: "not_retryable", 429: "provider_busy" },
  deleteMiniMaxV2Video: { 400: "not_dismissible" },
  createMiniMaxV2Video: { 429: "provider_busy" },
  createOpenAIVideo: { 429: "provider_busy" },
  createKey: { 409: "account_closed" },
  createAccount: { 409: "account_exists" },
  resolveHeld: { 409: "not_held" },
};

/** The examples of the forms of refusals, for one status of a route. */
export function refusalExamples(operation: Operation, status: string): Readonly<Record<string, Examples>> {
  const isAdmins = operation.security?.some((scheme) => "adminKey" in scheme) && status === "401";
  const special = exceptions[operation.operationId ?? ""]?.[status];
  const code = special ?? (isAdmins ? "invalid_admin_key" : likely[status]);
  if (code === undefined) return {};
  const { sentence, type, baseCode } = errorTable[code];
  const openAI: OpenAIStyleError = { error: { message: sentence, type, code, param: null } };
  const miniMax: MiniMaxStyleError = {
    error: sentence,
    code,
    details: {},
    base_resp: { status_code: baseCode, status_msg: sentence },
  };
  const numbered = `${sentence} (${baseCode})`;
  return {
    MiniMaxV2Error: {
      [code]: { value: miniMaxV2ErrorOf(Number(status), numbered, "3f0c1a52-8d6e-4b7a-9c21-5e4d3b2a1f00") },
    },
    OpenAIStyleError: { [code]: { value: openAI } },
    MiniMaxStyleError: { [code]: { value: miniMax } },
  };
}
