/*
 * Which film a V1 order gets.
 */
import type { Clip } from "./clips.ts";
import type { Image } from "./v1-images.ts";

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
export function pickV1Clip({ resolution, duration, firstFrame }: Wanted): Clip {
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
