/** A caller's receiver of webhooks: it notes what it is told, and refuses every third so that it is told again. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { verifyWebhook } from "../../src/client/filmgate.ts";
import type { WebhookEvent, WebhookSecret } from "../../src/contract.ts";
import { type Stage, sleep } from "./stage.ts";

/** What was taken, and whether the signature is one of the account's secrets'. */
export type Delivery = Readonly<{ id: string; type: string; taskId: string; isSigned: boolean }>;
type Taken = Readonly<{ body: string; headers: Record<string, string>; event: WebhookEvent }>;

export async function startReceiver() {
  const taken: Taken[] = [];
  let calls = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      calls += 1;
      // Its first answer to every third is an error, and the delivery does not count.
      if (calls % 3 === 0) return void response.writeHead(503).end();
      const body = Buffer.concat(chunks).toString();
      taken.push({
        body,
        headers: request.headers as Record<string, string>,
        event: JSON.parse(body) as WebhookEvent,
      });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    /** What an order says to be told. */
    field: () => ({ webhook_url: `http://127.0.0.1:${port}/` }),
    /** Waits until each of these tasks was told of, or the time is up. */
    async untilTold(taskIds: readonly string[], limitMs: number): Promise<void> {
      const end = Date.now() + limitMs;
      const isTold = (id: string) => taken.some(({ event }) => event.data.id === id);
      while (Date.now() < end && !taskIds.every(isTold)) await sleep(500);
    },
    /** What was taken, judged by the secrets that the accounts tell. */
    async deliveries(stage: Stage): Promise<Delivery[]> {
      const secrets: string[] = [];
      for (const { keys } of stage.accounts) {
        const path = "/v1/webhooks/secret";
        secrets.push((await stage.insist<WebhookSecret>(keys[0] ?? "", "GET", path)).body.secret);
      }
      return Promise.all(
        taken.map(async ({ body, headers, event }) => {
          const isOf = (secret: string) => verifyWebhook({ body, headers, secret, toleranceSeconds: 3600 });
          const isSigned = await Promise.any(secrets.map(isOf)).then(
            () => true,
            () => false,
          );
          return { id: headers["webhook-id"] ?? "", type: event.type, taskId: event.data.id, isSigned };
        }),
      );
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
