/*
 * What MiniMax makes on V1 and what it refuses: every cell of its matrix, the prompt, the images.
 */
import { describe, expect, it } from "vitest";
import { readV1Order } from "../../src/simulator/v1-order.ts";
import { dataUrl, gif, jpg, png, webp } from "./pictures.ts";

const photo = "https://example.com/photo.jpg";
const inputs: Record<string, object> = {
  text: {},
  image: { first_frame_image: photo },
  frames: { first_frame_image: photo, last_frame_image: photo },
  subject: { subject_reference: [{ type: "character", image: [photo] }] },
};
const sizes = ["512P", "720P", "768P", "1080P"].flatMap((resolution) =>
  [6, 10].map((duration) => `${resolution} ${duration}`),
);
const hailuo = ["768P 6", "768P 10", "1080P 6"];
const made: Record<string, Record<string, string[]>> = {
  "MiniMax-Hailuo-2.3": { text: hailuo, image: hailuo },
  "MiniMax-Hailuo-2.3-Fast": { image: hailuo },
  "MiniMax-Hailuo-02": { text: hailuo, image: ["512P 6", "512P 10", ...hailuo], frames: hailuo },
};
const older = { text: ["T2V-01", "T2V-01-Director"], image: ["I2V-01", "I2V-01-Director", "I2V-01-live"] };

function refusalOf(body: Record<string, unknown>): string | null {
  const verdict = readV1Order({ prompt: "a calm sea", ...body });
  return "refusal" in verdict ? verdict.refusal : null;
}

const cells = Object.keys(made).flatMap((model) =>
  Object.keys(inputs).flatMap((mode) =>
    sizes.map((size) => ({ model, mode, size, isMade: made[model]?.[mode]?.includes(size) ?? false })),
  ),
);

describe("the matrix", () => {
  it.each(cells)("$model, $mode, $size: made is $isMade", ({ model, mode, size, isMade }) => {
    const [resolution, duration] = size.split(" ");
    const body = { model, ...inputs[mode], resolution, duration: Number(duration) };
    expect(refusalOf(body) === null).toBe(isMade);
  });

  const olderCells = Object.entries(older).flatMap(([mode, models]) =>
    models.flatMap((model) => Object.keys(inputs).map((input) => ({ model, input, isMade: input === mode }))),
  );
  it.each(olderCells)("$model from $input: made is $isMade", ({ model, input, isMade }) => {
    expect(refusalOf({ model, ...inputs[input] }) === null).toBe(isMade);
  });

  it.each([...older.text, ...older.image, "S2V-01"])("%s takes neither duration nor resolution", (model) => {
    const input = model.startsWith("T") ? {} : model === "S2V-01" ? inputs.subject : inputs.image;
    expect(refusalOf({ model, ...input })).toBeNull();
    expect(refusalOf({ model, ...input, duration: 6 })).toMatch(/does not support duration/);
    expect(refusalOf({ model, ...input, resolution: "720P" })).toMatch(/does not support resolution/);
  });

  it.each([
    ["MiniMax-Hailuo-02", "768P"],
    ["T2V-01", "720P"],
  ])("%s makes %s for 6 s if nothing is said", (model, resolution) => {
    expect(readV1Order({ model, prompt: "a calm sea" })).toMatchObject({
      order: { resolution, duration: 6, promptOptimizer: true, fastPretreatment: false },
    });
  });
});

describe("fields", () => {
  const model = "MiniMax-Hailuo-02";
  it.each<[string, Record<string, unknown>, RegExp | null]>([
    ["an unknown model", { model: "MiniMax-Hailuo-9" }, /model/],
    ["no model", {}, /model is required/],
    ["a model named like a property of every object", { model: "constructor" }, /not supported/],
    ["an unknown field", { model, aspect_ratio: "16:9", aigc_watermark: true }, null],
    ["text without a prompt", { model, prompt: undefined }, /prompt is required/],
    ["a frame without a prompt", { model, prompt: undefined, first_frame_image: photo }, null],
    ["only a last frame", { model, last_frame_image: photo }, null],
    ["a subject without a prompt", { model: "S2V-01", ...inputs.subject, prompt: " " }, /prompt is required/],
    ["2,000 characters", { model, prompt: "海".repeat(2000) }, null],
    ["2,001 characters", { model, prompt: "x".repeat(2001) }, /2000/],
    ["a duration as text", { model, duration: "6" }, /duration/],
    ["a resolution in lower case", { model, resolution: "768p" }, /resolution/],
    ["a flag as text", { model, prompt_optimizer: "true" }, /prompt_optimizer/],
    [
      "a first frame for S2V-01",
      { model: "S2V-01", ...inputs.subject, first_frame_image: photo },
      /first_frame/,
    ],
    ["S2V-01 without a subject", { model: "S2V-01" }, /subject/],
    [
      "two subject images",
      { model: "S2V-01", subject_reference: [{ type: "character", image: [photo, photo] }] },
      /one image/,
    ],
    [
      "a subject that is a thing",
      { model: "S2V-01", subject_reference: [{ type: "object", image: [photo] }] },
      /character/,
    ],
    ["a callback that is no URL", { model, callback_url: "nowhere" }, /callback/],
  ])("%s", (_, body, refusal) => {
    if (refusal) expect(refusalOf(body)).toMatch(refusal);
    else expect(refusalOf(body)).toBeNull();
  });
});

describe("images", () => {
  it.each<[string, string, RegExp | null]>([
    ["a PNG labelled JPEG", dataUrl(png(640, 360)), null],
    ["a JPEG", dataUrl(jpg(640, 360)), null],
    ["a WebP", dataUrl(webp(640, 360)), null],
    ["a GIF labelled JPEG", dataUrl(gif(640, 360)), /JPG/],
    ["no image at all", dataUrl(Buffer.from("hello, this is only a sentence")), /JPG/],
    ["a short edge of 301", dataUrl(png(301, 500)), null],
    ["a short edge of 300", dataUrl(png(300, 500)), /300px/],
    ["5:2", dataUrl(png(1000, 400)), null],
    ["wider than 5:2", dataUrl(png(1001, 400)), /aspect/],
    ["2:5", dataUrl(png(400, 1000)), null],
    ["taller than 2:5", dataUrl(png(400, 1001)), /aspect/],
    ["20 MB", dataUrl(png(640, 360, 20 * 1024 * 1024)), /20MB/],
    ["a little less than 20 MB", dataUrl(png(640, 360, 20 * 1024 * 1024 - 1)), null],
    ["bare base64", png(640, 360).toString("base64"), /data URL/],
    ["a file address", "file:///etc/hostname", /data URL/],
  ])("%s", (_, image, refusal) => {
    for (const field of ["first_frame_image", "last_frame_image"]) {
      const found = refusalOf({ model: "MiniMax-Hailuo-02", [field]: image });
      if (refusal) expect(found).toMatch(refusal);
      else expect(found).toBeNull();
    }
  });
});
