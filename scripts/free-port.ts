/** A port for a server that is started a moment later, and may be started there again. */

import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Where ports are looked for: below those that Linux (32768–60999), macOS and Windows (49152–65535) give to outgoing
 * connections. A port of theirs is taken by any connection that is opened before the server listens, or between its
 * end and its next start.
 */
export const portRange = { first: 20_000, last: 32_767 } as const;

const given = new Set<number>();

/**
 * `preferred`, if it is free; else a port of `portRange` that nothing listens on and that this process was not given
 * before.
 * @throws Error if a hundred ports in a row were taken.
 */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = randomInt(portRange.first, portRange.last + 1);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`no port of 127.0.0.1 from ${portRange.first} to ${portRange.last} is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
