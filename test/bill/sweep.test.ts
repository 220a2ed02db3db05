/** What the sweep of every five minutes costs, in a deployment of one account: another account is one request more. */

import { beforeAll, it } from "vitest";
import { costOf, expectBill, newCustomer, open, sweep } from "./world.ts";

beforeAll(open);

it("of a sweep where nothing is under way, and where a video is", async () => {
  const customer = await newCustomer();
  expectBill("a sweep with nothing to do", await costOf(sweep));
  await costOf(() => customer.order());
  expectBill("a sweep that passes a task of this minute", await costOf(sweep));
});
