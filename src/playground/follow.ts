/**
 * Follows unfinished videos by their events. A browser opens six connections to an HTTP/1.1 host, and each followed
 * video holds one, so a few are followed at a time and the others wait for a place.
 */

import { type Filmgate, FilmgateError } from "../client/filmgate.ts";
import { isOver, type Shelf } from "./shelf.ts";

const maxFollowed = 3;
const againMs = 5000;

export type Follower = ReturnType<typeof createFollower>;

/** @param onEnd told of each video whose end was seen here. */
export function createFollower(client: Filmgate, shelf: Shelf, onEnd: (id: string) => void) {
  const followed = new Map<string, AbortController>();
  let waiting: string[] = [];
  let isStopped = false;

  const fillPlaces = () => {
    while (!isStopped && followed.size < maxFollowed) {
      const id = waiting.shift();
      if (id === undefined) return;
      void run(id);
    }
  };

  const run = async (id: string) => {
    const controller = new AbortController();
    followed.set(id, controller);
    let hasEnded = false;
    try {
      for await (const video of client.video.watch(id, { signal: controller.signal })) {
        if (controller.signal.aborted) break;
        hasEnded = isOver(video);
        shelf.put(video);
      }
    } catch (error) {
      if (error instanceof FilmgateError && error.status === 404) shelf.remove(id);
      // Offline, or a restart: it is taken up again as long as somebody is interested.
      else if (!controller.signal.aborted) setTimeout(() => follow(id), againMs);
    } finally {
      followed.delete(id);
      fillPlaces();
    }
    if (hasEnded) onEnd(id);
  };

  const follow = (id: string, isFirst = false) => {
    if (isStopped || followed.has(id)) return;
    waiting = waiting.filter((other) => other !== id);
    if (isFirst) waiting.unshift(id);
    else waiting.push(id);
    fillPlaces();
  };

  return {
    follow,
    leave(id: string) {
      waiting = waiting.filter((other) => other !== id);
      followed.get(id)?.abort();
    },
    stop() {
      isStopped = true;
      for (const controller of followed.values()) controller.abort();
    },
  };
}
