/** The part of the contract that is about deploy hooks, as schemas. */

import { z } from "@hono/zod-openapi";
import { told } from "./schema-parts.ts";

export const deployHook = z
  .object({
    id: z.string(),
    object: z.literal("deploy_hook"),
    url: told(z.string(), "Its host, and at most its last four characters: the address is a secret."),
    source: told(z.enum(["account", "order"]), "The account's own, or one that orders brought."),
    state: told(
      z.enum(["idle", "waiting", "calling", "failed", "gone"]),
      "`failed` was given up until another video finishes; `gone` is called no more, since there is no such hook.",
    ),
    videos_waiting: told(z.int(), "Finished, and not told by any call yet."),
    next_call_at: told(z.int().nullable(), "Null unless it is waiting."),
    calls: told(
      z.array(
        z.object({
          at: z.int(),
          videos: told(z.int(), "How many it tells of; 0 for one that was only asked for."),
          status: z.int().nullable(),
          error: z.string().nullable(),
          duration_ms: told(z.int().nullable(), "Null while it is under way."),
        }),
      ),
      "The newest 20, oldest first.",
    ),
  })
  .openapi("DeployHook");

export const listDeployHooksResponse = z
  .object({ object: z.literal("list"), data: z.array(deployHook) })
  .openapi("ListDeployHooksResponse");
