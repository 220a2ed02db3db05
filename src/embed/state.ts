/**
 * What the element shows, as data: nothing here touches the page, a clock or the network. What happens is told as an
 * event; an event that does not fit what is shown, such as an answer that comes too late, changes nothing.
 */

import type { Video } from "../contract.ts";

/** Why there is no video to see. */
export type Reason =
  /** Taken down, deleted, past its date, or never there: nobody can tell which. */
  | "removed"
  /** It could not be made. */
  | "failed"
  /** Not for this site. */
  | "refused"
  /** The link is past its time, and nobody gave another. */
  | "ended"
  /** No answer, or one that does not play. */
  | "unreachable";

/** What is behind an address. */
export type Answer = "ready" | "making" | Reason;

export type Progress = Pick<Video, "status" | "progress" | "queue_position">;

export type State =
  /** Nothing was asked of anybody. */
  | { name: "distant" }
  | { name: "asking" }
  /** `progress` is null where it is not known: nothing is made up. */
  | { name: "waiting"; progress: Progress | null }
  /** `breaks`: how often it broke in quick succession, the last time at `brokeAt`; each is a reason to load it anew. */
  | { name: "showing"; breaks: number; brokeAt: number }
  | { name: "unavailable"; reason: Reason };

export type StateEvent =
  | { type: "near" }
  | { type: "answered"; answer: Answer }
  | { type: "progressed"; progress: Progress }
  /** Playing stopped, and so is what the address answers now. */
  | { type: "broke"; answer: Answer; at: number }
  /** Somebody wants it tried anew: a visitor, the network that is back, another `src`. */
  | { type: "restarted" };

/** Breaks that lie further apart have nothing to do with each other. */
const quickMs = 10_000;
/** A video that breaks more often than that, though its address answers, will not play. */
const mostBreaks = 2;

export function transition(state: State, event: StateEvent): State {
  switch (event.type) {
    case "near":
      return state.name === "distant" ? { name: "asking" } : state;
    case "restarted":
      return state.name === "distant" ? state : { name: "asking" };
    case "progressed":
      return state.name === "waiting" ? { name: "waiting", progress: event.progress } : state;
    case "answered":
      if (state.name === "waiting" && event.answer === "making") return state;
      return state.name === "asking" || state.name === "waiting" ? after(event.answer) : state;
    case "broke": {
      if (state.name !== "showing") return state;
      if (event.answer !== "ready") return after(event.answer);
      const breaks = event.at - state.brokeAt < quickMs ? state.breaks + 1 : 1;
      if (breaks > mostBreaks) return { name: "unavailable", reason: "unreachable" };
      return { name: "showing", breaks, brokeAt: event.at };
    }
  }
}

function after(answer: Answer): State {
  if (answer === "ready") return { name: "showing", breaks: 0, brokeAt: 0 };
  if (answer === "making") return { name: "waiting", progress: null };
  return { name: "unavailable", reason: answer };
}

/** Whether what was seen may stay in sight beside the words: not what was taken away. */
export function keepsPicture(state: State): boolean {
  return state.name !== "unavailable" || state.reason === "ended" || state.reason === "unreachable";
}
