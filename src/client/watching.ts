/** Following a video by its events, over as many connections as it takes. */

import type { Video } from "../contract.ts";
import { FilmgateError } from "./errors.ts";
import { readEvents } from "./event-stream.ts";
import { isPassing } from "./retries.ts";
import type { OpenStream } from "./send.ts";
import { pause } from "./time.ts";

/** The server gives a sign of life every 15 s; a connection without any is dead, though nobody has said so. */
const silenceMs = 40_000;
const betweenConnectionsMs = 1000;
/** How long nothing but failures is borne. */
const patienceMs = 60_000;

/** @throws what `open` throws when it is no passing failure or lasts, or the signal's reason. */
export async function* watchUntilOver(
  path: string,
  open: OpenStream,
  signal: AbortSignal | undefined,
): AsyncGenerator<Video, void> {
  let lastEventId = "";
  let heardAt = Date.now();
  for (;;) {
    signal?.throwIfAborted();
    const connection = watchSilence(signal, () => {
      heardAt = Date.now();
    });
    try {
      const body = await open({ path, lastEventId, signal: connection.signal });
      for await (const { event, id, data } of readEvents(body, connection.heard)) {
        if (event !== "progress" && event !== "end") continue;
        lastEventId = id;
        // While the caller is at work nobody listens, so that nothing can be heard.
        connection.rest();
        yield JSON.parse(data) as Video;
        connection.heard();
        if (event === "end") return;
      }
    } catch (error) {
      signal?.throwIfAborted();
      // A body that breaks off, or falls silent, says nothing about the video.
      const isBearable = !(error instanceof FilmgateError) || isPassing(error);
      if (!isBearable || Date.now() - heardAt > patienceMs) throw error;
    } finally {
      connection.release();
    }
    await pause(betweenConnectionsMs, signal);
  }
}

/** A signal that is aborted by the caller, or when nothing was heard for too long; a comment, too, is heard. */
function watchSilence(caller: AbortSignal | undefined, onHeard: () => void) {
  const controller = new AbortController();
  const onAbort = () => controller.abort(caller?.reason);
  const onSilence = () => controller.abort(new DOMException("Nothing was heard.", "TimeoutError"));
  let timer = setTimeout(onSilence, silenceMs);
  caller?.addEventListener("abort", onAbort, { once: true });
  return {
    signal: controller.signal,
    heard() {
      onHeard();
      clearTimeout(timer);
      timer = setTimeout(onSilence, silenceMs);
    },
    /** Silence does not count until something is heard. */
    rest() {
      clearTimeout(timer);
    },
    release() {
      clearTimeout(timer);
      caller?.removeEventListener("abort", onAbort);
    },
  };
}
