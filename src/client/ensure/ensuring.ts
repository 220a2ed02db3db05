/**
 * That videos are there: answered by the lock, without a request, where it has them; otherwise ordered once, waited
 * for, and written down. Loaded when it is first asked for, since pages in browsers have no use for it.
 */

import { FilmgateError } from "../errors.ts";
import type { Fetch } from "../settings.ts";
import type { VideoClient } from "../video.ts";
import { answerOf } from "./answers.ts";
import { answersFor } from "./gateways.ts";
import { type Known, sortOut } from "./known-videos.ts";
import type { Lock } from "./lock.ts";
import type { ReadyEntry } from "./lock-entry.ts";
import { openLockFile } from "./lock-file.ts";
import { makeAll } from "./making-missing.ts";
import { answerFrozen } from "./missing.ts";
import { isContinuousIntegration } from "./node.ts";
import type { EnsuredVideo, EnsureOptions } from "./options.ts";
import type { EnsureOrder } from "./order-identity.ts";
import { unpublished } from "./publishing-wishes.ts";
import { changeLock, Failures, type Found, forEachOf, type Run } from "./run.ts";
import { verifyVideo } from "./standing.ts";
import { identifyAll } from "./wanted-videos.ts";

/** The client, once it is needed, and what its requests go through. */
export type Connection = {
  client: () => VideoClient;
  fetch: Fetch;
  /** Where filmgate runs; null where that was not said. */
  gateway: string | null;
};

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
  const isAnswer = answersFor(connection.gateway);
  const run: Run = { file, options, client: connection.client, frozen, concurrency, notice, isAnswer };
  const wanted = await identifyAll(orders, file.folder, options);
  const lock = frozen ? file.read() : await readHealed(run);
  const known = sortOut(wanted, lock, isAnswer);
  if (options.requirePublished === true) requireAddresses(known);
  const ready = frozen ? await answerFrozen(run, known, lock) : await makeAll(run, known, lock);
  if (options.verify === true) await verifyAll(run, connection.fetch, ready);
  return answerOf(orders.length, ready);
}

/** @throws FilmgateError `invalid_argument` for a video that would have no address, before anything is made. */
function requireAddresses({ ready, making, missing }: Known): void {
  const withoutAddress = [
    ...missing,
    ...making.filter(({ entry }) => entry.publish === null).map(({ wanted }) => wanted),
    ...ready.filter(({ entry }) => entry.url === null).map(({ wanted }) => wanted),
  ].find(({ publish }) => publish === null);
  if (withoutAddress !== undefined) throw unpublished(withoutAddress.name);
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
  return changeLock(run, (lock) => lock);
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
