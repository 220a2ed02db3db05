/**
 * That videos are there: answered by the lock, without a request, where it has them; otherwise ordered once, waited
 * for, and written down. Loaded when it is first asked for, since pages in browsers have no use for it.
 */

import { FilmgateError } from "../errors.ts";
import type { Fetch } from "../settings.ts";
import type { VideoClient } from "../video.ts";
import { byFingerprint, type Known, sortOut } from "./known-videos.ts";
import type { Lock } from "./lock.ts";
import type { ReadyEntry } from "./lock-entry.ts";
import { openLockFile } from "./lock-file.ts";
import type { GivenUp } from "./lock-merge.ts";
import { failedSentence } from "./making.ts";
import { makeAll } from "./making-missing.ts";
import { isContinuousIntegration } from "./node.ts";
import type { EnsuredVideo, EnsureOptions } from "./options.ts";
import type { EnsureOrder } from "./order-identity.ts";
import { missingVideos, type Unanswered } from "./quoting.ts";
import { Failures, type Found, forEachOf, type Run } from "./run.ts";
import { verifyVideo, wantsOther } from "./standing.ts";
import { identifyAll } from "./wanted-videos.ts";

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
  const concurrency = options.concurrency ?? 4;
  checkOptions(concurrency, options.maxCostUsd ?? 0);
  const run: Run = { file, options, client: connection.client, frozen, concurrency, notice };
  const wanted = await identifyAll(orders, file.folder, options);
  const lock = frozen ? file.read() : await readHealed(run);
  const known = sortOut(wanted, lock);
  const ready = frozen ? await answerFrozen(run, known, lock) : await makeAll(run, known, lock);
  if (options.verify === true) await verifyAll(run, connection.fetch, ready);
  return answerOf(orders.length, ready);
}

/** @throws MissingVideosError unless the lock has everything as it is wanted. */
async function answerFrozen(run: Run, known: Known, lock: Lock): Promise<Found<ReadyEntry>[]> {
  const unanswered: Unanswered[] = [
    ...known.making.map((found) => ({
      found,
      why: `ordered as ${found.entry.task_id}, and not in the lock yet`,
    })),
    ...known.failed.map((found) => ({
      found,
      why: `${found.entry.error.message} ${failedSentence(found.entry.cost_state)}`,
    })),
    ...known.ready
      .filter(wantsOther)
      .map((found) => ({ found, why: "its publish settings are not those of the lock" })),
  ];
  if (known.missing.length === 0 && unanswered.length === 0) return known.ready;
  throw await missingVideos(run, known.missing, unanswered, byFingerprint(lock));
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
      `Both branches had ordered ${key}: ${kept} is kept. ${dropped} was paid for, too, and is in the lock no more; look at it, or delete it.`,
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

function checkOptions(concurrency: number, maxCostUsd: number): void {
  if (!(Number.isInteger(concurrency) && concurrency >= 1)) {
    throw invalid("concurrency", `must be a whole number from 1 on, not ${concurrency}`);
  }
  if (!(maxCostUsd >= 0)) throw invalid("maxCostUsd", `must be dollars from 0 on, not ${maxCostUsd}`);
}

function invalid(param: string, says: string): FilmgateError {
  return new FilmgateError(`${param} ${says}.`, { code: "invalid_argument", param });
}
