/** A proxy that loses things: a real socket between the client and the Worker, with a list of faults to commit. */

import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What to do with one request, before or after the Worker has had it. */
export type Fault =
  | "pass"
  | "slowly"
  | "drop before"
  | "drop after"
  | "502 before"
  | "502 after"
  | "cut after";
/** How long what is passed slowly takes. */
export const slowlyMs = 3000;
export type Seen = { method: string; path: string; headers: IncomingHttpHeaders };

export async function startProxy(target: string) {
  const faults: Fault[] = [];
  const seen: Seen[] = [];
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { method = "GET", url: path = "/" } = incoming;
    seen.push({ method, path, headers: incoming.headers });
    const pieces: Buffer[] = [];
    for await (const piece of incoming) pieces.push(piece as Buffer);
    const fault = faults.shift();
    if (fault === "slowly") await new Promise((resolve) => setTimeout(resolve, slowlyMs));
    if (fault === "drop before") return outgoing.destroy();
    if (fault === "502 before") return outgoing.writeHead(502).end("<html>Bad Gateway</html>");
    const { authorization = "", "content-type": type } = incoming.headers;
    const passed = ["idempotency-key", "filmgate-ticket", "filmgate-take", "origin"].flatMap((name) => {
      const value = incoming.headers[name];
      return value === undefined ? [] : [[name, String(value)]];
    });
    const answer = await fetch(`${target}${path.replace(/^\/behind/, "")}`, {
      method,
      headers: {
        authorization,
        ...(type === undefined ? {} : { "content-type": type }),
        ...Object.fromEntries(passed),
      },
      ...(pieces.length === 0 ? {} : { body: Buffer.concat(pieces) }),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    if (fault === "drop after") return outgoing.destroy();
    if (fault === "502 after") return outgoing.writeHead(502).end("<html>Bad Gateway</html>");
    const headers = [...answer.headers].filter(([name]) => !/^(?:content-|transfer-|connection)/.test(name));
    outgoing.writeHead(answer.status, {
      ...Object.fromEntries(headers),
      "content-type": "application/json",
      "content-length": body.byteLength,
    });
    if (fault !== "cut after") return outgoing.end(body);
    return outgoing.write(body.subarray(0, body.byteLength >> 1), () => outgoing.destroy());
  };
  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    seen,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
