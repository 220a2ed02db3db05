/** The Worker: the app, the objects, and the sweep that wakes what lost its alarm. */

import { app } from "./app.ts";
import { directoryName, pacerNames } from "./domain/ids.ts";
import type { Env } from "./env.ts";
import { logProblem } from "./log.ts";

export { Account } from "./durable/account.ts";
export { Pacer } from "./durable/pacer.ts";
export { VideoTask } from "./durable/video-task.ts";

export default {
  fetch: app.fetch,
  async scheduled(_controller, env): Promise<void> {
    for (const name of Object.values(pacerNames)) {
      await env.PACER.getByName(name)
        .wake()
        .catch((error) => logProblem("sweep_failed", { error: String(error) }));
    }
    const accounts = await env.ACCOUNTS.getByName(directoryName).accounts();
    for (const { name: account } of accounts) {
      // One that cannot be swept now must not keep the others from it.
      await env.ACCOUNTS.getByName(account)
        .sweep()
        .catch((error) => logProblem("sweep_failed", { account, error: String(error) }));
    }
  },
} satisfies ExportedHandler<Env>;
