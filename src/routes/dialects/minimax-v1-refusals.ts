/**
 * How the dialect MiniMax V1 says no. MiniMax answers HTTP 200 and says in `base_resp` what is wrong, and its clients
 * look there first: on another status they show the bare body, or their HTTP library's sentence. So every verdict on
 * the request comes so, with the number that the table of refusals has for it. What is no verdict, a defect or a
 * missing setting, keeps its 5xx: the request may be repeated, and nothing should read it as MiniMax's word.
 */

import type { Context } from "hono";
import type { Refusal } from "../../errors.ts";
import type { AppEnv } from "../app-env.ts";

export const miniMaxV1Calls =
  /^(?:POST \/v1\/video_generation|(?:GET|HEAD) \/v1\/(?:query\/video_generation|files\/retrieve))$/;

/** What an answer holds where there is nothing to tell: the fields are there, empty and zero. */
const emptyAnswers: Readonly<Record<string, object>> = {
  "/v1/video_generation": { task_id: "" },
  "/v1/query/video_generation": { task_id: "", status: "", file_id: "", video_width: 0, video_height: 0 },
  "/v1/files/retrieve": {},
};

export function miniMaxV1Refusal({ row, message }: Refusal, c: Context<AppEnv>) {
  const base_resp = { status_code: row.baseCode, status_msg: message };
  return {
    body: { ...emptyAnswers[c.req.path], base_resp },
    status: row.status < 500 ? (200 as const) : row.status,
    headers: { "trace-id": c.var.requestId },
  };
}
