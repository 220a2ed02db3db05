/**
 * The web component `<filmgate-video src>`: a video in a page, with nothing to install. This file ties the parts
 * together: what happens in the page becomes an event for the state (state.ts), and what the state is becomes what is
 * seen (view.ts) and asked (asking.ts, waiting.ts). Reading it on a server does nothing.
 */

import type { Video } from "../contract.ts";
import { askAbout, askExpectedSeconds, askFile, askPublished, renew, tellAuthor } from "./asking.ts";
import { isPublishable, isSameVideo, readSource, type Source } from "./source.ts";
import { type Answer, keepsPicture, type Reason, type State, type StateEvent, transition } from "./state.ts";
import { isBuffered, longestTimerMs, renewAt } from "./timing.ts";
import { View } from "./view.ts";
import { waitForVideo } from "./waiting.ts";

/** What the element tells the page, on itself; all bubble. */
export type FilmgateVideoEvents = {
  /** The video is there, and in its place. */
  "filmgate-ready": CustomEvent<{ fileId: string | null }>;
  /** How a video is doing that is being made; only with a publishable key. */
  "filmgate-progress": CustomEvent<Video>;
  /** There is nothing to play, and why. */
  "filmgate-unavailable": CustomEvent<{ fileId: string | null; reason: Reason }>;
  /** The link has ended. Call `preventDefault()` and set another `src`, and the video goes on where it is. */
  "filmgate-expired": CustomEvent<{ fileId: string | null }>;
};

/** How far from being seen it begins to load. */
const margin = "400px";
/** A player that has been stuck for so long may have been refused without a word, as in Safari after a seek. */
const stuckMs = 4000;
/** The same where the link has ended. */
const graceMs = 500;
/** Attributes of a `<video>` that are passed on as they are. */
const passedOn = [
  "poster",
  "muted",
  "loop",
  "crossorigin",
  "controlslist",
  "disablepictureinpicture",
  "disableremoteplayback",
];

/** On a server there is no such class, and the element is never made. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

export class FilmgateVideo extends Base {
  static readonly observedAttributes = ["src", "poster", "title", "alt", "ratio", "width", "height"];

  #view: View | null = null;
  #state: State = { name: "distant" };
  #source: Source | null = null;
  /** Ends what is under way for the state that is shown. */
  #activity = new AbortController();
  /** Ends everything that hangs on being in the page. */
  #presence = new AbortController();
  /** Where the video is to be had, and until when (epoch milliseconds); a fresh link waits here until it is needed. */
  #address = "";
  #endsAt = Infinity;
  /** What the player has of these. */
  #loaded: { address: string; endsAt: number } | null = null;
  /** Where to go on, until the player is there. */
  #place = 0;
  #playsWhenReady = false;
  #isLooking = false;
  #expectedSeconds: number | null = null;
  #learned: Awaited<ReturnType<typeof askAbout>> = {};
  #stuck: ReturnType<typeof setTimeout> | undefined;
  #renewal: ReturnType<typeof setTimeout> | undefined;

  /** The player itself: everything a `<video>` has and tells. */
  get video(): HTMLVideoElement {
    return this.#seen.video;
  }

  get src(): string {
    return this.getAttribute("src") ?? "";
  }

  set src(address: string) {
    this.setAttribute("src", address);
  }

  get currentTime(): number {
    return this.#place || this.video.currentTime;
  }

  /** Seconds; before the video is there, where it will begin. */
  set currentTime(seconds: number) {
    if (this.video.readyState > 0) this.video.currentTime = seconds;
    else this.#place = seconds;
  }

  /** Plays it, as soon as it is there. @throws what the player's own `play()` throws. */
  async play(): Promise<void> {
    if (this.#state.name === "showing") return this.video.play();
    this.#playsWhenReady = true;
    this.#tell({ type: "near" });
  }

  pause(): void {
    this.#playsWhenReady = false;
    this.video.pause();
  }

  connectedCallback(): void {
    // What a framework has set before this script ran hides the accessor of the same name.
    for (const name of ["src", "currentTime"] as const) {
      const value = Object.getOwnPropertyDescriptor(this, name)?.value;
      delete (this as Partial<FilmgateVideo>)[name];
      if (value !== undefined) Object.assign(this, { [name]: value });
    }
    this.#presence = new AbortController();
    this.#source = readSource(this.getAttribute("src"), document.baseURI);
    if (this.hasAttribute("publishable-key") && this.#key === null) {
      tellAuthor(
        "publishable-key takes mql_pk_…: any other key must never stand in a page. It was not used.",
      );
    }
    this.#dress();
    this.#listen(this.#presence.signal);
    this.#activity = new AbortController();
    // A player that was moved in its page goes on; whatever was asked when it left is asked again.
    if (this.#state.name === "showing") this.#planRenewal();
    else this.#enter();
    if (this.#state.name !== "distant") return;
    const observer = new IntersectionObserver(
      (entries) => entries.some(({ isIntersecting }) => isIntersecting) && this.#tell({ type: "near" }),
      { rootMargin: margin },
    );
    observer.observe(this);
    this.#presence.signal.addEventListener("abort", () => observer.disconnect());
    if (this.getAttribute("loading") === "eager") this.#tell({ type: "near" });
  }

  disconnectedCallback(): void {
    this.#presence.abort();
    this.#activity.abort();
    clearTimeout(this.#stuck);
    clearTimeout(this.#renewal);
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after || !this.isConnected || this.#view === null) return;
    if (name === "src") this.#changeSource();
    else this.#dress();
  }

  get #seen(): View {
    this.#view ??= new View(this);
    return this.#view;
  }

  /** The key, if it is one that may stand in a page. */
  get #key(): string | null {
    const key = this.getAttribute("publishable-key") ?? "";
    return isPublishable(key) ? key : null;
  }

  get #fileId(): string | null {
    return this.#source && "fileId" in this.#source ? this.#source.fileId : null;
  }

  #listen(signal: AbortSignal): void {
    const { video, retry } = this.#seen;
    const on = (target: EventTarget, types: string, act: () => void) => {
      for (const type of types.split(" ")) target.addEventListener(type, act, { signal });
    };
    on(video, "error", () => this.#look(true));
    on(video, "play seeking waiting stalled", () => this.#suspect());
    on(video, "loadedmetadata", () => this.#resume());
    on(video, "loadeddata seeked", () => this.#place || this.#seen.thaw());
    on(document, "visibilitychange", () => document.hidden || this.#planRenewal());
    on(globalThis, "online", () => this.#isUnreachable && this.#tell({ type: "restarted" }));
    on(retry, "click", () => this.#tell({ type: "restarted" }));
  }

  get #isUnreachable(): boolean {
    return this.#state.name === "unavailable" && this.#state.reason === "unreachable";
  }

  #tell(event: StateEvent): void {
    const before = this.#state;
    this.#state = transition(before, event);
    if (this.#state === before) return;
    const { name } = this.#state;
    if (name === "waiting" && before.name === "waiting") {
      this.#show();
      return;
    }
    this.#enter();
    if (name === "showing" && before.name !== "showing")
      this.#dispatch("filmgate-ready", { fileId: this.#fileId });
    if (name === "unavailable") {
      const { reason } = this.#state;
      if (reason === "refused")
        tellAuthor(
          "The owner of this video lists the sites that may show it, by their exact origins, and this one is not among them.",
        );
      this.#dispatch("filmgate-unavailable", { fileId: this.#fileId, reason });
    }
  }

  /** Begins what the state asks for, and ends what the one before asked for. */
  #enter(): void {
    this.#activity.abort();
    this.#activity = new AbortController();
    const { signal } = this.#activity;
    this.#isLooking = false;
    switch (this.#state.name) {
      case "asking":
        this.#run(async () => this.#tell({ type: "answered", answer: await this.#ask(signal) }));
        break;
      case "waiting":
        this.#run(async () => this.#tell({ type: "answered", answer: await this.#wait(signal) }));
        break;
      case "showing":
        this.#load();
        break;
      case "unavailable":
        if (!keepsPicture(this.#state)) this.#unload();
    }
    this.#show();
  }

  /** What was called off is nobody's problem. */
  #run(act: () => Promise<void>): void {
    const { signal } = this.#activity;
    act().catch((error) => {
      if (!signal.aborted) throw error;
    });
  }

  #show(): void {
    this.#seen.show(this.#state, this.#expectedSeconds);
  }

  async #ask(signal: AbortSignal): Promise<Answer> {
    const source = this.#source;
    if (source === null) return "removed";
    this.#offer(source.video, source.kind === "signed" ? source.endsAt : Infinity);
    if (source.kind === "published") return (await askPublished(source, signal)).answer;
    // Without a key the server is asked rather than the visitor's clock, which may be wrong.
    if (this.#endsAt <= Date.now() && this.#key) return this.#renew(signal);
    return "ready";
  }

  async #wait(signal: AbortSignal): Promise<Answer> {
    const source = this.#source;
    if (source?.kind !== "published") return "removed";
    const key = this.#key;
    return waitForVideo(
      source,
      key,
      (video) => {
        // The frame that it begins with stands there while it is made.
        const poster = video.publication?.poster_url;
        if (poster) {
          this.#learned = { ...this.#learned, thumbnail_url: poster };
          this.#dress();
        }
        this.#tell({ type: "progressed", progress: video });
        this.#dispatch("filmgate-progress", video);
        if (key === null || video.status !== "in_progress" || this.#expectedSeconds !== null) return;
        this.#expectedSeconds = 0;
        this.#run(async () => {
          this.#expectedSeconds = await askExpectedSeconds(source, key, video, signal);
          this.#show();
        });
      },
      signal,
    );
  }

  /** From here on it is to be had there; the player gets it when it needs it. */
  #offer(address: string, endsAt: number): void {
    this.#address = address;
    this.#endsAt = endsAt;
  }

  /** Gives the player its address, and has it go on where it was. */
  #load(): void {
    const { video } = this;
    const isFirst = this.#loaded === null;
    const { playbackRate } = video;
    this.#place ||= video.currentTime;
    const plays = this.#playsWhenReady || (!isFirst && !video.paused && !video.ended);
    this.#playsWhenReady = false;
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    // Afterwards it is the visitor's to say.
    if (isFirst && this.hasAttribute("muted")) video.muted = true;
    video.autoplay = isFirst && this.hasAttribute("autoplay") && !isStill;
    video.controls = isStill || !this.hasAttribute("nocontrols");
    this.#seen.freeze();
    this.#loaded = { address: this.#address, endsAt: this.#endsAt };
    video.src = this.#address;
    video.playbackRate = playbackRate;
    if (plays) video.play().catch(() => {});
    this.#planRenewal();
    if (isFirst && this.#source?.kind === "published") this.#run(() => this.#learn());
  }

  /** The player knows the video: it takes up its place. Safari forgets one that is set before. */
  #resume(): void {
    const { video } = this;
    const place = this.#place;
    this.#place = 0;
    if (place > 0) video.currentTime = place;
    if (!this.#ownRatio) this.#seen.setRatio(video.videoWidth / video.videoHeight);
  }

  #unload(): void {
    this.#loaded = null;
    this.#place = 0;
    clearTimeout(this.#renewal);
    this.#seen.thaw();
    this.video.removeAttribute("src");
    this.video.load();
  }

  /** What the page's author has not said is asked for: a name, a poster, and the shape. */
  async #learn(): Promise<void> {
    const source = this.#source;
    if (source?.kind !== "published" || (this.hasAttribute("poster") && this.#name !== null)) return;
    this.#learned = await askAbout(source, this.#activity.signal);
    const { width = 0, height = 0 } = this.#learned;
    this.#dress();
    if (!this.#ownRatio) this.#seen.setRatio(width / height);
  }

  /**
   * The player may want something that it cannot get: no browser tells an error for all such cases, and Chromium counts
   * as buffered what it cannot play yet. So it is looked at again in a while, the sooner the likelier it is.
   */
  #suspect(ms = stuckMs): void {
    const { video } = this;
    if (this.#state.name !== "showing" || video.readyState === 0) return;
    const isStuck = () => video.readyState < 3 && (video.seeking || !video.paused);
    clearTimeout(this.#stuck);
    if (this.#hasEnded && !isBuffered(video)) {
      this.#look(false);
      return;
    }
    this.#stuck = setTimeout(
      () => {
        if (!isStuck()) return;
        this.#look(false);
        this.#suspect(ms * 2);
      },
      this.#hasEnded ? graceMs : ms,
    );
  }

  get #hasEnded(): boolean {
    return this.#loaded !== null && this.#loaded.endsAt <= Date.now();
  }

  /** Finds out what the matter is. @param isBroken whether the player has given up by itself. */
  #look(isBroken: boolean): void {
    if (this.#state.name !== "showing" || this.#isLooking) return;
    this.#isLooking = true;
    const { signal } = this.#activity;
    this.#run(async () => {
      const answer = await this.#findOut(signal);
      this.#isLooking = false;
      const isFresh = this.#loaded?.address !== this.#address;
      if (answer !== null && (answer !== "ready" || isBroken || isFresh)) {
        this.#tell({ type: "broke", answer, at: Date.now() });
      }
    });
  }

  /** @returns null where it is left to the page. */
  async #findOut(signal: AbortSignal): Promise<Answer | null> {
    if (this.#loaded?.address !== this.#address) return "ready";
    if (this.#hasEnded && this.#key) return this.#renew(signal);
    const answer = await askFile(this.#address, signal);
    if (answer !== "ended") return answer;
    // A published address has no end: who refuses it there means the site.
    return this.#source?.kind === "published" ? "refused" : this.#renew(signal);
  }

  /** Gets a fresh link, with the key or from the page. */
  async #renew(signal: AbortSignal): Promise<Answer> {
    const answer = await this.#fetchLink(signal);
    if (answer !== "ended") return answer;
    const isLeft = this.#dispatch("filmgate-expired", { fileId: this.#fileId }, true);
    signal.throwIfAborted();
    // Whoever prevents it sets another source, now or later.
    if (!isLeft)
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    return "ended";
  }

  async #fetchLink(signal: AbortSignal): Promise<Answer> {
    const [source, key] = [this.#source, this.#key];
    if (source?.kind !== "signed" || key === null) return "ended";
    const link = await renew(source, key, signal);
    if (typeof link === "string") return link;
    // By how long it works rather than until when: the visitor's clock may be wrong.
    this.#offer(link.download_url, Date.now() + link.expires_in_seconds * 1000);
    return "ready";
  }

  /** Has a fresh link at hand before the one in use ends; the player is not disturbed. */
  #planRenewal(): void {
    clearTimeout(this.#renewal);
    if (this.#state.name !== "showing" || this.#endsAt === Infinity || !this.#key) return;
    const ms = renewAt(Date.now(), this.#endsAt) - Date.now();
    this.#renewal = setTimeout(
      () => {
        // A tab that nobody sees renews when it is seen again; what fails here is found out when it is needed.
        if (document.hidden) return;
        this.#run(async () => {
          if ((await this.#fetchLink(this.#activity.signal)) === "ready") this.#planRenewal();
        });
      },
      Math.min(Math.max(ms, 1000), longestTimerMs),
    );
  }

  #changeSource(): void {
    const before = this.#source;
    this.#source = readSource(this.getAttribute("src"), document.baseURI);
    if (!isSameVideo(before, this.#source)) {
      this.#unload();
      this.#expectedSeconds = null;
      this.#learned = {};
      this.#dress();
      this.#tell({ type: "restarted" });
    } else if (this.#state.name === "showing" && this.#source !== null) {
      const { video } = this;
      this.#offer(this.#source.video, this.#source.kind === "signed" ? this.#source.endsAt : Infinity);
      // What plays from its buffer goes on; what waits for this, or has broken, takes it at once.
      if (this.#isLooking || video.error !== null || video.readyState === 0) this.#enter();
      else this.#planRenewal();
    } else this.#tell({ type: "restarted" });
  }

  get #name(): string | null {
    return this.getAttribute("alt") || this.getAttribute("title") || null;
  }

  /** What the author says of the shape: `ratio="9/16"` or `9:16`, or width and height. */
  get #ownRatio(): number {
    const [width, height = 1] = (this.getAttribute("ratio") ?? "").split(/[/:]/).map(Number);
    return (
      (width || 0) / height || Number(this.getAttribute("width")) / Number(this.getAttribute("height")) || 0
    );
  }

  /** Brings what the author says to the player. */
  #dress(): void {
    const { video } = this;
    for (const name of passedOn) {
      const value = this.getAttribute(name);
      if (value === null) video.removeAttribute(name);
      else video.setAttribute(name, value);
    }
    const { title, thumbnail_url: poster } = this.#learned;
    if (poster && !video.poster) video.poster = poster;
    video.preload = (this.getAttribute("preload") ?? "metadata") as typeof video.preload;
    video.ariaLabel = this.#name ?? title ?? "A video";
    if (this.#ownRatio) this.#seen.setRatio(this.#ownRatio);
    if (video.childElementCount === 0) {
      video.append(...[...this.querySelectorAll(":scope > track")].map((track) => track.cloneNode()));
    }
  }

  #dispatch<K extends keyof FilmgateVideoEvents>(
    type: K,
    detail: FilmgateVideoEvents[K]["detail"],
    cancelable = false,
  ): boolean {
    return this.dispatchEvent(new CustomEvent(type, { detail, cancelable, bubbles: true, composed: true }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "filmgate-video": FilmgateVideo;
  }
  interface GlobalEventHandlersEventMap extends FilmgateVideoEvents {}
}

if (globalThis.customElements && !customElements.get("filmgate-video")) {
  customElements.define("filmgate-video", FilmgateVideo);
}
