/**
 * Large files over real sockets, and all that can break them: what was sent once is not asked for again, what was
 * stored is what MiniMax made, and what nobody wants any more leaves nothing behind.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWorld, type World } from "./world.ts";

let world: World;
/** Ordered first and asked for last: it takes an hour of life, 36 seconds here. */
let gone: { prompt: string; taskId: string };
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
  const prompt = world.prompt("instant file-gone");
  gone = { prompt, taskId: (await world.create({ model, prompt })).body.task_id };
});
afterAll(() => world.stop());

const model = "MiniMax-Hailuo-2.3";
const part = 8 * 1024 * 1024;

/** Where each download of a file was to begin: 0 for all of it. */
const beginnings = (ranges: (string | null)[] = []) =>
  ranges.map((range) => Number(/^bytes=(\d+)-$/.exec(range ?? "bytes=0-")?.[1]));

async function untilStored(prompt: string) {
  const { body } = await world.create({ model, prompt });
  const over = await world.untilOver(body.task_id, { limitMs: 80_000 });
  expect(over.status, over.error).toBe("Success");
  const { promised, sha256, bytes } = await world.download(over.file_id);
  const ledger = await world.ledger(prompt);
  expect(ledger).toMatchObject({ creates: 1, billed: 1, tasks: [{ sha256 }] });
  expect(promised).toMatchObject({ sha256, bytes });
  expect(await world.inBucket(over.file_id)).toEqual({ objects: 1, uploads: 0 });
  return {
    downloads: beginnings(ledger.tasks[0]?.ranges),
    served: ledger.tasks[0]?.bytes_served ?? 0,
    bytes,
  };
}

describe("a large file", { timeout: 90_000 }, () => {
  it.each([
    ["is cut off twice", "file-cut=2", 3],
    ["is cut off twice and has no length", "file-cut=2 file-nolength", 3],
    ["stalls half-way", "file-hang=1", 2],
    ["stalls half-way and has no length", "file-hang=1 file-nolength", 2],
    ["loses its address in the middle, twice", "url-expires-midway=2", 3],
  ])("that %s is carried on where it was cut", async (_title, scenario, count) => {
    const { downloads, served, bytes } = await untilStored(
      world.prompt(`instant file-pad=50000000 ${scenario}`),
    );
    expect(downloads).toHaveLength(count);
    const [first, ...others] = downloads;
    expect(first).toBe(0);
    for (const [index, from] of others.entries()) {
      expect(from % part).toBe(0);
      expect(from).toBeGreaterThan(downloads[index] ?? 0);
    }
    // At most a part is sent twice for each break.
    expect(served).toBeLessThan(bytes + count * part);
  });

  it("of a host that ignores what part it is asked for is read past what is there", async () => {
    const { downloads } = await untilStored(
      world.prompt("instant file-pad=50000000 file-cut=1 file-norange"),
    );
    expect(downloads).toEqual([0, part * 2]);
  });

  it("that is another one after the break is not joined with the first", async () => {
    const { downloads } = await untilStored(
      world.prompt("instant file-pad=50000000 file-changes=1 file-cut=1"),
    );
    expect(downloads).toEqual([0, part * 2]);
  });

  it("that is cut short with a length that fits is not kept, and fetched anew", async () => {
    const { downloads } = await untilStored(world.prompt("instant file-pad=80000000 file-truncated=1"));
    expect(downloads).toEqual([0, 0]);
  });

  it("that is not large at all is started over", async () => {
    const { downloads } = await untilStored(world.prompt("instant file-pad=20000000 file-cut=1"));
    expect(downloads).toEqual([0, 0]);
  });

  it("leaves neither an object nor an upload when it is cancelled in the middle", async () => {
    const prompt = world.prompt("instant file-pad=50000000 file-slow=10000000");
    const { body } = await world.create({ model, prompt });
    const fileId = body.task_id.replace("task_", "file_");
    await expect.poll(() => world.inBucket(fileId), { timeout: 20_000 }).toEqual({ objects: 0, uploads: 1 });
    const path = `/v1/videos/${body.task_id}`;
    expect((await world.call("DELETE", path)).body).toMatchObject({
      cancelled: true,
      cost: { state: "settled" },
    });
    await expect.poll(() => world.inBucket(fileId), { timeout: 20_000 }).toEqual({ objects: 0, uploads: 0 });
    expect((await world.call("DELETE", path)).body).toMatchObject({ deleted: true });
    expect(await world.inBucket(fileId)).toEqual({ objects: 0, uploads: 0 });
    expect((await world.ledger(prompt)).tasks[0]?.downloads).toBe(1);
  });
});

describe("a file that MiniMax no longer has", { timeout: 90_000 }, () => {
  it("may only be late: one that is not there three times is stored all the same", async () => {
    const { downloads } = await untilStored(world.prompt("instant file-http=404x2 retrieve-code=2013x1"));
    expect(downloads).toEqual([0, 0, 0]);
  });

  it("is told as gone after an hour of life, its money settled", async () => {
    const over = await world.untilOver(gone.taskId, { limitMs: 80_000 });
    expect(over).toMatchObject({ status: "Fail", file_id: "", base_resp: { status_code: 1013 } });
    expect(over.error).toMatch(/no longer has its file/);
    expect(await world.video(gone.taskId)).toMatchObject({
      status: "failed",
      error: { code: "file_gone" },
      cost: { state: "settled" },
    });
    expect(await world.ledger(gone.prompt)).toMatchObject({
      creates: 1,
      billed: 1,
      tasks: [{ downloads: 0 }],
    });
  });
});
