/**
 * Whose videos a lock has: those of a filmgate that was tried on one machine are no answer where another one is asked,
 * nor on a build service that names none. Their addresses play on that machine alone.
 */

import type { LockEntry, ReadyEntry } from "./lock-entry.ts";
import { isContinuousIntegration } from "./node.ts";

/** @param gateway the address of the filmgate that is asked; null where none is named. */
export function answersFor(gateway: string | null): (entry: LockEntry) => boolean {
  const isLocal = gateway === null ? !isContinuousIntegration() : isOnOneMachine(gateway);
  return (entry) => isLocal || entry.state !== "ready" || entry.url === null || !isOnOneMachine(entry.url);
}

/** Why a video that stands in the lock is none. */
export function triedSentence({ url }: ReadyEntry): string {
  return `the lock has one at ${new URL(url ?? "").origin}, which plays only on the machine that made it`;
}

function isOnOneMachine(url: string): boolean {
  const { hostname } = URL.canParse(url) ? new URL(url) : { hostname: "" };
  return /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1?\])$/.test(hostname);
}
