/** A caller who goes away in the middle of a create: what was admitted is begun all the same. */

import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { makeKey, origin } from "../routes/worker.ts";
import { env, passTime, useFarClock } from "./objects.ts";

useFarClock();

type Fetcher = { fetch(request: Request): Promise<Response> };
const worker = (exports as unknown as { default: Fetcher }).default;

/** The tasks that an account admitted, and those that wait in its outbox. */
function tasksOf(account: string): Promise<{ admitted: string[]; waiting: string[] }> {
  return runInDurableObject(env.ACCOUNTS.getByName(account), (_, { storage }) => {
    const ids = (table: string) =>
      storage.sql
        .exec<{ task_id: string }>(`SELECT task_id FROM ${table}`)
        .toArray()
        .map((row) => row.task_id);
    return { admitted: ids("tasks"), waiting: ids("outbox") };
  });
}

it("loses nothing that was admitted, whenever the caller hangs up", async () => {
  const account = "hang-up";
  const { key } = await makeKey(account);
  const create = (prompt: string, signal?: AbortSignal) =>
    worker.fetch(
      new Request(`${origin}/v1/videos/generations`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}` },
        body: JSON.stringify({ model: "T2V-01", prompt }),
        ...(signal === undefined ? {} : { signal }),
      }),
    );
  // The first request warms the isolate, so that the others are cut at different steps and not all at the first.
  await create("Waves");
  for (let round = 0; round < 30; round++) {
    const abort = new AbortController();
    const answer = create(`Waves ${round}`, abort.signal).catch(() => null);
    await new Promise((resolve) => setTimeout(resolve, round % 10));
    abort.abort();
    await answer;
  }

  const { admitted } = await tasksOf(account);
  expect(admitted.length).toBeGreaterThan(1);
  passTime(60_000);
  const stub = env.ACCOUNTS.getByName(account);
  for (let rings = 0; rings < 5; rings++) await runDurableObjectAlarm(stub);
  expect((await tasksOf(account)).waiting).toEqual([]);
  for (const taskId of admitted) {
    expect(await env.VIDEO_TASKS.getByName(taskId).read(account), taskId).not.toBeNull();
  }
});
