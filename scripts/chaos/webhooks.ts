/**
 * A caller's receiver of webhooks: it notes what it is told, and refuses every third so that it is told again. Until
 * the Worker sends webhooks, `areSent` is false: no order asks for them, and nothing is claimed about them.
 */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Video } from "../../src/contract.ts";
import { sleep } from "./stage.ts";

/** The one line to change once `webhook_url` is taken by the create. */
export const areSent: boolean = true;

export type Delivery = Readonly<{ id: string; type: string; taskId: string; isSigned: boolean }>;

export async function startReceiver() {
  const deliveries: Delivery[] = [];
  let calls = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      calls += 1;
      // Its first answer to every third is an error, and the delivery does not count.
      if (calls % 3 === 0) return void response.writeHead(503).end();
      const { type, data } = JSON.parse(Buffer.concat(chunks).toString()) as { type: string; data: Video };
      const header = (name: string) => String(request.headers[name] ?? "");
      const isSigned = /^v1,/.test(header("webhook-signature")) && header("webhook-timestamp") !== "";
      deliveries.push({ id: header("webhook-id"), type, taskId: data.id, isSigned });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    /** What an order says to be told; nothing while no webhooks are sent. */
    field: (): { webhook_url?: string } => (areSent ? { webhook_url: `http://127.0.0.1:${port}/` } : {}),
    /** Waits until each of these tasks was told of, or the time is up; not at all while no webhooks are sent. */
    async untilTold(taskIds: readonly string[], limitMs: number): Promise<void> {
      const end = Date.now() + limitMs;
      const isTold = (id: string) => deliveries.some(({ taskId }) => taskId === id);
      while (areSent && Date.now() < end && !taskIds.every(isTold)) await sleep(500);
    },
    /** Null: not checked. */
    deliveries: (): readonly Delivery[] | null => (areSent ? deliveries : null),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
