/**
 * How fast MiniMax may be called: one object for each of its wires, since all accounts share MiniMax's key. Tasks ask
 * it for a turn before they post a create; who may not go at once stands in line, is called when its turn comes, and
 * asks again. It keeps the line of domain/line.ts, never calls MiniMax, and never waits for a task.
 */

import { DurableObject } from "cloudflare:workers";
import { pacerNames } from "../domain/ids.ts";
import {
  askTurn,
  type Line,
  leaveLine,
  lineWakeAt,
  moveOn,
  noteAnswered,
  putOff,
  type Served,
  slowDown,
  type Turn,
  turnOf,
} from "../domain/line.ts";
import type { Rules } from "../domain/pace.ts";
import { type Asking, positionOf } from "../domain/turns.ts";
import { type Env, readSettings } from "../env.ts";
import { PacerStore } from "./pacer-store.ts";

/** A little ahead, since an alarm dated in the past may never ring. */
const alarmLeadMs = 100;
const overdueMs = 60_000;

export class Pacer extends DurableObject<Env> {
  readonly #store: PacerStore;
  /** As written, and what need not be: a restart goes on from the tables. */
  #line: Line;
  #alarmAt: number | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new PacerStore(ctx.storage);
    this.#line = this.#store.load(this.#rules());
  }

  /** A task wants to post a create: it may, or it is in line. */
  ask(asking: Asking): Turn {
    const now = Date.now();
    this.#record((line, rules) => askTurn(line, asking, rules, now), now);
    return turnOf(this.#line, asking, this.#rules(), now);
  }

  /** MiniMax put a create off for pace. Its task is in line again, where it stood before. */
  putOff(asking: Asking, statusCode: number): Turn {
    const now = Date.now();
    this.#record((line, rules) => putOff(line, asking, statusCode, rules, now), now);
    return turnOf(this.#line, asking, this.#rules(), now);
  }

  /** A create has its answer, or will get none, and may have been taken. */
  answered(about: Pick<Asking, "taskId" | "attempt">): void {
    const now = Date.now();
    this.#record((line, rules) => noteAnswered(line, about, rules, now), now);
  }

  /** A task is neither in line nor at MiniMax any more, up to and with this attempt. */
  leave(about: Pick<Asking, "taskId" | "attempt">): void {
    const now = Date.now();
    this.#record((line, rules) => leaveLine(line, about, rules, now), now);
  }

  /** MiniMax said of another call that it came too fast. */
  slowDown(statusCode: number): void {
    const now = Date.now();
    this.#record((line, rules) => slowDown(line, statusCode, rules, now), now);
  }

  /** The place of a task in line, 1 for the next; null if it is not in line. */
  position(taskId: string): number | null {
    return positionOf(this.#line, taskId);
  }

  /** A sweep passes: an alarm that was lost is set again. */
  async wake(): Promise<void> {
    const wakeAt = lineWakeAt(this.#line, this.#rules(), Date.now());
    if (wakeAt === null) return;
    const alarmAt = await this.ctx.storage.getAlarm();
    if (alarmAt !== null && alarmAt > Date.now() - overdueMs) return;
    this.#alarmAt = null;
    this.#arm(Date.now());
  }

  override async alarm(_info?: AlarmInvocationInfo): Promise<void> {
    this.#alarmAt = null;
    const now = Date.now();
    this.#record((line, rules) => moveOn(line, rules, now), now);
  }

  /** Decides, writes and arms in one synchronous block; then calls those whose turn has come. */
  #record(decide: (line: Line, rules: Rules) => Served, now: number): void {
    const rules = this.#rules();
    const { line, called } = decide(this.#line, rules);
    this.#store.save(this.#line, line, rules, now);
    this.#line = line;
    this.#arm(now);
    for (const taskId of called) this.ctx.waitUntil(this.#call(taskId));
  }

  /** One that does not come is called again later; one that wants no turn any more makes room. */
  async #call(taskId: string): Promise<void> {
    const wanted = await this.env.VIDEO_TASKS.getByName(taskId)
      .called()
      .catch(() => null);
    if (wanted === false) this.leave({ taskId, attempt: Number.MAX_SAFE_INTEGER });
  }

  /** An alarm that rings too early only looks; so it is moved forward, and never put off. */
  #arm(now: number): void {
    const wakeAt = lineWakeAt(this.#line, this.#rules(), now);
    if (wakeAt === null) return;
    const at = Math.ceil(Math.max(wakeAt, now + alarmLeadMs));
    if (this.#alarmAt !== null && this.#alarmAt <= at && this.#alarmAt > now) return;
    this.#alarmAt = at;
    void this.ctx.storage.setAlarm(at);
  }

  /** Settings that cannot be read stop every task before it asks. */
  #rules(): Rules {
    const result = readSettings(this.env);
    if (!result.ok) return { requestsPerMinute: null, tasksInFlight: null, scale: 1 };
    const { minimaxPace, timeScale } = result.settings;
    const wire = this.ctx.id.name === pacerNames.v2 ? "v2" : "v1";
    return { ...minimaxPace[wire], scale: timeScale };
  }
}
