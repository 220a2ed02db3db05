/** An order that would join a task which its caller deleted a moment ago, before the Account has heard of that. */

import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { env, useFarClock } from "../durable/objects.ts";
import { bearer, call, makeKey } from "./worker.ts";

useFarClock();

type Created = { task_id: string; joined?: true };

/** MiniMax cannot call back here, so each lost create ends at once as unknown, and is joined until it is removed. */
async function ask(key: string, path: string, body?: object): Promise<{ status: number; created: Created }> {
  const init = {
    method: "POST",
    headers: bearer(key),
    body: body === undefined ? null : JSON.stringify(body),
  };
  const response = await call(path, init, "http://video.example.com");
  return { status: response.status, created: (await response.json()) as Created };
}

function decideRemoval(taskId: string): Promise<void> {
  return runInDurableObject(env.VIDEO_TASKS.getByName(taskId), (_, { storage }) => {
    storage.sql.exec("UPDATE task SET due = json_set(due, '$.remove', ?)", Date.now());
  });
}

const order = { model: "T2V-01", prompt: "Waves" };

it("is a new order, and no 410 about an Idempotency-Key that was never sent", async () => {
  const { key } = await makeKey(`joining-${crypto.randomUUID().slice(0, 8)}`);
  const first = await ask(key, "/v1/videos/generations", order);
  expect((await ask(key, "/v1/videos/generations", order)).created).toMatchObject({
    task_id: first.created.task_id,
    joined: true,
  });
  await decideRemoval(first.created.task_id);
  const second = await ask(key, "/v1/videos/generations", order);
  expect(second.status).toBe(200);
  expect(second.created.joined).toBeUndefined();
  expect(second.created.task_id).not.toBe(first.created.task_id);
});

it("is a new retry where the one before is being removed", async () => {
  const { key } = await makeKey(`joining-${crypto.randomUUID().slice(0, 8)}`);
  const { created } = await ask(key, "/v1/videos/generations", order);
  const path = `/v1/videos/${created.task_id}/retry`;
  const first = await ask(key, path);
  await decideRemoval(first.created.task_id);
  const second = await ask(key, path);
  expect(second.status).toBe(200);
  expect(second.created.task_id).not.toBe(first.created.task_id);
});
