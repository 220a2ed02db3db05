/*
 * The books: what was seen, accepted and billed, and for whom.
 */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { useSimulator } from "./caller.ts";
import { film } from "./media.ts";
import { dataUrl, png } from "./pictures.ts";

const caller = useSimulator();
const photo = "https://example.com/photo.jpg";

describe("the ledger", () => {
  it("counts every accepted create, the same order twice too", async () => {
    await caller.order("twice");
    await caller.order("twice");
    expect(await caller.ledger("twice")).toMatchObject({
      creates: 2,
      accepted: 2,
      billed: 2,
      billed_micro_usd: 560_000,
      refused: [],
    });
  });

  it.each([
    ["MiniMax-Hailuo-2.3-Fast", { resolution: "768P" }, 190_000],
    ["MiniMax-Hailuo-2.3-Fast", { duration: 10 }, 320_000],
    ["MiniMax-Hailuo-2.3", { resolution: "1080P" }, 490_000],
    ["MiniMax-Hailuo-2.3", { duration: 10 }, 560_000],
    ["MiniMax-Hailuo-02", { resolution: "512P" }, 100_000],
    ["MiniMax-Hailuo-02", { resolution: "512P", duration: 10 }, 150_000],
    ["I2V-01", {}, null],
  ])("bills %s with %j at %j millionths", async (model, more, price) => {
    const prompt = `price of ${model} ${JSON.stringify(more)}`;
    await caller.order(prompt, { model, first_frame_image: photo, ...more });
    const { billed, billed_micro_usd, tasks } = await caller.ledger(prompt);
    expect(tasks).toMatchObject([{ billed: true, micro_usd: price }]);
    expect({ billed, billed_micro_usd }).toEqual({ billed: 1, billed_micro_usd: price ?? 0 });
  });

  it("bills a failing video until it has failed, and then no more", async () => {
    const taskId = await caller.order("fails [sim: fail=1027 late=4]");
    expect(await caller.ledger("fails")).toMatchObject({ billed: 1, billed_micro_usd: 280_000 });
    await caller.finish(taskId);
    expect(await caller.ledger("fails")).toMatchObject({
      accepted: 1,
      billed: 0,
      billed_micro_usd: 0,
      tasks: [{ state: "Fail", billed: false, micro_usd: 0, file_id: null, sha256: null }],
    });
  });

  it("lists what was refused, with the code", async () => {
    await caller.create({ model: "MiniMax-Hailuo-9", prompt: "refused thing" });
    await caller.create({ model: "MiniMax-Hailuo-02", prompt: "refused gore" });
    await caller.create({ model: "MiniMax-Hailuo-02", prompt: "refused stranger" }, "Bearer wrong");
    const { creates, accepted, refused } = await caller.ledger("refused");
    expect({ creates, accepted }).toEqual({ creates: 3, accepted: 0 });
    expect(refused).toEqual([
      { code: 2013, model: "MiniMax-Hailuo-9", prompt: "refused thing" },
      { code: 1026, model: "MiniMax-Hailuo-02", prompt: "refused gore" },
      { code: 2049, model: "MiniMax-Hailuo-02", prompt: "refused stranger" },
    ]);
  });

  it("describes the order, the file delivered and how often it was asked for", async () => {
    const picture = png(640, 360);
    const taskId = await caller.order("described", {
      first_frame_image: dataUrl(picture),
      last_frame_image: photo,
      prompt_optimizer: false,
    });
    const { file_id } = await caller.finish(taskId);
    const { file } = (await (await caller.retrieve(file_id)).json()) as { file: { download_url: string } };
    const bytes = await (await fetch(file.download_url)).bytes();
    const { tasks } = await caller.ledger("described");
    expect(tasks).toEqual([
      {
        task_id: taskId,
        wire: "v1",
        model: "MiniMax-Hailuo-02",
        mode: "frames",
        prompt: "described",
        duration: 6,
        resolution: "768P",
        prompt_optimizer: false,
        fast_pretreatment: false,
        state: "Success",
        deleted: false,
        billed: true,
        micro_usd: 280_000,
        file_id,
        sha256: createHash("sha256").update(bytes).digest("hex"),
        bytes: bytes.length,
        downloads: 1,
        bytes_served: bytes.length,
        ranges: [null],
        queries: expect.any(Number),
        retrieves: 1,
        callbacks_sent: 0,
        callback_url: null,
        first_frame_sha256: createHash("sha256").update(picture).digest("hex"),
        last_frame_sha256: null,
        subject_sha256: null,
        created_at: expect.any(Number),
      },
    ]);
  });
});

describe("the ledger of V2", () => {
  const images = (count: number) =>
    Array.from({ length: count }, () => ({
      type: "image_url",
      image_url: { url: photo },
      role: "reference_image",
    }));
  const video = (seconds: number) => ({
    type: "video_url",
    video_url: { url: `https://example.com/film.mp4?seconds=${seconds}` },
    role: "reference_video",
  });
  const sound = {
    type: "audio_url",
    audio_url: { url: "https://example.com/a.mp3" },
    role: "reference_audio",
  };
  const frame = (role: string) => ({ type: "image_url", image_url: { url: photo }, role });
  const [h3, max] = ["MiniMax-H3", "MiniMax-H3-Max"];

  it.each<[string, string, number, object[], number]>([
    [h3, "768P", 5, [], 400_000],
    [h3, "768P", 15, [], 1_200_000],
    [h3, "2K", 4, [], 520_000],
    [max, "480P", 5, [], 250_000],
    [max, "768P", 7, [], 560_000],
    [h3, "768P", 5, [frame("first_frame"), frame("last_frame")], 400_000],
    [max, "768P", 5, [frame("first_frame"), frame("last_frame")], 400_000],
    [h3, "768P", 5, images(5), 400_000],
    [h3, "768P", 5, images(6), 440_000],
    [h3, "2K", 5, images(9), 810_000],
    [max, "480P", 5, images(2), 250_000],
    [max, "480P", 5, images(3), 324_000],
    [max, "768P", 5, images(9), 918_000],
    [h3, "768P", 5, [video(6)], 880_000],
    [h3, "2K", 5, [video(2), video(3)], 1_300_000],
    [max, "480P", 5, [video(4)], 471_200],
    [max, "768P", 5, [video(4)], 972_000],
    [max, "768P", 5, [...images(3), video(10), sound], 1_904_000],
    [h3, "768P", 5, [video(2.5), video(2.5)], 800_000],
    [h3, "768P", 5, [video(2.5)], 640_000],
  ])("bills %s at %s for %i s with %j", async (model, resolution, duration, items, price) => {
    const prompt = `V2's price of ${model} ${resolution} ${duration} ${JSON.stringify(items)}`;
    const content = [{ type: "text", text: prompt }, ...items];
    await caller.v2.order("", { model, resolution, duration, content });
    expect(await caller.ledger(prompt)).toMatchObject({
      billed: 1,
      billed_micro_usd: price,
      tasks: [{ billed: true, micro_usd: price }],
    });
    await caller.send("/simulator/reset", { method: "POST" });
  });

  it.each(["fail=1027", "fail=none", "expired", "cancelled"])(
    "takes off what ends as %s",
    async (scenario) => {
      await caller.v2.order(`taken off [sim: instant ${scenario}]`);
      expect(await caller.ledger("taken off")).toMatchObject({ accepted: 1, billed: 0, billed_micro_usd: 0 });
      await caller.send("/simulator/reset", { method: "POST" });
    },
  );

  it("describes the order, and both wires' tasks side by side", async () => {
    const [picture, movie] = [png(900, 900), film(4)];
    const content = [
      { type: "text", text: "described on V2 [sim: instant]" },
      { type: "image_url", image_url: { url: dataUrl(picture) }, role: "reference_image" },
      { type: "video_url", video_url: { url: dataUrl(movie, "video/mp4") }, role: "reference_video" },
    ];
    await caller.order("described on V2, not");
    const taskId = await caller.v2.order("", { model: max, content, ratio: "adaptive" });
    await caller.v2.task(taskId);
    await caller.v2.create({ model: "MiniMax-H4", content });
    const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
    const { tasks, billed_micro_usd, refused } = await caller.ledger("described on V2");
    expect(billed_micro_usd).toBe(280_000 + 400_000 + 4 * 143_000);
    expect(refused).toMatchObject([{ code: 2013, model: "MiniMax-H4" }]);
    expect(tasks).toEqual([
      expect.objectContaining({ wire: "v1" }),
      {
        task_id: taskId,
        wire: "v2",
        model: max,
        mode: "references",
        prompt: "described on V2 [sim: instant]",
        duration: 5,
        resolution: "768P",
        ratio: "1:1",
        prompt_expansion_mode: "balanced",
        images: 1,
        input_seconds: 4,
        first_frame_sha256: null,
        last_frame_sha256: null,
        reference_sha256s: [sha256(picture), sha256(movie)],
        state: "succeeded",
        deleted: false,
        billed: true,
        micro_usd: 972_000,
        file_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        bytes: expect.any(Number),
        downloads: 0,
        bytes_served: 0,
        ranges: [],
        queries: 1,
        retrieves: 0,
        callbacks_sent: 0,
        callback_url: null,
        created_at: expect.any(Number),
      },
    ]);
  });
});

describe("the controls", () => {
  const put = (body: object) =>
    caller.send("/simulator/settings", { method: "PUT", body: JSON.stringify(body) });

  it("tell the pace and change it", async () => {
    expect(await caller.json("/simulator/health")).toMatchObject({ status: "ok", speed: 2000 });
    expect(await (await put({ speed: 1500 })).json()).toMatchObject({ speed: 1500 });
    await put({ speed: 2000 });
  });

  it.each([
    { speed: 0 },
    { speed: "fast" },
    { requestsPerMinute: -1 },
    { tasksInFlight: 0.5 },
    { keys: ["another"] },
    { colour: "red" },
  ])("refuse the settings %j", async (body) => {
    expect((await put(body)).status).toBe(400);
  });

  it("set and lift a limit of requests per minute", async () => {
    await put({ requestsPerMinute: 1, speed: 1 });
    const codes = [];
    for (let i = 0; i < 2; i += 1) {
      const { base_resp } = await caller.createJson({ model: "MiniMax-Hailuo-02", prompt: "limited" });
      codes.push(base_resp.status_code);
    }
    await put({ requestsPerMinute: null, speed: 2000 });
    expect(codes).toEqual([0, 1002]);
  });

  it("forget everything on reset", async () => {
    const taskId = await caller.order("to be forgotten");
    await caller.send("/simulator/reset", { method: "POST" });
    expect(await caller.ledger()).toEqual({
      creates: 0,
      accepted: 0,
      billed: 0,
      billed_micro_usd: 0,
      tasks: [],
      refused: [],
    });
    expect((await caller.queryJson(taskId)).base_resp.status_code).toBe(2013);
  });
});
