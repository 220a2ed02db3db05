/*
 * Everything the simulator remembers, in one process and in memory: tasks, the creates it saw, its settings and
 * how it was told to misbehave. Each wire reads and writes this; it knows no wire itself.
 */
import { randomBytes, randomUUID } from "node:crypto";
import type { Clip } from "./clips.ts";
import { Faults } from "./faults.ts";
import { createIds } from "./ids.ts";
import { type Ending, isOver, type Life, type Phase, phaseAt, planLife } from "./life.ts";
import type { Wire } from "./scenario.ts";
import { Uploads } from "./uploads.ts";
import type { V1Order } from "./v1-order.ts";
import type { V2Order } from "./v2-order.ts";

export type Order = V1Order | V2Order;
/** What an order comes to, by its model's row. */
export type Terms = { clip: Clip; expectedSeconds: number; microUsd: number | null };

export type Task = {
  id: string;
  fileId: string;
  key: string;
  /** Under which address the caller knows the simulator. */
  origin: string;
  order: Order;
  clip: Clip;
  microUsd: number | null;
  /** Bytes that make the file larger than its clip. */
  padding: number;
  life: Life;
  acceptedAt: number;
  queries: number;
  retrieves: number;
  downloads: number;
  /** Over all downloads, as far as they got. */
  bytesServed: number;
  /** The Range header of each download, in order; null for one that asked for everything. */
  ranges: (string | null)[];
  callbacksSent: number;
  isFileDeleted: boolean;
  /** Whether the record was deleted: the task is on the books, and nowhere else. */
  isDeleted: boolean;
};

/** One POST on create, whatever became of it. */
export type Post = { wire: Wire; model: string; prompt: string; refusedWith: number | null };

export type Settings = {
  /** How many times faster than life. */
  speed: number;
  /** Creates a key may send on V1 in one simulated minute; null for no limit. */
  requestsPerMinute: number | null;
  /** The same on V2. */
  requestsPerMinuteV2: number | null;
  /** Unfinished tasks a key may have on V2; null for no limit. */
  tasksInFlight: number | null;
  keys: string[];
  /** Whole words that make a prompt sensitive. */
  sensitiveWords: string[];
};

export class State {
  readonly now: () => number;
  readonly settings: Settings;
  readonly faults = new Faults();
  readonly signingSecret = randomBytes(32);
  readonly posts: Post[] = [];
  readonly tasks = new Map<string, Task>();
  readonly tasksByFile = new Map<string, Task>();
  /** Download addresses that expired before their time, by nonce. */
  readonly expiredNonces = new Set<string>();
  readonly admitted = new Map<string, number[]>();
  readonly uploads: Uploads;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #nextId: () => string;

  constructor(settings: Settings, now: () => number) {
    this.settings = settings;
    this.now = now;
    this.#nextId = createIds(now);
    this.uploads = new Uploads(now, this.#nextId);
  }

  accept(key: string, origin: string, order: Order, { clip, expectedSeconds, microUsd }: Terms): Task {
    const acceptedAt = this.now();
    const { faults } = this;
    const late = Number(faults.find("late", order) ?? 1);
    const task: Task = {
      id: this.#nextId(),
      // V1 names files by numbers like its tasks'; V2's addresses have a UUID.
      fileId: order.wire === "v1" ? this.#nextId() : randomUUID(),
      key,
      origin,
      order,
      clip,
      microUsd,
      padding: Number(faults.find("file-pad", order) ?? 0),
      life: planLife(acceptedAt, {
        expectedMs: (expectedSeconds * 1000 * late) / this.settings.speed,
        queueMs: Number(faults.find("queue", order) ?? 0),
        isInstant: faults.has("instant", order),
        isStalled: faults.has("stall", order),
        ending: this.#endingOf(order),
      }),
      acceptedAt,
      queries: 0,
      retrieves: 0,
      downloads: 0,
      bytesServed: 0,
      ranges: [],
      callbacksSent: 0,
      isFileDeleted: false,
      isDeleted: false,
    };
    this.tasks.set(task.id, task);
    this.tasksByFile.set(task.fileId, task);
    return task;
  }

  #endingOf(order: Order): Ending {
    const fail = this.faults.find("fail", order);
    if (fail !== undefined) return { phase: "failed", code: fail === "none" ? 0 : Number(fail) };
    if (order.wire === "v2" && this.faults.has("expired", order)) return { phase: "expired" };
    if (order.wire === "v2" && this.faults.has("cancelled", order)) return { phase: "cancelled" };
    return { phase: "succeeded" };
  }

  phaseOf(task: Task): Phase {
    return phaseAt(task.life, this.now());
  }

  /** A key's tasks of a wire that can still be asked for, oldest first. */
  tasksOf(key: string, wire: Wire): Task[] {
    return [...this.tasks.values()].filter((task) => this.#isKnown(task, key, wire));
  }

  /** The task as its owner finds it: another's, a deleted and a forgotten one are as unknown as none. */
  find(id: string, key: string, wire: Wire): Task | undefined {
    const task = this.tasks.get(id);
    return task && this.#isKnown(task, key, wire) ? task : undefined;
  }

  #isKnown(task: Task, key: string, wire: Wire): boolean {
    if (task.key !== key || task.order.wire !== wire || task.isDeleted) return false;
    // Documented for V2: seven days. Like the limiter's minute they are the simulator's own.
    const sevenDaysMs = (7 * 86_400_000) / this.settings.speed;
    const lifetimeMs = wire === "v2" ? sevenDaysMs : Number.POSITIVE_INFINITY;
    const told = this.faults.find("task-lifetime", task.order);
    return this.now() - task.acceptedAt < (told === undefined ? lifetimeMs : Number(told));
  }

  /** How many of a key's tasks are not over. */
  inFlight(key: string, wire: Wire): number {
    const own = [...this.tasks.values()].filter((task) => task.key === key && task.order.wire === wire);
    return own.filter((task) => !isOver(this.phaseOf(task))).length;
  }

  /** Does something at an instant, unless the simulator is reset or closed before. */
  at(instant: number, action: () => void): void {
    if (!Number.isFinite(instant)) return;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        action();
      },
      Math.min(Math.max(0, instant - this.now()), 2 ** 31 - 1),
    );
    timer.unref();
    this.#timers.add(timer);
  }

  stopTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Forgets tasks, creates and scenarios; settings stay, and ids go on growing. */
  reset(): void {
    this.stopTimers();
    this.posts.length = 0;
    this.tasks.clear();
    this.tasksByFile.clear();
    this.expiredNonces.clear();
    this.admitted.clear();
    this.uploads.clear();
    this.faults.reset();
  }
}
