/**
 * One take in the gate, and its life: what it will be, how it is doing, the film itself, or why there is none. Each
 * part is made anew only when what it shows has changed, so that a film plays on while something beside it changes.
 */

import { describeProgress, type Video } from "../client/filmgate.ts";
import { costWord } from "../client/money.ts";
import { actionsFor } from "./actions.ts";
import type { Draft } from "./choices.ts";
import { copyButton } from "./copy.ts";
import type { Desk } from "./desk.ts";
import { el, fill } from "./dom.ts";
import { createFilm } from "./film.ts";
import { examplesOf, failureOf, pictureOf, scriptOf } from "./frames.ts";
import type { Shown } from "./picture.ts";
import { expectedSecondsOf } from "./rules.ts";
import { createShare } from "./share.ts";
import { isOver } from "./shelf.ts";
import { createStrip } from "./strip.ts";
import { bytesWord, clock, momentWord, nameOf, ratioOf, sizeWord } from "./words.ts";

export function createTake(desk: Desk, onExample: (prompt: string) => void) {
  const edgeModel = el("span", {});
  const edgeSize = el("span", {});
  const frame = el("div", { class: "frame" });
  const strip = createStrip("Progress");
  const word = el("span", { class: "word" });
  const time = el("span", { class: "clock" });
  const about = el("div", { class: "about" });
  const element = el(
    "section",
    { class: "take", "aria-label": "In the gate", tabindex: -1 },
    el("p", { class: "edge" }, edgeModel, edgeSize),
    el("div", { class: "window" }, frame),
    el("div", { class: "line" }, strip.element, el("p", { class: "words" }, word, time)),
    about,
  );
  /** The pictures that takes of this tab began with: MiniMax's answer does not hold them. */
  const beginnings = new Map<string, Shown>();
  let draft: Draft | null = null;
  let shownFrame = "";
  let shownAbout = "";
  let isEager = false;

  const setFrame = (key: string, ratio: number, content: () => Node) => {
    frame.style.setProperty("--ratio", ratio.toFixed(4));
    if (key === shownFrame) return;
    shownFrame = key;
    fill(frame, content());
  };

  const showDraft = () => {
    const picture = draft?.picture ?? null;
    edgeModel.textContent = draft?.model.id ?? "";
    edgeSize.textContent = draft === null ? "" : `${draft.size.resolution} · ${draft.size.duration} s`;
    frame.dataset.state = picture === null ? "empty" : "picture";
    const [width = 16, height = 9] = (draft?.ratio ?? "16:9").split(":").map(Number);
    setFrame(`draft ${picture?.url}`, picture?.ratio ?? width / height, () =>
      picture?.url ? pictureOf(picture.url, "The first frame") : examplesOf(onExample),
    );
    strip.show(0, "nothing in the gate");
    word.textContent = picture === null ? "nothing in the gate yet" : "this is how it begins";
    time.textContent = "";
    shownAbout = "";
    fill(about);
  };

  const showVideo = (video: Video) => {
    edgeModel.textContent = video.model;
    edgeSize.textContent = `${sizeWord(video)} · ${video.seconds} s${video.take > 1 ? ` · take ${video.take}` : ""}`;
    frame.dataset.state = video.status;
    const beginning = beginnings.get(video.id) ?? null;
    const ratio = video.status === "completed" ? ratioOf(video) : (beginning?.ratio ?? ratioOf(video));
    setFrame(`${video.id} ${isOver(video) ? video.status : "making"}`, ratio, () => {
      if (video.status === "completed") return createFilm(desk, video, isEager);
      return video.status === "failed" ? failureOf(video) : scriptOf(video, beginning?.url ?? null);
    });
    const sentence =
      video.error?.code === "cancelled"
        ? "cancelled"
        : describeProgress(video, expectedSecondsOf(desk.models, video));
    strip.show(video.status === "failed" ? 0 : video.progress, sentence);
    word.textContent = sentence;
    showTime();
    const key = JSON.stringify([video.id, isOver(video), video.status, video.publication, video.cost.state]);
    if (key === shownAbout) return;
    // What has the focus goes, and comes back where it was.
    const hadFocus = about.contains(document.activeElement);
    shownAbout = key;
    fill(about, ...aboutOf(desk, video, () => element.focus()));
    if (hadFocus) about.querySelector<HTMLElement>("button:not([hidden])")?.focus();
  };

  const showTime = () => {
    const video = desk.shelf.get(desk.staged() ?? "");
    time.textContent = video === null || isOver(video) ? "" : clock(Date.now() / 1000 - video.created_at);
  };
  const ticking = setInterval(showTime, 1000);

  const refresh = () => {
    const id = desk.staged();
    const video = id === null ? null : desk.shelf.get(id);
    if (video !== null) showVideo(video);
    else showDraft();
  };

  return {
    element,
    refresh,
    setDraft(next: Draft) {
      draft = next;
      if (desk.staged() === null) showDraft();
    },
    /** The next film to appear begins to play by itself. */
    setEager(eager: boolean) {
      isEager = eager;
    },
    stop: () => clearInterval(ticking),
    /** What the gate shows until there is a film. */
    beginWith(taskId: string) {
      if (draft?.picture) beginnings.set(taskId, draft.picture);
    },
  };
}

export type Take = ReturnType<typeof createTake>;

function aboutOf(desk: Desk, video: Video, onGone: () => void): HTMLElement[] {
  const facts = [
    costWord(video.cost),
    ...(video.bytes === null ? [] : [bytesWord(video.bytes)]),
    momentWord(video.created_at),
  ];
  return [
    // Until there is a film, its name stands in the gate.
    el("h2", { class: isOver(video) ? undefined : "unseen" }, nameOf(video)),
    el("p", { class: "facts" }, facts.join(" · ")),
    ...addressOf(desk, video),
    actionsFor(desk, video, onGone),
    createShare(desk, video),
  ];
}

function addressOf(desk: Desk, { publication }: Video): HTMLElement[] {
  if (publication === null) return [];
  const { page_url: page, state } = publication;
  const words = { ready: "Published at", making: "Will be at", failed: "Nothing came at" }[state];
  return [
    el(
      "p",
      { class: "address" },
      el("span", {}, words),
      el("a", { href: page, target: "_blank", rel: "noopener" }, page.replace(/^https?:\/\//, "")),
      copyButton("the address", () => page, desk.say),
    ),
  ];
}
