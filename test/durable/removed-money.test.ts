/** What the operator told about money of a task that was removed, against words about its removal that come again. */

import { expect, it } from "vitest";
import { sha256Hex } from "../../src/domain/hash.ts";
import { fingerprintOrder } from "../../src/domain/order.ts";
import { acceptTask, type Task } from "../../src/domain/task.ts";
import type { AdmissionAnswer } from "../../src/durable/account.ts";
import { env, newAccountName, newTaskId, order, useFarClock } from "./objects.ts";

useFarClock();

it.each(["settled", "released"] as const)(
  "the word of a removal that comes again does not take back that held money was %s",
  async (money) => {
    const account = env.ACCOUNTS.getByName(newAccountName());
    const made = await account.createKey("test");
    const admitted = (await account.admit({
      taskId: newTaskId(),
      keySha256: sha256Hex(made?.key ?? ""),
      order,
      fingerprint: fingerprintOrder(order),
      priceMicroUsd: 100,
      metadata: {},
      publicUrl: null,
      idempotencyKey: null,
      retentionDays: null,
      retryOf: null,
      webhookUrl: null,
    })) as AdmissionAnswer;
    if (!("admission" in admitted) || admitted.admission === null) throw new Error("it was not admitted");
    const task = {
      ...acceptTask(admitted.admission, 1),
      ...{ status: "failed", code: "outcome_unknown", provider: null, money: "held" },
      ...{ providerTaskId: null, endedAt: Date.now(), orphan: null },
    } as Task;
    await account.report({ task, revision: 5, removed: true });
    expect(await account.resolveRemoved(task.taskId, money)).toBe(true);
    const before = (await account.describe()).spending.total;
    expect(before).toMatchObject({ held: 0, [money]: 100 });

    await account.report({ task, revision: 5, removed: true });
    expect((await account.describe()).spending.total).toEqual(before);
    await account.report({ task, revision: 6, removed: true });
    expect((await account.describe()).spending.total).toEqual(before);
  },
);
