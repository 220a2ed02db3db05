/**
 * Tickets: a single-use permission to create from a browser, signed and not kept, so that making one writes nothing
 * and nothing has to be cleared away. Whether it was used is for the Account to know (durable/account.ts).
 *
 * `tkt_`, what it says as lines in base64url, a dot, and HMAC-SHA256 over that under a key made from one of LINK_KEYS
 * for tickets alone: no signature of a link is one of a ticket, nor the other way round. A ticket has one spelling.
 */

import { createHmac } from "node:crypto";
import { isAccountName, isTicketId } from "../domain/ids.ts";
import type { LinkKey } from "../env.ts";
import { fromBase64Url, importKey, toBase64Url } from "./links.ts";

export const ticketLife = { defaultSeconds: 600, minSeconds: 30, maxSeconds: 3600 } as const;

export type Ticket = Readonly<{
  /** `ticket_…`: what it is used up by. */
  id: string;
  account: string;
  /** Of the secret key that made it: revoking that ends it. */
  keyId: string;
  model: string;
  maxMicroUsd: number;
  /** Of the site whose pages may use it. */
  origin: string;
  /** Unix seconds. */
  expiresAt: number;
}>;

const version = "1";

/** Writes a ticket down, under the first of the keys. */
export function signTicket([{ kid, secret }]: readonly [LinkKey, ...LinkKey[]], ticket: Ticket): string {
  const { id, account, keyId, model, maxMicroUsd, origin, expiresAt } = ticket;
  const lines = [version, kid, id, account, keyId, model, maxMicroUsd, origin, expiresAt];
  const payload = toBase64Url(new TextEncoder().encode(lines.join("\n")));
  const signature = createHmac("sha256", ticketSecret(secret)).update(payload).digest();
  return `tkt_${payload}.${toBase64Url(new Uint8Array(signature))}`;
}

/**
 * Reads a ticket exactly as it came; null unless one of the keys signed it. Whether it has expired is not judged here:
 * one that was used is answered for as long as what it made exists.
 */
export async function readTicket(
  keys: readonly [LinkKey, ...LinkKey[]],
  text: string,
): Promise<Ticket | null> {
  const [, payload, signed] = /^tkt_([A-Za-z0-9_-]{1,1000})\.([A-Za-z0-9_-]{43})$/.exec(text) ?? [];
  if (payload === undefined || signed === undefined) return null;
  const [bytes, signature] = [fromBase64Url(payload), fromBase64Url(signed)];
  if (bytes === null || signature === null) return null;
  const lines = new TextDecoder().decode(bytes).split("\n");
  const key = keys.find((one) => one.kid === lines[1]);
  if (key === undefined) return null;
  const imported = await importKey(ticketSecret(key.secret));
  const genuine = await crypto.subtle.verify("HMAC", imported, signature, new TextEncoder().encode(payload));
  return genuine ? parse(lines) : null;
}

/** What a key of ours signed is of this form; another version's is not. */
function parse(lines: readonly string[]): Ticket | null {
  const [first, , id = "", account = "", keyId = "", model = "", max = "", origin = "", expires = ""] = lines;
  const isWhole = (text: string) => /^(?:0|[1-9][0-9]{0,14})$/.test(text);
  const isOurs = first === version && lines.length === 9 && isTicketId(id) && isAccountName(account);
  if (!isOurs || !isWhole(max) || !isWhole(expires)) return null;
  return { id, account, keyId, model, maxMicroUsd: Number(max), origin, expiresAt: Number(expires) };
}

/** A key for tickets alone; what a link signs begins otherwise, so no signature that is handed out is this key. */
function ticketSecret(secret: string): Uint8Array {
  return new Uint8Array(createHmac("sha256", secret).update("filmgate-ticket-key-1").digest());
}
