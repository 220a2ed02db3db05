/**
 * Who orders: one object per account. It knows the account's keys, admits its orders, counts its money, keeps the index
 * of its tasks, and has sites built again when videos finish. It never waits for MiniMax. One more object of the class,
 * the directory, knows which accounts exist, so that a sweep finds every task.
 */

import { DurableObject } from "cloudflare:workers";
import type { Binding, BindingProblem } from "../domain/binding.ts";
import { joinableUntil } from "../domain/joining.ts";
import { amountOf, type Caps, moneyOf, noCaps } from "../domain/money.ts";
import { type Admission, isOver, type Task } from "../domain/task.ts";
import { statusOf } from "../domain/view.ts";
import type { Env } from "../env.ts";
import { logProblem } from "../log.ts";
import { accountTables } from "./account-tables.ts";
import { type AdmissionAnswer, type AdmissionRequest, Admissions } from "./admissions.ts";
import type { HookRow } from "./deploy-hook-store.ts";
import { DeployHooks } from "./deploy-hooks.ts";
import type { AccountSettings, KeyKind } from "./key-store.ts";
import {
  type KeyChange,
  type KeyIdentity,
  Keyring,
  type KeySummary,
  type SettingsChange,
} from "./keyring.ts";
import { LazyTables } from "./lazy-tables.ts";
import { Ledger, type Spending } from "./ledger.ts";
import { scaled } from "./reach.ts";
import { type ListFilter, type NumberedPage, TaskIndex, type TaskRow } from "./task-index.ts";
import { type WebhookSecretRow, WebhookSecrets } from "./webhook-secrets.ts";

/**
 * What a VideoTask tells its Account; sent again until it was heard. Reports that come late or twice change nothing:
 * the highest revision counts, and it counts once.
 */
export type TaskReport = Readonly<{
  task: Task;
  revision: number;
  removed: boolean;
  /** When an ended task has something to do next: its retention, a webhook. Null: nothing. */
  wakeAt: number | null;
  /** Whether what is published of its video is there, once it succeeded; a task of the version before does not say. */
  isServed?: boolean;
}>;

/** What an account and one of its keys spent. */
export type Usage = Readonly<{ account: Spending; key: Spending & { id: string; name: string } }>;
/** `deployHookUrl` is a secret, whole. */
export type AccountSummary = AccountSettings &
  Readonly<{ name: string; deployHookUrl: string | null; spending: Spending }>;
/** `deployHookUrl`: null takes it away. */
export type AccountChange = SettingsChange & Readonly<{ deployHookUrl?: string | null }>;
/** A task whose money is held; `task` is null if it was removed since. */
export type HeldTask = Pick<TaskRow, "taskId" | "createdAt" | "microUsd" | "task">;

const deletedKeyMemoryMs = 30 * 24 * 3_600_000;
const sweepBatch = 50;
const sweepEveryMs = 15 * 60_000;
/** Scaled, never shorter: tasks are to come to their own work first. */
const sweepFloorMs = 2000;

export class Account extends DurableObject<Env> {
  readonly #tables: LazyTables;
  readonly #keys: Keyring;
  readonly #index: TaskIndex;
  readonly #ledger: Ledger;
  readonly #admissions: Admissions;
  readonly #webhookSecrets: WebhookSecrets;
  readonly #deployHooks: DeployHooks;
  /** When the alarm rings, as far as this process set it; null where it cannot tell. */
  #alarmAt: number | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#tables = new LazyTables(ctx.storage, accountTables);
    this.#keys = new Keyring(this.#tables);
    this.#index = new TaskIndex(this.#tables.sql);
    this.#ledger = new Ledger(this.#tables);
    this.#webhookSecrets = new WebhookSecrets(this.#tables.sql);
    const owner = {
      name: () => this.#name(),
      arm: () => this.#arm(),
      goOn: (work: Promise<void>) => this.ctx.waitUntil(work),
    };
    const parts = { tables: this.#tables, keys: this.#keys, index: this.#index, ledger: this.#ledger };
    this.#admissions = new Admissions(env, parts, owner);
    this.#deployHooks = new DeployHooks(env, this.#tables, owner);
  }

  /** Who an active key with this hash is; null if there is none, or its account is closed. */
  authenticate(keySha256: string): KeyIdentity | null {
    return this.#keys.authenticate(keySha256, Date.now());
  }

  /** Makes a key; its text is known to the answer alone. Null if the account is closed. */
  createKey(
    name: string,
    about: { kind?: KeyKind; caps?: Caps; binding?: Binding } = {},
  ): (KeySummary & { key: string }) | null {
    if (this.#keys.settings().closedAt !== null) return null;
    const { kind = "secret", caps = noCaps } = about;
    return this.#keys.create(this.#name(), { ...about, name, kind, caps, now: Date.now() });
  }

  keys(): KeySummary[] {
    return this.#keys.list(this.#name());
  }

  /** Changes a key's name, caps or binding; null if there is none with this id. */
  changeKey(id: string, change: KeyChange): KeySummary | BindingProblem | null {
    return this.#keys.change(this.#name(), id, change);
  }

  /** Revokes a key for good; null if there is none with this id. */
  revokeKey(id: string): KeySummary | null {
    return this.#keys.revoke(this.#name(), id, Date.now());
  }

  /** The account's own settings, and what it spent. */
  describe(): AccountSummary {
    const settings = this.#keys.settings();
    return {
      ...settings,
      name: this.#name(),
      deployHookUrl: this.#deployHooks.accountsUrl(),
      spending: this.#ledger.spending(null, settings.caps, Date.now()),
    };
  }

  /** Changes the account's own settings. A closed account refuses its keys; its tasks go on and its links work. */
  change({ deployHookUrl, ...change }: AccountChange): AccountSummary {
    this.#keys.changeSettings(change, Date.now());
    if (deployHookUrl !== undefined) this.#deployHooks.setAccountsUrl(deployHookUrl);
    return this.describe();
  }

  /** The secrets that sign the account's webhooks now, the newest first; the first is made when it is first needed. */
  webhookSecrets(): WebhookSecretRow[] {
    const now = Date.now();
    const signing = this.#tables.exist ? this.#webhookSecrets.signing(now) : [];
    return signing.length > 0 ? signing : this.rotateWebhookSecret();
  }

  /** Makes a new secret; the one before it signs, too, for another day. */
  rotateWebhookSecret(): WebhookSecretRow[] {
    const random = crypto.getRandomValues(new Uint8Array(32));
    this.#tables.write(() => this.#webhookSecrets.rotate(random, Date.now()));
    return this.#webhookSecrets.signing(Date.now());
  }

  /** The deploy hooks that were set, or that orders brought lately; their addresses are whole. */
  deployHooks(): HookRow[] {
    return this.#deployHooks.list();
  }

  /** Calls a deploy hook now; null if there is none with this id. */
  callDeployHook(id: string): HookRow | null {
    return this.#deployHooks.callNow(id);
  }

  /** What the account and this key of it spent; null if there is no such active key. */
  usage(keySha256: string): Usage | null {
    const key = this.#keys.findActive(keySha256);
    if (key === null) return null;
    const now = Date.now();
    const { id, name, caps } = key;
    return {
      account: this.#ledger.spending(null, this.#keys.settings().caps, now),
      key: { id, name, ...this.#ledger.spending(id, caps, now) },
    };
  }

  /** Admits an order exactly once; see `Admissions.admit`. */
  admit(request: AdmissionRequest, gone: readonly string[] = []): AdmissionAnswer {
    return this.#admissions.admit(request, gone);
  }

  /** What `admit` would answer to an order, with nothing written down; null if it would be admitted. */
  foresee(request: AdmissionRequest): AdmissionAnswer | null {
    return this.#admissions.foresee(request);
  }

  /** An order that was admitted and, as far as is known, not begun yet. */
  pending(taskId: string): Admission | null {
    return this.#tables.exist ? this.#index.findAdmission(taskId) : null;
  }

  /**
   * A task tells what became of it. Its first word also proves that it began.
   * @returns true if the same is to be told again once the video is served: a deploy hook waits for that.
   */
  report(report: TaskReport): boolean {
    const { task, revision } = report;
    const row = this.#tables.exist ? this.#index.findTask(task.taskId) : null;
    if (row === null) return false;
    const finish = this.#deployHooks.hear(report, row);
    // A removal is a task's last word. Told again, it would take back what the operator told about its money since.
    const isOld = row.revision >= revision || (row.task === null && row.revision > 0);
    if (!isOld || finish !== null) {
      this.#tables.write(() => {
        if (!isOld) this.#noteReport(row, report);
        if (finish !== null) this.#deployHooks.note(finish);
      });
    }
    if (finish?.news === "finished") this.#arm();
    return finish?.news === "awaited";
  }

  #noteReport(row: TaskRow, { task, revision, removed, wakeAt }: TaskReport): void {
    const { taskId } = task;
    // One that names a provider task which another task holds keeps what is known: the row decides.
    const named = "providerTaskId" in task ? task.providerTaskId : null;
    const holder = named === null ? null : this.#index.holderOf(named);
    const [money, microUsd] = [moneyOf(task), amountOf(task)];
    this.#index.clearOutbox(taskId);
    this.#index.noteTask(row, {
      task: removed ? null : task,
      status: removed ? "removed" : statusOf(task),
      revision,
      microUsd,
      money,
      endedAt: isOver(task) ? task.endedAt : null,
      providerTaskId: holder === null || holder === taskId ? named : null,
      joinUntil: removed || row.joinUntil === null ? null : joinableUntil(task),
      wakeAt: removed ? null : isOver(task) ? wakeAt : 0,
    });
    this.#ledger.move(row, row.money, money, microUsd);
    if (task.status === "failed" && money === "released") this.#index.forgetIdempotency(taskId);
    if (removed) this.#index.expireIdempotency(taskId, Date.now() + deletedKeyMemoryMs);
  }

  /** A task as it last reported; null if it is not this account's, or was removed. */
  reported(taskId: string): Task | null {
    return this.#tables.exist ? (this.#index.findTask(taskId)?.task ?? null) : null;
  }

  /** A page of the account's tasks as they last reported; null if there never was a task `after`. */
  list(about: {
    after: string | null;
    order: "asc" | "desc";
    limit: number;
    filter: ListFilter;
  }): { tasks: Task[]; hasMore: boolean } | null {
    if (!this.#tables.exist) return about.after === null ? { tasks: [], hasMore: false } : null;
    const tasks = this.#index.list({ ...about, limit: about.limit + 1 });
    if (tasks === null) return null;
    return { tasks: tasks.slice(0, about.limit), hasMore: tasks.length > about.limit };
  }

  /** Its tasks as they last reported, by numbered pages, as MiniMax's V2 lists them. */
  listNumbered(page: NumberedPage): { tasks: Task[]; total: number } {
    return this.#tables.exist ? this.#index.listNumbered(page) : { tasks: [], total: 0 };
  }

  /** Tasks of which nobody knows whether MiniMax charged for them, the oldest first. */
  held(): HeldTask[] {
    if (!this.#tables.exist) return [];
    return this.#index
      .held()
      .map(({ taskId, createdAt, microUsd, task }) => ({ taskId, createdAt, microUsd, task }));
  }

  /** Settles or releases what is held for a task that was removed: false if nothing is. A task that exists does it itself. */
  resolveRemoved(taskId: string, money: "settled" | "released"): boolean {
    const row = this.#tables.exist ? this.#index.findTask(taskId) : null;
    if (row?.money !== "held" || row.task !== null) return false;
    this.#tables.write(() => {
      this.#index.noteMoney(taskId, money);
      this.#ledger.move(row, row.money, money);
    });
    return true;
  }

  /** Gives a provider task to the task that asks, unless another holds it. */
  claimProviderTask(providerTaskId: string, taskId: string): boolean {
    const holder = this.holderOf(providerTaskId);
    if (holder !== null) return holder === taskId;
    this.#tables.write(() => this.#index.holdProviderTask(taskId, providerTaskId));
    return true;
  }

  /** Takes a claim back that turned out to be another account's. */
  dropProviderTask(taskId: string): void {
    this.#tables.write(() => this.#index.holdProviderTask(taskId, null));
  }

  /** Which task of this account holds a provider task; null if none does. */
  holderOf(providerTaskId: string): string | null {
    return this.#tables.exist ? this.#index.holderOf(providerTaskId) : null;
  }

  /**
   * Visits tasks that were not visited for a while, a batch at a time: unfinished ones, and ended ones that have
   * something left to do. They mend themselves when woken.
   */
  async sweep(): Promise<void> {
    if (!this.#tables.exist) return;
    const now = Date.now();
    const before = now - scaled(this.env, sweepEveryMs, sweepFloorMs);
    for (const taskId of this.#index.unvisited(before, sweepBatch)) {
      this.#tables.write(() => this.#index.noteSwept(taskId, now));
      await this.env.VIDEO_TASKS.getByName(taskId)
        .wake()
        .then((wakeAt) => this.#tables.write(() => this.#index.noteWake(taskId, wakeAt)))
        .catch(() => {});
    }
    this.#tables.write(() => this.#index.dropExpired(now));
    this.#tables.write(() => this.#webhookSecrets.dropExpired(now));
    this.#deployHooks.dropUnused();
    // Whatever is remembered of it: an alarm that was lost is set again.
    this.#alarmAt = null;
    this.#arm();
  }

  /** Directory only: notes that an account exists, before anything is put into it; false if it was known. */
  addAccount(name: string): boolean {
    return this.#keys.addAccount(name, Date.now());
  }

  /** Directory only. */
  accounts(): { name: string; createdAt: number }[] {
    return this.#keys.accounts();
  }

  /**
   * Begins what was admitted and, as far as is known, not begun; and calls the deploy hooks that are due. Never throws:
   * an alarm that does dies in silence.
   */
  override async alarm(_info?: AlarmInvocationInfo): Promise<void> {
    this.#alarmAt = null;
    try {
      // Not waited for: while this is under way no alarm can ring for the outbox.
      this.#deployHooks.wake();
    } catch (error) {
      logProblem("deploy_hook_failed", { account: this.ctx.id.name, error: String(error) });
    }
    try {
      await this.#admissions.beginDue();
    } catch (error) {
      logProblem("outbox_failed", { account: this.ctx.id.name, error: String(error) });
    }
    this.#arm();
  }

  /** Rings for the outbox and for deploy hooks; it stays set when a task reports early, and finds nothing to do. */
  #arm(): void {
    if (!this.#tables.exist) return;
    const nexts = [this.#admissions.nextAt(), this.#deployHooks.nextAt()].filter((at) => at !== null);
    if (nexts.length === 0) return;
    const next = Math.min(...nexts);
    const now = Date.now();
    const at = Math.max(next, now + 100);
    // One that rings before looks and is set anew; a burst of orders sets one. A second on, it cannot have rung yet.
    if (this.#alarmAt !== null && this.#alarmAt <= at && this.#alarmAt > now + 1000) return;
    this.#alarmAt = at;
    void this.ctx.storage.setAlarm(at);
  }

  #name(): string {
    const name = this.ctx.id.name;
    if (name === undefined) throw new Error("an Account is reached by its name");
    return name;
  }
}
