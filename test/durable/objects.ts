/** The objects of a deployment in tests: reached by unique names, with a clock that is set by hand. */

import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, vi } from "vitest";
import { sha256Hex } from "../../src/domain/hash.ts";
import { taskIdFrom } from "../../src/domain/ids.ts";
import { fingerprintOrder } from "../../src/domain/order.ts";
import type { Admission } from "../../src/domain/task.ts";
import type { AdmissionRequest } from "../../src/durable/admissions.ts";
import { order } from "../domain/tasks.ts";

export { order } from "../domain/tasks.ts";
/** MiniMax is a port on which nobody listens, so each create is lost. */
export { env } from "../routes/worker.ts";

/**
 * Sets the clock of a file's tests to the year 2096. Alarms are scheduled by the real clock, so none rings by
 * itself: each is rung by hand.
 */
export function useFarClock(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"], now: 4_000_000_000_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

export function passTime(milliseconds: number): void {
  vi.setSystemTime(Date.now() + milliseconds);
}

export function newTaskId(): string {
  return taskIdFrom(crypto.getRandomValues(new Uint8Array(26)));
}

export function newAccountName(): string {
  return `account-${crypto.randomUUID().slice(0, 8)}`;
}

export function newAdmission(about: Partial<Admission> = {}): Admission {
  return {
    taskId: newTaskId(),
    account: newAccountName(),
    order,
    metadata: {},
    publicUrl: null,
    createdAt: Date.now(),
    priceMicroUsd: 280_000,
    retentionDays: null,
    retryOf: null,
    webhookUrl: null,
    webhookForm: "standard",
    deployHookUrl: null,
    publication: null,
    requestId: null,
    ...about,
  };
}

/** What an account is asked to admit, by the key with this hash. */
export function newRequest(keySha256: string, about: Partial<AdmissionRequest> = {}): AdmissionRequest {
  const wanted = about.order ?? order;
  return {
    taskId: newTaskId(),
    keySha256,
    order: wanted,
    fingerprint: fingerprintOrder(wanted),
    priceMicroUsd: 280_000,
    metadata: {},
    publicUrl: null,
    idempotencyKey: null,
    retentionDays: null,
    retryOf: null,
    webhookUrl: null,
    webhookForm: "standard",
    deployHookUrl: null,
    publication: null,
    requestId: null,
    ticket: null,
    ...about,
  };
}

/**
 * Every row of every table of an object, by table; none for an object that was never written to. What a task keeps as
 * lists in its one row, what is due and its callback secrets, is told as rows too.
 */
export function dump(stub: DurableObjectStub): Promise<Record<string, unknown[]>> {
  return runInDurableObject(stub, (_, { storage: { sql } }) => {
    const tables = sql
      .exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'",
      )
      .toArray();
    const rows = Object.fromEntries(
      tables.map(({ name }) => [name, sql.exec(`SELECT * FROM "${name}"`).toArray()]),
    );
    if (rows.task === undefined) return rows;
    const [task] = rows.task as { due: string; secrets: string }[];
    const listed = (json = "{}") => Object.entries(JSON.parse(json) as Record<string, unknown>);
    return {
      ...rows,
      due: listed(task?.due).map(([name, at]) => ({ name, at })),
      callback_secrets: listed(task?.secrets).map(([attempt, sha256]) => ({
        attempt: Number(attempt),
        sha256,
      })),
    };
  });
}

export function alarmOf(stub: DurableObjectStub): Promise<number | null> {
  return runInDurableObject(stub, (_, { storage }) => storage.getAlarm());
}

/** A callback secret of the first attempt that tests know. */
export const knownSecret = "s".repeat(43);

/** Gives out that secret, in place of the one that went into the lost request. */
export function knowSecret(stub: DurableObjectStub): Promise<void> {
  return runInDurableObject(stub, (_, { storage }) => {
    const known = JSON.stringify({ 1: sha256Hex(knownSecret) });
    storage.sql.exec("UPDATE task SET secrets = json_patch(secrets, ?)", known);
  });
}
