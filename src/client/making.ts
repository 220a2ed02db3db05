/**
 * Making what is missing. An order is given under an Idempotency-Key that follows from its fingerprint, so that builds
 * which know nothing of each other order once; as soon as it is taken it stands in the lock, and is asked for by its
 * task from then on, whatever becomes of this process.
 */

import type { CreateVideoResponse, PublishRequest } from "../contract.ts";
import { type Found, putEntries, type Run, type WantedVideo } from "./ensure-run.ts";
import { FilmgateError, VideoFailedError } from "./errors.ts";
import type { FailedEntry, MakingEntry } from "./lock-entry.ts";
import { uploadMedia } from "./media-files.ts";
import { samePublish } from "./publishing-wishes.ts";
import type { Quote } from "./quoting.ts";

/** How many failures at no charge an order may have behind it. */
const mostFailures = 100;

/** One video that has to be ordered, with all the ways in which this call writes its order. */
export type ToOrder = { readonly quote: Quote; readonly wanted: readonly [WantedVideo, ...WantedVideo[]] };

/**
 * Orders it, or joins who did, and writes that down.
 * @throws VideoFailedError if it failed at once, FilmgateError `video_gone`, `video_taken_down`, or the server's.
 */
export async function orderVideo(run: Run, { quote, wanted }: ToOrder): Promise<Found<MakingEntry>[]> {
  const [first] = wanted;
  const { created, isReplayed } = await give(run, first, quote);
  const making: MakingEntry = {
    state: "making",
    order: first.canonical,
    fingerprint: quote.fingerprint,
    task_id: created.task_id,
    publish: first.publish,
  };
  const entries = wanted.map((one) => [one.key, { ...making, order: one.canonical }] as const);
  await putEntries(run, entries);
  await publishJoined(run, first.publish, created, isReplayed);
  return wanted.map((one, index) => ({
    wanted: one,
    entry: { ...making, order: one.canonical },
    source: isReplayed ? "joined" : "created",
    costUsd: isReplayed || index > 0 ? 0 : created.estimated_cost_usd,
  }));
}

type Given = { created: CreateVideoResponse; isReplayed: boolean };

/**
 * A key is bound to its task for as long as that exists, also if it failed and nothing was charged. Behind each such
 * failure stands another key, the same for everybody, so that the next build orders again, once.
 */
async function give(run: Run, wanted: WantedVideo, quote: Quote): Promise<Given> {
  const { signal, maxCostUsd } = run.options;
  const client = run.client();
  const media = await uploadMedia(wanted.order, (bytes) => client.uploadImage(bytes, { signal }));
  const request = {
    ...media,
    // Nobody raises the price between the two.
    max_cost_usd: media.max_cost_usd ?? (maxCostUsd === undefined ? undefined : (quote.costUsd ?? undefined)),
    publish: wanted.publish ?? undefined,
    // An order is meant here, whatever it says.
    dry_run: undefined,
  };
  const base = `filmgate-lock-${quote.fingerprint}`;
  let idempotencyKey = base;
  for (let failures = 0; ; failures += 1) {
    let isReplayed = false;
    const onReplayed = () => {
      isReplayed = true;
    };
    const mayGoOn = () => isReplayed && failures < mostFailures;
    try {
      const created = await client.create(request as never, { idempotencyKey, onReplayed, signal });
      const isOver = isReplayed && created.status === "failed";
      if (!isOver || !mayGoOn()) return { created, isReplayed };
      const { cost } = await client.get(created.task_id, { signal });
      if (cost.state !== "released") return { created, isReplayed };
      idempotencyKey = `${base}-after-${created.task_id}`;
    } catch (error) {
      if (error instanceof FilmgateError && error.code === "task_deleted") throw gone(error);
      if (!(error instanceof VideoFailedError) || !mayGoOn()) throw error;
      idempotencyKey = `${base}-after-${error.taskId}`;
    }
  }
}

/** What was ordered before may be published with other settings. What was taken down stays so. */
async function publishJoined(
  run: Run,
  publish: PublishRequest | null,
  { task_id: taskId, status, publication }: CreateVideoResponse,
  isReplayed: boolean,
): Promise<void> {
  // One that failed tells so when it is waited for.
  if (!isReplayed || publish === null || status === "failed") return;
  if (publication === undefined) throw takenDown(taskId);
  const { origins, title, alt, expires_at } = publication;
  if (samePublish({ origins, title, alt, expires_at }, publish)) return;
  await run.client().publish(taskId, publish, { signal: run.options.signal });
  run.notice(`${taskId} was published with other settings, and is published with those of its order now.`);
}

/** What stays in the lock of a video that failed; null if nothing was charged, and nothing stays. */
export function failedEntry(entry: MakingEntry, error: VideoFailedError): FailedEntry | null {
  const { costState, code, message } = error;
  if (costState !== "settled" && costState !== "held") return null;
  const { order, fingerprint, task_id, publish } = entry;
  return {
    ...{ state: "failed", order, fingerprint, task_id, publish },
    ...{ cost_state: costState, error: { code, message } },
  };
}

/** A video that was paid for, and is not there any more. */
export function gone(cause: FilmgateError, taskId?: string): FilmgateError {
  const which = taskId === undefined ? "The video of this order" : taskId;
  return new FilmgateError(
    `${which} was deleted, or the API key is another account's than the one that ordered it (${cause.code}). To have it made and paid for again, give the order another take, or take its entry out of the lock.`,
    { code: "video_gone", status: cause.status, requestId: cause.requestId, taskId: taskId ?? null, cause },
  );
}

export function takenDown(taskId: string): FilmgateError {
  return new FilmgateError(
    `${taskId} was taken down: it is there, and not published any more. It is not published again by itself; call video.publish("${taskId}") if it shall be, or take the order out of the site.`,
    { code: "video_taken_down", taskId },
  );
}
