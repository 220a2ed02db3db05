/*
 * A receiver of callbacks on a real socket: it hears everything, and answers a challenge as its path says.
 */
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach } from "vitest";
import type { Json } from "./caller.ts";

export type Heard = { path: string; body: Json; authorization: string | undefined };

const echo = (body: Json, response: ServerResponse) => response.end(JSON.stringify(body));
const manners: Record<string, (body: Json, response: ServerResponse) => void> = {
  "/good": echo,
  "/wrong": (_, response) => response.end('{"challenge":"something else"}'),
  "/text": (_, response) => response.end("ok"),
  "/broken": (_, response) => response.writeHead(500).end(),
  "/moved": (_, response) => response.writeHead(307, { Location: "/good" }).end(),
  "/silent": () => {},
};

/** A receiver for the tests of one file, which has heard nothing when a test begins. */
export function useReceiver() {
  let heard: Heard[] = [];
  let receiver: Server;
  let origin = "";

  beforeAll(async () => {
    receiver = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Json;
      heard.push({ path: request.url ?? "", body, authorization: request.headers.authorization });
      if (!body.challenge) return void response.end('{"status":"success"}');
      manners[(request.url ?? "").split("?")[0] ?? ""]?.(body, response);
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    receiver.closeAllConnections();
    receiver.close();
  });
  beforeEach(() => {
    heard = [];
  });

  return {
    origin: () => origin,
    heard: () => heard,
    pushes: () => heard.filter(({ body }) => !("challenge" in body)),
  };
}
