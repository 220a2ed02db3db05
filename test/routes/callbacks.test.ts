/** What MiniMax posts to us, in the forms in which it may come. */

import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { app } from "../../src/app.ts";
import { sha256Hex } from "../../src/domain/hash.ts";
import { env, newAdmission, useFarClock } from "../durable/objects.ts";
import { call, origin } from "./worker.ts";

useFarClock();
const secret = "s".repeat(43);

/** A task whose create was lost, so that what a push names is kept as a candidate. */
async function unconfirmed() {
  const admission = newAdmission({ publicUrl: "https://video.example.com" });
  const stub = env.VIDEO_TASKS.getByName(admission.taskId);
  await stub.begin(admission, 8000);
  await runInDurableObject(stub, (_, { storage }) => {
    storage.sql.exec("UPDATE task SET secrets = ?", JSON.stringify({ 1: sha256Hex(secret) }));
  });
  const push = (body: string) =>
    call(`/callbacks/minimax/${admission.taskId}?secret=${secret}`, { method: "POST", body });
  const candidates = async () => {
    const snapshot = await stub.read(admission.account);
    return snapshot?.task.status === "unconfirmed" ? snapshot.task.candidates : null;
  };
  return { push, candidates };
}

it.each([
  ['{"task_id":"115334141465231360","status":"processing"}', "115334141465231360"],
  ['{"task_id":115334141465231369,"status":"processing"}', "115334141465231369"],
])("%s names a provider task, to the last digit", async (body, id) => {
  const { push, candidates } = await unconfirmed();
  expect(await (await push(body)).json()).toEqual({ status: "success" });
  expect(await candidates()).toEqual([id]);
});

it.each(['{"challenge":"a text"}', '{"challenge":12345}'])("%s is given back as it came", async (body) => {
  const { push, candidates } = await unconfirmed();
  expect(await (await push(body)).text()).toBe(body);
  expect(await candidates()).toEqual([]);
});

it("a push with another secret, or to a task that does not exist, finds nothing", async () => {
  const { push, candidates } = await unconfirmed();
  const elsewhere = `/callbacks/minimax/task_${"0".repeat(26)}?secret=${secret}`;
  expect((await call(elsewhere, { method: "POST", body: "{}" })).status).toBe(404);
  expect((await push("not json")).status).toBe(400);
  expect(await candidates()).toEqual([]);
});

it("a push that meets an object which is just being moved is not lost", async () => {
  let calls = 0;
  const hear = async () => {
    calls += 1;
    if (calls === 1) throw new Error("Durable Object reset because its code was updated.");
    return { kind: "heard" };
  };
  const moved = { ...env, VIDEO_TASKS: { getByName: () => ({ hear }) } };
  const path = `/callbacks/minimax/task_${"0".repeat(26)}?secret=${secret}`;
  const request = new Request(`${origin}${path}`, { method: "POST", body: '{"task_id":"1"}' });
  expect(await (await app.fetch(request, moved)).json()).toEqual({ status: "success" });
  expect(calls).toBe(2);
});
