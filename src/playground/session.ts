/**
 * What this tab remembers, and nothing else does: the key, an order that was not answered yet, and what was ordered
 * here. It ends with the tab. Where a browser keeps nothing, it lasts until the next reload.
 */

import type { CreateVideoRequest, VideoOrder } from "../client/filmgate.ts";

/** An order that was pressed: the same key, however often it is sent, is the same order. */
export type Pending = { idempotencyKey: string; order: VideoOrder; pressedAt: number };

const maxOrders = 40;
const inMemory = new Map<string, string>();

export const session = {
  readKey: (): string | null => read("key"),
  keepKey: (key: string) => write("key", key),

  readPending: (): Pending | null => readJson<Pending>("pending"),
  keepPending: (pending: Pending) => write("pending", JSON.stringify(pending)),
  dropPending: () => drop("pending"),

  /** What a task was ordered with: its pictures and switches, which its record does not tell. */
  orderOf: (taskId: string): CreateVideoRequest | null => orders()[taskId] ?? null,
  keepOrder(taskId: string, order: CreateVideoRequest) {
    const kept = Object.entries({ ...orders(), [taskId]: order }).slice(-maxOrders);
    write("orders", JSON.stringify(Object.fromEntries(kept)));
  },

  forget() {
    for (const name of ["key", "pending", "orders"]) drop(name);
  },
};

function orders(): Record<string, CreateVideoRequest> {
  return readJson("orders") ?? {};
}

function readJson<T>(name: string): T | null {
  try {
    return JSON.parse(read(name) ?? "null") as T | null;
  } catch {
    return null;
  }
}

/** Storage may be forbidden: then it throws. */
function read(name: string): string | null {
  try {
    return sessionStorage.getItem(`filmgate.${name}`) ?? inMemory.get(name) ?? null;
  } catch {
    return inMemory.get(name) ?? null;
  }
}

function write(name: string, value: string): void {
  inMemory.set(name, value);
  try {
    sessionStorage.setItem(`filmgate.${name}`, value);
  } catch {
    // It is remembered until the next reload.
  }
}

function drop(name: string): void {
  inMemory.delete(name);
  try {
    sessionStorage.removeItem(`filmgate.${name}`);
  } catch {
    // It was never there.
  }
}
