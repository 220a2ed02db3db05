/*
 * Answers that are the same on every wire: JSON with a `Trace-Id` (official clients quote it in their errors),
 * and what a proxy in front of MiniMax would say instead.
 */
import { randomBytes } from "node:crypto";

export function json(body: unknown, status = 200): Response {
  return text(JSON.stringify(body), "application/json; charset=utf-8", status);
}

/** 200 and the beginning of a JSON body that never ends. */
export function garbage(): Response {
  return text('{"task_id":"1068', "application/json; charset=utf-8", 200);
}

/** Nothing MiniMax would say: a web page, as gateways in front of services show. */
export function proxyError(status: number): Response {
  const page = `<html>\r\n<head><title>${status}</title></head>\r\n<body><center><h1>${status}</h1></center></body>\r\n</html>\r\n`;
  // fetch allows no body under these statuses
  if ([204, 205, 304].includes(status)) return new Response(null, { status });
  return text(page, "text/html", status);
}

function text(body: string, type: string, status: number): Response {
  return new Response(body, {
    status,
    headers: {
      "Content-Type": type,
      "Content-Length": String(Buffer.byteLength(body)),
      "Trace-Id": randomBytes(16).toString("hex"),
    },
  });
}
