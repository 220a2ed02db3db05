/** How a video is doing, in the words that all of filmgate's faces use: pages, the embedded player, the terminal. */

import type { Video } from "../contract.ts";

/**
 * One honest sentence without a full stop, to stand beside a strip or a bar: `in the queue, 3rd`,
 * `MiniMax is making it, usually 95 s`, `storing it`.
 * @param expectedSeconds how long such a video usually takes, from the models' list; left out where it is not known.
 */
export function describeProgress(
  video: Pick<Video, "status" | "progress" | "queue_position">,
  expectedSeconds: number | null = null,
): string {
  switch (video.status) {
    case "queued":
      return video.queue_position === null
        ? "on its way to MiniMax"
        : `in the queue, ${ordinal(video.queue_position)}`;
    case "in_progress": {
      if (video.progress >= storingProgress) return "storing it";
      const usually = expectedSeconds === null ? "" : `, usually ${expectedSeconds} s`;
      return `MiniMax is making it${usually}`;
    }
    case "completed":
      return "ready";
    case "failed":
      return "not made";
  }
}

/** The server keeps what lies above for the time after MiniMax has made it. */
const storingProgress = 95;

function ordinal(place: number): string {
  const isTeen = place % 100 >= 11 && place % 100 <= 13;
  const ending = isTeen ? "th" : (["th", "st", "nd", "rd"][place % 10] ?? "th");
  return `${place}${ending}`;
}
