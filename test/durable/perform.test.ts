/** The step that costs money, by itself: what is looked at last before a create leaves. */

import { expect, it } from "vitest";
import { submit } from "../../src/durable/perform.ts";
import { type Answer, reachFor } from "../../src/durable/reach.ts";
import { states } from "../domain/tasks.ts";
import { env } from "./objects.ts";

function reach(answers: Answer[]) {
  const whole = reachFor(env, states.submitting, (answer) => void answers.push(answer));
  const fetch = () => Promise.reject(new Error("a create left"));
  return { ...whole, minimax: { ...whole.minimax, fetch } };
}

it("a create whose task was cancelled while it was being built is not sent, and costs nothing", async () => {
  const answers: Answer[] = [];
  const event = await submit(reach(answers), states.submitting, 1, null, () => false);
  expect(event).toEqual({ type: "submitNotSent", attempt: 1 });
  expect(answers).toMatchObject([{ event: "submit", answer: "notWanted" }]);
});

it("a create that is wanted leaves, and one whose connection breaks is lost", async () => {
  const answers: Answer[] = [];
  const event = await submit(reach(answers), states.submitting, 1, null, () => true);
  expect(event).toEqual({ type: "submitLost", attempt: 1, candidate: null });
  expect(answers).toMatchObject([{ event: "submit", answer: "lost" }]);
});
