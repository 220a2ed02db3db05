/** Sizes, moments and states in words. Pure. */

import type { Video } from "../client/filmgate.ts";

export const statusWords: Readonly<Record<Video["status"], string>> = {
  queued: "queued",
  in_progress: "making",
  completed: "ready",
  failed: "not made",
};

/** `2.4 MB` */
export function bytesWord(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** A moment as `2026-11-29 14:05`, in UTC, so that it is the same on every machine. @param at Unix seconds. */
export function momentWord(at: number): string {
  return `${new Date(at * 1000).toISOString().slice(0, 16).replace("T", " ")}Z`;
}

/** `3 videos`, `1 video`. */
export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}

/** A text as one word of a shell's line, to be copied, whoever said it. */
export function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Where a video is to be saved, as words of a shell's line. */
export function placeWords(path: string, isForced: boolean | undefined): string {
  return `${shellWord(path)}${isForced === true ? " --force" : ""}`;
}
