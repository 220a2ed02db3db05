/** What can be done with a video in its state: publish, take down, save, cancel, delete, order again. */

import type { Video } from "../client/filmgate.ts";
import { price, usd } from "../client/money.ts";
import type { Desk } from "./desk.ts";
import { el } from "./dom.ts";
import { onThisOrigin } from "./film.ts";
import { openPublishing } from "./publishing.ts";
import { isOver } from "./shelf.ts";
import { askFirst } from "./two-step.ts";
import { nameOf, removalSentence } from "./words.ts";

/** @param onGone where the focus goes when the video is gone. */
export function actionsFor(desk: Desk, video: Video, onGone: () => void): HTMLElement {
  const problem = el("p", { class: "problem", role: "alert" });
  const row = el("div", { class: "row actions" });
  const add = (text: string, kind: string, act: (button: HTMLButtonElement) => void | Promise<void>) => {
    // In a list of many, "Delete" alone does not say what.
    const name = `${text}: ${nameOf(video).slice(0, 80)}`;
    const button = el("button", { type: "button", class: kind, "aria-label": name }, text);
    button.addEventListener("click", async () => {
      if (button.getAttribute("aria-disabled") === "true") return;
      button.setAttribute("aria-disabled", "true");
      problem.textContent = "";
      try {
        await act(button);
      } catch (error) {
        problem.textContent = desk.explain(error);
      } finally {
        button.removeAttribute("aria-disabled");
      }
    });
    row.append(button);
  };
  const remove = (button: HTMLElement, yes: string, no: string) =>
    askFirst(row, button, {
      sentence: removalSentence(video),
      yes,
      no,
      explain: desk.explain,
      act: async () => {
        const answer = await desk.client.video.delete(video.id);
        if (answer.deleted) {
          desk.follower.leave(video.id);
          desk.shelf.remove(video.id);
          if (desk.staged() === video.id) desk.stage(null);
          onGone();
        } else {
          desk.shelf.put(await desk.client.video.get(video.id));
        }
        desk.say(answer.message);
        await desk.refreshUsage();
      },
    });

  if (video.status === "failed") {
    const { state, estimated_usd: estimated } = video.cost;
    // Nobody knows whether the first was charged: then the second is asked for in two steps.
    const isRisky = state === "held";
    const retry = async () => {
      const created = await desk.client.video.retry(video.id);
      desk.shelf.put(await desk.client.video.get(created.task_id));
      desk.follower.follow(created.task_id, true);
      desk.stage(created.task_id);
      desk.say("The next take is ordered.");
      await desk.refreshUsage();
    };
    add(`Try again · ${price(estimated)}`, "solid", (button) =>
      isRisky
        ? askFirst(row, button, {
            sentence: `Order another take? MiniMax may have charged for the first: ${estimated === null ? "then it is paid twice." : `then it is ${usd(2 * estimated)} for both.`}`,
            yes: `Try again · ${price(estimated)}`,
            no: "Wait",
            act: retry,
            explain: desk.explain,
          })
        : retry(),
    );
  }
  if (video.publication === null && video.error?.code !== "cancelled") {
    if (video.status !== "failed")
      add("Publish", "quiet", (button) => openPublishing(desk, video, row, button));
  } else if (video.publication !== null) {
    add("Take down", "quiet", (button) =>
      askFirst(row, button, {
        sentence:
          "Take it down? Pages that show it show nothing from now on. Published again, it has the same address.",
        yes: "Take it down",
        no: "Leave it",
        explain: desk.explain,
        act: async () => {
          await desk.client.video.unpublish(video.id);
          desk.shelf.putPublication(video.id, null);
          desk.say("It is taken down.");
        },
      }),
    );
  }
  if (video.status === "completed" && video.file_id !== null) {
    const fileId = video.file_id;
    add("Download", "quiet", async () => {
      const link = await desk.client.video.downloadVideo(fileId, {
        disposition: "attachment",
        expiresIn: 600,
      });
      el("a", { href: onThisOrigin(link.download_url), download: link.filename }).click();
    });
  }
  add("Reuse", "quiet", () => desk.takeOver(video.id));
  if (isOver(video)) add("Delete", "quiet", (button) => remove(button, "Delete", "Keep it"));
  else add("Cancel", "quiet", (button) => remove(button, "Cancel it", "Let it go on"));
  return el("div", { class: "deeds" }, row, problem);
}
