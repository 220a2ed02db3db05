/**
 * Deploy hooks as their Account keeps and calls them: what is a finish, when the alarm calls, what a crash costs, and
 * that an account without a hook has nothing of them. Hosts are played in the isolate; real ones are in
 * test/journeys/deploy-hooks.test.ts.
 */

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DeployHook } from "../../src/domain/deploy-hook.ts";
import { sha256Hex } from "../../src/domain/hash.ts";
import { type Admission, acceptTask, type Task, type TaskEvent } from "../../src/domain/task.ts";
import type { Account, TaskReport } from "../../src/durable/account.ts";
import type { AdmissionAnswer, AdmissionRequest } from "../../src/durable/admissions.ts";
import type { HookRow } from "../../src/durable/deploy-hook-store.ts";
import {
  follow,
  lookedSuccess,
  minute,
  order,
  stored,
  submitAccepted,
  submitRefused,
  submitStarted,
} from "../domain/tasks.ts";
import { alarmOf, dump, env, newAccountName, newRequest, passTime, useFarClock } from "./objects.ts";

useFarClock();

const second = 1000;
const day = 24 * 60 * minute;
const url = "http://127.0.0.1:9/build_hooks/0123456789abcdef01234567";
const other = "http://127.0.0.1:9/build_hooks/of-an-order-01234567";
type Stub = DurableObjectStub<Account>;

let account: Stub;
let keySha256 = "";
/** Addresses that were called, and what each answers. */
let called: string[] = [];
let answers: (number | "nothing")[] = [];

beforeEach(async () => {
  account = env.ACCOUNTS.getByName(newAccountName());
  keySha256 = sha256Hex((await account.createKey("test"))?.key ?? "");
  [called, answers] = [[], []];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
    called.push((input as Request).url);
    const answer = answers.shift() ?? 200;
    if (answer === "nothing") throw new Error(`no answer from ${(input as Request).url}`);
    return new Response("an answer", { status: answer });
  });
});
afterEach(() => vi.restoreAllMocks());

const events = {
  storing: [submitStarted, submitAccepted, lookedSuccess],
  succeeded: [submitStarted, submitAccepted, lookedSuccess, stored],
  failed: [submitStarted, submitRefused],
  cancelled: [{ type: "cancelled" }],
} as const satisfies Record<string, readonly TaskEvent[]>;

async function admitted(about: Partial<AdmissionRequest> = {}): Promise<Admission> {
  const wanted = { ...order, prompt: `An order ${crypto.randomUUID()}` };
  const answer = (await account.admit(newRequest(keySha256, { order: wanted, ...about }))) as AdmissionAnswer;
  if (!("admission" in answer) || answer.admission === null) throw new Error(`it was ${answer.verdict}`);
  return answer.admission;
}

let providerTasks = 0;
/** What a task tells, of a provider task of its own. */
function reportOf(
  admission: Admission,
  fate: keyof typeof events,
  about: Partial<TaskReport> = {},
): TaskReport {
  const task = follow(acceptTask(admission, 1), events[fate], Date.now());
  const named = "providerTaskId" in task ? { providerTaskId: `P${++providerTasks}` } : {};
  return {
    task: { ...task, ...named } as Task,
    revision: 5,
    removed: false,
    wakeAt: null,
    isServed: true,
    ...about,
  };
}

async function finished(about: Partial<AdmissionRequest> = {}): Promise<TaskReport> {
  const report = reportOf(await admitted(about), "succeeded");
  expect(await account.report(report)).toBe(false);
  return report;
}

async function hooks(): Promise<(DeployHook & { isAccounts: boolean })[]> {
  const rows = (await account.deployHooks()) as HookRow[];
  return rows.map(({ hook, isAccounts }) => ({ ...hook, isAccounts }));
}
async function hook() {
  const [one, ...rest] = await hooks();
  if (one === undefined || rest.length > 0) throw new Error(`there are ${rest.length + 1} hooks`);
  return one;
}

/** Rings at a later moment, and waits until no call is under way. */
async function ringAfter(ms: number): Promise<void> {
  passTime(ms);
  await runInDurableObject(account, (object: Account) => object.alarm());
  for (let looks = 0; looks < 400; looks++) {
    if ((await hooks()).every(({ state }) => state !== "calling")) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("the call has no end");
}

/** Waits of its own, since no object may go on with a promise of another. */
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 5));

/** Has the next call wait for its answer, a 200, until it is given. */
function holdNext() {
  let [isAsked, isAnswered] = [false, false];
  vi.mocked(fetch).mockImplementationOnce(async (input) => {
    called.push((input as Request).url);
    isAsked = true;
    while (!isAnswered) await aMoment();
    return new Response(null, { status: 200 });
  });
  return {
    async isHeard() {
      while (!isAsked) await aMoment();
    },
    answer() {
      isAnswered = true;
    },
  };
}

describe("a finish", () => {
  beforeEach(() => account.change({ deployHookUrl: url }));

  it("of ten videos within the window is one call, at the window's end and by the alarm", async () => {
    for (let count = 0; count < 10; count++) {
      await finished();
      passTime(5 * second);
    }
    expect(await hook()).toMatchObject({ state: "waiting", videos: 10, callAt: Date.now() + 10 * second });
    expect(await alarmOf(account)).toBeLessThanOrEqual(Date.now() + 10 * second);
    await ringAfter(9 * second);
    expect(called).toEqual([]);
    await ringAfter(second);
    expect(called).toEqual([url]);
    expect(await hook()).toMatchObject({ state: "idle", calls: [{ videos: 10, status: 200, error: null }] });
    await ringAfter(day);
    expect(called).toHaveLength(1);
  });

  it("that is reported again, late or with a later change, is one", async () => {
    const report = await finished();
    await account.report(report);
    await account.report({ ...report, revision: 3 });
    await account.report({ ...report, revision: 9 });
    expect(await hook()).toMatchObject({ videos: 1 });
    await ringAfter(minute);
    await account.report({ ...report, revision: 12 });
    expect(await hook()).toMatchObject({ state: "idle", calls: [{ videos: 1 }] });
  });

  it.each(["storing", "failed", "cancelled"] as const)("is none where the task is %s", async (fate) => {
    await account.report(reportOf(await admitted(), fate));
    expect(await hook()).toMatchObject({ state: "idle" });
  });

  it("comes after a failure that was not the end", async () => {
    const admission = await admitted();
    await account.report(reportOf(admission, "failed", { revision: 3 }));
    await account.report(reportOf(admission, "succeeded"));
    expect(await hook()).toMatchObject({ videos: 1 });
  });

  it("of a video that is published is one when that is there, and the task is asked to say so", async () => {
    const report = reportOf(await admitted(), "succeeded", { isServed: false });
    expect(await account.report(report)).toBe(true);
    expect(await account.report(report)).toBe(true);
    expect(await hook()).toMatchObject({ state: "idle" });
    expect(await account.report({ ...report, isServed: true })).toBe(false);
    expect(await hook()).toMatchObject({ videos: 1 });
    expect(await account.report({ ...report, isServed: true })).toBe(false);
    expect(await account.report(report)).toBe(false);
    expect(await hook()).toMatchObject({ videos: 1 });
    expect((await dump(account)).deploy_hook_waits).toEqual([]);
  });

  it("is none of a video that was removed before it was there", async () => {
    const report = reportOf(await admitted(), "succeeded", { isServed: false });
    await account.report(report);
    await account.report({ ...report, revision: 6, removed: true });
    expect(await account.report({ ...report, isServed: true })).toBe(false);
    expect(await hook()).toMatchObject({ state: "idle" });
    expect((await dump(account)).deploy_hook_waits).toEqual([]);
  });

  it("of a task of the version before, which does not say that it is served, is one", async () => {
    const { isServed: _, ...old } = reportOf(await admitted(), "succeeded");
    await account.report(old);
    expect(await hook()).toMatchObject({ videos: 1 });
  });

  it("calls the hook that its order brought, and not the account's", async () => {
    await finished({ deployHookUrl: other });
    await finished();
    await finished({ deployHookUrl: other });
    expect(await hooks()).toMatchObject([
      { url, isAccounts: true, videos: 1 },
      { url: other, isAccounts: false, videos: 2 },
    ]);
    await ringAfter(minute);
    expect(called.toSorted()).toEqual([url, other].toSorted());
  });
});

describe("after a build", () => {
  beforeEach(async () => {
    await account.change({ deployHookUrl: url });
    await finished();
    await ringAfter(minute);
    expect(called).toHaveLength(1);
  });

  it("the next waits for the gap, with all that finishes until then", async () => {
    await finished();
    await ringAfter(2 * minute);
    await finished();
    await ringAfter(2 * minute);
    expect(called).toHaveLength(1);
    await ringAfter(minute);
    expect(called).toHaveLength(2);
    expect((await hook()).calls).toMatchObject([{ videos: 1 }, { videos: 2 }]);
  });

  it("a call on request leaves at once, and tells of what waits", async () => {
    await finished();
    const { id } = await hook();
    const [first, second] = await runInDurableObject(account, (object: Account) => [
      object.callDeployHook(id),
      object.callDeployHook(id),
    ]);
    expect(first).toMatchObject({ hook: { state: "calling", videos: 1 } });
    // While it is under way there is no other.
    expect(second).toEqual(first);
    await ringAfter(0);
    expect(called).toHaveLength(2);
    expect(await hook()).toMatchObject({ state: "idle" });
    expect(await account.callDeployHook("hook_unknown")).toBeNull();
  });
});

describe("a call", () => {
  beforeEach(async () => {
    await account.change({ deployHookUrl: url });
    await finished();
  });

  it("that gets no answer, and then 503, is tried until it is built, over evictions", async () => {
    answers = ["nothing", 503, 200];
    await ringAfter(minute);
    await evictDurableObject(account);
    await ringAfter(10 * second);
    await evictDurableObject(account);
    await ringAfter(minute);
    expect(called).toEqual([url, url, url]);
    const { state, calls } = await hook();
    expect([state, calls.map(({ status }) => status)]).toEqual(["idle", [null, 503, 200]]);
    expect(calls[0]?.error).toBe("The hook could not be reached.");
  });

  it("that is answered with 404 is the last: the hook is gone until its owner gives it again", async () => {
    answers = [404];
    await ringAfter(minute);
    await finished();
    await ringAfter(day);
    expect(called).toHaveLength(1);
    expect(await hook()).toMatchObject({ state: "gone", calls: [{ status: 404 }] });
    await account.change({ deployHookUrl: url });
    await finished();
    await ringAfter(minute);
    expect(called).toHaveLength(2);
    expect(await hook()).toMatchObject({ state: "idle", isAccounts: true });
  });

  it("is written down before it leaves, and one whose process died in it costs one more", async () => {
    const call = holdNext();
    passTime(minute);
    await runInDurableObject(account, (object: Account) => object.alarm());
    await call.isHeard();
    const { url: _url, id: _id, isAccounts: _own, ...written } = await hook();
    expect(written).toMatchObject({ state: "calling", tries: 1, calls: [{ durationMs: null }] });
    expect(await alarmOf(account)).toBeLessThanOrEqual(Date.now() + 30 * second);
    call.answer();
    await ringAfter(0);
    // As it was left by a process that died then.
    await runInDurableObject(account, (_, { storage }) => {
      const lostAt = Date.now() + 30 * second;
      const left = JSON.stringify({ ...written, lostAt });
      storage.sql.exec("UPDATE deploy_hooks SET hook = ?, due_at = ?", left, lostAt);
    });
    await evictDurableObject(account);
    passTime(29 * second);
    await runInDurableObject(account, (object: Account) => object.alarm());
    expect(called).toHaveLength(1);
    passTime(second);
    await runInDurableObject(account, (object: Account) => object.alarm());
    expect(await hook()).toMatchObject({ state: "waiting", videos: 1, tries: 1 });
    await ringAfter(10 * second);
    await ringAfter(day);
    expect(called).toHaveLength(2);
    const { state, calls } = await hook();
    expect([state, calls.map(({ error }) => error)]).toEqual(["idle", ["No answer was recorded.", null]]);
  });

  it("finds its alarm again after that was lost, by the sweep", async () => {
    await runInDurableObject(account, (_, { storage }) => storage.deleteAlarm());
    await account.sweep();
    expect(await alarmOf(account)).not.toBeNull();
    passTime(minute);
    expect(await runDurableObjectAlarm(account)).toBe(true);
    await ringAfter(0);
    expect(called).toEqual([url]);
  });
});

describe("ten hooks that are due while hosts hang", () => {
  it("are six calls at once, and the others leave when those end, with their time before them", async () => {
    for (let count = 0; count < 10; count++) await finished({ deployHookUrl: `${other}${count}` });
    const held = Array.from({ length: 10 }, holdNext);
    const states = async () => (await hooks()).map(({ state }) => state).toSorted();
    passTime(minute);
    for (let rings = 0; rings < 3; rings++) {
      await runInDurableObject(account, (object: Account) => object.alarm());
      expect(called).toHaveLength(6);
    }
    expect(await states()).toEqual([...Array(6).fill("calling"), ...Array(4).fill("waiting")]);
    // It does not ring for those who wait for the others, and finds them if this process dies.
    expect(await alarmOf(account)).toBe(Date.now() + 30 * second);
    for (const { answer } of held.slice(0, 6)) answer();
    while ((await states()).includes("calling")) await aMoment();
    expect(await alarmOf(account)).toBeLessThan(Date.now() + second);
    for (const { answer } of held.slice(6)) answer();
    await ringAfter(0);
    expect(new Set(called).size).toBe(10);
    expect(await states()).toEqual(Array(10).fill("idle"));
  });

  it("have a call on request wait its turn while six are under way", async () => {
    await account.change({ deployHookUrl: url });
    for (let count = 0; count < 6; count++) await finished({ deployHookUrl: `${other}${count}` });
    const held = Array.from({ length: 7 }, holdNext);
    passTime(minute);
    await runInDurableObject(account, (object: Account) => object.alarm());
    expect(called).toHaveLength(6);
    const id = (await hooks()).find((one) => one.url === url)?.id ?? "";
    expect(await account.callDeployHook(id)).toMatchObject({
      hook: { state: "waiting", callAt: Date.now() },
    });
    expect(called).toHaveLength(6);
    held[0]?.answer();
    const isSoon = async () => ((await alarmOf(account)) ?? 0) < Date.now() + second;
    while (!(await isSoon())) await aMoment();
    for (const { answer } of held) answer();
    await ringAfter(0);
    expect(called).toHaveLength(7);
    expect(called.at(-1)).toBe(url);
  });

  it("are called without delay where one that is called was taken away", async () => {
    await account.change({ deployHookUrl: url });
    await finished();
    for (let count = 0; count < 6; count++) await finished({ deployHookUrl: `${other}${count}` });
    const held = Array.from({ length: 6 }, holdNext);
    passTime(minute);
    await runInDurableObject(account, (object: Account) => object.alarm());
    await account.change({ deployHookUrl: null });
    held[called.indexOf(url)]?.answer();
    const isSoon = async () => ((await alarmOf(account)) ?? 0) < Date.now() + second;
    while (!(await isSoon())) await aMoment();
    for (const { answer } of held) answer();
    await ringAfter(0);
    expect(called).toHaveLength(7);
  });
});

describe("the account's hook", () => {
  it("is shown, replaced with what it had still to tell of, and taken away with it", async () => {
    expect(await account.change({ deployHookUrl: url })).toMatchObject({ deployHookUrl: url });
    await finished();
    await finished();
    expect(await account.change({ deployHookUrl: other })).toMatchObject({ deployHookUrl: other });
    expect(await hook()).toMatchObject({ url: other, state: "waiting", videos: 2, isAccounts: true });
    // Another setting leaves it as it is.
    expect(await account.change({ retentionDays: 7 })).toMatchObject({ deployHookUrl: other });
    expect(await account.change({ deployHookUrl: null })).toMatchObject({ deployHookUrl: null });
    expect(await hooks()).toEqual([]);
    await finished();
    await ringAfter(day);
    expect(called).toEqual([]);
  });

  it("that replaces another while that is called is called, too, and the late answer is nobody's", async () => {
    await account.change({ deployHookUrl: url });
    await finished();
    const call = holdNext();
    passTime(minute);
    await runInDurableObject(account, (object: Account) => object.alarm());
    await call.isHeard();
    await account.change({ deployHookUrl: other });
    call.answer();
    await ringAfter(minute);
    expect(called).toEqual([url, other]);
    expect(await hook()).toMatchObject({ url: other, state: "idle" });
  });

  it.each([null, other])(
    "that gives way to %s is called still for an order that brought the same address",
    async (next) => {
      await account.change({ deployHookUrl: url });
      await finished({ deployHookUrl: url });
      await account.change({ deployHookUrl: next });
      expect(await hooks()).toContainEqual(
        expect.objectContaining({ url, state: "waiting", videos: 1, isAccounts: false }),
      );
      await ringAfter(minute);
      expect(called).toContain(url);
      // And keeps its gap: it is the same hook.
      await finished({ deployHookUrl: url });
      await ringAfter(4 * minute);
      expect(called.filter((one) => one === url)).toHaveLength(1);
      await ringAfter(minute);
      expect(called.filter((one) => one === url)).toHaveLength(2);
    },
  );

  it("counts as it is when the video succeeds, not when it was ordered", async () => {
    await account.change({ deployHookUrl: url });
    const admission = await admitted();
    await account.change({ deployHookUrl: other });
    await account.report(reportOf(admission, "succeeded"));
    expect(await hook()).toMatchObject({ url: other, videos: 1 });
  });
});

describe("what is kept", () => {
  it("is nothing in an account without a hook, whatever its videos do", async () => {
    await finished();
    expect(await account.report(reportOf(await admitted(), "succeeded", { isServed: false }))).toBe(false);
    await account.change({ deployHookUrl: null });
    await account.sweep();
    expect(Object.keys(await dump(account)).filter((table) => table.startsWith("deploy_"))).toEqual([]);
    expect(await hooks()).toEqual([]);
    expect(await account.callDeployHook("hook_1")).toBeNull();
  });

  it("of a thousand hooks that orders brought is not read through to find what is due", async () => {
    await finished({ deployHookUrl: other });
    await ringAfter(minute);
    await finished({ deployHookUrl: url });
    passTime(minute);
    const call = holdNext();
    const rowsRead = await runInDurableObject(account, async (object: Account, { storage: { sql } }) => {
      sql.exec(
        `WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 1000)
         INSERT INTO deploy_hooks SELECT url || number, id || number, 0, NULL, used_at, hook
         FROM deploy_hooks, numbers WHERE url = ?`,
        other,
      );
      const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
      const { exec } = sql;
      const spy = vi.spyOn(Object.getPrototypeOf(sql) as SqlStorage, "exec");
      // Objects of other tests are at work, too.
      spy.mockImplementation(function (this: SqlStorage, ...about) {
        const cursor = exec.apply(this, about);
        if (this === sql) cursors.push(cursor);
        return cursor as never;
      });
      await object.alarm();
      await call.isHeard();
      call.answer();
      const isDue = "SELECT 1 FROM deploy_hooks WHERE url = ? AND due_at > 0";
      while (exec.call(sql, isDue, url).toArray().length > 0) await aMoment();
      spy.mockRestore();
      return cursors.reduce((sum, cursor) => sum + cursor.rowsRead, 0);
    });
    expect(called).toEqual([other, url]);
    expect(rowsRead).toBeLessThan(1000);
  });

  it("of a hook that an order brought goes a month after it was last used, and the account's stays", async () => {
    await account.change({ deployHookUrl: url });
    await finished({ deployHookUrl: other });
    await ringAfter(minute);
    passTime(29 * day);
    await account.sweep();
    expect(await hooks()).toHaveLength(2);
    passTime(2 * day);
    await account.sweep();
    expect(await hooks()).toMatchObject([{ url, isAccounts: true }]);
  });
});

describe("a task", () => {
  it("tells its success again until what is published of it is there", async () => {
    await account.change({ deployHookUrl: url });
    const publication = { origins: null, title: "Waves", alt: null, expiresAt: null };
    const admission = await admitted({ publication });
    const task = env.VIDEO_TASKS.getByName(admission.taskId);
    await task.begin(admission, 0);
    const { task: succeeded } = reportOf(admission, "succeeded");
    // It was stored, and its process died before its manifest was written; R2 does not take that yet.
    await runInDurableObject(task, (_, { storage: { sql } }) => {
      sql.exec("UPDATE task SET body = ?, status = 'succeeded', revision = 5", JSON.stringify(succeeded));
      sql.exec(
        "UPDATE task SET due = ?",
        JSON.stringify({ report: Date.now(), publish: Date.now() + minute }),
      );
    });
    await evictDurableObject(task);
    const ring = async (ms: number) => {
      passTime(ms);
      await runInDurableObject(task, (object: { alarm(): Promise<void> }) => object.alarm());
    };
    await ring(second);
    expect((await dump(account)).deploy_hook_waits).toEqual([{ task_id: admission.taskId }]);
    expect((await dump(task)).due).toContainEqual({ name: "report", at: Date.now() + 4 * second });
    await ring(4 * second);
    expect(await hook()).toMatchObject({ state: "idle" });
    await ring(minute);
    for (let rings = 0; rings < 3 && (await hook()).state === "idle"; rings++) await ring(minute);
    expect(await hook()).toMatchObject({ state: "waiting", videos: 1 });
    expect((await dump(task)).due).not.toContainEqual(expect.objectContaining({ name: "report" }));
  });
});
