/**
 * Telling a caller: one POST, signed as Standard Webhooks has it (https://www.standardwebhooks.com). Redirects are
 * not followed: a 301 turns a POST into a GET whose 200 looks like success, and leads where nobody judged. What came
 * of it is a value; neither it nor any log holds the body, a secret or a signature.
 */

import { createHmac } from "node:crypto";
import { withoutQuery } from "../domain/outbound-url.ts";
import type { WebhookOutcome } from "../domain/webhook.ts";

export type WebhookSender = Readonly<{
  fetch(request: Request): Promise<Response>;
  /** For the whole of it, the answer's body included. */
  timeoutMs: number;
}>;

/** Enough of an answer that a receiver may end it in peace; what is in it is of no interest. */
const maxAnswerBytes = 4096;
const userAgent = "filmgate/1";

/**
 * Posts a message once.
 * @param secrets each signs; the first is the newest.
 * @param now epoch milliseconds: the attempt's time, which is signed, too.
 */
export async function sendWebhook(
  sender: WebhookSender,
  message: { id: string; url: string; body: string },
  secrets: readonly string[],
  now: number,
): Promise<WebhookOutcome> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), sender.timeoutMs);
  const startedAt = performance.now();
  const outcome = (status: number | null, error: string | null): WebhookOutcome => ({
    status,
    error,
    durationMs: Math.round(performance.now() - startedAt),
    retryAfterMs: 0,
    isFinal: false,
  });
  try {
    const request = new Request(message.url, {
      method: "POST",
      headers: { ...signedHeaders(message, secrets, now), "user-agent": userAgent },
      body: message.body,
      redirect: "manual",
      signal: abort.signal,
    });
    const response = await sender.fetch(request);
    await drain(response, abort.signal);
    const { status } = response;
    if (status >= 200 && status < 300) return outcome(status, null);
    if (status >= 300 && status < 400) return outcome(status, redirectError(response, message.url));
    if (status === 410) return { ...outcome(status, "The receiver wants no more of this."), isFinal: true };
    const retryAfterMs = status === 429 || status === 503 ? readRetryAfter(response, now) : 0;
    return { ...outcome(status, `The receiver answered HTTP ${status}.`), retryAfterMs };
  } catch {
    // What the runtime says of it may hold the address, and tells a refused connection from a lost one by nothing.
    const isLate = abort.signal.aborted;
    return outcome(null, isLate ? "No answer came in time." : "The receiver could not be reached.");
  } finally {
    clearTimeout(timer);
  }
}

/** The headers of one attempt; while a secret is being replaced there is a signature for each. */
export function signedHeaders(
  message: { id: string; body: string },
  secrets: readonly string[],
  now: number,
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const content = new TextEncoder().encode(`${message.id}.${timestamp}.${message.body}`);
  const signatures = secrets.map((secret) => {
    const key = Uint8Array.fromBase64(secret.slice("whsec_".length));
    return `v1,${createHmac("sha256", key).update(content).digest("base64")}`;
  });
  return {
    "content-type": "application/json",
    "webhook-id": message.id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
}

/** Reads a little of the answer and lets the rest go. That it breaks, or never ends, says nothing about its status. */
async function drain(response: Response, signal: AbortSignal): Promise<void> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const late = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve());
    if (signal.aborted) resolve();
  });
  const read = async () => {
    for (let bytes = 0; bytes < maxAnswerBytes; ) {
      const { done, value } = await reader.read();
      if (done) return;
      bytes += value.byteLength;
    }
  };
  await Promise.race([read().catch(() => {}), late]);
  await reader.cancel().catch(() => {});
}

function redirectError(response: Response, url: string): string {
  const location = response.headers.get("location");
  const target =
    location !== null && URL.canParse(location, url)
      ? withoutQuery(new URL(location, url).href).slice(0, 300)
      : "";
  return `Redirects are not followed${target === "" ? "" : `; this one leads to ${target}`}. Give the address that answers itself.`;
}

/** How long the receiver asks to be left alone: seconds, or a date. */
function readRetryAfter(response: Response, now: number): number {
  const text = response.headers.get("retry-after") ?? "";
  const at = /^\d{1,9}$/.test(text) ? now + Number(text) * 1000 : Date.parse(text);
  return Number.isFinite(at) ? Math.max(0, at - now) : 0;
}
