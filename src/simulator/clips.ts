/*
 * The films that are delivered: a few real H.264 clips (clips/make.sh drew them), picked by what was ordered.
 * Each task gets bytes of its own: an MP4 `free` box with its id behind the last box, where no offset points and
 * every player skips it (ISO/IEC 14496-12, 8.1.2), so that no two deliveries have the same hash.
 */
import { readFileSync } from "node:fs";
import type { Image } from "./images.ts";

export type Clip = { name: string; width: number; height: number };
type Wanted = { resolution: string; duration: number; firstFrame: Image | null };

// 768P at 16:9 is 1366x768 and 720P is 1280x720: observed by third parties. 512P's width is a guess.
const clips: Record<string, Clip> = {
  "512P-6": { name: "512P-6", width: 912, height: 512 },
  "512P-10": { name: "512P-10", width: 912, height: 512 },
  "720P-6": { name: "720P-6", width: 1280, height: 720 },
  "768P-6": { name: "768P-6", width: 1366, height: 768 },
  "768P-6-portrait": { name: "768P-6-portrait", width: 768, height: 1366 },
  "768P-6-square": { name: "768P-6-square", width: 768, height: 768 },
  "768P-10": { name: "768P-10", width: 1366, height: 768 },
  "1080P-6": { name: "1080P-6", width: 1920, height: 1080 },
};

/** MiniMax's output follows the first frame's shape; we have upright and square clips for the commonest cell only. */
export function pickClip({ resolution, duration, firstFrame }: Wanted): Clip {
  const cell = `${resolution}-${duration}`;
  const clip = clips[`${cell}-${shapeOf(firstFrame)}`] ?? clips[cell];
  if (!clip) throw new Error(`There is no clip for ${cell}`);
  return clip;
}

function shapeOf(image: Image | null): string {
  if (image?.kind !== "inline") return "landscape";
  const ratio = image.width / image.height;
  return ratio < 0.8 ? "portrait" : ratio <= 1.25 ? "square" : "landscape";
}

const loaded = new Map<string, Uint8Array<ArrayBuffer>>();

function load(name: string): Uint8Array<ArrayBuffer> {
  const bytes =
    loaded.get(name) ?? new Uint8Array(readFileSync(new URL(`./clips/${name}.mp4`, import.meta.url)));
  loaded.set(name, bytes);
  return bytes;
}

/** The clip as this task's own file, with `padding` bytes more where a large one is wanted (the box allows 4 GB). */
export function fileOf({
  clip,
  id,
  padding,
}: {
  clip: Clip;
  id: string;
  padding: number;
}): Uint8Array<ArrayBuffer> {
  const bytes = load(clip.name);
  const note = new TextEncoder().encode(`MiniMax simulator, task ${id}`);
  const boxLength = 8 + note.length + padding;
  const file = new Uint8Array(bytes.length + boxLength);
  file.set(bytes);
  new DataView(file.buffer).setUint32(bytes.length, boxLength);
  file.set(new TextEncoder().encode("free"), bytes.length + 4);
  file.set(note, bytes.length + 8);
  return file;
}
