/** A caller's address for webhooks, judged at the door. It is judged again before each delivery. */

import { acceptedUrls, isOnThisMachine, judgeUrl } from "../domain/outbound-url.ts";
import type { Settings } from "../env.ts";
import { Refusal } from "../errors.ts";

/**
 * The address as it will be called; what is left out or null stays so.
 * @throws Refusal invalid_webhook_url, which shows no more of it than its host: a query may hold secrets.
 */
export function readWebhookUrl<T extends string | null | undefined>(
  text: T,
  settings: Settings,
  field = "webhook_url",
) {
  if (typeof text !== "string") return text as Exclude<T, string>;
  const verdict = judgeUrl(text, { allowsLoopback: isOnThisMachine(settings.minimaxBaseUrl) });
  if (verdict.accepted) return verdict.url;
  throw new Refusal("invalid_webhook_url", {
    message: `${field}: ${verdict.problem}. ${acceptedUrls}`,
    param: field,
  });
}
