/** One's videos as a contact sheet: by pages, by state, each with what can be done with it. */

import type { Video, VideoStatus } from "../client/filmgate.ts";
import { createCell } from "./cell.ts";
import type { Desk } from "./desk.ts";
import { el, fill } from "./dom.ts";
import { createSegmented } from "./segmented.ts";
import { isOver } from "./shelf.ts";

const pageSize = 12;
const filters = [
  { value: "", text: "All" },
  { value: "queued", text: "Queued" },
  { value: "in_progress", text: "Making" },
  { value: "completed", text: "Ready" },
  { value: "failed", text: "Not made" },
];

export function createReel(desk: Desk) {
  const heading = el("h2", { tabindex: -1 }, "Your videos");
  const sheet = el("ul", { class: "sheet" });
  const empty = el("p", { class: "empty" });
  const problem = el("p", { class: "problem", role: "alert" });
  const more = el("button", { type: "button", class: "quiet more", hidden: true }, "Show more");
  const filter = createSegmented({
    legend: "Which of them",
    isQuiet: true,
    onChoose: (value) => {
      status = value as VideoStatus | "";
      void load();
    },
  });
  const element = el(
    "section",
    { class: "reel", "aria-label": "Your videos" },
    el("div", { class: "reel-head" }, heading, filter.element),
    problem,
    sheet,
    empty,
    more,
  );

  const cells = new Map<string, ReturnType<typeof createCell>>();
  let status: VideoStatus | "" = "";
  let lastId: string | null = null;
  let turn = 0;

  const showState = () => {
    filter.show(filters, status);
    const isEmpty = cells.size === 0;
    empty.hidden = !isEmpty;
    empty.textContent =
      status === ""
        ? "Nothing is made yet. What you make appears here, and stays until you delete it."
        : "None of your videos is in this state.";
  };

  const cellFor = (video: Video) => {
    const known = cells.get(video.id);
    if (known !== undefined) return known;
    const cell = createCell(desk, video, () => focusAfter(video.id));
    cells.set(video.id, cell);
    return cell;
  };

  /** The focus goes to the neighbour of what is gone. */
  let neighbour: Element | null = null;
  const focusAfter = (_id: string) => {
    const button = neighbour?.querySelector<HTMLElement>("button");
    (button ?? heading).focus();
  };

  desk.shelf.onChange((id) => {
    const video = desk.shelf.get(id);
    const cell = cells.get(id);
    if (video === null) {
      if (cell === undefined) return;
      neighbour = cell.element.nextElementSibling ?? cell.element.previousElementSibling;
      cell.element.remove();
      cells.delete(id);
      showState();
    } else if (cell !== undefined) {
      cell.show(video);
    } else if (!isLoading && (status === "" || status === video.status)) {
      sheet.prepend(cellFor(video).element);
      showState();
    }
  });

  let isLoading = false;
  empty.textContent = "Looking for your videos …";
  /** From the beginning, or behind the last. */
  const load = async (after: string | null = null) => {
    turn += 1;
    const mine = turn;
    problem.textContent = "";
    filter.show(filters, status);
    try {
      const page = await desk.client.video.list({
        limit: pageSize,
        ...(after === null ? {} : { after }),
        ...(status === "" ? {} : { status }),
      });
      if (mine !== turn) return;
      if (after === null) {
        cells.clear();
        fill(sheet);
      }
      isLoading = true;
      for (const video of page.data) {
        sheet.append(cellFor(video).element);
        // One under way stands here as it was last heard of, and its events tell it sooner.
        if (isOver(video) || desk.shelf.get(video.id) === null) desk.shelf.put(video);
        if (!isOver(video)) desk.follower.follow(video.id);
      }
      isLoading = false;
      lastId = page.last_id;
      more.hidden = !page.has_more;
      showState();
    } catch (error) {
      problem.textContent = desk.explain(error);
    }
  };
  more.addEventListener("click", async () => {
    const { lastElementChild: last } = sheet;
    await load(lastId);
    last?.nextElementSibling?.querySelector<HTMLElement>("button")?.focus();
  });

  return {
    element,
    load,
    /** The one in the gate is marked. */
    mark(id: string | null) {
      for (const [taskId, cell] of cells) cell.mark(taskId === id);
    },
  };
}
