/**
 * What MiniMax's numbers mean for a create. Only the codes in this table prove that a create did not count;
 * any other answer, and no answer, leaves it unknown. Source: platform.minimax.io/docs/api-reference/errorcode,
 * with 1028, 1030, 2038 and 2061 from MiniMax's own clients and third-party recordings.
 */

import type { OutcomeCode, ProviderAnswer } from "../../errors.ts";

type Meaning =
  /** Refused for pace: wait, then another attempt is allowed. */
  | { proof: "deferred" }
  /** Refused for good: MiniMax's verdict on the order. */
  | { proof: "refused"; code: OutcomeCode };

const refused = (code: OutcomeCode): Meaning => ({ proof: "refused", code });
const deferred: Meaning = { proof: "deferred" };

export const provenCodes: Readonly<Record<number, Meaning>> = {
  1002: deferred, // requests a minute
  1039: deferred, // tokens a minute
  1041: deferred, // connections
  2045: deferred, // rate growth
  2056: deferred, // usage window of a plan
  1004: refused("provider_key_refused"), // not authorised
  2049: refused("provider_key_refused"), // invalid key, often of another region
  2038: refused("provider_key_refused"), // real-name verification required
  2061: refused("provider_key_refused"), // plan without this model
  1008: refused("provider_balance"), // insufficient balance
  1028: refused("provider_balance"), // quota exhausted
  1030: refused("provider_balance"), // quota exhausted
  1026: refused("content_refused"), // input is sensitive
  1042: refused("content_refused"), // too many invisible characters
  2013: refused("provider_invalid_request"), // invalid parameters
};

type Proven =
  | { kind: "deferred"; provider: ProviderAnswer }
  | { kind: "callbackRefused"; provider: ProviderAnswer }
  | { kind: "refused"; code: OutcomeCode; provider: ProviderAnswer };

/**
 * What a refusal of a create proves; null if nothing.
 * @param withCallback whether callbacks were asked for: then a 2013 about them is no word on the order.
 */
export function judgeRefusal(provider: ProviderAnswer, withCallback: boolean): Proven | null {
  const meaning = provenCodes[provider.statusCode];
  if (meaning === undefined) return null;
  if (meaning.proof === "deferred") return { kind: "deferred", provider };
  const aboutCallback = provider.statusCode === 2013 && /call.?back/i.test(provider.statusMessage);
  if (withCallback && aboutCallback) return { kind: "callbackRefused", provider };
  return { kind: "refused", code: meaning.code, provider };
}

/** Reasons that a finished query gives for a video that was not made. */
const failReasons: Readonly<Record<number, OutcomeCode>> = {
  1026: "content_refused",
  1027: "content_moderated",
};

/** The outcome of a task that MiniMax calls failed; a reason need not be given (`base_resp` may say success). */
export function failureOf(statusCode: number): OutcomeCode {
  return failReasons[statusCode] ?? "generation_failed";
}

/** True for codes that, on a query, say that the video was refused or withheld, whatever the status word is. */
export function isVerdictOnContent(statusCode: number): boolean {
  return failReasons[statusCode] !== undefined;
}

/** Codes that speak of our call (pace, key) and not of the video, even beside a status that says Fail. */
const aboutCaller: ReadonlySet<number> = new Set([1002, 1004, 1039, 1041, 2045, 2049, 2056]);

export function isAboutCaller(statusCode: number): boolean {
  return aboutCaller.has(statusCode);
}
