/*
 * The envelopes of the V2 wire: a real HTTP status, an error object whose message ends with the code in brackets,
 * and a `request_id` (documented: platform.minimax.io/docs/api-reference/video-generation-v2-create). Status and
 * type are documented for 1000, 1002, 1004, 1008, 1026 and 2013, and seen for 2049 and 2056 (RightNow-AI/openfang,
 * MiniMax-AI/MiniMax-M2.7); codes of the same meaning share their row, and any other is a server error.
 */
import { randomBytes } from "node:crypto";
import { json } from "./answers.ts";
import { sentenceOf } from "./codes.ts";

type Row = { status: number; type: string; codes: readonly number[] };

const rows: readonly Row[] = [
  { status: 400, type: "bad_request_error", codes: [2013, 2038, 2061] },
  { status: 401, type: "authorized_error", codes: [1004, 2049] },
  { status: 402, type: "insufficient_balance_error", codes: [1008, 1028, 1030] },
  { status: 422, type: "unprocessable_entity_error", codes: [1026, 1027, 1042] },
  { status: 429, type: "rate_limit_error", codes: [1002, 1039, 1041, 2045, 2056] },
];
const otherwise = { status: 500, type: "server_error" };

/** MiniMax's sentences where V2 has others than V1: documented samples, and 1027 after their likeness. */
const sentences: Record<number, string> = {
  1000: "internal error",
  1026: "video description contains sensitive content",
  1027: "generated video contains sensitive content",
};

export const v2Sentence = (code: number) => sentences[code] ?? sentenceOf(code);

/** @param more is what a contradictory answer carries beside the error. */
export function refuseV2(code: number, sentence?: string, more: Record<string, unknown> = {}): Response {
  const { status, type } = rows.find(({ codes }) => codes.includes(code)) ?? otherwise;
  const said = code === 2013 && sentence ? `invalid params, ${sentence}` : (sentence ?? v2Sentence(code));
  const error = { type, message: `${said} (${code})`, http_code: String(status) };
  return json({ ...more, type: "error", error, request_id: requestId() }, status);
}

/** Like the recorded one: two digits, the time in milliseconds, and 17 digits that say nothing. */
const requestId = () => `02${Date.now()}${randomBytes(9).toString("hex").slice(0, 17)}`;
