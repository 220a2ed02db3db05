/** Stands between a browser and the Worker, passes everything on, and writes down what was asked and answered. */

import { request as ask, createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type Seen = {
  method: string;
  path: string;
  asked: Readonly<Record<string, string | string[] | undefined>>;
  status: number;
  answered: Headers;
};

export async function startRecorder(target: string) {
  const seen: Seen[] = [];
  let age: number | null = null;
  const server = createServer((request, response) => {
    const { method = "", url: path = "", headers: asked } = request;
    const passed = ask(`${target}${path}`, {
      method,
      headers: { ...asked, host: new URL(target).host, connection: "close" },
    });
    passed.on("response", (answer) => {
      const { statusCode: status = 0, headers } = answer;
      const names = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
      seen.push({ method, path, asked, status, answered: new Headers(names) });
      response.writeHead(status, { ...headers, ...(age === null ? {} : { age: String(age) }) });
      answer.pipe(response);
    });
    passed.on("error", () => response.destroy());
    // A browser that seeks hangs up on what it does not need any more.
    response.on("close", () => passed.destroy());
    request.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    /** The address at which the recorder stands for the Worker's. */
    at: (address: string) => address.replace(target, url),
    /** What was seen since this was last asked. */
    take: (): Seen[] => seen.splice(0),
    /** Has every answer say, as shared caches do, that it is so old; null: nothing. */
    setAge(seconds: number | null): void {
      age = seconds;
    },
    stop(): void {
      server.closeAllConnections();
      server.close();
    },
  };
}

export type Recorder = Awaited<ReturnType<typeof startRecorder>>;
