/** Giving a video its address that stays, with what it is called and what is seen in it. */

import type { Video } from "../client/filmgate.ts";
import type { Desk } from "./desk.ts";
import { el, freshId } from "./dom.ts";

export const maxTitle = 200;
export const maxAlt = 1000;

/** The two fields, here and in the composer. */
export function wordFields(alt = ""): {
  title: HTMLInputElement;
  alt: HTMLTextAreaElement;
  elements: HTMLElement[];
} {
  const title = el("input", { id: freshId(), type: "text", maxlength: maxTitle, autocomplete: "off" });
  const text = el("textarea", { id: freshId(), rows: 2, maxlength: maxAlt });
  text.value = alt;
  const label = (field: HTMLElement, name: string, note: string) =>
    el(
      "div",
      { class: "field" },
      el("label", { for: field.id, class: "label" }, name, el("small", {}, note)),
      field,
    );
  return {
    title,
    alt: text,
    elements: [
      label(title, "Title", "shown with the player"),
      label(text, "What is seen", "for those who do not see it"),
    ],
  };
}

/** What a publication is told of it; what is left empty is left out. */
export function wordsOf(fields: { title: HTMLInputElement; alt: HTMLTextAreaElement }) {
  return { title: fields.title.value.trim() || null, alt: fields.alt.value.trim() || null };
}

/** Opens the form in place of `row`; the focus goes back to `opener` when it is left. */
export function openPublishing(desk: Desk, video: Video, row: HTMLElement, opener: HTMLElement): void {
  const fields = wordFields((video.prompt ?? "").slice(0, maxAlt));
  const problem = el("p", { class: "problem", role: "alert" });
  const form = el(
    "form",
    { class: "question", "aria-label": "Publish the video", novalidate: true },
    el("p", {}, "It gets an address that anybody can open and any page can show, until you take it down."),
    ...fields.elements,
    problem,
    el(
      "div",
      { class: "row" },
      el("button", { type: "submit", class: "solid" }, "Publish it"),
      el("button", { type: "button", class: "quiet", on: { click: () => leave() } }, "Not now"),
    ),
  );
  const leave = () => {
    form.remove();
    row.hidden = false;
    opener.focus();
  };
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
  });
  let isUnderWay = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isUnderWay) return;
    isUnderWay = true;
    try {
      const publication = await desk.client.video.publish(video.id, wordsOf(fields));
      form.remove();
      row.hidden = false;
      desk.shelf.putPublication(video.id, publication);
      desk.say("It is published.");
    } catch (error) {
      problem.textContent = desk.explain(error);
      isUnderWay = false;
    }
  });
  row.hidden = true;
  row.after(form);
  fields.title.focus();
}
