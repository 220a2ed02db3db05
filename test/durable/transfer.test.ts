/**
 * What an object remembers of an upload that is under way, and that it owes it an end: whoever cancels, and whenever,
 * neither an upload nor an object stays behind in the real local R2.
 */

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { Task } from "../../src/domain/task.ts";
import type { Reach } from "../../src/durable/reach.ts";
import { TaskStore } from "../../src/durable/task-store.ts";
import { keep } from "../../src/durable/transfer.ts";
import type { VideoTask } from "../../src/durable/video-task.ts";
import { wires } from "../../src/ports/minimax/wires.ts";
import { states } from "../domain/tasks.ts";
import { isUploadThere, MemoryRecord, part, sha256, video } from "../ports/videos.ts";
import { alarmOf, dump, env, newAdmission, passTime, useFarClock } from "./objects.ts";

useFarClock();

type Stub = DurableObjectStub<VideoTask>;
const upload = { id: "upload-1", length: 50, etag: '"A"' };
const first = { number: 1, etag: "e1", bytes: 30 };
const second = { number: 2, etag: "e2", bytes: 20 };

const addressed = (download_url: string) => ({
  file: { download_url },
  base_resp: { status_code: 0, status_msg: "success" },
});

async function begun(): Promise<{ account: string; key: string; stub: Stub }> {
  const admission = newAdmission();
  const stub = env.VIDEO_TASKS.getByName(admission.taskId);
  await stub.begin(admission, 0);
  return {
    account: admission.account,
    key: `videos/${admission.taskId.replace("task_", "file_")}.mp4`,
    stub,
  };
}

/** A task that a process left in the middle of a transfer, with one part of it in R2. */
async function storing(): Promise<{ account: string; key: string; stub: Stub; uploadId: string }> {
  const { account, key, stub } = await begun();
  const { uploadId } = await env.VIDEOS.createMultipartUpload(key);
  await runInDurableObject(stub, (_, { storage }) => {
    const store = new TaskStore(storage);
    const before = store.load();
    if (before === null) throw new Error("there is no task");
    const { taskId, fileId, account: owner } = before.task;
    const now = Date.now();
    const own = { taskId, fileId, account: owner };
    const task: Task = { ...states.storing, ...own, startedAt: now, storeAt: now };
    store.record(
      { ...before, task, due: { ...before.due, step: Date.now() } },
      { from: Date.now(), isWatchdog: false },
    );
    store.uploads.start({ ...upload, id: uploadId });
    store.uploads.add(uploadId, first);
  });
  return { account, key, stub, uploadId };
}

async function ring(stub: Stub, times = 1): Promise<void> {
  for (let count = 0; count < times; count++) {
    passTime(1000);
    await runDurableObjectAlarm(stub);
  }
}

describe("an object's memory of an upload", () => {
  it("is empty at first, and in an object that was never written to", async () => {
    const { stub } = await begun();
    await runInDurableObject(stub, (_, { storage }) => {
      const { uploads } = new TaskStore(storage);
      expect(uploads.load()).toBeNull();
      uploads.add(upload.id, first);
      uploads.forget(upload.id);
      uploads.clear();
    });
    expect(Object.keys(await dump(stub))).not.toContain("upload");
    const stranger = env.VIDEO_TASKS.getByName("task_nobody");
    await runInDurableObject(stranger, (_, { storage }) => {
      expect(new TaskStore(storage).uploads.load()).toBeNull();
    });
    expect(await dump(stranger)).toEqual({});
  });

  it("outlives the process, with its parts in order", async () => {
    const { stub } = await begun();
    await runInDurableObject(stub, (_, { storage }) => {
      const { uploads } = new TaskStore(storage);
      uploads.start(upload);
      uploads.add(upload.id, second);
      uploads.add(upload.id, first);
    });
    await evictDurableObject(stub);
    await runInDurableObject(stub, (_, { storage }) => {
      expect(new TaskStore(storage).uploads.load()).toEqual({ ...upload, parts: [first, second] });
    });
  });

  it("takes no part of another upload, and forgets no other", async () => {
    const { stub } = await begun();
    await runInDurableObject(stub, (_, { storage }) => {
      const { uploads } = new TaskStore(storage);
      uploads.start(upload);
      uploads.add(upload.id, first);
      uploads.add("upload-0", second);
      uploads.forget("upload-0");
      expect(uploads.load()).toEqual({ ...upload, parts: [first] });
      uploads.start({ ...upload, id: "upload-2" });
      expect(uploads.load()).toEqual({ ...upload, id: "upload-2", parts: [] });
      uploads.forget("upload-2");
      expect(uploads.load()).toBeNull();
    });
  });
});

describe("a try to store", () => {
  const task = { ...states.storing, fileId: "file_x" };
  const whole = video(part + 1000);

  /** MiniMax gives one answer to every question; its files' host is not there. */
  function reachFor(answer: object, status = 200): Reach {
    return {
      note: () => {},
      minimax: {
        fetch: async () => new Response(JSON.stringify(answer), { status }),
        apiKey: "key",
        baseUrl: "http://127.0.0.1:9",
        createTimeoutMs: 1000,
        askTimeoutMs: 1000,
        onTooFast: () => {},
      },
      bucket: env.VIDEOS,
      transfer: { idleMs: 5000, headersMs: 1000, maxBytes: 1024 ** 3 },
      wire: wires.v1,
      claim: async () => true,
      isHeld: async () => false,
    };
  }
  const unknownFile = { base_resp: { status_code: 2013, status_msg: "invalid params, file not found" } };
  const tryIt = (reach: Reach, record: MemoryRecord, fileId: string) =>
    keep(reach, { ...task, fileId }, "F1", record, () => true);
  const newFileId = () => `file_${crypto.randomUUID()}`;

  it("finds what an upload made that was completed and not recorded, and asks nobody for it", async () => {
    const fileId = newFileId();
    const record = new MemoryRecord();
    record.start(upload);
    await env.VIDEOS.put(`videos/${fileId}.mp4`, whole);
    expect(await tryIt(reachFor(unknownFile), record, fileId)).toEqual({
      type: "stored",
      bytes: whole.byteLength,
      sha256: sha256(whole),
      width: 0,
      height: 0,
    });
    expect(record.load()).toBeNull();
  });

  it("completes an upload whose last part was recorded, and asks nobody for the file", async () => {
    const fileId = newFileId();
    const record = new MemoryRecord();
    const r2 = await env.VIDEOS.createMultipartUpload(`videos/${fileId}.mp4`);
    record.start({ id: r2.uploadId, length: whole.byteLength, etag: null });
    for (const [index, bytes] of [whole.slice(0, part), whole.slice(part)].entries()) {
      const { etag } = await r2.uploadPart(index + 1, bytes);
      record.add(r2.uploadId, { number: index + 1, etag, bytes: bytes.byteLength });
    }
    expect(await tryIt(reachFor(unknownFile), record, fileId)).toMatchObject({
      type: "stored",
      sha256: sha256(whole),
    });
    expect(record.load()).toBeNull();
  });

  it.each([
    ["that MiniMax does not know", reachFor(unknownFile), true],
    ["that cannot be asked for", reachFor(unknownFile, 500), false],
    ["whose address nobody answers at", reachFor(addressed("http://127.0.0.1:9/a.mp4")), false],
  ])("of a file %s brings trouble, which says whether it is gone", async (_title, reach, gone) => {
    const event = await tryIt(reach, new MemoryRecord(), newFileId());
    expect(event).toEqual({ type: "storeTrouble", gone, moved: false });
  });
});

describe("a task with an upload under way", () => {
  it("keeps it when a try brings nothing", async () => {
    const { account, stub, key, uploadId } = await storing();
    await ring(stub);
    expect((await stub.read(account))?.task).toMatchObject({ status: "storing", failures: 1 });
    expect(await dump(stub)).toMatchObject({ upload: [{ id: uploadId }], upload_parts: [first] });
    expect(await isUploadThere(key, uploadId)).toBe(true);
  });

  it("ends it when it is cancelled while no process is transferring", async () => {
    const { account, stub, key, uploadId } = await storing();
    await evictDurableObject(stub);
    expect(await stub.remove(account)).toMatchObject({ did: "cancelled", task: { money: "settled" } });
    // The process dies here: what is owed is written down.
    await evictDurableObject(stub);
    await ring(stub);
    expect(await isUploadThere(key, uploadId)).toBe(false);
    expect(await dump(stub)).toMatchObject({ upload: [], upload_parts: [], due: [] });
    expect(await alarmOf(stub)).toBeNull();
  });

  it("ends it, and deletes a file that was completed and not recorded", async () => {
    const { account, stub, key, uploadId } = await storing();
    await env.VIDEOS.put(key, new Uint8Array(10));
    await stub.remove(account);
    await ring(stub);
    expect(await env.VIDEOS.head(key)).toBeNull();
    expect(await isUploadThere(key, uploadId)).toBe(false);
  });

  it("ends it when it is cancelled and removed in one go", async () => {
    const { account, stub, key, uploadId } = await storing();
    expect(await stub.remove(account)).toMatchObject({ did: "cancelled" });
    expect(await stub.remove(account)).toMatchObject({ did: "removed" });
    expect(await isUploadThere(key, uploadId)).toBe(false);
    const { task, due, upload: uploads, upload_parts } = await dump(stub);
    expect([task, due, uploads, upload_parts]).toEqual([[], [], [], []]);
  });

  it("ends it when its time is over", async () => {
    const { account, stub, key, uploadId } = await storing();
    passTime(7 * 24 * 3_600_000);
    await runInDurableObject(stub, (_, { storage }) => storage.setAlarm(Date.now()));
    await ring(stub);
    expect((await stub.read(account))?.task).toMatchObject({ status: "failed", code: "file_unavailable" });
    expect(await isUploadThere(key, uploadId)).toBe(false);
    expect(await dump(stub)).toMatchObject({ upload: [], due: [] });
  });

  it("tries again later where R2 does not end it", async () => {
    const { account, stub, key, uploadId } = await storing();
    const withBucket = (bucket: unknown, then: (object: VideoTask) => Promise<unknown>) =>
      runInDurableObject(stub, async (object: VideoTask) => {
        const opened = object as unknown as { env: object };
        const whole = opened.env;
        opened.env = { ...whole, VIDEOS: bucket ?? env.VIDEOS };
        await then(object);
        opened.env = whole;
      });
    const refusing = {
      resumeMultipartUpload: () => ({ abort: () => Promise.reject(new Error("internal error (10001)")) }),
    };
    await stub.remove(account);
    passTime(1000);
    await withBucket(refusing, (object) => object.alarm());
    expect(await dump(stub)).toMatchObject({ upload: [{ id: uploadId }], due: [{ name: "tidy" }] });
    passTime(600_000);
    await runDurableObjectAlarm(stub);
    expect(await isUploadThere(key, uploadId)).toBe(false);
    expect(await dump(stub)).toMatchObject({ upload: [], due: [] });
  });
});
