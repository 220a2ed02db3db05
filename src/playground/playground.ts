/**
 * The playground: the page at `/` on which a person makes videos. It uses only the published client. The key is in
 * this tab's session and nowhere else.
 */

import { el, fill } from "./dom.ts";
import { createEntry, type Entered, enter } from "./entry.ts";
import { session } from "./session.ts";
import { createStudio } from "./studio.ts";

const main = find("main");
const head = find("account");
const status = find("status");
let studio: ReturnType<typeof createStudio> | null = null;

function find(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`index.html has no #${id}`);
  return element;
}

/** Emptied first, so that the same sentence is told again. */
function say(sentence: string): void {
  status.textContent = "";
  setTimeout(() => {
    status.textContent = sentence;
  }, 50);
}

function showEntry(problem?: string): void {
  studio?.stop();
  studio = null;
  session.forget();
  fill(head);
  document.body.dataset.page = "entry";
  const entry = createEntry({ say, onEnter: open });
  fill(main, entry.element);
  if (problem !== undefined) entry.refuse(problem);
  else entry.focus();
}

function open(entered: Entered): void {
  session.keepKey(entered.key);
  const money = el("a", { href: "#money", class: "money-line" });
  const forget = el("button", { type: "button", class: "quiet" }, "Forget the key");
  forget.addEventListener("click", () => showEntry());
  const { account, key } = entered.usage;
  fill(head, money, el("span", { class: "who" }, `${account.name} · ${key.name}`), forget);
  document.body.dataset.page = "studio";
  studio = createStudio(entered, {
    say,
    onMoney: (line) => {
      money.textContent = line;
    },
    onKeyRefused: (sentence) => showEntry(sentence),
  });
  fill(main, studio.element);
  studio.composer.focus();
  void studio.start();
}

/** A picture is taken wherever it is let fall or pasted. */
function pictureIn(data: DataTransfer | null): File | undefined {
  return [...(data?.files ?? [])].find(({ type }) => type.startsWith("image/"));
}

addEventListener("dragover", (event) => {
  if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
  event.preventDefault();
  document.body.classList.add("dragging");
});
addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) document.body.classList.remove("dragging");
});
addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("dragging");
  const picture = pictureIn(event.dataTransfer);
  if (studio === null || picture === undefined) return;
  const slot = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-name]") : null;
  studio.emptyGate();
  void studio.composer.takePicture(picture, slot?.dataset.name);
});
addEventListener("paste", (event) => {
  const picture = pictureIn(event.clipboardData);
  if (studio === null || picture === undefined) return;
  event.preventDefault();
  void studio.composer.takePicture(picture);
});

const kept = session.readKey();
if (kept === null) showEntry();
else {
  fill(main, el("p", { class: "opening" }, "Opening …"));
  enter(kept).then(open, (error: unknown) => {
    const isKeyWrong = (error as { status?: number }).status === 401;
    if (isKeyWrong) showEntry((error as Error).message);
    else fill(main, unreachable(error));
  });
}

/** The key is kept: it was not what failed. */
function unreachable(error: unknown): HTMLElement {
  return el(
    "div",
    { class: "unreachable" },
    el("h1", {}, "filmgate does not answer"),
    el("p", {}, error instanceof Error ? error.message : String(error)),
    el("button", { type: "button", class: "solid", on: { click: () => location.reload() } }, "Ask again"),
  );
}
