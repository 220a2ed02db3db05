/** What is missing, and what it would cost: asked by dry runs, which make nothing and keep nothing. */

import type { DryRunResponse } from "../../contract.ts";
import { ConnectionError, FilmgateError, type MissingVideo, MissingVideosError } from "../errors.ts";
import type { LockEntry } from "./lock-entry.ts";
import { hasBytes, inlineMedia, uploadMedia } from "./media-files.ts";
import { Failures, type Found, forEachOf, nameOf, type Run, type WantedVideo } from "./run.ts";

/** What an order would cost; null if nobody told, which no limit takes for nothing. */
export type Quote = { readonly fingerprint: string; readonly costUsd: number | null };
export type Quoted = { readonly wanted: WantedVideo; readonly quote: Quote };

/**
 * Prices each.
 * @throws FilmgateError what the server refuses of them, named; nothing is made then.
 */
export async function quoteAll(run: Run, missing: readonly WantedVideo[]): Promise<Quoted[]> {
  const quoted: Quoted[] = [];
  const failures = new Failures();
  await forEachOf(missing, run.concurrency, async (wanted) => {
    try {
      quoted.push({ wanted, quote: await quoteOne(run, wanted) });
    } catch (error) {
      // That is not this order's fault, and the next would meet it as well.
      if (error instanceof ConnectionError) throw error;
      failures.add(wanted, error);
    }
  });
  failures.throwIfAny();
  return quoted.sort((one, other) => (one.wanted.indices[0] ?? 0) - (other.wanted.indices[0] ?? 0));
}

async function quoteOne(run: Run, { order, publish }: WantedVideo): Promise<Quote> {
  const { signal } = run.options;
  const ask = async (media: Record<string, unknown>): Promise<Quote> => {
    const request = { ...media, publish: publish ?? undefined, dry_run: true };
    // Who only asks what it costs wants to hear that.
    const limit = run.frozen ? { max_cost_usd: undefined } : {};
    const answer = await run.client().create({ ...request, ...limit } as never, { signal });
    return readQuote(answer as unknown as DryRunResponse);
  };
  try {
    return await ask(await inlineMedia(order));
  } catch (error) {
    // Too large to be sent along: kept as an upload, where something is going to be made.
    const isTooLarge = error instanceof FilmgateError && error.code === "body_too_large";
    if (!isTooLarge || run.frozen || !(await hasBytes(order))) throw error;
    return ask(await uploadMedia(order, (bytes) => run.client().uploadImage(bytes, { signal })));
  }
}

function readQuote({ fingerprint, estimated_cost_usd: costUsd }: DryRunResponse): Quote {
  if (/^[0-9a-f]{64}$/.test(fingerprint ?? "")) {
    return { fingerprint, costUsd: typeof costUsd === "number" ? costUsd : null };
  }
  throw new FilmgateError(
    "This filmgate does not tell the fingerprint of an order: it is older than the client. Deploy a newer one.",
    { code: "unreadable_answer" },
  );
}

/** @throws FilmgateError `over_budget` if what has to be made costs more than it may, or nobody knows what it costs. */
export function checkBudget(maxCostUsd: number | undefined, quoted: readonly Quoted[]): void {
  if (maxCostUsd === undefined || quoted.length === 0) return;
  const unknown = quoted.find(({ quote }) => quote.costUsd === null);
  if (unknown !== undefined) {
    throw new FilmgateError(
      `maxCostUsd: no price is known for ${nameOf(unknown.wanted)}, so the limit cannot be kept. Nothing was made.`,
      { code: "over_budget", param: "maxCostUsd" },
    );
  }
  const total = sum(quoted.map(({ quote }) => quote.costUsd)) ?? 0;
  if (total <= maxCostUsd) return;
  const list = quoted.map(({ wanted, quote }) => `  ${nameOf(wanted)}: ${dollars(quote.costUsd)}`).join("\n");
  throw new FilmgateError(
    `maxCostUsd: ${count(quoted.length)} would cost ${dollars(total)}, more than the ${dollars(maxCostUsd)} allowed. Nothing was made.\n${list}`,
    { code: "over_budget", param: "maxCostUsd", details: { total_usd: total } },
  );
}

/** What stands in the lock and is no answer: why not, and what there is to do. */
export type Unanswered = { readonly found: Found; readonly why: string };

type Listed = { readonly wanted: WantedVideo; readonly costUsd: number | null; readonly why: string | null };

/**
 * The error of frozen mode: what is missing with its price, as far as that can be found out.
 * @param known of every entry in the lock, by its fingerprint: what is written differently is not paid again.
 */
export async function missingVideos(
  run: Run,
  missing: readonly WantedVideo[],
  unanswered: readonly Unanswered[],
  known: ReadonlyMap<string, LockEntry>,
): Promise<MissingVideosError> {
  const listed: Listed[] = unanswered.map(({ found: { wanted }, why }) => ({ wanted, costUsd: 0, why }));
  let unreachable: FilmgateError | null = null;
  await forEachOf(missing, run.concurrency, async (wanted) => {
    try {
      if (unreachable !== null) throw unreachable;
      const { fingerprint, costUsd } = await quoteOne(run, wanted);
      const other = known.get(fingerprint);
      if (other === undefined) {
        listed.push({ wanted, costUsd, why: costUsd === null ? "no price is known" : null });
      } else {
        listed.push({
          wanted,
          costUsd: 0,
          why: `it is the video of ${other.task_id} in the lock, written differently`,
        });
      }
    } catch (error) {
      if (!(error instanceof FilmgateError)) throw error;
      if (error instanceof ConnectionError || error.code === "invalid_setting") unreachable = error;
      listed.push({ wanted, costUsd: null, why: `price unknown: ${error.message}` });
    }
  });
  listed.sort((one, other) => (one.wanted.indices[0] ?? 0) - (other.wanted.indices[0] ?? 0));
  const totalUsd = sum(listed.map(({ costUsd }) => costUsd));
  const lines = listed.map(({ wanted, costUsd, why }) => {
    const told = [costUsd === null ? null : dollars(costUsd), why].filter((one) => one !== null);
    return `\n  ${nameOf(wanted)}: ${told.join(", ")}`;
  });
  const cost = totalUsd === null ? "" : ` To make them costs ${dollars(totalUsd)}.`;
  return new MissingVideosError(
    `${count(listed.length)} ${listed.length === 1 ? "is" : "are"} not in ${run.file.path} as ordered, and frozen mode makes nothing.${cost} Run ensure where it may write (frozen: false), and commit the lock.${lines.join("")}`,
    { missing: listed.map(missingOf), totalUsd },
  );
}

function missingOf({ wanted, costUsd: estimatedCostUsd, why }: Listed): MissingVideo {
  const { key, name, indices, canonical: order } = wanted;
  return { key, name, indices, order, estimatedCostUsd, why };
}

/** Null if one is not known. Whole millionths, so that cents add up. */
function sum(prices: readonly (number | null)[]): number | null {
  if (prices.includes(null)) return null;
  return prices.reduce<number>((total, price) => total + Math.round((price ?? 0) * 1_000_000), 0) / 1_000_000;
}

const dollars = (usd: number | null) => (usd === null ? "price unknown" : `$${usd}`);
const count = (videos: number) => (videos === 1 ? "1 video" : `${videos} videos`);
