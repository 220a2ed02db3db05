/*
 * Download addresses like those of Aliyun's OSS, where MiniMax keeps its files: no authorization, an expiry in
 * whole seconds and a signature over both (observed by third parties, 2025-11 to 2026-09; documented lifetime:
 * one hour). V2's have another path and a lifetime that is not documented; the rest is as with V1, which is ours.
 * Pure. Each is new: a nonce is signed too, and carries the expiry to the millisecond.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Wire } from "./scenario.ts";

export type UrlVerdict = { fileId: string } | { refusal: "expired" | "tampered"; expiresAt: number };

const places = { v1: ["video", "output_aigc.mp4"], v2: ["rollout", "output.mp4"] } as const;

/** The paths under which files are served, as routes. */
export const filePaths = Object.values(places).map(
  ([folder, name]) => `/inference_output/${folder}/:day/:fileId/${name}` as const,
);

export function signPath(secret: Uint8Array, wire: Wire, fileId: string, expiresAt: number): string {
  const nonce = `${expiresAt.toString(36)}-${randomBytes(6).toString("hex")}`;
  const expires = String(Math.ceil(expiresAt / 1000));
  const day = new Date(expiresAt).toISOString().slice(0, 10);
  const query = new URLSearchParams({
    Expires: expires,
    OSSAccessKeyId: "LTAI5tSimulatorSimulator",
    Nonce: nonce,
    Signature: signatureOf(secret, fileId, expires, nonce),
  });
  const [folder, name] = places[wire];
  return `/inference_output/${folder}/${day}/${fileId}/${name}?${query}`;
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
