/** A removal that meets something else of its task: it was decided, so nothing that comes after it counts. */

import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { sha256Hex } from "../../src/domain/hash.ts";
import type { Admission } from "../../src/domain/task.ts";
import type { AdmissionAnswer } from "../../src/durable/admissions.ts";
import {
  env,
  knowSecret,
  newAccountName,
  newRequest,
  passTime,
  knownSecret as secret,
  useFarClock,
} from "./objects.ts";

useFarClock();
afterEach(() => {
  vi.restoreAllMocks();
});

/** A task whose create was lost and given up as unknown, in an account that knows it. */
async function unknownOutcome() {
  const name = newAccountName();
  const account = env.ACCOUNTS.getByName(name);
  const made = await account.createKey("test");
  const answer = (await account.admit(newRequest(sha256Hex(made?.key ?? "")))) as AdmissionAnswer;
  const { admission } = answer as { admission: Admission };
  const stub = env.VIDEO_TASKS.getByName(admission.taskId);
  await stub.begin(admission, 8000);
  await knowSecret(stub);
  return { name, account, stub, taskId: admission.taskId };
}

/** Waits of its own, since no object may go on with a promise of another. */
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 5));

it("while MiniMax confirms evidence leaves the money held, where the operator finds it, and not reserved for ever", async () => {
  const { name, account, stub, taskId } = await unknownOutcome();
  let [isAsked, isAnswered] = [false, false];
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => {
    isAsked = true;
    while (!isAnswered) await aMoment();
    return Response.json({
      status: "Processing",
      file_id: "",
      base_resp: { status_code: 0, status_msg: "" },
    });
  });
  await stub.hear(secret, { challenge: false, providerTaskId: "P1" });
  passTime(1000);
  const turn = runDurableObjectAlarm(stub);
  while (!isAsked) await aMoment();
  expect(await stub.remove(name)).toMatchObject({ did: "removed" });
  isAnswered = true;
  await turn;
  await runDurableObjectAlarm(stub);

  expect(await stub.read(name)).toBeNull();
  expect(await account.held()).toMatchObject([{ taskId, microUsd: 280_000, task: null }]);
  expect((await account.describe()).spending.total).toMatchObject({ reserved: 0, held: 280_000 });
  expect(await account.resolveRemoved(taskId, "settled")).toBe(true);
});
