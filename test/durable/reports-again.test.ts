/** A report that comes again, though what it told has been changed since by another than its task. */

import { expect, it } from "vitest";
import { sha256Hex } from "../../src/domain/hash.ts";
import { type Admission, acceptTask, type Task } from "../../src/domain/task.ts";
import type { AdmissionAnswer } from "../../src/durable/admissions.ts";
import { env, newAccountName, newRequest, useFarClock } from "./objects.ts";

useFarClock();

async function admitOne() {
  const account = env.ACCOUNTS.getByName(newAccountName());
  const made = await account.createKey("test");
  const admitted = (await account.admit(
    newRequest(sha256Hex(made?.key ?? ""), { priceMicroUsd: 100 }),
  )) as AdmissionAnswer;
  if (!("admission" in admitted) || admitted.admission === null) throw new Error("it was not admitted");
  const task = (about: { providerTaskId: string | null }) =>
    ({
      ...acceptTask(admitted.admission as Admission, 1),
      ...{ status: "failed", code: "outcome_unknown", provider: null, money: "held" },
      ...{ endedAt: Date.now(), orphan: null, ...about },
    }) as Task;
  return { account, taskId: admitted.taskId, task };
}

it.each(["settled", "released"] as const)(
  "the word of a removal that comes again does not take back that held money was %s",
  async (money) => {
    const { account, taskId, task } = await admitOne();
    const removed = { task: task({ providerTaskId: null }), removed: true, wakeAt: null };
    await account.report({ ...removed, revision: 5, wakeAt: null });
    expect(await account.resolveRemoved(taskId, money)).toBe(true);
    const before = (await account.describe()).spending.total;
    expect(before).toMatchObject({ held: 0, [money]: 100 });

    for (const revision of [5, 6]) {
      await account.report({ ...removed, revision, wakeAt: null });
      expect((await account.describe()).spending.total).toEqual(before);
    }
  },
);

it("a report that comes again does not take back a claim that was granted since", async () => {
  const { account, taskId, task } = await admitOne();
  const report = { task: task({ providerTaskId: "P1" }), revision: 5, removed: false, wakeAt: null };
  await account.report(report);
  expect(await account.claimProviderTask("P2", taskId)).toBe(true);
  await account.report(report);
  expect(await account.holderOf("P2")).toBe(taskId);
});
