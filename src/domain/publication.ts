/**
 * A video at an address that stays. Wanted is what stands in the task; there is what the manifest in R2 says, and its
 * presence is the publication. The manifest follows from the task alone, so writing it again changes nothing. A visit
 * is judged by the manifest, without asking the task.
 */

import type { OutcomeCode } from "../errors.ts";
import type { Poster } from "./poster.ts";
import { isCancelled, type Task } from "./task.ts";

/** How a video is published. */
export type Publication = Readonly<{
  /** Sites that may show it; null: any. */
  origins: readonly string[] | null;
  title: string | null;
  /** What is seen, for those who do not see it. */
  alt: string | null;
  /** Epoch milliseconds from which on it is not served any more; null: until its owner takes it down. */
  expiresAt: number | null;
}>;

/** What `published/{file_id}.json` holds. */
export type Manifest = Publication &
  Readonly<{
    /** Null where there is none, and of a video that failed. */
    poster: Poster | null;
  }> &
  (
    | Readonly<{ state: "making" }>
    | Readonly<{ state: "failed"; code: OutcomeCode }>
    | Readonly<{
        state: "ready";
        /** In pixels, as MiniMax told them; 0 where it did not. */
        width: number;
        height: number;
        durationSeconds: number;
        bytes: number;
        sha256: string;
        storedAt: number;
      }>
  );

/** What R2 is to hold for the task; null: nothing. A video that its caller cancelled is published no more. */
export function manifestOf(task: Task): Manifest | null {
  if (task.publication === null || isCancelled(task)) return null;
  const { origins, title, alt, expiresAt } = task.publication;
  const common = { origins, title, alt, expiresAt, poster: task.poster };
  if (task.status === "failed") return { ...common, poster: null, state: "failed", code: task.code };
  if (task.status !== "succeeded") return { ...common, state: "making" };
  const { width, height, bytes, sha256, endedAt: storedAt } = task;
  const durationSeconds = task.order.duration;
  return { ...common, state: "ready", width, height, durationSeconds, bytes, sha256, storedAt };
}

export function isSameManifest(one: Manifest | null, other: Manifest | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

export function isSamePublication(one: Publication | null, other: Publication | null): boolean {
  if (one === null || other === null) return one === other;
  const facts = ({ origins, title, alt, expiresAt }: Publication) => [origins, title, alt, expiresAt];
  return JSON.stringify(facts(one)) === JSON.stringify(facts(other));
}

export const maxOrigins = 20;

/**
 * The canonical spelling of a site's origin, or null if it is none: https, a host's name or IPv4 address, a port. On
 * one's own machine http will do. It ends up in headers, so a host may hold nothing but what such names are made of.
 */
export function readOrigin(text: string): string | null {
  if (!/^https?:\/\/[^/?#@\\\s]+$/i.test(text) || !URL.canParse(text)) return null;
  const { protocol, hostname, origin } = new URL(text);
  if (!/^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(hostname)) return null;
  const isOwnMachine = hostname === "localhost" || hostname === "127.0.0.1";
  return protocol === "https:" || isOwnMachine ? origin : null;
}

/** True once its owner's time for it has passed; only the manifest is left then. */
export function hasExpired({ expiresAt }: Manifest, now: number): boolean {
  return expiresAt !== null && now >= expiresAt;
}

/** Who asks: what a browser says of the page that shows the video; null where it says nothing. */
export type Visit = Readonly<{ origin: string | null; referer: string | null }>;

export type VisitVerdict = "expired" | "refused" | "making" | "failed" | "ready";

/** @param ownOrigins where this deployment is reached: its own player page may always show the video. */
export function judgeVisit(
  manifest: Manifest,
  visit: Visit,
  ownOrigins: readonly string[],
  now: number,
): VisitVerdict {
  if (hasExpired(manifest, now)) return "expired";
  const { origins } = manifest;
  const mayShow = (origin: string | null) =>
    origin === null || origins === null || origins.includes(origin) || ownOrigins.includes(origin);
  // A plain <video> sends no Origin, and a page may tell its visitors' browsers to send no Referer.
  if (!mayShow(visit.origin) || !mayShow(originOfReferer(visit.referer))) return "refused";
  return manifest.state;
}

/** The origin that a Referer names; what cannot be read is nobody's. */
export function originOfReferer(referer: string | null): string | null {
  if (referer === null || referer === "") return null;
  return URL.canParse(referer) ? new URL(referer).origin : "null";
}
