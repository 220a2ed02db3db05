/** Frozen mode: what the lock has, or else what is missing, why, and what it would cost, as far as that can be found out. */

import { ConnectionError, FilmgateError, type MissingVideo, MissingVideosError } from "../errors.ts";
import { price, sumUsd, usd } from "../money.ts";
import { videoOf } from "./answers.ts";
import { triedSentence } from "./gateways.ts";
import { byFingerprint, type Known } from "./known-videos.ts";
import type { Lock } from "./lock.ts";
import type { ReadyEntry } from "./lock-entry.ts";
import { failedSentence } from "./making.ts";
import { countVideos, quoteOne } from "./quoting.ts";
import { type Found, forEachOf, inOrder, nameOf, type Run, type WantedVideo } from "./run.ts";
import { wantsOther } from "./standing.ts";

type Listed = {
  readonly wanted: WantedVideo;
  readonly costUsd: number | null;
  readonly why: string | null;
  /** What was told by a dry run; null where none was needed, or answered. */
  readonly fingerprint: string | null;
  /** What plays now, where only its publication is not as it is wanted. */
  readonly standing: Found<ReadyEntry> | null;
};

/** @throws MissingVideosError unless the lock has everything as it is wanted. */
export async function answerFrozen(run: Run, known: Known, lock: Lock): Promise<Found<ReadyEntry>[]> {
  const listed = [...ordered(known), ...(await quoteMissing(run, known, lock))].sort(inOrder);
  if (listed.length > 0) throw errorOf(run, onceEach(listed));
  return known.ready;
}

/** What stands in the lock and is no answer: it was ordered, so to make it an answer costs nothing. */
function ordered(known: Known): Listed[] {
  const none = { costUsd: 0, fingerprint: null, standing: null };
  return [
    ...known.making.map(({ wanted, entry }) => ({
      ...none,
      wanted,
      why: `ordered as ${entry.task_id}, and not in the lock yet`,
    })),
    ...known.failed.map(({ wanted, entry }) => ({
      ...none,
      wanted,
      why: `${entry.error.message} ${failedSentence(entry.cost_state)}`,
    })),
    ...known.ready.filter(wantsOther).map((found) => ({
      ...none,
      wanted: found.wanted,
      why: "its publish settings are not those of the lock",
      standing: found,
    })),
  ];
}

async function quoteMissing(run: Run, { missing, tried }: Known, lock: Lock): Promise<Listed[]> {
  const known = byFingerprint(lock, run.isAnswer);
  const triedWhy = new Map(tried.map(({ wanted, entry }) => [wanted.key, triedSentence(entry)]));
  const listed: Listed[] = [];
  let unreachable: FilmgateError | null = null;
  await forEachOf(missing, run.concurrency, async (wanted) => {
    const list = (about: Pick<Listed, "costUsd" | "why" | "fingerprint">) => {
      const why = [triedWhy.get(wanted.key), about.why ?? undefined].filter((one) => one !== undefined);
      listed.push({ ...about, wanted, why: why.length === 0 ? null : why.join("; "), standing: null });
    };
    try {
      if (unreachable !== null) throw unreachable;
      const { fingerprint, costUsd } = await quoteOne(run, wanted);
      const other = known.get(fingerprint);
      if (other !== undefined) list({ costUsd: 0, why: sameAs(`${other.task_id} in the lock`), fingerprint });
      else list({ costUsd, why: costUsd === null ? "no price is known" : null, fingerprint });
    } catch (error) {
      if (!(error instanceof FilmgateError)) throw error;
      if (error instanceof ConnectionError || error.code === "invalid_setting") unreachable = error;
      list({ costUsd: null, why: `price unknown: ${error.message}`, fingerprint: null });
    }
  });
  return listed;
}

/** What is written in several ways is made, and paid for, once. */
function onceEach(listed: readonly Listed[]): Listed[] {
  const first = new Map<string, string>();
  return listed.map((one) => {
    const { fingerprint, wanted, costUsd } = one;
    if (fingerprint === null || costUsd === 0) return one;
    const same = first.get(fingerprint);
    if (same !== undefined) return { ...one, costUsd: 0, why: sameAs(same) };
    first.set(fingerprint, nameOf(wanted));
    return one;
  });
}

const sameAs = (which: string) => `it is the video of ${which}, written differently`;

function errorOf({ file }: Run, listed: readonly Listed[]): MissingVideosError {
  const totalUsd = sumUsd(listed.map(({ costUsd }) => costUsd));
  const lines = listed.map(({ wanted, costUsd, why }) => {
    const told = [costUsd === null && why !== null ? null : price(costUsd), why];
    return `\n  ${nameOf(wanted)}: ${told.filter((one) => one !== null).join(", ")}`;
  });
  const cost = totalUsd === null ? "" : ` To make them costs ${usd(totalUsd)}.`;
  return new MissingVideosError(
    `${countVideos(listed.length)} ${listed.length === 1 ? "is" : "are"} not in ${file.path} as ordered, and frozen mode makes nothing.${cost} Run ensure where it may write (frozen: false), and commit the lock.${lines.join("")}`,
    { missing: listed.map(missingOf), totalUsd },
  );
}

function missingOf({ wanted, costUsd: estimatedCostUsd, why, standing }: Listed): MissingVideo {
  const { key, name, indices, canonical: order, publish } = wanted;
  const video = standing === null ? null : { ...videoOf(standing), publish };
  return { key, name, indices, order, estimatedCostUsd, why, video };
}
