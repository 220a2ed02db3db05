/** The model and the size: only what the model's row has can be chosen, and what cannot says why. */

import type { VideoModel } from "../client/filmgate.ts";
import { usd } from "../client/money.ts";
import { el, fill, freshId } from "./dom.ts";
import type { Shown } from "./picture.ts";
import {
  describeModel,
  durationOptions,
  modeOf,
  nearestSize,
  type Option,
  type Pictures,
  type Ratio,
  ratiosOf,
  reasonAgainst,
  resolutionOptions,
  type Size,
} from "./rules.ts";
import { createSegmented } from "./segmented.ts";

/** `ratio` is the shape; null where it cannot be chosen. */
export type Choice = { model: VideoModel; size: Size; ratio: Ratio | null };
/** What stands in the gate before there is a take. */
export type Draft = Choice & { picture: Shown | null };

/** @param onChange told when a person chooses. */
export function createChoices(models: readonly VideoModel[], onChange: () => void) {
  const [first] = models;
  if (first === undefined) throw new Error("This deployment has no models.");
  let choice: Omit<Choice, "ratio"> = { model: first, size: first.default };
  /** Kept while a model has no shapes, so that it is as it was when one has. */
  let shape: Ratio = "16:9";
  let pictures: Pictures = {};

  const summary = el("summary", {});
  const list = el("div", { class: "model-list" });
  const name = freshId();
  const problem = el("p", { class: "problem", role: "alert" });
  const details = el(
    "details",
    { class: "models" },
    summary,
    el("fieldset", {}, el("legend", { class: "unseen" }, "Model"), list),
  );
  const resolution = createSegmented({ legend: "Size", onChoose: (value) => resize({ resolution: value }) });
  const duration = createSegmented({
    legend: "Seconds",
    onChoose: (value) => resize({ duration: Number(value) }),
  });
  const ratio = createSegmented({
    legend: "Shape",
    onChoose: (value) => {
      shape = value as Ratio;
      show();
      onChange();
    },
  });
  const element = el(
    "div",
    { class: "choices" },
    details,
    problem,
    el("div", { class: "pair" }, resolution.element, duration.element),
    ratio.element,
  );

  const resize = (size: Partial<Size>) => {
    choice = { ...choice, size: { ...choice.size, ...size } };
    show();
    onChange();
  };
  const choose = (model: VideoModel) => {
    choice = { ...choice, model };
    show();
    onChange();
  };

  const rowOf = (model: VideoModel) => {
    const reason = reasonAgainst(model, pictures);
    const prices = model.makes.flatMap(({ price_usd: price }) => (price === null ? [] : [price]));
    const from = prices.length === 0 ? "price unknown" : `from ${usd(Math.min(...prices))}`;
    const input = el("input", {
      type: "radio",
      name,
      value: model.id,
      disabled: reason !== null,
      on: { change: () => choose(model) },
    });
    input.checked = model.id === choice.model.id;
    return el(
      "label",
      { class: "model" },
      input,
      el("span", { class: "model-name" }, model.id),
      el("span", { class: "model-price" }, from),
      el("small", {}, reason === null ? describeModel(model) : `${describeModel(model)} — ${reason}`),
    );
  };

  const show = () => {
    const { model } = choice;
    const mode = modeOf(model, pictures);
    choice.size = nearestSize(model, mode, choice.size);
    fill(
      summary,
      el("span", { class: "label" }, "Model"),
      el("span", { class: "model-name" }, model.id),
      el("small", {}, describeModel(model)),
    );
    const focused = list.contains(document.activeElement);
    fill(list, ...models.map(rowOf));
    if (focused) list.querySelector<HTMLInputElement>("input:checked")?.focus();
    const resolutions = resolutionOptions(model, mode, choice.size);
    const durations = durationOptions(model, mode, choice.size);
    resolution.show(segments(resolutions, ""), choice.size.resolution, reasons(resolutions));
    // Where there are many, the legend alone says what they are.
    duration.show(
      segments(durations, durations.length > 6 ? "" : " s"),
      String(choice.size.duration),
      reasons(durations),
    );
    const ratios = ratiosOf(model, mode);
    ratio.element.hidden = ratios.length === 0;
    ratio.show(
      ratios.map((value) => ({ value, text: value })),
      shape,
    );
  };
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    details.open = false;
    summary.focus();
  });
  show();

  return {
    element,
    problem,
    current(): Choice {
      const ratios = ratiosOf(choice.model, modeOf(choice.model, pictures));
      return { ...choice, ratio: ratios.includes(shape) ? shape : null };
    },
    /** What is there to start from; a model that cannot take it gives way to one that can, which is answered. */
    setPictures(next: Pictures): VideoModel | null {
      if (namesOf(next) === namesOf(pictures)) return null;
      pictures = next;
      const isStuck = reasonAgainst(choice.model, pictures) !== null;
      const other = isStuck ? models.find((model) => reasonAgainst(model, pictures) === null) : undefined;
      if (other !== undefined) choice = { ...choice, model: other };
      show();
      return other ?? null;
    },
    set(modelName: string, size: Partial<Size>, ratio?: string) {
      shape = models.flatMap(({ ratios }) => ratios).find((known) => known === ratio) ?? "16:9";
      const model = models.find(({ id }) => id === modelName);
      if (model !== undefined) choice = { model, size: { ...model.default, ...size } };
      show();
    },
  };
}

function namesOf(pictures: Pictures): string {
  return Object.entries(pictures)
    .flatMap(([name, picture]) => (picture ? [name] : []))
    .join();
}

function segments(options: readonly Option<string | number>[], unit: string) {
  return options.map(({ value, isPossible }) => ({
    value: String(value),
    text: `${value}${unit}`,
    isPossible,
  }));
}

function reasons(options: readonly Option<string | number>[]): string {
  const told = options.flatMap(({ reason }) => (reason === null ? [] : [reason]));
  return told.length === 0 ? "" : `${told.join(". ")}.`;
}
