/**
 * What an object tells its caller: that it is written down with what happened, tried on schedule by the alarm, kept
 * over evictions, dropped with the task, and signed with the account's secrets. Nobody listens at the receiver's
 * port, so each attempt fails; answers are in test/journeys/webhooks.test.ts.
 */

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { Admission } from "../../src/domain/task.ts";
import type { Delivery } from "../../src/domain/webhook.ts";
import type { Account } from "../../src/durable/account.ts";
import type { VideoTask } from "../../src/durable/video-task.ts";
import type { WebhookSecretRow } from "../../src/durable/webhook-secrets.ts";
import { alarmOf, dump, env, newAccountName, newAdmission, passTime, useFarClock } from "./objects.ts";

useFarClock();

const hour = 3_600_000;
const webhookUrl = "http://127.0.0.1:9/hook?token=private";
type Stub = DurableObjectStub<VideoTask>;

async function cancelled(about: Partial<Admission> = {}): Promise<{ admission: Admission; stub: Stub }> {
  const admission = newAdmission({ webhookUrl, ...about });
  const stub = env.VIDEO_TASKS.getByName(admission.taskId);
  await stub.begin(admission, 0);
  await stub.remove(admission.account);
  return { admission, stub };
}

async function deliveriesOf(stub: Stub, account: string): Promise<Delivery[]> {
  return (await stub.deliveries(account)) as Delivery[];
}

/** The only message, once the attempt that is under way has its answer. */
async function settled(stub: Stub, account: string): Promise<Delivery> {
  for (let looks = 0; looks < 400; looks++) {
    const [delivery] = await deliveriesOf(stub, account);
    if (delivery === undefined) throw new Error("nothing was told");
    if (delivery.attempts.length > 0 && delivery.attempts.every((one) => one.durationMs !== null))
      return delivery;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("the attempt has no end");
}

describe("a message", () => {
  it("is written down with the cancel, tried at once, and due again", async () => {
    const { admission, stub } = await cancelled();
    const [written] = await deliveriesOf(stub, admission.account);
    expect(written).toMatchObject({ type: "video.cancelled", url: webhookUrl, createdAt: Date.now() });
    expect(JSON.parse(written?.body ?? "")).toMatchObject({
      type: "video.cancelled",
      data: { id: admission.taskId, status: "failed", error: { code: "cancelled" } },
    });
    const delivery = await settled(stub, admission.account);
    expect(delivery).toMatchObject({
      id: written?.id,
      state: "pending",
      tries: 1,
      nextAt: Date.now() + 5000,
      attempts: [{ at: Date.now(), status: null, error: "The receiver could not be reached." }],
    });
    expect((await dump(stub)).due).toContainEqual({ name: "webhook", at: Date.now() + 5000 });
    expect(await alarmOf(stub)).toBeLessThanOrEqual(Date.now() + 5000);
  });

  it("is none for a task without an address, and for one that is only begun", async () => {
    const { admission, stub } = await cancelled({ webhookUrl: null });
    expect(await stub.deliveries(admission.account)).toEqual([]);
    const begun = newAdmission({ webhookUrl });
    const other = env.VIDEO_TASKS.getByName(begun.taskId);
    await other.begin(begun, 0);
    expect(await other.deliveries(begun.account)).toEqual([]);
  });

  it("is shown to nobody but its account", async () => {
    const { stub, admission } = await cancelled();
    const [delivery] = await deliveriesOf(stub, admission.account);
    expect(await stub.deliveries(newAccountName())).toBeNull();
    expect(await stub.replay(newAccountName(), delivery?.id ?? "")).toBeNull();
    expect(await stub.replay(admission.account, "msg_unknown")).toBeNull();
  });

  it("is tried ten times by the alarm, over evictions, with the same id and body, and then given up", async () => {
    const { admission, stub } = await cancelled();
    const first = await settled(stub, admission.account);
    let delivery = first;
    for (let tries = 2; tries <= 10; tries++) {
      if (delivery.state !== "pending") throw new Error(`given up after ${tries - 1} attempts`);
      await evictDurableObject(stub);
      passTime(delivery.nextAt - Date.now());
      await runDurableObjectAlarm(stub);
      delivery = await settled(stub, admission.account);
      expect(delivery.attempts).toHaveLength(tries);
    }
    expect(delivery).toMatchObject({ id: first.id, body: first.body, state: "failed" });
    expect((await dump(stub)).due).not.toContainEqual(expect.objectContaining({ name: "webhook" }));
    passTime(100 * hour);
    await runDurableObjectAlarm(stub);
    expect(await deliveriesOf(stub, admission.account)).toEqual([delivery]);
  });

  it("is not tried before it is due, whatever rings", async () => {
    const { admission, stub } = await cancelled();
    const delivery = await settled(stub, admission.account);
    await runInDurableObject(stub, (object: VideoTask) => object.alarm());
    await runInDurableObject(stub, (object: VideoTask) => object.alarm());
    expect(await deliveriesOf(stub, admission.account)).toEqual([delivery]);
  });

  it("whose process died in an attempt is tried again after it could have ended", async () => {
    const { admission, stub } = await cancelled();
    const delivery = await settled(stub, admission.account);
    await runInDurableObject(stub, (_, { storage }) => {
      const attempts = [{ at: Date.now(), status: null, error: "No answer was recorded.", durationMs: null }];
      const { body: _body, ...rest } = { ...delivery, attempts, nextAt: Date.now() + 30_000 };
      storage.sql.exec(
        "UPDATE deliveries SET delivery = ?, next_at = ?",
        JSON.stringify(rest),
        Date.now() + 30_000,
      );
      storage.sql.exec("UPDATE task SET due = json_set(due, '$.webhook', ?)", Date.now() + 30_000);
    });
    await evictDurableObject(stub);
    passTime(30_000);
    await runInDurableObject(stub, (object: VideoTask) => object.alarm());
    const again = (await deliveriesOf(stub, admission.account))[0];
    expect(again).toMatchObject({ id: delivery.id, attempts: [{ error: "No answer was recorded." }, {}] });
  });

  it("is sent again on request with the same id, on a fresh schedule", async () => {
    const { admission, stub } = await cancelled();
    const delivery = await settled(stub, admission.account);
    passTime(1000);
    const [first, second] = await runInDurableObject(stub, (object: VideoTask) => [
      object.replay(admission.account, delivery.id),
      object.replay(admission.account, delivery.id),
    ]);
    expect(first).toMatchObject({ id: delivery.id, body: delivery.body, state: "pending", tries: 1 });
    expect(first?.attempts).toHaveLength(2);
    // While that attempt is under way, asking again changes nothing.
    expect(second).toEqual(first);
  });

  it("goes with the task when that is deleted", async () => {
    const { admission, stub } = await cancelled();
    await settled(stub, admission.account);
    expect((await stub.remove(admission.account))?.did).toBe("removed");
    expect(await stub.deliveries(admission.account)).toBeNull();
    expect((await dump(stub)).deliveries).toEqual([]);
    passTime(hour);
    await runDurableObjectAlarm(stub);
    expect((await dump(stub)).deliveries ?? []).toEqual([]);
  });
});

describe("the secrets of an account", () => {
  const accountAt = (): DurableObjectStub<Account> => env.ACCOUNTS.getByName(newAccountName());
  const secretsOf = async (stub: DurableObjectStub<Account>) =>
    (await stub.webhookSecrets()) as WebhookSecretRow[];

  it("begin with one that is made when it is needed, and stays", async () => {
    const stub = accountAt();
    const [secret, ...rest] = await secretsOf(stub);
    expect(secret?.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(rest).toEqual([]);
    expect(await secretsOf(stub)).toEqual([secret]);
    expect((await secretsOf(accountAt()))[0]?.secret).not.toBe(secret?.secret);
  });

  it("are two for a day after one was replaced, and then the new one alone", async () => {
    const stub = accountAt();
    const [first] = await secretsOf(stub);
    const [second] = (await stub.rotateWebhookSecret()) as WebhookSecretRow[];
    expect(second?.secret).not.toBe(first?.secret);
    expect((await secretsOf(stub)).map(({ secret }) => secret)).toEqual([second?.secret, first?.secret]);
    passTime(24 * hour);
    expect((await secretsOf(stub)).map(({ secret }) => secret)).toEqual([second?.secret]);
    await stub.sweep();
    expect((await dump(stub)).webhook_secrets).toHaveLength(1);
  });

  it("are four at most, however often they are replaced", async () => {
    const stub = accountAt();
    for (let times = 0; times < 8; times++) await stub.rotateWebhookSecret();
    expect(await secretsOf(stub)).toHaveLength(4);
  });
});
