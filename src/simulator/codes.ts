/*
 * MiniMax's codes and its sentences for them, which both wires know. On the V1 wire an error is HTTP 200 with a
 * code other than 0 in `base_resp` (observed by third parties, 2026-06 to 2026-08). The codes are documented
 * (platform.minimax.io/docs/api-reference/errorcode); the sentences are quoted where someone recorded a real
 * one, and otherwise follow the documented meaning.
 */

export type BaseResp = { status_code: number; status_msg: string };

const sentences: Record<number, string> = {
  0: "success",
  1000: "unknown error",
  1001: "request timeout, please try again later", // observed, MiniMax-AI/MiniMax-01#67
  1002: "rate limit, please retry later",
  1004: "login fail: Please carry the API secret key in the 'Authorization' field of the request header",
  1008: "insufficient balance",
  1013: "internal service error",
  1024: "internal error",
  1026: "input new_sensitive",
  1027: "output new_sensitive",
  1028: "quota exhausted",
  1030: "quota exhausted",
  1033: "system error, database failure",
  1039: "token limit, please retry later",
  1041: "connection limit",
  1042: "invisible character ratio limit",
  2013: "invalid params",
  2038: "real-name verification required",
  2045: "rate growth limit",
  2049: "invalid api key",
  2056: "usage limit exceeded",
  2061: "your current token plan not support model", // observed by third parties
};

export const sentenceOf = (code: number) => sentences[code] ?? "unknown error";

/** The `base_resp` for a code, with a sentence of its own if one is given. */
export function baseResp(code: number, sentence?: string): BaseResp {
  return { status_code: code, status_msg: sentence ?? sentenceOf(code) };
}
