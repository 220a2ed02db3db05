/**
 * Who orders: one object per account. It knows the account's keys, admits its orders exactly once, and sees to it
 * that what was admitted is begun. It never waits for MiniMax. One more object of the class, the directory, knows
 * which accounts exist, so that a sweep finds every task.
 */

import { DurableObject } from "cloudflare:workers";
import { sha256Hex } from "../domain/hash.ts";
import { apiKeyFrom, spell } from "../domain/ids.ts";
import type { Order } from "../domain/order.ts";
import type { Admission, Money, Task } from "../domain/task.ts";
import type { Env } from "../env.ts";
import { AccountStore, type KeyRow } from "./account-store.ts";
import { scaled } from "./reach.ts";

/** The directory's name in the namespace: no account name has an underscore. */
export const directoryName = "_directory";

/** What a VideoTask tells its Account; sent again until it was heard, so hearing it twice changes nothing. */
export type TaskReport = Readonly<{
  taskId: string;
  status: Task["status"];
  providerTaskId: string | null;
  money: Money | null;
  endedAt: number | null;
  removed: boolean;
}>;

export type AdmissionRequest = Readonly<{
  /** Drawn by who asks, so that asking again after a lost answer is the same request. */
  taskId: string;
  keySha256: string;
  order: Order;
  fingerprint: string;
  metadata: Readonly<Record<string, string>>;
  publicUrl: string | null;
  idempotencyKey: string | null;
}>;

export type AdmissionAnswer =
  /**
   * Written down, or (replayed) ordered before under the same Idempotency-Key. `admission` is null once the task is
   * known to have begun: then there is nothing left to begin.
   */
  | { verdict: "admitted" | "replayed"; taskId: string; admission: Admission | null }
  | { verdict: "idempotency_key_reused" | "task_deleted" | "invalid_key" };

/** A key without its secret and hash. */
export type KeySummary = Readonly<Omit<KeyRow, "sha256"> & { account: string }>;

const hourMs = 3_600_000;
const deletedKeyMemoryMs = 30 * 24 * hourMs;
/** How long the Worker that admitted has to begin the task before the outbox does, scaled. */
const outboxWaitMs = 60_000;
/** Never so short that the outbox overtakes the Worker that admitted. */
const waitFloorMs = 2000;
const outboxBatch = 20;
const sweepBatch = 50;
const sweepEveryMs = 15 * 60_000;

export class Account extends DurableObject<Env> {
  readonly #store: AccountStore;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new AccountStore(ctx.storage);
  }

  /** Whether there is an active key with this hash. */
  authenticate(keySha256: string): boolean {
    const key = this.#activeKey(keySha256);
    if (key === null) return false;
    const now = Date.now();
    if (key.lastUsedAt === null || key.lastUsedAt < now - hourMs) {
      this.#store.write(() => this.#store.noteKeyUse(key.id, now));
    }
    return true;
  }

  /** Makes a key; its text is known to the answer alone. */
  createKey(name: string): KeySummary & { key: string } {
    const account = this.#name();
    const text = apiKeyFrom(account, crypto.getRandomValues(new Uint8Array(40)));
    const key: KeyRow = {
      id: `key_${spell(crypto.getRandomValues(new Uint8Array(16)))}`,
      name,
      sha256: sha256Hex(text),
      createdAt: Date.now(),
      revokedAt: null,
      lastUsedAt: null,
    };
    this.#store.write(() => this.#store.addKey(key));
    return { ...summary(key, account), key: text };
  }

  keys(): KeySummary[] {
    if (!this.#store.exists) return [];
    return this.#store.keys().map((key) => summary(key, this.#name()));
  }

  /** Revokes a key for good; null if there is none with this id. */
  revokeKey(id: string): KeySummary | null {
    if (!this.#store.exists || this.#store.findKey("id", id) === null) return null;
    this.#store.write(() => this.#store.revokeKey(id, Date.now()));
    const key = this.#store.findKey("id", id);
    return key === null ? null : summary(key, this.#name());
  }

  /**
   * Admits an order, exactly once for a task id and for an Idempotency-Key. The task, the key's memory and the
   * outbox entry are one write: whatever happens to the caller afterwards, the task will begin.
   */
  admit(request: AdmissionRequest): AdmissionAnswer {
    const key = this.#activeKey(request.keySha256);
    if (key === null) return { verdict: "invalid_key" };
    const now = Date.now();
    const { taskId, idempotencyKey, fingerprint } = request;
    if (this.#store.hasTask(taskId)) {
      return { verdict: "admitted", taskId, admission: this.#store.findAdmission(taskId) };
    }
    const known = idempotencyKey === null ? null : this.#store.findIdempotency(key.id, idempotencyKey, now);
    if (known !== null) {
      if (known.fingerprint !== fingerprint) return { verdict: "idempotency_key_reused" };
      if (known.expiresAt !== null) return { verdict: "task_deleted" };
      return {
        verdict: "replayed",
        taskId: known.taskId,
        admission: this.#store.findAdmission(known.taskId),
      };
    }
    const admission: Admission = {
      taskId,
      account: this.#name(),
      order: request.order,
      metadata: request.metadata,
      publicUrl: request.publicUrl,
      createdAt: now,
    };
    const outboxAt = now + scaled(this.env, outboxWaitMs, waitFloorMs);
    this.#store.write(() =>
      this.#store.admit({
        admission,
        keyId: key.id,
        idempotency: idempotencyKey === null ? null : { key: idempotencyKey, fingerprint },
        outboxAt,
      }),
    );
    this.#arm();
    return { verdict: "admitted", taskId, admission };
  }

  /** An order that was admitted and, as far as is known, not begun yet. */
  pending(taskId: string): Admission | null {
    return this.#store.exists ? this.#store.findAdmission(taskId) : null;
  }

  /** A task tells what became of it. Its first word also proves that it began. */
  report(report: TaskReport): void {
    if (!this.#store.exists) return;
    const { taskId } = report;
    // One that names a provider task which another task holds keeps what is known: the row decides.
    const holder = report.providerTaskId === null ? null : this.#store.holderOf(report.providerTaskId);
    const providerTaskId = holder === null || holder === taskId ? report.providerTaskId : null;
    this.#store.write(() => {
      this.#store.clearOutbox(taskId);
      this.#store.noteTask(taskId, { ...report, providerTaskId });
      if (report.status === "failed" && report.money === "released") this.#store.forgetIdempotency(taskId);
      if (report.removed) {
        this.#store.noteRemoved(taskId);
        this.#store.expireIdempotency(taskId, Date.now() + deletedKeyMemoryMs);
      }
    });
  }

  /** Gives a provider task to the task that asks, unless another holds it. */
  claimProviderTask(providerTaskId: string, taskId: string): boolean {
    const holder = this.#store.exists ? this.#store.holderOf(providerTaskId) : null;
    if (holder !== null) return holder === taskId;
    this.#store.write(() => this.#store.holdProviderTask(taskId, providerTaskId));
    return true;
  }

  /** Visits unfinished tasks that were not visited for a while, a batch at a time; they mend themselves when woken. */
  async sweep(): Promise<void> {
    if (!this.#store.exists) return;
    const now = Date.now();
    const before = now - scaled(this.env, sweepEveryMs, waitFloorMs);
    for (const taskId of this.#store.unfinished(before, sweepBatch)) {
      this.#store.write(() => this.#store.noteSwept(taskId, now));
      await this.env.VIDEO_TASKS.getByName(taskId)
        .wake()
        .catch(() => {});
    }
    this.#store.write(() => this.#store.dropExpired(now));
    this.#arm();
  }

  /** Directory only: notes that an account exists, before anything is put into it. */
  addAccount(name: string): void {
    if (this.#store.exists && this.#store.accounts().includes(name)) return;
    this.#store.write(() => this.#store.addAccount(name, Date.now()));
  }

  /** Directory only. */
  accounts(): string[] {
    return this.#store.exists ? this.#store.accounts() : [];
  }

  /** Begins what was admitted and, as far as is known, not begun. Never throws: an alarm that does dies in silence. */
  override async alarm(_info?: AlarmInvocationInfo): Promise<void> {
    try {
      const due = this.#store.dueOutbox(Date.now(), outboxBatch);
      await Promise.all(due.map((entry) => this.#begin(entry)));
    } catch (error) {
      console.error(
        JSON.stringify({ event: "outbox_failed", account: this.ctx.id.name, error: String(error) }),
      );
    }
    this.#arm();
  }

  async #begin({ admission, failures }: { admission: Admission; failures: number }): Promise<void> {
    const begun = await this.env.VIDEO_TASKS.getByName(admission.taskId)
      .begin(admission, 0)
      .then(() => true)
      .catch(() => false);
    const againAt = Date.now() + scaled(this.env, outboxWaitMs, waitFloorMs) * 2 ** Math.min(failures, 6);
    this.#store.write(() => {
      if (begun) this.#store.clearOutbox(admission.taskId);
      else this.#store.postponeOutbox(admission.taskId, againAt);
    });
  }

  #activeKey(keySha256: string): KeyRow | null {
    const key = this.#store.exists ? this.#store.findKey("sha256", keySha256) : null;
    return key === null || key.revokedAt !== null ? null : key;
  }

  /** Rings for the outbox; it stays set when a task reports early, and finds nothing to do. */
  #arm(): void {
    const next = this.#store.exists ? this.#store.nextOutboxAt() : null;
    if (next !== null) void this.ctx.storage.setAlarm(Math.max(next, Date.now() + 100));
  }

  #name(): string {
    const name = this.ctx.id.name;
    if (name === undefined) throw new Error("an Account is reached by its name");
    return name;
  }
}

function summary(key: KeyRow, account: string): KeySummary {
  const { id, name, createdAt, revokedAt, lastUsedAt } = key;
  return { id, name, account, createdAt, revokedAt, lastUsedAt };
}
