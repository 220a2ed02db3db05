/**
 * A proxy that stands between the fuzzer and the Worker, and writes down which tasks were named in an answer to an
 * order. What was promised to a caller is what stood on the wire, so it is read there and nowhere else.
 */

import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Longer answers to a POST do not exist: an order is answered with one object. */
const longestAnswer = 256 * 1024;

/** A POST that names a task in its path orders nothing, but for a retry. */
const isOrder = /^(?!.*\/task_|\/v1\/admin\/)|\/retry(?:\?|$)/;

export type Recorder = Readonly<{
  url: string;
  /** How many requests were answered, by status. */
  statuses(): ReadonlyMap<number, number>;
  /** The tasks that an accepted POST named in its answer. */
  accepted(): ReadonlySet<string>;
  close(): Promise<void>;
}>;

/** Starts it on loopback, in front of the gateway at `target`. */
export async function startRecorder(target: string): Promise<Recorder> {
  const { hostname, port } = new URL(target);
  const statuses = new Map<number, number>();
  const accepted = new Set<string>();

  const server = createServer((incoming, outgoing) => {
    const { method, url: path } = incoming;
    // Answers are read here, so they come as they are and not compressed.
    const headers = { ...incoming.headers, "accept-encoding": "identity" };
    const passed = request({ hostname, port, method, path, headers, setHost: false }, (answer) =>
      relay(incoming, answer, outgoing),
    );
    passed.on("error", () => outgoing.destroy());
    outgoing.on("close", () => passed.destroy());
    incoming.pipe(passed);
  });

  function relay(incoming: IncomingMessage, answer: IncomingMessage, outgoing: ServerResponse): void {
    const status = answer.statusCode ?? 0;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    outgoing.writeHead(status, answer.rawHeaders);
    answer.pipe(outgoing);
    answer.on("error", () => outgoing.destroy());
    if (incoming.method !== "POST" || status >= 300 || !isOrder.test(incoming.url ?? "")) return;
    let text = "";
    answer.on("data", (chunk: Buffer) => {
      if (text.length < longestAnswer) text += chunk.toString("latin1");
    });
    answer.on("end", () => {
      for (const id of tasksNamedIn(text)) accepted.add(id);
    });
  }

  // Node closes idle connections after 5 s, and a request sent at that moment would be lost.
  server.keepAliveTimeout = 600_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    statuses: () => statuses,
    accepted: () => accepted,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A refusal of MiniMax's dialect comes under 200, with another code than 0: what it names was not accepted. */
function tasksNamedIn(text: string): string[] {
  const code = /"status_code"\s*:\s*(-?\d+)/.exec(text)?.[1];
  if (code !== undefined && code !== "0") return [];
  return text.match(/task_[0-9a-z]{26}/g) ?? [];
}
