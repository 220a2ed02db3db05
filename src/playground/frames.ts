/** What stands in the gate where there is no film: examples, a picture, the script of what is being made, a failure. */

import type { Video } from "../client/filmgate.ts";
import { el } from "./dom.ts";
import { nameOf } from "./words.ts";

export const examples = [
  "Ink falls into clear water and opens into a flock of birds [Static shot]",
  "A lighthouse keeper climbs the stairs with a lantern, a storm outside [Tracking shot]",
];

/** The empty gate, with something to begin with. */
export function examplesOf(onExample: (prompt: string) => void): HTMLElement {
  return el(
    "div",
    { class: "inside examples" },
    el("p", {}, "Write what is to be seen, or drop a picture here. Or begin with one of these:"),
    ...examples.map((prompt) =>
      el("button", { type: "button", class: "example", on: { click: () => onExample(prompt) } }, prompt),
    ),
  );
}

export function pictureOf(url: string, alt: string): HTMLElement {
  return el("img", { class: "still", src: url, alt });
}

/** Until there is a film, the gate holds its words, over the picture that it begins with. */
export function scriptOf(video: Video, picture: string | null): HTMLElement {
  return el(
    "div",
    { class: "making" },
    picture === null ? null : pictureOf(picture, ""),
    el("p", { class: "script" }, nameOf(video)),
  );
}

export function failureOf(video: Video): HTMLElement {
  const isCancelled = video.error?.code === "cancelled";
  const held =
    video.cost.state === "held"
      ? "Nobody knows whether MiniMax charged for it: the sum is held, and counts under the cap, until the operator settles it."
      : "";
  return el(
    "div",
    { class: "inside failure" },
    el("h2", {}, isCancelled ? "Cancelled" : "Not made"),
    el("p", {}, video.error?.message ?? "The video could not be made."),
    held === "" ? null : el("p", { class: "note" }, held),
  );
}
