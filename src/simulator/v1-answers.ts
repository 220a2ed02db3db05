/*
 * The envelopes of the V1 wire: JSON with `base_resp` under HTTP 200, whatever happened.
 */
import { json } from "./answers.ts";
import { baseResp } from "./codes.ts";

/** A refusal. Whether a refused create carries `task_id` is not documented; here it is absent. */
export function refuseV1(code: number, sentence?: string): Response {
  return json({
    base_resp: baseResp(code, code === 2013 && sentence ? `invalid params, ${sentence}` : sentence),
  });
}
