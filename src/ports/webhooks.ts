/**
 * Telling a caller: one POST, signed as Standard Webhooks has it (https://www.standardwebhooks.com). What came of it is
 * a value; neither it nor any log holds the body, a secret or a signature.
 */

import { createHmac } from "node:crypto";
import { withoutQuery } from "../domain/outbound-url.ts";
import type { WebhookOutcome } from "../domain/webhook.ts";
import { type PostAnswer, post, type Sender } from "./post.ts";

/**
 * Posts a message once. Never rejects.
 * @param secrets each signs; the first is the newest.
 * @param now epoch milliseconds: the attempt's time, which is signed, too.
 */
export async function sendWebhook(
  sender: Sender,
  message: { id: string; url: string; body: string },
  secrets: readonly string[],
  now: number,
): Promise<WebhookOutcome> {
  const { url, body } = message;
  const answer = await post(sender, { url, headers: signedHeaders(message, secrets, now), body }, now);
  const { status, durationMs, retryAfterMs } = answer;
  return { status, durationMs, retryAfterMs, error: errorOf(answer), isFinal: status === 410 };
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

/** What went wrong, in words that hold no secret; null where nothing did. */
function errorOf({ status, isLate, location }: PostAnswer): string | null {
  if (status === null) return isLate ? "No answer came in time." : "The receiver could not be reached.";
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) {
    const target = location === null ? "" : `; this one leads to ${withoutQuery(location).slice(0, 300)}`;
    return `Redirects are not followed${target}. Give the address that answers itself.`;
  }
  if (status === 410) return "The receiver wants no more of this.";
  return `The receiver answered HTTP ${status}.`;
}
