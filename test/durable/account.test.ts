/** Admission: what is one order, who may order, and that what was admitted is begun. */

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { sha256Hex } from "../../src/domain/hash.ts";
import { noMoney } from "../../src/domain/money.ts";
import type { Order } from "../../src/domain/order.ts";
import { type Admission, acceptTask, type Task, type TaskEvent } from "../../src/domain/task.ts";
import type { Account, TaskReport } from "../../src/durable/account.ts";
import type { AdmissionAnswer, AdmissionRequest } from "../../src/durable/admissions.ts";
import {
  follow,
  lookedSuccess,
  stored,
  submitAccepted,
  submitLost,
  submitRefused,
  submitStarted,
} from "../domain/tasks.ts";
import {
  alarmOf,
  dump,
  env,
  newAccountName,
  newAdmission,
  newRequest,
  newTaskId,
  order,
  passTime,
  useFarClock,
} from "./objects.ts";

useFarClock();

const day = 24 * 3_600_000;
let name = "";
let account: DurableObjectStub<Account>;
let keySha256 = "";
let keyId = "";

beforeEach(async () => {
  name = newAccountName();
  account = env.ACCOUNTS.getByName(name);
  const made = await newKey("test");
  keySha256 = sha256Hex(made.key);
  keyId = made.id;
});

async function newKey(keyName: string, about: Parameters<Account["createKey"]>[1] = {}) {
  const made = await account.createKey(keyName, about);
  if (made === null) throw new Error("the account is closed");
  return made;
}

const other: Order = { ...order, prompt: "A lighthouse" };
/** An order that nobody gave before. */
const fresh = (): Order => ({ ...order, prompt: `An order ${crypto.randomUUID()}` });

const request = (about: Partial<AdmissionRequest> = {}) => newRequest(keySha256, about);

async function admit(about: Partial<AdmissionRequest> = {}): Promise<AdmissionAnswer> {
  return (await account.admit(request(about))) as AdmissionAnswer;
}

async function admitted(about: Partial<AdmissionRequest> = {}) {
  const answer = await admit(about);
  if (answer.verdict !== "admitted" || answer.admission === null) throw new Error(`it was ${answer.verdict}`);
  return answer.admission;
}

const taken = { ...submitAccepted, attempt: 1 };
const fates = {
  generating: [submitStarted, taken],
  storing: [submitStarted, taken, lookedSuccess],
  succeeded: [submitStarted, taken, lookedSuccess, stored],
  refused: [submitStarted, submitRefused],
  unknown: [{ ...submitStarted, withCallback: false }, submitLost, { type: "gaveUp" }],
  cancelled: [{ type: "cancelled" }],
} as const satisfies Record<string, readonly TaskEvent[]>;

/** What a task tells after the events of its fate; a later fate has a higher revision. */
function reportOf(
  admission: Admission,
  fate: keyof typeof fates,
  about: Partial<TaskReport> = {},
): TaskReport {
  const task = follow(acceptTask(admission, 1), fates[fate], Date.now());
  return { task, revision: 2 + Object.keys(fates).indexOf(fate), removed: false, wakeAt: null, ...about };
}

function report(
  admission: Admission,
  fate: keyof typeof fates = "generating",
  about: Partial<TaskReport> = {},
): Promise<boolean> {
  return account.report(reportOf(admission, fate, about)) as Promise<boolean>;
}

describe("an API key", () => {
  it("is known by its hash, and by nothing else", async () => {
    expect(await account.authenticate(keySha256)).toMatchObject({ id: keyId, kind: "secret" });
    expect(await account.authenticate(sha256Hex("another"))).toBeNull();
    const { key } = await newKey("second");
    expect(JSON.stringify(await dump(account))).not.toContain(key);
    expect(key.startsWith(`mql_${name}_`)).toBe(true);
  });

  it("is nobody's any more once it was revoked, and stays on the list", async () => {
    const revoked = await account.revokeKey(keyId);
    expect(revoked).toMatchObject({ id: keyId, name: "test", account: name, revokedAt: Date.now() });
    expect(await account.authenticate(keySha256)).toBeNull();
    expect(await admit()).toEqual({ verdict: "invalid_key" });
    expect((await account.keys()).map((key) => key.id)).toEqual([keyId]);
    expect((await dump(account)).tasks).toEqual([]);
  });

  it("revoked twice keeps the first time", async () => {
    const first = await account.revokeKey(keyId);
    passTime(1000);
    expect(await account.revokeKey(keyId)).toEqual(first);
  });

  it("has its last use noted, at most once an hour", async () => {
    const lastUse = async () => (await account.keys())[0]?.lastUsedAt;
    const first = Date.now();
    await account.authenticate(keySha256);
    passTime(3_599_000);
    await account.authenticate(keySha256);
    expect(await lastUse()).toBe(first);
    passTime(2000);
    await account.authenticate(keySha256);
    expect(await lastUse()).toBe(Date.now());
  });

  it("is listed without its hash, the newest first", async () => {
    passTime(1000);
    const second = await newKey("second");
    const keys = await account.keys();
    expect(keys.map((key) => key.id)).toEqual([second.id, keyId]);
    expect(JSON.stringify(keys)).not.toMatch(/[0-9a-f]{64}/);
  });

  it("outlives the object's memory", async () => {
    await evictDurableObject(account);
    expect(await account.authenticate(keySha256)).toMatchObject({ id: keyId, kind: "secret" });
  });
});

describe("a request for admission", () => {
  it("that is asked again after its answer was lost is the same task", async () => {
    const taskId = newTaskId();
    const [first, second] = [await admit({ taskId }), await admit({ taskId })];
    expect(first).toMatchObject({ verdict: "admitted", taskId, admission: { taskId } });
    expect(second).toEqual(first);
    expect((await dump(account)).tasks).toHaveLength(1);
    expect((await dump(account)).outbox).toHaveLength(1);
  });

  it("that is asked again after the task began has nothing left to begin", async () => {
    const admission = await admitted();
    const { taskId } = admission;
    await report(admission);
    expect(await admit({ taskId })).toEqual({ verdict: "admitted", taskId, admission: null });
  });
});

describe("an Idempotency-Key", () => {
  it("makes the same order one task, however often it is sent", async () => {
    const first = await admitted({ idempotencyKey: "a" });
    for (let again = 0; again < 3; again++) {
      expect(await admit({ idempotencyKey: "a" })).toEqual({
        verdict: "replayed",
        taskId: first.taskId,
        admission: first,
      });
    }
    expect((await dump(account)).tasks).toHaveLength(1);
  });

  it("makes one task of orders that come at the same time", async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => admit({ idempotencyKey: "a" })));
    expect(answers.filter((answer) => answer.verdict === "admitted")).toHaveLength(1);
    expect((await dump(account)).tasks).toHaveLength(1);
  });

  it("is refused for another order, and keeps its task", async () => {
    const first = await admitted({ idempotencyKey: "a" });
    expect(await admit({ idempotencyKey: "a", order: other })).toEqual({ verdict: "idempotency_key_reused" });
    expect(await admit({ idempotencyKey: "a", order: { ...order, take: 2 } })).toEqual({
      verdict: "idempotency_key_reused",
    });
    expect(await admit({ idempotencyKey: "a" })).toMatchObject({ verdict: "replayed", taskId: first.taskId });
  });

  it("of another spelling is another", async () => {
    await admitted({ idempotencyKey: "a" });
    expect(await admit({ idempotencyKey: "A" })).toMatchObject({ verdict: "admitted" });
  });

  it("belongs to its API key: two keys do not share it", async () => {
    const first = await admitted({ idempotencyKey: "a" });
    const second = await newKey("second");
    const theirs = await admitted({ idempotencyKey: "a", keySha256: sha256Hex(second.key), order: other });
    expect(theirs.taskId).not.toBe(first.taskId);
  });

  it("still answers with its task long after it began and ended", async () => {
    const admission = await admitted({ idempotencyKey: "a" });
    const { taskId } = admission;
    await report(admission, "succeeded");
    passTime(400 * day);
    await account.sweep();
    expect(await admit({ idempotencyKey: "a" })).toEqual({ verdict: "replayed", taskId, admission: null });
  });

  it("may be used again after its task failed with nothing charged", async () => {
    const admission = await admitted({ idempotencyKey: "a" });
    await report(admission, "refused");
    const next = await admitted({ idempotencyKey: "a", order: other });
    expect(next.taskId).not.toBe(admission.taskId);
  });

  it("keeps a task whose outcome is unknown: it may have been charged", async () => {
    const admission = await admitted({ idempotencyKey: "a" });
    await report(admission, "unknown");
    expect(await admit({ idempotencyKey: "a" })).toMatchObject({
      verdict: "replayed",
      taskId: admission.taskId,
    });
  });

  it("answers for 30 days that its video was deleted, and is free after that", async () => {
    const admission = await admitted({ idempotencyKey: "a" });
    await report(admission, "succeeded");
    await report(admission, "succeeded", { removed: true, revision: 9 });
    expect(await admit({ idempotencyKey: "a" })).toEqual({ verdict: "task_deleted" });
    expect(await admit({ idempotencyKey: "a", order: other })).toEqual({ verdict: "idempotency_key_reused" });
    passTime(30 * day - 1000);
    await account.sweep();
    expect(await admit({ idempotencyKey: "a" })).toEqual({ verdict: "task_deleted" });
    passTime(2000);
    await account.sweep();
    expect((await dump(account)).idempotency).toEqual([]);
    expect(await admit({ idempotencyKey: "a" })).toMatchObject({ verdict: "admitted" });
  });

  it("outlives the object's memory", async () => {
    const { taskId } = await admitted({ idempotencyKey: "a" });
    await evictDurableObject(account);
    expect(await admit({ idempotencyKey: "a" })).toMatchObject({ verdict: "replayed", taskId });
  });
});

describe("the same order without an Idempotency-Key", () => {
  it("is one task while that is unfinished, whatever it is called by", async () => {
    const first = await admitted();
    expect(await admit()).toEqual({ verdict: "joined", taskId: first.taskId, admission: first });
    for (const fate of ["generating", "storing"] as const) {
      await report(first, fate);
      expect(await admit()).toEqual({ verdict: "joined", taskId: first.taskId, admission: null });
    }
    expect((await dump(account)).tasks).toHaveLength(1);
  });

  it("is one task of two hundred that come at the same time, and its price is reserved once", async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => admit()));
    expect(answers.filter((answer) => answer.verdict === "admitted")).toHaveLength(1);
    expect(answers.filter((answer) => answer.verdict === "joined")).toHaveLength(199);
    expect((await account.describe()).spending.total).toEqual({ ...noMoney, reserved: 280_000 });
  });

  it("is the same for 60 seconds after it succeeded, and a new one after that", async () => {
    const first = await admitted();
    await report(first, "succeeded");
    passTime(59_000);
    expect(await admit()).toMatchObject({ verdict: "joined", taskId: first.taskId });
    passTime(1000);
    expect(await admit()).toMatchObject({ verdict: "admitted" });
  });

  it("is a new one after it failed with nothing charged, and after it was cancelled", async () => {
    for (const fate of ["refused", "cancelled"] as const) {
      const first = await admitted();
      await report(first, fate);
      const next = await admitted();
      expect(next.taskId).not.toBe(first.taskId);
      await report(next, fate);
    }
  });

  it("is the one whose outcome is unknown, for ever: it may have been charged", async () => {
    const first = await admitted();
    await report(first, "unknown");
    passTime(400 * day);
    expect(await admit()).toMatchObject({ verdict: "joined", taskId: first.taskId });
    const second = await admitted({ order: { ...order, take: 2 } });
    expect(second.taskId).not.toBe(first.taskId);
  });

  it("is another one if anything of what shall be made differs", async () => {
    const ids = [(await admitted()).taskId];
    const others: Partial<Order>[] = [
      { prompt: "A lighthouse" },
      { duration: 10 },
      { resolution: "1080P" },
      { promptOptimizer: false },
      { fastPretreatment: true },
      { take: 2 },
      { model: "MiniMax-Hailuo-02" },
    ];
    for (const about of others) ids.push((await admitted({ order: { ...order, ...about } })).taskId);
    expect(new Set(ids).size).toBe(8);
  });

  it("is another one under another key of the account", async () => {
    const first = await admitted();
    const second = await newKey("second");
    const theirs = await admitted({ keySha256: sha256Hex(second.key) });
    expect(theirs.taskId).not.toBe(first.taskId);
  });

  it("neither joins one with an Idempotency-Key, nor is joined by one", async () => {
    const keyed = await admitted({ idempotencyKey: "a" });
    const plain = await admitted();
    expect(plain.taskId).not.toBe(keyed.taskId);
    expect((await admitted({ idempotencyKey: "b" })).taskId).not.toBe(plain.taskId);
  });

  it("is the same after the object was evicted", async () => {
    const first = await admitted();
    await evictDurableObject(account);
    expect(await admit()).toMatchObject({ verdict: "joined", taskId: first.taskId });
  });

  it("is a new one after the task was removed", async () => {
    const first = await admitted();
    await report(first, "unknown");
    await report(first, "unknown", { removed: true, revision: 9 });
    expect((await admitted()).taskId).not.toBe(first.taskId);
  });
});

describe("a retry", () => {
  const take2: Order = { ...order, take: 2 };

  it("is the same new task for whoever repeats it, also with another key and after it ended", async () => {
    const first = await admitted();
    await report(first, "unknown");
    const retry = await admitted({ order: take2, retryOf: first.taskId });
    expect(retry.retryOf).toBe(first.taskId);
    expect(await admit({ order: take2, retryOf: first.taskId })).toMatchObject({
      verdict: "joined",
      taskId: retry.taskId,
    });
    const second = await newKey("second");
    await report(retry, "succeeded");
    passTime(day);
    expect(
      await admit({ order: take2, retryOf: first.taskId, keySha256: sha256Hex(second.key) }),
    ).toMatchObject({ verdict: "joined", taskId: retry.taskId });
  });

  it("that joined the next take, which was ordered before, is that task also later", async () => {
    const first = await admitted();
    await report(first, "unknown");
    const next = await admitted({ order: take2 });
    const retry = { order: take2, retryOf: first.taskId };
    expect(await admit(retry)).toMatchObject({ verdict: "joined", taskId: next.taskId });
    await report(next, "succeeded");
    passTime(day);
    expect(await admit(retry)).toMatchObject({ verdict: "joined", taskId: next.taskId });
  });

  it("of which nothing came and nothing was paid may be made again", async () => {
    const first = await admitted();
    await report(first, "unknown");
    const retry = await admitted({ order: take2, retryOf: first.taskId });
    await report(retry, "refused");
    expect((await admitted({ order: take2, retryOf: first.taskId })).taskId).not.toBe(retry.taskId);
  });
});

describe("money", () => {
  const total = async () => (await account.describe()).spending.total;

  it.each([
    ["generating", "reserved"],
    ["storing", "settled"],
    ["succeeded", "settled"],
    ["refused", "released"],
    ["unknown", "held"],
    ["cancelled", "released"],
  ] as const)("of a task that is %s is %s", async (fate, state) => {
    await report(await admitted(), fate);
    expect(await total()).toEqual({ ...noMoney, [state]: 280_000 });
  });

  it("is counted by key, on the UTC day of the order, whenever it is settled", async () => {
    vi.setSystemTime(Date.UTC(2096, 1, 29, 23, 59, 50));
    const first = await admitted();
    const second = await newKey("second");
    passTime(20_000);
    await admitted({ keySha256: sha256Hex(second.key) });
    await report(first, "succeeded");
    expect((await dump(account)).spend).toEqual(
      [
        { key_id: keyId, day: "2096-02-29", reserved: 0, settled: 280_000, released: 0, held: 0 },
        { key_id: second.id, day: "2096-03-01", reserved: 280_000, settled: 0, released: 0, held: 0 },
      ].sort((a, b) => (a.key_id < b.key_id ? -1 : 1)),
    );
    expect(await account.usage(keySha256)).toMatchObject({
      account: { day: { reserved: 280_000, settled: 0 }, total: { reserved: 280_000, settled: 280_000 } },
      key: { id: keyId, month: noMoney, total: { settled: 280_000 } },
    });
  });

  it("of a removed task stays in the ledger", async () => {
    const admission = await admitted();
    await report(admission, "succeeded");
    await report(admission, "succeeded", { removed: true, revision: 9 });
    expect(await total()).toEqual({ ...noMoney, settled: 280_000 });
    expect((await dump(account)).tasks).toMatchObject([{ task: null, micro_usd: 280_000, money: "settled" }]);
  });

  it("held for a removed task is settled or released by the operator, once", async () => {
    const admission = await admitted();
    await report(admission, "unknown");
    expect(await account.resolveRemoved(admission.taskId, "settled")).toBe(false);
    await report(admission, "unknown", { removed: true, revision: 9 });
    expect(await account.held()).toMatchObject([{ taskId: admission.taskId, task: null }]);
    expect(await account.resolveRemoved(admission.taskId, "released")).toBe(true);
    expect(await account.resolveRemoved(admission.taskId, "settled")).toBe(false);
    expect(await total()).toEqual({ ...noMoney, released: 280_000 });
  });
});

describe("a cap", () => {
  it.each([
    ["of the account for a day", "account", "day", { dayMicroUsd: 560_000 }],
    ["of the account for a month", "account", "month", { monthMicroUsd: 560_000 }],
    ["of the key for a day", "key", "day", { dayMicroUsd: 560_000 }],
    ["of the key for a month", "key", "month", { monthMicroUsd: 560_000 }],
  ] as const)("%s is kept by a burst of a hundred, to the last cent", async (_title, scope, period, caps) => {
    if (scope === "account") await account.change({ caps });
    else await account.changeKey(keyId, { caps });
    const answers = await Promise.all(Array.from({ length: 100 }, () => admit({ order: fresh() })));
    expect(answers.filter((answer) => answer.verdict === "admitted")).toHaveLength(2);
    expect(answers.filter((answer) => answer.verdict === "budget_exceeded")).toHaveLength(98);
    expect(answers.find((answer) => answer.verdict === "budget_exceeded")).toEqual({
      verdict: "budget_exceeded",
      priceMicroUsd: 280_000,
      cap: { scope, period, capMicroUsd: 560_000, spentMicroUsd: 560_000 },
    });
    expect((await dump(account)).tasks).toHaveLength(2);
  });

  it("does not keep a known order from its answer", async () => {
    await account.change({ caps: { dayMicroUsd: 280_000 } });
    const first = await admitted();
    const keyed = { idempotencyKey: "a" };
    expect(await admit()).toMatchObject({ verdict: "joined", taskId: first.taskId });
    expect(await admit(keyed)).toMatchObject({ verdict: "budget_exceeded" });
  });

  it("is freed by what was released, and not by what is held", async () => {
    await account.change({ caps: { dayMicroUsd: 280_000 } });
    await report(await admitted(), "refused");
    await report(await admitted({ order: fresh() }), "unknown");
    expect(await admit({ order: fresh() })).toMatchObject({ verdict: "budget_exceeded" });
  });

  it("begins anew with the next UTC day and month", async () => {
    vi.setSystemTime(Date.UTC(2096, 10, 30, 12));
    await account.change({ caps: { dayMicroUsd: 280_000, monthMicroUsd: 280_000 } });
    await admitted({ order: fresh() });
    expect(await admit({ order: fresh() })).toMatchObject({ cap: { period: "day" } });
    passTime(day);
    await admitted({ order: fresh() });
    passTime(day);
    expect(await admit({ order: fresh() })).toMatchObject({ cap: { period: "month" } });
  });

  it("refuses what has no price, which an account without caps may order", async () => {
    await admitted({ order: fresh(), priceMicroUsd: null });
    await account.changeKey(keyId, { caps: { monthMicroUsd: 10_000_000 } });
    expect(await admit({ order: fresh(), priceMicroUsd: null })).toEqual({
      verdict: "price_unknown",
      scope: "key",
    });
  });

  it("of nothing admits nothing, and taken away admits again", async () => {
    await account.change({ caps: { dayMicroUsd: 0 } });
    expect(await admit()).toMatchObject({ verdict: "budget_exceeded" });
    await account.change({ caps: { dayMicroUsd: null } });
    expect(await admit()).toMatchObject({ verdict: "admitted" });
  });
});

describe("a publishable key", () => {
  it("is known as one, and orders nothing", async () => {
    const made = await newKey("page", { kind: "publishable" });
    expect(made.key.startsWith(`mql_pk_${name}_`)).toBe(true);
    const sha256 = sha256Hex(made.key);
    expect(await account.authenticate(sha256)).toMatchObject({ id: made.id, kind: "publishable" });
    expect(await admit({ keySha256: sha256 })).toEqual({ verdict: "invalid_key" });
  });
});

describe("a closed account", () => {
  it("refuses its keys and makes none, keeps its tasks, and opens again", async () => {
    const { taskId } = await admitted();
    expect(await account.change({ closed: true })).toMatchObject({ closedAt: Date.now() });
    expect(await account.authenticate(keySha256)).toBeNull();
    expect(await admit({ order: fresh() })).toEqual({ verdict: "invalid_key" });
    expect(await account.createKey("another")).toBeNull();
    expect((await page()).tasks.map((task) => task.taskId)).toEqual([taskId]);
    await account.change({ closed: false });
    expect(await admit()).toMatchObject({ verdict: "joined", taskId });
  });
});

describe("retention", () => {
  it("is the order's own wish, else the account's, else none", async () => {
    expect((await admitted({ order: fresh() })).retentionDays).toBeNull();
    await account.change({ retentionDays: 30 });
    expect((await admitted({ order: fresh() })).retentionDays).toBe(30);
    expect((await admitted({ order: fresh(), retentionDays: 7 })).retentionDays).toBe(7);
  });
});

const everything = { status: null, model: null, createdFrom: null, createdBefore: null };

async function page(about: Partial<Parameters<Account["list"]>[0]> = {}) {
  const found = await account.list({ after: null, order: "desc", limit: 100, filter: everything, ...about });
  if (found === null) throw new Error("there is no such page");
  return found as { tasks: Task[]; hasMore: boolean };
}

describe("the list", () => {
  const several = async (count: number) => {
    const made: Admission[] = [];
    for (let index = 0; index < count; index++) made.push(await admitted({ order: fresh() }));
    return made;
  };

  it("is of the account's tasks, the newest first, as they last reported", async () => {
    const [first, second] = (await several(2)) as [Admission, Admission];
    await report(first, "succeeded");
    expect((await page()).tasks).toMatchObject([
      { taskId: second.taskId, status: "accepted" },
      { taskId: first.taskId, status: "succeeded", sha256: stored.sha256 },
    ]);
    expect((await page({ order: "asc" })).tasks[0]?.taskId).toBe(first.taskId);
  });

  it("is read page by page without a gap or a repeat, although orders come in between and pages' ends are removed", async () => {
    const made = await several(7);
    const seen: string[] = [];
    let after: string | null = null;
    for (;;) {
      const { tasks, hasMore } = await page({ after, limit: 3 });
      seen.push(...tasks.map((task) => task.taskId));
      const last = made.find(({ taskId }) => taskId === seen.at(-1)) as Admission;
      after = last.taskId;
      await several(2);
      await report(last, "cancelled", { removed: true, revision: 9 });
      if (!hasMore) break;
    }
    expect(seen).toEqual(made.map(({ taskId }) => taskId).reverse());
  });

  it("tells that there never was a task to go on behind", async () => {
    await several(1);
    expect(
      await account.list({ after: newTaskId(), order: "desc", limit: 3, filter: everything }),
    ).toBeNull();
  });

  it("is filtered by state, model and time", async () => {
    const [first, second] = (await several(2)) as [Admission, Admission];
    passTime(10_000);
    const third = await admitted({ order: { ...fresh(), model: "MiniMax-Hailuo-02" } });
    await report(first, "succeeded");
    await report(second, "unknown");
    const ids = async (filter: Partial<typeof everything> | Record<string, unknown>) =>
      (await page({ filter: { ...everything, ...filter } })).tasks.map((task) => task.taskId);
    expect(await ids({ status: "completed" })).toEqual([first.taskId]);
    expect(await ids({ status: "failed" })).toEqual([second.taskId]);
    expect(await ids({ status: "queued" })).toEqual([third.taskId]);
    expect(await ids({ model: "MiniMax-Hailuo-02" })).toEqual([third.taskId]);
    expect(await ids({ createdFrom: Date.now() })).toEqual([third.taskId]);
    expect(await ids({ createdBefore: Date.now() })).toEqual([second.taskId, first.taskId]);
  });

  it("by numbers, of succeeded tasks, reads the tasks of its page and no others", async () => {
    const made = await several(12);
    for (const [index, admission] of made.slice(0, 10).entries()) {
      const { task, ...rest } = reportOf(admission, "succeeded");
      await account.report({ ...rest, task: { ...task, providerTaskId: `P${index}` } as Task });
    }
    const about = { skip: 2, limit: 3, status: "succeeded", model: null, taskIds: null } as const;
    const { listed, read } = await runInDurableObject(account, (object: Account) => {
      const parse = vi.spyOn(JSON, "parse");
      const listed = object.listNumbered(about);
      const read = parse.mock.calls.length;
      parse.mockRestore();
      return { listed, read };
    });
    expect(listed.tasks.map(({ taskId }) => taskId)).toEqual([7, 6, 5].map((index) => made[index]?.taskId));
    expect([listed.total, read]).toEqual([10, 3]);
  });
});

describe("the outbox", () => {
  const outbox = async () => (await dump(account)).outbox;

  it("begins what the Worker never began, and forgets it", async () => {
    const { taskId } = await admitted();
    expect(await outbox()).toHaveLength(1);
    expect(await alarmOf(account)).toBe(Date.now() + 60_000);
    passTime(60_000);
    await runDurableObjectAlarm(account);
    expect(await env.VIDEO_TASKS.getByName(taskId).read(name)).toMatchObject({
      task: { taskId, status: "accepted" },
    });
    expect(await outbox()).toEqual([]);
    expect(await alarmOf(account)).toBeNull();
  });

  it("leaves alone what is not yet due, and rings for it", async () => {
    const { taskId } = await admitted();
    const due = Date.now() + 60_000;
    passTime(30_000);
    await runDurableObjectAlarm(account);
    expect(await env.VIDEO_TASKS.getByName(taskId).read(name)).toBeNull();
    expect(await outbox()).toHaveLength(1);
    expect(await alarmOf(account)).toBe(due);
  });

  it("changes nothing about a task that the Worker began", async () => {
    const admission = await admitted();
    const task = env.VIDEO_TASKS.getByName(admission.taskId);
    await task.begin(admission, 0);
    const before = await dump(task);
    passTime(60_000);
    await runDurableObjectAlarm(account);
    expect((await dump(task)).task).toEqual(before.task);
    expect(await outbox()).toEqual([]);
  });

  it("is cleared by the task's own first word", async () => {
    await report(await admitted());
    expect(await outbox()).toEqual([]);
  });

  it("begins all that is due, more than one batch of it", async () => {
    for (let count = 0; count < 25; count++) await admitted({ order: fresh() });
    passTime(60_000);
    for (let rings = 0; rings < 3; rings++) await runDurableObjectAlarm(account);
    expect(await outbox()).toEqual([]);
  });

  it("does not begin again what was begun, finished and deleted meanwhile", async () => {
    const admission = await admitted();
    const task = env.VIDEO_TASKS.getByName(admission.taskId);
    await task.begin(admission, 0);
    await task.remove(name);
    await task.remove(name);
    passTime(120_000);
    await runDurableObjectAlarm(account);
    expect(await task.read(name)).toBeNull();
    expect((await dump(task)).task ?? []).toEqual([]);
  });
});

describe("a report", () => {
  const rows = async () => {
    const { tasks, idempotency, outbox, spend } = await dump(account);
    return { tasks, idempotency, outbox, spend };
  };
  const reports: [title: string, fate: keyof typeof fates, about?: Partial<TaskReport>][] = [
    ["that it is generating", "generating"],
    ["that it succeeded", "succeeded"],
    ["that it was refused", "refused"],
    ["that nobody knows", "unknown"],
    ["that it was cancelled", "cancelled"],
    ["that it was removed", "succeeded", { removed: true, revision: 9 }],
  ];
  it.each(reports)("%s changes nothing when it is heard again", async (_title, fate, about) => {
    const admission = await admitted({ idempotencyKey: "a" });
    await report(admission, fate, about);
    const once = await rows();
    await report(admission, fate, about);
    expect(await rows()).toEqual(once);
  });

  it("that comes late does not bring an ended task back to life", async () => {
    const admission = await admitted();
    await report(admission, "succeeded");
    const ended = await rows();
    await report(admission, "generating");
    expect(await rows()).toEqual(ended);
  });

  it("that tells of a later revision does bring it back: evidence came of a video that was called unknown", async () => {
    const admission = await admitted();
    await report(admission, "unknown", { revision: 5 });
    expect(await account.held()).toMatchObject([{ taskId: admission.taskId, microUsd: 280_000 }]);
    await report(admission, "generating", { revision: 7 });
    expect(await account.held()).toEqual([]);
    expect((await rows()).tasks).toMatchObject([
      { ended_at: null, money: "reserved", status: "in_progress" },
    ]);
  });

  it("of a video that turns up after its money was released by hand makes the same order join it again", async () => {
    const admission = await admitted();
    await report(admission, "unknown", { revision: 5 });
    const released = reportOf(admission, "unknown", { revision: 6 });
    await account.report({ ...released, task: { ...released.task, money: "released" } as Task });
    await report(admission, "generating", { revision: 7 });
    expect(await admit()).toMatchObject({ verdict: "joined", taskId: admission.taskId });
  });

  it("that a task was removed comes late without giving its key back its task", async () => {
    const admission = await admitted({ idempotencyKey: "a" });
    await report(admission, "succeeded", { removed: true, revision: 9 });
    await report(admission, "succeeded");
    expect(await admit({ idempotencyKey: "a" })).toEqual({ verdict: "task_deleted" });
  });

  it("of a task that is not this account's changes nothing", async () => {
    const admission = await admitted();
    const before = await rows();
    await report({ ...admission, taskId: newTaskId() }, "succeeded");
    expect(await rows()).toEqual(before);
  });

  it("that names a provider task of another task is heard, and the holder keeps it", async () => {
    const [first, second] = [await admitted({ order: fresh() }), await admitted({ order: fresh() })];
    await report(first);
    await report(second);
    expect(await account.claimProviderTask("P1", first.taskId)).toBe(true);
    expect(await account.claimProviderTask("P1", second.taskId)).toBe(false);
    expect((await rows()).outbox).toEqual([]);
  });
});

describe("a claim on a provider task", () => {
  const two = async () => [await admitted({ order: fresh() }), await admitted({ order: fresh() })] as const;

  it("is granted to the first who asks, as often as that one asks", async () => {
    const [first, second] = await two();
    expect(await account.claimProviderTask("P1", first.taskId)).toBe(true);
    expect(await account.claimProviderTask("P1", first.taskId)).toBe(true);
    expect(await account.claimProviderTask("P1", second.taskId)).toBe(false);
    expect(await account.claimProviderTask("P2", second.taskId)).toBe(true);
  });

  it("holds after the holder ended and was removed", async () => {
    const [first, second] = await two();
    await account.claimProviderTask("P1", first.taskId);
    await report(first, "succeeded", { removed: true, revision: 9 });
    expect(await account.claimProviderTask("P1", second.taskId)).toBe(false);
  });

  it("that was taken back is free for another", async () => {
    const [first, second] = await two();
    await account.claimProviderTask("P1", first.taskId);
    await account.dropProviderTask(first.taskId);
    expect(await account.holderOf("P1")).toBeNull();
    expect(await account.claimProviderTask("P1", second.taskId)).toBe(true);
  });
});

describe("a sweep", () => {
  it("visits unfinished tasks, and gives one that lost its alarm another", async () => {
    const admission = await admitted();
    const task = env.VIDEO_TASKS.getByName(admission.taskId);
    await task.begin(admission, 0);
    await runInDurableObject(task, (_, { storage }) => storage.deleteAlarm());
    passTime(20 * 60_000);
    await account.sweep();
    expect(await alarmOf(task)).not.toBeNull();
  });

  it("visits an ended task that has something left to do, once its time has passed, and hears when to come again", async () => {
    const admission = await admitted({ retentionDays: 1 });
    const task = env.VIDEO_TASKS.getByName(admission.taskId);
    await task.begin(admission, 0);
    await task.remove(name);
    const wakes = async () => (await dump(account)).tasks as { wake_at: number | null }[];
    expect(await wakes()).toMatchObject([{ wake_at: Date.now() + day }]);
    await runInDurableObject(task, (_, { storage }) => storage.deleteAlarm());
    passTime(day);
    await account.sweep();
    expect(await alarmOf(task)).toBeNull();
    passTime(20 * 60_000);
    await account.sweep();
    expect(await alarmOf(task)).not.toBeNull();
    passTime(1000);
    await runDurableObjectAlarm(task);
    expect(await task.read(name)).toBeNull();
    expect(await wakes()).toMatchObject([{ wake_at: null }]);
  });

  it("leaves an ended task alone that has nothing left to do", async () => {
    const admission = await admitted();
    await env.VIDEO_TASKS.getByName(admission.taskId).begin(admission, 0);
    await env.VIDEO_TASKS.getByName(admission.taskId).remove(name);
    passTime(day);
    await account.sweep();
    expect((await dump(account)).tasks).toMatchObject([{ wake_at: null, swept_at: admission.createdAt }]);
  });

  it("rings for an outbox that lost its alarm", async () => {
    await admitted();
    await runInDurableObject(account, (_, { storage }) => storage.deleteAlarm());
    await account.sweep();
    expect(await alarmOf(account)).toBe(Date.now() + 60_000);
  });
});

describe("an account that nobody made", () => {
  it.each<[title: string, ask: (stub: DurableObjectStub<Account>) => Promise<unknown>]>([
    ["authenticate", async (stub) => expect(await stub.authenticate(sha256Hex("x"))).toBeNull()],
    ["admit", async (stub) => expect(await stub.admit(request())).toEqual({ verdict: "invalid_key" })],
    ["keys", async (stub) => expect(await stub.keys()).toEqual([])],
    ["revokeKey", async (stub) => expect(await stub.revokeKey("key_x")).toBeNull()],
    ["accounts", async (stub) => expect(await stub.accounts()).toEqual([])],
    ["sweep", async (stub) => stub.sweep()],
    ["changeKey", async (stub) => expect(await stub.changeKey("key_x", { name: "y" })).toBeNull()],
    ["describe", async (stub) => expect((await stub.describe()).closedAt).toBeNull()],
    ["usage", async (stub) => expect(await stub.usage(sha256Hex("x"))).toBeNull()],
    ["held", async (stub) => expect(await stub.held()).toEqual([])],
    ["reported", async (stub) => expect(await stub.reported(newTaskId())).toBeNull()],
    ["holderOf", async (stub) => expect(await stub.holderOf("P1")).toBeNull()],
    ["resolveRemoved", async (stub) => expect(await stub.resolveRemoved(newTaskId(), "settled")).toBe(false)],
    [
      "list",
      async (stub) =>
        expect(await stub.list({ after: null, order: "desc", limit: 5, filter: everything })).toEqual({
          tasks: [],
          hasMore: false,
        }),
    ],
    ["report", async (stub) => stub.report(reportOf(newAdmission(), "succeeded", { removed: true }))],
  ])("is left without a trace by %s", async (_title, ask) => {
    const stub = env.ACCOUNTS.getByName(newAccountName());
    await ask(stub);
    expect(await dump(stub)).toEqual({});
    expect(await alarmOf(stub)).toBeNull();
  });
});

describe("the directory", () => {
  it("knows each account once", async () => {
    const directory = env.ACCOUNTS.getByName(`_directory-of-${name}`);
    for (const one of ["b", "a", "b"]) await directory.addAccount(one);
    expect((await directory.accounts()).map((one) => one.name)).toEqual(["a", "b"]);
    expect(await directory.addAccount("c")).toBe(true);
    expect(await directory.addAccount("c")).toBe(false);
  });
});

it("an order as large as the rules allow fits into a row with room to spare", async () => {
  const url = (start: string) => start + "a".repeat(4096 - start.length);
  const largest: Order = {
    ...order,
    model: "MiniMax-Hailuo-02",
    mode: "frames",
    prompt: "🌊".repeat(2000),
    images: {
      first_frame_image: { kind: "url", url: url("https://a.example/") },
      last_frame_image: { kind: "url", url: url("https://b.example/") },
    },
  };
  const metadata = Object.fromEntries(
    Array.from({ length: 16 }, (_, index) => [`${index}`.padEnd(64, "海"), "海".repeat(512)]),
  );
  const admission = await admitted({ order: largest, metadata, idempotencyKey: "~".repeat(255) });
  const task = env.VIDEO_TASKS.getByName(admission.taskId);
  await task.begin(admission, 0);
  const { outbox } = await dump(account);
  const { task: rows } = await dump(task);
  const longest = [...(outbox as Record<string, unknown>[]), ...(rows as Record<string, unknown>[])]
    .flatMap((row) => Object.values(row))
    .map((value) => new TextEncoder().encode(String(value)).byteLength);
  expect(Math.max(...longest)).toBeGreaterThan(8000 + 2 * 4096);
  // SQLite in a Durable Object refuses rows of more than 2 MB.
  expect(Math.max(...longest)).toBeLessThan(100_000);
  expect(await task.read(name)).toMatchObject({ task: { order: largest, metadata } });
});
