/** What is asked for, as videos: each once, however often it stands among the orders, and known by its key. */

import type { EnsureOptions } from "./ensure-options.ts";
import type { WantedVideo } from "./ensure-run.ts";
import { FilmgateError } from "./errors.ts";
import { identifyOrder } from "./media-files.ts";
import type { EnsureOrder } from "./order-identity.ts";
import { samePublish, wantedPublish } from "./publishing-wishes.ts";

/**
 * @param folder where paths in orders begin.
 * @throws FilmgateError `invalid_argument` if one video is wanted in two ways that exclude each other, or a file is
 * not there.
 */
export async function identifyAll(
  orders: readonly EnsureOrder[],
  folder: string,
  publishOption: EnsureOptions["publish"],
): Promise<WantedVideo[]> {
  const wanted = new Map<string, WantedVideo>();
  for (const [index, order] of orders.entries()) {
    if (typeof order !== "object" || order === null || typeof order.model !== "string") {
      throw invalid(
        `Order ${index + 1} must be an order: an object with a model, and what else a create takes.`,
      );
    }
    const identified = await identifyOrder(order, folder).catch((error: unknown) => {
      if (error instanceof FilmgateError) error.message = `Order ${index + 1}: ${error.message}`;
      throw error;
    });
    const publish = wantedPublish(order, publishOption);
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

function invalid(message: string): FilmgateError {
  return new FilmgateError(message, { code: "invalid_argument" });
}
