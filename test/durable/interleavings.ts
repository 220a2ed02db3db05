/**
 * A world for interleavings: the real Account, VideoTasks that are the pure domain and nothing else, and between them
 * a network that loses, repeats, delays and reorders. What the Account has written is compared after every step with
 * what is true.
 */

import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { expect } from "vitest";
import { advance } from "../../src/domain/advance.ts";
import { sha256Hex } from "../../src/domain/hash.ts";
import { dayOf, type MoneyState, moneyOf, moneyStates } from "../../src/domain/money.ts";
import { fingerprintOrder, type Order } from "../../src/domain/order.ts";
import {
  type Admission,
  acceptTask,
  isCancelled,
  isOver,
  nextStep,
  type Task,
  type TaskEvent,
} from "../../src/domain/task.ts";
import { statusOf } from "../../src/domain/view.ts";
import type { Account, AdmissionAnswer, AdmissionRequest, TaskReport } from "../../src/durable/account.ts";
import { dump, env, newAccountName, newTaskId, order, passTime } from "./objects.ts";

export const price = 100;
/** Room for a few orders, so that caps are met often. */
export const caps = { key: 4 * price, account: 6 * price };
const day = 24 * 3_600_000;

export type Fate = Readonly<{
  create: "accepted" | "refused" | "lost" | "crash" | "deferred";
  look: "pending" | "success" | "fail" | "trouble";
}>;

/** One VideoTask: what durable/video-task.ts keeps of it, without storage, alarm and MiniMax. */
class Film {
  task: Task | null = null;
  /** As it last was, for what is asked about it after it was removed. */
  last: Task | null = null;
  revision = 0;
  isReportDue = false;
  isRemoving = false;
  isRemoved = false;
  /** From when on the same order without a key is a new one; null while it is not. */
  freeFrom: number | null = null;
  /** It once failed with nothing charged: then its Idempotency-Key may be used again. */
  wasReleased = false;
  /** Nothing was charged for it at some time, failed or cancelled: another retry of what it retried is another. */
  wasFree = false;
  /** The operator said that nothing was charged, and MiniMax's late word says otherwise: no cap foresees that. */
  isBeyondCaps = false;
  removedAt: number | null = null;
  /** What the operator made of its money after it was removed. */
  resolved: MoneyState | null = null;
  readonly request: AdmissionRequest;

  constructor(request: AdmissionRequest) {
    this.request = request;
  }

  begin(admission: Admission): void {
    if (this.task !== null || this.isRemoved) return;
    this.#write(acceptTask(admission, 1));
  }

  apply(event: TaskEvent): void {
    const before = this.task;
    if (before === null) return;
    const after = advance(before, event, Date.now());
    if (after === before) return;
    const isNews =
      isCancelled(before) !== isCancelled(after) ||
      moneyOf(before) !== moneyOf(after) ||
      (before.status !== after.status && (after.status === "generating" || isOver(after)));
    if (isNews) this.isReportDue = true;
    if (moneyOf(before) === "released" && moneyOf(after) !== "released") this.isBeyondCaps = true;
    this.#write(after);
  }

  money(): MoneyState {
    return this.resolved ?? (this.last === null ? "reserved" : moneyOf(this.last));
  }

  #write(task: Task): void {
    this.task = task;
    this.last = task;
    this.revision += 1;
    const isFree =
      isCancelled(task) || (task.status === "failed" && task.money === "released") ? Date.now() : null;
    const isOld =
      task.status === "succeeded" || (task.status === "failed" && task.money === "settled")
        ? Date.now() + 60_000
        : null;
    this.freeFrom ??= isFree ?? isOld;
    if (task.status === "failed" && task.money === "released") this.wasReleased = true;
    if (moneyOf(task) === "released") this.wasFree = true;
  }
}

type Message =
  | { kind: "admit"; request: AdmissionRequest }
  | { kind: "begin"; admission: Admission }
  | { kind: "report"; report: TaskReport };

type Rows = {
  tasks: {
    task_id: string;
    key_id: string;
    task: string | null;
    status: string;
    revision: number;
    micro_usd: number;
    money: MoneyState;
    created_at: number;
    ended_at: number | null;
  }[];
  spend: ({ key_id: string; day: string } & Record<MoneyState, number>)[];
  outbox: { task_id: string; at: number; admission: string }[];
};

export async function startInterleaving() {
  const name = newAccountName();
  const account: DurableObjectStub<Account> = env.ACCOUNTS.getByName(name);
  const keys: { id: string; sha256: string }[] = [];
  for (const title of ["one", "two"]) {
    const made = await account.createKey(title, {
      caps: { dayMicroUsd: caps.key, monthMicroUsd: null },
    });
    if (made === null) throw new Error("the account is closed");
    keys.push({ id: made.id, sha256: sha256Hex(made.key) });
  }
  await account.change({ caps: { dayMicroUsd: caps.account } });

  const films = new Map<string, Film>();
  let flying: Message[] = [];
  const heard = new Set<TaskReport>();
  let providerTasks = 0;
  const rows = async () => (await dump(account)) as unknown as Rows;
  const filmAt = (which: number) =>
    [...films.values()].filter(({ task }) => task !== null)[which % films.size];
  const filmOf = (taskId: string) => {
    const film = films.get(taskId);
    if (film === undefined) throw new Error(`${taskId} was never ordered`);
    return film;
  };

  function send(about: {
    key: number;
    order: Order;
    idempotencyKey: string | null;
    publicUrl: string | null;
    retryOf: string | null;
  }): void {
    const { key, ...wanted } = about;
    const request: AdmissionRequest = {
      ...wanted,
      taskId: newTaskId(),
      keySha256: keys[key]?.sha256 ?? "",
      fingerprint: fingerprintOrder(wanted.order),
      priceMicroUsd: price,
      metadata: {},
      retentionDays: null,
    };
    flying.push({ kind: "admit", request });
  }

  async function deliver(message: Message, isAnswerLost: boolean): Promise<void> {
    if (message.kind === "begin") return films.get(message.admission.taskId)?.begin(message.admission);
    if (message.kind === "report") return hearReport(message.report, isAnswerLost);
    const { request } = message;
    const isKnown = films.get(request.taskId)?.request === request;
    const now = Date.now();
    const answer = (await account.admit(request)) as AdmissionAnswer;
    if (!("taskId" in answer)) return;
    if (answer.verdict === "admitted") {
      expect(answer.taskId).toBe(request.taskId);
      if (!isKnown) {
        for (const film of films.values()) checkIsAnother(film, request, now);
        films.set(request.taskId, new Film(request));
      }
    } else checkIsSame(filmOf(answer.taskId).request, request, answer.verdict);
    if (answer.admission !== null && !isAnswerLost)
      flying.push({ kind: "begin", admission: answer.admission });
  }

  /** A new task was admitted: no other may be the same order, as far as the Account can be asked to know. */
  function checkIsAnother(film: Film, request: AdmissionRequest, now: number): void {
    const known = film.request;
    if (request.retryOf !== null && known.retryOf === request.retryOf) {
      const isOver = film.wasFree || film.resolved === "released" || film.isRemoving || film.isRemoved;
      expect(isOver, "a task was retried twice").toBe(true);
    }
    if (known.keySha256 !== request.keySha256 || known.idempotencyKey !== request.idempotencyKey) return;
    if (request.idempotencyKey !== null) {
      const isForgotten = film.removedAt !== null && now >= film.removedAt + 30 * day;
      expect(film.wasReleased || isForgotten, "an Idempotency-Key made two tasks").toBe(true);
    } else if (known.fingerprint === request.fingerprint) {
      const isFree = film.freeFrom !== null && film.freeFrom <= now;
      expect(isFree || film.isRemoving || film.isRemoved, "one order became two tasks").toBe(true);
    }
  }

  function checkIsSame(
    known: AdmissionRequest,
    request: AdmissionRequest,
    verdict: "replayed" | "joined",
  ): void {
    // A task has one retry, whoever asks for it.
    if (request.retryOf !== null && known.retryOf === request.retryOf) return;
    expect(known.keySha256).toBe(request.keySha256);
    expect(known.fingerprint).toBe(request.fingerprint);
    expect(known.idempotencyKey).toBe(request.idempotencyKey);
    expect(verdict).toBe(request.idempotencyKey === null ? "joined" : "replayed");
  }

  async function hearReport(report: TaskReport, isAnswerLost: boolean): Promise<void> {
    const before = await rows();
    await account.report(report);
    const row = before.tasks.find(({ task_id }) => task_id === report.task.taskId);
    if (heard.has(report) || (row?.revision ?? 0) > report.revision) {
      const after = await rows();
      expect(after.tasks, "an old report changed a task").toEqual(before.tasks);
      expect(after.spend, "an old report moved money").toEqual(before.spend);
    }
    heard.add(report);
    if (isAnswerLost) return;
    const film = filmOf(report.task.taskId);
    if (report.removed) {
      film.task = null;
      film.isRemoved = true;
      film.removedAt ??= Date.now();
    } else if (film.revision === report.revision) film.isReportDue = false;
  }

  function reportOf(film: Film): void {
    if (film.task === null) return;
    if (film.isRemoving) {
      const report = { task: film.task, revision: film.revision + 1, removed: true };
      flying.push({ kind: "report", report });
    } else if (film.isReportDue) {
      flying.push({ kind: "report", report: { task: film.task, revision: film.revision, removed: false } });
    }
  }

  /** One step of a VideoTask, as its alarm would take it. */
  async function turn(film: Film, fate: Fate): Promise<void> {
    const { task } = film;
    if (task === null) return;
    if (!film.isRemoving) await perform(film, task, fate);
    reportOf(film);
  }

  async function perform(film: Film, task: Task, fate: Fate): Promise<void> {
    const step = nextStep(task, Date.now());
    switch (step.do) {
      case "submit": {
        const { attempt, withCallback } = step;
        film.apply({ type: "submitStarted", attempt, withCallback });
        const provider = { statusCode: 1002, statusMessage: "no" };
        if (fate.create === "lost") film.apply({ type: "submitLost", attempt, candidate: null });
        if (fate.create === "deferred") film.apply({ type: "submitDeferred", attempt, provider });
        if (fate.create === "refused")
          film.apply({ type: "submitRefused", attempt, code: "content_refused", provider });
        if (fate.create === "accepted")
          film.apply({ type: "submitAccepted", attempt, providerTaskId: `P${++providerTasks}` });
        return;
      }
      case "presumeLost":
        if (task.status === "submitting")
          film.apply({ type: "submitLost", attempt: task.attempt, candidate: null });
        return;
      case "confirm": {
        const { providerTaskId } = step;
        if (fate.look === "trouble") return film.apply({ type: "confirmTrouble" });
        const isOurs = await account.claimProviderTask(providerTaskId, task.taskId);
        film.apply(
          isOurs
            ? { type: "confirmed", providerTaskId, providerStatus: "Processing" }
            : { type: "candidateRejected", providerTaskId },
        );
        return;
      }
      case "look": {
        const { providerTaskId } = step;
        const provider = { statusCode: 1027, statusMessage: "no" };
        if (fate.look === "success")
          film.apply({ type: "lookedSuccess", providerTaskId, providerFileId: "F", width: 1, height: 1 });
        if (fate.look === "fail")
          film.apply({ type: "lookedFail", providerTaskId, code: "generation_failed", provider });
        if (fate.look === "pending")
          film.apply({ type: "lookedPending", providerTaskId, providerStatus: "Processing" });
        if (fate.look === "trouble") film.apply({ type: "lookTrouble" });
        return;
      }
      case "store":
        film.apply(
          fate.look === "trouble" ? { type: "storeTrouble" } : { type: "stored", bytes: 1, sha256: "ab" },
        );
        return;
      case "giveUp":
        film.apply({ type: "gaveUp" });
        return;
      case "sleep":
      case "rest":
        return;
    }
  }

  return {
    /** A caller orders; its request is on its way. */
    order(about: {
      key: number;
      prompt: string;
      idempotencyKey: string | null;
      publicUrl: string | null;
    }): void {
      const { key, prompt, idempotencyKey, publicUrl } = about;
      send({ key, order: { ...order, prompt }, idempotencyKey, publicUrl, retryOf: null });
    },
    /** A caller orders the next take of what ended without a video. */
    retry(which: number, key: number): void {
      const film = filmAt(which);
      if (film?.task == null || !isOver(film.task) || film.task.status === "succeeded" || film.isRemoving)
        return;
      const { order: wanted, publicUrl, taskId } = film.task;
      const next = { ...wanted, take: wanted.take + 1 };
      send({ key, order: next, idempotencyKey: null, publicUrl, retryOf: taskId });
    },
    /** Some message on its way arrives; it may arrive again, and its answer may be lost. */
    async deliver(which: number, about: { isRepeated: boolean; isAnswerLost: boolean }): Promise<void> {
      const message = flying[which % flying.length];
      if (message === undefined) return;
      if (!about.isRepeated) flying = flying.filter((other) => other !== message);
      await deliver(message, about.isAnswerLost);
    },
    lose(which: number): void {
      flying.splice(which % Math.max(1, flying.length), 1);
    },
    async turn(which: number, fate: Fate): Promise<void> {
      const film = filmAt(which);
      if (film !== undefined) await turn(film, fate);
    },
    /** A caller cancels, or removes what has ended. */
    remove(which: number): void {
      const film = filmAt(which);
      if (film?.task == null || film.isRemoving) return;
      if (isOver(film.task)) film.isRemoving = true;
      else film.apply({ type: "cancelled" });
      reportOf(film);
    },
    /** MiniMax's push, or the operator, names a provider task that nobody else has. */
    name(which: number, by: "push" | "operator"): void {
      const film = filmAt(which);
      if (film === undefined || (film.isRemoving && by === "operator")) return;
      const providerTaskId = `P${++providerTasks}`;
      film.apply(
        by === "push" ? { type: "pushed", attempt: 1, providerTaskId } : { type: "named", providerTaskId },
      );
    },
    /** The operator read in MiniMax's bill what became of held money. */
    async resolve(which: number, money: "settled" | "released"): Promise<void> {
      const film = [...films.values()][which % Math.max(1, films.size)];
      if (film === undefined) return;
      if (film.task !== null && !film.isRemoving) return film.apply({ type: "moneyResolved", money });
      const isResolved = await account.resolveRemoved(film.request.taskId, money);
      if (isResolved) film.resolved = money;
    },
    /** The outbox rings, and begins what is due. */
    async ring(): Promise<void> {
      const due = (await rows()).outbox.filter(({ at }) => at <= Date.now());
      await runDurableObjectAlarm(account);
      const left = new Set((await rows()).outbox.map(({ task_id }) => task_id));
      for (const { task_id, admission } of due.filter((entry) => !left.has(entry.task_id))) {
        filmOf(task_id).begin(JSON.parse(admission) as Admission);
      }
    },
    evict: () => evictDurableObject(account),
    sweep: () => account.sweep() as Promise<void>,

    /** What holds at every moment, whatever is on its way. */
    async check(): Promise<void> {
      const { tasks, spend } = await rows();
      const sums = new Map<string, Record<MoneyState, number>>();
      for (const { key_id, created_at, money, micro_usd } of tasks) {
        const place = `${key_id} ${dayOf(created_at)}`;
        const sum = sums.get(place) ?? { reserved: 0, settled: 0, released: 0, held: 0 };
        sums.set(place, { ...sum, [money]: sum[money] + micro_usd });
      }
      const written = spend.map((row) => [
        `${row.key_id} ${row.day}`,
        Object.fromEntries(moneyStates.map((state) => [state, row[state]])),
      ]);
      expect(Object.fromEntries(written), "the ledger is not the sum of its tasks").toEqual(
        Object.fromEntries(sums),
      );
      for (const one of new Set(spend.map((row) => row.day))) {
        const beyond = tasks.filter(
          ({ task_id, created_at }) => dayOf(created_at) === one && films.get(task_id)?.isBeyondCaps,
        );
        const spent = (keyId: string | null) =>
          spend
            .filter((row) => row.day === one && (keyId === null || row.key_id === keyId))
            .reduce((sum, row) => sum + row.reserved + row.settled + row.held, 0) -
          price * beyond.filter(({ key_id }) => keyId === null || key_id === keyId).length;
        expect(spent(null), "the account's cap is exceeded").toBeLessThanOrEqual(caps.account);
        for (const { id } of keys) expect(spent(id), "a key's cap is exceeded").toBeLessThanOrEqual(caps.key);
      }
      for (const film of films.values()) {
        if (!film.isRemoved) continue;
        const row = tasks.find(({ task_id }) => task_id === film.request.taskId);
        expect(row, "a removed task lost its entry, or is back").toMatchObject({
          task: null,
          status: "removed",
        });
      }
    },

    /** Everything that is resent until it is heard arrives, and MiniMax comes to an end with everything. */
    async settle(): Promise<void> {
      for (const message of flying.splice(0)) await deliver(message, false);
      for (let round = 0; round < 4; round++) {
        passTime(day);
        await this.ring();
      }
      for (const [taskId, film] of films) {
        expect(film.last, `${taskId} was admitted and never begun`).not.toBeNull();
        for (let steps = 0; film.task !== null && steps < 40; steps++) {
          await turn(film, { create: "accepted", look: "success" });
          for (const message of flying.splice(0)) await deliver(message, false);
          if (film.task !== null && nextStep(film.task, Date.now()).do === "sleep") passTime(day);
        }
      }
      const { tasks, outbox } = await rows();
      expect(outbox).toEqual([]);
      expect(tasks).toHaveLength(films.size);
      for (const row of tasks) {
        const film = filmOf(row.task_id);
        const { last } = film;
        if (last === null) continue;
        expect(film.task === null || isOver(film.task), `${row.task_id} never ended`).toBe(true);
        expect(row.money).toBe(film.money());
        expect(row.status).toBe(film.isRemoved ? "removed" : statusOf(last));
        expect(row.ended_at).toBe(isOver(last) ? last.endedAt : null);
      }
      const listed = await account.list({
        ...{ after: null, order: "asc", limit: 100 },
        filter: { status: null, model: null, createdFrom: null, createdBefore: null },
      });
      const alive = [...films.values()].filter(({ task }) => task !== null);
      expect(listed?.tasks.map(({ taskId }) => taskId).sort()).toEqual(
        alive.map(({ request }) => request.taskId).sort(),
      );
    },
  };
}
