/**
 * MiniMax-H3 and H3-Max over the second wire, from the request to the bytes at the link and the bill: each way to start
 * a video, answers that are lost, cancels in each state, and what MiniMax counts.
 */

import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeleteVideoResponse, DryRunResponse, UploadedFile, Video } from "../../src/contract.ts";
import { film, mp3, wav } from "../simulator/media.ts";
import { startWorld, until, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
});
afterAll(() => world.stop());

const model = "MiniMax-H3";
const url = "https://example.com/photo.jpg";
const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

type Billed = Awaited<ReturnType<World["ledger"]>> & {
  billed_micro_usd: number;
  tasks: {
    wire: string;
    mode: string;
    ratio: string;
    resolution: string;
    duration: number;
    prompt_expansion_mode: string | null;
    reference_sha256s: (string | null)[];
  }[];
};
const ledger = async (prompt: string) => (await world.ledger(prompt)) as Billed;

/** Makes a video; gives its record, and what MiniMax has of it. */
async function made(fields: Record<string, unknown>, prompt = world.prompt()) {
  const body = { model, prompt, ...fields };
  const created = await world.create(body);
  expect(created.status, JSON.stringify(created.body)).toBe(200);
  const over = await world.untilOver(created.body.task_id);
  expect(over.status, over.error).toBe("Success");
  const video = await world.video(created.body.task_id);
  const { sha256 } = await world.download(over.file_id);
  const books = await ledger(prompt);
  expect(books).toMatchObject({ creates: 1, billed: 1, tasks: [{ sha256, wire: "v2" }] });
  expect(video.cost).toMatchObject({ state: "settled", charged_usd: books.billed_micro_usd / 1_000_000 });
  return { video, over, task: books.tasks[0] as Billed["tasks"][number], books };
}

async function upload(bytes: Uint8Array): Promise<UploadedFile> {
  const answer = await world.call<UploadedFile>("POST", "/v1/files", bytes, {
    "content-type": "application/octet-stream",
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
}

describe.concurrent("a video of the second wire", () => {
  it.each<[Record<string, unknown>, Record<string, unknown>, string]>([
    [{}, { mode: "text", resolution: "768P", duration: 5, ratio: "16:9" }, "1366x768"],
    [{ resolution: "2k", duration: 4, ratio: "9:16" }, { resolution: "2K", ratio: "9:16" }, "1440x2560"],
    [{ aspect_ratio: "1:1" }, { ratio: "1:1" }, "768x768"],
    [
      { model: "MiniMax-H3-Max", resolution: "480P", prompt_expansion: "disabled" },
      { resolution: "480P", prompt_expansion_mode: "disabled" },
      "854x480",
    ],
    [{ first_frame_image: url }, { mode: "image" }, "1366x768"],
    [{ first_frame_image: url, last_frame_image: url }, { mode: "frames" }, "1366x768"],
    [{ reference_images: [url, url], ratio: "4:3" }, { mode: "references", ratio: "4:3" }, "1024x768"],
  ])("is made from %j", async (fields, expected, size) => {
    const { video, over, task } = await made(fields);
    expect(task).toMatchObject(expected);
    expect(video.size).toBe(size);
    expect(`${over.video_width}x${over.video_height}`).toBe(size);
  });

  it("goes by an uploaded film, an image and a sound, which reach MiniMax byte for byte", async () => {
    const [movie, sound, other] = [film(4), mp3(3), wav(2)];
    const [one, two] = [await upload(movie), await upload(other)];
    expect(one).toMatchObject({ purpose: "video", content_type: "video/mp4", seconds: 4, width: 480 });
    expect(two).toMatchObject({ purpose: "audio", content_type: "audio/wav", seconds: 2 });
    expect(sound.byteLength).toBeGreaterThan(0);
    const { task, video } = await made({
      reference_images: [url],
      reference_videos: [one.id],
      reference_audio: [`data:audio/wav;base64,${Buffer.from(other).toString("base64")}`],
    });
    expect(task.reference_sha256s).toEqual([null, hashOf(movie), hashOf(other)]);
    // Five seconds made and four gone by, at eight cents each.
    expect(video.cost.charged_usd).toBe(0.72);
  });

  it("costs by MiniMax's count where an address's video was reserved at its most", async () => {
    const fields = { reference_videos: ["https://example.com/clip.mp4?seconds=7"] };
    const quote = await world.call<DryRunResponse>("POST", "/v1/videos/generations", {
      ...{ model, prompt: "x", ...fields, dry_run: true },
    });
    expect(quote.body).toMatchObject({
      estimated_cost_usd: 1.6,
      cost_parts: [
        { of: "video", quantity: 5, usd: 0.4, is_most: false },
        { of: "reference_video", quantity: 15, usd: 1.2, is_most: true },
      ],
    });
    const { video } = await made(fields);
    expect(video.cost).toMatchObject({ estimated_usd: 1.6, charged_usd: 0.96 });
  });
});

describe.concurrent("where an answer of the second wire is lost", () => {
  it.each([
    ["accept-then=drop"],
    ["accept-then=502"],
    ["accept-then=500"],
    ["accept-then=garbage"],
    ["accept-then=empty-id"],
    ["accept-then=1000"],
    ["accept-then=named-1002"],
    ["query-drop=2 query-http=503x2"],
    ["odd-status=2 empty-status=1 no-file=2"],
    ["refuse=1002x1"],
    ["file-cut=1 url-expired=1 file-pad=40000000"],
    ["callback-storm=5"],
    ["callback-reorder callback-forged"],
  ])("%s makes one paid video all the same", async (scenario) => {
    const prompt = world.prompt(scenario);
    const { body } = await world.create({ model, prompt });
    const over = await world.untilOver(body.task_id);
    expect(over.status, over.error).toBe("Success");
    const books = await ledger(prompt);
    expect(books).toMatchObject({
      billed: 1,
      tasks: [{ sha256: (await world.download(over.file_id)).sha256 }],
    });
    expect(books.creates).toBe(scenario.startsWith("refuse") ? 2 : 1);
  });

  it.each([
    ["refuse=1026", 422, "content_refused"],
    ["refuse=1008", 402, "provider_balance"],
    ["refuse=2049", 424, "provider_key_refused"],
    ["refuse=2013", 400, "provider_invalid_request"],
  ])("%s is MiniMax's verdict: nothing is charged", async (scenario, status, code) => {
    const prompt = world.prompt(scenario);
    const answer = await world.create({ model, prompt });
    expect(answer).toMatchObject({ status, body: { code } });
    expect(await ledger(prompt)).toMatchObject({ creates: 1, billed: 0 });
  });

  it.each([
    ["fail=1027", "content_moderated", "released"],
    ["fail=none", "generation_failed", "released"],
    ["cancelled", "provider_cancelled", "released"],
    ["expired", "generation_expired", "held"],
  ])("%s ends it as %s, its money %s", async (scenario, code, state) => {
    const prompt = world.prompt(scenario);
    const { body } = await world.create({ model, prompt });
    expect((await world.untilOver(body.task_id)).status).toBe("Fail");
    expect(await world.video(body.task_id)).toMatchObject({ error: { code }, cost: { state } });
  });
});

describe.concurrent("a video of the second wire that is cancelled", () => {
  const cancel = (taskId: string) => world.call<DeleteVideoResponse>("DELETE", `/v1/videos/${taskId}`);
  const isListed = async (prompt: string) => (await ledger(prompt)).tasks.length === 1;

  it.each([
    ["", "queue=20000"],
    [", and the answer to that is lost", "queue=20000 delete-drop=1"],
    [", and the answer comes as an error", "queue=20000 delete-http=502x1"],
    [", and its cancel was done and not told", "queue=20000 delete-then=drop"],
    [", and the look before fails", "queue=20000 query-http=503x2"],
  ])("in MiniMax's queue is let go of, and costs nothing%s", async (_title, scenario) => {
    const prompt = world.prompt(scenario);
    const { body } = await world.create({ model, prompt });
    await until(() => isListed(prompt), "MiniMax has it");
    expect((await cancel(body.task_id)).body).toMatchObject({ cancelled: true });
    await until(async () => (await world.video(body.task_id)).cost.state === "released", "it is released");
    expect(await ledger(prompt)).toMatchObject({ creates: 1, billed: 0, tasks: [{ state: "cancelled" }] });
  });

  it("is answered with MiniMax's word", async () => {
    const prompt = world.prompt("queue=20000");
    const { body } = await world.create({ model, prompt });
    const answer = await cancel(body.task_id);
    expect(answer.body).toMatchObject({ cancelled: true, cost: { state: "released" } });
    expect(answer.body.message).toContain("Nothing was charged");
  });

  it("while MiniMax makes it is watched to its end, and charged", async () => {
    const prompt = world.prompt("late=3");
    const { body } = await world.create({ model, prompt });
    await until(
      async () => (await world.query(body.task_id)).body.status !== "Success" && isRunning(prompt),
      "it runs",
    );
    expect((await cancel(body.task_id)).body).toMatchObject({ cancelled: true, cost: { state: "reserved" } });
    await until(async () => (await world.video(body.task_id)).cost.state === "settled", "it is settled");
    expect(await ledger(prompt)).toMatchObject({ billed: 1, tasks: [{ deleted: false }] });
  });
  const isRunning = async (prompt: string) => (await ledger(prompt)).tasks[0]?.state === "running";

  it("while its create is under way is let go of as soon as that is known", async () => {
    const prompt = world.prompt("queue=20000 create-delay=1000");
    const creating = world.create({ model, prompt });
    await until(() => isListed(prompt), "MiniMax has it");
    const { body } = await world.call<{ data: Video[] }>("GET", "/v1/videos?limit=100");
    const taskId = body.data.find((one) => one.prompt === prompt)?.id ?? "";
    await cancel(taskId);
    await creating;
    await until(async () => (await world.video(taskId)).cost.state === "released", "it is released");
    expect(await ledger(prompt)).toMatchObject({ billed: 0 });
  });
});

describe("a crash while a video of the second wire is", () => {
  it.each<[string, string, (books: Billed) => boolean, boolean]>([
    ["being submitted", "create-delay=3000 late=5", (books) => books.tasks.length === 1, false],
    ["unconfirmed", "accept-then=drop late=5", (books) => books.tasks.length === 1, false],
    ["generating", "late=2", (books) => (books.tasks[0]?.queries ?? 0) >= 1, false],
    ["storing", "file-slow=20000", (books) => (books.tasks[0]?.downloads ?? 0) >= 1, false],
    ["being cancelled", "queue=30000 delete-http=502x9", (books) => books.tasks.length === 1, true],
  ])("%s loses nothing and pays once", async (_title, scenario, reached, isCancelled) => {
    const prompt = world.prompt(scenario);
    const headers = { "idempotency-key": crypto.randomUUID() };
    const creating = world.create({ model, prompt }, headers).catch(() => null);
    await until(async () => reached(await ledger(prompt)), "the state was reached");
    if (isCancelled) {
      const created = await creating;
      // Not waited for: the process dies while MiniMax does not let go of it.
      world.call("DELETE", `/v1/videos/${created?.body.task_id}`).catch(() => {});
      await until(async () => (await ledger(prompt)).tasks[0]?.queries !== 0, "it is being cancelled");
    }
    await world.crash();
    await creating;
    await world.restart();
    const again = await world.create({ model, prompt }, headers);
    if (isCancelled) {
      await until(async () => (await world.video(again.body.task_id)).cost.state === "released", "released");
      expect(await ledger(prompt)).toMatchObject({ creates: 1, billed: 0 });
      return;
    }
    const over = await world.untilOver(again.body.task_id);
    expect(over.status, over.error).toBe("Success");
    const { sha256 } = await world.download(over.file_id);
    expect(await ledger(prompt)).toMatchObject({ creates: 1, billed: 1, tasks: [{ sha256 }] });
  });
});
