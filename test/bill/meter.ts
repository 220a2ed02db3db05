/**
 * Counts what Cloudflare bills, where it happens: the objects, their storage and the bucket live in the isolate of the
 * tests, so the classes that the runtime gives them are wrapped once. What is counted is named, so that a test tells
 * what was added and not only that something was.
 *
 * Worker requests are counted by who makes them (world.ts). An alarm that is set counts as a row written even where it
 * is set to what it was, as the runtime bills it (workerd src/workerd/api/actor-state.c++: "billed as a single write
 * unit"); rows are what the cursors say when a query has ended (indexes count).
 */

import { runInDurableObject } from "cloudflare:test";
import { inject, vi } from "vitest";
import { isPacerName, isTaskId } from "../../src/domain/ids.ts";
import { Account } from "../../src/durable/account.ts";
import { Pacer } from "../../src/durable/pacer.ts";
import { VideoTask } from "../../src/durable/video-task.ts";
import { env } from "../routes/worker.ts";

export type Counts = Readonly<Record<string, number>>;
/** What a stretch of work costs, by kind and name. */
export type Bill = Readonly<{
  /** Requests to the Worker, by route. */
  worker: Counts;
  /** Requests to objects: calls of their methods, and alarms that ring. */
  objects: Counts;
  /** Alarms that are set: a row written each. */
  alarmsSet: Counts;
  /** Rows written, by table; making tables counts as `tables`. */
  rowsWritten: Counts;
  rowsRead: number;
  /** Operations of the bucket, with their class. */
  bucket: Counts;
  /** Requests to other hosts; not billed by Cloudflare, but awaited. */
  outside: Counts;
}>;

type Kind = Exclude<keyof Bill, "rowsRead">;
type Any = (...args: unknown[]) => unknown;

const counted: Record<Kind, Map<string, number>> = {
  ...{ worker: new Map(), objects: new Map(), alarmsSet: new Map() },
  ...{ rowsWritten: new Map(), bucket: new Map(), outside: new Map() },
};
let cursors: { cursor: SqlStorageCursor<never>; table: string }[] = [];
/** Whose storage it is. */
const owners = new WeakMap<object, string>();
let isOn = false;

export function note(kind: Kind, name: string, by = 1): void {
  if (isOn && by > 0) counted[kind].set(name, (counted[kind].get(name) ?? 0) + by);
}

/** What some work costs. Nothing else may be under way: alarms are rung by hand in these tests. */
export async function meter(work: () => unknown): Promise<Bill> {
  await install();
  for (const counts of Object.values(counted)) counts.clear();
  cursors = [];
  isOn = true;
  try {
    await work();
    await quiet();
  } finally {
    isOn = false;
  }
  let rowsRead = 0;
  for (const { cursor, table } of cursors) {
    rowsRead += cursor.rowsRead;
    isOn = true;
    note("rowsWritten", table, cursor.rowsWritten);
    isOn = false;
  }
  const all = Object.entries(counted).map(([kind, counts]) => [kind, Object.fromEntries([...counts].sort())]);
  return { ...(Object.fromEntries(all) as Record<Kind, Counts>), rowsRead };
}

/** What is awaited somewhere: a task's turn goes on after its create was answered. */
let underWay = 0;
const realTimeout = globalThis.setTimeout;

function watch<T>(result: T): T {
  if (typeof (result as { then?: unknown } | null)?.then !== "function") return result;
  underWay += 1;
  const end = () => {
    underWay -= 1;
  };
  (result as unknown as Promise<unknown>).then(end, end);
  return result;
}

/** Waits until nothing has been under way for a few turns of the event loop. */
export async function quiet(): Promise<void> {
  for (let calm = 0; calm < 5; calm = underWay === 0 ? calm + 1 : 0) {
    await new Promise((resolve) => realTimeout(resolve, 2));
  }
}

/** Does something that is not to be counted: a test looking or setting up. */
export async function unmetered<T>(work: () => T): Promise<Awaited<T>> {
  const before = isOn;
  isOn = false;
  try {
    return await work();
  } finally {
    isOn = before;
  }
}

/** Lets `before` see each call of a method. */
function wrap(prototype: object, name: string, before: (self: object, args: unknown[]) => void) {
  const own = Object.getOwnPropertyDescriptor(prototype, name)?.value as Any | undefined;
  if (own === undefined) throw new Error(`there is no ${name} to count`);
  const counting = function (this: object, ...args: unknown[]) {
    const result = watch(own.apply(this, args));
    before(this, args);
    return result;
  };
  Object.defineProperty(prototype, name, { value: counting, configurable: true, writable: true });
}

let installed: Promise<void> | null = null;

function install(): Promise<void> {
  installed ??= installAll();
  return installed;
}

async function installAll(): Promise<void> {
  const stub = env.PACER.getByName(`meter-${crypto.randomUUID()}`);
  await runInDurableObject(stub, (_, { storage }) => {
    const sql = Object.getPrototypeOf(storage.sql) as object;
    const exec = (sql as { exec: Any }).exec;
    Object.defineProperty(sql, "exec", {
      value(this: object, statements: string, ...bindings: unknown[]) {
        // A cursor tells of the last statement only, so those that make tables run one by one.
        const parts = /^\s*CREATE/.test(statements) ? statementsOf(statements) : [statements];
        const run = parts.map((part) => {
          const cursor = exec.call(this, part, ...bindings) as SqlStorageCursor<never>;
          if (isOn) cursors.push({ cursor, table: tableOf(part) });
          return cursor;
        });
        return run.at(-1);
      },
    });
    const store = prototypeWith(storage, "setAlarm");
    wrap(store, "setAlarm", (self) => note("alarmsSet", owners.get(self) ?? "unknown"));
  });
  for (const [name, { prototype }] of Object.entries({ VideoTask, Account, Pacer })) {
    for (const method of Object.getOwnPropertyNames(prototype)) {
      if (method !== "constructor") own(prototype, name, method);
    }
  }
  const namespace = prototypeWith(env.PACER, "getByName");
  const getByName = (namespace as { getByName: Any }).getByName;
  Object.defineProperty(namespace, "getByName", {
    value(this: object, ...args: unknown[]) {
      const target = getByName.apply(this, args) as object;
      return new Proxy(target, {
        get(_, method) {
          const value = Reflect.get(target, method, target) as unknown;
          if (typeof value !== "function" || typeof method !== "string") return value;
          return (...given: unknown[]) => {
            note("objects", `${classOf(String(args[0]))}.${method}`);
            // Not `apply`: to a stub that is one more name of a method.
            return watch((target as Record<string, Any>)[method]?.(...given));
          };
        },
      });
    },
  });
  const bucket = prototypeWith(env.VIDEOS, "get");
  for (const [operation, kind] of Object.entries(operations)) {
    wrap(bucket, operation, (_self, [key]) => {
      const folder = typeof key === "string" ? (key.split("/")[0] ?? "") : "";
      note("bucket", `${kind}: ${operation} ${folder}`.trim());
    });
  }
  const plain = globalThis.fetch;
  globalThis.fetch = (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    note("outside", placeOf(request));
    // What is outside takes time: what is written before and after is not of one instant.
    if (isOn) vi.setSystemTime(Date.now() + 50);
    return watch(plain(request));
  };
}

/** Deletes are free; so is a look at what there is none of, but a put that is refused is not. */
const operations = { get: "B", head: "B", put: "A", list: "A", createMultipartUpload: "A" };

/** An object's own storage is known from its first call on; its alarms are requests. */
function own(prototype: object, name: string, method: string): void {
  const plain = Object.getOwnPropertyDescriptor(prototype, method)?.value as Any | undefined;
  if (typeof plain !== "function") return;
  Object.defineProperty(prototype, method, {
    configurable: true,
    writable: true,
    value(this: { ctx: DurableObjectState }, ...args: unknown[]) {
      owners.set(this.ctx.storage, name);
      if (method === "alarm") note("objects", `${name} alarm`);
      return plain.apply(this, args);
    },
  });
}

function prototypeWith(value: object, name: string): object {
  let prototype = Object.getPrototypeOf(value) as object | null;
  while (prototype !== null && !Object.hasOwn(prototype, name)) prototype = Object.getPrototypeOf(prototype);
  if (prototype === null) throw new Error(`nothing has ${name}`);
  return prototype;
}

function classOf(name: string): string {
  if (isTaskId(name)) return "VideoTask";
  return isPacerName(name) ? "Pacer" : "Account";
}

function statementsOf(sql: string): string[] {
  const plain = sql.replaceAll(/--.*$/gm, "");
  return plain.split(";").filter((part) => part.trim() !== "");
}

function tableOf(statement: string): string {
  if (/^\s*CREATE/.test(statement)) return "tables";
  return /\b(?:INTO|UPDATE|FROM)\s+"?(\w+)/.exec(statement)?.[1] ?? "other";
}

function placeOf({ method, url }: Request): string {
  const { origin, pathname } = new URL(url);
  if (origin === inject("gateUrl")) return pathname.startsWith("/deploy-hook") ? "deploy hook" : "webhook";
  const place = pathname.startsWith("/inference_output")
    ? "the file"
    : pathname.replace(/\/\d+$/, "/{task_id}");
  return `MiniMax: ${method} ${place}`;
}
