/**
 * One place for a picture: chosen, dropped or pasted, looked at here before it travels, then uploaded at once, so that
 * the server's verdict stands beside it before anything is ordered.
 */

import type { Desk } from "./desk.ts";
import { el, fill, freshId } from "./dom.ts";
import { type ImageName, judgePicture, pictureNames } from "./rules.ts";
import { shapeWord } from "./words.ts";

export type Shown = { url: string | null; ratio: number };

export function createPicture(desk: Desk, name: ImageName, onChange: () => void) {
  let shown: Shown | null = null;
  let uploaded: Promise<string> | null = null;
  let turn = 0;

  const input = el("input", {
    type: "file",
    id: freshId(),
    class: "unseen",
    accept: "image/jpeg,image/png,image/webp",
  });
  const face = el("span", { class: "slot-face" });
  const note = el("small", {}, "drop, paste or choose");
  const title = pictureNames[name].replace(/^./, (letter) => letter.toUpperCase());
  const label = el("label", { for: input.id, class: "slot-label" }, face, el("span", {}, title, note));
  const removal = el(
    "button",
    { type: "button", class: "quiet", hidden: true, "aria-label": `Remove the ${pictureNames[name]}` },
    "Remove",
  );
  const problem = el("p", { class: "problem", id: freshId() });
  const element = el("div", { class: "slot", "data-name": name }, input, label, removal, problem);
  input.setAttribute("aria-describedby", problem.id);

  const refresh = () => {
    element.classList.toggle("filled", shown !== null);
    removal.hidden = shown === null;
    face.style.setProperty("--ratio", String(shown?.ratio ?? 16 / 9));
    fill(face, shown?.url ? el("img", { src: shown.url, alt: "" }) : null);
    onChange();
  };
  const refuse = (sentence: string) => {
    problem.textContent = sentence;
    input.setAttribute("aria-invalid", "true");
  };
  const clear = () => {
    turn += 1;
    if (shown?.url) URL.revokeObjectURL(shown.url);
    [shown, uploaded] = [null, null];
    note.textContent = "drop, paste or choose";
    problem.textContent = "";
    input.value = "";
    input.removeAttribute("aria-invalid");
    refresh();
  };

  const take = async (file: File): Promise<void> => {
    clear();
    const mine = turn;
    const size = await measure(file);
    if (mine !== turn) return;
    const verdict =
      size === null
        ? "This is not a picture that the browser can read."
        : judgePicture({ type: file.type, bytes: file.size, ...size });
    if (size === null || verdict !== null) return refuse(verdict ?? "");
    shown = { url: URL.createObjectURL(file), ratio: size.width / size.height };
    uploaded = desk.client.video.uploadImage(file).then(({ id }) => id);
    note.textContent = "uploading …";
    refresh();
    await uploaded.then(
      () => {
        if (mine === turn)
          note.textContent = `${size.width} × ${size.height}, ${shapeWord(size.width, size.height)}`;
      },
      (error) => {
        if (mine !== turn) return;
        clear();
        refuse(desk.explain(error));
      },
    );
  };

  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file) void take(file);
  });
  removal.addEventListener("click", () => {
    clear();
    input.focus();
  });
  refresh();
  return {
    name,
    element,
    input,
    take,
    clear,
    refuse,
    shown: () => shown,
    /** Its id, once it is uploaded. @throws what the upload throws. */
    id: () => uploaded,
    /** A picture that was uploaded before: the page has its id only. */
    adopt(id: string) {
      clear();
      shown = { url: null, ratio: 16 / 9 };
      uploaded = Promise.resolve(id);
      note.textContent = "the same as before";
      refresh();
    },
  };
}

export type Picture = ReturnType<typeof createPicture>;

/** Width and height as the browser decodes them; null if it cannot. */
async function measure(file: File): Promise<{ width: number; height: number } | null> {
  const url = URL.createObjectURL(file);
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
    return { width: image.naturalWidth, height: image.naturalHeight };
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
}
