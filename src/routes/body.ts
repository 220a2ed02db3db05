/**
 * Request bodies: read with a limit, as UTF-8 and JSON, before any schema sees them.
 * Text is decoded piece by piece and let go of early: an image of 20 MB in base64 is most of what an isolate has.
 */

import type { Context, MiddlewareHandler } from "hono";
import { Refusal } from "../errors.ts";
import type { AppEnv } from "./app-env.ts";

const mib = 1024 * 1024;

/** Reads a JSON object of at most `maxBytes`; the route's schema then finds it parsed, whatever its label said. */
export function jsonBody(
  maxBytes: number,
  { hint = "", parse = JSON.parse as (text: string) => unknown } = {},
): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    presentBody(c, parseObject(await readText(c.req.raw, maxBytes, hint), parse));
    await next();
  };
}

/** Has the route's schema find this as its JSON body. */
export function presentBody(c: Context<AppEnv>, body: object): void {
  c.req.bodyCache.json = Promise.resolve(body);
  // Many clients label JSON as text or as a form; the schema's validator goes by the label.
  const headers = new Headers(c.req.raw.headers);
  headers.set("content-type", "application/json");
  c.req.raw = new Request(c.req.raw.url, { method: c.req.raw.method, headers });
}

/**
 * Reads a multipart form of at most `maxBytes` and `maxParts`, as the runtime parses it.
 * @throws Refusal body_too_large, invalid_form.
 */
export async function readForm(
  request: Request,
  { maxBytes, maxParts, hint }: { maxBytes: number; maxParts: number; hint: string },
): Promise<[name: string, value: string | File][]> {
  const headers = { "content-type": request.headers.get("content-type") ?? "" };
  const pieces = limited(request, maxBytes, hint);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
  const form = await new Response(body, { headers }).formData().catch((error: unknown) => {
    throw error instanceof Refusal ? error : new Refusal("invalid_form");
  });
  const parts = [...form] as [string, string | File][];
  if (parts.length <= maxParts) return parts;
  throw new Refusal("invalid_form", {
    message: `The form has ${parts.length} parts; at most ${maxParts} are accepted.`,
  });
}

/** Lets go of a parsed body, so that a large image is not held while MiniMax is waited for. */
export function releaseBody(c: Context<AppEnv>): void {
  c.req.bodyCache = {};
  c.req.addValidatedData("json", {});
  c.set("picture", undefined);
}

/** A function of its own, so that the text is not held by whoever waits for the rest of the request. */
async function readText(request: Request, maxBytes: number, hint: string): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let text = "";
  try {
    for await (const bytes of limited(request, maxBytes, hint))
      text += decoder.decode(bytes, { stream: true });
    return text + decoder.decode();
  } catch (error) {
    throw error instanceof TypeError ? new Refusal("invalid_encoding") : error;
  }
}

/**
 * Reads a body of at most `maxBytes` whole.
 * @throws Refusal body_too_large (413) as soon as it is known, empty_body (400) if there is none.
 */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  // Room for what is announced, at once: pieces that are put together at the end would take twice as much.
  const announced = Number(request.headers.get("content-length") ?? 0);
  let bytes = new Uint8Array(announced > 0 && announced <= maxBytes ? announced : 0);
  let length = 0;
  for await (const piece of limited(request, maxBytes, "")) {
    if (length + piece.byteLength > bytes.byteLength) {
      const more = new Uint8Array(Math.min(maxBytes, Math.max(2 * length, length + piece.byteLength, mib)));
      more.set(bytes.subarray(0, length));
      bytes = more;
    }
    bytes.set(piece, length);
    length += piece.byteLength;
  }
  if (length === 0) {
    throw new Refusal("empty_body", {
      message: "The body is empty; the bytes of an image, video or sound are expected.",
    });
  }
  return bytes.subarray(0, length);
}

async function* limited(request: Request, maxBytes: number, hint: string): AsyncGenerator<Uint8Array> {
  const limit = maxBytes >= mib ? `${Math.floor(maxBytes / mib)} MB` : `${Math.floor(maxBytes / 1024)} kB`;
  const refusal = new Refusal("body_too_large", { message: `The body is larger than ${limit}.${hint}` });
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw refusal;
  let length = 0;
  for await (const piece of request.body ?? []) {
    length += piece.byteLength;
    if (length > maxBytes) throw refusal;
    yield piece;
  }
}

function parseObject(text: string, parse: (text: string) => unknown): object {
  if (text.trim() === "") throw new Refusal("empty_body");
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    const where = /position \d+|line \d+ column \d+/.exec(String(error))?.[0];
    throw new Refusal("invalid_json", {
      message: `The body is not valid JSON${where === undefined ? "" : ` (at ${where})`}; a JSON object is expected.`,
    });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Refusal("invalid_json", {
      message: "The body is JSON, but not an object; a JSON object is expected.",
    });
  }
  return value;
}
