/**
 * Calls to objects that may be repeated: reading, admitting, beginning. An object that is
 * moved or updated fails the calls in flight; asking a new stub again finds it where it is now.
 */

const waitsMs = [50, 250, 1000];

/** Asks, and asks again up to three times if the object could not answer. */
export async function ask<T>(question: () => T): Promise<Awaited<T>> {
  for (const waitMs of waitsMs) {
    try {
      return await question();
    } catch (error) {
      // More load is no help to an overloaded object (Cloudflare, Durable Objects error handling).
      if ((error as { overloaded?: boolean }).overloaded === true) throw error;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
  return await question();
}
