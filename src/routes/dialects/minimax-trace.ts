/** The header that MiniMax's clients quote in their errors: here the request's id, which its operator finds in the log. */

import type { Context } from "hono";
import type { AppEnv } from "../app-env.ts";

export function trace(c: Context<AppEnv>): void {
  c.header("trace-id", c.var.requestId);
}
