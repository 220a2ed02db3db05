/**
 * The pacer's object: what it writes and when, what outlives it, whom it calls; and a task that asks it. What holds
 * for the line itself is in test/domain/line.property.test.ts.
 */

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pacerName } from "../../src/domain/ids.ts";
import type { Turn } from "../../src/domain/line.ts";
import type { Asking } from "../../src/domain/turns.ts";
import type { Pacer } from "../../src/durable/pacer.ts";
import type { Snapshot, VideoTask } from "../../src/durable/video-task.ts";
import type { Env } from "../../src/env.ts";
import { alarmOf, dump, env, newAdmission, passTime, useFarClock } from "./objects.ts";

useFarClock();

const minute = 60_000;
type Stub = DurableObjectStub<Pacer>;
/** Whom the pacers of a test called, and what those answered. */
let calls: string[] = [];
let wanted = true;

afterEach(() => {
  calls = [];
  wanted = true;
});

/** A pacer of its own, whose tasks only note that they were called. */
async function newPacer(settings: Partial<Env> = {}): Promise<Stub> {
  const stub = env.PACER.getByName(crypto.randomUUID());
  await configure(stub, settings);
  return stub;
}

function configure(stub: Stub, settings: Partial<Env>): Promise<void> {
  const tasks = {
    getByName: (taskId: string) => ({
      called: async () => {
        calls.push(taskId);
        return wanted;
      },
    }),
  };
  return runInDurableObject(stub, (object: Pacer) => {
    (object as unknown as { env: unknown }).env = { ...env, ...settings, VIDEO_TASKS: tasks };
  });
}

function asking(number: number, account = "a", attempt = 1): Asking {
  return { taskId: `task-${number}`, account, attempt, since: 4_000_000_000_000 + number };
}

/** Asks for tasks one after the other; the places of those that are in line, null for those that may go. */
async function ask(stub: Stub, ...all: Asking[]): Promise<(number | null)[]> {
  const positions: (number | null)[] = [];
  for (const one of all) {
    const turn = (await stub.ask(one)) as Turn;
    positions.push(turn.granted ? null : turn.position);
  }
  return positions;
}

/** Asks for tasks, each of which has its answer from MiniMax before the next asks. */
async function pass(stub: Stub, ...all: Asking[]): Promise<(number | null)[]> {
  const positions: (number | null)[] = [];
  for (const one of all) {
    const [position = null] = await ask(stub, one);
    if (position === null) await stub.answered(one);
    positions.push(position);
  }
  return positions;
}

const range = (count: number) => Array.from({ length: count }, (_, index) => asking(index));

describe("where no limit is known", () => {
  it("a task that goes at once leaves no row and no alarm", async () => {
    const stub = await newPacer();
    expect(await ask(stub, asking(1))).toEqual([null]);
    await stub.answered(asking(1));
    expect(await dump(stub)).toEqual({});
    expect(await alarmOf(stub)).toBeNull();
  });

  it("eight creates may be without an answer; the ninth waits for one, is called, and goes", async () => {
    const stub = await newPacer();
    const positions = await ask(stub, ...range(10));
    expect(positions).toEqual([...Array(8).fill(null), 1, 2]);
    await stub.answered(asking(3));
    expect(calls).toEqual(["task-8"]);
    expect(await stub.position("task-8")).toBe(1);
    expect(await ask(stub, asking(8))).toEqual([null]);
    expect(await stub.position("task-8")).toBeNull();
    expect(await stub.position("task-9")).toBe(1);
  });

  it("answers that never come do not hold the line for ever", async () => {
    const stub = await newPacer();
    await ask(stub, ...range(9));
    passTime(3 * minute);
    await runDurableObjectAlarm(stub);
    expect(calls).toEqual(["task-8"]);
  });
});

describe("where a limit is set", () => {
  const limited = { MINIMAX_REQUESTS_PER_MINUTE: "2" };

  it("one row is written for a task that goes, and no alarm is set for it", async () => {
    const stub = await newPacer(limited);
    await ask(stub, asking(1));
    expect(await dump(stub)).toMatchObject({ places: [], pace: [{ id: 1 }] });
    expect(await alarmOf(stub)).toBeNull();
  });

  it("the line moves by its alarm when the minute has passed, and outlives the object's memory", async () => {
    const stub = await newPacer(limited);
    expect(await pass(stub, ...range(5))).toEqual([null, null, 1, 2, 3]);
    await evictDurableObject(stub);
    await configure(stub, limited);
    expect(await stub.position("task-4")).toBe(3);
    expect(await alarmOf(stub)).toBeGreaterThan(Date.now() + minute);
    // Too early: nobody is called.
    await runDurableObjectAlarm(stub);
    expect(calls).toEqual([]);
    passTime(64_000);
    await runDurableObjectAlarm(stub);
    expect(calls).toEqual(["task-2", "task-3"]);
    expect(await ask(stub, asking(3), asking(2), asking(4))).toEqual([null, null, 1]);
  });

  it("a create without an answer keeps its room, since it may arrive at any moment", async () => {
    const stub = await newPacer({ MINIMAX_REQUESTS_PER_MINUTE: "1" });
    await ask(stub, ...range(2));
    passTime(64_000);
    await runDurableObjectAlarm(stub);
    await stub.answered(asking(0));
    expect(calls).toEqual([]);
    passTime(64_000);
    await runDurableObjectAlarm(stub);
    expect(calls).toEqual(["task-1"]);
  });

  it("accounts are called in turns", async () => {
    const stub = await newPacer({ MINIMAX_REQUESTS_PER_MINUTE: "4" });
    const a = range(8);
    const b = [asking(20, "b"), asking(21, "b")];
    await pass(stub, ...a, ...b);
    passTime(64_000);
    await runDurableObjectAlarm(stub);
    expect(calls).toEqual(["task-4", "task-20", "task-5", "task-21"]);
  });

  it("one that was called and does not come is called again", async () => {
    const stub = await newPacer(limited);
    await pass(stub, ...range(3));
    passTime(64_000);
    await runDurableObjectAlarm(stub);
    passTime(31_000);
    await runDurableObjectAlarm(stub);
    expect(calls).toEqual(["task-2", "task-2"]);
  });

  it("one that wants no turn any more makes room for the next", async () => {
    const stub = await newPacer({ MINIMAX_REQUESTS_PER_MINUTE: "1" });
    await pass(stub, ...range(3));
    wanted = false;
    passTime(64_000);
    await runDurableObjectAlarm(stub);
    await expect.poll(() => calls).toEqual(["task-1", "task-2"]);
  });

  it("a sweep sets an alarm that was lost, where someone waits", async () => {
    const stub = await newPacer(limited);
    await ask(stub, ...range(3));
    await runInDurableObject(stub, (_, { storage }) => storage.deleteAlarm());
    await stub.wake();
    expect(await alarmOf(stub)).toBeGreaterThan(Date.now());
    const idle = await newPacer(limited);
    await idle.wake();
    expect(await alarmOf(idle)).toBeNull();
  });
});

describe("where tasks in flight are counted", () => {
  const counted = { MINIMAX_TASKS_IN_FLIGHT: "1" };

  it("one stays counted from its turn until it leaves, also through an eviction", async () => {
    const stub = await newPacer(counted);
    expect(await ask(stub, ...range(2))).toEqual([null, 1]);
    await stub.answered(asking(0));
    await evictDurableObject(stub);
    await configure(stub, counted);
    await stub.wake();
    expect(calls).toEqual([]);
    await stub.leave({ taskId: "task-0", attempt: 1 });
    await stub.leave({ taskId: "task-0", attempt: 1 });
    expect(calls).toEqual(["task-1"]);
    expect(await ask(stub, asking(1))).toEqual([null]);
    expect((await dump(stub)).places).toMatchObject([{ task_id: "task-1", sent_at: Date.now() }]);
  });

  it("a word about an earlier attempt takes nobody out", async () => {
    const stub = await newPacer(counted);
    await ask(stub, asking(0, "a", 2));
    await stub.leave({ taskId: "task-0", attempt: 1 });
    expect((await dump(stub)).places).toHaveLength(1);
  });

  it("those counted before the setting was taken away are forgotten", async () => {
    const stub = await newPacer(counted);
    await ask(stub, asking(0));
    await evictDurableObject(stub);
    expect(await stub.position("task-0")).toBeNull();
    expect((await dump(stub)).places).toEqual([]);
  });
});

describe("after a refusal for pace", () => {
  it("all wait, and the one that was put off stands where it stood before", async () => {
    const stub = await newPacer();
    await ask(stub, ...range(9));
    for (const { taskId } of range(8).slice(1)) await stub.answered({ taskId, attempt: 1 });
    await ask(stub, asking(9));
    expect(await stub.putOff(asking(0, "a", 2), 1002)).toMatchObject({ granted: false, position: 1 });
    expect(await stub.position("task-8")).toBe(2);
    calls = [];
    await stub.answered(asking(9));
    expect(calls).toEqual([]);
    expect((await dump(stub)).pace).toHaveLength(1);
    passTime(21_000);
    await stub.wake();
    await runDurableObjectAlarm(stub);
    passTime(64_000);
    await runDurableObjectAlarm(stub);
    expect(calls[0]).toBe("task-0");
  });

  it("of any other call, creates wait too", async () => {
    const stub = await newPacer();
    await stub.slowDown(1041);
    expect(await ask(stub, asking(0))).toEqual([1]);
  });

  it("that speaks of a plan's hours, all wait half an hour", async () => {
    const stub = await newPacer();
    await stub.slowDown(2056);
    await ask(stub, asking(0));
    passTime(29 * minute);
    await runDurableObjectAlarm(stub);
    expect(calls).toEqual([]);
    passTime(minute);
    await runDurableObjectAlarm(stub);
    expect(calls).toEqual(["task-0"]);
  });
});

describe("a task that asks for its turn", () => {
  const pacer = env.PACER.getByName(pacerName);
  const setPacer = (settings: Partial<Env>) =>
    runInDurableObject(pacer, (object: Pacer) => {
      (object as unknown as { env: unknown }).env = { ...env, ...settings };
    });
  beforeEach(async () => {
    // The clock was set back, and nothing of the test before is true any more.
    await runInDurableObject(pacer, (_, { storage }) => storage.deleteAll());
    await evictDurableObject(pacer);
  });
  afterEach(() => setPacer({}));

  async function begun(): Promise<{ stub: DurableObjectStub<VideoTask>; account: string; taskId: string }> {
    const admission = newAdmission();
    const stub = env.VIDEO_TASKS.getByName(admission.taskId);
    await stub.begin(admission, 8000);
    return { stub, account: admission.account, taskId: admission.taskId };
  }
  const read = async (stub: DurableObjectStub<VideoTask>, account: string) =>
    ((await stub.read(account)) as Snapshot | null)?.task;

  it("stands in line, tells its place, is called, and only then posts", async () => {
    await setPacer({ MINIMAX_REQUESTS_PER_MINUTE: "1" });
    await begun();
    const { stub, account, taskId } = await begun();
    expect(await read(stub, account)).toMatchObject({ status: "accepted", queuePosition: 1, attempts: 0 });
    expect((await dump(stub)).callback_secrets).toEqual([]);
    expect(await pacer.position(taskId)).toBe(1);
    passTime(64_000);
    await runDurableObjectAlarm(pacer);
    await expect.poll(async () => (await read(stub, account))?.status).toBe("failed");
    expect((await dump(stub)).callback_secrets).toHaveLength(1);
    expect(await pacer.position(taskId)).toBeNull();
  });

  it("leaves the line when it is cancelled, and says so again until it was heard", async () => {
    await setPacer({ MINIMAX_REQUESTS_PER_MINUTE: "1" });
    await begun();
    const { stub, account, taskId } = await begun();
    await runInDurableObject(stub, async (object: VideoTask) => {
      const broken = object as unknown as { env: unknown };
      const whole = broken.env;
      broken.env = { ...(whole as object), PACER: unreachable };
      await object.remove(account);
      await object.alarm();
      broken.env = whole;
    });
    expect(await pacer.position(taskId)).toBe(1);
    expect((await dump(stub)).due).toMatchObject([{ name: "leave" }]);
    passTime(minute);
    await runDurableObjectAlarm(stub);
    expect(await pacer.position(taskId)).toBeNull();
    expect((await dump(stub)).due).toEqual([]);
  });

  it("posts nothing while nobody can say whether it is its turn, and asks again ever more rarely", async () => {
    const { stub, account } = await runWithoutPacer();
    const task = await read(stub, account);
    expect(task).toMatchObject({ status: "accepted", attempts: 0, queuePosition: null });
    expect(task?.status === "accepted" && task.submitAt).toBe(Date.now() + 5000);
    expect((await dump(stub)).callback_secrets).toEqual([]);
    passTime(6000);
    await runDurableObjectAlarm(stub);
    expect((await read(stub, account))?.status).toBe("failed");
  });

  it("that waited a day for its turn fails as put off by limits, with nothing charged", async () => {
    await setPacer({ MINIMAX_REQUESTS_PER_MINUTE: "1" });
    await begun();
    const { stub, account } = await begun();
    passTime(24 * 60 * minute);
    await runDurableObjectAlarm(stub);
    expect(await read(stub, account)).toMatchObject({
      status: "failed",
      code: "provider_busy",
      money: "released",
    });
  });

  async function runWithoutPacer() {
    const admission = newAdmission();
    const stub = env.VIDEO_TASKS.getByName(admission.taskId);
    await stub.begin(admission, 0);
    await runInDurableObject(stub, async (object: VideoTask) => {
      const broken = object as unknown as { env: unknown };
      const whole = broken.env;
      broken.env = { ...(whole as object), PACER: unreachable };
      await object.alarm();
      broken.env = whole;
    });
    return { stub, account: admission.account };
  }
});

/** A pacer that cannot be reached. */
const unreachable = {
  getByName: () => ({
    ask: () => Promise.reject(new Error("unreachable")),
    leave: () => Promise.reject(new Error("unreachable")),
  }),
};
