/** The first visit: what this is, and the key that it needs. The key stays in this tab. */

import { Filmgate, FilmgateError, type ListModelsResponse, type UsageResponse } from "../client/filmgate.ts";
import { keyCommand } from "./code.ts";
import { codeBlock } from "./copy.ts";
import { el, freshId } from "./dom.ts";

export type Entered = { key: string; client: Filmgate; models: ListModelsResponse; usage: UsageResponse };

/** Whether the key opens anything, and what there is. @throws FilmgateError with the server's sentence. */
export async function enter(key: string): Promise<Entered> {
  const client = new Filmgate({ apiKey: key, baseUrl: location.origin });
  // What a publishable key cannot do is told by the first of the two.
  const usage = await client.usage();
  return { key, client, usage, models: await client.video.models() };
}

export function createEntry(options: {
  say: (sentence: string) => void;
  onEnter: (entered: Entered) => void;
}) {
  const input = el("input", {
    id: freshId(),
    type: "password",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: "mql_…",
    "aria-describedby": "key-problem key-note",
  });
  const problem = el("p", { class: "problem", id: "key-problem", role: "alert" });
  const button = el("button", { type: "submit", class: "solid" }, "Open");
  const form = el(
    "form",
    { class: "key-form", novalidate: true },
    el("label", { for: input.id, class: "label" }, "API key"),
    el("div", { class: "key-row" }, input, button),
    problem,
    el("p", { class: "note", id: "key-note" }, "It stays in this tab, and is forgotten when you close it."),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    problem.textContent = "";
    input.removeAttribute("aria-invalid");
    button.setAttribute("aria-disabled", "true");
    button.textContent = "Opening …";
    try {
      options.onEnter(await enter(input.value.trim()));
    } catch (error) {
      refuse(entrySentence(error));
    } finally {
      button.removeAttribute("aria-disabled");
      button.textContent = "Open";
    }
  });
  const refuse = (sentence: string) => {
    problem.textContent = sentence;
    input.setAttribute("aria-invalid", "true");
    input.focus();
  };

  const element = el(
    "div",
    { class: "entry film" },
    el(
      "div",
      { class: "entry-gate" },
      el(
        "div",
        { class: "entry-title" },
        el("p", { class: "edge" }, "playground"),
        el("h1", {}, "filmgate"),
        el(
          "p",
          { class: "lead" },
          "Write a prompt or drop a picture: MiniMax makes a video of it, it is paid for once, and it stays in your own bucket.",
        ),
      ),
      el("div", { class: "entry-key" }, form),
      el(
        "div",
        { class: "entry-make" },
        codeBlock(
          {
            name: "No key yet? The owner of the deployment makes one",
            code: keyCommand(location.origin),
            level: "h2",
          },
          options.say,
        ),
        el(
          "p",
          { class: "note" },
          "On your own machine, ",
          el("code", {}, "npm run dev"),
          " prints one. Every route is told in the ",
          el("a", { href: "/docs" }, "reference"),
          ".",
        ),
      ),
    ),
  );
  return { element, refuse, focus: () => input.focus() };
}

function entrySentence(error: unknown): string {
  if (!(error instanceof FilmgateError)) return String(error);
  if (error.code === "publishable_key")
    return "This is a publishable key: it reads and plays what it can name, and orders, lists and deletes nothing. The playground needs a secret one, mql_… without pk.";
  if (error.code === "invalid_setting" || error.code === "missing_key")
    return "Paste an API key: it looks like mql_default_… .";
  return error.message;
}
