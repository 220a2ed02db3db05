/**
 * A world for interleavings: the real Account, VideoTasks that are the pure domain and nothing else, and between them
 * a network that loses, repeats, delays and reorders. What the Account has written is compared after every step with
 * what is true.
 */

import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { expect } from "vitest";
import { sha256Hex } from "../../src/domain/hash.ts";
import { miniMaxV2Status } from "../../src/domain/minimax-v2.ts";
import { amountOf } from "../../src/domain/money.ts";
import type { Order } from "../../src/domain/order.ts";
import { type Admission, isOver, nextStep } from "../../src/domain/task.ts";
import { statusOf } from "../../src/domain/view.ts";
import type { Account, TaskReport } from "../../src/durable/account.ts";
import type { AdmissionAnswer, AdmissionRequest } from "../../src/durable/admissions.ts";
import { h3Order } from "../domain/tasks.ts";
import { caps, checkIsAnother, checkIsSame, checkRows, price, type Rows } from "./interleaving-checks.ts";
import { type Fate, Film, newProviderTask, takeStep } from "./interleaving-film.ts";
import { dump, env, newAccountName, newRequest, order, passTime } from "./objects.ts";

const day = 24 * 3_600_000;

type Message =
  | { kind: "admit"; request: AdmissionRequest }
  | { kind: "begin"; admission: Admission }
  | { kind: "report"; report: TaskReport };

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
    const request = newRequest(keys[key]?.sha256 ?? "", { ...wanted, priceMicroUsd: price });
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
      const report = { task: film.task, revision: film.revision + 1, removed: true, wakeAt: null };
      flying.push({ kind: "report", report });
    } else if (film.isReportDue) {
      flying.push({
        kind: "report",
        report: { task: film.task, revision: film.revision, removed: false, wakeAt: null },
      });
    }
  }

  /** One step of a VideoTask, as its alarm would take it. */
  async function turn(film: Film, fate: Fate): Promise<void> {
    const { task } = film;
    if (task === null) return;
    if (!film.isRemoving) {
      await takeStep(film, fate, async (providerTaskId, taskId) =>
        account.claimProviderTask(providerTaskId, taskId),
      );
    }
    reportOf(film);
  }

  return {
    /** A caller orders; its request is on its way. */
    order(about: {
      key: number;
      wire: "v1" | "v2";
      prompt: string;
      idempotencyKey: string | null;
      publicUrl: string | null;
    }): void {
      const { key, wire, prompt, idempotencyKey, publicUrl } = about;
      const wanted = { ...(wire === "v2" ? h3Order : order), prompt };
      send({ key, order: wanted, idempotencyKey, publicUrl, retryOf: null });
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
    /** The same by MiniMax's V2, which lets go of what it has not begun, and leaves alone what it has. */
    dismiss(which: number): void {
      const film = filmAt(which);
      if (film?.task == null || film.isRemoving) return;
      const { task } = film;
      const status = miniMaxV2Status(task);
      if (task.status === "accepted" || status === "succeeded" || status === "failed") {
        this.remove(which);
      } else if (task.status === "generating" && status === "queued") {
        film.apply({ type: "cancelled" });
        film.apply({ type: "withdrawn", providerTaskId: task.providerTaskId });
        reportOf(film);
      }
    },
    /** MiniMax's push, or the operator, names a provider task that nobody else has. */
    name(which: number, by: "push" | "operator"): void {
      const film = filmAt(which);
      if (film === undefined || (film.isRemoving && by === "operator")) return;
      const providerTaskId = newProviderTask();
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
      const keyIds = keys.map(({ id }) => id);
      checkRows(await rows(), films, keyIds);
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
          await turn(film, { create: "accepted", look: "success", seconds: h3Order.duration });
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
        expect(row.micro_usd).toBe(amountOf(last));
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
