/**
 * The other side of the bill's tests, in Node: the simulator behind a socket, with a clock that the tests set, and a
 * gate. MiniMax calls an address back, and a Worker under test listens on none; so whoever calls the gate waits there
 * until the test has carried the request in and the answer out. The gate is also the receiver of webhooks and deploy hooks.
 */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { TestProject } from "vitest/node";
import { localSettings } from "../../scripts/worker.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import type {} from "./provided.ts";

type Visitor = { id: number; path: string; body: string; answer: ServerResponse };

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let now = 4_000_000_000_000;
  const simulator = await startSimulator({ now: () => now, keys: [localSettings.MINIMAX_API_KEY] });
  const gate = await openGate((at) => {
    now = at;
  });
  project.provide("simulatorUrl", simulator.url);
  project.provide("gateUrl", gate.url);
  project.provide("showsBill", process.env.SHOW_BILL !== undefined);
  return async () => {
    gate.close();
    await simulator.close();
  };
}

async function openGate(setClock: (at: number) => void) {
  let visits = 0;
  const waiting: Visitor[] = [];
  const inside = new Map<number, Visitor>();
  let keeper: ServerResponse | null = null;
  /** Tells the test who is at the gate, once it asks and there is somebody. */
  const meet = () => {
    if (keeper === null) return;
    const visitor = waiting.shift();
    if (visitor === undefined) return;
    inside.set(visitor.id, visitor);
    const { id, path, body } = visitor;
    keeper.end(JSON.stringify({ id, path, body }));
    keeper = null;
  };
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? "/";
    const body = await text(request);
    if (path === "/gate/clock") {
      setClock(Number(body));
      response.end();
    } else if (path === "/gate/next") {
      keeper?.end("null");
      keeper = response;
      meet();
    } else if (path === "/gate/close") {
      keeper?.end("null");
      keeper = null;
      response.end();
    } else if (path === "/gate/answer") {
      const { id, status, text } = JSON.parse(body) as { id: number; status: number; text: string };
      inside.get(id)?.answer.writeHead(status).end(text);
      inside.delete(id);
      response.end();
    } else if (path.startsWith("/webhook") || path.startsWith("/deploy-hook")) {
      response.end();
    } else {
      visits += 1;
      waiting.push({ id: visits, path, body, answer: response });
      meet();
    }
  };
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
