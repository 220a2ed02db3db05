/** The page once a key has opened it: the gate, the composer, the reel and the money, and what goes on between them. */

import { ConnectionError, FilmgateError, type UsageResponse, type VideoOrder } from "../client/filmgate.ts";
import { orderOf } from "./code.ts";
import { createComposer } from "./composer.ts";
import type { Desk } from "./desk.ts";
import { el, prefersStillness } from "./dom.ts";
import type { Entered } from "./entry.ts";
import { createFollower } from "./follow.ts";
import { createMoney, moneyLine } from "./money.ts";
import { createOrdering, type Outcome } from "./ordering.ts";
import { createReel } from "./reel.ts";
import { session } from "./session.ts";
import { createShelf, isOver } from "./shelf.ts";
import { createTake } from "./take.ts";
import { statusWords } from "./words.ts";

export function createStudio(
  { client, models, usage: firstUsage }: Entered,
  hooks: {
    say: (sentence: string) => void;
    onMoney: (line: string) => void;
    onKeyRefused: (sentence: string) => void;
  },
) {
  let usage: UsageResponse = firstUsage;
  let staged: string | null = null;
  const shelf = createShelf();
  const follower = createFollower(client, shelf, (id) => onEnd(id));
  const ordering = createOrdering(client);

  const desk: Desk = {
    client,
    models: models.data,
    shelf,
    follower,
    usage: () => usage,
    async refreshUsage() {
      usage = await client.usage().catch(() => usage);
      showUsage();
    },
    say: hooks.say,
    explain(error) {
      if (error instanceof FilmgateError && error.code === "invalid_key") hooks.onKeyRefused(error.message);
      // The client's own sentence is for programs.
      if (error instanceof ConnectionError)
        return "No answer came. Look at the network, and at what stands here now, before you repeat it.";
      return error instanceof Error ? error.message : String(error);
    },
    stage(id) {
      putIntoGate(id);
      if (id !== null) comeIntoView();
    },
    staged: () => staged,
    takeOver(id) {
      const video = shelf.get(id);
      if (video !== null) composer.set({ ...orderOf(video, session.orderOf(id)), take: undefined });
    },
  };
  const putIntoGate = (id: string | null) => {
    staged = id;
    take.setEager(true);
    if (id !== null) {
      const video = shelf.get(id);
      if (video !== null && !isOver(video)) follower.follow(id, true);
    }
    take.refresh();
    reel.mark(id);
  };

  const money = createMoney();
  const take = createTake(desk, (prompt) => composer.setPrompt(prompt));
  const reel = createReel(desk);
  const composer = createComposer(desk, {
    onDraft: (draft) => take.setDraft(draft),
    onPress: (order) => press(order),
  });
  const element = el(
    "div",
    { class: "studio" },
    el("h1", { class: "unseen" }, "Make a video"),
    el("div", { class: "film stage" }, take.element),
    composer.element,
    el("div", { class: "below" }, reel.element, money.element),
  );

  const showUsage = () => {
    money.show(usage);
    composer.refresh();
    hooks.onMoney(moneyLine(usage));
  };
  const comeIntoView = () => {
    const { top } = take.element.getBoundingClientRect();
    if (top >= 0 && top < innerHeight / 2) return;
    scrollTo({ top: 0, behavior: prefersStillness() ? "auto" : "smooth" });
  };

  const press = (order: VideoOrder) => {
    const outcome = ordering.press(order);
    if (outcome !== null) void meet(outcome);
  };
  const meet = async (underWay: Promise<Outcome>) => {
    composer.setBusy(true);
    const outcome = await underWay;
    composer.setBusy(false);
    composer.clearProblems();
    if (outcome.kind === "refused") composer.refuse(outcome.error);
    if (outcome.kind === "unanswered") offerAgain();
    if (outcome.kind === "ordered") {
      const { task_id: id } = outcome.created;
      take.beginWith(id);
      await client.video.get(id).then(shelf.put, () => {});
      follower.follow(id, true);
      desk.stage(id);
      hooks.say("Ordered. It is on its way to MiniMax.");
    } else if (outcome.error instanceof FilmgateError && outcome.error.taskId !== null) {
      // What MiniMax refused is on the list, too, with its reason.
      await client.video.get(outcome.error.taskId).then(shelf.put, () => {});
    }
    await desk.refreshUsage();
  };
  const offerAgain = () => {
    const again = el("button", { type: "button", class: "solid" }, "Ask again");
    again.addEventListener("click", () => {
      const outcome = ordering.askAgain();
      if (outcome !== null) void meet(outcome);
    });
    const drop = el("button", { type: "button", class: "quiet" }, "Leave it");
    drop.addEventListener("click", () => {
      session.dropPending();
      composer.clearProblems();
      void reel.load();
    });
    const sentence =
      "No answer came to this order, and it may have been taken. Asking again is the same order: it is paid once.";
    composer.offer(el("p", {}, sentence), el("div", { class: "row" }, again, drop));
  };

  /** The tab tells, too, whoever looks at another one. */
  const showTitle = () => {
    const video = shelf.get(staged ?? "");
    const isNews = video !== null && (!isOver(video) || document.hidden);
    document.title = isNews ? `${statusWords[video.status]} · filmgate` : "filmgate · playground";
  };
  document.addEventListener("visibilitychange", showTitle);

  /** Said once for each change of meaning. */
  let lastSaid = "";
  shelf.onChange((id) => {
    const video = shelf.get(id);
    if (id !== staged) return;
    take.refresh();
    showTitle();
    const said = `${id} ${video?.status}`;
    if (video === null || said === lastSaid) return;
    lastSaid = said;
    if (video.status === "in_progress") hooks.say("MiniMax is making it.");
  });
  const onEnd = (id: string) => {
    const video = shelf.get(id);
    if (video !== null && id === staged)
      hooks.say(
        video.status === "completed" ? "The video is ready." : (video.error?.message ?? "It was not made."),
      );
    void desk.refreshUsage();
  };

  return {
    element,
    composer,
    take,
    async start() {
      showUsage();
      // Before anything else can be pressed.
      const resumed = ordering.resume();
      const met = resumed?.outcome ? meet(resumed.outcome) : null;
      if (resumed?.outcome === null) offerAgain();
      await reel.load();
      if (met !== null) return met;
      // After a reload the newest that is under way stands in the gate again.
      const [newest] = await client.video.list({ limit: 1 }).then(
        ({ data }) => data,
        () => [],
      );
      if (staged === null && newest !== undefined && !isOver(newest)) putIntoGate(newest.id);
    },
    stop() {
      follower.stop();
      take.stop();
      document.removeEventListener("visibilitychange", showTitle);
    },
    emptyGate: () => desk.stage(null),
  };
}
