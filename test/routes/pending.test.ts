/** An order that was admitted while its task's object could not be reached: the caller was told that it will be made. */

import { expect, it } from "vitest";
import { sha256Hex } from "../../src/domain/hash.ts";
import { env, newRequest, newTaskId, useFarClock } from "../durable/objects.ts";
import { bearer, call, makeKey } from "./worker.ts";

useFarClock();

async function admitted() {
  const account = `pending-${crypto.randomUUID().slice(0, 8)}`;
  const { key } = await makeKey(account);
  const taskId = newTaskId();
  await env.ACCOUNTS.getByName(account).admit(newRequest(sha256Hex(key), { taskId }));
  return { taskId, headers: bearer(key) };
}

it("is found as the task that it will be", async () => {
  const { taskId, headers } = await admitted();
  const answer = await call(`/v1/videos/query/${taskId}`, { headers });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ task_id: taskId, status: "Preparing" });
});

it("is cancelled before it is sent", async () => {
  const { taskId, headers } = await admitted();
  const answer = await call(`/v1/videos/${taskId}`, { method: "DELETE", headers });
  expect(await answer.json()).toMatchObject({ cancelled: true, cost: { state: "released" } });
  expect(await (await call(`/v1/videos/query/${taskId}`, { headers })).json()).toMatchObject({
    status: "Fail",
  });
});
