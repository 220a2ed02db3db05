/**
 * What cannot be undone is asked first, in place: what will happen, and what it means for the money. Escape, or the
 * button that is in focus, leaves everything as it is.
 */

import { el } from "./dom.ts";

export type Question = {
  sentence: string;
  yes: string;
  no: string;
  /** Rejects with what went wrong; then the question stays, with that sentence. */
  act: () => Promise<void>;
  explain: (error: unknown) => string;
};

/** Shows the question in place of `row`, and gives the focus back to `opener` when it is left. */
export function askFirst(row: HTMLElement, opener: HTMLElement, question: Question): void {
  const problem = el("p", { class: "problem", role: "alert" });
  const yes = el("button", { type: "button", class: "danger" }, question.yes);
  const no = el("button", { type: "button", class: "quiet" }, question.no);
  const panel = el(
    "div",
    { class: "question", role: "group", "aria-label": question.sentence },
    el("p", {}, question.sentence),
    problem,
    el("div", { class: "row" }, yes, no),
  );
  const leave = () => {
    panel.remove();
    row.hidden = false;
    opener.focus();
  };
  no.addEventListener("click", leave);
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    leave();
  });
  yes.addEventListener("click", async () => {
    if (yes.getAttribute("aria-disabled") === "true") return;
    yes.setAttribute("aria-disabled", "true");
    try {
      await question.act();
      panel.remove();
      row.hidden = false;
    } catch (error) {
      problem.textContent = question.explain(error);
      yes.removeAttribute("aria-disabled");
    }
  });
  row.hidden = true;
  row.after(panel);
  no.focus();
}
