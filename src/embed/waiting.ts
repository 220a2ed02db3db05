/**
 * Waiting for a video that is being made: followed by its events where there is a key that the page may hold, else asked
 * for now and then. Whatever the events say or leave unsaid, it is the published address that tells when it is over.
 */

import { readEvents } from "../client/event-stream.ts";
import type { Video } from "../contract.ts";
import { askPublished, tellAuthor } from "./asking.ts";
import type { Source } from "./source.ts";
import type { Answer } from "./state.ts";
import { askAgainMs } from "./timing.ts";

type Published = Extract<Source, { kind: "published" }>;

/** The gateway gives a sign of life every 15 s; a connection without any is dead. */
const silenceMs = 40_000;
/** After an event that tells the end, the address follows in a moment. */
const followsMs = 1000;
const firstPauseMs = 5000;

/**
 * Waits until there is anything else to say than that it is being made.
 * @param onProgress called whenever it is heard how it is doing; without a key never.
 * @throws the signal's reason if it was aborted.
 */
export async function waitForVideo(
  source: Published,
  key: string | null,
  onProgress: (video: Video) => void,
  signal: AbortSignal,
): Promise<Answer> {
  const startedAt = Date.now();
  let isKeyGood = key !== null;
  let pauseMs = firstPauseMs;
  for (;;) {
    // Nobody sees the strip of a hidden tab, and a stream is held by somebody.
    const heard =
      isKeyGood && !document.hidden ? await follow(source, key ?? "", onProgress, signal) : "nothing";
    isKeyGood &&= heard !== "refused";
    if (heard === "nothing" || heard === "refused") await pauseUntilSeen(pauseMs, signal);
    const { answer, retryAfterMs } = await askPublished(source, signal);
    // A network that is away for a while says nothing about the video.
    if (answer !== "making" && answer !== "unreachable") return answer;
    const waitedMs = Date.now() - startedAt;
    pauseMs = askAgainMs({ retryAfterMs, waitedMs, isHidden: document.hidden });
    if (heard === "over") await pauseUntilSeen(followsMs, signal);
    if (heard === "broken") await pauseUntilSeen(pauseMs, signal);
  }
}

/** One connection, until it ends, breaks, falls silent, or the tab is hidden. */
async function follow(
  source: Published,
  key: string,
  onProgress: (video: Video) => void,
  signal: AbortSignal,
): Promise<"over" | "broken" | "refused"> {
  const connection = new AbortController();
  const close = () => connection.abort();
  let timer = setTimeout(close, silenceMs);
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(close, silenceMs);
  };
  signal.addEventListener("abort", close);
  document.addEventListener("visibilitychange", close);
  try {
    const task = source.fileId.replace("file", "task");
    const response = await fetch(`${source.gateway}/v1/videos/${task}/events`, {
      headers: { authorization: `Bearer ${key}` },
      signal: connection.signal,
    });
    if (response.status === 401 || response.status === 403) {
      const { error } = await response.json();
      tellAuthor(`The publishable key was refused, so there is no progress: ${error.message}`);
      return "refused";
    }
    if (response.status === 404) return "refused";
    if (!response.ok || response.body === null) return "broken";
    for await (const { event, data } of readEvents(response.body, heard)) {
      onProgress(JSON.parse(data));
      if (event === "end") return "over";
    }
  } catch {
    // A connection that breaks says nothing about the video.
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", close);
    document.removeEventListener("visibilitychange", close);
    connection.abort();
  }
  return "broken";
}

/** A pause that is over as soon as somebody looks at the tab again. */
function pauseUntilSeen(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", settle);
      document.removeEventListener("visibilitychange", onVisibility);
      signal.aborted ? reject(signal.reason) : resolve();
    };
    const onVisibility = () => document.hidden || settle();
    const timer = setTimeout(settle, ms);
    signal.addEventListener("abort", settle);
    document.addEventListener("visibilitychange", onVisibility);
  });
}
