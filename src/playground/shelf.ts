/** The videos that this page knows, by their ids, and who wants to hear when one changes or goes. */

import type { Publication, Video } from "../client/filmgate.ts";

export type Shelf = ReturnType<typeof createShelf>;

export function createShelf() {
  const videos = new Map<string, Video>();
  const listeners = new Set<(id: string) => void>();
  const tell = (id: string) => {
    for (const listener of listeners) listener(id);
  };
  const get = (id: string): Video | null => videos.get(id) ?? null;
  const put = (video: Video) => {
    const known = videos.get(video.id);
    // A list may have been written before the end that was already seen.
    if (known !== undefined && isOver(known) && !isOver(video)) return;
    videos.set(video.id, video);
    tell(video.id);
  };
  return {
    get,
    put,
    putPublication(id: string, publication: Publication | null) {
      const video = get(id);
      if (video !== null) put({ ...video, publication });
    },
    remove(id: string) {
      videos.delete(id);
      tell(id);
    },
    /** Called with the id of each video that changed or went. */
    onChange(listener: (id: string) => void) {
      listeners.add(listener);
    },
  };
}

export function isOver(video: Pick<Video, "status">): boolean {
  return video.status === "completed" || video.status === "failed";
}
