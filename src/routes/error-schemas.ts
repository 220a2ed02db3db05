/** Refusals as schemas, in the two forms that they come in. */

import { z } from "@hono/zod-openapi";
import { told } from "./schema-parts.ts";

export const baseResponse = z
  .object({
    status_code: told(z.int(), "0, or MiniMax's code."),
    status_msg: told(z.string(), "`success`, or MiniMax's sentence."),
  })
  .openapi("BaseResponse");

export const miniMaxStyleError = z
  .object({
    error: told(z.string(), "A sentence that says what to change."),
    code: told(z.string(), "Which of the refusals it is."),
    details: z.record(z.string(), z.unknown()),
    base_resp: baseResponse,
  })
  .openapi("MiniMaxStyleError");

export const openAIStyleError = z
  .object({
    error: z.object({
      message: told(z.string(), "A sentence that says what to change."),
      type: z.string(),
      code: told(z.string(), "Which of the refusals it is."),
      param: told(z.string().nullable(), "The field, header or parameter at fault."),
    }),
  })
  .openapi("OpenAIStyleError");
