/**
 * What holds for a task whatever happens. An interpreter like durable/video-task.ts (load, next step, perform,
 * apply) runs over a provider that decides as badly as it can, with crashes in the middle of every step, messages
 * that come late, twice or for earlier attempts, forged pushes, cancels and jumps of time.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { advance } from "../../src/domain/advance.ts";
import { acceptTask, isOver, nextStep, type Task, type TaskEvent, wakeAt } from "../../src/domain/task.ts";
import { provenCodes } from "../../src/ports/minimax/codes.ts";
import { admission, day, h3Order, hour, start } from "./tasks.ts";

/** What becomes of one POSTed create. `counts`: MiniMax makes and bills a video for it. */
type CreateFate = Readonly<{ counts: boolean; answer: CreateAnswer }>;
type CreateAnswer =
  | "accepted"
  | "lost"
  | "crash"
  | "refused"
  | "imageGone"
  | "deferred"
  | "callbackRefused"
  | "notSent";
/** Answers after which another create may be posted: MiniMax did not take this one and never will. */
const proofs: readonly CreateAnswer[] = ["deferred", "callbackRefused", "notSent"];

type LookFate = "pending" | "queued" | "success" | "fail" | "expired" | "trouble" | "unknown" | "crash";
/** What becomes of a cancel at MiniMax, where it has one: done, done and not told, refused, or lost before it arrived. */
type CancelFate = "cancelled" | "cancelledInSilence" | "refused" | "trouble" | "crash";
type StoreFate = "stored" | "trouble" | "gone" | "moved" | "crash";

/** What happens next in a story. A turn takes one step; `during` happens while it awaits its answer. */
type Happening =
  | {
      kind: "turn";
      create: CreateFate;
      code: number;
      look: LookFate;
      cancel: CancelFate;
      store: StoreFate;
      during: Aside[];
    }
  | { kind: "aside"; aside: Aside }
  | { kind: "wait"; share: number };

/** What comes from outside, at any moment. */
type Aside =
  | { kind: "cancel" }
  | { kind: "challenge"; attemptsAgo: number }
  /** A push with the secret of some attempt, naming the true provider task, or one that is not ours. */
  | { kind: "push"; attemptsAgo: number; names: "true" | "foreign" | "unknown" }
  /** An event of the past once more. */
  | { kind: "repeat"; which: number }
  /** The operator names what it found in MiniMax's list, or takes another's for it. */
  | { kind: "name"; names: "true" | "foreign" }
  | { kind: "giveUp" };

const aside: fc.Arbitrary<Aside> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ kind: "cancel" } as const) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("challenge" as const), attemptsAgo: fc.nat({ max: 2 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("push" as const),
      attemptsAgo: fc.nat({ max: 2 }),
      names: fc.constantFrom("true" as const, "true" as const, "foreign" as const, "unknown" as const),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("repeat" as const), which: fc.nat({ max: 1000 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("name" as const),
      names: fc.constantFrom("true" as const, "foreign" as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "giveUp" } as const) },
);

const createFate: fc.Arbitrary<CreateFate> = fc.oneof(
  fc.constant({ counts: true, answer: "accepted" } as const),
  fc.record({ counts: fc.boolean(), answer: fc.constantFrom("lost" as const, "crash" as const) }),
  fc.record({
    counts: fc.constant(false),
    answer: fc.constantFrom("refused" as const, "imageGone" as const),
  }),
  // Twice as likely as the others: only these lead to more attempts.
  fc.record({ counts: fc.constant(false), answer: fc.constantFrom("deferred" as const, "notSent" as const) }),
  fc.record({
    counts: fc.constant(false),
    answer: fc.constantFrom("callbackRefused" as const, "deferred" as const),
  }),
);

const turn: fc.Arbitrary<Happening> = fc.record({
  kind: fc.constant("turn" as const),
  create: createFate,
  code: fc.nat({ max: 1000 }),
  look: fc.oneof(
    fc.constantFrom<LookFate>("pending", "queued"),
    fc.constantFrom<LookFate>("success", "fail", "expired", "trouble", "unknown", "crash"),
  ),
  cancel: fc.constantFrom<CancelFate>("cancelled", "cancelledInSilence", "refused", "trouble", "crash"),
  store: fc.constantFrom<StoreFate>("stored", "trouble", "gone", "gone", "moved", "crash"),
  during: fc.array(aside, { maxLength: 3 }),
});

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: turn },
  { weight: 3, arbitrary: aside.map((one) => ({ kind: "aside" as const, aside: one })) },
  {
    weight: 3,
    // Mostly to the next wake, sometimes only part of the way, sometimes days beyond.
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      share: fc.oneof(
        fc.constant(1),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 2, max: 500 }),
      ),
    }),
  },
);

const story = fc.record({
  wire: fc.constantFrom("v1" as const, "v2" as const),
  scale: fc.constantFrom(1, 0.05, 0.001),
  reachable: fc.boolean(),
  happenings: fc.array(happening, { maxLength: 40 }),
  /** How the provider behaves for ever once the story is told: the task must end all the same. */
  ending: turn,
});
type Story = typeof story extends fc.Arbitrary<infer S> ? S : never;

const refusedCodes = Object.entries(provenCodes).filter(([, meaning]) => meaning.proof === "refused");
const deferredCodes = Object.entries(provenCodes).filter(([, meaning]) => meaning.proof === "deferred");

/** The interpreter, its provider, and what both remember for the properties. */
class World {
  task: Task;
  now = start;
  /** Every create that reached the provider, in order. */
  readonly posts: CreateFate[] = [];
  /** The provider task of the create that counted, and what its queries told. */
  providerTaskId: string | null = null;
  told: "nothing" | "success" | "fail" | "cancelled" | "expired" = "nothing";
  /** True once that success reached a task that was still looking: a look that comes in after the last is too late. */
  heardSuccess = false;
  /** The last tries to store the file, all of them told that there is none. */
  goneInARow: number[] = [];
  #attempts = 0;
  readonly #past: TaskEvent[] = [];

  readonly #wire: Story["wire"];

  constructor({ scale, reachable, wire }: Pick<Story, "scale" | "reachable" | "wire">) {
    const publicUrl = reachable ? "https://video.example.com" : null;
    this.#wire = wire;
    this.task = acceptTask(admission({ publicUrl, ...(wire === "v2" ? { order: h3Order } : {}) }), scale);
  }

  live(what: Happening): void {
    if (what.kind === "aside") this.hear(what.aside);
    else if (what.kind === "turn") this.turn(what);
    else {
      const wake = wakeAt(this.task, this.now) ?? this.now + hour * this.task.scale;
      this.now += Math.max(0, wake - this.now) * Math.min(what.share, 1);
      if (what.share > 1) this.now += (what.share * hour * this.task.scale) / 4;
    }
  }

  turn(about: Extract<Happening, { kind: "turn" }>): void {
    const step = nextStep(this.task, this.now);
    const meanwhile = () => {
      for (const one of about.during) this.hear(one);
      this.now += 50 * this.task.scale;
    };
    switch (step.do) {
      case "submit": {
        const { attempt, withCallback } = step;
        this.apply({ type: "submitStarted", attempt, withCallback });
        if (this.task.status !== "submitting" || this.task.attempt !== attempt) return;
        this.#attempts = attempt;
        this.post(about, attempt, withCallback, meanwhile);
        return;
      }
      case "presumeLost":
        if (this.task.status === "submitting")
          this.apply({ type: "submitLost", attempt: this.task.attempt, candidate: null });
        return;
      case "confirm": {
        const { providerTaskId } = step;
        meanwhile();
        if (about.look === "crash") return;
        if (about.look === "trouble") this.apply({ type: "confirmTrouble" });
        else if (providerTaskId === this.providerTaskId)
          this.apply({ type: "confirmed", providerTaskId, providerStatus: "Processing" });
        else this.apply({ type: "candidateRejected", providerTaskId });
        return;
      }
      case "look":
        this.look(step.providerTaskId, about.look, meanwhile);
        return;
      case "withdraw":
        this.withdraw(step.providerTaskId, about, meanwhile);
        return;
      case "list":
        meanwhile();
        if (about.look === "crash") return;
        this.apply({ type: "listed", attempt: step.attempt, isThere: about.code % 2 === 0 });
        return;
      case "store":
        meanwhile();
        if (about.store === "stored") this.apply({ type: "stored", bytes: 10, sha256: "00" });
        if (about.store === "trouble" || about.store === "gone" || about.store === "moved") {
          this.apply({
            type: "storeTrouble",
            gone: about.store === "gone",
            moved: about.store === "moved",
          });
        }
        return;
      case "giveUp":
        this.apply({ type: "gaveUp" });
        return;
      case "sleep":
      case "rest":
        return;
    }
  }

  post(
    about: Extract<Happening, { kind: "turn" }>,
    attempt: number,
    withCallback: boolean,
    meanwhile: () => void,
  ): void {
    let fate = about.create;
    // Only who is asked for a callback can refuse it.
    if (fate.answer === "callbackRefused" && !withCallback) fate = { counts: false, answer: "deferred" };
    if (fate.answer !== "notSent" && fate.answer !== "imageGone") {
      const last = this.posts.at(-1)?.answer;
      if (last !== undefined && !proofs.includes(last)) {
        throw new Error(`a create was posted although the one before it was ${last}`);
      }
      this.posts.push(fate);
      if (fate.counts) this.providerTaskId = `P${attempt}`;
    }
    meanwhile();
    switch (fate.answer) {
      case "accepted":
        this.apply({ type: "submitAccepted", attempt, providerTaskId: `P${attempt}` });
        return;
      case "lost":
        this.apply({ type: "submitLost", attempt, candidate: null });
        return;
      case "refused": {
        const [code, meaning] = refusedCodes[about.code % refusedCodes.length] ?? ["", null];
        if (meaning?.proof !== "refused") throw new Error("the table of codes is empty");
        const provider = { statusCode: Number(code), statusMessage: "refused" };
        this.apply({ type: "submitRefused", attempt, code: meaning.code, provider });
        return;
      }
      case "imageGone":
        this.apply({ type: "submitRefused", attempt, code: "image_not_found", provider: null });
        return;
      case "deferred": {
        const statusCode = Number(deferredCodes[about.code % deferredCodes.length]?.[0]);
        this.apply({ type: "submitDeferred", attempt, provider: { statusCode, statusMessage: "slow down" } });
        return;
      }
      case "callbackRefused":
        this.apply({ type: "callbackRefused", attempt });
        return;
      case "notSent":
        this.apply({ type: "submitNotSent", attempt });
        return;
      case "crash":
        // The process died: nobody hears the answer, and the row says what was last written.
        return;
    }
  }

  /** A cancel leaves only for what is queued; the wish is in the row, so a crash comes back to here. */
  withdraw(providerTaskId: string, about: Extract<Happening, { kind: "turn" }>, meanwhile: () => void): void {
    if (this.#wire !== "v2") throw new Error("the first wire lets go of nothing");
    if (this.told !== "nothing" || about.look !== "queued") {
      this.look(providerTaskId, about.look, meanwhile);
      return;
    }
    if (about.cancel === "cancelled" || about.cancel === "cancelledInSilence") this.told = "cancelled";
    meanwhile();
    switch (about.cancel) {
      case "cancelled":
        this.apply({ type: "withdrawn", providerTaskId });
        return;
      case "refused":
        this.apply({ type: "lookedPending", providerTaskId, providerStatus: "Processing" });
        return;
      case "cancelledInSilence":
      case "trouble":
        this.apply({ type: "lookTrouble" });
        return;
      case "crash":
        return;
    }
  }

  look(providerTaskId: string, wanted: LookFate, meanwhile: () => void): void {
    const fate = wanted === "expired" && this.#wire === "v1" ? "fail" : wanted;
    // Once MiniMax said how it ended, it stays with that.
    const settled = this.told === "nothing" ? fate : this.told;
    if (settled === "success" || settled === "fail" || settled === "expired") this.told = settled;
    meanwhile();
    switch (settled) {
      case "pending":
      case "queued": {
        const providerStatus = settled === "queued" ? "Queueing" : "Processing";
        this.apply({ type: "lookedPending", providerTaskId, providerStatus });
        return;
      }
      case "cancelled":
        this.apply({ type: "withdrawn", providerTaskId });
        return;
      case "expired":
        this.apply({ type: "lookedExpired", providerTaskId });
        return;
      case "success":
        this.heardSuccess ||= this.task.status === "generating";
        this.apply({ type: "lookedSuccess", providerTaskId, providerFileId: "F1", width: 0, height: 0 });
        return;
      case "fail":
        this.apply({
          type: "lookedFail",
          providerTaskId,
          code: "generation_failed",
          provider: { statusCode: 0, statusMessage: "success" },
        });
        return;
      case "trouble":
      case "unknown":
        this.apply({ type: "lookTrouble" });
        return;
      case "crash":
        return;
    }
  }

  hear(what: Aside): void {
    switch (what.kind) {
      case "cancel":
        this.apply({ type: "cancelled" });
        return;
      case "challenge":
        this.apply({ type: "challenged", attempt: this.#attempts - what.attemptsAgo });
        return;
      case "push": {
        const id = what.names === "true" ? this.providerTaskId : what.names;
        if (id !== null) {
          this.apply({ type: "pushed", attempt: this.#attempts - what.attemptsAgo, providerTaskId: id });
        }
        return;
      }
      case "repeat": {
        const event = this.#past[what.which % Math.max(this.#past.length, 1)];
        if (event !== undefined) this.apply(event);
        return;
      }
      case "name": {
        const id = what.names === "true" ? this.providerTaskId : what.names;
        if (id !== null) this.apply({ type: "named", providerTaskId: id });
        return;
      }
      case "giveUp":
        this.apply({ type: "gaveUp" });
        return;
    }
  }

  /** Applies an event, and checks what holds after every single one. Plain throws: there are millions of them. */
  apply(event: TaskEvent): void {
    const before = Object.freeze(this.task);
    if ("candidates" in before) Object.freeze(before.candidates);
    this.task = advance(before, event, this.now);
    // Thousands of looks are alike: what comes late or twice is drawn from the first of them.
    if (this.#past.length < 60 || !this.#past.some((one) => one.type === event.type)) this.#past.push(event);
    if (event.type === "storeTrouble" && before.status === "storing") {
      this.goneInARow = event.gone ? [...this.goneInARow, this.now] : [];
    }
    // An end is for good, but for one that nobody is sure of.
    const isUnsure = "orphan" in before && before.orphan !== null;
    if (isOver(before) && !isUnsure && this.task !== before) {
      throw new Error(`an ended task changed by ${event.type}`);
    }
    if (
      "attempt" in event &&
      "attempt" in before &&
      event.attempt !== before.attempt &&
      this.task !== before
    ) {
      throw new Error(`${event.type} of attempt ${event.attempt} changed attempt ${before.attempt}`);
    }
    const wake = wakeAt(this.task, this.now);
    const { task } = this;
    const isAskedAfter = "orphan" in task && task.orphan !== null && task.orphan.candidates.length > 0;
    const lives = !isOver(task) || isAskedAfter;
    if (lives !== (wake !== null && Number.isFinite(wake))) {
      throw new Error(`a task that is ${this.task.status} after ${event.type} wakes at ${wake}`);
    }
  }

  /** All that ever happened comes once more. */
  repeatAll(): void {
    for (const event of [...this.#past]) this.apply(event);
  }

  /** Only turns from here on, each when it is due: what a deployment does when nobody touches it. */
  run(ending: Extract<Happening, { kind: "turn" }>, maxTurns: number): void {
    for (let turns = 0; turns < maxTurns; turns++) {
      const wake = wakeAt(this.task, this.now);
      if (wake === null) return;
      this.now = Math.max(this.now, wake);
      this.turn({ ...ending, during: [] });
    }
  }
}

/**
 * A day in line, a day for evidence within seven days of looks, seven of transfers; and once more seven of asking
 * after what was named late, of looks and of transfers; and the last wait before each end.
 */
const longestLife = 40 * day;
const maxTurns = 12_000;

function tell({ scale, reachable, wire, happenings, ending }: Story): World {
  const world = new World({ scale, reachable, wire });
  for (const one of happenings) world.live(one);
  const told = world.now;
  if (ending.kind !== "turn") throw new Error("a story ends with turns");
  // A crash at every step is no behaviour of a provider: it would keep any interpreter from ever finishing.
  const look = ending.look === "crash" ? "trouble" : ending.look;
  // Nor is a file that gets further for ever.
  const store = ending.store === "crash" || ending.store === "moved" ? "trouble" : ending.store;
  const cancel = ending.cancel === "crash" ? "trouble" : ending.cancel;
  const alone = { ...ending, look, store, cancel };
  world.run(alone, maxTurns);
  expect(world.now - told).toBeLessThanOrEqual(longestLife * scale);
  // A push of the past that comes once more may name what was given up: that is asked after, too.
  world.repeatAll();
  world.run(alone, maxTurns);
  return world;
}

const runs = { numRuns: 3000 };

describe("whatever happens to a task", () => {
  it("it ends within its bounds, is billed once at most, and is posted again only after proof", () => {
    fc.assert(
      fc.property(story, (one) => {
        const { task, posts } = tell(one);
        expect(isOver(task), `still ${task.status}`).toBe(true);
        expect(posts.filter((post) => post.counts).length).toBeLessThanOrEqual(1);
      }),
      runs,
    );
  });

  it("its money is released only if MiniMax made nothing, settled only if it made it, and held otherwise", () => {
    fc.assert(
      fc.property(story, (one) => {
        const world = tell(one);
        const { task, providerTaskId, told, posts } = world;
        if (!isOver(task)) throw new Error(`still ${task.status}`);
        const money = task.status === "succeeded" ? "settled" : task.money;
        if (money === "released")
          expect(providerTaskId === null || told === "fail" || told === "cancelled").toBe(true);
        if (money === "settled") expect(told).toBe("success");
        // One that MiniMax let go of costs nothing, once that is heard.
        if (told === "cancelled" && money !== "released") expect(money).toBe("held");
        // Held says that nobody knows: some create is without a verdict.
        if (money === "held") {
          const last = posts.at(-1)?.answer;
          expect(["accepted", "lost", "crash"]).toContain(last);
        }
        if (task.status === "succeeded") expect(task.providerTaskId).toBe(providerTaskId);
      }),
      runs,
    );
  });

  it("a provider task becomes the task's only if it is the one that its own create made", () => {
    fc.assert(
      fc.property(story, (one) => {
        const { task, providerTaskId } = tell(one);
        const held = "providerTaskId" in task ? task.providerTaskId : null;
        expect([null, providerTaskId]).toContain(held);
      }),
      runs,
    );
  });

  it("a video that MiniMax made and told of is kept, charged or cancelled: it is never called unknown", () => {
    fc.assert(
      fc.property(story, (one) => {
        const { task, heardSuccess } = tell(one);
        if (!heardSuccess || task.status !== "failed") return;
        expect(["file_unavailable", "file_gone"]).toContain(task.code);
      }),
      runs,
    );
  });

  it("its file is called gone when an hour of tries, five at least, brought nothing but this answer, and never else", () => {
    fc.assert(
      fc.property(story, (one) => {
        const { task, goneInARow } = tell(one);
        const [first = 0] = goneInARow;
        const lasted = (goneInARow.at(-1) ?? 0) >= first + hour * one.scale;
        const isCalledGone = task.status === "failed" && task.code === "file_gone";
        expect(isCalledGone).toBe(goneInARow.length >= 5 && lasted);
      }),
      runs,
    );
  });

  it("waking it more often than needed does nothing", () => {
    fc.assert(
      fc.property(story, (one) => {
        const world = new World(one);
        for (const what of one.happenings) world.live(what);
        const step = nextStep(world.task, world.now);
        if (step.do !== "sleep") return;
        const before = world.task;
        if (one.ending.kind === "turn") world.turn({ ...one.ending, during: [] });
        expect(world.task).toBe(before);
        expect(step.until).toBeGreaterThan(world.now);
      }),
      runs,
    );
  });
});
