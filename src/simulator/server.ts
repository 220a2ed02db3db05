/*
 * The simulator behind a real socket. A bridge of our own rather than a ready-made one, since losing answers
 * exactly as told is the point: a rejected request and a body that breaks both become a destroyed socket, and
 * nothing is answered in their place.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { createSimulator, type Simulator, type SimulatorOptions } from "./app.ts";

export type StartOptions = SimulatorOptions & { port?: number; host?: string };
export type RunningSimulator = Simulator & { url: string; close(): Promise<void> };

/** Starts a simulator; port 0, the default, takes any free one. */
export async function startSimulator(options: StartOptions = {}): Promise<RunningSimulator> {
  const { port = 0, host = "127.0.0.1", ...rest } = options;
  const simulator = createSimulator(rest);
  const server = createServer((incoming, outgoing) => void handle(simulator, incoming, outgoing));
  // Node closes idle connections after 5 s, and a request sent at that moment is lost: not a fault anyone ordered.
  server.keepAliveTimeout = 600_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    ...simulator,
    url: `http://${host}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        simulator.stop();
        server.close(() => resolve());
        server.closeAllConnections(); // hanging answers would keep it open for ever
      }),
  };
}

async function handle(
  { app }: Simulator,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  try {
    const response = await app.fetch(toRequest(incoming));
    outgoing.writeHead(response.status, [...response.headers].flat());
    if (!response.body || incoming.method === "HEAD") return void outgoing.end();
    await pipeline(Readable.fromWeb(response.body as NodeReadableStream<Uint8Array>), outgoing);
  } catch {
    outgoing.destroy(); // told to, or the caller went away
  }
}

function toRequest(incoming: IncomingMessage): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    for (const one of [value ?? []].flat()) headers.append(name, one);
  }
  const method = incoming.method ?? "GET";
  const url = `http://${incoming.headers.host ?? "127.0.0.1"}${incoming.url ?? "/"}`;
  if (method === "GET" || method === "HEAD") return new Request(url, { method, headers });
  const body = Readable.toWeb(incoming) as unknown as BodyInit;
  return new Request(url, { method, headers, body, duplex: "half" } as RequestInit);
}
