/**
 * Orders of an account: each is admitted once, within what its key and the account may spend, and each that was
 * admitted is begun, whatever becomes of who asked: an outbox remembers it until its task was heard of.
 */

import { joinableUntil } from "../domain/joining.ts";
import { type Admission, acceptTask } from "../domain/task.ts";
import type { Env } from "../env.ts";
import type { Ticket } from "../ports/tickets.ts";
import type { AccountSettings, KeyRow } from "./key-store.ts";
import type { Keyring } from "./keyring.ts";
import type { LazyTables } from "./lazy-tables.ts";
import type { Ledger, MoneyRefusal } from "./ledger.ts";
import { scaled } from "./reach.ts";
import { type Memory, type TaskIndex, ticketScope } from "./task-index.ts";

/**
 * What an order asks to be admitted with. `taskId` is drawn by who asks, so that asking again after a lost answer is the
 * same request; `retentionDays`, `webhookUrl` and `deployHookUrl` are null where it is as the account says.
 */
export type AdmissionRequest = Omit<Admission, "account" | "createdAt"> &
  Readonly<{
    keySha256: string;
    fingerprint: string;
    idempotencyKey: string | null;
    /** What a publishable key orders with, once its signature was checked; null for a secret key. */
    ticket: Pick<Ticket, "id" | "keyId" | "expiresAt"> | null;
  }>;

export type AdmissionAnswer =
  /**
   * Written down, ordered before under the same Idempotency-Key (replayed), or the same as an order that is known
   * (joined). `admission` is null once the task is known to have begun: then there is nothing left to begin.
   */
  | { verdict: "admitted" | "replayed" | "joined"; taskId: string; admission: Admission | null }
  | { verdict: "idempotency_key_reused" | "task_deleted" | "invalid_key" }
  | { verdict: "publishable_key" | "ticket_used" | "ticket_expired" | "ticket_invalid" }
  | MoneyRefusal;

/** The object whose orders they are. */
export type Owner = Readonly<{
  name(): string;
  /** Sets the alarm for what is due. */
  arm(): void;
}>;

/** How long the Worker that admitted has to begin the task before the outbox does, scaled. */
const outboxWaitMs = 60_000;
/** Never so short that the outbox overtakes the Worker that admitted. */
const outboxFloorMs = 2000;
const outboxBatch = 20;

export class Admissions {
  readonly #env: Env;
  readonly #tables: LazyTables;
  readonly #keys: Keyring;
  readonly #index: TaskIndex;
  readonly #ledger: Ledger;
  readonly #owner: Owner;

  constructor(
    env: Env,
    { tables, keys, index, ledger }: { tables: LazyTables; keys: Keyring; index: TaskIndex; ledger: Ledger },
    owner: Owner,
  ) {
    this.#env = env;
    this.#tables = tables;
    this.#keys = keys;
    this.#index = index;
    this.#ledger = ledger;
    this.#owner = owner;
  }

  /**
   * Admits an order: once for a task id, an Idempotency-Key or a ticket, and (without them) for orders that are the
   * same. The task, the money reserved for it, the key's memory and the outbox entry are one write: whatever happens
   * to the caller afterwards, the task will begin; and no burst spends more than the caps allow.
   * @param gone tasks that are being removed, as they themselves said: they are not joined, though their last word is
   * still under way.
   */
  admit(request: AdmissionRequest, gone: readonly string[] = []): AdmissionAnswer {
    const now = Date.now();
    const judged = this.#judge(request, gone, now);
    if ("verdict" in judged) return judged;
    const { key, settings } = judged;
    const { taskId, fingerprint, priceMicroUsd } = request;
    const memory = memoryOf(request, key.id);
    const admission: Admission = {
      taskId,
      account: this.#owner.name(),
      order: request.order,
      metadata: request.metadata,
      publicUrl: request.publicUrl,
      createdAt: now,
      priceMicroUsd,
      retentionDays: request.retentionDays ?? settings.retentionDays,
      retryOf: request.retryOf,
      webhookUrl: request.webhookUrl ?? settings.webhookUrl,
      webhookForm: request.webhookUrl === null ? "standard" : request.webhookForm,
      // A Worker of the version before knows of no deploy hooks.
      deployHookUrl: request.deployHookUrl ?? null,
      publication: request.publication,
      requestId: request.requestId,
    };
    const task = acceptTask(admission, scaled(this.#env, 1, 0));
    this.#tables.write(() => {
      this.#index.admit({
        admission,
        task,
        keyId: key.id,
        fingerprint,
        joinUntil: memory === null ? joinableUntil(task) : null,
        memory,
        outboxAt: now + scaled(this.#env, outboxWaitMs, outboxFloorMs),
      });
      this.#ledger.move({ keyId: key.id, createdAt: now, microUsd: priceMicroUsd }, null, "reserved");
    });
    this.#owner.arm();
    return { verdict: "admitted", taskId, admission };
  }

  /**
   * What `admit` would answer to an order, with nothing written down; null if it would be admitted. Asked before
   * anything is kept for an order that whoever gives it may not give.
   */
  foresee(request: AdmissionRequest): AdmissionAnswer | null {
    const judged = this.#judge(request, [], Date.now());
    return "verdict" in judged ? judged : null;
  }

  /** Begins what was admitted a while ago and, as far as is known, not begun. */
  async beginDue(): Promise<void> {
    const due = this.#index.dueOutbox(Date.now(), outboxBatch);
    await Promise.all(due.map((entry) => this.#begin(entry)));
  }

  /** When the next order is due to be begun; null if none waits. */
  nextAt(): number | null {
    return this.#index.nextOutboxAt();
  }

  async #begin({ admission, failures }: { admission: Admission; failures: number }): Promise<void> {
    const begun = await this.#env.VIDEO_TASKS.getByName(admission.taskId)
      .begin(admission, 0)
      .then(() => true)
      .catch(() => false);
    const againAt = Date.now() + scaled(this.#env, outboxWaitMs, outboxFloorMs) * 2 ** Math.min(failures, 6);
    this.#tables.write(() => {
      if (begun) this.#index.clearOutbox(admission.taskId);
      else this.#index.postponeOutbox(admission.taskId, againAt);
    });
  }

  /** The answer to an order that is not to be written down; else whose it is, and what holds for it. */
  #judge(
    request: AdmissionRequest,
    gone: readonly string[],
    now: number,
  ): AdmissionAnswer | { key: KeyRow; settings: AccountSettings } {
    const { taskId, priceMicroUsd } = request;
    // A Worker of the version before knows of no tickets.
    const ticket = request.ticket ?? null;
    const key = this.#keys.findActive(request.keySha256);
    if (key === null || (key.kind === "secret") !== (ticket === null)) return { verdict: "invalid_key" };
    if (ticket !== null && !key.binding.tickets) return { verdict: "publishable_key" };
    if (this.#index.findTask(taskId) !== null) {
      return { verdict: "admitted", taskId, admission: this.#index.findAdmission(taskId) };
    }
    const known = this.#findKnown(request, key.id, gone, now);
    if (known !== null) return known;
    if (ticket !== null && !this.#keys.isActiveSecret(ticket.keyId)) return { verdict: "ticket_invalid" };
    if (ticket !== null && now >= ticket.expiresAt * 1000) return { verdict: "ticket_expired" };
    const settings = this.#keys.settings();
    return this.#ledger.judge(key, settings.caps, priceMicroUsd, now) ?? { key, settings };
  }

  /** The answer to an order that was given before; null if it is a new one. */
  #findKnown(
    request: AdmissionRequest,
    keyId: string,
    gone: readonly string[],
    now: number,
  ): AdmissionAnswer | null {
    const { fingerprint, retryOf } = request;
    const memory = memoryOf(request, keyId);
    const as = (verdict: "replayed" | "joined", taskId: string) => ({
      verdict,
      taskId,
      admission: this.#index.findAdmission(taskId),
    });
    if (retryOf !== null) {
      const retried = this.#index.findRetry(retryOf);
      if (retried !== null && !gone.includes(retried)) return as("joined", retried);
    }
    if (memory === null) {
      const joinable = this.#index.findJoinable(keyId, fingerprint, now);
      if (joinable === null || gone.includes(joinable)) return null;
      // The next take was ordered before it was asked for as a retry: it is that retry, also when it is no longer joined.
      if (retryOf !== null) this.#tables.write(() => this.#index.noteRetry(joinable, retryOf));
      return as("joined", joinable);
    }
    const known = this.#index.findIdempotency(memory, now);
    if (known === null) return null;
    if (known.fingerprint !== fingerprint) {
      return { verdict: memory.scope === ticketScope ? "ticket_used" : "idempotency_key_reused" };
    }
    if (known.expiresAt !== null) return { verdict: "task_deleted" };
    return as("replayed", known.taskId);
  }
}

/** What a repeated request is known by: its ticket before its Idempotency-Key; null if neither was sent. */
function memoryOf({ ticket, idempotencyKey }: AdmissionRequest, keyId: string): Memory | null {
  // A Worker of the version before sends no field for it.
  if (ticket !== null && ticket !== undefined) return { scope: ticketScope, name: ticket.id };
  return idempotencyKey === null ? null : { scope: keyId, name: idempotencyKey };
}
