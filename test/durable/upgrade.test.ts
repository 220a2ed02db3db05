/** Databases with tables of earlier versions, met by the objects of today: nothing of them is lost. */

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../src/domain/hash.ts";
import { fileIdOf } from "../../src/domain/ids.ts";
import { fingerprintOrder } from "../../src/domain/order.ts";
import { type Admission, acceptTask, type Task } from "../../src/domain/task.ts";
import {
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

const accountTables = `
  CREATE TABLE schema (version INTEGER NOT NULL);
  CREATE TABLE keys (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL, revoked_at INTEGER, last_used_at INTEGER
  );
  CREATE TABLE tasks (
    task_id TEXT PRIMARY KEY, key_id TEXT NOT NULL, status TEXT NOT NULL, money TEXT, created_at INTEGER NOT NULL,
    ended_at INTEGER, provider_task_id TEXT UNIQUE, swept_at INTEGER NOT NULL
  );
  CREATE INDEX tasks_unfinished ON tasks (swept_at) WHERE ended_at IS NULL;
  CREATE TABLE idempotency (
    key_id TEXT NOT NULL, idempotency_key TEXT NOT NULL, fingerprint TEXT NOT NULL, task_id TEXT NOT NULL,
    expires_at INTEGER, PRIMARY KEY (key_id, idempotency_key)
  );
  CREATE INDEX idempotency_task ON idempotency (task_id);
  CREATE TABLE outbox (task_id TEXT PRIMARY KEY, admission TEXT NOT NULL, at INTEGER NOT NULL, failures INTEGER NOT NULL);
  CREATE TABLE accounts (name TEXT PRIMARY KEY, created_at INTEGER NOT NULL);
  INSERT INTO schema (version) VALUES (1);
`;
const taskTables = `
  CREATE TABLE schema (version INTEGER NOT NULL);
  CREATE TABLE task (
    id INTEGER PRIMARY KEY CHECK (id = 1), status TEXT NOT NULL, body TEXT NOT NULL, failures INTEGER NOT NULL
  );
  CREATE TABLE due (name TEXT PRIMARY KEY, at INTEGER NOT NULL);
  CREATE TABLE callback_secrets (attempt INTEGER PRIMARY KEY, sha256 TEXT NOT NULL);
  CREATE TABLE removed (until INTEGER NOT NULL);
  INSERT INTO schema (version) VALUES (1);
`;

/** What tables of version 1 hold of a task in every state. */
function oldTask(account: string, taskId: string) {
  const createdAt = Date.now();
  const fileId = fileIdOf(taskId);
  const publicUrl = "https://video.example.com";
  const common = { taskId, fileId, account, order, metadata: {}, publicUrl, createdAt };
  return { ...common, estimateMicroUsd: 280_000, expectedMs: 95_000, scale: 1 };
}

type Write = (sql: SqlStorage) => void;
async function written(stub: DurableObjectStub, write: Write): Promise<void> {
  await runInDurableObject(stub, (_, { storage }) => write(storage.sql));
  await evictDurableObject(stub);
}

describe("an account of version 1", () => {
  it("keeps its keys, its tasks, its Idempotency-Keys and its outbox", async () => {
    const name = newAccountName();
    const account = env.ACCOUNTS.getByName(name);
    const [ended, waiting] = [newTaskId(), newTaskId()];
    const keySha256 = sha256Hex("a key");
    const fingerprint = fingerprintOrder(order);
    const {
      estimateMicroUsd: _,
      fileId: __,
      expectedMs: ___,
      scale: ____,
      ...admission
    } = oldTask(name, waiting);
    await written(account, (sql) => {
      sql.exec(accountTables);
      sql.exec("INSERT INTO keys VALUES ('key_1', 'site', ?, 1, NULL, NULL)", keySha256);
      sql.exec("INSERT INTO tasks VALUES (?, 'key_1', 'succeeded', 'settled', 1, 2, 'P1', 1)", ended);
      sql.exec("INSERT INTO tasks VALUES (?, 'key_1', 'accepted', NULL, 3, NULL, NULL, 3)", waiting);
      sql.exec("INSERT INTO idempotency VALUES ('key_1', 'a', ?, ?, NULL)", fingerprint, ended);
      sql.exec("INSERT INTO outbox VALUES (?, ?, 4, 0)", waiting, JSON.stringify(admission));
    });

    expect(await account.authenticate(keySha256)).toEqual({
      id: "key_1",
      kind: "secret",
      binding: { origins: null, tickets: false },
    });
    const request = {
      taskId: newTaskId(),
      keySha256,
      order,
      fingerprint,
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
    expect(await account.admit(request)).toMatchObject({ verdict: "replayed", taskId: ended });
    expect(await account.holderOf("P1")).toBe(ended);
    expect(await account.describe()).toMatchObject({ webhookUrl: null, deployHookUrl: null });
    expect(await account.webhookSecrets()).toHaveLength(1);
    expect((await account.describe()).spending.total).toMatchObject({ reserved: 0, settled: 0 });
    await account.sweep();
    await runDurableObjectAlarm(account);
    expect((await dump(account)).outbox).toEqual([]);
    expect(await env.VIDEO_TASKS.getByName(waiting).read(name)).toMatchObject({
      task: {
        ...{ status: "accepted", priceMicroUsd: null, retentionDays: null, retryOf: null },
        deployHookUrl: null,
      },
    });
    const everything = { status: null, model: null, createdFrom: null, createdBefore: null };
    const page = { after: null, order: "desc", limit: 10, filter: everything } as const;
    expect(await account.list(page)).toEqual({ tasks: [], hasMore: false });
    // Its next report brings it into the list.
    const task = env.VIDEO_TASKS.getByName(waiting);
    await task.remove(name);
    expect(await account.list(page)).toMatchObject({ tasks: [{ taskId: waiting, status: "cancelled" }] });
  });
});

describe("a task of version 1", () => {
  const ends: [title: string, state: Record<string, unknown>][] = [
    [
      "storing",
      {
        status: "storing",
        providerTaskId: "P1",
        submittedAt: 1,
        providerFileId: "F1",
        width: 1,
        height: 1,
        startedAt: 1,
        storeAt: 4_100_000_000_000,
        failures: 0,
      },
    ],
    [
      "generating",
      {
        status: "generating",
        providerTaskId: "P1",
        submittedAt: 1,
        providerStatus: "Processing",
        lookAt: 1,
        failures: 0,
        cancelledAt: null,
      },
    ],
    [
      "succeeded",
      {
        status: "succeeded",
        providerTaskId: "P1",
        submittedAt: 1,
        providerFileId: "F1",
        width: 1,
        height: 1,
        bytes: 1,
        sha256: "ab",
        endedAt: 1,
      },
    ],
    [
      "failed",
      {
        status: "failed",
        code: "content_refused",
        provider: null,
        money: "released",
        providerTaskId: null,
        endedAt: 1,
      },
    ],
    [
      "of which nobody knows",
      {
        status: "failed",
        code: "outcome_unknown",
        provider: null,
        money: "held",
        providerTaskId: null,
        endedAt: 1,
      },
    ],
    ["cancelled", { status: "cancelled", money: "held", providerTaskId: null, endedAt: 1 }],
  ];
  it.each(ends)("that is %s is read as it was, with its price", async (_title, state) => {
    const [name, taskId] = [newAccountName(), newTaskId()];
    const task = env.VIDEO_TASKS.getByName(taskId);
    const body = { ...oldTask(name, taskId), ...state };
    await written(task, (sql) => {
      sql.exec(taskTables);
      sql.exec("INSERT INTO task VALUES (1, ?, ?, 0)", state.status, JSON.stringify(body));
      sql.exec("INSERT INTO callback_secrets VALUES (2, 'ab')");
    });
    const read = (await task.read(name))?.task;
    expect(read).toMatchObject({
      ...state,
      taskId,
      priceMicroUsd: 280_000,
      retentionDays: null,
      retryOf: null,
      webhookUrl: null,
      webhookForm: "standard" as const,
      deployHookUrl: null,
      publication: null,
      requestId: null,
    });
    expect(await task.deliveries(name)).toEqual([]);
    expect(await task.journal(name)).toEqual([]);
    if (state.status === "storing") expect(read).toMatchObject({ gone: null });
    const isHeld = "money" in state && state.money === "held";
    if (state.status === "failed" || state.status === "cancelled") {
      expect(read).toMatchObject({ orphan: isHeld ? { attempt: 2, candidates: [] } : null });
    }
  });

  it("whose outcome is unknown can still be found: its held money is resolved", async () => {
    const [name, taskId] = [newAccountName(), newTaskId()];
    const task = env.VIDEO_TASKS.getByName(taskId);
    await written(task, (sql) => {
      sql.exec(taskTables);
      const body = { ...oldTask(name, taskId), ...ends[4]?.[1] };
      sql.exec("INSERT INTO task VALUES (1, 'failed', ?, 0)", JSON.stringify(body));
    });
    passTime(1000);
    expect(await task.resolve(name, { money: "released" })).toMatchObject({ money: "released" });
  });
});

describe("version 2", () => {
  it("of a task: what was due is due, its alarm finds it, and its callbacks are heard", async () => {
    const admission = newAdmission();
    const task = env.VIDEO_TASKS.getByName(admission.taskId);
    await task.begin(admission, 0);
    const secret = "s".repeat(43);
    await written(task, (sql) => {
      const change =
        "json_set(body, '$.status', 'unconfirmed', '$.attempt', 2, '$.startedAt', ?, '$.withCallback', 1,";
      const rest =
        "'$.challenged', 0, '$.candidates', json_array(), '$.cancelledAt', NULL, '$.failures', 0, '$.confirmAt', 0)";
      sql.exec(`UPDATE task SET body = ${change} ${rest}`, Date.now());
      for (const column of ["due", "secrets"]) sql.exec(`ALTER TABLE task DROP COLUMN ${column}`);
      sql.exec("CREATE TABLE due (name TEXT PRIMARY KEY, at INTEGER NOT NULL)");
      sql.exec("INSERT INTO due VALUES ('step', 1234), ('report', 5678)");
      sql.exec("CREATE TABLE callback_secrets (attempt INTEGER PRIMARY KEY, sha256 TEXT NOT NULL)");
      sql.exec("INSERT INTO callback_secrets VALUES (1, 'ab'), (2, ?)", sha256Hex(secret));
      sql.exec("CREATE TABLE removed (until INTEGER NOT NULL)");
      sql.exec("UPDATE schema SET version = 2");
    });
    expect(await dump(task)).toMatchObject({
      due: [
        { name: "step", at: 1234 },
        { name: "report", at: 5678 },
      ],
      callback_secrets: [{ attempt: 1 }, { attempt: 2 }],
      schema: [{ version: 3 }],
    });
    expect(await task.hear(secret, { challenge: false, providerTaskId: "P1" })).toEqual({ kind: "heard" });
    expect(await task.read(admission.account)).toMatchObject({ task: { candidates: ["P1"] } });
  });

  it("of an account: an order that was not begun is", async () => {
    const account = env.ACCOUNTS.getByName(newAccountName());
    await account.createKey("x");
    const admission = newAdmission();
    await written(account, (sql) => {
      sql.exec("DROP TABLE outbox");
      sql.exec(
        "CREATE TABLE outbox (task_id TEXT PRIMARY KEY, admission TEXT NOT NULL, at INTEGER NOT NULL, failures INTEGER NOT NULL)",
      );
      sql.exec("INSERT INTO outbox VALUES (?, ?, 1, 0)", admission.taskId, JSON.stringify(admission));
      for (const column of ["origins", "tickets"]) sql.exec(`ALTER TABLE keys DROP COLUMN ${column}`);
      sql.exec("UPDATE schema SET version = 2");
    });
    expect(await account.pending(admission.taskId)).toEqual(admission);
    await account.sweep();
    await runDurableObjectAlarm(account);
    const task = env.VIDEO_TASKS.getByName(admission.taskId);
    expect(await task.read(admission.account)).toMatchObject({ task: { status: "accepted" } });
    expect((await dump(account)).outbox).toEqual([]);
  });
});

describe("an account and its tasks from before there were deploy hooks", () => {
  it("get one, which is called for what finishes from then on and for nothing before", async () => {
    const account = env.ACCOUNTS.getByName(newAccountName());
    const keySha256 = sha256Hex((await account.createKey("x"))?.key ?? "");
    const admitted = async () => {
      const wanted = { ...order, prompt: `An order ${crypto.randomUUID()}` };
      const answer = await account.admit(newRequest(keySha256, { order: wanted }));
      return (answer as { admission: Admission }).admission;
    };
    /** As a task of then tells it, which knows of no hook and of no serving. */
    const report = async (admission: Admission, revision: number) => {
      const { deployHookUrl: _, ...task } = {
        ...acceptTask(admission, 1),
        ...{ status: "succeeded", providerTaskId: admission.taskId, submittedAt: 1, providerFileId: "F1" },
        ...{ width: 1, height: 1, bytes: 1, sha256: "ab", endedAt: Date.now() },
      };
      await account.report({ task: task as unknown as Task, revision, removed: false, wakeAt: null });
    };
    const [before, after] = [await admitted(), await admitted()];
    await report(before, 5);
    await evictDurableObject(account);
    await account.change({ deployHookUrl: "http://127.0.0.1:9/hook" });
    await report(before, 6);
    expect((await dump(account)).deploy_hooks).toMatchObject([{ due_at: null }]);
    await report(after, 5);
    await evictDurableObject(account);
    expect(await account.deployHooks()).toMatchObject([{ hook: { state: "waiting", videos: 1 } }]);
    expect(await dump(account)).toMatchObject({ schema: [{ version: 4 }] });
  });
});

describe("version 3 of an account", () => {
  it("keeps its publishable keys, for pages of any site and without tickets, until they are bound", async () => {
    const account = env.ACCOUNTS.getByName(newAccountName());
    const made = await account.createKey("page", { kind: "publishable" });
    const keySha256 = sha256Hex(made?.key ?? "");
    await written(account, (sql) => {
      for (const column of ["origins", "tickets"]) sql.exec(`ALTER TABLE keys DROP COLUMN ${column}`);
      sql.exec("UPDATE schema SET version = 3");
    });
    expect(await account.authenticate(keySha256)).toEqual({
      id: made?.id,
      kind: "publishable",
      binding: { origins: null, tickets: false },
    });
    const binding = { origins: ["https://example.com"], tickets: true };
    expect(await account.changeKey(made?.id ?? "", { binding })).toMatchObject({ binding });
    expect(await dump(account)).toMatchObject({ schema: [{ version: 4 }] });
  });
});
