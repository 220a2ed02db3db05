/**
 * `callback_url` of MiniMax's dialects: judged like every address that filmgate calls, and challenged as MiniMax does
 * inside the create, if that orders anything new. Later it is called like a webhook, with MiniMax's words for a body.
 */

import type { Context } from "hono";
import type { WebhookForm } from "../../domain/task.ts";
import { Refusal } from "../../errors.ts";
import { passesChallenge } from "../../ports/challenge.ts";
import type { AppEnv } from "../app-env.ts";
import type { Told } from "../create.ts";
import { readOutboundUrl } from "../outbound-url.ts";

/** MiniMax's own bound. It is the receiver's time, which no TIME_SCALE hastens. */
const challengeMs = 3000;

type Addresses = { callback_url?: string | undefined; webhook_url?: string | undefined };

/**
 * Who is told how an order ends: at `callback_url` in MiniMax's words, or at `webhook_url` in filmgate's.
 * @param form the wire whose words they are.
 * @returns a reader of a body, which throws Refusal invalid_webhook_url; invalid_field if both are given.
 */
export const toldInWordsOf = (form: WebhookForm) => (c: Context<AppEnv>, body: Addresses) =>
  readTold(c, body, form);

function readTold(c: Context<AppEnv>, body: Addresses, form: WebhookForm): Told {
  const { callback_url, webhook_url } = body;
  const { settings } = c.var;
  if (callback_url === undefined || callback_url === "") {
    const webhookUrl = readOutboundUrl(webhook_url, settings, "webhook_url") ?? null;
    return { webhookUrl, webhookForm: "standard", challenge: null };
  }
  if (webhook_url !== undefined) {
    throw new Refusal("invalid_field", {
      message: "callback_url: an order is told of at one address; send it or webhook_url.",
      param: "callback_url",
    });
  }
  const url = readOutboundUrl(callback_url, settings, "callback_url");
  return { webhookUrl: url, webhookForm: form, challenge: () => challenge(url) };
}

/** @throws Refusal invalid_webhook_url if the answer is another, or does not come in time. */
async function challenge(url: string): Promise<void> {
  const challenger = { fetch: (request: Request) => fetch(request), timeoutMs: challengeMs };
  if (await passesChallenge(challenger, url, crypto.randomUUID())) return;
  throw new Refusal("invalid_webhook_url", {
    message:
      'invalid params, fail to check callback url: it must answer POST {"challenge": "…"} within 3 seconds with HTTP 200 and the same JSON.',
    param: "callback_url",
  });
}
