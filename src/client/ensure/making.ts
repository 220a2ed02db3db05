/**
 * Making what is missing. An order is given under an Idempotency-Key that follows from its fingerprint, so that builds
 * which know nothing of each other order once; as soon as it is taken it stands in the lock, and is asked for by its
 * task from then on, whatever becomes of this process.
 */

import type { CreateVideoResponse, PublishRequest } from "../../contract.ts";
import { ConnectionError, FilmgateError, VideoFailedError } from "../errors.ts";
import { pause } from "../time.ts";
import type { FailedEntry, LockEntry, MakingEntry } from "./lock-entry.ts";
import { uploadMedia } from "./media-files.ts";
import { samePublish, takesAway, tidy } from "./publishing-wishes.ts";
import type { Quote } from "./quoting.ts";
import { type Found, putEntries, type Run, type WantedVideo } from "./run.ts";

/** Eight seconds in all. */
const mostAttempts = 4;
const firstPauseMs = 500;

/** One video that has to be ordered, with all the ways in which this call writes its order. */
export type ToOrder = { readonly quote: Quote; readonly wanted: readonly [WantedVideo, ...WantedVideo[]] };

/**
 * Orders it, or joins who did, and writes that down.
 * @throws VideoFailedError if it failed at once, FilmgateError `video_gone`, `video_taken_down`, `published_otherwise`,
 * or the server's.
 */
export async function orderVideo(run: Run, { quote, wanted }: ToOrder): Promise<Found<MakingEntry>[]> {
  const [first] = wanted;
  const given = await give(run, first, quote);
  const { created, isReplayed } = given;
  requireUntouched(first, given);
  const making: MakingEntry = {
    state: "making",
    order: first.canonical,
    fingerprint: quote.fingerprint,
    task_id: created.task_id,
    publish: publishedWith(first, given),
  };
  const entries = wanted.map((one) => [one.key, { ...making, order: one.canonical }] as const);
  await putEntries(run, entries);
  requirePublished(first, given);
  return wanted.map((one, index) => ({
    wanted: one,
    entry: { ...making, order: one.canonical },
    source: isReplayed ? "joined" : "created",
    costUsd: isReplayed || index > 0 ? 0 : created.estimated_cost_usd,
  }));
}

type Given = { created: CreateVideoResponse; isReplayed: boolean };

/**
 * An order that failed with nothing charged gives its key back, once the server's books have it: so an answer that
 * tells of such a failure from before is asked again, a little later.
 */
async function give(run: Run, wanted: WantedVideo, quote: Quote): Promise<Given> {
  const { signal, maxCostUsd } = run.options;
  const client = run.client();
  const media = await uploadMedia(wanted.order, (bytes) => client.uploadImage(bytes, { signal }));
  const request = {
    ...media,
    // Nobody raises the price between the two.
    max_cost_usd: maxCostUsd === undefined ? media.max_cost_usd : (quote.costUsd ?? undefined),
    publish: wanted.publish ?? undefined,
    // An order is meant here, whatever it says.
    dry_run: undefined,
  };
  const idempotencyKey = `filmgate-lock-${quote.fingerprint}`;
  for (let attempt = 0; ; attempt += 1) {
    let isReplayed = false;
    const onReplayed = () => {
      isReplayed = true;
    };
    try {
      const created = await client.create(request as never, { idempotencyKey, onReplayed, signal });
      return { created, isReplayed };
    } catch (error) {
      if (error instanceof FilmgateError && error.code === "task_deleted") throw gone(error);
      if (error instanceof ConnectionError) {
        // Its key follows from the order: nobody has to give it again, and the lock need not know of it.
        error.message = `${error.what} It may have been ordered: the next ensure finds it by its order, and it is paid once.`;
      }
      if (!(error instanceof VideoFailedError) || !isReplayed || attempt >= mostAttempts) throw error;
    }
    await pause(firstPauseMs * 2 ** attempt, signal);
  }
}

/**
 * What was ordered before may be published with other settings: the lock has those, until it is published anew, so that
 * whoever ends in between leaves that to the next.
 */
function publishedWith({ publish }: WantedVideo, given: Given): LockEntry["publish"] {
  const standing = standingOf(given);
  return publish === null || standing === null || samePublish(standing, publish) ? publish : standing;
}

/** What a video that was ordered before is published with; null if it was ordered now, or is not published. */
function standingOf({ created: { publication }, isReplayed }: Given): PublishRequest | null {
  if (!isReplayed || publication === undefined) return null;
  const { origins, title, alt, expires_at } = publication;
  return tidy({ origins, title, alt, expires_at });
}

/**
 * What this lock did not know may stand in another site's, whose pages rest on its publication.
 * @throws FilmgateError `published_otherwise`; nothing is written down then, and nothing was paid.
 */
function requireUntouched({ publish }: WantedVideo, given: Given): void {
  const standing = standingOf(given);
  if (publish === null || standing === null || !takesAway(standing, publish)) return;
  const { task_id: taskId } = given.created;
  throw new FilmgateError(
    `${taskId} was ordered before, outside of this lock, and is published with ${JSON.stringify(standing)}. To publish it with ${JSON.stringify(publish)} would take it off other pages. Write publish so that it allows both, or give the order another take for a video of its own; if no other site has it, call video.publish("${taskId}", …) first.`,
    { code: "published_otherwise", taskId },
  );
}

/** @throws FilmgateError `video_taken_down`: what was taken down stays so. */
function requirePublished({ publish }: WantedVideo, { created, isReplayed }: Given): void {
  // One that failed tells so when it is waited for.
  if (!isReplayed || publish === null || created.status === "failed") return;
  if (created.publication === undefined) throw takenDown(created.task_id);
}

/**
 * What stays in the lock of a video that failed; null if nothing does, since it was not charged. What its owner
 * cancelled stays in any case.
 */
export function failedEntry(entry: MakingEntry, error: VideoFailedError): FailedEntry | null {
  const { costState, code, message } = error;
  const isFinal = costState === "settled" || costState === "held";
  if (!isFinal && !(costState === "released" && code === "cancelled")) return null;
  const { order, fingerprint, task_id, publish } = entry;
  return {
    ...{ state: "failed", order, fingerprint, task_id, publish },
    ...{ cost_state: costState, error: { code, message } },
  };
}

/** Why a video that failed is not ordered again by itself, and how it is. */
export function failedSentence(costState: FailedEntry["cost_state"]): string {
  const why = {
    settled: "It was charged",
    held: "It may have been charged",
    released: "It was not charged, but called off",
  };
  return `${why[costState]}, so it is not ordered again by itself: raise take in the order for another try.`;
}

/** A video that was paid for, and is not there any more. */
export function gone(cause: FilmgateError, taskId?: string): FilmgateError {
  const which = taskId === undefined ? "The video of this order" : taskId;
  return new FilmgateError(
    `${which} was deleted, or was ordered with the API key of another account or from another filmgate (${cause.code}). To have it made and paid for again, give the order another take, or take its entry out of the lock.`,
    { code: "video_gone", status: cause.status, requestId: cause.requestId, taskId: taskId ?? null, cause },
  );
}

export function takenDown(taskId: string): FilmgateError {
  return new FilmgateError(
    `${taskId} is there, and not published, or not any more. No build publishes again what was taken down: call video.publish("${taskId}") if it shall be, or take the order out of the site.`,
    { code: "video_taken_down", taskId },
  );
}
