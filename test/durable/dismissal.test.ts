/**
 * What a DELETE of MiniMax's V2 does with a task whose create is under way. MiniMax is played in the isolate, and puts
 * the create off.
 */

import { runInDurableObject } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import type { Snapshot, VideoTask } from "../../src/durable/video-task.ts";
import { h3Order } from "../domain/tasks.ts";
import { dump, env, newAdmission, useFarClock } from "./objects.ts";

useFarClock();
afterEach(() => vi.restoreAllMocks());

/** Waits of its own, since no object may go on with a promise of another. */
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 5));

it("two dismissals that waited for the same create cancel it once, and remove nothing", async () => {
  let isAnswered = false;
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => {
    while (!isAnswered) await aMoment();
    const error = { type: "rate_limit_error", message: "rate limit (1002)", http_code: "429" };
    return Response.json({ type: "error", error }, { status: 429 });
  });
  const admission = newAdmission({ order: h3Order });
  const { account, taskId } = admission;
  const stub = env.VIDEO_TASKS.getByName(taskId);
  await stub.begin(admission, 0);
  const read = async () => (await stub.read(account)) as Snapshot | null;

  await runInDurableObject(stub, (object: VideoTask) => void object.alarm());
  while ((await read())?.task.status !== "submitting") await aMoment();
  const dismissals = runInDurableObject(stub, (object: VideoTask) =>
    Promise.all([object.dismiss(account), object.dismiss(account), object.dismiss(account)]),
  );
  await aMoment();
  isAnswered = true;
  const did = (await dismissals).map((one) => one?.did);

  expect(did).toEqual(["cancelled", "nothing", "nothing"]);
  expect((await read())?.task.status).toBe("cancelled");
  expect((await dump(stub)).due).not.toContainEqual(expect.objectContaining({ name: "remove" }));
});
