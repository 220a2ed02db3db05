/*
 * What MiniMax makes on V2 and what it refuses: every cell of the matrix, the text, roles, ratios, and whatever
 * may be given to look at and listen to.
 */
import { describe, expect, it } from "vitest";
import { Refusal } from "../../src/simulator/fields.ts";
import { judgeUpload } from "../../src/simulator/v2-media.ts";
import { readV2Order } from "../../src/simulator/v2-order.ts";
import { fasterFilm, film, filmIn, mp3, wav } from "./media.ts";
import { dataUrl, gif, heic, jpg, png, webp } from "./pictures.ts";

const photo = "https://example.com/photo.jpg";
const text = { type: "text", text: "a calm sea" };
const image = (role?: string, url = photo) => ({
  type: "image_url",
  image_url: { url },
  ...(role && { role }),
});
const video = (url = "https://example.com/film.mp4", role = "reference_video") => ({
  type: "video_url",
  video_url: { url },
  role,
});
const audio = (url = "https://example.com/sound.mp3", role = "reference_audio") => ({
  type: "audio_url",
  audio_url: { url },
  role,
});
const [first, last, reference] = [image("first_frame"), image("last_frame"), image("reference_image")];
const inputs: Record<string, object[]> = {
  text: [],
  image: [first],
  frames: [first, last],
  references: [reference],
};
const base = { model: "MiniMax-H3", content: [text], resolution: "768P", duration: 5, ratio: "16:9" };

const read = (body: object) => readV2Order({ ...base, ...body }, () => undefined);
function refusalOf(body: object): string | null {
  const verdict = read(body);
  return "refusal" in verdict ? verdict.refusal : null;
}
const orderOf = (body: object) => {
  const verdict = read(body);
  if ("refusal" in verdict) throw new Error(verdict.refusal);
  return verdict.order;
};

const made: Record<string, { resolutions: string[]; least: number }> = {
  "MiniMax-H3": { resolutions: ["768P", "2K"], least: 4 },
  "MiniMax-H3-Max": { resolutions: ["480P", "768P"], least: 5 },
};
const cells = Object.keys(made).flatMap((model) =>
  Object.keys(inputs).flatMap((mode) =>
    ["480P", "512P", "720P", "768P", "1080P", "2K"].map((resolution) => ({ model, mode, resolution })),
  ),
);

describe("the matrix", () => {
  it.each(cells)("$model, $mode, $resolution, every duration", ({ model, mode, resolution }) => {
    const { resolutions, least } = made[model] ?? { resolutions: [], least: 0 };
    for (let duration = 1; duration <= 20; duration += 1) {
      const isMade = resolutions.includes(resolution) && duration >= least && duration <= 15;
      const body = { model, content: [text, ...(inputs[mode] ?? [])], resolution, duration };
      expect([duration, refusalOf(body) === null]).toEqual([duration, isMade]);
      if (isMade) expect(orderOf(body)).toMatchObject({ model, mode, resolution, duration });
    }
  });

  it.each<[string, object, RegExp]>([
    ["no model", { model: undefined }, /model is required/],
    ["a V1 model", { model: "MiniMax-Hailuo-02" }, /not supported/],
    ["a model named like a property of every object", { model: "constructor" }, /not supported/],
    ["no content", { content: undefined }, /content is required/],
    ["no resolution", { resolution: undefined }, /resolution is required/],
    ["no duration", { duration: undefined }, /duration is required/],
    ["half a second", { duration: 5.5 }, /duration 5.5/],
    ["a duration in words", { duration: "5" }, /duration 5/],
    ["a resolution in lower case", { resolution: "768p" }, /resolution 768p/],
    ["a callback that is no URL", { callback_url: "nowhere" }, /^fail to check callback url/],
    ["a watermark that is neither yes nor no", { aigc_watermark: "yes" }, /aigc_watermark/],
  ])("%s is refused", (_, body, refusal) => {
    expect(refusalOf(body)).toMatch(refusal);
  });

  it("lets fields pass that it does not know", () => {
    expect(refusalOf({ seed: 7, prompt_optimizer: true, aigc_watermark: true })).toBeNull();
  });
});

describe("the text", () => {
  it.each<[string, object[], RegExp | null]>([
    ["none", [first], /^content must include a non-empty text item \(prompt is required\)$/],
    ["an empty one", [{ type: "text", text: " \n" }], /non-empty text item/],
    ["7,000 characters", [{ type: "text", text: "🌊".repeat(7000) }], null],
    ["7,001 characters", [{ type: "text", text: "x".repeat(7001) }], /7000 characters, got 7001/],
    ["a number", [{ type: "text", text: 7 }], /must be a string/],
  ])("%s", (_, content, refusal) => {
    if (refusal) expect(refusalOf({ content })).toMatch(refusal);
    else expect(refusalOf({ content })).toBeNull();
  });
});

describe("roles", () => {
  const many = (count: number, item: object) => Array<object>(count).fill(item);
  const short = "https://example.com/a.mp4?seconds=2";
  it.each<[string, object[], RegExp | null]>([
    ["one image without a role is the first frame", [image()], null],
    ["two images without a role", [image(), image()], /role must be one of/],
    ["first and last", [first, last], null],
    ["two first frames", [first, first], /at most 1 first_frame, got 2/],
    ["two last frames", [first, last, last], /at most 1 last_frame, got 2/],
    ["a last frame alone", [last], /paired with first_frame/],
    ["a frame and a reference", [first, reference], /^frame and reference roles cannot be mixed$/],
    ["a frame and a video", [first, video()], /cannot be mixed/],
    ["nine references", many(9, reference), null],
    ["ten references", many(10, reference), /at most 9 reference_image, got 10/],
    ["three videos", [...many(3, video(short))], null],
    ["four videos", [...many(4, video(short))], /at most 3 reference_video, got 4/],
    ["three sounds", [reference, ...many(3, audio(short))], null],
    ["four sounds", [reference, ...many(4, audio(short))], /at most 3 reference_audio, got 4/],
    ["twelve files", [...many(9, reference), ...many(3, video(short))], null],
    ["thirteen files", [...many(9, reference), ...many(3, video(short)), audio(short)], /at most 12 files/],
    ["a sound alone", [audio()], /reference_audio needs/],
    ["a video without a role", [{ ...video(), role: undefined }], /role must be one of reference_video/],
    ["an image with a video's role", [image("reference_video")], /role must be one of/],
    ["an unknown type", [{ type: "file_url", file_url: { url: photo } }], /type is not supported/],
    ["a type named like a property", [{ type: "constructor" }], /type is not supported/],
    ["an item that is a string", ["a calm sea" as unknown as object], /must be an object/],
    ["an image without a URL", [{ type: "image_url", role: "first_frame" }], /must be a string/],
    ["videos of 15 s together", many(3, video("https://example.com/a.mp4?seconds=5")), null],
    [
      "videos of 16 s together",
      many(2, video("https://example.com/a.mp4?seconds=8")),
      /at most 15 s together/,
    ],
    [
      "sounds of 16 s together",
      [reference, ...many(2, audio("https://example.com/a.mp3?seconds=8"))],
      /reference_audio must be at most 15 s together, got 16/,
    ],
  ])("%s", (_, items, refusal) => {
    const found = refusalOf({ content: [text, ...items] });
    if (refusal) expect(found).toMatch(refusal);
    else expect(found).toBeNull();
  });
});

describe("the ratio", () => {
  const upright = image("first_frame", dataUrl(png(700, 1000)));
  it.each<[string, object[], string | undefined, string | RegExp]>([
    ["text, which must say one", [], undefined, /ratio is required/],
    ["text, which cannot be adaptive", [], "adaptive", /ratio is required/],
    ["text", [], "21:9", "21:9"],
    ["text, in a ratio there is not", [], "2:1", /ratio 2:1 is not supported/],
    ["a frame, whatever is said", [upright], "21:9", "3:4"],
    ["a frame, even nonsense", [upright], "2:1", "3:4"],
    ["a frame behind a URL, whose shape nobody knows", [first], undefined, "16:9"],
    ["references", [reference], "1:1", "1:1"],
    ["references, which need not say one", [reference], undefined, "16:9"],
    ["references that are adaptive", [image("reference_image", dataUrl(png(900, 900)))], "adaptive", "1:1"],
    ["references, in a ratio there is not", [reference], "5:4", /ratio 5:4 is not supported/],
  ])("of %s", (_, items, ratio, expected) => {
    const body = { content: [text, ...items], ratio };
    if (typeof expected === "string") expect(orderOf(body).ratio).toBe(expected);
    else expect(refusalOf(body)).toMatch(expected);
  });
});

describe("extra", () => {
  const max = { model: "MiniMax-H3-Max" };
  it.each<[string, object, string | null | RegExp]>([
    ["H3-Max without it", max, "balanced"],
    ["H3-Max, disabled", { ...max, extra: { prompt_expansion_mode: "disabled" } }, "disabled"],
    ["H3-Max, balanced", { ...max, extra: { prompt_expansion_mode: "balanced" } }, "balanced"],
    ["H3-Max, quality", { ...max, extra: { prompt_expansion_mode: "quality" } }, "quality"],
    ["H3-Max, an unknown mode", { ...max, extra: { prompt_expansion_mode: "fast" } }, /must be one of/],
    ["H3-Max, another key", { ...max, extra: { seed: 1 } }, /extra.seed is not supported/],
    ["H3-Max, no object", { ...max, extra: "quality" }, /extra must be an object/],
    ["H3 without it", {}, null],
    ["H3 with it", { extra: { prompt_expansion_mode: "quality" } }, /does not support extra/],
  ])("%s", (_, body, expected) => {
    if (expected instanceof RegExp) expect(refusalOf(body)).toMatch(expected);
    else expect(orderOf(body).promptExpansionMode).toBe(expected);
  });
});

/** What each file is judged to be, as a data URI of a label. */
const files: [string, "image" | "video" | "audio", string, Buffer, RegExp | null][] = [
  ["a PNG", "image", "png", png(640, 360), null],
  ["a PNG labelled JPEG", "image", "jpeg", png(640, 360), null],
  ["a JPEG", "image", "jpg", jpg(640, 360), null],
  ["a WebP", "image", "webp", webp(640, 360), null],
  ["a HEIC", "image", "heic", heic(640, 360), null],
  ["a label in upper case", "image", "PNG", png(640, 360), /data URI of image\/jpg/],
  ["a GIF labelled PNG", "image", "png", gif(640, 360), /unsupported image format/],
  ["a side of 256", "image", "png", png(256, 512), null],
  ["a side of 255", "image", "png", png(255, 512), /256 and 5760 px, got 255x512/],
  ["a side of 5760", "image", "png", png(5760, 2400), null],
  ["a side of 5761", "image", "png", png(5761, 2400), /256 and 5760 px/],
  ["2.5", "image", "png", png(1000, 400), null],
  ["wider than 2.5", "image", "png", png(1001, 400), /0.4 and 2.5/],
  ["0.4", "image", "png", png(400, 1000), null],
  ["narrower than 0.4", "image", "png", png(400, 1001), /0.4 and 2.5/],
  ["30 MB", "image", "png", png(640, 360, 30 * 1024 * 1024), null],
  ["more than 30 MB", "image", "png", png(640, 360, 30 * 1024 * 1024 + 1), /at most 30MB/],
  ["a film of 2 s", "video", "mp4", film(2), null],
  ["a film of 15 s, as MOV", "video", "mov", film(15), null],
  ["a film of 1 s", "video", "mp4", film(1), /2 to 15 s long, got 1/],
  ["a film of 16 s", "video", "mp4", film(16), /2 to 15 s long, got 16/],
  ["48 pictures a second", "video", "mp4", fasterFilm(8, 2), null],
  ["72 pictures a second", "video", "mp4", fasterFilm(9, 3), /23.976 to 60 fps, got 72/],
  ["H.265", "video", "mp4", filmIn("hvc1"), null],
  ["AV1", "video", "mp4", filmIn("av01"), /unsupported codec av01/],
  ["half a film", "video", "mp4", film(4).subarray(0, 3000), /unsupported video format/],
  ["a film labelled WebM", "video", "webm", film(4), /data URI of video\/mp4/],
  [
    "more than 50 MB",
    "video",
    "mp4",
    Buffer.concat([film(4), Buffer.alloc(50 * 1024 * 1024)]),
    /at most 50MB/,
  ],
  ["a WAV of 2 s", "audio", "wav", wav(2), null],
  ["a WAV of 16 s", "audio", "wav", wav(16), /2 to 15 s long, got 16/],
  ["an MP3 of 3 s", "audio", "mp3", mp3(3), null],
  ["an MP3 behind a tag", "audio", "mp3", mp3(3, 300), null],
  ["an MP3 of 1 s", "audio", "mp3", mp3(1), /2 to 15 s long, got 1/],
  ["an MP3 labelled MPEG", "audio", "mpeg", mp3(3), /data URI of audio\/wav, audio\/mp3/],
  ["words labelled WAV", "audio", "wav", Buffer.from("hello, this is only a sentence"), /unsupported audio/],
  ["more than 15 MB", "audio", "wav", wav(2, 8 * 1024 * 1024), /at most 15MB/],
];

describe("what is given", () => {
  const itemOf = { image: (url: string) => image("reference_image", url), video, audio };
  it.each(files)("%s, in a create as %s/%s", (_, kind, format, bytes, refusal) => {
    const item = itemOf[kind](dataUrl(bytes, `${kind}/${format}`));
    const found = refusalOf({ content: [text, reference, item] });
    if (refusal) expect(found).toMatch(refusal);
    else expect(found).toBeNull();
  });

  // What is wrong with a label only is no matter there.
  const unlabelled = files.filter(([, , , , refusal]) => !refusal?.source.includes("data URI"));
  it.each(unlabelled)("%s, uploaded", (_, kind, _format, bytes, refusal) => {
    const judge = () => judgeUpload(new Uint8Array(bytes));
    if (refusal) expect(judge).toThrow(Refusal);
    else expect(judge()).toMatchObject({ kind, source: "upload", sha256: expect.any(String) });
  });

  it.each(["file:///etc/hostname", png(640, 360).toString("base64"), "mm_file://", ""])(
    "%s is no source",
    (url) => {
      expect(refusalOf({ content: [text, image("first_frame", url)] })).not.toBeNull();
    },
  );

  it("may be an upload of its own kind", () => {
    const upload = judgeUpload(new Uint8Array(film(4)));
    const find = (fileId: string) => (fileId === "123" ? upload : undefined);
    const verdictOn = (item: object) => readV2Order({ ...base, content: [text, item] }, find);
    expect(verdictOn(video("mm_file://123"))).toHaveProperty("order");
    expect(verdictOn(video("mm_file://124"))).toEqual({
      refusal: "content[1].video_url.url: video file 124 not found",
    });
    expect(verdictOn(image("reference_image", "mm_file://123"))).toHaveProperty("refusal");
  });
});
