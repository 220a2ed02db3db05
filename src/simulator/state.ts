/*
 * Everything the simulator remembers, in one process and in memory: tasks, the creates it saw, its settings and
 * how it was told to misbehave. Each wire reads and writes this; it knows no wire itself.
 */
import { randomBytes } from "node:crypto";
import { type Clip, pickClip } from "./clips.ts";
import { Faults } from "./faults.ts";
import { createIds } from "./ids.ts";
import { type Ending, type Life, planLife, type Status, statusAt } from "./life.ts";
import { expectedSeconds } from "./models.ts";
import type { Order } from "./order.ts";

export type Task = {
  id: string;
  fileId: string;
  key: string;
  order: Order;
  clip: Clip;
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
};

/** One POST on create, whatever became of it. */
export type Post = { model: string; prompt: string; refusedWith: number | null };

export type Settings = {
  /** How many times faster than life. */
  speed: number;
  /** Creates a key may send in one simulated minute; null for no limit. */
  requestsPerMinute: number | null;
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
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #nextId: () => string;

  constructor(settings: Settings, now: () => number) {
    this.settings = settings;
    this.now = now;
    this.#nextId = createIds(now);
  }

  accept(key: string, order: Order): Task {
    const acceptedAt = this.now();
    const late = Number(this.faults.find("late", order) ?? 1);
    const fail = this.faults.find("fail", order);
    const ending: Ending =
      fail === undefined
        ? { status: "Success" }
        : { status: "Fail", code: fail === "none" ? 0 : Number(fail) };
    const task: Task = {
      id: this.#nextId(),
      fileId: this.#nextId(),
      key,
      order,
      clip: pickClip(order),
      padding: Number(this.faults.find("file-pad", order) ?? 0),
      life: planLife(acceptedAt, {
        expectedMs: (expectedSeconds(order) * 1000 * late) / this.settings.speed,
        isInstant: this.faults.has("instant", order),
        isStalled: this.faults.has("stall", order),
        ending,
      }),
      acceptedAt,
      queries: 0,
      retrieves: 0,
      downloads: 0,
      bytesServed: 0,
      ranges: [],
      callbacksSent: 0,
      isFileDeleted: false,
    };
    this.tasks.set(task.id, task);
    this.tasksByFile.set(task.fileId, task);
    return task;
  }

  statusOf(task: Task): Status {
    return statusAt(task.life, this.now());
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
    this.faults.reset();
  }
}
