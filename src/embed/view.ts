/**
 * What is seen: the video, which stays the same element through all that happens, so that focus, volume and captions
 * stay with it; and the edge of the film, where words and progress stand. Built without a line of HTML, which a page
 * may forbid (Trusted Types).
 */

import { keepsPicture, type State } from "./state.ts";
import { style } from "./style.ts";
import { slotsFor, wordsFor } from "./words.ts";

/** Perforations along the edge. */
const holes = 20;

let sheet: CSSStyleSheet | undefined;

function part<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  facts: Partial<HTMLElementTagNameMap[K]> = {},
  ...inside: Node[]
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(tag), facts);
  if (element.className) element.setAttribute("part", element.className);
  element.append(...inside);
  return element;
}

export class View {
  readonly video = part("video", { className: "video", playsInline: true });
  readonly retry = part("button", { type: "button", hidden: true }, part("slot", { name: "retry" }));
  readonly #words = part("span", { lang: "en" });
  readonly #wide = part("slot", {}, this.#words);
  readonly #narrow = part("slot", {}, this.#wide);
  readonly #strip = part("div", { className: "strip" }, ...Array.from({ length: holes }, () => part("i")));
  readonly #edge = part(
    "div",
    { className: "edge", tabIndex: -1 },
    part("div", { className: "words", role: "status" }, this.#narrow),
    this.retry,
    this.#strip,
  );
  readonly #still = part("canvas", { hidden: true });
  readonly #shape: CSSStyleSheet;
  readonly #root: ShadowRoot;
  #ratio = 0;
  #wasWaiting = false;

  constructor(host: HTMLElement) {
    this.retry.firstElementChild?.append("Try again");
    this.retry.part.add("button");
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(style);
    }
    this.#shape = new CSSStyleSheet();
    this.#root = host.attachShadow({ mode: "open", delegatesFocus: true });
    this.#root.adoptedStyleSheets = [sheet, this.#shape];
    this.#root.append(part("div", { className: "frame" }, this.video, this.#still), this.#edge);
    this.setRatio(16 / 9);
  }

  /** Reserves the place. What differs by a hair is left alone, so that nothing jumps. */
  setRatio(ratio: number): void {
    if (!(ratio > 0 && ratio < Infinity) || Math.abs(ratio / this.#ratio - 1) < 0.01) return;
    this.#ratio = ratio;
    this.#shape.replaceSync(`:host{aspect-ratio:${ratio}}`);
  }

  show(state: State, expectedSeconds: number | null): void {
    const { video } = this;
    const isShowing = state.name === "showing" || state.name === "distant" || state.name === "asking";
    const isPlayable = state.name === "showing";
    const focused = this.#root.activeElement;
    const hasPicture = keepsPicture(state) && (video.poster !== "" || video.readyState > 1);
    video.hidden = !keepsPicture(state);
    // Controls of a player that has nothing to play would turn their wheel for ever.
    video.controls &&= isShowing;
    video.inert = !isShowing;
    this.#edge.className = isShowing ? "edge aside" : hasPicture ? "edge" : "edge bare";
    this.retry.hidden = state.name !== "unavailable" || state.reason !== "unreachable";
    this.#showStrip(state);
    [this.#narrow.name, this.#wide.name] = slotsFor(state);
    const words =
      wordsFor(state, expectedSeconds) || (isPlayable && this.#wasWaiting ? "The video is ready." : "");
    // Said anew only if it means something else: whoever listens is not told the same twice.
    if (this.#words.textContent !== words) this.#words.textContent = words;
    this.#wasWaiting = state.name === "waiting";
    // Whoever was in the player is led to the words that took its place, and back; nobody else is led anywhere.
    if (focused === null || (isShowing && focused === video)) return;
    if (isPlayable) video.focus();
    else (this.retry.hidden ? this.#edge : this.retry).focus();
  }

  #showStrip(state: State): void {
    this.#strip.hidden = state.name !== "waiting";
    const share = state.name === "waiting" ? (state.progress?.progress ?? null) : null;
    const facts: Record<string, string | null> = {
      role: share === null ? null : "progressbar",
      "aria-label": share === null ? null : "Progress",
      "aria-valuenow": share === null ? null : String(Math.round(share)),
      "aria-hidden": share === null ? "true" : null,
    };
    for (const [name, value] of Object.entries(facts)) {
      if (value === null) this.#strip.removeAttribute(name);
      else this.#strip.setAttribute(name, value);
    }
    const passed = Math.floor(((share ?? 0) / 100) * holes);
    for (const [index, hole] of [...this.#strip.children].entries()) {
      hole.classList.toggle("passed", index < passed);
    }
  }

  /** Holds the picture while the video is loaded anew beneath it. */
  freeze(): void {
    const { videoWidth, videoHeight, readyState } = this.video;
    if (readyState < 2 || !this.#still.hidden) return;
    Object.assign(this.#still, { width: videoWidth, height: videoHeight, hidden: false });
    this.#still.getContext("2d")?.drawImage(this.video, 0, 0);
  }

  thaw(): void {
    this.#still.hidden = true;
  }
}
