/** What R2 holds of a publication against what its owner wants, whatever comes in between: crashes, trouble, haste. */

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { fileIdOf, videoKey } from "../../src/domain/ids.ts";
import type { Publication } from "../../src/domain/publication.ts";
import type { Task } from "../../src/domain/task.ts";
import { Publisher } from "../../src/durable/publisher.ts";
import { TaskStore } from "../../src/durable/task-store.ts";
import { readManifest } from "../../src/ports/manifests.ts";
import { alarmOf, dump, env, newAdmission, passTime, useFarClock } from "./objects.ts";

useFarClock();

const publication: Publication = { origins: null, title: "Waves", alt: null, expiresAt: null };
const other: Publication = { ...publication, title: "Another" };

/** A task of its own account, begun and left to its alarm. */
async function begun(about: { publication?: Publication | null; retentionDays?: number } = {}) {
  const admission = newAdmission(about);
  const stub = env.VIDEO_TASKS.getByName(admission.taskId);
  await stub.begin(admission, 0);
  const fileId = fileIdOf(admission.taskId);
  return { account: admission.account, stub, fileId, published: () => readManifest(env.VIDEOS, fileId) };
}
type Begun = Awaited<ReturnType<typeof begun>>;

/** Writes into the object's tables, as a process that died left them. */
async function leave(
  { stub }: Begun,
  change: (task: Task) => object,
  due: Record<string, number>,
): Promise<void> {
  await runInDurableObject(stub, (_, { storage: { sql } }) => {
    const { body } = sql.exec<{ body: string }>("SELECT body FROM task").one();
    const task = { ...JSON.parse(body), ...change(JSON.parse(body) as Task) } as Task;
    sql.exec("UPDATE task SET body = ?, status = ?", JSON.stringify(task), task.status);
    sql.exec("UPDATE task SET due = ?", JSON.stringify(due));
  });
  await evictDurableObject(stub);
  await runInDurableObject(stub, (_, { storage }) => storage.setAlarm(Date.now() + 100));
}

async function ring({ stub }: Begun, times = 1): Promise<void> {
  for (let count = 0; count < times; count++) {
    passTime(1000);
    await runDurableObjectAlarm(stub);
  }
}

async function duePublish({ stub }: Begun): Promise<unknown> {
  return (await dump(stub)).due?.find((row) => (row as { name: string }).name === "publish");
}

const succeeded = (about: object) => () => ({
  ...{ status: "succeeded", providerTaskId: "P1", submittedAt: 1, providerFileId: "F1", width: 4, height: 3 },
  ...{ bytes: 5, sha256: "ab", endedAt: Date.now(), ...about },
});

describe("a publication", () => {
  it("is in R2 when its owner is answered, changes with the settings, and nothing stays due", async () => {
    const task = await begun();
    expect(await task.published()).toBeNull();
    expect(await task.stub.publish(task.account, publication)).toMatchObject({ publication });
    expect(await task.published()).toEqual({ ...publication, state: "making", poster: null });
    await task.stub.publish(task.account, other);
    expect(await task.published()).toMatchObject({ title: "Another" });
    expect(await duePublish(task)).toBeUndefined();
  });

  it("that is repeated as it is writes nothing", async () => {
    const task = await begun();
    await task.stub.publish(task.account, publication);
    const before = await dump(task.stub);
    await task.stub.publish(task.account, publication);
    expect(await dump(task.stub)).toEqual(before);
  });

  it("ordered with the video is there as soon as the task is begun", async () => {
    const task = await begun({ publication });
    await ring(task);
    expect(await task.published()).toMatchObject({ state: expect.stringMatching("making|failed") });
  });

  it("tells that the video failed, and why", async () => {
    const task = await begun({ publication });
    await ring(task, 3);
    expect(await task.published()).toMatchObject({ state: "failed", code: "outcome_unknown" });
  });

  it("is none of another account's", async () => {
    const task = await begun({ publication });
    expect(await task.stub.publish("somebody", other)).toBeNull();
    expect(await task.stub.unpublish("somebody")).toBeNull();
    await ring(task);
    expect(await task.published()).toMatchObject({ title: "Waves" });
  });
});

describe("after a crash", () => {
  it("between the intent and the manifest, the alarm writes it", async () => {
    const task = await begun();
    await leave(task, succeeded({ publication }), { publish: Date.now() });
    expect(await task.published()).toBeNull();
    await ring(task);
    expect(await task.published()).toEqual({
      ...{ ...publication, state: "ready", width: 4, height: 3, durationSeconds: 6, bytes: 5, sha256: "ab" },
      ...{ storedAt: expect.any(Number), poster: null },
    });
    expect(await duePublish(task)).toBeUndefined();
    expect(await alarmOf(task.stub)).toBeNull();
  });

  it("between the intent to take down and the deletion, the alarm deletes it", async () => {
    const task = await begun();
    await task.stub.publish(task.account, publication);
    await leave(task, succeeded({ publication: null }), { publish: Date.now() });
    expect(await task.published()).not.toBeNull();
    await ring(task);
    expect(await task.published()).toBeNull();
  });

  it("in the middle of a removal, the alarm takes manifest and file away", async () => {
    const task = await begun();
    await task.stub.publish(task.account, publication);
    await env.VIDEOS.put(videoKey(task.fileId), "a video");
    await leave(task, succeeded({}), { remove: Date.now(), publish: Date.now() });
    await ring(task);
    expect(await task.published()).toBeNull();
    expect(await env.VIDEOS.head(videoKey(task.fileId))).toBeNull();
    expect(await task.stub.read(task.account)).toBeNull();
  });
});

describe("a published video is taken down", () => {
  it("by its owner, as often as asked, and comes back at the same key", async () => {
    const task = await begun({ publication });
    for (let times = 0; times < 2; times++) {
      expect(await task.stub.unpublish(task.account)).toEqual({ isDown: true });
      expect(await task.published()).toBeNull();
    }
    await ring(task, 3);
    expect(await task.published()).toBeNull();
    await task.stub.publish(task.account, other);
    expect(await task.published()).toMatchObject({ title: "Another" });
  });

  it("by cancelling it, at once", async () => {
    const task = await begun({ publication });
    await ring(task, 0);
    expect(await task.stub.remove(task.account)).toMatchObject({ did: "cancelled" });
    expect(await task.published()).toBeNull();
  });

  it("by deleting it, at once", async () => {
    const task = await begun({ publication });
    await ring(task, 3);
    expect(await task.published()).not.toBeNull();
    expect(await task.stub.remove(task.account)).toMatchObject({ did: "removed" });
    expect(await task.published()).toBeNull();
    expect((await dump(task.stub)).task).toEqual([]);
  });

  it("at the end of its retention", async () => {
    const task = await begun({ retentionDays: 1 });
    await task.stub.publish(task.account, publication);
    await leave(task, succeeded({}), { expire: Date.now() + 500 });
    await ring(task);
    expect(await task.published()).toBeNull();
    expect(await task.stub.read(task.account)).toBeNull();
  });

  it("while its manifest is being written: the take-down wins", async () => {
    const task = await begun();
    const answers = await runInDurableObject(task.stub, (object) =>
      Promise.all([
        object.publish(task.account, publication),
        object.unpublish(task.account),
        object.publish(task.account, other),
        object.unpublish(task.account),
      ]),
    );
    expect(answers.at(-1)).toEqual({ isDown: true });
    expect(await task.published()).toBeNull();
    expect(await duePublish(task)).toBeUndefined();
  });
});

describe("while R2", () => {
  /** The bucket, behind something that can hold its puts back or make its writes fail. */
  function faulty(meet: () => Promise<void>): R2Bucket {
    return {
      async put(...about: Parameters<R2Bucket["put"]>) {
        await meet();
        return env.VIDEOS.put(...about);
      },
      async delete(key: string) {
        await meet();
        return env.VIDEOS.delete(key);
      },
    } as unknown as R2Bucket;
  }

  /** A publisher of its own on the task's tables. */
  function publisherOn(bucket: R2Bucket, storage: DurableObjectStorage) {
    const store = new TaskStore(storage);
    const object = {
      alarmRule: () => ({ from: Date.now() + 100, isWatchdog: false }),
      goOn: () => {},
      preparePoster: async () => {},
    };
    return { store, publisher: new Publisher(bucket, store, object) };
  }

  function want(store: TaskStore, wanted: Publication | null): void {
    const stored = store.load();
    if (stored === null) throw new Error("there is no task");
    const task = { ...stored.task, publication: wanted };
    store.record(
      { ...stored, task, due: { ...stored.due, publish: Date.now() } },
      { from: Date.now(), isWatchdog: false },
    );
  }

  it("is slow, a take-down that comes meanwhile is done after it", async () => {
    const task = await begun();
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    let writes = 0;
    const isDown = await runInDurableObject(task.stub, async (_, { storage }) => {
      const { store, publisher } = publisherOn(
        faulty(async () => {
          if (++writes === 1) await held;
        }),
        storage,
      );
      want(store, publication);
      const publishing = publisher.settle();
      want(store, null);
      const down = publisher.settle();
      release();
      await publishing;
      return down;
    });
    expect([isDown, writes]).toEqual([true, 2]);
    expect(await task.published()).toBeNull();
  });

  it("refuses a second write within a second (10058), it is done a second later", async () => {
    const task = await begun();
    let writes = 0;
    const isThere = await runInDurableObject(task.stub, (_, { storage }) => {
      const { store, publisher } = publisherOn(
        faulty(async () => {
          if (++writes === 1)
            throw new Error("put: Reduce your concurrent request rate for the same object. (10058)");
        }),
        storage,
      );
      want(store, publication);
      return publisher.settle();
    });
    expect([isThere, writes]).toEqual([true, 2]);
    expect(await task.published()).toMatchObject({ title: "Waves" });
  });

  it("fails, it stays due, is said to be, and the alarm comes back to it", async () => {
    const task = await begun();
    let writes = 0;
    const isThere = await runInDurableObject(task.stub, (_, { storage }) => {
      const { store, publisher } = publisherOn(
        faulty(async () => {
          writes++;
          throw new Error("put: We encountered an internal error. (10001)");
        }),
        storage,
      );
      want(store, publication);
      return publisher.settle();
    });
    expect([isThere, writes]).toEqual([false, 3]);
    expect(await duePublish(task)).toEqual({ name: "publish", at: Date.now() + 2000 });
    passTime(2000);
    await ring(task);
    expect(await task.published()).not.toBeNull();
  });
});
