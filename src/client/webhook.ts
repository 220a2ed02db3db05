/**
 * Telling a webhook of filmgate's from anybody else's: Standard Webhooks, https://www.standardwebhooks.com. The
 * signature covers id, time and the raw body; comparing is left to Web Crypto, which takes the same time for any guess.
 */

import type { WebhookEvent } from "../contract.ts";
import { WebhookError } from "./errors.ts";

export type WebhookRequest = {
  /** The body as it came, before any parser: text or bytes. */
  body: string | Uint8Array | ArrayBuffer;
  /** The request's headers, as `fetch` or Node have them. */
  headers: Headers | Record<string, string | string[] | undefined>;
  /** `whsec_…`, as filmgate showed it. */
  secret: string;
  /** How far the two clocks may be apart, in seconds: by default 300. */
  toleranceSeconds?: number | undefined;
};

export type WebhookMessage = {
  /** The same for every delivery of one event: remember it, and act once. */
  id: string;
  sentAt: Date;
  /** The body, parsed: its signature says that it is what filmgate sent. */
  payload: WebhookEvent;
};

/**
 * Verifies a webhook and parses it.
 * @throws WebhookError `webhook_unsigned` without its headers, `webhook_expired` if it is older or newer than the
 * tolerance, `webhook_invalid` if no signature fits or the body is not JSON. Answer 400 to each.
 * @throws TypeError if the secret is not one, or the body was parsed already: mistakes of the program.
 */
export async function verifyWebhook(request: WebhookRequest): Promise<WebhookMessage> {
  const body = bytesOf(request.body);
  const key = await readSecret(request.secret);
  const id = header(request.headers, "webhook-id");
  const timestamp = header(request.headers, "webhook-timestamp");
  const signatures = header(request.headers, "webhook-signature");
  if (id === null || timestamp === null || signatures === null) {
    throw new WebhookError("The request lacks webhook-id, webhook-timestamp or webhook-signature.", {
      code: "webhook_unsigned",
    });
  }
  const sentAt = readTimestamp(timestamp, request.toleranceSeconds ?? 300);
  const prefix = new TextEncoder().encode(`${id}.${timestamp}.`);
  const signed = new Uint8Array(prefix.byteLength + body.byteLength);
  signed.set(prefix);
  signed.set(body, prefix.byteLength);
  // While a secret is being replaced there is one signature for each; any that fits will do.
  for (const signature of signatures.split(" ")) {
    const mac = signature.startsWith("v1,") ? fromBase64(signature.slice(3)) : null;
    if (mac !== null && (await crypto.subtle.verify("HMAC", key, mac, signed))) {
      return { id, sentAt, payload: parse(body) };
    }
  }
  throw new WebhookError(
    "No signature of this webhook fits. Is it the right secret, and the body as it came, byte for byte?",
    { code: "webhook_invalid" },
  );
}

function bytesOf(body: string | Uint8Array | ArrayBuffer): Uint8Array {
  if (typeof body === "string") return new TextEncoder().encode(body);
  if (body instanceof Uint8Array) return body;
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  throw new TypeError("verifyWebhook needs the raw body, as text or bytes, before it is parsed.");
}

async function readSecret(secret: string): Promise<CryptoKey> {
  const bytes = secret.startsWith("whsec_") ? fromBase64(secret.slice("whsec_".length)) : null;
  if (bytes === null || bytes.byteLength === 0) {
    throw new TypeError("A webhook secret is 'whsec_' and base64, exactly as filmgate showed it.");
  }
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
}

function readTimestamp(text: string, toleranceSeconds: number): Date {
  const seconds = /^\d{1,11}$/.test(text) ? Number(text) : Number.NaN;
  const apart = Math.abs(Date.now() / 1000 - seconds);
  if (apart <= toleranceSeconds) return new Date(seconds * 1000);
  throw new WebhookError(
    `The webhook's time is not within ${toleranceSeconds} s of this machine's: it is a replay, or a clock is wrong.`,
    { code: "webhook_expired" },
  );
}

function header(headers: WebhookRequest["headers"], name: string): string | null {
  // By what it can do: frameworks bring classes of their own.
  if (typeof headers.get === "function") return headers.get(name);
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return (Array.isArray(found) ? found[0] : found) ?? null;
}

/** Strict: what `atob` forgives is not a signature. */
function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return null;
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function parse(body: Uint8Array): WebhookEvent {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as WebhookEvent;
  } catch (cause) {
    throw new WebhookError("The webhook's body is not JSON.", { code: "webhook_invalid", cause });
  }
}
