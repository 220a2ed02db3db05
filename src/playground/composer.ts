/**
 * Writing an order: what is to be seen, from which pictures, by which model. What it costs stands on the button that
 * spends it, what is wrong stands beside the field where it is changed, and the server has the last word.
 */

import { type CreateVideoRequest, FilmgateError, type VideoOrder } from "../client/filmgate.ts";
import { createBar } from "./bar.ts";
import { createChoices, type Draft } from "./choices.ts";
import type { Desk } from "./desk.ts";
import { el, freshId } from "./dom.ts";
import { createPicture } from "./picture.ts";
import {
  cellOf,
  countCharacters,
  type ImageName,
  missing,
  modeOf,
  pictureNames,
  takesPicture,
} from "./rules.ts";
import { createSwitches } from "./switches.ts";

export function createComposer(
  desk: Desk,
  hooks: { onDraft: (draft: Draft) => void; onPress: (order: VideoOrder) => void },
) {
  /** The parts tell of changes before all of them are there. */
  let isReady = false;
  let isBusy = false;
  const prompt = el("textarea", {
    id: freshId(),
    class: "prompt",
    rows: 4,
    placeholder: "What is seen, how it moves, how the camera does",
    "aria-describedby": "prompt-count prompt-problem",
  });
  const count = el("span", { id: "prompt-count", class: "count" });
  const promptProblem = el("p", { class: "problem", id: "prompt-problem", role: "alert" });
  const pictures = (Object.keys(pictureNames) as ImageName[]).map((name) =>
    createPicture(desk, name, () => refresh()),
  );
  const choices = createChoices(desk.models, () => refresh());
  const switches = createSwitches(() => refresh());
  const notice = el("p", { class: "notice", role: "status" });
  const bar = createBar(desk);
  const form = el(
    "form",
    { class: "composer", "aria-label": "Make a video", novalidate: true },
    el(
      "div",
      { class: "field" },
      el("div", { class: "label-row" }, el("label", { for: prompt.id, class: "label" }, "Prompt"), count),
      prompt,
      promptProblem,
    ),
    el("div", { class: "slots" }, ...pictures.map(({ element }) => element)),
    notice,
    choices.element,
    switches.element,
    bar.element,
  );

  const present = () => Object.fromEntries(pictures.map(({ name, shown }) => [name, shown()]));
  function refresh(): void {
    if (!isReady) return;
    const other = choices.setPictures(present());
    if (other !== null) notice.textContent = `The model is now ${other.id}: the other takes no such picture.`;
    const { model, size, ratio } = choices.current();
    const mode = modeOf(model, present());
    for (const picture of pictures)
      picture.element.hidden = !takesPicture(model, picture.name) && !picture.shown();
    switches.show(model, mode);
    const characters = countCharacters(prompt.value);
    count.textContent = `${characters.toLocaleString("en")} / ${model.max_prompt_characters.toLocaleString("en")}`;
    count.classList.toggle("over", characters > model.max_prompt_characters);
    bar.show(cellOf(model, mode, size), isBusy);
    hooks.onDraft({ model, size, ratio, picture: pictures.find(({ shown }) => shown())?.shown() ?? null });
  }

  const clearProblems = () => {
    for (const element of [promptProblem, bar.problem, choices.problem, switches.problem])
      element.textContent = "";
    notice.textContent = "";
    prompt.removeAttribute("aria-invalid");
  };
  /** Says it beside the field it is about, and leads there. */
  const tell = (param: string | null, sentence: string) => {
    const picture = pictures.find(({ name }) => param?.startsWith(name));
    if (picture !== undefined) {
      picture.refuse(sentence);
      picture.input.focus();
    } else if (param === "prompt") {
      promptProblem.textContent = sentence;
      prompt.setAttribute("aria-invalid", "true");
      prompt.focus();
    } else if (param === "model" || param === "resolution" || param === "duration" || param === "ratio") {
      choices.problem.textContent = sentence;
    } else if (param?.startsWith("publish")) {
      switches.problem.textContent = sentence;
    } else {
      bar.problem.textContent = sentence;
    }
  };

  const setBusy = (busy: boolean) => {
    isBusy = busy;
    refresh();
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBusy) return;
    clearProblems();
    const { model, size, ratio } = choices.current();
    const lack = missing(model, present(), prompt.value);
    if (lack !== null) return tell(lack.param, lack.sentence);
    setBusy(true);
    try {
      const ids = await Promise.all(
        pictures.map(async (picture) => [picture.name, await picture.id()] as const),
      );
      const {
        first_frame_image: first,
        last_frame_image: last,
        subject_reference: person,
      } = Object.fromEntries(ids);
      const amount = cellOf(model, modeOf(model, present()), size)?.price_usd ?? null;
      hooks.onPress({
        model: model.id,
        ...(prompt.value.trim() === "" ? {} : { prompt: prompt.value }),
        ...(first ? { first_frame_image: first } : {}),
        ...(last ? { last_frame_image: last } : {}),
        ...(person ? { subject_reference: [{ type: "character", image: [person] }] } : {}),
        ...size,
        ...(ratio === null ? {} : { ratio }),
        ...(switches.fields() as Partial<VideoOrder>),
        // The price that was read is the most that it may cost, whatever changed since.
        ...(amount === null ? {} : { max_cost_usd: amount }),
      });
    } catch {
      // The picture says what was wrong with it.
      setBusy(false);
    }
  });
  prompt.addEventListener("input", refresh);
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) form.requestSubmit();
  });

  isReady = true;
  refresh();
  return {
    element: form,
    refresh,
    setBusy,
    focus: () => prompt.focus(),
    /** What the server said of the order. */
    refuse(error: unknown) {
      const sentence = desk.explain(error);
      const { param, code } = error instanceof FilmgateError ? error : { param: null, code: null };
      tell(code === "content_refused" ? "prompt" : param, sentence);
    },
    /** Something to be decided, beside the button. */
    offer: (...children: (Node | string)[]) => bar.problem.replaceChildren(...children),
    clearProblems,
    setPrompt(text: string) {
      prompt.value = text;
      refresh();
      prompt.focus();
    },
    /** A picture that came by drop or paste: where it was let fall, or as the first that the model takes. */
    async takePicture(file: File, name?: string) {
      const { model } = choices.current();
      const wanted = pictures.find((one) => one.name === name);
      const empty = pictures.find((one) => takesPicture(model, one.name) && !one.shown());
      await (wanted ?? empty ?? pictures[0])?.take(file);
    },
    /** An order that was given before; its pictures by their ids. */
    set(order: CreateVideoRequest) {
      clearProblems();
      prompt.value = order.prompt ?? "";
      const person = order.subject_reference?.[0]?.image[0];
      const given = { ...order, subject_reference: person };
      for (const picture of pictures) {
        const id = given[picture.name];
        if (id?.startsWith("image_")) picture.adopt(id);
        else picture.clear();
      }
      const size = {
        ...(order.resolution ? { resolution: order.resolution } : {}),
        ...(order.duration ? { duration: order.duration } : {}),
      };
      choices.set(order.model, size, order.ratio);
      switches.set(order);
      refresh();
      prompt.focus();
    },
  };
}

export type Composer = ReturnType<typeof createComposer>;
