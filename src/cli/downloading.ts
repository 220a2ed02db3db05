/**
 * Getting a video's bytes, whatever the connection does: what broke off is carried on with a Range request, a link that
 * ended is replaced by a fresh one, and nothing counts before length and SHA-256 are those that filmgate promised.
 */

import { type DownloadVideoResponse, FilmgateError } from "../client/filmgate.ts";
import { pause } from "../client/time.ts";
import { downloadHeaders, placeAnswer } from "./download-answer.ts";
import { commandError } from "./exits.ts";
import type { Sink } from "./part-file.ts";

/** How often in a row it may get no further than ever before. */
const fruitlessTries = 6;
const longestPauseMs = 8000;
/** A connection without a byte for so long is dead, though nobody has said so. */
const silenceMs = 30_000;

export type DownloadOptions = Readonly<{
  /** Signs a fresh link. */
  renew: () => Promise<DownloadVideoResponse>;
  onBytes: (size: number) => void;
  onTrouble: (sentence: string) => void;
  signal: AbortSignal;
  /** Before the next try: by default 250, and twice as long after each that brought nothing. */
  firstPauseMs?: number;
}>;

/**
 * Fills the sink with the video.
 * @throws FilmgateError `corrupt_download` if it turned out to be another; `connection_failed` (retryable) if nothing
 * more comes: what is there stays, and the next run carries it on. What `renew` throws. The signal's reason.
 */
export async function download(
  promised: DownloadVideoResponse,
  sink: Sink,
  options: DownloadOptions,
): Promise<void> {
  let url = promised.download_url;
  let etag: string | null = null;
  // Bytes of an earlier run are believed only as far as the hash bears them out.
  let isInherited = sink.size > 0;
  if (sink.size > promised.bytes) await sink.startOver();
  for (let fruitless = 0, furthest = sink.size; ; ) {
    while (sink.size < promised.bytes) {
      const end = await takeBody(url, promised, sink, etag, options);
      if (end.etag !== null) etag = end.etag;
      if (sink.size > promised.bytes) throw await corrupt(promised, sink, "more bytes came than it has");
      if (sink.size === promised.bytes) break;
      // Where ranges are not heeded it begins anew each time, and would so without end.
      fruitless = sink.size > furthest ? 0 : fruitless + 1;
      furthest = Math.max(furthest, sink.size);
      if (fruitless >= fruitlessTries) throw brokenOff(promised, sink, end.why);
      if (end.do === "start over") {
        if (!sink.canStartOver) throw brokenOff(promised, sink, end.why);
        await sink.startOver();
        [isInherited, etag] = [false, null];
      }
      options.onTrouble(`${end.why}: ${sink.size} of ${promised.bytes} bytes are there, going on.`);
      await pause(Math.min((options.firstPauseMs ?? 250) * 2 ** fruitless, longestPauseMs), options.signal);
      if (end.do === "fresh link") url = await freshLink(promised, options);
    }
    if (sink.sha256() === promised.sha256) return;
    if (!isInherited) throw await corrupt(promised, sink, "its SHA-256 is another");
    options.onTrouble("What an earlier run left was not of this video: beginning anew.");
    await sink.startOver();
    isInherited = false;
    furthest = 0;
  }
}

type End = { do: "start over" | "fresh link" | "again"; why: string; etag: string | null };

/** One connection, for as long as it gives bytes, and why it ended. */
async function takeBody(
  url: string,
  promised: DownloadVideoResponse,
  sink: Sink,
  etag: string | null,
  { onBytes, signal }: DownloadOptions,
): Promise<End> {
  const connection = watchSilence(signal);
  let told: string | null = null;
  try {
    const headers = downloadHeaders(sink.size, etag);
    const response = await fetch(url, { headers, signal: connection.signal });
    const place = placeAnswer(response.status, response.headers, sink.size, promised.bytes);
    if ("do" in place || response.body === null) {
      await response.body?.cancel();
      return "do" in place ? { ...place, etag: null } : { do: "again", why: "an empty answer", etag: null };
    }
    told = place.etag;
    if (place.at === 0 && sink.size > 0) {
      if (!sink.canStartOver) {
        await response.body.cancel();
        return { do: "start over", why: "the file cannot be carried on", etag: null };
      }
      await sink.startOver();
    }
    for await (const piece of response.body) {
      await sink.write(piece);
      // A slow reader behind us is no silence before us.
      connection.heard();
      onBytes(sink.size);
      if (sink.size > promised.bytes) break;
    }
    return { do: "again", why: "the connection ended too early", etag: told };
  } catch (error) {
    signal.throwIfAborted();
    // What the disk says is no matter of the connection.
    if (error instanceof FilmgateError || (error as NodeJS.ErrnoException).code === "EPIPE") throw error;
    return { do: "again", why: "the connection broke", etag: told };
  } finally {
    connection.release();
  }
}

async function freshLink(
  promised: DownloadVideoResponse,
  { renew }: Pick<DownloadOptions, "renew">,
): Promise<string> {
  const fresh = await renew();
  if (fresh.sha256 === promised.sha256 && fresh.bytes === promised.bytes) return fresh.download_url;
  throw commandError(
    "corrupt_download",
    `${promised.file_id} is another file than a moment ago: save it again.`,
  );
}

async function corrupt(promised: DownloadVideoResponse, sink: Sink, why: string): Promise<FilmgateError> {
  const kept = sink.canStartOver ? "Nothing was kept" : "What was written is of no use";
  await sink.startOver();
  return commandError(
    "corrupt_download",
    `What came of ${promised.file_id} is not the video: ${why}. ${kept}: get it again, and look at what stands between you and filmgate.`,
  );
}

function brokenOff({ file_id, bytes }: DownloadVideoResponse, { size }: Sink, why: string): FilmgateError {
  return new FilmgateError(
    `The download of ${file_id} broke off (${why}): ${size} of ${bytes} bytes are there.`,
    { code: "connection_failed", retryable: true },
  );
}

/** A signal that is aborted by the caller, or when nothing came for too long. */
function watchSilence(caller: AbortSignal) {
  const controller = new AbortController();
  const onAbort = () => controller.abort(caller.reason);
  const onSilence = () => controller.abort(new DOMException("Nothing came.", "TimeoutError"));
  let timer = setTimeout(onSilence, silenceMs);
  if (caller.aborted) onAbort();
  else caller.addEventListener("abort", onAbort, { once: true });
  return {
    signal: controller.signal,
    heard() {
      clearTimeout(timer);
      timer = setTimeout(onSilence, silenceMs);
    },
    release() {
      clearTimeout(timer);
      caller.removeEventListener("abort", onAbort);
    },
  };
}
