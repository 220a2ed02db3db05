/** Numbers and states in words: money, sizes, dates, what a video is called. Pure. */

import type { Video } from "../client/filmgate.ts";
import { costWord, usd } from "../client/money.ts";

/** What follows for the money when a video is cancelled or deleted, said before it is done. */
export function removalSentence(video: Video): string {
  const isUnderWay = video.status === "queued" || video.status === "in_progress";
  const { state, charged_usd: charged } = video.cost;
  if (isUnderWay && video.status === "queued")
    return "Cancel it? If MiniMax has not taken it yet, nothing is charged. If it has, MiniMax cannot be stopped and may still charge.";
  if (isUnderWay)
    return "Cancel it? You will not get the video. MiniMax is making it and cannot be stopped, so it may still charge.";
  const what =
    video.status === "completed"
      ? "Delete the video and its file? Links and pages that show it end."
      : "Remove it from the list? It has no file.";
  if (state === "settled")
    return `${what} ${charged === null ? "What was charged" : usd(charged)} stays charged.`;
  if (state === "held") return `${what} ${costWord(video.cost)}, and stays held.`;
  return `${what} Nothing was charged.`;
}

export const statusWords: Record<Video["status"], string> = {
  queued: "queued",
  in_progress: "making",
  completed: "ready",
  failed: "not made",
};

/** What a video is called: its published title, its prompt, or what it was made from. */
export function nameOf(video: Video): string {
  return video.publication?.title || video.prompt || "A video without words";
}

/** `1366 × 768`, or the resolution's name before there is a video. */
export function sizeWord(video: Video): string {
  return video.size.replace("x", " × ");
}

/** Width by height, where it is known. */
export function ratioOf(video: Video): number {
  const [width = 0, height = 0] = video.size.split("x").map(Number);
  return width > 0 && height > 0 ? width / height : 16 / 9;
}

/** `1:05`, as a clock counts. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** A moment as people near it say it. @param at Unix seconds. */
export function momentWord(at: number): string {
  const date = new Date(at * 1000);
  const isToday = date.toDateString() === new Date().toDateString();
  const time = date.toLocaleTimeString("en", { hour: "2-digit", minute: "2-digit", hour12: false });
  return isToday
    ? `today, ${time}`
    : `${date.toLocaleDateString("en", { day: "numeric", month: "short" })}, ${time}`;
}

/** `2.4 MB` */
export function bytesWord(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** A shape as people call it: `16:9`, or two decimals. */
export function shapeWord(width: number, height: number): string {
  const known = [
    [16, 9],
    [9, 16],
    [4, 3],
    [3, 4],
    [3, 2],
    [2, 3],
    [1, 1],
    [21, 9],
  ] as const;
  const found = known.find(([w, h]) => Math.abs(width / height - w / h) < 0.012);
  return found === undefined ? `${(width / height).toFixed(2)}:1` : found.join(":");
}
