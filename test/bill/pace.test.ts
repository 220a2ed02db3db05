/** What pace costs: a video that MiniMax puts off, and one that waits in line. A pacer of its own, by its own file. */

import { beforeAll, expect, it } from "vitest";
import { pacerName } from "../../src/domain/ids.ts";
import { costOf, expectBill, live, newCustomer, type Ordered, open, setClock, setPace } from "./world.ts";

beforeAll(open);

it("of a video under MINIMAX_REQUESTS_PER_MINUTE: one that may go, one that stands in line", async () => {
  await setPace({ MINIMAX_REQUESTS_PER_MINUTE: "1" });
  const customer = await newCustomer();
  expectBill("create under a limit, going at once", await costOf(() => customer.order()));
  let second: Ordered | undefined;
  const inLine = await costOf(async () => {
    second = await customer.order();
  });
  expectBill("create under a limit, in line", inLine);
  const called = await costOf(async () => {
    await live(pacerName, Date.now() + 70_000);
  });
  expectBill("called from the line", called);
  await customer.greet();
  const { bytes } = await customer.call(`/v1/videos/query/${second?.taskId}`);
  expect(JSON.parse(new TextDecoder().decode(bytes))).toMatchObject({ status: "Preparing" });
});

it("of a video that MiniMax puts off once, where nobody set a limit", async () => {
  await setPace({});
  // Creates of more than a minute ago say nothing about the pace.
  await setClock(Date.now() + 300_000);
  const customer = await newCustomer();
  let ordered: Ordered | undefined;
  const putOff = await costOf(async () => {
    ordered = await customer.order({ scenario: "refuse=1002x1" });
  });
  expectBill("create that MiniMax puts off", putOff);
  const called = await costOf(() => live(pacerName, Date.now() + 120_000));
  expectBill("called after it was put off", called);
  await customer.greet();
  const { bytes } = await customer.call(`/v1/videos/query/${ordered?.taskId}`);
  expect(JSON.parse(new TextDecoder().decode(bytes))).toMatchObject({ status: "Preparing" });
});
