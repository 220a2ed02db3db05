/*
 * The life of one video on MiniMax's side as a function of time; pure. The phases are ours, and each wire has its
 * words for them. How the time divides among them is ours too: a twentieth to be taken in, a tenth in the queue,
 * the rest making it.
 */

export type Phase = "accepted" | "queued" | "running" | "succeeded" | "failed" | "cancelled" | "expired";
/** How it ends: a film, a code, of which 0 is a failure without a reason, or by no fault of its own. */
export type Ending =
  | { phase: "succeeded" }
  | { phase: "failed"; code: number }
  | { phase: "cancelled" }
  | { phase: "expired" };
export type Life = { queuedAt: number; startedAt: number; endsAt: number; ending: Ending };

export type Pace = {
  expectedMs: number;
  /** More time in the queue than usual. */
  queueMs: number;
  isInstant: boolean;
  isStalled: boolean;
  ending: Ending;
};

export function planLife(
  acceptedAt: number,
  { expectedMs, queueMs, isInstant, isStalled, ending }: Pace,
): Life {
  const length = isInstant ? 0 : expectedMs;
  return {
    queuedAt: acceptedAt + length * 0.05,
    startedAt: acceptedAt + length * 0.15 + queueMs,
    endsAt: isStalled ? Number.POSITIVE_INFINITY : acceptedAt + length + queueMs,
    ending,
  };
}

/** The life of what was cancelled in the queue. */
export function cancelLife(life: Life, now: number): Life {
  return { ...life, startedAt: Number.POSITIVE_INFINITY, endsAt: now, ending: { phase: "cancelled" } };
}

export function phaseAt(life: Life, now: number): Phase {
  if (now >= life.endsAt) return life.ending.phase;
  if (now >= life.startedAt) return "running";
  return now >= life.queuedAt ? "queued" : "accepted";
}

export const isOver = (phase: Phase) => phase !== "accepted" && phase !== "queued" && phase !== "running";
