/**
 * One video: an interpreter of domain/task.ts. It takes the step that is due, turns what happened into an event,
 * and records what the task is then. Time passes through its alarm; there is one turn at a time, whoever asks.
 *
 * After every `await` the row may have changed (a callback, a cancel, a removal), so an event is always applied to
 * the row as it is then, and `advance` drops what no longer fits. Nothing that was paid for is lost to a collision.
 */

import { DurableObject } from "cloudflare:workers";
import { advance } from "../domain/advance.ts";
import { isSameSecret, sha256Hex } from "../domain/hash.ts";
import { isNews, type JournalEntry, writeJournal } from "../domain/journal.ts";
import { miniMaxV2Status } from "../domain/minimax-v2.ts";
import { moneyOf } from "../domain/money.ts";
import { isPosterWanted } from "../domain/poster.ts";
import type { Publication } from "../domain/publication.ts";
import {
  type Admission,
  acceptTask,
  hasVerdict,
  isCancelled,
  isOver,
  nextStep,
  type Step,
  type Task,
  type TaskEvent,
  wakeAt,
} from "../domain/task.ts";
import type { Delivery } from "../domain/webhook.ts";
import type { Env } from "../env.ts";
import { log, logProblem } from "../log.ts";
import { Courier } from "./courier.ts";
import { Errands, errandsAfter, nextWake, withRemoval } from "./errands.ts";
import { confirm, list, look, submit, withdraw } from "./perform.ts";
import { Posters } from "./posters.ts";
import { Publisher } from "./publisher.ts";
import { type Answer, type Reach, reachFor, scaled } from "./reach.ts";
import { type AlarmRule, earliestDue, nothingDue, type StoredTask, TaskStore } from "./task-store.ts";
import { keep } from "./transfer.ts";
import { askForTurn, tellOutcome } from "./turn.ts";
import { Waiting } from "./waiting.ts";

/** A task as its readers get it, how often it changed, and when it will next be looked at. */
export type Snapshot = Readonly<{ task: Task; revision: number; nextAt: number | null }>;

export type CallbackAnswer = { kind: "unknown" } | { kind: "challenge" } | { kind: "heard" };

/** Steps that one turn may take in a row before it leaves the next to the alarm. */
const maxStepsATurn = 8;
const alarmLeadMs = 100;
const retryAfterDefectMs = 30_000;
const watchdogMs = 30_000;
const overdueMs = 60_000;
/** A caller's cancel is answered with MiniMax's word if that comes in time. */
const withdrawalWaitMs = 8000;
/** A removed task stays known for so long that no begin can still be under way that would make it again. */
const tombstoneMs = 24 * 3_600_000;

export class VideoTask extends DurableObject<Env> {
  readonly #store: TaskStore;
  #turn: Promise<void> | null = null;
  readonly #waiting = new Waiting();
  /** What was answered since the last record. */
  readonly #heard: JournalEntry[] = [];
  readonly #courier: Courier;
  readonly #posters: Posters;
  readonly #publisher: Publisher;
  readonly #errands: Errands;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new TaskStore(ctx.storage);
    this.#courier = new Courier(env, this.#store, {
      alarmRule: () => this.#alarmRule(),
      isTurning: () => this.#turn !== null,
      goOn: (work) => this.ctx.waitUntil(work),
    });
    this.#posters = new Posters(this.#store, {
      env: () => this.env,
      apply: (event) => this.#apply(event),
      record: (stored) => this.#record(stored),
      goOn: (work) => this.ctx.waitUntil(work),
    });
    this.#publisher = new Publisher(env.VIDEOS, this.#store, {
      alarmRule: () => this.#alarmRule(),
      goOn: (work) => this.ctx.waitUntil(work),
      preparePoster: (stored) => this.#posters.prepare(stored),
    });
    this.#errands = new Errands(this.#store, {
      env: () => this.env,
      record: (stored) => this.#record(stored),
    });
    this.#heal();
  }

  /**
   * Begins the task, or finds it begun: repeating this is harmless, even after the task was removed.
   * @param waitMs how long to wait for MiniMax's verdict on the create; 0 leaves it to the alarm.
   */
  async begin(admission: Admission, waitMs: number): Promise<Snapshot | null> {
    if (this.#store.removedUntil() !== null) return null;
    if (this.#store.load() === null) this.#accept(admission, waitMs > 0);
    // Beside the create: who is answered finds the address known.
    const publishing = admission.publication === null ? null : this.#publisher.settle();
    const verdict = await this.verdict(admission.account, waitMs);
    if (publishing === null || waitMs <= 0) return verdict;
    await publishing;
    return this.read(admission.account);
  }

  /** The task once MiniMax has answered its create, or as it is after `waitMs`; null if it is not this account's. */
  async verdict(account: string, waitMs: number): Promise<Snapshot | null> {
    const end = Date.now() + waitMs;
    const first = this.read(account);
    if (first === null || hasVerdict(first.task) || waitMs <= 0) return first;
    this.ctx.waitUntil(this.#takeTurn());
    for (;;) {
      const snapshot = this.read(account);
      const left = end - Date.now();
      if (snapshot === null || hasVerdict(snapshot.task) || left <= 0) return snapshot;
      await this.#waiting.forChange(left);
    }
  }

  /** The task, or null if there is none or it is another account's. */
  read(account: string): Snapshot | null {
    const stored = this.#heal();
    if (stored === null || stored.task.account !== account || stored.due.remove !== null) return null;
    return { task: stored.task, revision: stored.revision, nextAt: stored.due.step };
  }

  /** Wakes a task that a sweep visits: one that is late mends itself. @returns when it has something to do next, if it has. */
  wake(): number | null {
    const stored = this.#heal();
    return stored === null ? null : nextWake(stored.due);
  }

  /**
   * The pacer says that it is this task's turn: it asks again, and is granted.
   * @returns false if it wants no turn any more.
   */
  async called(): Promise<boolean> {
    // The call may overtake the answer that puts the task in line.
    if (this.#turn !== null && this.#store.load()?.task.status === "accepted") await this.#turn;
    const stored = this.#store.load();
    if (stored?.task.status !== "accepted" || stored.due.remove !== null) return false;
    // In this order the alarm is the turn's watchdog at once; it would ring in the middle of the turn otherwise.
    this.ctx.waitUntil(this.#takeTurn());
    this.#apply({ type: "called" });
    return true;
  }

  /**
   * MiniMax tells us something: a challenge to repeat, or a push. Neither is believed: a push only pulls a look
   * forward, or names a provider task that is then asked for under our own key.
   */
  hear(secret: string, message: { challenge: boolean; providerTaskId: string | null }): CallbackAnswer {
    const attempt = this.#attemptOf(secret);
    const stored = this.#store.load();
    if (attempt === null || stored === null) return { kind: "unknown" };
    if (message.challenge) {
      this.#hear(stored.task, { event: "callback", answer: "challenge", traceId: null });
      this.#apply({ type: "challenged", attempt });
      return { kind: "challenge" };
    }
    if (message.providerTaskId !== null) {
      this.#hear(stored.task, { event: "callback", answer: "push", traceId: null });
      this.#apply({ type: "pushed", attempt, providerTaskId: message.providerTaskId });
    }
    return { kind: "heard" };
  }

  /**
   * Cancels a task that is not over, or removes one that is, with its file.
   * @returns what the task was then, and which of both was done; null if it is not this account's.
   */
  async remove(account: string): Promise<{ did: "cancelled" | "removed"; task: Task } | null> {
    const snapshot = this.read(account);
    if (snapshot === null) return null;
    if (!isOver(snapshot.task)) {
      this.#apply({ type: "cancelled" });
      // A take-down holds when it is answered.
      await this.#publisher.settle();
      await this.#withdrawn();
      // Told at once, so that the same order right after this one is a new one. If it is not heard, the alarm goes on.
      await this.#errands.report();
      const stored = this.#store.load();
      return { did: "cancelled", task: stored?.task ?? snapshot.task };
    }
    const stored = this.#store.load();
    if (stored !== null) {
      const removal = withRemoval(stored);
      this.#record(removal);
      await this.#publisher.settle(removal);
    }
    // A turn that is under way is not waited for: the removal is written down, and comes next.
    if (this.#turn === null) await this.#takeTurn();
    return { did: "removed", task: snapshot.task };
  }

  /**
   * What MiniMax's V2 does with a DELETE, and no more: cancels what is queued, if MiniMax lets go of it, and removes
   * what succeeded or failed. A video that has begun is left alone: it is paid for, and would be lost.
   * @returns what the task is then, and which was done; null if it is not this account's.
   */
  async dismiss(account: string): Promise<{ did: "cancelled" | "removed" | "nothing"; task: Task } | null> {
    if (this.read(account)?.task.status === "submitting") await this.verdict(account, withdrawalWaitMs);
    // As it is now, and in one block with what is done: who waited for the same create may have cancelled it meanwhile.
    const current = this.read(account);
    if (current === null) return null;
    const { task } = current;
    const status = miniMaxV2Status(task);
    if (status === "succeeded" || status === "failed" || task.status === "accepted") {
      return this.remove(account);
    }
    if (status !== "queued" || task.status !== "generating") return { did: "nothing", task };
    const event = await withdraw(this.#reachFor(task), task.providerTaskId);
    // In one block with MiniMax's word, so that nobody sees it cancelled and still going on.
    if (event.type === "withdrawn") this.#apply({ type: "cancelled" });
    const after = this.#apply(event) ?? task;
    if (miniMaxV2Status(after) !== "cancelled") return { did: "nothing", task: after };
    await this.#publisher.settle();
    await this.#errands.report();
    return { did: "cancelled", task: after };
  }

  /** Waits for what MiniMax says to a cancel, where it can let go of the task; the alarm goes on where that takes long. */
  async #withdrawn(): Promise<void> {
    const end = Date.now() + withdrawalWaitMs;
    for (;;) {
      const task = this.#store.load()?.task;
      if (task?.status !== "generating" || nextStep(task, Date.now()).do !== "withdraw") return;
      const left = end - Date.now();
      if (left <= 0) return;
      this.ctx.waitUntil(this.#takeTurn());
      await this.#waiting.forChange(left);
    }
  }

  /**
   * Publishes the video, before or after it is made, or changes how it is published.
   * @returns the task as it is then; null if it is not this account's.
   */
  async publish(account: string, publication: Publication): Promise<Task | null> {
    if (this.read(account) === null) return null;
    this.#apply({ type: "published", publication });
    await this.#publisher.settle();
    return this.read(account)?.task ?? null;
  }

  /**
   * Takes the video down; its address will be the same if it is published again.
   * @returns whether it is down already: if not, R2 did not do it yet, and the alarm goes on; null if it is not this
   * account's.
   */
  async unpublish(account: string): Promise<{ isDown: boolean } | null> {
    if (this.read(account) === null) return null;
    this.#apply({ type: "unpublished" });
    return { isDown: await this.#publisher.settle() };
  }

  /**
   * The operator read in MiniMax's bill or list what became of a task whose money is held: charged or not, or which
   * provider task it is. The latter is only believed once MiniMax confirms it; the video then lands.
   * @returns the task as it is then; null if it is not this account's.
   */
  async resolve(
    account: string,
    found: { money: "settled" | "released" } | { providerTaskId: string },
  ): Promise<Task | null> {
    if (this.read(account) === null) return null;
    if ("money" in found) this.#apply({ type: "moneyResolved", money: found.money });
    else this.#apply({ type: "named", providerTaskId: found.providerTaskId });
    if (this.#turn === null) await this.#takeTurn();
    return this.read(account)?.task ?? null;
  }

  /** What MiniMax answered, the oldest first; null if it is not this account's task. */
  journal(account: string): readonly JournalEntry[] | null {
    return this.read(account) === null ? null : (this.#store.load()?.journal ?? []);
  }

  /** What the caller was told, or will be, the oldest first; null if it is not this account's task. */
  deliveries(account: string): Delivery[] | null {
    return this.read(account) === null ? null : this.#store.deliveries();
  }

  /** Tells it again now; null if there is no such task or message. */
  replay(account: string, messageId: string): Delivery | null {
    return this.read(account) === null ? null : this.#courier.replay(messageId);
  }

  override async alarm(_info?: AlarmInvocationInfo): Promise<void> {
    this.#store.alarmRang();
    this.#courier.deliver();
    const stored = this.#store.load();
    if (stored === null) return this.#forget();
    const publishing = this.#publisher.settle(stored);
    // Not waited for: while this is under way no alarm can ring for anything else.
    void this.#posters.settle(stored);
    if (this.#turn !== null) {
      // The turn in flight arms the alarm when it ends. The one that just rang is used up, so it needs another
      // for the case that this process dies before.
      this.#store.arm({ ...stored.due, step: Date.now() }, this.#alarmRule());
      return;
    }
    await this.#takeTurn();
    // While it is under way it is still due: ringing for it again would be in vain.
    await publishing;
  }

  /** Nothing is left but the word that the task was removed; in its time that goes, too. */
  async #forget(): Promise<void> {
    const until = this.#store.removedUntil();
    if (until === null || until <= Date.now()) return this.#store.deleteAll();
    await this.ctx.storage.setAlarm(until);
  }

  /** @param journal where it is at hand: a look that brings nothing new is then not told. */
  #reachFor(task: Task, journal: readonly JournalEntry[] = []): Reach {
    return reachFor(this.env, task, (answer) => this.#hear(task, answer, journal.at(-1)));
  }

  /** One line of log at once; the journal is written with what follows from it. */
  #hear(task: Task, { event, answer, traceId, provider, reason }: Answer, last?: JournalEntry): void {
    const code = provider?.statusCode ?? null;
    const entry = { at: Date.now(), event, answer, traceId, code, detail: reason ?? null };
    if (!isNews(this.#heard.at(-1) ?? last, entry)) return;
    this.#heard.push(entry);
    log(event, { ...namesOf(task), answer, trace_id: traceId, code, reason });
  }

  /** @param beginsNow whether a turn follows in this very block: then the alarm is its watchdog. */
  #accept(admission: Admission, beginsNow: boolean): void {
    const task = acceptTask(admission, scaled(this.env, 1, 0));
    const now = Date.now();
    const publish = task.publication === null ? null : now;
    const poster = isPosterWanted(task, this.env.MEDIA !== undefined) ? now : null;
    const due = { ...nothingDue, step: now, publish, poster };
    this.#store.record({ task, due, revision: 1, failures: 0, journal: [] }, this.#alarmRule(beginsNow));
  }

  /** One turn at a time: whoever asks while one is under way waits for that one. Never rejects. */
  #takeTurn(): Promise<void> {
    if (this.#turn !== null) return this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    // Set before the turn's first step, whose records must already know that a turn is under way.
    this.#turn = promise;
    void this.#performTurn()
      .then(
        () => alarmLeadMs,
        (error) => {
          // A defect of ours, or a setting that was taken away: try again later rather than let the alarm die.
          logProblem("turn_failed", { task: this.ctx.id.name, error: String(error) });
          return retryAfterDefectMs;
        },
      )
      .then((leadMs) => {
        this.#turn = null;
        const stored = this.#store.load();
        if (stored !== null) this.#store.arm(stored.due, { from: Date.now() + leadMs, isWatchdog: false });
        this.#waiting.wakeAll();
        resolve();
      });
    return promise;
  }

  async #performTurn(): Promise<void> {
    for (let steps = 0; steps < maxStepsATurn; steps++) {
      // Before the next step, which may be a long transfer: others wait for the place.
      await this.#errands.leave();
      const stored = this.#store.load();
      if (stored === null) return;
      if (stored.due.remove !== null) {
        const isRemoved = await this.#errands.removeAll(stored, async () => {
          await this.#posters.rest();
          return this.#publisher.settle(stored);
        });
        if (isRemoved) this.#store.entomb(Date.now() + tombstoneMs);
        return;
      }
      if (stored.due.expire !== null && stored.due.expire <= Date.now()) {
        this.#record(withRemoval(stored));
        continue;
      }
      const step = nextStep(stored.task, Date.now());
      if (step.do === "sleep" || step.do === "rest") break;
      await this.#perform(step, stored);
    }
    await this.#errands.report();
    await this.#errands.tidy();
  }

  async #perform(step: Step, { task, journal }: StoredTask): Promise<void> {
    switch (step.do) {
      case "submit":
        return this.#submit(task, step.attempt, step.withCallback);
      case "presumeLost":
        if (task.status === "submitting")
          this.#apply({ type: "submitLost", attempt: task.attempt, candidate: null });
        return;
      case "confirm":
        this.#apply(await confirm(this.#reachFor(task), step.providerTaskId));
        return;
      case "look":
        this.#apply(await look(this.#reachFor(task, journal), step.providerTaskId));
        return;
      case "withdraw":
        this.#apply(await withdraw(this.#reachFor(task, journal), step.providerTaskId));
        return;
      case "list":
        this.#apply(await list(this.#reachFor(task), task, step));
        return;
      case "store":
        return this.#keep(task, step.providerFileId);
      case "giveUp":
        this.#apply({ type: "gaveUp" });
        return;
      case "sleep":
      case "rest":
        return;
    }
  }

  /**
   * Its turn first, from the pacer. Then intent before effect: `submitting`, the secret's hash and the watchdog are
   * durable before the create leaves.
   */
  async #submit(before: Task, attempt: number, withCallback: boolean): Promise<void> {
    // Taken first: a setting that is missing must stop us before the intent is written, not after.
    const reach = this.#reachFor(before);
    if (!(await this.#hasTurn(before, attempt))) return;
    const secret = randomText();
    const task = this.#apply(
      { type: "submitStarted", attempt, withCallback },
      { attempt, sha256: sha256Hex(secret) },
    );
    if (task?.status !== "submitting" || task.attempt !== attempt) return;
    const callbackUrl = `${task.publicUrl}/callbacks/minimax/${task.taskId}?secret=${secret}`;
    const isWanted = () => {
      const current = this.#store.load()?.task;
      return current !== undefined && !isCancelled(current);
    };
    const event = await submit(reach, task, attempt, withCallback ? callbackUrl : null, isWanted);
    this.#apply(event);
    await this.#tellOutcome(task, attempt, event);
  }

  /** True if the pacer lets this attempt go now; if not, the task stands in line, or asks again later. */
  async #hasTurn(task: Task, attempt: number): Promise<boolean> {
    const event = await askForTurn(this.env, task, attempt);
    const current = this.#store.load()?.task;
    if (current?.status !== "accepted" || current.attempts + 1 !== attempt) {
      // Ended while it asked, so it holds a place that nobody wants.
      this.#errands.oweLeave();
      return false;
    }
    if (event !== null) this.#apply(event);
    return event === null;
  }

  /** Tells the pacer what became of a create; where the task has left for good, that is due and told with it. */
  async #tellOutcome(task: Task, attempt: number, outcome: TaskEvent): Promise<void> {
    const before = this.#store.load();
    const isWaiting = before?.task.status === "accepted";
    if (outcome.type !== "submitDeferred" && before?.due.leave !== null) return;
    const event = await tellOutcome(this.env, task, attempt, outcome, isWaiting);
    if (event === null) return;
    this.#apply(event);
    // Cancelled while it was put off: nobody would take it out of the line again.
    if (this.#store.load()?.task.status !== "accepted") this.#errands.oweLeave();
  }

  async #keep(task: Task, providerFileId: string): Promise<void> {
    const isWanted = () => this.#store.load()?.task.status === "storing";
    const reach = this.#reachFor(task);
    this.#apply(await keep(reach, task, providerFileId, this.#store.uploads, isWanted));
  }

  /**
   * Applies an event to the task as it is now, and records what follows: one synchronous block. A task whose removal
   * was decided is over for good: what comes after would be told to the Account as its last word.
   * @returns the task after it, or null if there is none any more.
   */
  #apply(event: TaskEvent, secret?: { attempt: number; sha256: string }): Task | null {
    const now = Date.now();
    const stored = this.#store.load();
    if (stored === null || stored.due.remove !== null) return null;
    const task = advance(stored.task, event, now);
    if (task === stored.task) return task;
    const due = {
      ...stored.due,
      step: wakeAt(task, now),
      ...errandsAfter(this.env, stored, task, now),
    };
    const journal = writeJournal(stored.journal, this.#heard.splice(0));
    this.#record({ ...stored, task, due, journal, revision: stored.revision + 1 }, secret);
    if (isOver(task) && !isOver(stored.task)) noteEnd(task);
    this.#courier.note(stored.task, task, now);
    if (due.publish === now) this.ctx.waitUntil(this.#publisher.settle());
    if (due.poster === now) void this.#posters.settle();
    this.#waiting.wakeAll();
    return task;
  }

  /** A task that is not over and whose wake is a minute late lost its alarm: it gets another. Gives what it loaded. */
  #heal(): StoredTask | null {
    const stored = this.#store.load();
    if (stored === null || this.#turn !== null) return stored;
    const lateFrom = Date.now() - scaled(this.env, overdueMs, 6000);
    if (earliestDue(stored.due) < lateFrom) this.#store.arm(stored.due, this.#alarmRule());
    return stored;
  }

  #record(stored: StoredTask, secret?: { attempt: number; sha256: string }): void {
    this.#store.record(stored, this.#alarmRule(), secret);
  }

  /**
   * A little ahead, since an alarm dated in the past may never ring. While a turn is under way the alarm is only
   * a watchdog, for the case that this process dies: a turn arms it for what is really due when it ends.
   */
  #alarmRule(isWatchdog = this.#turn !== null): AlarmRule {
    return { from: Date.now() + (isWatchdog ? scaled(this.env, watchdogMs, 3000) : alarmLeadMs), isWatchdog };
  }

  /** The attempt that a callback's secret belongs to; compared in constant time, each with each. */
  #attemptOf(secret: string): number | null {
    const given = sha256Hex(secret);
    let found: number | null = null;
    for (const { attempt, sha256: known } of this.#store.callbackSecrets()) {
      if (isSameSecret(given, known)) found = attempt;
    }
    return found;
  }
}

/** Whose lines these are: the request is the one that ordered the task. */
function namesOf({ taskId, account, requestId }: Task) {
  return { task: taskId, account, request_id: requestId };
}

function noteEnd(task: Task): void {
  const code = task.status === "failed" ? task.code : undefined;
  log("ended", { ...namesOf(task), status: task.status, code, money: moneyOf(task) });
}

function randomText(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toBase64({ alphabet: "base64url", omitPadding: true });
}
