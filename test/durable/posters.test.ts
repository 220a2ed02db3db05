/** The posters of published videos: what they are made of, and that nothing but the poster suffers where none comes. */

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../src/domain/hash.ts";
import { fileIdOf, imageKey, manifestKey, posterKey, videoKey } from "../../src/domain/ids.ts";
import type { Order } from "../../src/domain/order.ts";
import { maxFrameSourceBytes, maxPosterBytes, maxPosterTries } from "../../src/domain/poster.ts";
import type { Publication } from "../../src/domain/publication.ts";
import type { Task } from "../../src/domain/task.ts";
import type { VideoTask } from "../../src/durable/video-task.ts";
import type { FrameSource } from "../../src/ports/frames.ts";
import { readManifest } from "../../src/ports/manifests.ts";
import { jpeg, padded, png } from "../domain/images.ts";
import { alarmOf, dump, env, newAdmission, order, passTime, useFarClock } from "./objects.ts";

useFarClock();

const publication: Publication = { origins: null, title: "Waves", alt: null, expiresAt: null };
const frame = jpeg(1280, 720);
const firstFrame = png(1366, 768);

/** Stands in for Media Transformations: what it was given, and what it answers, or that it fails. */
function mediaThat(answers: (video: ReadableStream<Uint8Array>) => Promise<Response>) {
  const asked: object[] = [];
  const media: FrameSource = {
    input: (video) => ({
      transform: (shape) => ({
        output: (output) => ({
          response: () => {
            asked.push({ ...shape, ...output });
            return answers(video);
          },
          media: () => Promise.reject(new Error("not used")),
          contentType: () => Promise.reject(new Error("not used")),
        }),
      }),
    }),
  };
  return { media, asked };
}
const working = () =>
  mediaThat(async (video) => {
    await new Response(video).arrayBuffer();
    return new Response(frame);
  });

type About = { image?: Uint8Array; url?: string; publication?: Publication | null; media?: FrameSource };

/** A task of its own account, begun and left to its alarm; its order begins with an image, if one is given. */
async function begun(about: About = {}) {
  const { image, url } = about;
  const images: Order["images"] = {};
  if (url !== undefined) images.first_frame_image = { kind: "url", url };
  if (image !== undefined) {
    images.first_frame_image = {
      ...{ kind: "stored", sha256: sha256Hex(image), contentType: "image/png", bytes: image.byteLength },
    };
  }
  const wanted = about.publication === undefined ? publication : about.publication;
  const admission = newAdmission({ publication: wanted, order: { ...order, images } });
  const { account, taskId } = admission;
  const imageAt = image === undefined ? null : imageKey(account, sha256Hex(image));
  if (image !== undefined && imageAt !== null) await env.VIDEOS.put(imageAt, image);
  const stub = env.VIDEO_TASKS.getByName(taskId);
  if (about.media !== undefined) await setMedia(stub, about.media);
  await stub.begin(admission, 0);
  await settled(stub);
  const fileId = fileIdOf(taskId);
  return {
    ...{ account, stub, fileId, imageAt },
    published: () => readManifest(env.VIDEOS, fileId),
    kept: async () => (await env.VIDEOS.get(posterKey(fileId)))?.bytes() ?? null,
    task: () => stub.read(account).then((snapshot) => (snapshot?.task ?? null) as Task | null),
  };
}
type Begun = Awaited<ReturnType<typeof begun>>;

/** What is bound as MEDIA is an object's own: another process, or a restart, has none. */
function setMedia(stub: DurableObjectStub<VideoTask>, media: FrameSource): Promise<void> {
  return runInDurableObject(stub, (object: VideoTask) => {
    (object as unknown as { env: unknown }).env = { ...env, MEDIA: media };
  });
}

/** Waits until the errands that go on beside the turns have come to rest. */
async function settled(stub: DurableObjectStub): Promise<void> {
  await runInDurableObject(stub, () => new Promise<void>((resolve) => setTimeout(resolve, 60)));
}

/** Writes a stored video into the object's tables, as a process that died left them. */
async function leave(task: Begun, about: object, due: Record<string, number>): Promise<void> {
  await runInDurableObject(task.stub, (_, { storage: { sql } }) => {
    const { body } = sql.exec<{ body: string }>("SELECT body FROM task").one();
    const left = {
      ...(JSON.parse(body) as Task),
      ...{ status: "succeeded", providerTaskId: "P1", submittedAt: 1, providerFileId: "F1" },
      ...{ width: 1366, height: 768, bytes: 7, sha256: "ab", endedAt: Date.now(), ...about },
    };
    sql.exec("UPDATE task SET body = ?, status = ?", JSON.stringify(left), left.status);
    sql.exec("UPDATE task SET due = ?", JSON.stringify(due));
  });
  await evictDurableObject(task.stub);
}

/** The video is stored; another title is an event, after which all is due that should be. */
async function land(task: Begun, about: { bytes?: number; media?: FrameSource } = {}): Promise<void> {
  await env.VIDEOS.put(videoKey(task.fileId), "a video");
  await leave(task, about.bytes === undefined ? {} : { bytes: about.bytes }, {});
  if (about.media !== undefined) await setMedia(task.stub, about.media);
  await task.stub.publish(task.account, { ...publication, title: "Landed" });
  await settled(task.stub);
}

async function ring({ stub }: Begun, afterMs = 1000): Promise<void> {
  passTime(afterMs);
  await runDurableObjectAlarm(stub);
  await settled(stub);
}

async function duePoster({ stub }: Begun): Promise<number | null> {
  const row = (await dump(stub)).due?.find((one) => (one as { name: string }).name === "poster");
  return (row as { at: number } | undefined)?.at ?? null;
}

const hour = 3_600_000;

describe("a first frame that is kept", () => {
  it("is the poster as soon as the video is ordered, in the first manifest, and a copy of its own", async () => {
    const task = await begun({ image: firstFrame });
    expect(await task.published()).toMatchObject({
      ...{ state: "making", title: "Waves" },
      poster: {
        ...{ contentType: "image/png", width: 1366, height: 768, bytes: firstFrame.byteLength },
        ...{ sha256: sha256Hex(firstFrame), keptAt: Date.now() },
      },
    });
    await env.VIDEOS.delete(task.imageAt ?? "");
    expect(await task.kept()).toEqual(firstFrame);
    expect(await duePoster(task)).toBeNull();
  });

  it("is named in the answer to the order", async () => {
    const admission = newAdmission({
      publication,
      order: {
        ...order,
        images: {
          first_frame_image: {
            ...{ kind: "stored", sha256: sha256Hex(firstFrame), contentType: "image/png", bytes: 1 },
          },
        },
      },
    });
    await env.VIDEOS.put(imageKey(admission.account, sha256Hex(firstFrame)), firstFrame);
    const answer = await env.VIDEO_TASKS.getByName(admission.taskId).begin(admission, 8000);
    expect(answer?.task.poster).toMatchObject({ width: 1366 });
  });

  it("is made when the video is published later, and is in the manifest that is answered for", async () => {
    const task = await begun({ image: firstFrame, publication: null });
    expect(await task.kept()).toBeNull();
    expect((await task.stub.publish(task.account, publication))?.poster).toMatchObject({ width: 1366 });
    expect(await task.published()).toMatchObject({ poster: { width: 1366 } });
  });

  it.each([
    ["a public address, which we do not fetch", { url: "https://example.com/frame.png" }],
    ["an image that is too heavy", { image: padded(firstFrame, maxPosterBytes + 1) }],
    ["none", {}],
  ])("may be %s: then there is no poster", async (_title, about) => {
    const task = await begun(about);
    expect(await task.published()).toMatchObject({ state: "making", poster: null });
    expect([await task.kept(), await duePoster(task)]).toEqual([null, null]);
    await land(task);
    expect(await task.published()).toMatchObject({ state: "ready", poster: null });
  });

  it("that is gone disturbs nothing, and is not looked for without an end", async () => {
    const task = await begun({ image: firstFrame, publication: null });
    await env.VIDEOS.delete(task.imageAt ?? "");
    await land(task);
    expect(await task.published()).toMatchObject({ state: "ready", poster: null });
    for (let tries = 1; tries < maxPosterTries; tries++) {
      expect((await task.task())?.posterTries).toBe(tries);
      await ring(task, hour);
    }
    expect((await task.task())?.posterTries).toBe(maxPosterTries);
    expect(await duePoster(task)).toBeNull();
  });
});

describe("a frame of the video", () => {
  it("is taken once the video is there, and comes in a second manifest", async () => {
    const { media, asked } = working();
    const task = await begun({ media });
    expect(asked).toEqual([]);
    await land(task, { media });
    expect(asked).toEqual([
      { width: 1280, height: 1280, fit: "scale-down", mode: "frame", time: "0s", format: "jpg" },
    ]);
    expect(await task.published()).toMatchObject({
      ...{ state: "ready", title: "Landed" },
      poster: { contentType: "image/jpeg", width: 1280, height: 720, sha256: sha256Hex(frame) },
    });
    expect(await task.kept()).toEqual(frame);
    await ring(task);
    expect(asked).toHaveLength(1);
    expect([await duePoster(task), await alarmOf(task.stub)]).toEqual([null, null]);
  });

  it("is not taken where there is a first frame, nor out of a video that is too large for it", async () => {
    const { media, asked } = working();
    const framed = await begun({ image: firstFrame, media });
    await land(framed, { media });
    expect(await framed.published()).toMatchObject({ poster: { contentType: "image/png" } });
    const large = await begun({ media });
    await land(large, { media, bytes: maxFrameSourceBytes });
    expect(await large.published()).toMatchObject({ state: "ready", poster: null });
    expect(asked).toEqual([]);
  });

  it("stands in for a first frame that is gone", async () => {
    const { media } = working();
    const task = await begun({ image: firstFrame, publication: null });
    await env.VIDEOS.delete(task.imageAt ?? "");
    await land(task, { media });
    await ring(task, hour);
    expect(await task.published()).toMatchObject({ poster: { contentType: "image/jpeg" } });
  });

  const failing: [string, () => Promise<Response>][] = [
    ["fails", async () => Promise.reject(new Error("a MediaError"))],
    ["answers an error", async () => new Response("no", { status: 500 })],
    ["answers what is no picture", async () => new Response("a picture")],
    ["answers a picture that is too heavy", async () => new Response(padded(frame, maxPosterBytes + 1))],
  ];
  it.each(failing)(
    "that %s each time never disturbs the publication, and has an end",
    async (_title, answer) => {
      const { media, asked } = mediaThat(answer);
      const task = await begun({ media });
      await land(task, { media });
      const isReady = { state: "ready", title: "Landed", poster: null };
      for (let tries = 1; tries <= maxPosterTries; tries++) {
        expect(await task.published()).toMatchObject(isReady);
        expect(asked).toHaveLength(tries);
        await ring(task, hour);
      }
      await ring(task, hour);
      expect(asked).toHaveLength(maxPosterTries);
      expect(await task.published()).toMatchObject(isReady);
      expect([await duePoster(task), await task.kept()]).toEqual([null, null]);
    },
  );

  it("that hangs holds nobody up: not the manifest, not a change of it, not a take-down", async () => {
    const { media } = mediaThat(() => new Promise(() => {}));
    const task = await begun({ media });
    await land(task, { media });
    expect(await task.published()).toMatchObject({ state: "ready", title: "Landed" });
    await task.stub.publish(task.account, publication);
    expect(await task.published()).toMatchObject({ state: "ready", title: "Waves" });
    expect(await task.stub.unpublish(task.account)).toEqual({ isDown: true });
    expect(await task.stub.remove(task.account)).toMatchObject({ did: "removed" });
    expect((await dump(task.stub)).task).toEqual([]);
  });
});

describe("a video that is", () => {
  /** A frame that comes when it is let. */
  function held() {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { media } = mediaThat(async () => {
      await promise;
      return new Response(frame);
    });
    return { media, release: resolve };
  }

  it.each([
    ["taken down", async ({ stub, account }: Begun) => void (await stub.unpublish(account))],
    ["deleted", async ({ stub, account }: Begun) => void (await stub.remove(account))],
  ])("%s while its poster is made leaves nothing", async (_title, end) => {
    const { media, release } = held();
    const task = await begun({ media });
    await land(task, { media });
    await end(task);
    release();
    await settled(task.stub);
    expect([await task.published(), await task.kept(), await duePoster(task)]).toEqual([null, null, null]);
  });

  it.each([
    ["taken down", async ({ stub, account }: Begun) => void (await stub.unpublish(account))],
    ["deleted", async ({ stub, account }: Begun) => void (await stub.remove(account))],
    ["cancelled", async ({ stub, account }: Begun) => void (await stub.remove(account))],
  ])("%s while its poster is written leaves nothing", async (title, end) => {
    const media = working().media;
    const task = await begun({ media });
    if (title !== "cancelled") await land(task);
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow = {
      ...{ get: env.VIDEOS.get.bind(env.VIDEOS), delete: env.VIDEOS.delete.bind(env.VIDEOS) },
      async put(...about: Parameters<R2Bucket["put"]>) {
        await promise;
        return env.VIDEOS.put(...about);
      },
    };
    await runInDurableObject(task.stub, (object: VideoTask) => {
      (object as unknown as { env: unknown }).env = { ...env, MEDIA: media, VIDEOS: slow };
    });
    await task.stub.publish(task.account, { ...publication, title: "Again" });
    await settled(task.stub);
    const ending = end(task);
    resolve();
    await ending;
    await settled(task.stub);
    expect([await task.published(), await task.kept()]).toEqual([null, null]);
  });

  it("taken down keeps its poster for when it is published again, and loses it when it is deleted", async () => {
    const { media, asked } = working();
    const task = await begun({ media });
    await land(task, { media });
    await task.stub.unpublish(task.account);
    await task.stub.publish(task.account, publication);
    expect(await task.published()).toMatchObject({ poster: { width: 1280 } });
    expect(asked).toHaveLength(1);
    await task.stub.remove(task.account);
    expect([await task.published(), await task.kept()]).toEqual([null, null]);
  });

  it("failed has no poster to show", async () => {
    const task = await begun({ image: firstFrame });
    for (let times = 0; times < 3; times++) await ring(task);
    expect(await task.published()).toMatchObject({ state: "failed", poster: null });
  });
});

describe("after a crash", () => {
  it("between the order and the poster, the alarm makes it", async () => {
    const task = await begun({ image: firstFrame, publication: null });
    await leave(task, { publication }, { publish: Date.now(), poster: Date.now() });
    await runInDurableObject(task.stub, (_, { storage }) => storage.setAlarm(Date.now() + 100));
    await ring(task);
    expect(await task.published()).toMatchObject({ poster: { width: 1366 } });
  });

  it("between the poster's bytes and its record, it is found, and no other frame is taken", async () => {
    const { media, asked } = mediaThat(() => Promise.reject(new Error("a MediaError")));
    const task = await begun({ media });
    await land(task, { media });
    await env.VIDEOS.put(posterKey(task.fileId), frame);
    await ring(task, hour);
    expect(await task.published()).toMatchObject({ poster: { sha256: sha256Hex(frame) } });
    expect(asked).toHaveLength(1);
  });

  it("in the middle of a try, that one counts: it was written down before it was asked for", async () => {
    const { media, asked } = mediaThat(() => new Promise(() => {}));
    const task = await begun({ media });
    await land(task, { media });
    expect([asked.length, (await task.task())?.posterTries]).toEqual([1, 1]);
    expect(await duePoster(task)).toBe(Date.now() + 90_000);
  });

  it("into a deployment without the binding, nothing stays due", async () => {
    const { media } = mediaThat(() => Promise.reject(new Error("a MediaError")));
    const task = await begun({ media });
    await land(task, { media });
    expect(await duePoster(task)).not.toBeNull();
    await evictDurableObject(task.stub);
    await ring(task, hour);
    expect([await duePoster(task), await alarmOf(task.stub)]).toEqual([null, null]);
  });
});

it("a task and a manifest of before there were posters are read as having none", async () => {
  const task = await begun();
  await runInDurableObject(task.stub, (_, { storage: { sql } }) => {
    sql.exec("UPDATE task SET body = json_remove(body, '$.poster', '$.posterTries')");
  });
  expect(await task.task()).toMatchObject({ poster: null, posterTries: 0 });
  await env.VIDEOS.put(manifestKey(task.fileId), JSON.stringify({ ...publication, state: "making" }));
  expect(await task.published()).toEqual({ ...publication, state: "making", poster: null });
});
