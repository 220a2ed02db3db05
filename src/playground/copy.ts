/** Text to be taken along: selected with one click, copied by a button where the browser has a clipboard. */

import { el } from "./dom.ts";

const thanksMs = 2000;

/** @param name what it is, for those who do not see where the button stands. */
export function copyButton(name: string, text: () => string, say: (sentence: string) => void): HTMLElement {
  const button = el("button", { type: "button", class: "quiet", "aria-label": `Copy ${name}` }, "Copy");
  // Browsers have no clipboard on pages that are not secure; the text can be selected.
  if (!navigator.clipboard) button.hidden = true;
  button.addEventListener("click", async () => {
    const isCopied = await navigator.clipboard.writeText(text()).then(
      () => true,
      () => false,
    );
    button.textContent = isCopied ? "Copied" : "Select it by hand";
    say(isCopied ? `Copied: ${name}.` : `The browser does not allow copying. Select ${name} by hand.`);
    setTimeout(() => {
      button.textContent = "Copy";
    }, thanksMs);
  });
  return button;
}

/** A block of code with its name and its button. */
export function codeBlock(
  about: { name: string; note?: string; code: string; level?: "h2" | "h3" },
  say: (sentence: string) => void,
): HTMLElement {
  const { name, note, code } = about;
  const pre = el("pre", { tabindex: 0, role: "group", "aria-label": name }, el("code", {}, code));
  pre.addEventListener("dblclick", () => getSelection()?.selectAllChildren(pre));
  return el(
    "div",
    { class: "code" },
    el(
      "div",
      { class: "code-head" },
      el(about.level ?? "h3", {}, name),
      note ? el("p", { class: "note" }, note) : null,
    ),
    copyButton(name, () => code, say),
    pre,
  );
}
