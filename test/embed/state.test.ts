/** What <filmgate-video> shows, as a machine without a page: whatever happens in whatever order, some things hold. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Answer,
  keepsPicture,
  type Reason,
  type State,
  type StateEvent,
  transition,
} from "../../src/embed/state.ts";
import { slotsFor, wordsFor } from "../../src/embed/words.ts";

const reasons: Reason[] = ["removed", "failed", "refused", "ended", "unreachable"];
const answers: Answer[] = ["ready", "making", ...reasons];
const progress = { status: "in_progress", progress: 40, queue_position: null } as const;

const events: fc.Arbitrary<StateEvent> = fc.oneof(
  fc.constant({ type: "near" } as const),
  fc.constant({ type: "restarted" } as const),
  fc.constant({ type: "progressed", progress } as const),
  fc.constantFrom(...answers).map((answer) => ({ type: "answered", answer }) as const),
  fc
    .record({ answer: fc.constantFrom(...answers), at: fc.nat(60_000) })
    .map((facts) => ({ type: "broke", ...facts }) as const),
);
const begin: State = { name: "distant" };
const stateAfter = (happened: StateEvent[], from: State = begin) => happened.reduce(transition, from);

describe("whatever happens, in whatever order", () => {
  it("asks nobody before it is near", () => {
    fc.assert(
      fc.property(fc.array(events), (happened) => {
        expect(stateAfter(happened.filter(({ type }) => type !== "near"))).toBe(begin);
      }),
    );
  });

  it("shows progress only while it waits, and only what it was told", () => {
    fc.assert(
      fc.property(fc.array(events), (happened) => {
        const state = stateAfter(happened);
        if (state.name === "waiting" && state.progress !== null) expect(state.progress).toBe(progress);
        if (!happened.some(({ type }) => type === "progressed") && state.name === "waiting") {
          expect(state.progress).toBe(null);
        }
      }),
    );
  });

  it("goes from having nothing to show only when somebody wants it tried anew", () => {
    fc.assert(
      fc.property(fc.constantFrom(...reasons), fc.array(events), (reason, happened) => {
        const state: State = { name: "unavailable", reason };
        expect(
          stateAfter(
            happened.filter(({ type }) => type !== "restarted"),
            state,
          ),
        ).toBe(state);
        expect(transition(state, { type: "restarted" })).toEqual({ name: "asking" });
      }),
    );
  });

  it("has words for every state in which there is nothing to see, and a slot for them", () => {
    fc.assert(
      fc.property(fc.array(events), (happened) => {
        const state = stateAfter(happened);
        const isSeen = state.name !== "waiting" && state.name !== "unavailable";
        expect(wordsFor(state, null) === "").toBe(isSeen);
        expect(slotsFor(state).includes("")).toBe(isSeen);
      }),
    );
  });
});

describe("a video that broke", () => {
  const showing: State = { name: "showing", breaks: 0, brokeAt: 0 };
  const broke = (at: number): StateEvent => ({ type: "broke", answer: "ready", at });

  it("is loaded anew where its address answers, twice in quick succession, and not for ever", () => {
    const once = transition(showing, broke(100_000));
    expect(once).toMatchObject({ name: "showing", breaks: 1 });
    const twice = transition(once, broke(105_000));
    expect(twice).toMatchObject({ name: "showing", breaks: 2 });
    expect(transition(twice, broke(109_000))).toEqual({ name: "unavailable", reason: "unreachable" });
    expect(transition(twice, broke(200_000))).toMatchObject({ name: "showing", breaks: 1 });
  });

  it.each(reasons)("is what its address answers: %s", (reason) => {
    expect(transition(showing, { type: "broke", answer: reason, at: 1 })).toEqual({
      name: "unavailable",
      reason,
    });
  });

  it("waits again where it is made again", () => {
    expect(transition(showing, { type: "broke", answer: "making", at: 1 })).toEqual({
      name: "waiting",
      progress: null,
    });
  });
});

it("leaves no picture of what was taken away, and keeps that of what may come back", () => {
  expect(reasons.filter((reason) => keepsPicture({ name: "unavailable", reason }))).toEqual([
    "ended",
    "unreachable",
  ]);
});

it("tells how the making goes, and nothing where it is not known", () => {
  const waiting = (told: State & { name: "waiting" }) => wordsFor(told, 95);
  expect(waiting({ name: "waiting", progress })).toBe("MiniMax is making it, usually 95 s");
  expect(waiting({ name: "waiting", progress: { status: "queued", progress: 0, queue_position: 3 } })).toBe(
    "in the queue, 3rd",
  );
  expect(waiting({ name: "waiting", progress: null })).not.toMatch(/\d/);
});
