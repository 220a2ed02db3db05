/** The Worker as its callers meet it, inside workerd: requests over its own fetch, with keys made by its own routes. */

import { exports, env as provided } from "cloudflare:workers";
import type { Env } from "../../src/env.ts";

/** The bindings of wrangler.toml, with the settings of vitest.config.ts. */
export const env = provided as unknown as Env;

export const origin = "https://video.example.com";
export const adminKey = env.ADMIN_KEY ?? "";

type Fetcher = { fetch(request: Request): Promise<Response> };

/** @param from where the Worker is reached: MiniMax could call back an https origin, and no other. */
export function call(path: string, init: RequestInit = {}, from = origin): Promise<Response> {
  return (exports as unknown as { default: Fetcher }).default.fetch(new Request(`${from}${path}`, init));
}

export function bearer(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` };
}

export async function makeKey(account?: string): Promise<{ id: string; key: string }> {
  const response = await call("/v1/admin/keys", {
    method: "POST",
    headers: bearer(adminKey),
    body: JSON.stringify({ name: "test", ...(account === undefined ? {} : { account }) }),
  });
  if (response.status !== 201) throw new Error(await response.text());
  return response.json();
}

/** Posts a body as it is, to a route that wants JSON. */
export function post(path: string, key: string, body: BodyInit | null, headers: Record<string, string> = {}) {
  return call(path, { method: "POST", headers: { ...bearer(key), ...headers }, body });
}

export type AnyError = {
  type?: string;
  request_id?: string;
  error?: string | { message: string; type: string; code: string; param: string | null; http_code?: string };
  code?: string;
  details?: Record<string, unknown>;
  base_resp?: { status_code: number; status_msg: string };
};

/**
 * An error in one of the forms: MiniMax's, where `error` is a sentence, OpenAI's, where it is an object, or that of
 * MiniMax's own wires: V1's is a `base_resp`, V2's an `error` with the number at its message's end; neither has a code
 * of ours.
 */
export async function readError(response: Response) {
  const text = await response.text();
  const body = JSON.parse(text) as AnyError;
  if (typeof body.error === "string") {
    return {
      form: "minimax" as const,
      code: body.code ?? "",
      message: body.error,
      param: (body.details?.param as string | undefined) ?? null,
      base: body.base_resp ?? null,
      text,
    };
  }
  if (body.type === "error" && body.error !== undefined) {
    const { message, type } = body.error;
    const [, said = "", number] = /^([\s\S]*) \((\d+)\)$/.exec(message) ?? [];
    const base = { status_code: Number(number), status_msg: said };
    return { form: "minimax-v2" as const, code: "", message, type, param: null, base, text };
  }
  if (body.error !== undefined) return { form: "openai" as const, ...body.error, base: null, text };
  const base = body.base_resp ?? null;
  return { form: "minimax-v1" as const, code: "", message: base?.status_msg ?? "", param: null, base, text };
}
