/** Each way to start a video, on each model, with images in each form: from the request to the bytes at the link. */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../scripts/worker.ts";
import type { UploadedImage } from "../../src/contract.ts";
import { startWorld, type World } from "./world.ts";

let world: World;
let image: Uint8Array;
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
  image = await readFile(join(root, "scripts", "first-frame.jpg"));
});
afterAll(() => world.stop());

/** An image of its own length for each test: a JPEG may be followed by anything. */
function padded(extra: number): Uint8Array {
  return Buffer.concat([image, Buffer.alloc(extra, 7)]);
}
const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const url = "https://example.com/photo.jpg";

async function made(path: string, body: Record<string, unknown>) {
  const created = await world.call<{ task_id: string }>("POST", path, body);
  expect(created.status, JSON.stringify(created.body)).toBe(200);
  const over = await world.untilOver(created.body.task_id);
  expect(over.status).toBe("Success");
  const { sha256 } = await world.download(over.file_id);
  const ledger = await world.ledger(String(body.prompt));
  expect(ledger).toMatchObject({ creates: 1, billed: 1, tasks: [{ sha256 }] });
  return { over, task: ledger.tasks[0] as (typeof ledger.tasks)[number] };
}

describe.concurrent("at either address,", () => {
  it.each([
    ["MiniMax-Hailuo-2.3", {}],
    [
      "MiniMax-Hailuo-2.3",
      { duration: 10, resolution: "768P", fast_pretreatment: true, prompt_optimizer: false },
    ],
    ["MiniMax-Hailuo-2.3", { resolution: "1080p" }],
    ["MiniMax-Hailuo-02", {}],
    ["T2V-01", { duration: 10, resolution: "1080P" }],
    ["T2V-01-Director", {}],
    ["MiniMax-Hailuo-2.3", { first_frame_image: url }],
    ["MiniMax-Hailuo-2.3-Fast", { first_frame_image: url }],
    ["MiniMax-Hailuo-02", { first_frame_image: url, resolution: "512P", duration: 10 }],
    ["MiniMax-Hailuo-02", { first_frame_image: url, last_frame_image: url }],
    ["MiniMax-Hailuo-02", { last_frame_image: url }],
    ["I2V-01", { first_frame_image: url }],
    ["I2V-01-Director", { first_frame_image: url }],
    ["I2V-01-live", { first_frame_image: url }],
    ["S2V-01", { subject_reference: [{ type: "character", image: [url] }] }],
  ])("%s makes a video from %j", async (model, fields) => {
    await made("/v1/videos/generations", { model, prompt: world.prompt(), ...fields });
    await made("/v1/videos/minimax/generations", { model, prompt: world.prompt(), ...fields });
  });
});

describe.concurrent("an image reaches MiniMax byte for byte,", () => {
  it("given as a data URL, whatever its label says", async () => {
    const bytes = padded(1);
    const { task } = await made("/v1/videos/generations", {
      model: "I2V-01",
      prompt: world.prompt(),
      first_frame_image: `data:image/png;base64,${base64(bytes)}`,
    });
    expect(task.first_frame_sha256).toBe(hashOf(bytes));
  });

  it("given as bare base64, as both frames", async () => {
    const [first, last] = [padded(2), padded(3)];
    const { task } = await made("/v1/videos/generations", {
      model: "MiniMax-Hailuo-02",
      prompt: world.prompt(),
      last_frame_image: base64(last),
      first_frame_image: base64(first),
    });
    expect(task).toMatchObject({ first_frame_sha256: hashOf(first), last_frame_sha256: hashOf(last) });
  });

  it("uploaded and named by its id, just under 20 MB", async () => {
    const bytes = padded(20 * 1024 * 1024 - image.byteLength - 1);
    const uploaded = await world.call<UploadedImage>("POST", "/v1/files", bytes, {
      "content-type": "image/jpeg",
    });
    expect(uploaded).toMatchObject({
      status: 201,
      body: { content_type: "image/jpeg", bytes: bytes.byteLength },
    });
    const { task } = await made("/v1/videos/generations", {
      model: "S2V-01",
      prompt: world.prompt(),
      subject_reference: [{ type: "character", image: [uploaded.body.id] }],
    });
    expect(task.subject_sha256).toBe(hashOf(bytes));
  });

  it("inline, just under 20 MB", async () => {
    const bytes = padded(20 * 1024 * 1024 - image.byteLength - 2);
    const { task } = await made("/v1/videos/minimax/generations", {
      model: "MiniMax-Hailuo-2.3-Fast",
      prompt: world.prompt(),
      first_frame_image: base64(bytes),
    });
    expect(task.first_frame_sha256).toBe(hashOf(bytes));
  });
});

describe.concurrent("what a model cannot do is refused, and nothing is sent to MiniMax:", () => {
  it.each([
    ["ten seconds at 1080P", { model: "MiniMax-Hailuo-2.3", duration: 10, resolution: "1080P" }, "duration"],
    ["2.3-Fast without a first frame", { model: "MiniMax-Hailuo-2.3-Fast" }, "first_frame_image"],
    ["512P for text", { model: "MiniMax-Hailuo-02", resolution: "512P" }, "resolution"],
    ["an unknown model", { model: "sora-2" }, "model"],
    ["an unknown field", { model: "MiniMax-Hailuo-2.3", seed: 1 }, "seed"],
    [
      "an image of the wrong type",
      { model: "I2V-01", first_frame_image: base64(Buffer.from("GIF89a\x90\x01\x90\x01\x00\x00\x00;")) },
      "first_frame_image",
    ],
  ])("%s", async (_title, fields, param) => {
    const prompt = world.prompt();
    const answer = await world.call("POST", "/v1/videos/generations", { prompt, ...fields });
    expect(answer).toMatchObject({ status: 400, body: { details: { param } } });
    expect((await world.ledger(prompt)).creates).toBe(0);
  });
});
