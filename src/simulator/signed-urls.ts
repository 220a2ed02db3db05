/*
 * Download addresses like those of Aliyun's OSS, where MiniMax keeps its files: no authorization, an expiry in
 * whole seconds and a signature over both (observed by third parties, 2025-11 to 2026-09; documented lifetime:
 * one hour). Pure. Each is new: a nonce is signed too, and carries the expiry to the millisecond.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

export type UrlVerdict = { fileId: string } | { refusal: "expired" | "tampered"; expiresAt: number };

export function signPath(secret: Uint8Array, fileId: string, expiresAt: number): string {
  const nonce = `${expiresAt.toString(36)}-${randomBytes(6).toString("hex")}`;
  const expires = String(Math.ceil(expiresAt / 1000));
  const day = new Date(expiresAt).toISOString().slice(0, 10);
  const query = new URLSearchParams({
    Expires: expires,
    OSSAccessKeyId: "LTAI5tSimulatorSimulator",
    Nonce: nonce,
    Signature: signatureOf(secret, fileId, expires, nonce),
  });
  return `/inference_output/video/${day}/${fileId}/output_aigc.mp4?${query}`;
}

export function verifyUrl(
  secret: Uint8Array,
  fileId: string,
  query: URLSearchParams,
  now: number,
): UrlVerdict {
  const expires = query.get("Expires") ?? "";
  const nonce = query.get("Nonce") ?? "";
  const expiresAt = Number.parseInt(nonce.split("-")[0] ?? "", 36);
  const right = Buffer.from(signatureOf(secret, fileId, expires, nonce));
  const given = Buffer.from(query.get("Signature") ?? "");
  if (right.length !== given.length || !timingSafeEqual(right, given)) {
    return { refusal: "tampered", expiresAt: 0 };
  }
  return now < expiresAt ? { fileId } : { refusal: "expired", expiresAt };
}

function signatureOf(secret: Uint8Array, fileId: string, expires: string, nonce: string): string {
  return createHmac("sha256", secret).update(`${fileId}\n${expires}\n${nonce}`).digest("base64");
}
