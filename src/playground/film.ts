/**
 * The video itself, playing in place. Its link is signed and ends: a fresh one is asked for when it has, and the film
 * goes on where it was. The link is played by its path, since this page loads from its own origin only.
 */

import type { Video } from "../client/filmgate.ts";
import type { Desk } from "./desk.ts";
import { el, prefersStillness } from "./dom.ts";
import { nameOf } from "./words.ts";

/** A link that breaks sooner than this after it was given is not to blame. */
const leastLifeMs = 2000;
const maxTimerMs = 2 ** 31 - 1;

/** The same address on this origin: the deployment may know itself by another name. */
export function onThisOrigin(link: string): string {
  const { pathname, search } = new URL(link, location.origin);
  return `${pathname}${search}`;
}

/** @param plays whether it begins by itself; it is silent, and does not where people want stillness. */
export function createFilm(desk: Desk, video: Video, plays: boolean): HTMLVideoElement {
  const [width, height] = /^\d+x\d+$/.test(video.size) ? video.size.split("x") : [undefined, undefined];
  const film = el("video", {
    controls: true,
    playsinline: true,
    preload: "metadata",
    width,
    height,
    "aria-label": video.publication?.alt ?? nameOf(video),
  });
  let givenAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const show = (link: string, expiresAt: number | null) => {
    givenAt = Date.now();
    film.src = onThisOrigin(link);
    clearTimeout(timer);
    const lifeMs = expiresAt === null ? maxTimerMs : expiresAt * 1000 - Date.now();
    timer = setTimeout(renew, Math.min(Math.max(lifeMs - 5000, leastLifeMs), maxTimerMs));
  };

  const renew = async () => {
    if (!film.isConnected || video.file_id === null) return;
    const { currentTime } = film;
    const wasPlaying = !film.paused;
    try {
      const link = await desk.client.video.downloadVideo(video.file_id);
      show(link.download_url, link.expires_at);
      film.currentTime = currentTime;
      if (wasPlaying) await film.play();
    } catch (error) {
      desk.explain(error);
    }
  };

  film.addEventListener("error", () => {
    if (Date.now() - givenAt > leastLifeMs) void renew();
  });
  if (video.download_url !== null) show(video.download_url, video.download_url_expires_at);
  if (plays && !prefersStillness()) {
    film.muted = true;
    // A browser that forbids it shows the first frame, and its button.
    film.play().catch(() => {});
  }
  return film;
}
