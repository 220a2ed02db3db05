/** The switches of an order: what MiniMax may do with the prompt, and whether the video is published at once. */

import type { CreateVideoRequest, VideoModel } from "../client/filmgate.ts";
import { el, freshId } from "./dom.ts";
import { wordFields, wordsOf } from "./publishing.ts";
import type { Mode } from "./rules.ts";

export function createSwitches(onChange: () => void) {
  const optimizer = switchOf("Improve the wording", "MiniMax adds to it", true, onChange);
  const fast = switchOf("Improve it faster", "it starts sooner", false, onChange);
  const publish = switchOf("Publish at once", "an address that stays", false, onChange);
  const words = wordFields();
  const wordsPanel = el("div", { class: "nested" }, ...words.elements);
  const problem = el("p", { class: "problem", role: "alert" });
  const element = el(
    "div",
    { class: "switches" },
    optimizer.element,
    fast.element,
    publish.element,
    wordsPanel,
    problem,
  );
  return {
    element,
    problem,
    /** Only where the model takes it in this mode. */
    show(model: VideoModel, mode: Mode) {
      fast.element.hidden = !model.fast_pretreatment.includes(mode);
      fast.input.disabled = !optimizer.input.checked;
      wordsPanel.hidden = !publish.input.checked;
    },
    /** The order's fields. */
    fields(): Partial<CreateVideoRequest> {
      const isFast = !fast.element.hidden && fast.input.checked && optimizer.input.checked;
      return {
        ...(optimizer.input.checked ? {} : { prompt_optimizer: false }),
        ...(isFast ? { fast_pretreatment: true } : {}),
        ...(publish.input.checked ? { publish: wordsOf(words) } : {}),
      };
    },
    set(order: CreateVideoRequest) {
      optimizer.input.checked = order.prompt_optimizer ?? true;
      fast.input.checked = order.fast_pretreatment ?? false;
    },
  };
}

function switchOf(text: string, note: string, isOn: boolean, onChange: () => void) {
  const input = el("input", { type: "checkbox", role: "switch", id: freshId(), on: { change: onChange } });
  input.checked = isOn;
  const element = el(
    "div",
    { class: "switch" },
    input,
    el("label", { for: input.id }, text, el("small", {}, note)),
  );
  return { element, input };
}
