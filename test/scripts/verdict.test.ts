/** The verdict of a chaos run: it finds each kind of miss, and only that. */

import { describe, expect, it } from "vitest";
import type { CallerNotes } from "../../scripts/chaos/callers.ts";
import { planRun } from "../../scripts/chaos/plan.ts";
import type { BilledTask, SeenTask } from "../../scripts/chaos/survey.ts";
import { type Facts, judge } from "../../scripts/chaos/verdict.ts";
import type { Video } from "../../src/contract.ts";

const [order] = planRun({ seed: 1, tasks: 1, kills: 0 }).orders;
if (order === undefined) throw new Error("a plan of one order has one");
const sha256 = "ab".repeat(32);
const video = {
  id: "task_1",
  prompt: order.prompt,
  status: "completed",
  error: null,
  cost: { estimated_usd: 0.28, charged_usd: 0.28, state: "settled" },
  file_id: "file_1",
  sha256,
} as Video;
const billed: BilledTask = {
  task_id: "100",
  prompt: order.prompt,
  state: "Success",
  billed: true,
  micro_usd: 280_000,
  sha256,
};
const seen: SeenTask = { listed: video, told: video, contentSha256: sha256 };
const notes: CallerNotes = { order, taskIds: new Set(["task_1"]), tookBack: false, troubles: [] };
const good: Facts = {
  notes: [notes],
  tasks: [seen],
  bill: { creates: 1, billed_micro_usd: 280_000, tasks: [billed] },
  money: { reserved: 0, settled: 280_000, released: 0, held: 0 },
  files: [{ fileId: "file_1", sha256 }],
  operator: { named: 0, notCharged: 0, left: [] },
  kills: 3,
  deliveries: [{ id: "msg_1", type: "video.succeeded", taskId: "task_1", isSigned: true }],
};
const missed = (facts: Facts) =>
  judge(facts)
    .filter(({ misses }) => (misses?.length ?? 0) > 0)
    .map(({ name }) => name);
const open: Video = { ...video, status: "in_progress", cost: { ...video.cost, state: "reserved" } };

describe("the verdict of a run", () => {
  it("has nothing to say against one in which all went well", () => {
    expect(missed(good)).toEqual([]);
  });

  it.each<[string, Partial<Facts>, string[]]>([
    [
      "a task that a caller was told of and nobody knows",
      { notes: [{ ...notes, taskIds: new Set(["task_1", "task_2"]) }] },
      ["tasks lost"],
    ],
    [
      "a task that never ends",
      { tasks: [{ listed: open, told: open, contentSha256: null }], files: [] },
      ["tasks ended", "tasks lost"],
    ],
    [
      "a paid video that is not in the bucket",
      { files: [] },
      ["tasks lost", "files with other bytes than MiniMax made"],
    ],
    [
      "an order that was paid twice",
      { bill: { creates: 2, billed_micro_usd: 280_000, tasks: [billed, { ...billed, task_id: "101" }] } },
      ["paid creates beyond one per order"],
    ],
    [
      "bytes that MiniMax did not make",
      { tasks: [{ ...seen, contentSha256: "cd" }] },
      ["files with other bytes than MiniMax made"],
    ],
    [
      "a file of no task",
      { files: [...good.files, { fileId: "file_2", sha256: "cd" }] },
      ["files of no succeeded task"],
    ],
    [
      "a ledger that is not the bill",
      { money: { ...good.money, settled: 560_000 } },
      ["settled, and MiniMax's bill"],
    ],
    [
      "money that is still reserved",
      { money: { ...good.money, reserved: 1 } },
      ["reserved or held at the end"],
    ],
    [
      "an account that knows less than its task",
      { tasks: [{ ...seen, listed: { ...video, status: "failed" } }] },
      ["tasks that the account tells otherwise"],
    ],
    ["a webhook that never came", { deliveries: [] }, ["webhooks delivered at least once"]],
    [
      "an answer that no client should get",
      { notes: [{ ...notes, troubles: ["a create answered 500"] }] },
      ["answers that no client should get"],
    ],
  ])("finds %s", (_title, facts, rows) => {
    expect(missed({ ...good, ...facts })).toEqual(rows);
  });

  it("expects nothing of a task that its caller took back", () => {
    const facts = { tasks: [], files: [], notes: [{ ...notes, tookBack: true }] };
    expect(missed({ ...good, ...facts })).toEqual([]);
  });

  it.each([
    ["told another end", { type: "video.failed" }],
    ["was not signed", { isSigned: false }],
    ["had no id", { id: "" }],
  ])("does not count a webhook that %s", (_title, about) => {
    const deliveries = good.deliveries.map((delivery) => ({ ...delivery, ...about }));
    expect(missed({ ...good, deliveries })).toEqual(["webhooks delivered at least once"]);
  });
});
