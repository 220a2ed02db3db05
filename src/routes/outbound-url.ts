/** Addresses that filmgate is to call, judged at the door. They are judged again before each call. */

import { acceptedUrls, isOnThisMachine, judgeUrl } from "../domain/outbound-url.ts";
import type { Settings } from "../env.ts";
import { Refusal } from "../errors.ts";

const codes = {
  webhook_url: "invalid_webhook_url",
  callback_url: "invalid_webhook_url",
  deploy_hook_url: "invalid_deploy_hook_url",
} as const;

/**
 * The address as it will be called; what is left out or null stays so.
 * @throws Refusal invalid_webhook_url or invalid_deploy_hook_url, which shows no more of it than its host: the rest may
 * be a secret.
 */
export function readOutboundUrl<T extends string | null | undefined>(
  text: T,
  settings: Settings,
  field: keyof typeof codes,
) {
  if (typeof text !== "string") return text as Exclude<T, string>;
  const verdict = judgeUrl(text, { allowsLoopback: isOnThisMachine(settings.minimaxBaseUrl) });
  if (verdict.accepted) return verdict.url;
  throw new Refusal(codes[field], {
    message: `${field}: ${verdict.problem}. ${acceptedUrls}`,
    param: field,
  });
}
