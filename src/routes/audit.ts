/** What the owner of the deployment did, in the log: who may order is worth a line of its own. */

import type { Context } from "hono";
import { log } from "../log.ts";
import type { AppEnv } from "./app-env.ts";

type Action =
  | "account_made"
  | "account_changed"
  | "account_closed"
  | "key_made"
  | "key_changed"
  | "key_revoked"
  | "held_resolved";

/** @param about.id of the key or task. */
export function noteOwner(c: Context<AppEnv>, action: Action, about: { account: string; id?: string }): void {
  log("owner", { action, ...about, request_id: c.var.requestId });
}
