/** OpenAI's own client, unmodified, against the real Worker and the simulator: what it does, and what is paid. */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import OpenAI, { toFile } from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../scripts/worker.ts";
import { startWorld, type World } from "../journeys/world.ts";
import { startProxy } from "./proxy.ts";

let world: World;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let openai: OpenAI;
/** Its way leads through the proxy. */
let far: OpenAI;
let frame: Buffer;
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
  proxy = await startProxy(world.url);
  openai = new OpenAI({ apiKey: world.key, baseURL: `${world.url}/v1` });
  far = new OpenAI({ apiKey: world.key, baseURL: `${proxy.url}/behind/v1` });
  frame = await readFile(join(root, "scripts", "first-frame.jpg"));
});
afterEach(() => {
  proxy.faults.length = 0;
  proxy.seen.length = 0;
});
afterAll(async () => {
  await proxy.stop();
  await world.stop();
});

/** MiniMax's models are none of those that the client's types name. */
const model = "MiniMax-Hailuo-2.3" as OpenAI.VideoModel;
const seconds = "6" as OpenAI.VideoSeconds;

/** As the Python client's poll() does: asks until the word is another, after the time that the answer tells. */
async function poll(client: OpenAI, id: string): Promise<OpenAI.Video> {
  for (;;) {
    const { data, response } = await client.videos.retrieve(id).withResponse();
    const after = response.headers.get("openai-poll-after-ms");
    if (data.status !== "queued" && data.status !== "in_progress") {
      expect(after).toBeNull();
      return data;
    }
    expect(Number(after)).toBeGreaterThanOrEqual(250);
    await new Promise((resolve) => setTimeout(resolve, Number(after)));
  }
}

async function thrown(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => expect.unreachable("it did not fail"),
    (error: unknown) => error,
  );
}

describe("OpenAI's client", () => {
  it("creates, waits, downloads, lists and deletes", async () => {
    const prompt = world.prompt("instant");
    const made = await openai.videos.create({ model, prompt, seconds, size: "1280x720" });
    expect(made).toMatchObject({ object: "video", model, prompt, seconds: "6", error: null });
    expect(["queued", "in_progress"]).toContain(made.status);
    const video = await poll(openai, made.id);
    expect(video).toMatchObject({
      id: made.id,
      status: "completed",
      progress: 100,
      size: "1366x768",
      remixed_from_video_id: null,
      completed_at: expect.any(Number),
    });
    const content = await openai.videos.downloadContent(made.id);
    const bytes = Buffer.from(await content.arrayBuffer());
    const { tasks } = await world.ledger(prompt);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(tasks[0]?.sha256);
    const listed: string[] = [];
    for await (const { id } of openai.videos.list({ limit: 1 })) listed.push(id);
    expect(listed).toContain(made.id);
    expect(await openai.videos.delete(made.id)).toMatchObject({
      id: made.id,
      object: "video.deleted",
      deleted: true,
    });
    expect(await thrown(openai.videos.retrieve(made.id))).toBeInstanceOf(OpenAI.NotFoundError);
  });

  it("sends a first frame as a file, and MiniMax gets it as it is", async () => {
    const prompt = world.prompt("instant");
    const input_reference = await toFile(frame, "frame.jpg", { type: "image/jpeg" });
    const made = await openai.videos.create({ model, prompt, seconds, size: "720x1280", input_reference });
    expect((await poll(openai, made.id)).status).toBe("completed");
    const { tasks } = await world.ledger(prompt);
    expect(tasks[0]?.first_frame_sha256).toBe(createHash("sha256").update(frame).digest("hex"));
    const image_url = `data:image/jpeg;base64,${frame.toString("base64")}`;
    const again = await openai.videos.create({ model, prompt, seconds, input_reference: { image_url } });
    expect(again.id).toBe(made.id);
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 1 });
  });

  it("sends a prompt of several lines, and it is the order that JSON makes of it", async () => {
    const prompt = `${world.prompt("instant")}\nin the fog`;
    const made = await openai.videos.create({ model, prompt, seconds, size: "1280x720" });
    expect(made.prompt).toBe(prompt);
    expect((await world.create({ model, prompt })).body).toMatchObject({ task_id: made.id, joined: true });
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1 });
  });

  it("gets the poster of a published video as its thumbnail", async () => {
    const { body } = await world.create({
      ...{ model, prompt: world.prompt("instant"), publish: {} },
      first_frame_image: frame.toString("base64"),
    });
    await poll(openai, body.task_id);
    const picture = await openai.videos.downloadContent(body.task_id, { variant: "thumbnail" });
    expect(picture.headers.get("content-type")).toBe("image/jpeg");
    expect(Buffer.from(await picture.arrayBuffer())).toEqual(frame);
  });
});

describe("an answer that is lost costs nothing:", () => {
  it.each([
    ["dropped", ["drop after"]],
    ["dropped twice", ["drop after", "drop after"]],
    ["replaced by 502", ["502 after", "502 after"]],
    ["cut off and dropped", ["502 before", "drop after"]],
  ] as const)("%s", async (_title, faults) => {
    const prompt = world.prompt("instant");
    const input_reference = await toFile(frame, "frame.jpg", { type: "image/jpeg" });
    proxy.faults.push(...faults);
    const made = await far.videos.create({ model, prompt, seconds, input_reference });
    const creates = proxy.seen.filter(({ method }) => method === "POST");
    expect(creates).toHaveLength(faults.length + 1);
    expect(creates.every(({ headers }) => headers["idempotency-key"] === undefined)).toBe(true);
    expect(new Set(creates.map(({ headers }) => headers["content-type"])).size).toBe(creates.length);
    expect((await poll(far, made.id)).status).toBe("completed");
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 1 });
  });
});

describe("a refusal has a class, a sentence and a code, and is not repeated:", () => {
  const rows: [title: string, ask: () => Promise<unknown>, status: number, code: string, message: RegExp][] =
    [
      [
        "a model of OpenAI's",
        () => far.videos.create({ model: "sora-2", prompt: "x" }),
        400,
        "unknown_model",
        /'sora-2' is unknown; accepted are/,
      ],
      ["no model", () => far.videos.create({ prompt: "x" }), 400, "missing_field", /^400 model: is required/],
      [
        "seconds that are not made",
        () => far.videos.create({ model, prompt: "x", seconds: "8" }),
        400,
        "unsupported_combination",
        /seconds: .* 6, 10/,
      ],
      [
        "a prompt that MiniMax refuses",
        () => far.videos.create({ model, prompt: world.prompt("refuse=1026"), seconds }),
        422,
        "content_refused",
        /sensitive/,
      ],
      ["an unknown video", () => far.videos.retrieve("video_123"), 404, "not_found", /no such task/],
      ["a remix", () => far.videos.remix("video_123", { prompt: "x" }), 501, "not_supported", /no remixes/],
      [
        "an edit",
        () => far.videos.edit({ prompt: "x", video: { id: "video_123" } }),
        501,
        "not_supported",
        /no edits/,
      ],
      [
        "an extension",
        () => far.videos.extend({ prompt: "x", seconds: "4", video: { id: "video_123" } }),
        501,
        "not_supported",
        /10 seconds/,
      ],
      ["a character", () => far.videos.getCharacter("char_1"), 501, "not_supported", /S2V-01/],
      [
        "a spritesheet of an unknown video",
        () => far.videos.downloadContent("video_123", { variant: "spritesheet" }),
        404,
        "not_found",
        /no such task/,
      ],
    ];
  it.each(rows)("%s", async (_title, ask, status, code, message) => {
    const error = await thrown(ask());
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(error).toMatchObject({ status, code, requestID: expect.stringMatching(/^[\w-]{16,}$/) });
    expect(String((error as Error).message)).toMatch(message);
    expect(proxy.seen).toHaveLength(1);
  });
});
