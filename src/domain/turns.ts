/**
 * The order of those who wait: within an account first come first served, between accounts in turns, so that a burst
 * of one does not make the others wait for all of it.
 */

/** Who asks: an attempt of a task, and since when it waits, which keeps its place whenever it comes back. */
export type Asking = Readonly<{ taskId: string; account: string; attempt: number; since: number }>;

export type Place = Asking &
  (
    | Readonly<{ state: "waiting" }>
    /** Its turn has come and its room is kept; it has to come for it. */
    | Readonly<{ state: "called"; at: number }>
    /** Its create may be under way. */
    | Readonly<{ state: "sent"; at: number }>
    /** MiniMax has it, or may have it; kept only where tasks in flight are counted. */
    | Readonly<{ state: "taken"; at: number }>
  );

/** Those who have a place, and the accounts that had a turn while others waited, the last one last. */
type Order = Readonly<{ places: ReadonlyMap<string, Place>; turns: readonly string[] }>;

/** An account beyond these that had its turn longest ago counts as one that had none. */
const maxTurns = 1000;

/** The place of a task in line, 1 for the next; null if it is not in line. */
export function positionOf(order: Order, taskId: string): number | null {
  const place = order.places.get(taskId);
  if (place === undefined || place.state === "sent" || place.state === "taken") return null;
  if (place.state === "called") return 1;
  const queues = queuesInTurn(order);
  const own = queues.findIndex((queue) => queue.includes(place));
  const ahead = queues[own]?.indexOf(place) ?? 0;
  return queues.reduce((position, queue, index) => {
    if (index === own) return position;
    return position + Math.min(queue.length, ahead + (index < own ? 1 : 0));
  }, ahead + 1);
}

/** Who waits and is next; undefined if nobody waits. */
export function nextToGo(order: Order): Place | undefined {
  return queuesInTurn(order)[0]?.[0];
}

/** The turns once this account had one. */
export function withTurn(turns: readonly string[], account: string): readonly string[] {
  return [...turns.filter((other) => other !== account), account].slice(-maxTurns);
}

/** Those who wait, by account: each queue in the order they came, and the queues in the order of their turns. */
function queuesInTurn(order: Order): Place[][] {
  const byAccount = new Map<string, Place[]>();
  for (const place of order.places.values()) {
    if (place.state !== "waiting") continue;
    const queue = byAccount.get(place.account);
    if (queue === undefined) byAccount.set(place.account, [place]);
    else queue.push(place);
  }
  for (const queue of byAccount.values()) queue.sort(byArrival);
  const rank = new Map(order.turns.map((account, index) => [account, index]));
  return [...byAccount.entries()]
    .sort(([one, [first]], [other, [second]]) => {
      const turn = (rank.get(one) ?? -1) - (rank.get(other) ?? -1);
      return turn !== 0 || first === undefined || second === undefined ? turn : byArrival(first, second);
    })
    .map(([, queue]) => queue);
}

function byArrival(one: Place, other: Place): number {
  return one.since - other.since || (one.taskId < other.taskId ? -1 : 1);
}
