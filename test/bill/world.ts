/**
 * The world of the bill: the Worker in this isolate, the simulator on a socket, and one clock for both that only moves
 * when told. Alarms are rung by hand, each at its time, so that a life of minutes takes no time and always costs the
 * same.
 */

import {
  createExecutionContext,
  createScheduledController,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { expect, inject, vi } from "vitest";
import { app } from "../../src/app.ts";
import type { CreateVideoResponse } from "../../src/contract.ts";
import { isPacerName, isTaskId, pacerName, pacerNames } from "../../src/domain/ids.ts";
import type { Pacer } from "../../src/durable/pacer.ts";
import type { Env } from "../../src/env.ts";
import worker from "../../src/index.ts";
import { env } from "../routes/worker.ts";
import counts from "./counts.json" with { type: "json" };
import { type Bill, meter, note, quiet, unmetered } from "./meter.ts";

const start = 4_000_000_000_000;
const plainFetch = globalThis.fetch;

/** The same bindings with an address for callbacks, and without. */
const reachable: Env = { ...env, PUBLIC_URL: inject("gateUrl") };
const unreachable: Env = { ...env };

export async function setClock(at: number): Promise<void> {
  vi.setSystemTime(at);
  await plainFetch(`${inject("gateUrl")}/gate/clock`, { method: "POST", body: String(at) });
}

/** Freezes the clock of this file's tests, and opens the gate to MiniMax's callbacks. */
export async function open(): Promise<void> {
  vi.useFakeTimers({ toFake: ["Date"], now: start });
  await setClock(start);
  // The objects that all tests of a file share are there from the start, so that each of them can run alone.
  for (const name of Object.values(pacerNames)) await env.PACER.getByName(name).wake();
}

/** What some work costs, with the gate kept meanwhile. */
export async function costOf(work: () => unknown): Promise<Bill> {
  const keeping = keepGate();
  const bill = await meter(work);
  await plainFetch(`${inject("gateUrl")}/gate/close`, { method: "POST" });
  await keeping;
  return bill;
}

/** Carries whoever comes to the gate in, and the answers out, until it is closed. */
async function keepGate(): Promise<void> {
  const gate = inject("gateUrl");
  for (;;) {
    const visitor = (await (await plainFetch(`${gate}/gate/next`)).json()) as {
      id: number;
      path: string;
      body: string;
    } | null;
    if (visitor === null) return;
    const response = await request(visitor.path, { method: "POST", body: visitor.body });
    const answer = { id: visitor.id, status: response.status, text: await response.text() };
    await plainFetch(`${gate}/gate/answer`, { method: "POST", body: JSON.stringify(answer) });
  }
}

/** A request to the Worker. */
export async function request(path: string, init: RequestInit = {}, callbacks = true): Promise<Response> {
  const method = init.method ?? "GET";
  note("worker", `${method} ${path.split("?")[0]?.replaceAll(/(?:task|file)_\w+/g, "{id}")}`);
  const from = new Request(`http://filmgate.test${path}`, init);
  const context = createExecutionContext();
  return await app.fetch(from, callbacks ? reachable : unreachable, context);
}

/** A video as its caller has it. */
export type Ordered = { status: number; taskId: string; fileId: string; prompt: string };

/** An account with a key that this isolate knows, and tables that are there: both are made once. */
export async function newCustomer() {
  const account = `bill-${crypto.randomUUID().slice(0, 8)}`;
  const made = await request("/v1/admin/keys", {
    method: "POST",
    headers: { authorization: `Bearer ${env.ADMIN_KEY}` },
    body: JSON.stringify({ name: "bill", account }),
  });
  const { key } = (await made.json()) as { key: string };
  const call = async (path: string, init: RequestInit = {}, callbacks = true) => {
    const headers = { authorization: `Bearer ${key}`, ...init.headers };
    const response = await request(path, { ...init, headers }, callbacks);
    return { status: response.status, bytes: await response.bytes() };
  };
  const customer = {
    account,
    call,
    /** Has this isolate know the key. */
    greet: () => unmetered(() => call("/v1/usage")),
    /** Changes the account's own settings. */
    change: (body: object) =>
      unmetered(() =>
        request(`/v1/admin/accounts/${account}`, {
          method: "PATCH",
          headers: { authorization: `Bearer ${env.ADMIN_KEY}` },
          body: JSON.stringify(body),
        }),
      ),
    /** A publishable key of a site, which this isolate knows. */
    async page() {
      const origin = "https://example.com";
      const body = { name: "page", account, kind: "publishable", origins: [origin], tickets: true };
      const init = {
        method: "POST",
        headers: { authorization: `Bearer ${env.ADMIN_KEY}` },
        body: JSON.stringify(body),
      };
      const created = (await (await request("/v1/admin/keys", init)).json()) as { key: string };
      const headers = (ticket: string) => ({
        ...{ authorization: `Bearer ${created.key}`, origin },
        "filmgate-ticket": ticket,
      });
      await unmetered(() => call("/v1/videos/models", { headers: headers("") }));
      return {
        headers,
        async ticket(): Promise<string> {
          const wanted = JSON.stringify({ model: "MiniMax-Hailuo-2.3", max_cost_usd: 0.28, origin });
          const { bytes } = await call("/v1/tickets", { method: "POST", body: wanted });
          return (JSON.parse(new TextDecoder().decode(bytes)) as { ticket: string }).ticket;
        },
      };
    },
    async order(
      about: {
        body?: Record<string, unknown>;
        callbacks?: boolean;
        headers?: Record<string, string>;
        scenario?: string;
        prompt?: string;
      } = {},
    ): Promise<Ordered> {
      const { body = {}, callbacks = true, headers = {}, scenario = "" } = about;
      // Its pushes are sent by hand, when their time has come.
      const prompt = about.prompt ?? `${crypto.randomUUID()} [sim: callback-none ${scenario}]`;
      const whole = { model: "MiniMax-Hailuo-2.3", prompt, duration: 6, resolution: "768P", ...body };
      const init = { method: "POST", body: JSON.stringify(whole), headers };
      const { status, bytes } = await call("/v1/videos/generations", init, callbacks);
      const { task_id: taskId = "" } = JSON.parse(
        new TextDecoder().decode(bytes),
      ) as Partial<CreateVideoResponse>;
      return { status, taskId, fileId: taskId.replace("task_", "file_"), prompt };
    },
    /** What follows a create that was called back for: the pushes of its life, and what they set going. */
    async follow({ taskId, prompt }: Ordered, { lifeSeconds = 95 } = {}): Promise<void> {
      const orderedAt = Date.now();
      await setClock(orderedAt + 15_000);
      await push(prompt, "processing");
      await live(taskId, orderedAt + 20_000);
      const end = orderedAt + lifeSeconds * 1000;
      await live(account, end - 5000);
      await setClock(end + 1000);
      await push(prompt, "success");
      await live(taskId);
    },
    /** A video that is there, ordered and made without being counted. */
    async have(): Promise<Ordered> {
      let ordered: Ordered | undefined;
      await costOf(async () => {
        ordered = await customer.order();
        await quiet();
        await customer.follow(ordered);
      });
      if (ordered === undefined) throw new Error("nothing was ordered");
      await customer.greet();
      return ordered;
    },
  };
  await customer.greet();
  return customer;
}

/** When the alarm of an object rings; null if it is not set. */
export function alarmAt(stub: DurableObjectStub): Promise<number | null> {
  return unmetered(() => runInDurableObject(stub, (_, { storage }) => storage.getAlarm()));
}

/** Lets the clock go on to an object's alarm, and rings it; false if none is set by `until`. */
export async function ring(stub: DurableObjectStub, until = Number.POSITIVE_INFINITY): Promise<boolean> {
  const at = await alarmAt(stub);
  if (at === null || at > until) return false;
  await setClock(Math.max(at, Date.now()));
  const rang = await runDurableObjectAlarm(stub);
  await quiet();
  return rang;
}

/** An object by its name: the pacer, a task, or an account. Reached past the meter, as the runtime does. */
function stubOf(name: string): DurableObjectStub {
  const namespace = isPacerName(name) ? env.PACER : isTaskId(name) ? env.VIDEO_TASKS : env.ACCOUNTS;
  return namespace.get(namespace.idFromName(name) as never) as unknown as DurableObjectStub;
}

/** Rings an object's alarms, one after the other, until none is left or the next is later than `until`. */
export async function live(name: string, until = Number.POSITIVE_INFINITY): Promise<number> {
  for (let rung = 0; rung < 100; rung++) {
    if (!(await ring(stubOf(name), until))) return rung;
  }
  throw new Error("the alarm rings for ever");
}

/** MiniMax's push about a task, as it sends them. */
export async function push(prompt: string, status: "processing" | "success"): Promise<void> {
  const { tasks } = await unmetered(async () => {
    const url = `${inject("simulatorUrl")}/simulator/ledger?prompt=${encodeURIComponent(prompt)}`;
    return (await (await plainFetch(url)).json()) as { tasks: { task_id: string; callback_url: string }[] };
  });
  const [task] = tasks;
  if (task === undefined) throw new Error("the simulator knows no such task");
  const { pathname, search } = new URL(task.callback_url);
  const body = JSON.stringify({ task_id: task.task_id, status, base_resp: { status_code: 0 } });
  const response = await request(`${pathname}${search}`, { method: "POST", body });
  await response.text();
}

/** The sweep of every five minutes. */
export async function sweep(): Promise<void> {
  note("worker", "cron");
  await worker.scheduled(createScheduledController(), env);
}

/** The pacer with a limit set. */
export function setPace(settings: Partial<Env>): Promise<void> {
  const stub = env.PACER.get(env.PACER.idFromName(pacerName));
  return runInDurableObject(stub, (object: Pacer) => {
    (object as unknown as { env: unknown }).env = { ...env, ...settings };
  });
}

/** Compares with counts.json, by name: what is more or less stands in the difference. */
export function expectBill(name: string, bill: Bill): void {
  if (inject("showsBill")) console.log(`BILL ${JSON.stringify([name, bill])}`);
  else expect(bill, name).toEqual((counts as Record<string, Bill>)[name]);
}
