/**
 * The operator's part: what nobody knows the outcome of is looked up in MiniMax's books, and told. A provider task
 * that is found is named, and its video must land; where none is found, nothing was charged.
 */

import type { HeldTask, ListHeldResponse } from "../../src/contract.ts";
import { type Stage, sleep } from "./stage.ts";
import { readBill } from "./survey.ts";

/** How long a provider task that was named may take to be confirmed before the next is tried. */
const roundsForAName = 8;
const roundMs = 1500;

type Tried = { names: string[]; round: number };
export type Told = Readonly<{ named: number; notCharged: number; left: readonly HeldTask[] }>;

/** Tells what became of all that is held, until nothing is, or the time is up. */
export async function resolveHeld(stage: Stage, limitMs: number): Promise<Told> {
  const tried = new Map<string, Tried>();
  let notCharged = 0;
  const end = Date.now() + limitMs;
  for (let round = 0; ; round++) {
    const held = (await stage.admin<ListHeldResponse>("GET", "/v1/admin/held")).body.data;
    const named = [...tried.values()].filter(({ names }) => names.length > 0).length;
    if (held.length === 0 || Date.now() > end) return { named, notCharged, left: held };
    const { tasks } = await readBill(stage);
    for (const { task_id, account, video } of held) {
      const before = tried.get(task_id) ?? { names: [], round: Number.NEGATIVE_INFINITY };
      if (round - before.round < roundsForAName) continue;
      const next = tasks.find(
        ({ task_id: id, prompt }) => prompt === video?.prompt && !before.names.includes(id),
      );
      const finding = next === undefined ? { charged: false } : { provider_task_id: next.task_id };
      if (next === undefined) notCharged += 1;
      // A push may have come first, and a kill may have taken the last answer: that nothing is held any more is fine.
      await stage.admin("POST", `/v1/admin/held/${task_id}`, { account, ...finding });
      tried.set(task_id, {
        names: next === undefined ? before.names : [...before.names, next.task_id],
        round,
      });
    }
    await sleep(roundMs);
  }
}
