/** The lock in a real world: what is ordered once is never ordered again, whatever happens to builds, files and videos. */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EnsureOptions, Filmgate } from "../../src/client/filmgate.ts";
import { startWorld, type World } from "./world.ts";

let world: World;
let filmgate: Filmgate;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "filmgate-lock-"));
  world = await startWorld({ callbacks: "reachable" });
  filmgate = new Filmgate({ apiKey: world.key, baseUrl: world.url });
});
afterAll(async () => {
  await world.stop();
  await rm(folder, { recursive: true, force: true });
});

const model = "MiniMax-Hailuo-2.3";
let locks = 0;
const newLock = () => join(folder, `lock-${locks++}`, "..", `videos-${locks}.lock.json`);

describe("an order", () => {
  it("is made once", async () => {
    const lock = newLock();
    const order = { model, prompt: world.prompt() };
    const options: EnsureOptions = { lock, frozen: false };
    const first = await filmgate.ensure(order, options);
    const text = await readFile(lock, "utf8");
    const second = await filmgate.ensure(order, options);
    expect(second).toEqual({ ...first, source: "lock", costUsd: 0 });
    expect(await readFile(lock, "utf8")).toBe(text);
  });
});
