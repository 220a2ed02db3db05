/** What the element says in its frame; a page says it in its own words by slots of these names. */

import { describeProgress } from "../client/progress.ts";
import type { Reason, State } from "./state.ts";

const sentences: Record<Reason, string> = {
  removed: "This video is no longer available.",
  failed: "This video could not be made.",
  refused: "This video may not be shown on this site.",
  ended: "The link to this video has ended. Loading the page again may bring a new one.",
  unreachable: "This video could not be loaded.",
};

/** @param expectedSeconds how long such a video usually takes; null or 0 where that is not known. */
export function wordsFor(state: State, expectedSeconds: number | null): string {
  if (state.name === "unavailable") return sentences[state.reason];
  if (state.name !== "waiting") return "";
  if (state.progress === null) return "This video is still being made. It will be here when it is ready.";
  return describeProgress(state.progress, expectedSeconds || null);
}

/** The slots whose words stand in for ours, the narrower first. */
export function slotsFor(state: State): [narrow: string, wide: string] {
  if (state.name === "unavailable") return [state.reason, "unavailable"];
  if (state.name === "waiting") return ["waiting", "waiting"];
  return ["", ""];
}
