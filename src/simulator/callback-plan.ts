/*
 * Which pushes a task will send and when; pure. Documented: one POST on each status change, with states in lower
 * case (platform.minimax.io/docs/api-reference/video-generation-t2v). Order, repeats and delays are not
 * documented, so each can be had.
 */
import type { Life } from "./life.ts";

export type PushStatus = "processing" | "success" | "failed";
/** What is false about a forged push: the `secret` in the address, or the task it names. */
export type Push = { at: number; status: PushStatus; forged?: "secret" | "task" };

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

export function planPushes(acceptedAt: number, life: Life, manners: Manners): Push[] {
  if (manners.isSilent) return [];
  const startedAt = Math.max(life.startedAt, acceptedAt + headStartMs);
  const endsAt = Math.max(life.endsAt, startedAt + gapMs);
  const last = life.ending.status === "Success" ? "success" : "failed";
  const honest: Push[] = manners.isReversed
    ? [
        { at: endsAt, status: last },
        { at: endsAt + gapMs, status: "processing" },
      ]
    : [
        { at: startedAt, status: "processing" },
        { at: endsAt, status: last },
      ];
  const forged: Push[] = manners.isForged
    ? [
        { at: startedAt, status: "success", forged: "secret" },
        { at: startedAt, status: "success", forged: "task" },
      ]
    : [];
  const repeated = honest.flatMap((push) => Array<Push>(manners.times).fill(push));
  return [...repeated, ...forged].map((push) => ({ ...push, at: push.at + manners.lateMs }));
}
