/** Making whatever the lock does not answer: priced first, then ordered, waited for, and published as it is wanted. */

import { FilmgateError } from "../errors.ts";
import { waitForAll } from "./awaiting.ts";
import { triedSentence } from "./gateways.ts";
import { addTo, byFingerprint, type Known } from "./known-videos.ts";
import type { Lock } from "./lock.ts";
import type { FailedEntry, LockEntry, MakingEntry, ReadyEntry } from "./lock-entry.ts";
import { orderVideo, type ToOrder } from "./making.ts";
import { samePublish } from "./publishing-wishes.ts";
import { checkBudget, quoteAll } from "./quoting.ts";
import { Failures, type Found, forEachOf, nameOf, putEntries, type Run, type WantedVideo } from "./run.ts";
import { publishAnew, wantsOther } from "./standing.ts";
import { publishedInTwoWays } from "./wanted-videos.ts";

/**
 * Makes what is missing; whatever can be refused is refused before anything is.
 * @throws FilmgateError `over_budget`; what went wrong with one video, or EnsureFailedError.
 */
export async function makeAll(run: Run, known: Known, lock: Lock): Promise<Found<ReadyEntry>[]> {
  requireClient(run, known);
  for (const { wanted, entry } of known.tried) {
    run.notice(`${nameOf(wanted)}: ${triedSentence(entry)}, so it is missing here.`);
  }
  const failures = new Failures();
  const toOrder = await findToOrder(run, known, lock);
  checkBudget(
    run.options.maxCostUsd,
    toOrder.map(({ quote, wanted: [wanted] }) => ({ quote, wanted })),
  );
  // One that failed may have come to life by late evidence, or its money back: its task knows.
  const making = [...known.making, ...known.failed.map(askedAgain)];
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

function askedAgain({ entry, ...found }: Found<FailedEntry>): Found<MakingEntry> {
  const { order, fingerprint, task_id, publish } = entry;
  return { ...found, source: "joined", entry: { state: "making", order, fingerprint, task_id, publish } };
}

/** Told once, and not of each video: without a key nothing can be asked. */
function requireClient(run: Run, { missing, making, failed, ready }: Known): void {
  const found = [...making, ...failed, ...ready.filter(wantsOther)];
  const [first] = [...missing, ...found.map(({ wanted }) => wanted)];
  if (first === undefined) return;
  try {
    run.client();
  } catch (error) {
    if (error instanceof FilmgateError) {
      error.message = `${nameOf(first)} is not in ${run.file.path} as it is wanted: ${error.message}`;
    }
    throw error;
  }
}

/** Prices what is missing. What is in the lock, written differently, gets its place there, and is missing no more. */
async function findToOrder(run: Run, known: Known, lock: Lock): Promise<ToOrder[]> {
  if (known.missing.length === 0) return [];
  const standing = byFingerprint(lock, run.isAnswer);
  const toOrder = new Map<string, ToOrder>();
  const aliases: [string, LockEntry][] = [];
  for (const { wanted, quote } of await quoteAll(run, known.missing)) {
    const entry = standing.get(quote.fingerprint);
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
  requireOnePublication(known, [...toOrder.values()]);
  // Also with no entry in it: a folder that nobody may write to is told before money is spent.
  await putEntries(run, aliases);
  return [...toOrder.values()];
}

/** Orders that are written differently turn out to be one video here only. @throws FilmgateError `invalid_argument`. */
function requireOnePublication({ ready, making, failed }: Known, toOrder: readonly ToOrder[]): void {
  const known = [...ready, ...making, ...failed];
  const all = [
    ...known.map(({ wanted, entry }) => [entry.fingerprint, wanted] as const),
    ...toOrder.flatMap(({ quote, wanted }) => wanted.map((one) => [quote.fingerprint, one] as const)),
  ];
  const first = new Map<string, WantedVideo>();
  for (const [fingerprint, wanted] of all) {
    const same = first.get(fingerprint) ?? wanted;
    if (!samePublish(same.publish, wanted.publish)) throw publishedInTwoWays(same.name, wanted.name);
    first.set(fingerprint, same);
  }
}
