/**
 * One video's object: that it begins once, posts once, tells nobody who may not know, and wakes when it must.
 * Nobody listens where MiniMax should be, so each create is lost: what can be charged must then never be repeated.
 */

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../src/domain/hash.ts";
import { fingerprintOrder } from "../../src/domain/order.ts";
import type { Admission, Task } from "../../src/domain/task.ts";
import { expiresAt } from "../../src/domain/task.ts";
import type { Snapshot, VideoTask } from "../../src/durable/video-task.ts";
import {
  alarmOf,
  dump,
  env,
  knowSecret,
  newAccountName,
  newAdmission,
  newTaskId,
  order,
  passTime,
  knownSecret as secret,
  useFarClock,
} from "./objects.ts";

useFarClock();

const minute = 60_000;
const reachable = "https://video.example.com";

type Stub = DurableObjectStub<VideoTask>;
const taskAt = (taskId: string): Stub => env.VIDEO_TASKS.getByName(taskId);

/** A task of its own account, begun and left to its alarm. */
async function begun(about: Partial<Admission> = {}): Promise<{ admission: Admission; stub: Stub }> {
  const admission = newAdmission(about);
  const stub = taskAt(admission.taskId);
  await stub.begin(admission, 0);
  return { admission, stub };
}

async function read(stub: Stub, account: string): Promise<Snapshot> {
  const snapshot = (await stub.read(account)) as Snapshot | null;
  if (snapshot === null) throw new Error("there is no such task");
  return snapshot;
}

/** Rings the alarm as often as it is set for now, and a little on. */
async function ring(stub: Stub, times = 1): Promise<void> {
  for (let count = 0; count < times; count++) {
    passTime(1000);
    await runDurableObjectAlarm(stub);
  }
}

/** Puts a task into a state, as a process that died in it left it. */
function leave(stub: Stub, change: (task: Task) => Task): Promise<void> {
  return runInDurableObject(stub, (_, { storage }) => {
    const [row] = storage.sql.exec<{ body: string }>("SELECT body FROM task").toArray();
    const task = change(JSON.parse(row?.body ?? "null") as Task);
    storage.sql.exec("UPDATE task SET body = ?, status = ?", JSON.stringify(task), task.status);
  });
}

const submitting = (task: Task): Task =>
  ({
    ...task,
    status: "submitting",
    attempt: 1,
    startedAt: Date.now(),
    withCallback: task.publicUrl !== null,
    challenged: false,
    candidates: [],
    cancelledAt: null,
  }) as Task;

describe("beginning", () => {
  it("accepts the task, due at once", async () => {
    const { admission, stub } = await begun();
    const { task, nextAt } = await read(stub, admission.account);
    expect(task).toMatchObject({ ...admission, status: "accepted", attempts: 0, scale: 1 });
    expect(nextAt).toBe(Date.now());
    expect(await alarmOf(stub)).toBe(Date.now() + 100);
  });

  it("again changes nothing, even with another order", async () => {
    const { admission, stub } = await begun();
    const before = await dump(stub);
    await stub.begin(admission, 0);
    await stub.begin({ ...admission, order: { ...order, prompt: "Another" } }, 0);
    expect(await dump(stub)).toEqual(before);
  });

  it("at the same time from many sides is one task, posted once", async () => {
    const admission = newAdmission();
    const stub = taskAt(admission.taskId);
    const snapshots = (await Promise.all(
      Array.from({ length: 5 }, () => stub.begin(admission, 8000)),
    )) as unknown as Snapshot[];
    expect(new Set(snapshots.map((snapshot) => JSON.stringify(snapshot.task))).size).toBe(1);
    expect((await dump(stub)).callback_secrets).toHaveLength(1);
  });

  it("answers with the verdict when it comes in time, to all who wait", async () => {
    const admission = newAdmission();
    const stub = taskAt(admission.taskId);
    const [first, second] = (await Promise.all([
      stub.begin(admission, 8000),
      stub.begin(admission, 8000),
    ])) as unknown as Snapshot[];
    expect(["unconfirmed", "failed"]).toContain(first?.task.status);
    expect(second).toEqual(first);
  });

  it("after the video was deleted does not make it again: that would be paid twice", async () => {
    const { admission, stub } = await begun();
    await stub.remove(admission.account);
    await stub.remove(admission.account);
    expect(await stub.begin(admission, 0)).toBeNull();
    expect(await stub.read(admission.account)).toBeNull();
    expect((await dump(stub)).task ?? []).toEqual([]);
  });

  it("stays refused after a removal although an old alarm rings late, until no begin can be under way", async () => {
    const { admission, stub } = await begun();
    await stub.remove(admission.account);
    await stub.remove(admission.account);
    // Alarms are delivered at least once, and one that was already due may come after the removal.
    await runInDurableObject(stub, (object: VideoTask) => object.alarm());
    expect(await stub.begin(admission, 0)).toBeNull();
    passTime(23 * 60 * minute);
    await runInDurableObject(stub, (object: VideoTask) => object.alarm());
    expect(await stub.begin(admission, 0)).toBeNull();
    passTime(2 * 60 * minute);
    await runInDurableObject(stub, (object: VideoTask) => object.alarm());
    expect(await dump(stub)).toEqual({});
    expect(await alarmOf(stub)).toBeNull();
  });

  it("outlives the object's memory", async () => {
    const { admission, stub } = await begun();
    const before = await dump(stub);
    await evictDurableObject(stub);
    expect(await dump(stub)).toEqual(before);
    expect((await read(stub, admission.account)).task.status).toBe("accepted");
  });
});

describe("a create whose answer is lost", () => {
  it("fails with its money held where no callback can bring evidence", async () => {
    const { admission, stub } = await begun();
    await ring(stub);
    const { task, nextAt } = await read(stub, admission.account);
    expect(task).toMatchObject({
      status: "failed",
      code: "outcome_unknown",
      money: "held",
      providerTaskId: null,
    });
    expect(nextAt).toBeNull();
    expect((await dump(stub)).callback_secrets).toHaveLength(1);
  });

  it("waits half an hour for a callback where there can be one, posts nothing more, and gives up", async () => {
    const { admission, stub } = await begun({ publicUrl: reachable });
    await ring(stub);
    const { task, nextAt } = await read(stub, admission.account);
    expect(task).toMatchObject({ status: "unconfirmed", attempt: 1, withCallback: true });
    expect(nextAt).toBe(Date.now() + 30 * minute);
    expect(await alarmOf(stub)).toBe(nextAt);

    passTime(29 * minute);
    await ring(stub);
    expect((await read(stub, admission.account)).task.status).toBe("unconfirmed");
    passTime(minute);
    await ring(stub);
    expect((await read(stub, admission.account)).task).toMatchObject({
      status: "failed",
      code: "outcome_unknown",
    });
    expect((await dump(stub)).callback_secrets).toHaveLength(1);
  });

  it.each([
    [null, "failed"],
    [reachable, "unconfirmed"],
  ])(
    "is what a process that died in the middle leaves behind (callbacks at %s: %s)",
    async (publicUrl, status) => {
      const { admission, stub } = await begun({ publicUrl });
      await leave(stub, submitting);
      await evictDurableObject(stub);
      await ring(stub);
      expect((await read(stub, admission.account)).task.status).toBe(status);
      // A secret is written with every create that is posted: there was none.
      expect((await dump(stub)).callback_secrets).toEqual([]);
    },
  );

  it("is reported to the account, which keeps it from being ordered again under its key", async () => {
    const name = newAccountName();
    const account = env.ACCOUNTS.getByName(name);
    const keySha256 = sha256Hex((await account.createKey("test"))?.key ?? "");
    const request = {
      taskId: newTaskId(),
      keySha256,
      order,
      fingerprint: fingerprintOrder(order),
      priceMicroUsd: 280_000,
      metadata: {},
      publicUrl: null,
      idempotencyKey: "a",
      retentionDays: null,
      retryOf: null,
      webhookUrl: null,
      webhookForm: "standard" as const,
      deployHookUrl: null,
      publication: null,
      requestId: null,
      ticket: null,
    };
    const answer = await account.admit(request);
    if (answer.verdict !== "admitted") throw new Error(answer.verdict);
    const { admission } = answer as { admission: Admission };
    const stub = taskAt(admission.taskId);
    await stub.begin(admission, 0);
    await ring(stub);
    expect(await dump(account)).toMatchObject({
      tasks: [{ task_id: admission.taskId, status: "failed", money: "held" }],
      outbox: [],
    });
    expect((await dump(stub)).due).toEqual([]);
    expect(await alarmOf(stub)).toBeNull();
    expect(await account.admit({ ...request, taskId: newTaskId() })).toMatchObject({
      verdict: "replayed",
      taskId: admission.taskId,
    });
  });
});

describe("an order whose image is gone", () => {
  it("fails before anything is sent, with nothing charged", async () => {
    const image = { kind: "stored", sha256: "ab".repeat(32), contentType: "image/png", bytes: 100 } as const;
    const { admission, stub } = await begun({
      order: { ...order, mode: "image", images: { first_frame_image: image } },
    });
    await ring(stub);
    expect((await read(stub, admission.account)).task).toMatchObject({
      status: "failed",
      code: "image_not_found",
      money: "released",
      provider: null,
    });
  });
});

describe("a callback", () => {
  async function unconfirmed() {
    const { admission, stub } = await begun({ publicUrl: reachable });
    await ring(stub);
    await knowSecret(stub);
    return { admission, stub };
  }

  it.each([
    ["a challenge", { challenge: true, providerTaskId: null }],
    ["a push", { challenge: false, providerTaskId: "P1" }],
    ["nothing", { challenge: false, providerTaskId: null }],
  ])("with a wrong secret is unknown and changes nothing: %s", async (_title, message) => {
    const { stub } = await unconfirmed();
    const before = await dump(stub);
    for (const wrong of ["x".repeat(43), "", secret.slice(1), `${secret}s`, sha256Hex(secret)]) {
      expect(await stub.hear(wrong, message)).toEqual({ kind: "unknown" });
    }
    expect(await dump(stub)).toEqual(before);
  });

  it("with a challenge is answered, and proves no more than that waiting is worthwhile", async () => {
    const { admission, stub } = await unconfirmed();
    expect(await stub.hear(secret, { challenge: true, providerTaskId: null })).toEqual({ kind: "challenge" });
    const { task, nextAt } = await read(stub, admission.account);
    expect(task).toMatchObject({ status: "unconfirmed", challenged: true, candidates: [] });
    expect(nextAt).toBe((task.status === "unconfirmed" ? task.startedAt : 0) + 24 * 60 * minute);
  });

  it("with a push names a candidate, which stays one until MiniMax itself confirms it", async () => {
    const { admission, stub } = await unconfirmed();
    expect(await stub.hear(secret, { challenge: false, providerTaskId: "P1" })).toEqual({ kind: "heard" });
    const { task, nextAt } = await read(stub, admission.account);
    expect(task).toMatchObject({ status: "unconfirmed", candidates: ["P1"] });
    expect(nextAt).toBe(Date.now());
    // Nobody answers the query either, so it is asked again later.
    await ring(stub);
    expect((await read(stub, admission.account)).task).toMatchObject({
      status: "unconfirmed",
      candidates: ["P1"],
      failures: 1,
    });
  });

  it("with something else is heard and changes nothing", async () => {
    const { stub } = await unconfirmed();
    const before = await dump(stub);
    expect(await stub.hear(secret, { challenge: false, providerTaskId: null })).toEqual({ kind: "heard" });
    expect(await dump(stub)).toEqual(before);
  });

  it("keeps no secret in clear", async () => {
    const { stub } = await unconfirmed();
    const { callback_secrets } = await dump(stub);
    expect(JSON.stringify(callback_secrets)).not.toContain(secret);
    expect(callback_secrets).toEqual([{ attempt: 1, sha256: sha256Hex(secret) }]);
  });

  it("after an end that nobody is sure of names a candidate, and the end stays until MiniMax confirms it", async () => {
    const { admission, stub } = await begun();
    await ring(stub);
    await knowSecret(stub);
    const before = (await read(stub, admission.account)).task;
    await stub.hear(secret, { challenge: true, providerTaskId: null });
    expect((await read(stub, admission.account)).task).toEqual(before);
    await stub.hear(secret, { challenge: false, providerTaskId: "P1" });
    const { task, nextAt } = await read(stub, admission.account);
    expect(task).toMatchObject({ status: "failed", code: "outcome_unknown", orphan: { candidates: ["P1"] } });
    expect(nextAt).toBe(Date.now());
  });

  it("after a cancel before anything was sent changes nothing", async () => {
    const { admission, stub } = await begun();
    await stub.remove(admission.account);
    await knowSecret(stub);
    const { task } = await dump(stub);
    await stub.hear(secret, { challenge: false, providerTaskId: "P1" });
    expect((await dump(stub)).task).toEqual(task);
  });
});

describe("money that is held", () => {
  it.each(["settled", "released"] as const)(
    "is %s when the operator says so, and the account is told",
    async (money) => {
      const { admission, stub } = await begun();
      await ring(stub);
      expect(await stub.resolve(admission.account, { money })).toMatchObject({
        status: "failed",
        code: "outcome_unknown",
        money,
      });
      expect((await dump(stub)).due).toEqual([]);
    },
  );

  it("is nobody else's to resolve", async () => {
    const { admission, stub } = await begun();
    await ring(stub);
    expect(await stub.resolve(newAccountName(), { money: "released" })).toBeNull();
    expect((await read(stub, admission.account)).task).toMatchObject({ money: "held" });
  });
});

describe("retention", () => {
  const kept = { retentionDays: 30 };

  it("removes an ended task with everything of it when its days are over", async () => {
    const { admission, stub } = await begun(kept);
    await stub.remove(admission.account);
    const { task } = await read(stub, admission.account);
    expect(expiresAt(task)).toBe(Date.now() + 30 * 24 * 60 * minute);
    passTime(30 * 24 * 60 * minute - 2000);
    await ring(stub);
    expect(await stub.read(admission.account)).not.toBeNull();
    passTime(2000);
    await ring(stub);
    expect(await stub.read(admission.account)).toBeNull();
    expect((await dump(stub)).task).toEqual([]);
  });

  it("keeps what nobody knows the outcome of: a paid video may still turn up", async () => {
    const { admission, stub } = await begun(kept);
    await ring(stub);
    const { task } = await read(stub, admission.account);
    expect(task).toMatchObject({ status: "failed", money: "held" });
    expect(expiresAt(task)).toBeNull();
    await stub.resolve(admission.account, { money: "released" });
    expect(expiresAt((await read(stub, admission.account)).task)).not.toBeNull();
  });
});

describe("another account", () => {
  it("reads, waits for and removes nothing", async () => {
    const { admission, stub } = await begun();
    const before = await dump(stub);
    const stranger = newAccountName();
    expect(await stub.read(stranger)).toBeNull();
    expect(await stub.verdict(stranger, 1000)).toBeNull();
    expect(await stub.remove(stranger)).toBeNull();
    expect(await stub.resolve(stranger, { providerTaskId: "P1" })).toBeNull();
    expect(await stub.begin({ ...admission, account: stranger }, 0)).toBeNull();
    expect(await dump(stub)).toEqual(before);
  });
});

describe("a guessed name", () => {
  it.each<[title: string, ask: (stub: Stub) => Promise<unknown>]>([
    ["read", async (stub) => expect(await stub.read("default")).toBeNull()],
    ["verdict", async (stub) => expect(await stub.verdict("default", 1000)).toBeNull()],
    ["remove", async (stub) => expect(await stub.remove("default")).toBeNull()],
    ["wake", async (stub) => stub.wake()],
    [
      "hear",
      async (stub) =>
        expect(await stub.hear(secret, { challenge: true, providerTaskId: "P1" })).toEqual({
          kind: "unknown",
        }),
    ],
    ["alarm", async (stub) => runInDurableObject(stub, (object: VideoTask) => object.alarm())],
  ])("leaves no table and no alarm behind: %s", async (_title, ask) => {
    const stub = taskAt(newTaskId());
    await ask(stub);
    expect(await dump(stub)).toEqual({});
    expect(await alarmOf(stub)).toBeNull();
  });
});

describe("removing", () => {
  it("cancels a task before it is posted: nothing is sent, nothing is charged", async () => {
    const { admission, stub } = await begun();
    expect(await stub.remove(admission.account)).toMatchObject({
      did: "cancelled",
      task: { status: "cancelled", money: "released" },
    });
    await ring(stub, 2);
    expect((await read(stub, admission.account)).task).toMatchObject({
      status: "cancelled",
      money: "released",
    });
    expect((await dump(stub)).callback_secrets).toEqual([]);
  });

  it("cancels an unconfirmed task for its caller, while evidence is still waited for", async () => {
    const { admission, stub } = await begun({ publicUrl: reachable });
    await ring(stub);
    expect(await stub.remove(admission.account)).toMatchObject({
      did: "cancelled",
      task: { status: "unconfirmed", cancelledAt: Date.now() },
    });
    passTime(31 * minute);
    await ring(stub);
    expect((await read(stub, admission.account)).task).toMatchObject({ status: "cancelled", money: "held" });
  });

  it("of an ended task forgets it, its file and its tables, and tells the account", async () => {
    const { admission, stub } = await begun();
    await ring(stub);
    const key = `videos/${admission.taskId.replace("task_", "file_")}.mp4`;
    await env.VIDEOS.put(key, new Uint8Array(10));
    expect(await stub.remove(admission.account)).toMatchObject({
      did: "removed",
      task: { status: "failed" },
    });
    expect(await stub.read(admission.account)).toBeNull();
    expect(await stub.remove(admission.account)).toBeNull();
    expect(await env.VIDEOS.head(key)).toBeNull();
    const { task = [], due = [], callback_secrets = [] } = await dump(stub);
    expect([...task, ...due, ...callback_secrets]).toEqual([]);
  });
});

describe("healing", () => {
  const lose = (stub: Stub) => runInDurableObject(stub, (_, { storage }) => storage.deleteAlarm());

  it.each<[title: string, visit: (stub: Stub, account: string) => Promise<unknown>]>([
    ["a read", (stub, account) => stub.read(account) as Promise<unknown>],
    ["a wake", (stub) => stub.wake() as Promise<unknown>],
    ["a restart", (stub) => evictDurableObject(stub).then(() => alarmOf(stub))],
  ])("gives a task that is a minute late another alarm: %s", async (_title, visit) => {
    const { admission, stub } = await begun();
    await lose(stub);
    passTime(30_000);
    await visit(stub, admission.account);
    expect(await alarmOf(stub)).toBeNull();
    passTime(31_000);
    await visit(stub, admission.account);
    expect(await alarmOf(stub)).toBeGreaterThan(Date.now());
    await ring(stub);
    expect((await read(stub, admission.account)).task.status).toBe("failed");
  });

  it("leaves an ended and reported task alone", async () => {
    const { stub } = await begun();
    await ring(stub);
    passTime(1000 * minute);
    await stub.wake();
    expect(await alarmOf(stub)).toBeNull();
  });
});

describe("a setting that is missing", () => {
  it("stops a task before its intent is written down: nothing was sent, nothing is held", async () => {
    const { admission, stub } = await begun();
    await runInDurableObject(stub, async (object: VideoTask) => {
      const broken = object as unknown as { env: unknown };
      const whole = broken.env;
      broken.env = { ...(whole as object), TIME_SCALE: "fast" };
      await object.alarm();
      broken.env = whole;
    });
    expect((await read(stub, admission.account)).task).toMatchObject({ status: "accepted", attempts: 0 });
  });
});
