/** What holds for an Account at every moment, whatever is on its way: its rows against what is true of its tasks. */

import { expect } from "vitest";
import { dayOf, type MoneyState, moneyStates } from "../../src/domain/money.ts";
import type { AdmissionRequest } from "../../src/durable/admissions.ts";
import type { Film } from "./interleaving-film.ts";

export const price = 100;
/** Room for a few orders, so that caps are met often. */
export const caps = { key: 4 * price, account: 6 * price };
const day = 24 * 3_600_000;

export type Rows = {
  tasks: {
    task_id: string;
    key_id: string;
    task: string | null;
    status: string;
    revision: number;
    micro_usd: number;
    money: MoneyState;
    created_at: number;
    ended_at: number | null;
  }[];
  spend: ({ key_id: string; day: string } & Record<MoneyState, number>)[];
  outbox: { task_id: string; at: number; admission: string }[];
};

/** A new task was admitted: no other may be the same order, as far as the Account can be asked to know. */
export function checkIsAnother(film: Film, request: AdmissionRequest, now: number): void {
  const known = film.request;
  if (request.retryOf !== null && known.retryOf === request.retryOf) {
    const isOver = film.wasFree || film.resolved === "released" || film.isRemoving || film.isRemoved;
    expect(isOver, "a task was retried twice").toBe(true);
  }
  if (known.keySha256 !== request.keySha256 || known.idempotencyKey !== request.idempotencyKey) return;
  if (request.idempotencyKey !== null) {
    const isForgotten = film.removedAt !== null && now >= film.removedAt + 30 * day;
    expect(film.wasReleased || isForgotten, "an Idempotency-Key made two tasks").toBe(true);
  } else if (known.fingerprint === request.fingerprint) {
    const isFree = film.freeFrom !== null && film.freeFrom <= now;
    expect(isFree || film.isRemoving || film.isRemoved, "one order became two tasks").toBe(true);
  }
}

export function checkIsSame(
  known: AdmissionRequest,
  request: AdmissionRequest,
  verdict: "replayed" | "joined",
): void {
  // A task has one retry, whoever asks for it.
  if (request.retryOf !== null && known.retryOf === request.retryOf) return;
  expect(known.keySha256).toBe(request.keySha256);
  expect(known.fingerprint).toBe(request.fingerprint);
  expect(known.idempotencyKey).toBe(request.idempotencyKey);
  expect(verdict).toBe(request.idempotencyKey === null ? "joined" : "replayed");
}

/** The ledger is the sum of its tasks, no cap is exceeded, and what was removed keeps its entry and stays away. */
export function checkRows(
  { tasks, spend }: Rows,
  films: ReadonlyMap<string, Film>,
  keyIds: readonly string[],
): void {
  const sums = new Map<string, Record<MoneyState, number>>();
  for (const { key_id, created_at, money, micro_usd } of tasks) {
    const place = `${key_id} ${dayOf(created_at)}`;
    const sum = sums.get(place) ?? { reserved: 0, settled: 0, released: 0, held: 0 };
    sums.set(place, { ...sum, [money]: sum[money] + micro_usd });
  }
  const written = spend.map((row) => [
    `${row.key_id} ${row.day}`,
    Object.fromEntries(moneyStates.map((state) => [state, row[state]])),
  ]);
  expect(Object.fromEntries(written), "the ledger is not the sum of its tasks").toEqual(
    Object.fromEntries(sums),
  );
  for (const one of new Set(spend.map((row) => row.day))) {
    const beyond = tasks.filter(
      ({ task_id, created_at }) => dayOf(created_at) === one && films.get(task_id)?.isBeyondCaps,
    );
    const spent = (keyId: string | null) =>
      spend
        .filter((row) => row.day === one && (keyId === null || row.key_id === keyId))
        .reduce((sum, row) => sum + row.reserved + row.settled + row.held, 0) -
      beyond
        .filter(({ key_id, money }) => money !== "released" && (keyId === null || key_id === keyId))
        .reduce((sum, row) => sum + row.micro_usd, 0);
    expect(spent(null), "the account's cap is exceeded").toBeLessThanOrEqual(caps.account);
    for (const id of keyIds) expect(spent(id), "a key's cap is exceeded").toBeLessThanOrEqual(caps.key);
  }
  for (const film of films.values()) {
    if (!film.isRemoved) continue;
    const row = tasks.find(({ task_id }) => task_id === film.request.taskId);
    expect(row, "a removed task lost its entry, or is back").toMatchObject({
      task: null,
      status: "removed",
    });
  }
}
