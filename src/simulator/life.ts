/*
 * The life of one video on MiniMax's side as a function of time; pure. The statuses and their spelling are
 * documented (platform.minimax.io/docs/api-reference/video-generation-query); how the time divides among them
 * is ours: a twentieth preparing, a tenth in the queue, the rest making it.
 */

export type Status = "Preparing" | "Queueing" | "Processing" | "Success" | "Fail";
/** How it ends: a film, or a code of `base_resp`, of which 0 is a failure without a reason. */
export type Ending = { status: "Success" } | { status: "Fail"; code: number };
export type Life = { queuedAt: number; startedAt: number; endsAt: number; ending: Ending };

export type Pace = { expectedMs: number; isInstant: boolean; isStalled: boolean; ending: Ending };

export function planLife(acceptedAt: number, { expectedMs, isInstant, isStalled, ending }: Pace): Life {
  const length = isInstant ? 0 : expectedMs;
  return {
    queuedAt: acceptedAt + length * 0.05,
    startedAt: acceptedAt + length * 0.15,
    endsAt: isStalled ? Number.POSITIVE_INFINITY : acceptedAt + length,
    ending,
  };
}

export function statusAt(life: Life, now: number): Status {
  if (now >= life.endsAt) return life.ending.status;
  if (now >= life.startedAt) return "Processing";
  return now >= life.queuedAt ? "Queueing" : "Preparing";
}
