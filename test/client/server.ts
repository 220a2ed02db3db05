/** A server that says what it is told, one answer after the other, for what the real Worker cannot be made to say. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type Told = { status: number; headers?: Record<string, string>; body?: string } | "silence";

export async function startServer() {
  const answers: Told[] = [];
  const seen: { method: string; path: string; key: string; at: number }[] = [];
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    const { method = "", url: path = "", headers } = incoming;
    seen.push({ method, path, key: String(headers["idempotency-key"]), at: Date.now() });
    const told = answers.shift() ?? { status: 200, body: "{}" };
    if (told !== "silence") outgoing.writeHead(told.status, told.headers).end(told.body ?? "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    /** Forgets what was seen, and gives these answers next; after them `{}`. */
    tell(...next: Told[]) {
      seen.length = 0;
      answers.splice(0, answers.length, ...next);
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
