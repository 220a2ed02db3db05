/** One video on the contact sheet. Its first picture is loaded when it comes near the window, and no more than that. */

import { describeProgress, type Video } from "../client/filmgate.ts";
import { costWord } from "../client/money.ts";
import { actionsFor } from "./actions.ts";
import type { Desk } from "./desk.ts";
import { el, fill } from "./dom.ts";
import { onThisOrigin } from "./film.ts";
import { expectedSecondsOf } from "./rules.ts";
import { isOver } from "./shelf.ts";
import { createStrip } from "./strip.ts";
import { momentWord, nameOf, ratioOf, sizeWord } from "./words.ts";

const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting || !(target instanceof HTMLVideoElement)) continue;
      near.unobserve(target);
      target.preload = "metadata";
      // A moment in, since some browsers show no picture at the very beginning.
      target.src = `${target.dataset.link}#t=0.001`;
    }
  },
  { rootMargin: "300px" },
);

export function createCell(desk: Desk, first: Video, onGone: () => void) {
  let video = first;
  let shown = "";
  const strip = createStrip(null);
  const frame = el("button", {
    type: "button",
    class: "cell-frame",
    on: { click: () => desk.stage(video.id) },
  });
  const title = el("p", { class: "cell-title" });
  const facts = el("p", { class: "facts" });
  const address = el("p", { class: "address" });
  const deeds = el("div", {});
  const element = el(
    "li",
    { class: "cell" },
    el("div", { class: "cell-film" }, frame),
    el("div", { class: "cell-words" }, title, facts, address, deeds),
  );

  const show = (next: Video) => {
    video = next;
    const word =
      video.error?.code === "cancelled"
        ? "cancelled"
        : describeProgress(video, expectedSecondsOf(desk.models, video));
    strip.show(video.progress, word);
    title.textContent = nameOf(video);
    frame.setAttribute("aria-label", `Into the gate: ${nameOf(video).slice(0, 80)}, ${word}`);
    facts.textContent = [
      ...(video.status === "completed" ? [sizeWord(video), `${video.seconds} s`] : [word]),
      costWord(video.cost),
      momentWord(video.created_at),
    ].join(" · ");
    const key = JSON.stringify([
      video.status,
      isOver(video),
      video.publication,
      video.cost.state,
      video.error,
    ]);
    if (key === shown) return;
    shown = key;
    element.dataset.state = video.status;
    frame.style.setProperty("--ratio", ratioOf(video).toFixed(4));
    fill(frame, pictureOf(video, strip.element));
    fillAddress(address, video);
    const hadFocus = deeds.contains(document.activeElement);
    fill(deeds, actionsFor(desk, video, onGone));
    if (hadFocus) deeds.querySelector<HTMLElement>("button")?.focus();
  };
  const mark = (isStaged: boolean) => {
    if (isStaged) frame.setAttribute("aria-current", "true");
    else frame.removeAttribute("aria-current");
  };
  show(first);
  mark(desk.staged() === first.id);
  return { element, show, mark };
}

function pictureOf(video: Video, strip: HTMLElement): HTMLElement {
  if (video.status === "completed" && video.download_url !== null) {
    const poster = video.publication?.poster_url;
    if (poster) return el("img", { src: onThisOrigin(poster), alt: "", loading: "lazy" });
    const still = el("video", {
      muted: true,
      playsinline: true,
      preload: "none",
      tabindex: -1,
      "aria-hidden": "true",
      "data-link": onThisOrigin(video.download_url),
    });
    near.observe(still);
    return still;
  }
  if (video.status === "failed")
    return el("span", { class: "cell-note" }, video.error?.code === "cancelled" ? "cancelled" : "not made");
  return strip;
}

function fillAddress(element: HTMLElement, { publication }: Video): void {
  element.hidden = publication === null;
  if (publication === null) return;
  const { page_url: page, state } = publication;
  const words = { ready: "published", making: "published when ready", failed: "nothing published" }[state];
  fill(element, el("a", { href: page, target: "_blank", rel: "noopener" }, words));
}
