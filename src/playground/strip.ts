/** Progress as frames passing the gate: a strip of perforations that fills, and the honest word beside it. */

import { el } from "./dom.ts";

const holes = 24;

/** @param label what the strip measures, for those who do not see it; null where words beside it say it. */
export function createStrip(label: string | null) {
  const frames = Array.from({ length: holes }, () => el("i"));
  const measures = { role: "progressbar", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": 100 };
  const element = el(
    "div",
    { class: "strip", ...(label === null ? { "aria-hidden": "true" } : measures) },
    ...frames,
  );
  return {
    element,
    /** @param word what the percentage means. */
    show(percent: number, word: string) {
      const passed = percent <= 0 ? 0 : Math.max(1, Math.round((percent / 100) * holes));
      for (const [index, frame] of frames.entries()) frame.classList.toggle("passed", index < passed);
      if (label === null) return;
      element.setAttribute("aria-valuenow", String(Math.round(percent)));
      element.setAttribute("aria-valuetext", word);
    },
  };
}
