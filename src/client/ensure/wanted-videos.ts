/** What is asked for, as videos: each once, however often it stands among the orders, and known by its key. */

import { FilmgateError } from "../errors.ts";
import { identifyOrder } from "./media-files.ts";
import type { EnsureOptions } from "./options.ts";
import type { EnsureOrder } from "./order-identity.ts";
import { samePublish, wantedPublish } from "./publishing-wishes.ts";
import type { WantedVideo } from "./run.ts";

/**
 * @param folder where paths in orders begin.
 * @throws FilmgateError `invalid_argument` if one video is wanted in two ways that exclude each other, or a file is
 * not there.
 */
export async function identifyAll(
  orders: readonly EnsureOrder[],
  folder: string,
  { names, publish: publishOption }: EnsureOptions,
): Promise<WantedVideo[]> {
  const nameAt = (index: number) => names?.[index] ?? `Order ${index + 1}`;
  const wanted = new Map<string, WantedVideo>();
  for (const [index, order] of orders.entries()) {
    if (typeof order !== "object" || order === null || typeof order.model !== "string") {
      throw invalid(
        `${nameAt(index)} must be an order: an object with a model, and what else a create takes.`,
      );
    }
    const identified = await identifyOrder(order, folder).catch((error: unknown) => {
      if (error instanceof FilmgateError) error.message = `${nameAt(index)}: ${error.message}`;
      throw error;
    });
    const publish = wantedPublish(order, publishOption);
    const same = wanted.get(identified.key);
    if (same !== undefined && !samePublish(same.publish, publish)) {
      throw publishedInTwoWays(same.name, nameAt(index));
    }
    const indices = [...(same?.indices ?? []), index];
    wanted.set(identified.key, { ...identified, publish, indices, name: same?.name ?? nameAt(index) });
  }
  return [...wanted.values()];
}

/** The refusal of one video that is wanted with two publications. */
export function publishedInTwoWays(one: string, other: string): FilmgateError {
  return invalid(
    `${one} and ${other} are the same video with different publish settings. One video has one publication: write it the same way, or give one of them another take.`,
  );
}

function invalid(message: string): FilmgateError {
  return new FilmgateError(message, { code: "invalid_argument" });
}
