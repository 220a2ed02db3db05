/** The Worker: the app, the objects, and the sweep that wakes what lost its alarm. */

import { app } from "./app.ts";
import { directoryName } from "./durable/account.ts";
import type { Env } from "./env.ts";

export { Account } from "./durable/account.ts";
export { VideoTask } from "./durable/video-task.ts";

export default {
  fetch: app.fetch,
  async scheduled(_controller, env): Promise<void> {
    const accounts = await env.ACCOUNTS.getByName(directoryName).accounts();
    for (const account of accounts) await env.ACCOUNTS.getByName(account).sweep();
  },
} satisfies ExportedHandler<Env>;
