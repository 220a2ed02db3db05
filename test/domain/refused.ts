/** The refusal that a piece of code throws, for tests that look into it. */

import { Refusal } from "../../src/errors.ts";

export function refusedBy(run: () => unknown): Refusal {
  try {
    run();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
