/** What `POST /v1/files` takes, and what an order makes of it: by the limits of the model that is meant. */

import { describe, expect, it } from "vitest";
import type { DryRunResponse, ListModelsResponse, UploadedFile } from "../../src/contract.ts";
import { padded, png } from "../domain/images.ts";
import { film, heic as heicOf, mp3, wave } from "../domain/media-files.ts";
import { bearer, call, env, makeKey, post, readError } from "./worker.ts";

const newAccount = () => `media-${crypto.randomUUID().slice(0, 8)}`;
const model = "MiniMax-H3";
const megabyte = 1_000_000;

async function upload(key: string, bytes: Uint8Array): Promise<UploadedFile> {
  const response = await post("/v1/files", key, bytes.slice());
  expect(response.status, await response.clone().text()).toBe(201);
  return response.json();
}

const quote = (key: string, fields: Record<string, unknown>) =>
  post("/v1/videos/generations", key, JSON.stringify({ model, prompt: "x", dry_run: true, ...fields }));

describe("a file that is uploaded", () => {
  it.each([
    ["an MP4", film(), { purpose: "video", content_type: "video/mp4", seconds: 5, width: 1280, height: 720 }],
    ["a MOV", film({ brand: "qt  " }), { purpose: "video", content_type: "video/quicktime" }],
    ["a WAV", wave(3), { purpose: "audio", content_type: "audio/wav", seconds: 3 }],
    ["an MP3", mp3(3), { purpose: "audio", content_type: "audio/mpeg" }],
    ["an HEIC", heicOf(800, 600), { purpose: "image", content_type: "image/heic", width: 800, height: 600 }],
    ["a PNG that only the H3 models take", png(256, 400), { purpose: "image", width: 256 }],
    ["a JPEG that only the others take", png(6000, 3000), { purpose: "image", width: 6000 }],
  ])("may be %s, and is told for what it is", async (_title, bytes, facts) => {
    const account = newAccount();
    const { key } = await makeKey(account);
    const told = await upload(key, bytes);
    expect(told).toMatchObject({ object: "file", bytes: bytes.byteLength, ...facts });
    expect(told.id).toMatch(new RegExp(`^${told.purpose}_[0-9a-f]{64}$`));
    const folder = told.purpose === "image" ? "images" : "references";
    const kept = await env.VIDEOS.head(`${folder}/${account}/${told.id.slice(6)}`);
    expect(kept?.httpMetadata?.contentType).toBe(told.content_type);
    expect((await upload(key, bytes)).id).toBe(told.id);
  });

  it.each([
    ["too long a film", film({ seconds: 16 }), "invalid_media", "16 seconds"],
    ["too short a sound", wave(1), "invalid_media", "1 seconds"],
    ["too large a sound", padded(wave(3), 16 * 1024 * 1024), "invalid_media", "too large"],
    ["no file at all", new TextEncoder().encode("hello"), "invalid_image", "no image, video or sound"],
  ])("is refused if it is %s", async (_title, bytes, code, says) => {
    const { key } = await makeKey(newAccount());
    const response = await post("/v1/files", key, bytes.slice());
    expect(response.status).toBe(400);
    const error = await readError(response);
    expect(error).toMatchObject({ code, param: "body" });
    expect(error.message).toContain(says);
  });
});

describe("what an order goes by", () => {
  it("is priced by what was found out when it was uploaded", async () => {
    const { key } = await makeKey(newAccount());
    const [one, two] = [await upload(key, film({ seconds: 4.2 })), await upload(key, film({ seconds: 6 }))];
    const response = await quote(key, { reference_videos: [one.id, two.id] });
    expect(response.status).toBe(200);
    expect(await response.json<DryRunResponse>()).toMatchObject({
      mode: "references",
      ratio: "adaptive",
      resolution: "768P",
      duration: 5,
      estimated_cost_usd: 1.28,
      cost_parts: [
        { of: "video", quantity: 5, unit: "second", unit_usd: 0.08, usd: 0.4, is_most: false },
        { of: "reference_video", quantity: 11, unit: "second", unit_usd: 0.08, usd: 0.88, is_most: false },
      ],
    });
  });

  it("is refused over a cost limit only once its length is known", async () => {
    const { key } = await makeKey(newAccount());
    const { id } = await upload(key, film({ seconds: 4 }));
    expect((await quote(key, { reference_videos: [id], max_cost_usd: 0.72 })).status).toBe(200);
    const over = await quote(key, { reference_videos: [id], max_cost_usd: 0.71 });
    expect([over.status, (await readError(over)).code]).toEqual([402, "cost_exceeds_limit"]);
    const unknown = await quote(key, { reference_videos: ["https://example.com/a.mp4"], max_cost_usd: 1.59 });
    expect((await readError(unknown)).message).toContain("$1.6");
  });

  it("may come inline, is judged by its bytes, and leaves nothing behind a dry run", async () => {
    const account = newAccount();
    const { key } = await makeKey(account);
    const text = `data:video/webm;base64,${film().toBase64()}`;
    expect((await quote(key, { reference_videos: [text] })).status).toBe(200);
    expect((await env.VIDEOS.list({ prefix: `references/${account}/` })).objects).toEqual([]);
    const sound = await quote(key, { reference_videos: [wave(3).toBase64()] });
    expect(await readError(sound)).toMatchObject({ code: "invalid_media", param: "reference_videos.0" });
  });

  it.each<
    [
      title: string,
      fields: (ids: Record<string, string>) => Record<string, unknown>,
      code: string,
      param: string,
    ]
  >([
    [
      "a sound for a video",
      (ids) => ({ reference_videos: [ids.sound] }),
      "invalid_media",
      "reference_videos.0",
    ],
    [
      "what nobody uploaded",
      () => ({ reference_videos: [`video_${"0".repeat(64)}`] }),
      "media_not_found",
      "reference_videos.0",
    ],
    [
      "more than 15 seconds together",
      (ids) => ({ reference_videos: [ids.long, ids.film] }),
      "invalid_media",
      "reference_videos",
    ],
    [
      "a frame that only the H3 models take, for another",
      (ids) => ({ model: "MiniMax-Hailuo-2.3", first_frame_image: ids.heic }),
      "invalid_image",
      "first_frame_image",
    ],
    [
      "an image that is too large for them",
      (ids) => ({ reference_images: [ids.wide] }),
      "invalid_image",
      "reference_images.0",
    ],
  ])("cannot be %s", async (_title, fields, code, param) => {
    const { key } = await makeKey(newAccount());
    const ids = {
      sound: (await upload(key, wave(3))).id,
      film: (await upload(key, film({ seconds: 5 }))).id,
      long: (await upload(key, film({ seconds: 11 }))).id,
      heic: (await upload(key, heicOf(800, 600))).id,
      wide: (await upload(key, png(6000, 3000))).id,
    };
    const response = await quote(key, fields(ids));
    expect(response.status).toBe(400);
    expect(await readError(response)).toMatchObject({ code, param });
  });

  it("is refused where it makes more than MiniMax takes in one body, and says what to do", async () => {
    const { key } = await makeKey(newAccount());
    const ids = await Promise.all(
      [26, 27].map(async (size) => (await upload(key, padded(png(640, 480), size * megabyte))).id),
    );
    expect((await quote(key, { reference_images: ids.slice(0, 1) })).status).toBe(200);
    const response = await quote(key, { reference_images: ids });
    const error = await readError(response);
    expect(error).toMatchObject({ code: "invalid_image", param: "reference_images" });
    expect(error.message).toContain("64 MB; give the largest as a public URL");
  });

  it("is another account's to nobody", async () => {
    const [mine, theirs] = [await makeKey(newAccount()), await makeKey(newAccount())];
    const { id } = await upload(mine.key, film());
    const response = await quote(theirs.key, { reference_videos: [id] });
    expect((await readError(response)).code).toBe("media_not_found");
  });
});

it("the models tell what they go by, and what that costs", async () => {
  const { key } = await makeKey(newAccount());
  const response = await call("/v1/videos/models", { headers: bearer(key) });
  const { data } = await response.json<ListModelsResponse>();
  const row = data.find(({ id }) => id === "MiniMax-H3-Max");
  expect(row).toMatchObject({
    modes: ["text", "image", "frames", "references"],
    default: { resolution: "768P", duration: 5 },
    max_prompt_characters: 7000,
    ratios: ["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"],
    prompt_expansions: ["disabled", "balanced", "quality"],
    references: { images: 9, videos: 3, audio: 3 },
    extras: {
      free_images: 2,
      image_usd: 0.074,
      reference_video_second_usd: [
        { resolution: "480P", usd: 0.0553 },
        { resolution: "768P", usd: 0.143 },
      ],
    },
  });
  expect(row?.makes).toContainEqual({
    mode: "text",
    resolution: "480P",
    duration: 15,
    price_usd: 0.75,
    expected_seconds: 120,
  });
  expect(data.find(({ id }) => id === "MiniMax-Hailuo-02")).toMatchObject({
    references: null,
    extras: null,
    ratios: [],
  });
});
