/*
 * Which pushes a task will send and when; pure. Documented: one POST on each status change
 * (platform.minimax.io/docs/api-reference/video-generation-t2v); which changes, each wire says. Order, repeats
 * and delays are not documented, so each can be had.
 */
import type { Life, Phase } from "./life.ts";

/** What is false about a forged push: the `secret` in the address, or the task it names. */
export type Push = { at: number; phase: Phase; forged?: "secret" | "task" };

export type Manners = {
  isSilent: boolean;
  isReversed: boolean;
  isForged: boolean;
  times: number;
  lateMs: number;
};

// A push follows the answer to its create, unless told otherwise; this is for videos that are instantly done.
const headStartMs = 30;
const gapMs = 40;

/** @param tellsQueue whether the wire tells that a task is queued; that it runs and that it ended is always told. */
export function planPushes(
  acceptedAt: number,
  life: Life,
  { isSilent, isReversed, isForged, times, lateMs }: Manners,
  tellsQueue: boolean,
): Push[] {
  if (isSilent) return [];
  const soon = acceptedAt + headStartMs;
  const startedAt = Math.max(life.startedAt, tellsQueue ? soon + gapMs : soon);
  const endsAt = Math.max(life.endsAt, startedAt + gapMs);
  const inOrder: Push[] = [
    ...(tellsQueue ? [{ at: soon, phase: "queued" } as const] : []),
    { at: startedAt, phase: "running" },
    { at: endsAt, phase: life.ending.phase },
  ];
  const honest = isReversed
    ? inOrder.toReversed().map((push, index) => ({ ...push, at: endsAt + index * gapMs }))
    : inOrder;
  const forged: Push[] = isForged
    ? [
        { at: startedAt, phase: "succeeded", forged: "secret" },
        { at: startedAt, phase: "succeeded", forged: "task" },
      ]
    : [];
  const repeated = honest.flatMap((push) => Array<Push>(times).fill(push));
  return [...repeated, ...forged].map((push) => ({ ...push, at: push.at + lateMs }));
}
