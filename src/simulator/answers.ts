/*
 * The envelopes of the V1 wire: JSON with `base_resp` under HTTP 200 and a `Trace-Id` header (official clients
 * quote it in their errors), and what a proxy in front of MiniMax would say instead.
 */
import { randomBytes } from "node:crypto";
import { baseResp } from "./codes.ts";

export function answer(body: Record<string, unknown>, status = 200): Response {
  return text(JSON.stringify(body), "application/json; charset=utf-8", status);
}

/** A refusal. Whether a refused create carries `task_id` is not documented; here it is absent. */
export function refuse(code: number, sentence?: string): Response {
  return answer({ base_resp: baseResp(code, sentence) });
}

export function invalidParams(sentence: string): Response {
  return refuse(2013, `invalid params, ${sentence}`);
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
