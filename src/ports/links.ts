/**
 * Signed links: a path, an expiry, a disposition and a name under HMAC-SHA256, checked without any look-up.
 *
 * A link has one spelling. Its query is compared whole with what signing would have written, so that nothing can
 * be added, doubled, reordered or encoded otherwise, and the signature is then verified in constant time.
 */

import { createHmac } from "node:crypto";
import { spellName, unspellName } from "../domain/filename.ts";
import type { LinkKey } from "../env.ts";

export const linkLife = {
  defaultSeconds: 24 * 3600,
  minSeconds: 60,
  /** The longest that may be asked for; rounding adds at most one window. */
  maxSeconds: 7 * 24 * 3600,
} as const;

export type Disposition = "inline" | "attachment";
export type SignedLink = Readonly<{ pathAndQuery: string; expiresAt: number }>;
export type LinkVerdict =
  | { verdict: "valid"; disposition: Disposition; filename: string | null; expiresAt: number }
  | { verdict: "unsigned" | "invalid" | "expired" };

/**
 * Signs a path. The expiry is rounded up to a window (a 24th of the life, 60 s to an hour), so that the same link
 * is handed out for a while and caches hold. At once, without an `await`: a task writes its link down in the same
 * block in which it succeeds.
 * @param about.lifeSeconds at least this long the link works, and at most a window longer.
 * @param about.filename what is saved with the disposition `attachment` is called so; null: as its file is.
 * @param about.now Unix seconds.
 */
export function signLink(
  keys: readonly [LinkKey, ...LinkKey[]],
  about: {
    path: string;
    lifeSeconds: number;
    disposition: Disposition;
    filename: string | null;
    now: number;
  },
): SignedLink {
  const window = Math.min(Math.max(Math.floor(about.lifeSeconds / 24), 60), 3600);
  const expiresAt = Math.ceil((about.now + about.lifeSeconds) / window) * window;
  const [{ kid, secret }] = keys;
  const { disposition, filename } = about;
  const claims = { expiresAt, kid, disposition, filename };
  const signature = new Uint8Array(
    createHmac("sha256", secret).update(signedText(about.path, claims)).digest(),
  );
  return { pathAndQuery: `${about.path}?${spell(claims, toBase64Url(signature))}`, expiresAt };
}

/**
 * Judges a link exactly as it came.
 * @param path the path as the runtime's URL parser gives it, percent-encodings left as they are.
 * @param search the query likewise, with the question mark.
 * @param now Unix seconds.
 */
export async function verifyLink(
  keys: readonly [LinkKey, ...LinkKey[]],
  about: { path: string; search: string; now: number },
): Promise<LinkVerdict> {
  if (about.search === "" || about.search === "?") return { verdict: "unsigned" };
  const match =
    /^\?exp=([1-9][0-9]{0,11})&kid=([a-z0-9]{1,16})&sig=([A-Za-z0-9_-]{43})(&dl(?:=([\w.~%-]{1,1400}))?)?$/.exec(
      about.search,
    );
  const [, exp, kid, sig, dl, spelled] = match ?? [];
  const key = keys.find((one) => one.kid === kid);
  const signature = sig === undefined ? null : fromBase64Url(sig);
  if (exp === undefined || key === undefined || signature === null) return { verdict: "invalid" };
  const filename = spelled === undefined ? null : unspellName(spelled);
  if (spelled !== undefined && filename === null) return { verdict: "invalid" };
  const disposition: Disposition = dl === undefined ? "inline" : "attachment";
  const claims = { expiresAt: Number(exp), kid: key.kid, disposition, filename };
  const text = signedText(about.path, claims);
  const genuine = await crypto.subtle.verify("HMAC", await importedKey(key.secret), signature, text);
  if (!genuine) return { verdict: "invalid" };
  if (about.now >= claims.expiresAt) return { verdict: "expired" };
  return { verdict: "valid", disposition, filename, expiresAt: claims.expiresAt };
}

type Claims = { expiresAt: number; kid: string; disposition: Disposition; filename: string | null };

function spell(claims: Claims, signature: string): string {
  const name = claims.filename === null ? "" : `=${spellName(claims.filename)}`;
  const dl = claims.disposition === "attachment" ? `&dl${name}` : "";
  return `exp=${claims.expiresAt}&kid=${claims.kid}&sig=${signature}${dl}`;
}

function signedText(path: string, claims: Claims): Uint8Array {
  const { expiresAt, kid, disposition, filename } = claims;
  // No name has a line break in it, and a link without one is signed as it was before there were names.
  const name = filename === null ? [] : [filename];
  return new TextEncoder().encode(["filmgate-link-1", path, expiresAt, kid, disposition, ...name].join("\n"));
}

const imported = new Map<string, Promise<CryptoKey>>();
const maxImported = 16;

function importedKey(secret: string): Promise<CryptoKey> {
  let key = imported.get(secret);
  if (key === undefined) {
    if (imported.size >= maxImported) imported.clear();
    key = importKey(new TextEncoder().encode(secret));
    imported.set(secret, key);
  }
  return key;
}

/** A key that verifies HMAC-SHA256. */
export function importKey(secret: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey(
    "raw",
    secret as Uint8Array<ArrayBuffer>,
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["verify"],
  );
}

export function toBase64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Null unless the text is the only spelling of its bytes: stray bits in the last character are refused. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const bytes = Uint8Array.fromBase64(text, { alphabet: "base64url" });
    return toBase64Url(bytes) === text ? bytes : null;
  } catch {
    return null; // A length that no bytes have.
  }
}
