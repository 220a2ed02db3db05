/** What orders would cost: asked by dry runs, which make nothing and keep nothing. */

import type { DryRunResponse } from "../../contract.ts";
import { ConnectionError, FilmgateError } from "../errors.ts";
import { price, sumUsd, usd } from "../money.ts";
import { hasBytes, inlineMedia, uploadMedia } from "./media-files.ts";
import { Failures, forEachOf, inOrder, nameOf, type Run, type WantedVideo } from "./run.ts";

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
  return quoted.sort(inOrder);
}

/** @throws FilmgateError what the server refuses of it, or that it gave no answer. */
export async function quoteOne(run: Run, { order, publish }: WantedVideo): Promise<Quote> {
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
  const total = sumUsd(quoted.map(({ quote }) => quote.costUsd)) ?? 0;
  if (total <= maxCostUsd) return;
  const list = quoted.map(({ wanted, quote }) => `  ${nameOf(wanted)}: ${price(quote.costUsd)}`).join("\n");
  throw new FilmgateError(
    `maxCostUsd: ${countVideos(quoted.length)} would cost ${usd(total)}, more than the ${usd(maxCostUsd)} allowed. Nothing was made.\n${list}`,
    { code: "over_budget", param: "maxCostUsd", details: { total_usd: total } },
  );
}

export const countVideos = (videos: number) => (videos === 1 ? "1 video" : `${videos} videos`);
