/** What is taken for a video, a sound, or an image of the second wire, by its bytes alone. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkImage, imageLimits, inspectImage } from "../../src/domain/image.ts";
import { inspectAudio, inspectVideo, kindOf, mediaId, readMediaInput } from "../../src/domain/media.ts";
import { readMovie } from "../../src/domain/movie.ts";
import { readSound } from "../../src/domain/sound.ts";
import { gif, jpeg, padded, png, webp } from "./images.ts";
import { type FilmAbout, film, heic, mp3, wave } from "./media-files.ts";
import { refusedBy } from "./refused.ts";

const mib = 1024 * 1024;

describe("a video's bytes", () => {
  it.each<[title: string, about: FilmAbout, facts: object]>([
    ["MP4 of H.264 and AAC", {}, { contentType: "video/mp4", width: 1280, height: 720, seconds: 5 }],
    ["MP4 of H.265", { codec: "hvc1" }, { contentType: "video/mp4" }],
    ["MP4 of H.265 with its parameters inside", { codec: "hev1" }, {}],
    ["MOV with MP3", { brand: "qt  ", audioCodec: ".mp3" }, { contentType: "video/quicktime" }],
    ["silent MP4", { audioCodec: null }, {}],
    ["MP4 with times of 64 bits", { isLong: true }, { seconds: 5, width: 1280 }],
    ["MP4 of 2 seconds", { seconds: 2 }, { seconds: 2 }],
    ["MP4 of 15 seconds", { seconds: 15 }, { seconds: 15 }],
    ["MP4 of 23.976 frames a second", { framesPerSecond: 24_000 / 1001, seconds: 10.01 }, {}],
    ["MP4 of 60 frames a second", { framesPerSecond: 60 }, {}],
  ])("of a %s are accepted for what they are", (_title, about, facts) => {
    expect(inspectVideo("reference_videos.0", film(about))).toMatchObject(facts);
  });

  it.each<[title: string, bytes: Uint8Array, problem: string]>([
    ["an AV1 film", film({ codec: "av01" }), "'av01'"],
    ["a film with Opus", film({ audioCodec: "Opus" }), "'Opus'"],
    ["a film of 1.9 seconds", film({ seconds: 1.9 }), "1.9 seconds"],
    ["a film of 15.1 seconds", film({ seconds: 15.1 }), "15.1 seconds"],
    ["a film of 12 frames a second", film({ framesPerSecond: 12 }), "12 frames"],
    ["a film of 120 frames a second", film({ framesPerSecond: 120 }), "120 frames"],
    ["a film of no length, as fragments have it", film({ seconds: 0 }), "not a whole"],
    ["a film cut short", film().slice(0, -1), "not a whole"],
    ["a sound", wave(5), "not a whole"],
    ["nothing", new Uint8Array(0), "not a whole"],
    ["more than 50 MB", padded(film(), 50 * mib + 1), "50.0 MB is too large"],
  ])("of %s are refused, naming the field and what is accepted", (_title, bytes, problem) => {
    const refusal = refusedBy(() => inspectVideo("reference_videos.0", bytes));
    expect(refusal).toMatchObject({ code: "invalid_media", param: "reference_videos.0" });
    expect(refusal.message).toContain(problem);
    expect(refusal.message).toContain("MP4 or MOV of H.264 or H.265");
  });
});

describe("a sound's bytes", () => {
  it.each([
    ["WAV", wave(5), { contentType: "audio/wav", seconds: 5 }],
    ["WAV of 2 seconds", wave(2), { seconds: 2 }],
    ["MP3", mp3(5), { contentType: "audio/mpeg" }],
    ["MP3 behind a tag", mp3(5, 300), { contentType: "audio/mpeg" }],
  ])("of a %s are accepted for what they are", (_title, bytes, facts) => {
    const told = inspectAudio("reference_audio.0", bytes);
    expect(told).toMatchObject(facts);
    expect(told.seconds).toBeCloseTo(Math.round(told.seconds), 1);
  });

  it.each([
    ["a WAV of a second", wave(1), "1 seconds"],
    ["an MP3 of 16 seconds", mp3(16), "16.01 seconds"],
    ["a WAV whose length is longer than the file", wave(20).slice(0, 8044), "1 seconds"],
    ["a film", film(), "not a WAV or MP3"],
    ["a single frame", mp3(5).slice(0, 104), "not a WAV or MP3"],
    ["text", new TextEncoder().encode("la la la"), "not a WAV or MP3"],
    ["more than 15 MB", padded(wave(5), 15 * mib + 1), "15.0 MB is too large"],
  ])("of %s are refused, naming the field and what is accepted", (_title, bytes, problem) => {
    const refusal = refusedBy(() => inspectAudio("reference_audio.0", bytes));
    expect(refusal).toMatchObject({ code: "invalid_media", param: "reference_audio.0" });
    expect(refusal.message).toContain(problem);
    expect(refusal.message).toContain("a WAV or MP3 under 15 MB");
  });
});

describe("an image for the second wire", () => {
  const inspect = (bytes: Uint8Array) => inspectImage("reference_images.0", bytes, imageLimits.v2);

  it.each([
    [
      "HEIC of a phone, by its whole and not its tiles",
      heic(4032, 3024),
      { contentType: "image/heic", width: 4032 },
    ],
    ["HEIF", heic(800, 600, "mif1"), { contentType: "image/heif", width: 800 }],
    ["PNG with a short edge of 256", png(256, 300), { width: 256 }],
    ["JPEG of 5760", jpeg(5760, 3000), { width: 5760 }],
    ["WebP of 30 MB", padded(webp(640, 480), 30 * mib), { contentType: "image/webp" }],
  ])("may be a %s", (_title, bytes, facts) => {
    expect(inspect(bytes)).toMatchObject(facts);
  });

  it.each([
    ["PNG with a short edge of 255", png(255, 300), "255x300 is too small"],
    ["JPEG of 5761", jpeg(5761, 3000), "5761x3000 is too large"],
    ["PNG a little wider than 5:2", png(1001, 400), "too narrow"],
    ["PNG of more than 30 MB", padded(png(640, 480), 30 * mib + 1), "30.0 MB is too large"],
    ["GIF", gif(640, 480), "GIF"],
  ])("may not be a %s", (_title, bytes, problem) => {
    expect(refusedBy(() => inspect(bytes)).message).toContain(problem);
  });

  it("that was uploaded for it is no image for the first", () => {
    const image = { contentType: "image/heic", bytes: 1000, width: 800, height: 600 };
    expect(refusedBy(() => checkImage("first_frame_image", image, imageLimits.v1)).message).toContain("HEIC");
    checkImage("first_frame_image", image, imageLimits.v2);
  });
});

describe("the kind of bytes", () => {
  it.each([
    ["video", film()],
    ["video", film({ brand: "qt  " })],
    ["audio", wave(2)],
    ["audio", mp3(2)],
    ["audio", mp3(2, 20)],
    ["image", heic(300, 300)],
    ["image", heic(300, 300, "avif")],
    ["image", jpeg(640, 480)],
    ["image", png(640, 480)],
    ["image", webp(640, 480)],
    ["image", new Uint8Array(0)],
  ])("is %s, whatever they are called", (kind, bytes) => {
    expect(kindOf(bytes)).toBe(kind);
  });
});

describe("the text of a reference", () => {
  const limits = { maxBytes: 1000, accepted: "little" };
  const id = (kind: "image" | "video" | "audio") => mediaId(kind, "0a".repeat(32));

  it("may name an upload of its kind, and of no other", () => {
    expect(readMediaInput("a", id("video"), "video", limits)).toEqual({
      kind: "uploaded",
      sha256: "0a".repeat(32),
    });
    const refusal = refusedBy(() => readMediaInput("reference_videos.0", id("audio"), "video", limits));
    expect(refusal).toMatchObject({ code: "invalid_media", param: "reference_videos.0" });
    expect(refusal.message).toContain("that of a sound; a video is wanted");
  });

  it("may be a data URL, whatever its label, up to the limit of its kind", () => {
    const text = `data:audio/x-anything;base64,${wave(0).toBase64()}`;
    expect(readMediaInput("a", text, "audio", limits)).toEqual({ kind: "inline", bytes: wave(0) });
    const refusal = refusedBy(() => readMediaInput("a", "A".repeat(2000), "audio", limits));
    expect(refusal.message).toBe("a: the sound is too large; accepted is little.");
  });
});

it("no bytes, however broken, make a reader fail in another way", () => {
  const whole = fc.constantFrom(film(), film({ isLong: true, brand: "qt  " }), wave(2), mp3(2, 30));
  fc.assert(
    fc.property(
      whole,
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
      fc.nat(),
      (bytes, changes, cut) => {
        const broken = bytes.slice(0, (cut % (bytes.byteLength * 2)) + 1);
        for (const [at, value] of changes) broken[at % Math.min(broken.byteLength, 900)] = value;
        readMovie(broken);
        readSound(broken);
      },
    ),
    { numRuns: 3000 },
  );
});
