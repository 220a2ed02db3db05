/**
 * That videos are there: answered by the lock, without a request, where it has them; otherwise ordered once, waited
 * for, and written down. Loaded when it is first asked for, since pages in browsers have no use for it.
 */

import { paidSentence, waitForAll } from "./awaiting.ts";
import type { EnsuredVideo, EnsureOptions } from "./ensure-options.ts";
import { Failures, type Found, forEachOf, putEntries, type Run, type WantedVideo } from "./ensure-run.ts";
import { FilmgateError, VideoFailedError } from "./errors.ts";
import type { FailedEntry, GivenUp, Lock, LockEntry, MakingEntry, ReadyEntry } from "./lock.ts";
import { openLockFile } from "./lock-file.ts";
import { orderVideo, type ToOrder } from "./making.ts";
import { identifyOrder } from "./media-files.ts";
import { isContinuousIntegration } from "./node.ts";
import type { EnsureOrder } from "./order-identity.ts";
import { samePublish, wantedPublish } from "./publishing-wishes.ts";
import { checkBudget, missingVideos, quoteAll, type Unanswered } from "./quoting.ts";
import type { Fetch } from "./settings.ts";
import { publishAnew, verifyVideo, wantsOther } from "./standing.ts";
import type { VideoClient } from "./video.ts";

/** The client, once it is needed, and what its requests go through. */
export type Connection = { client: () => VideoClient; fetch: Fetch };

/**
 * @returns a video for each order, in their order.
 * @throws MissingVideosError in frozen mode; FilmgateError for one order, EnsureFailedError for several; the signal's
 * reason.
 */
export async function ensureAll(
  orders: readonly EnsureOrder[],
  options: EnsureOptions,
  connection: Connection,
): Promise<EnsuredVideo[]> {
  options.signal?.throwIfAborted();
  const file = openLockFile(options.lock ?? "videos.lock.json");
  const notice = (sentence: string) => options.onNotice?.(sentence);
  const frozen = options.frozen ?? isContinuousIntegration();
  const concurrency = readConcurrency(options.concurrency ?? 4);
  const run: Run = { file, options, client: connection.client, frozen, concurrency, notice };
  const wanted = await identifyAll(run, orders);
  const lock = frozen ? file.read() : await readHealed(run);
  const known = sortOut(wanted, lock);
  const ready = frozen ? await answerFrozen(run, known, lock) : await makeAll(run, known, lock);
  if (options.verify === true) await verifyAll(run, connection.fetch, ready);
  return answerOf(orders.length, ready);
}

/** What the lock says of what is wanted. */
type Known = {
  ready: Found<ReadyEntry>[];
  making: Found<MakingEntry>[];
  failed: Found<FailedEntry>[];
  missing: WantedVideo[];
};

function sortOut(wanted: readonly WantedVideo[], { videos }: Lock): Known {
  const known: Known = { ready: [], making: [], failed: [], missing: [] };
  for (const one of wanted) {
    const entry = Object.hasOwn(videos, one.key) ? videos[one.key] : undefined;
    if (entry === undefined) known.missing.push(one);
    else addTo(known, one, entry);
  }
  return known;
}

function addTo(known: Known, wanted: WantedVideo, entry: LockEntry): void {
  if (entry.state === "ready") known.ready.push({ wanted, entry, source: "lock", costUsd: 0 });
  else if (entry.state === "making") known.making.push({ wanted, entry, source: "joined", costUsd: 0 });
  else known.failed.push({ wanted, entry, source: "lock", costUsd: 0 });
}

/** @throws MissingVideosError unless the lock has everything as it is wanted. */
async function answerFrozen(run: Run, known: Known, { videos }: Lock): Promise<Found<ReadyEntry>[]> {
  const unanswered: Unanswered[] = [
    ...known.making.map((found) => ({
      found,
      why: `ordered as ${found.entry.task_id}, and not in the lock yet`,
    })),
    ...known.failed.map((found) => ({
      found,
      why: `${found.entry.error.message} ${paidSentence(found.entry.cost_state)}`,
    })),
    ...known.ready
      .filter(wantsOther)
      .map((found) => ({ found, why: "its publish settings are not those of the lock" })),
  ];
  if (known.missing.length === 0 && unanswered.length === 0) return known.ready;
  const byFingerprint = new Map(
    Object.values(videos).map(({ fingerprint, task_id }) => [fingerprint, task_id]),
  );
  throw await missingVideos(run, known.missing, unanswered, byFingerprint);
}

/** Makes what is missing; whatever can be refused is refused before anything is. */
async function makeAll(run: Run, known: Known, lock: Lock): Promise<Found<ReadyEntry>[]> {
  const failures = new Failures();
  const toOrder = await findToOrder(run, known, lock);
  checkBudget(
    run.options.maxCostUsd,
    toOrder.map(({ quote, wanted: [wanted] }) => ({ quote, wanted })),
  );
  for (const { wanted, entry } of known.failed) {
    const { code, message } = entry.error;
    const sentence = `${message} ${paidSentence(entry.cost_state)}`;
    failures.add(
      wanted,
      new VideoFailedError(sentence, { code, taskId: entry.task_id, costState: entry.cost_state }),
    );
  }
  const making = [...known.making];
  await forEachOf(toOrder, run.concurrency, async (one) => {
    try {
      making.push(...(await orderVideo(run, one)));
    } catch (error) {
      failures.add(one.wanted[0], error);
    }
  });
  const made = await waitForAll(run, making, failures);
  const ready: Found<ReadyEntry>[] = [];
  await forEachOf([...known.ready, ...made], run.concurrency, async (one) => {
    try {
      ready.push(wantsOther(one) ? await publishAnew(run, one) : one);
    } catch (error) {
      failures.add(one.wanted, error);
    }
  });
  failures.throwIfAny();
  return ready;
}

/** Prices what is missing. What is in the lock, written differently, gets its place there, and is missing no more. */
async function findToOrder(run: Run, known: Known, { videos }: Lock): Promise<ToOrder[]> {
  if (known.missing.length === 0) return [];
  const byFingerprint = new Map(Object.values(videos).map((entry) => [entry.fingerprint, entry]));
  const toOrder = new Map<string, ToOrder>();
  const aliases: [string, LockEntry][] = [];
  for (const { wanted, quote } of await quoteAll(run, known.missing)) {
    const entry = byFingerprint.get(quote.fingerprint);
    const same = toOrder.get(quote.fingerprint);
    if (entry !== undefined) {
      const alias = { ...entry, order: wanted.canonical };
      aliases.push([wanted.key, alias]);
      addTo(known, wanted, alias);
    } else {
      toOrder.set(quote.fingerprint, {
        quote,
        wanted: same === undefined ? [wanted] : [...same.wanted, wanted],
      });
    }
  }
  // Also with no entry in it: a folder that nobody may write to is told before money is spent.
  await putEntries(run, aliases);
  return [...toOrder.values()];
}

async function verifyAll(run: Run, fetch: Fetch, ready: readonly Found<ReadyEntry>[]) {
  const failures = new Failures();
  await forEachOf(ready, run.concurrency, async (one) => {
    try {
      await verifyVideo(run, fetch, one);
    } catch (error) {
      failures.add(one.wanted, error);
    }
  });
  failures.throwIfAny();
}

/** @throws FilmgateError `invalid_argument` if one video is wanted in two ways that exclude each other. */
async function identifyAll(run: Run, orders: readonly EnsureOrder[]): Promise<WantedVideo[]> {
  const wanted = new Map<string, WantedVideo>();
  for (const [index, order] of orders.entries()) {
    if (typeof order !== "object" || order === null || typeof order.model !== "string") {
      throw invalid(
        `Order ${index + 1} must be an order: an object with a model, and what else a create takes.`,
      );
    }
    const identified = await identifyOrder(order, run.file.folder).catch((error: unknown) => {
      if (error instanceof FilmgateError) error.message = `Order ${index + 1}: ${error.message}`;
      throw error;
    });
    const publish = wantedPublish(order, run.options.publish);
    const same = wanted.get(identified.key);
    if (same !== undefined && !samePublish(same.publish, publish)) {
      throw invalid(
        `Orders ${(same.indices[0] ?? 0) + 1} and ${index + 1} are the same video with different publish settings. One video has one publication: write it the same way, or give one of them another take.`,
      );
    }
    wanted.set(identified.key, { ...identified, publish, indices: [...(same?.indices ?? []), index] });
  }
  return [...wanted.values()];
}

/** The lock, with a merge conflict united and written where there was one. */
async function readHealed(run: Run): Promise<Lock> {
  try {
    return run.file.read();
  } catch (error) {
    if (!(error instanceof FilmgateError) || error.code !== "lock_conflict") throw error;
  }
  const { lock, givenUp } = await run.file.change((lock) => lock);
  if (givenUp !== null) tellUnited(run, givenUp);
  return lock;
}

function tellUnited(run: Run, givenUp: readonly GivenUp[]): void {
  run.notice(`${run.file.path} had a merge conflict; both sides are united in it. Commit it.`);
  for (const { key, kept, dropped } of givenUp) {
    run.notice(
      `Both branches had ordered ${key}: ${kept.task_id} is kept. ${dropped.task_id} was paid for, too, and is in the lock no more; look at it, or delete it.`,
    );
  }
}

function answerOf(count: number, ready: readonly Found<ReadyEntry>[]): EnsuredVideo[] {
  const answers = new Array<EnsuredVideo>(count);
  for (const { wanted, entry, source, costUsd } of ready) {
    for (const [nth, index] of wanted.indices.entries()) {
      answers[index] = {
        key: wanted.key,
        order: entry.order,
        taskId: entry.task_id,
        fileId: entry.file_id,
        url: entry.url,
        pageUrl: entry.page_url,
        posterUrl: entry.poster_url,
        publish: entry.publish,
        width: entry.width,
        height: entry.height,
        seconds: entry.seconds,
        bytes: entry.bytes,
        sha256: entry.sha256,
        source,
        costUsd: nth === 0 ? costUsd : 0,
      };
    }
  }
  return answers;
}

function readConcurrency(value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw invalid(`concurrency must be a whole number from 1 on, not ${value}.`);
}

function invalid(message: string): FilmgateError {
  return new FilmgateError(message, { code: "invalid_argument" });
}
