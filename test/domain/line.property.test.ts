/**
 * What holds for the line whatever happens: tasks that ask, come when they are called or do not, are refused, leave,
 * and whose messages are lost, come twice or come late; with jumps of time between them.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  askTurn,
  emptyLine,
  inFlight,
  type Line,
  leaveLine,
  lineWakeAt,
  moveOn,
  noteAnswered,
  putOff,
  type Served,
  slowDown,
  turnOf,
} from "../../src/domain/line.ts";
import { maxUnanswered, type Rules, spansFor } from "../../src/domain/pace.ts";
import { type Asking, type Place, positionOf } from "../../src/domain/turns.ts";
import { start } from "./tasks.ts";

type Happening =
  | { kind: "arrive"; account: number }
  /** A task that was called comes, or asks once more although nobody called it. */
  | { kind: "ask"; which: number }
  | { kind: "answer"; which: number; told: "taken" | "refused" | "putOff" | "nothing"; code: number }
  | { kind: "leave"; which: number; repeated: boolean }
  | { kind: "late"; which: number }
  | { kind: "slowDown"; code: number }
  | { kind: "wait"; share: number };

const which = fc.nat({ max: 1000 });
const code = fc.constantFrom(1002, 1002, 1039, 1041, 2045, 2056);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("arrive" as const), account: fc.nat({ max: 3 }) }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("ask" as const), which }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("answer" as const),
      which,
      told: fc.constantFrom("taken", "taken", "taken", "refused", "putOff", "nothing"),
      code,
    }) as fc.Arbitrary<Happening>,
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("leave" as const), which, repeated: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("late" as const), which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("slowDown" as const), code }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      share: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 2, noNaN: true })),
    }),
  },
);

const story = fc.record({
  requestsPerMinute: fc.option(fc.integer({ min: 1, max: 12 })),
  tasksInFlight: fc.option(fc.integer({ min: 1, max: 8 })),
  scale: fc.constantFrom(1, 0.01),
  happenings: fc.array(happening, { maxLength: 120 }),
});
type Story = typeof story extends fc.Arbitrary<infer S> ? S : never;

/** The tasks around a line, and what the properties remember. */
class World {
  line: Line = emptyLine;
  now = start;
  readonly rules: Rules;
  readonly tasks: Asking[] = [];
  /** When each create arrived, as far as it is known: those without an answer at the latest moment that is. */
  get arrivals(): number[] {
    return [...this.#arrived, ...this.#underWay.values()];
  }
  /** When creates were let go, while they have no answer, and when those that have one arrived. */
  readonly #underWay = new Map<string, number>();
  readonly #arrived: number[] = [];
  /** Messages of the past, which may come once more. */
  readonly #past: Asking[] = [];
  /** For each account that waits: who had a turn meanwhile. */
  readonly #overtook = new Map<string, Set<string>>();

  constructor({ requestsPerMinute, tasksInFlight, scale }: Story) {
    this.rules = { requestsPerMinute, tasksInFlight, scale };
  }

  live(what: Happening): void {
    switch (what.kind) {
      case "arrive":
        this.tasks.push({
          taskId: `task-${this.tasks.length}`,
          account: `account-${what.account}`,
          attempt: 1,
          since: this.now,
        });
        this.ask(this.tasks.at(-1));
        return;
      case "ask":
        this.ask(this.#one(what.which, "waiting", "called"));
        return;
      case "answer":
        this.answer(this.#one(what.which, "sent"), what.told, what.code);
        return;
      case "leave": {
        const task = this.#one(what.which, "waiting", "called", "taken");
        if (task === undefined) return;
        const about = { taskId: task.taskId, attempt: Number.MAX_SAFE_INTEGER };
        this.apply((line) => leaveLine(line, about, this.rules, this.now));
        if (what.repeated) this.apply((line) => leaveLine(line, about, this.rules, this.now));
        return;
      }
      case "late":
        this.late(this.#past[what.which % Math.max(this.#past.length, 1)]);
        return;
      case "slowDown":
        this.apply((line) => slowDown(line, what.code, this.rules, this.now));
        return;
      case "wait": {
        const wake = lineWakeAt(this.line, this.rules, this.now) ?? this.now + 60_000 * this.rules.scale;
        this.now += Math.max(0, wake - this.now) * what.share;
        this.apply((line) => moveOn(line, this.rules, this.now));
        return;
      }
    }
  }

  ask(task: Asking | undefined): void {
    if (task === undefined) return;
    this.apply((line) => askTurn(line, task, this.rules, this.now), task);
    this.#past.push(task);
  }

  answer(task: Asking | undefined, told: "taken" | "refused" | "putOff" | "nothing", code: number): void {
    if (task === undefined) return;
    // Somewhere between its grant and its answer: at one of the ends, which are the worst.
    const at = code === 1002 ? this.now : (this.#underWay.get(task.taskId) ?? this.now);
    if (this.#underWay.delete(task.taskId)) this.#arrived.push(at);
    if (told === "nothing") return;
    if (told === "taken") this.apply((line) => noteAnswered(line, task, this.rules, this.now));
    else if (told === "refused") this.apply((line) => leaveLine(line, task, this.rules, this.now));
    else {
      const next = { ...task, attempt: task.attempt + 1 };
      this.tasks[this.tasks.findIndex(({ taskId }) => taskId === task.taskId)] = next;
      this.apply((line) => putOff(line, next, code, this.rules, this.now));
    }
  }

  /** A message of an attempt that is past: it may change nothing about anybody. */
  late(about: Asking | undefined): void {
    const current = this.tasks.find(({ taskId }) => taskId === about?.taskId);
    if (about === undefined || current === undefined || current.attempt <= about.attempt) return;
    if (!this.line.places.has(about.taskId)) return;
    this.apply((line) => moveOn(line, this.rules, this.now));
    const before = this.line;
    for (const message of [askTurn, noteAnswered, leaveLine]) {
      this.apply((line) => message(line, about, this.rules, this.now));
      expect(this.line.places).toEqual(before.places);
    }
  }

  apply(decide: (line: Line) => Served, asking?: Asking): void {
    const before = this.line;
    const { line, called } = decide(before);
    this.line = line;
    const sentBefore = asking === undefined ? undefined : before.places.get(asking.taskId);
    const granted = asking !== undefined && turnOf(line, asking, this.rules, this.now).granted;
    if (granted) this.#underWay.set(asking.taskId, this.now);
    const turns = called.map((taskId) => line.places.get(taskId)?.account ?? "");
    if (granted && sentBefore?.state !== "called") turns.push(asking.account);
    for (const account of turns) this.#countTurn(account);
    this.#checkBounds();
  }

  #countTurn(account: string): void {
    for (const place of this.line.places.values()) {
      if (place.state !== "waiting" || place.account === account) continue;
      const overtook = this.#overtook.get(place.account) ?? new Set();
      this.#overtook.set(place.account, overtook);
    }
    for (const [waiting, overtook] of this.#overtook) {
      if (waiting === account || ![...this.line.places.values()].some(isWaitingOf(waiting))) {
        this.#overtook.delete(waiting);
      } else if (overtook.has(account)) {
        throw new Error(`${account} had two turns while ${waiting} waited`);
      } else overtook.add(account);
    }
  }

  #checkBounds(): void {
    const places = [...this.line.places.values()];
    const called = places.filter(({ state }) => state === "called").length;
    const { tasksInFlight, requestsPerMinute } = this.rules;
    if (tasksInFlight !== null && inFlight(this.line) + called > tasksInFlight) {
      throw new Error("more are in flight than may be");
    }
    const sent = places.filter(({ state }) => state === "sent").length;
    if (requestsPerMinute === null && sent + called > maxUnanswered) {
      throw new Error("more creates are without an answer than may be where no limit is known");
    }
    const wake = lineWakeAt(this.line, this.rules, this.now);
    if (places.some(({ state }) => state === "waiting") && wake === null) {
      throw new Error("someone waits, and nothing will wake the line");
    }
  }

  /** From here on every task does what it should: all that wait must get their turn. */
  settle(): void {
    for (let step = 0; step < 3000 && this.#waiting().length > 0; step++) {
      const wake = lineWakeAt(this.line, this.rules, this.now) ?? this.now;
      const calledBefore = [...this.line.places.values()].filter(({ state }) => state === "called");
      for (const place of calledBefore) this.ask(asking(place));
      for (const place of [...this.line.places.values()]) {
        if (place.state === "sent") this.answer(place, "refused", 1002);
        if (place.state === "taken") this.apply((line) => leaveLine(line, place, this.rules, this.now));
      }
      if (calledBefore.length === 0) this.now = Math.max(this.now + 1, wake);
      this.apply((line) => moveOn(line, this.rules, this.now));
    }
    expect(this.#waiting()).toEqual([]);
  }

  #waiting(): Place[] {
    return [...this.line.places.values()].filter(({ state }) => state === "waiting" || state === "called");
  }

  #one(which: number, ...states: Place["state"][]): Asking | undefined {
    const found = [...this.line.places.values()].filter(({ state }) => states.includes(state));
    const place = found[which % Math.max(found.length, 1)];
    return place === undefined ? undefined : asking(place);
  }
}

const isWaitingOf = (account: string) => (place: Place) =>
  place.state === "waiting" && place.account === account;

function asking({ taskId, account, attempt, since }: Place): Asking {
  return { taskId, account, attempt, since };
}

function tell(one: Story): World {
  const world = new World(one);
  for (const what of one.happenings) world.live(what);
  return world;
}

const runs = { numRuns: 1500 };

describe("whatever happens to the line", () => {
  it("bounds, turns and past attempts hold after each message, and all who wait get their turn in the end", () => {
    fc.assert(
      fc.property(story, (one) => {
        tell(one).settle();
      }),
      runs,
    );
  });

  it("no minute sees more creates than the setting allows", () => {
    fc.assert(
      fc.property(story, (one) => {
        const world = tell(one);
        world.settle();
        const limit = world.rules.requestsPerMinute ?? Number.POSITIVE_INFINITY;
        const { minute } = spansFor(world.rules.scale);
        for (const from of world.arrivals) {
          const within = world.arrivals.filter((at) => at >= from && at < from + minute).length;
          expect(within).toBeLessThanOrEqual(limit);
        }
      }),
      runs,
    );
  });

  it("positions are those of the order in which turns are then given", () => {
    fc.assert(
      fc.property(story, (one) => {
        const { line, rules, now } = tell({ ...one, requestsPerMinute: 5, tasksInFlight: null });
        // A day later, nothing is between those who wait and their turn.
        const later = now + 20 * 3_600_000 * rules.scale;
        const waiting = [...line.places.values()].filter(({ state }) => state === "waiting");
        const free = { ...line, places: new Map(waiting.map((place) => [place.taskId, place])) };
        const order = waiting
          .map(({ taskId }) => [positionOf(free, taskId), taskId] as const)
          .sort(([one], [other]) => Number(one) - Number(other));
        expect(order.map(([position]) => position)).toEqual(order.map((_, index) => index + 1));
        const wide = { ...rules, requestsPerMinute: 10_000 };
        const calm = { ...free, pace: { grants: [], learned: null, pausedUntil: 0 } };
        const { called } = moveOn(calm, wide, later);
        expect(called).toEqual(order.slice(0, called.length).map(([, taskId]) => taskId));
      }),
      runs,
    );
  });
});
