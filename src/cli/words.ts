/** Money, sizes, moments and states in words. Pure. */

import type { Cost, Video } from "../client/filmgate.ts";

/** `$0.28`; parts of a cent are shown where there are any. */
export function usd(amount: number): string {
  const digits = Math.abs(amount * 100 - Math.round(amount * 100)) < 1e-6 ? 2 : 4;
  return `$${amount.toFixed(digits)}`;
}

export function price(amount: number | null): string {
  return amount === null ? "price unknown" : usd(amount);
}

/** What a video cost, by the state of its money. */
export function costWord({ state, estimated_usd: estimated, charged_usd: charged }: Cost): string {
  switch (state) {
    case "reserved":
      return estimated === null ? "price unknown" : `${usd(estimated)} reserved`;
    case "settled":
      return charged === null ? "charged, price unknown" : `${usd(charged)} charged`;
    case "released":
      return "nothing charged";
    case "held":
      return estimated === null ? "may have been charged" : `${usd(estimated)} held`;
  }
}

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
