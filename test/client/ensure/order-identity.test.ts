/** What an order is as it is written: the same for the same video, another for another one, and readable. */

import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { identifyOrder, inlineMedia, uploadMedia } from "../../../src/client/ensure/media-files.ts";
import {
  base64OfBytes,
  canonicalOrder,
  type EnsureOrder,
  keyOfOrder,
  type OrderMedia,
} from "../../../src/client/ensure/order-identity.ts";
import { png } from "../../domain/images.ts";

const model = "MiniMax-Hailuo-2.3";
const picture = png(800, 600);
const sha256 = createHash("sha256").update(picture).digest("hex");
const base64 = Buffer.from(picture).toString("base64");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "filmgate-order-"));
  await writeFile(join(folder, "hero.png"), picture);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const keyOf = async (order: EnsureOrder) => (await identifyOrder(order, folder)).key;

describe("an order's key", () => {
  it("is 32 hex digits, and does not depend on the order of its fields", async () => {
    const one = await keyOf({ model, prompt: "Waves", duration: 6 });
    expect(one).toMatch(/^[0-9a-f]{32}$/);
    expect(await keyOf({ duration: 6, prompt: "Waves", model })).toBe(one);
  });

  it("stays what it is: a lock that is committed holds for ever", async () => {
    expect(await keyOf({ model, prompt: "Ocean waves at sunset" })).toBe("6d64fcd948903eb0d21a22efddc8d434");
  });

  it.each<[title: string, fields: Partial<EnsureOrder> & Record<string, unknown>]>([
    ["a webhook", { webhook_url: "https://example.com" }],
    ["a deploy hook", { deploy_hook_url: "https://example.com" }],
    ["metadata", { metadata: { page: "/" } }],
    ["a limit of its cost", { max_cost_usd: 1 }],
    ["for how long it is kept", { retention_days: 3 }],
    ["how it is published", { publish: { title: "Waves" } }],
    ["that it is one", { n: 1 }],
    ["fields without a value", { take: undefined, first_frame_image: null as never }],
  ])("is the same with %s", async (_title, fields) => {
    expect(await keyOf({ model, prompt: "Waves", ...fields })).toBe(await keyOf({ model, prompt: "Waves" }));
  });

  it.each<[title: string, fields: Partial<EnsureOrder> & Record<string, unknown>]>([
    ["prompt", { prompt: "Wave" }],
    ["model", { model: "MiniMax-Hailuo-02" }],
    ["take", { take: 2 }],
    ["duration", { duration: 10 }],
    ["ratio", { ratio: "9:16" }],
    ["first frame", { first_frame_image: "https://example.com/a.png" }],
    ["field that only a newer filmgate knows", { camera: "dolly" }],
  ])("is another one for another %s", async (_title, fields) => {
    expect(await keyOf({ model, prompt: "Waves", ...fields })).not.toBe(
      await keyOf({ model, prompt: "Waves" }),
    );
  });

  it("follows from the canonical form alone, as that stands in the lock", async () => {
    const fields = fc.dictionary(fc.string(), fc.jsonValue());
    await fc.assert(
      fc.asyncProperty(fields, async (order) => {
        const canonical = canonicalOrder({ model, ...order });
        const read = JSON.parse(JSON.stringify(canonical));
        expect(await keyOfOrder(read)).toBe(await keyOfOrder(canonical));
        expect(canonicalOrder(read)).toEqual(canonical);
      }),
    );
  });
});

describe("a picture in an order", () => {
  it.each<[title: string, media: () => OrderMedia]>([
    ["its bytes", () => picture],
    ["an ArrayBuffer", () => picture.slice().buffer],
    ["a Blob", () => new Blob([picture.slice()])],
    ["a path", () => "./hero.png"],
    ["a path through a folder above", () => `../${folder.split("/").at(-1)}/hero.png`],
    ["an absolute path", () => join(folder, "hero.png")],
    ["a file: URL", () => pathToFileURL(join(folder, "hero.png"))],
    ["a file: URL as text", () => pathToFileURL(join(folder, "hero.png")).href],
    ["a data URL", () => `data:image/png;base64,${base64}`],
    ["base64", () => base64],
    ["base64 for URLs", () => base64.replaceAll("+", "-").replaceAll("/", "_")],
    ["the id of its upload", () => `image_${sha256}`],
  ])("is known by its content, given as %s", async (_title, media) => {
    const { canonical } = await identifyOrder({ model, first_frame_image: media() }, folder);
    expect(canonical).toEqual({ model, first_frame_image: `sha256:${sha256}` });
  });

  it("is known by its address, if it has one", async () => {
    const { canonical } = await identifyOrder(
      { model, first_frame_image: new URL("https://example.com/a.png") },
      folder,
    );
    expect(canonical.first_frame_image).toBe("https://example.com/a.png");
  });

  it("may stand wherever an order shows something", async () => {
    const { canonical, order } = await identifyOrder(
      {
        model: "MiniMax-H3",
        last_frame_image: picture,
        subject_reference: [{ type: "character", image: ["./hero.png"] }],
        reference_images: ["https://example.com/a.png", picture],
        reference_videos: [picture],
        reference_audio: [picture],
      },
      folder,
    );
    const hash = `sha256:${sha256}`;
    expect(canonical).toEqual({
      model: "MiniMax-H3",
      last_frame_image: hash,
      subject_reference: [{ type: "character", image: [hash] }],
      reference_images: ["https://example.com/a.png", hash],
      ...{ reference_videos: [hash], reference_audio: [hash] },
    });
    expect(await inlineMedia(order)).toMatchObject({
      reference_images: ["https://example.com/a.png", base64],
    });
    let uploads = 0;
    const upload = async () => ({ id: `image_${++uploads}` });
    expect(await uploadMedia(order, upload)).toMatchObject({
      subject_reference: [{ type: "character", image: [expect.stringMatching(/^image_\d$/)] }],
      reference_images: ["https://example.com/a.png", expect.stringMatching(/^image_\d$/)],
    });
    expect(uploads).toBe(5);
  });

  it("makes another video when its bytes change", async () => {
    const before = await keyOf({ model, first_frame_image: "./hero.png" });
    await writeFile(join(folder, "hero.png"), png(800, 601));
    expect(await keyOf({ model, first_frame_image: "./hero.png" })).not.toBe(before);
    await writeFile(join(folder, "hero.png"), picture);
    expect(await keyOf({ model, first_frame_image: "./hero.png" })).toBe(before);
  });

  it("is missed by its field and its path", async () => {
    await expect(
      identifyOrder({ model: "MiniMax-H3", reference_images: [picture, "./none.png"] }, folder),
    ).rejects.toMatchObject({
      code: "invalid_argument",
      param: "reference_images.1",
      message: expect.stringContaining(join(folder, "none.png")),
    });
  });

  it("is no path where it is a JPEG's base64, which begins with a slash", async () => {
    const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 16, 1, 2]);
    const text = Buffer.from(jpeg).toString("base64");
    expect(text).toMatch(/^\/9j\//);
    const { canonical } = await identifyOrder({ model, first_frame_image: text }, folder);
    expect(canonical.first_frame_image).toMatch(/^sha256:/);
  });
});

it("bytes become base64 in one piece, however many there are", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100_000, size: "max" }), (bytes) => {
      expect(base64OfBytes(bytes)).toBe(Buffer.from(bytes).toString("base64"));
    }),
    { numRuns: 20 },
  );
});
