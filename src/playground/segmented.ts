/** One of a few: radio buttons that look like one control. The arrow keys work, as the browser has them. */

import { el, fill, freshId } from "./dom.ts";

export type Segment = { value: string; text: string; isPossible?: boolean };

/** @param legend what is chosen; shown unless `isQuiet`. */
export function createSegmented(options: {
  legend: string;
  isQuiet?: boolean;
  onChoose: (value: string) => void;
}) {
  const name = freshId();
  const row = el("div", { class: "segments" });
  const reason = el("p", { class: "reason", id: freshId(), hidden: true });
  const element = el(
    "fieldset",
    { class: "segmented", "aria-describedby": reason.id },
    el("legend", { class: options.isQuiet ? "unseen" : "label" }, options.legend),
    row,
    reason,
  );
  let shown = "";
  return {
    element,
    reason,
    /** @param why what cannot be chosen, and why not. */
    show(segments: readonly Segment[], chosen: string, why = "") {
      reason.textContent = why;
      reason.hidden = why === "";
      // Made anew only when something is different, so that the focus stays.
      const next = JSON.stringify(segments);
      if (next !== shown) {
        const focused = (document.activeElement as HTMLInputElement | null)?.name === name;
        row.classList.toggle("many", segments.length > 6);
        fill(row, ...segments.map((segment) => segmentOf(name, segment, options.onChoose)));
        shown = next;
        if (focused) row.querySelector<HTMLInputElement>(`input[value="${chosen}"]`)?.focus();
      }
      for (const input of row.querySelectorAll("input")) input.checked = input.value === chosen;
    },
  };
}

function segmentOf(
  name: string,
  { value, text, isPossible = true }: Segment,
  onChoose: (value: string) => void,
) {
  const input = el("input", {
    type: "radio",
    name,
    value,
    disabled: !isPossible,
    on: { change: () => onChoose(value) },
  });
  return el("label", { class: "segment" }, input, el("span", {}, text));
}
