/*
 * Which film a V2 order gets: a loop of its size for as many seconds as were ordered. That 768P at 16:9 is
 * 1366x768 and 2K is 2560x1440 is what clients assume (@ai-sdk/minimax); the other sizes follow from these by
 * keeping the short side, which is a guess, as no answer of MiniMax's carries a width or a height.
 */
import type { Clip } from "./clips.ts";

type Wanted = { resolution: string; ratio: string; duration: number };

const sizes: Record<string, Record<string, readonly [number, number]>> = {
  "480P": {
    "21:9": [1120, 480],
    "16:9": [854, 480],
    "4:3": [640, 480],
    "1:1": [480, 480],
    "3:4": [480, 640],
    "9:16": [480, 854],
  },
  "768P": {
    "21:9": [1792, 768],
    "16:9": [1366, 768],
    "4:3": [1024, 768],
    "1:1": [768, 768],
    "3:4": [768, 1024],
    "9:16": [768, 1366],
  },
  "2K": {
    "21:9": [3360, 1440],
    "16:9": [2560, 1440],
    "4:3": [1920, 1440],
    "1:1": [1440, 1440],
    "3:4": [1440, 1920],
    "9:16": [1440, 2560],
  },
};

export function pickV2Clip({ resolution, ratio, duration }: Wanted): Clip {
  const size = sizes[resolution]?.[ratio];
  if (!size) throw new Error(`There is no clip for ${resolution} ${ratio}`);
  const [width, height] = size;
  return { name: `${resolution}-${ratio.replace(":", "x")}`, width, height, loopSeconds: duration };
}
