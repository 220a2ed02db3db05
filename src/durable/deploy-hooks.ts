/**
 * Has sites built again when videos finish: an interpreter of domain/deploy-hook.ts, which the Account runs beside its
 * outbox. That a video finished is written down in the block that records its report, so a report that comes again is
 * one finish; a call moves its due time behind its own end before it leaves, so no other guard is needed, and after a
 * crash the alarm finds it due again. Calls go their own way: a hook that hangs delays no order.
 */

import {
  callNow,
  endCall,
  finish,
  finishNewsOf,
  newHook,
  takeUp,
  videosOwed,
  wakeHook,
} from "../domain/deploy-hook.ts";
import { hookIdFrom } from "../domain/ids.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";
import { callDeployHook } from "../ports/deploy-hooks.ts";
import type { TaskReport } from "./account.ts";
import type { Owner } from "./admissions.ts";
import { DeployHookStore, type HookRow } from "./deploy-hook-store.ts";
import type { LazyTables } from "./lazy-tables.ts";
import { hookPaceFor, judgeOutbound, limitsFor } from "./reach.ts";
import type { TaskRow } from "./task-index.ts";

/** The object whose hooks they are. */
export type HookOwner = Owner &
  Readonly<{
    /** Lets work go on when what asked for it has ended. */
    goOn(work: Promise<void>): void;
  }>;

/** What a report means, to be written down with it. */
export type Finish = Readonly<
  | { taskId: string; news: "dropped" }
  /** `isOrders`: its order brought the address. */
  | { taskId: string; news: "finished" | "awaited"; url: string; isOrders: boolean }
>;

/**
 * Six connections may wait for an answer, and a seventh waits for one of these while its own time runs
 * (developers.cloudflare.com/workers/platform/limits): a host that hangs would use up the tries of others.
 */
const callsAtOnce = 6;
const maxListed = 100;
/** Not scaled: people look for what became of their hooks. */
const keptUnusedMs = 30 * 24 * 3_600_000;

export class DeployHooks {
  readonly #env: Env;
  readonly #tables: LazyTables;
  readonly #store: DeployHookStore;
  readonly #owner: HookOwner;
  /** Calls of this process that have no answer yet. */
  #underWay = 0;

  constructor(env: Env, tables: LazyTables, owner: HookOwner) {
    this.#env = env;
    this.#tables = tables;
    this.#store = new DeployHookStore(tables);
    this.#owner = owner;
  }

  /** What is called for orders without a hook of their own; null where nothing is. */
  accountsUrl(): string | null {
    return this.#store.accounts()?.hook.url ?? null;
  }

  /**
   * Sets it. What the one before had still to tell of, the new one tells of; and so does the one before, if orders
   * brought it as well: how many of those videos are theirs is not kept, and a build too many is better than none.
   */
  setAccountsUrl(url: string | null): void {
    const before = this.#store.accounts();
    if (url === null && before === null) return;
    this.#store.prepare();
    const now = Date.now();
    this.#tables.write(() => {
      if (before !== null && before.hook.url !== url) this.#dismiss(before, now);
      if (url === null) return;
      const row = this.#find(url);
      const owed = before === null || before.hook.url === url ? 0 : videosOwed(before.hook);
      const taken = takeUp(row.hook);
      const next = owed === 0 ? taken : finish(taken, owed, now, hookPaceFor(this.#env));
      this.#store.save({ ...row, hook: next, isAccounts: true }, now);
    });
    this.#owner.arm();
  }

  /** The account's own first. */
  list(): HookRow[] {
    return this.#store.all(maxListed);
  }

  /**
   * What a task's report means, as far as a hook is to be called for it; null if it is not. It is written down by
   * `note`, in the block that records the report.
   */
  hear({ task, isServed = true, removed, revision }: TaskReport, row: TaskRow): Finish | null {
    const isAwaited = this.#store.isAwaited(row.taskId);
    const news = finishNewsOf(task, {
      // One without its task was removed, or ended before tasks were kept here.
      isKnown: row.task === null ? row.revision > 0 || row.endedAt !== null : row.task.status === "succeeded",
      isAwaited,
      isServed,
      isRemoved: removed && revision >= row.revision,
    });
    if (news === "none") return null;
    const ordersUrl = task.deployHookUrl ?? null;
    const url = ordersUrl ?? this.accountsUrl();
    if (url !== null) this.#store.prepare();
    else if (!isAwaited) return null;
    const { taskId } = row;
    // The account's hook may have been taken away since the task was awaited.
    return url === null || news === "dropped"
      ? { taskId, news: "dropped" }
      : { taskId, news, url, isOrders: ordersUrl !== null };
  }

  /** Writes it down. Called within a write; the alarm is the caller's to set. */
  note(about: Finish): void {
    const { taskId } = about;
    if (about.news === "awaited") {
      this.#store.await(taskId);
      return;
    }
    this.#store.awaitNoMore(taskId);
    if (about.news === "dropped") return;
    const now = Date.now();
    const row = this.#find(about.url);
    const hook = finish(row.hook, 1, now, hookPaceFor(this.#env));
    this.#store.save({ ...row, hook, isOrders: row.isOrders || about.isOrders }, now);
  }

  /** When there is something to do; null when nothing is. Where no more calls may leave, the end of one sets the alarm. */
  nextAt(): number | null {
    const at = this.#store.nextAt();
    if (at === null || this.#underWay < callsAtOnce) return at;
    return Math.max(at, Date.now() + hookPaceFor(this.#env).boundMs);
  }

  /** Calls what is due, without waiting for it. */
  wake(): void {
    const free = Math.max(0, callsAtOnce - this.#underWay);
    for (const row of this.#store.due(Date.now(), free)) this.#wake(row);
  }

  /** Calls a hook now, or as soon as a call may leave; null if there is none with this id. */
  callNow(id: string): HookRow | null {
    const row = this.#store.find("id", id);
    if (row === null) return null;
    const due = { ...row, hook: callNow(row.hook, Date.now()) };
    if (this.#underWay < callsAtOnce) this.#wake(due);
    else if (due.hook !== row.hook) this.#save(due);
    this.#owner.arm();
    return this.#store.find("id", id);
  }

  /** Forgets what orders brought a month ago, and nobody used since. */
  dropUnused(): void {
    if (!this.#store.exist) return;
    this.#tables.write(() => this.#store.dropUnused(Date.now() - keptUnusedMs));
  }

  #wake(row: HookRow): void {
    const now = Date.now();
    const woken = wakeHook(row.hook, now, hookPaceFor(this.#env));
    if (woken === row.hook) return;
    this.#save({ ...row, hook: woken });
    if (woken.state === "calling") this.#owner.goOn(this.#call(woken.id, woken.url, now, woken.videos));
  }

  /** One call, already written down as under way. Never rejects. */
  async #call(id: string, url: string, calledAt: number, videos: number): Promise<void> {
    this.#underWay += 1;
    const outcome = await this.#send(url, calledAt).finally(() => {
      this.#underWay -= 1;
    });
    const row = this.#store.find("url", url);
    // Its owner took it away meanwhile, and may have given it anew.
    if (row?.hook.id !== id) return this.#owner.arm();
    const hook = endCall(row.hook, calledAt, outcome, Date.now(), hookPaceFor(this.#env));
    this.#save({ ...row, hook });
    const { status, durationMs } = outcome;
    log("deploy_hook", {
      ...{ account: this.#owner.name(), hook: id, host: new URL(url).host, videos },
      ...{ status, duration_ms: durationMs, state: hook.state },
    });
    this.#owner.arm();
  }

  async #send(url: string, now: number) {
    const verdict = judgeOutbound(this.#env, url);
    if (!verdict.accepted) {
      const error = `Nothing was sent: the address ${verdict.problem}.`;
      return { status: null, error, durationMs: 0, retryAfterMs: 0, verdict: "refused" } as const;
    }
    const sender = {
      fetch: (request: Request) => fetch(request),
      timeoutMs: limitsFor(this.#env).deployHookTimeoutMs,
    };
    return callDeployHook(sender, verdict.url, now);
  }

  #find(url: string): HookRow {
    const id = hookIdFrom(crypto.getRandomValues(new Uint8Array(26)));
    return this.#store.find("url", url) ?? { hook: newHook(id, url), isAccounts: false, isOrders: false };
  }

  /** The account's no more; an order's own is fixed with the order. */
  #dismiss(row: HookRow, now: number): void {
    if (row.isOrders) this.#store.save({ ...row, isAccounts: false }, now);
    else this.#store.remove(row.hook.url);
  }

  #save(row: HookRow): void {
    this.#tables.write(() => this.#store.save(row, Date.now()));
  }
}
