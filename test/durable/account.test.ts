/** Admission: what is one order, who may order, and that what was admitted is begun. */

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import { sha256Hex } from "../../src/domain/hash.ts";
import { fingerprintOrder, type Order } from "../../src/domain/order.ts";
import type { Account, AdmissionAnswer, AdmissionRequest, TaskReport } from "../../src/durable/account.ts";
import { alarmOf, dump, env, newAccountName, newTaskId, order, passTime, useFarClock } from "./objects.ts";

useFarClock();

const day = 24 * 3_600_000;
let name = "";
let account: DurableObjectStub<Account>;
let keySha256 = "";
let keyId = "";

beforeEach(async () => {
  name = newAccountName();
  account = env.ACCOUNTS.getByName(name);
  const made = await account.createKey("test");
  keySha256 = sha256Hex(made.key);
  keyId = made.id;
});

const other: Order = { ...order, prompt: "A lighthouse" };

function request(about: Partial<AdmissionRequest> = {}): AdmissionRequest {
  const wanted = about.order ?? order;
  return {
    taskId: newTaskId(),
    keySha256,
    order: wanted,
    fingerprint: fingerprintOrder(wanted),
    metadata: {},
    publicUrl: null,
    idempotencyKey: null,
    ...about,
  };
}

async function admit(about: Partial<AdmissionRequest> = {}): Promise<AdmissionAnswer> {
  return (await account.admit(request(about))) as AdmissionAnswer;
}

async function admitted(about: Partial<AdmissionRequest> = {}) {
  const answer = await admit(about);
  if (answer.verdict !== "admitted" || answer.admission === null) throw new Error(`it was ${answer.verdict}`);
  return answer.admission;
}

function report(taskId: string, about: Partial<TaskReport> = {}): Promise<void> {
  return account.report({
    taskId,
    status: "generating",
    providerTaskId: null,
    money: null,
    endedAt: null,
    removed: false,
    ...about,
  }) as Promise<void>;
}

describe("an API key", () => {
  it("is known by its hash, and by nothing else", async () => {
    expect(await account.authenticate(keySha256)).toBe(true);
    expect(await account.authenticate(sha256Hex("another"))).toBe(false);
    const { key } = await account.createKey("second");
    expect(JSON.stringify(await dump(account))).not.toContain(key);
    expect(key.startsWith(`mql_${name}_`)).toBe(true);
  });

  it("is nobody's any more once it was revoked, and stays on the list", async () => {
    const revoked = await account.revokeKey(keyId);
    expect(revoked).toMatchObject({ id: keyId, name: "test", account: name, revokedAt: Date.now() });
    expect(await account.authenticate(keySha256)).toBe(false);
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
    const second = await account.createKey("second");
    const keys = await account.keys();
    expect(keys.map((key) => key.id)).toEqual([second.id, keyId]);
    expect(JSON.stringify(keys)).not.toMatch(/[0-9a-f]{64}/);
  });

  it("outlives the object's memory", async () => {
    await evictDurableObject(account);
    expect(await account.authenticate(keySha256)).toBe(true);
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
    const { taskId } = await admitted();
    await report(taskId);
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
    const second = await account.createKey("second");
    const theirs = await admitted({ idempotencyKey: "a", keySha256: sha256Hex(second.key), order: other });
    expect(theirs.taskId).not.toBe(first.taskId);
  });

  it("left out makes each order a task of its own", async () => {
    const [first, second] = [await admitted(), await admitted()];
    expect(second.taskId).not.toBe(first.taskId);
  });

  it("still answers with its task long after it began and ended", async () => {
    const { taskId } = await admitted({ idempotencyKey: "a" });
    await report(taskId, { status: "succeeded", money: "settled", endedAt: Date.now() });
    passTime(400 * day);
    await account.sweep();
    expect(await admit({ idempotencyKey: "a" })).toEqual({ verdict: "replayed", taskId, admission: null });
  });

  it("may be used again after its task failed with nothing charged", async () => {
    const { taskId } = await admitted({ idempotencyKey: "a" });
    await report(taskId, { status: "failed", money: "released", endedAt: Date.now() });
    const next = await admitted({ idempotencyKey: "a", order: other });
    expect(next.taskId).not.toBe(taskId);
  });

  it("keeps a task whose outcome is unknown: it may have been charged", async () => {
    const { taskId } = await admitted({ idempotencyKey: "a" });
    await report(taskId, { status: "failed", money: "held", endedAt: Date.now() });
    expect(await admit({ idempotencyKey: "a" })).toMatchObject({ verdict: "replayed", taskId });
  });

  it("answers for 30 days that its video was deleted, and is free after that", async () => {
    const { taskId } = await admitted({ idempotencyKey: "a" });
    const ended = { status: "succeeded", money: "settled", endedAt: Date.now() } as const;
    await report(taskId, ended);
    await report(taskId, { ...ended, removed: true });
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
    const { taskId } = await admitted();
    await report(taskId);
    expect(await outbox()).toEqual([]);
  });

  it("begins all that is due, more than one batch of it", async () => {
    for (let count = 0; count < 25; count++) await admitted();
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
    const { tasks, idempotency, outbox } = await dump(account);
    return { tasks, idempotency, outbox };
  };
  const reports: [title: string, about: Partial<TaskReport>][] = [
    ["that it is generating", { providerTaskId: "P1" }],
    ["that it succeeded", { status: "succeeded", money: "settled", endedAt: 1, providerTaskId: "P1" }],
    ["that it was refused", { status: "failed", money: "released", endedAt: 1 }],
    ["that nobody knows", { status: "failed", money: "held", endedAt: 1 }],
    ["that it was removed", { status: "succeeded", money: "settled", endedAt: 1, removed: true }],
  ];
  it.each(reports)("%s changes nothing when it is heard again", async (_title, about) => {
    const { taskId } = await admitted({ idempotencyKey: "a" });
    await report(taskId, about);
    const once = await rows();
    await report(taskId, about);
    expect(await rows()).toEqual(once);
  });

  it("that comes late does not bring an ended task back to life", async () => {
    const { taskId } = await admitted();
    await report(taskId, { status: "succeeded", money: "settled", endedAt: 5, providerTaskId: "P1" });
    const ended = await rows();
    await report(taskId, { providerTaskId: "P1" });
    expect(await rows()).toEqual(ended);
  });

  it("that a task was removed comes late without giving its key back its task", async () => {
    const { taskId } = await admitted({ idempotencyKey: "a" });
    const ended = { status: "succeeded", money: "settled", endedAt: 5 } as const;
    await report(taskId, { ...ended, removed: true });
    await report(taskId, ended);
    expect(await admit({ idempotencyKey: "a" })).toEqual({ verdict: "task_deleted" });
  });

  it("of a task that is not this account's changes nothing", async () => {
    await admitted();
    const before = await rows();
    await report(newTaskId(), { status: "succeeded", money: "settled", endedAt: 5 });
    expect(await rows()).toEqual(before);
  });

  it("that names a provider task of another task is heard, and the holder keeps it", async () => {
    const [first, second] = [await admitted(), await admitted()];
    await report(first.taskId, { providerTaskId: "P1" });
    await report(second.taskId, { providerTaskId: "P1" });
    expect(await account.claimProviderTask("P1", first.taskId)).toBe(true);
    expect(await account.claimProviderTask("P1", second.taskId)).toBe(false);
    expect((await rows()).outbox).toEqual([]);
  });
});

describe("a claim on a provider task", () => {
  it("is granted to the first who asks, as often as that one asks", async () => {
    const [first, second] = [await admitted(), await admitted()];
    expect(await account.claimProviderTask("P1", first.taskId)).toBe(true);
    expect(await account.claimProviderTask("P1", first.taskId)).toBe(true);
    expect(await account.claimProviderTask("P1", second.taskId)).toBe(false);
    expect(await account.claimProviderTask("P2", second.taskId)).toBe(true);
  });

  it("holds after the holder ended and was removed", async () => {
    const [first, second] = [await admitted(), await admitted()];
    await account.claimProviderTask("P1", first.taskId);
    await report(first.taskId, {
      status: "succeeded",
      money: "settled",
      endedAt: 1,
      providerTaskId: "P1",
      removed: true,
    });
    expect(await account.claimProviderTask("P1", second.taskId)).toBe(false);
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

  it("rings for an outbox that lost its alarm", async () => {
    await admitted();
    await runInDurableObject(account, (_, { storage }) => storage.deleteAlarm());
    await account.sweep();
    expect(await alarmOf(account)).toBe(Date.now() + 60_000);
  });
});

describe("an account that nobody made", () => {
  it.each<[title: string, ask: (stub: DurableObjectStub<Account>) => Promise<unknown>]>([
    ["authenticate", async (stub) => expect(await stub.authenticate(sha256Hex("x"))).toBe(false)],
    ["admit", async (stub) => expect(await stub.admit(request())).toEqual({ verdict: "invalid_key" })],
    ["keys", async (stub) => expect(await stub.keys()).toEqual([])],
    ["revokeKey", async (stub) => expect(await stub.revokeKey("key_x")).toBeNull()],
    ["accounts", async (stub) => expect(await stub.accounts()).toEqual([])],
    ["sweep", async (stub) => stub.sweep()],
    [
      "report",
      async (stub) =>
        stub.report({
          taskId: newTaskId(),
          status: "succeeded",
          providerTaskId: null,
          money: null,
          endedAt: 1,
          removed: true,
        }),
    ],
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
    expect(await directory.accounts()).toEqual(["a", "b"]);
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
