/**
 * The Account among messages that are lost, repeated, delayed and reordered, and evicted in between: one order stays
 * one task, what was admitted begins, and the money adds up at every moment.
 */

import fc from "fast-check";
import { expect, it } from "vitest";
import type { Fate } from "./interleaving-film.ts";
import { startInterleaving } from "./interleavings.ts";
import { passTime, useFarClock } from "./objects.ts";

useFarClock();

const which = fc.nat({ max: 1000 });
const fate: fc.Arbitrary<Fate> = fc.record({
  create: fc.constantFrom("accepted", "accepted", "refused", "lost", "crash", "deferred"),
  look: fc.constantFrom("success", "success", "pending", "fail", "trouble", "expired", "withdrawn"),
  seconds: fc.constantFrom(5, 5, 4, 6),
});

const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("order" as const),
      // Few of each, so that orders are often the same.
      key: fc.nat({ max: 1 }),
      wire: fc.constantFrom("v1" as const, "v2" as const),
      prompt: fc.constantFrom("Waves", "Hills"),
      idempotencyKey: fc.constantFrom(null, null, null, "a", "b"),
      publicUrl: fc.constantFrom("https://video.example.com", null),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("deliver" as const),
      which,
      isRepeated: fc.boolean(),
      isAnswerLost: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("lose" as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("retry" as const), which, key: fc.nat({ max: 1 }) }),
  },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant("turn" as const), which, fate }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("remove" as const), which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("dismiss" as const), which }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("name" as const),
      which,
      by: fc.constantFrom("push" as const, "operator" as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("resolve" as const),
      which,
      money: fc.constantFrom("settled" as const, "released" as const),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: "ring" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "sweep" as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: "evict" as const }) },
  {
    weight: 4,
    // A moment, beyond the outbox's wait and the minute of joining, beyond the bound of evidence, days.
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.constantFrom(1000, 20_000, 61_000, 31 * 60_000, 86_400_000, 8 * 86_400_000, 31 * 86_400_000),
    }),
  },
);
type Happening = typeof happening extends fc.Arbitrary<infer H> ? H : never;
type Interleaving = Awaited<ReturnType<typeof startInterleaving>>;

async function live(world: Interleaving, what: Happening): Promise<void> {
  switch (what.kind) {
    case "order":
      return world.order(what);
    case "retry":
      return world.retry(what.which, what.key);
    case "deliver":
      return world.deliver(what.which, what);
    case "lose":
      return world.lose(what.which);
    case "turn":
      return world.turn(what.which, what.fate);
    case "remove":
      return world.remove(what.which);
    case "dismiss":
      return world.dismiss(what.which);
    case "name":
      return world.name(what.which, what.by);
    case "resolve":
      return world.resolve(what.which, what.money);
    case "ring":
      return world.ring();
    case "sweep":
      return world.sweep();
    case "evict":
      return world.evict();
    case "wait":
      return passTime(what.ms);
  }
}

it("one order is one task, what was admitted begins, and the money adds up, whatever is lost, repeated or late", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 10, maxLength: 70, size: "max" }), async (story) => {
      const world = await startInterleaving();
      for (const what of story) {
        await live(world, what);
        await world.check();
      }
      await world.settle();
      await world.check();
    }),
    { numRuns: 200, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: false },
  );
  expect.hasAssertions();
}, 120_000);
