import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { imageLimits, inspectImage as inspectBytes } from "../../src/domain/image.ts";
import { mediaId, readMediaInput } from "../../src/domain/media.ts";
import { bmp, gif, jpeg, padded, png, webp } from "./images.ts";
import { refusedBy } from "./refused.ts";

const field = "first_frame_image";
const limit = 20 * 1024 * 1024;
const inspectImage = (param: string, bytes: Uint8Array) => inspectBytes(param, bytes, imageLimits.v1);
const readImageInput = (param: string, text: string) => readMediaInput(param, text, "image", imageLimits.v1);
const imageId = (sha256: string) => mediaId("image", sha256);

describe("an image's bytes", () => {
  it.each([
    ["PNG", png(640, 480), { contentType: "image/png", width: 640, height: 480 }],
    ["JPEG", jpeg(1366, 768), { contentType: "image/jpeg", width: 1366, height: 768 }],
    ["WebP", webp(512, 1024), { contentType: "image/webp", width: 512, height: 1024 }],
    ["PNG one byte under 20 MB", padded(png(640, 480), limit - 1), { contentType: "image/png" }],
    ["PNG with a short edge of 301", png(301, 301), { width: 301, height: 301 }],
    ["PNG of exactly 5:2", png(1000, 400), { width: 1000, height: 400 }],
    ["PNG of exactly 2:5", png(400, 1000), { width: 400, height: 1000 }],
  ])("of a %s are accepted for what they are", (_title, bytes, facts) => {
    expect(inspectImage(field, bytes)).toMatchObject(facts);
  });

  it.each([
    ["GIF", gif(640, 480), "GIF"],
    ["BMP", bmp(640, 480), "BMP"],
    [
      "SVG",
      new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480"/>'),
      "SVG",
    ],
    ["text", new TextEncoder().encode("a lighthouse in the fog"), "not an image"],
    ["MP4", new Uint8Array([0, 0, 0, 16, ...new TextEncoder().encode("ftypisom"), 0, 0, 0, 0]), ""],
    ["PNG cut short", png(640, 480).subarray(0, 12), "not an image"],
    ["PNG of 20 MB", padded(png(640, 480), limit), "20.0 MB is too large"],
    ["PNG with a short edge of 300", png(300, 640), "300x640 is too small"],
    ["JPEG with a short edge of 300", jpeg(640, 300), "640x300 is too small"],
    ["WebP with a short edge of 300", webp(300, 300), "300x300 is too small"],
    ["PNG a little wider than 5:2", png(1001, 400), "1001x400 is too narrow"],
    ["PNG a little narrower than 2:5", png(400, 1001), "400x1001 is too narrow"],
    ["PNG without any size", png(0, 0), "0x0 is too small"],
  ])("of a %s are refused, naming the field and what is accepted", (_title, bytes, problem) => {
    const refusal = refusedBy(() => inspectImage(field, bytes));
    expect(refusal).toMatchObject({ code: "invalid_image", param: field });
    expect(refusal.row.status).toBe(400);
    expect(refusal.message).toMatch(/^first_frame_image: /);
    expect(refusal.message).toContain(problem);
    expect(refusal.message).toContain(
      "JPG, PNG or WebP under 20 MB, short edge over 300 px, between 2:5 and 5:2",
    );
  });

  it("of any nonsense are refused, and never end in another error or in no answer", () => {
    /** Beginnings that send a reader of headers into its deeper parts. */
    const magic = fc.constantFrom<Uint8Array>(
      new Uint8Array(),
      png(640, 480).subarray(0, 16),
      jpeg(640, 480).subarray(0, 4),
      webp(640, 480).subarray(0, 12),
      gif(1, 1).subarray(0, 6),
      new TextEncoder().encode("icns"),
      new TextEncoder().encode("8BPS"),
      new TextEncoder().encode("MM\0*"),
      new TextEncoder().encode("II*\0"),
      new Uint8Array([0, 0, 0, 12, 0x4a, 0x58, 0x4c, 0x20, 13, 10, 135, 10]),
      new Uint8Array([0, 0, 0, 24, ...new TextEncoder().encode("ftypheic")]),
      new Uint8Array([0, 0, 0, 12, ...new TextEncoder().encode("jP  "), 13, 10, 135, 10]),
    );
    const tail = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.constantFrom(0, 0, 0, 255, 1)).map((some) => new Uint8Array(some)),
    );
    fc.assert(
      fc.property(magic, tail, (head, rest) => {
        try {
          const { width, height } = inspectImage(field, new Uint8Array([...head, ...rest]));
          expect(Math.min(width, height)).toBeGreaterThan(300);
        } catch (error) {
          expect(error).toMatchObject({ code: "invalid_image" });
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("an image field's text", () => {
  const bytes = png(640, 480);
  // A byte of 0xfb or 0xff makes a `+` or `/`, where the two alphabets differ.
  const odd = new Uint8Array([0xfb, 0xef, 0xbe, 0xff, 0xff]);

  it.each([
    ["an https URL", "https://example.com/a.png", { kind: "url", url: "https://example.com/a.png" }],
    ["an http URL", "http://example.com/a.png", { kind: "url", url: "http://example.com/a.png" }],
    [
      "a URL in capitals, kept as written",
      "HTTPS://EXAMPLE.com/A.png",
      { kind: "url", url: "HTTPS://EXAMPLE.com/A.png" },
    ],
    ["a URL of 4,096 characters", `https://example.com/${"a".repeat(4076)}`, { kind: "url" }],
    ["an uploaded image's id", imageId("0a".repeat(32)), { kind: "uploaded", sha256: "0a".repeat(32) }],
    ["a data URL", `data:image/png;base64,${bytes.toBase64()}`, { kind: "inline", bytes }],
    ["a data URL in capitals", `DATA:IMAGE/PNG;BASE64,${bytes.toBase64()}`, { kind: "inline", bytes }],
    ["a data URL without a type", `data:;base64,${bytes.toBase64()}`, { kind: "inline", bytes }],
    [
      "a data URL with parameters",
      `data:image/png;name=a.png;base64,${bytes.toBase64()}`,
      { kind: "inline", bytes },
    ],
    ["bare base64", bytes.toBase64(), { kind: "inline", bytes }],
    ["bare base64 without padding", odd.toBase64({ omitPadding: true }), { kind: "inline", bytes: odd }],
    ["base64url", odd.toBase64({ alphabet: "base64url" }), { kind: "inline", bytes: odd }],
    [
      "base64url without padding",
      odd.toBase64({ alphabet: "base64url", omitPadding: true }),
      { kind: "inline", bytes: odd },
    ],
    ["base64 in lines", bytes.toBase64().replace(/.{20}/g, "$&\r\n"), { kind: "inline", bytes }],
  ])("may be %s", (_title, text, input) => {
    expect(readImageInput(field, text)).toMatchObject(input);
  });

  it("is judged by its bytes, whatever the label says", () => {
    const input = readImageInput(field, `data:image/jpeg;base64,${webp(640, 480).toBase64()}`);
    expect(input.kind === "inline" && inspectImage(field, input.bytes).contentType).toBe("image/webp");
  });

  it.each([
    ["nothing", ""],
    ["a path", "/home/me/photo.png"],
    ["another scheme", "ftp://example.com/a.png"],
    ["a file name", "photo.png"],
    ["a data URL that is not base64", "data:image/svg+xml;utf8,<svg/>"],
    ["a data URL without data", "data:image/png;base64,"],
    ["a data URL with broken base64", "data:image/png;base64,%%%"],
    ["base64 of both alphabets", "+-/_"],
    ["base64 of a wrong length", "abcde"],
    ["a URL without a host", "https://"],
    ["a URL of 4,097 characters", `https://example.com/${"a".repeat(4077)}`],
    ["base64 of more than 20 MB", "A".repeat(28_000_000)],
  ])("is refused if it is %s, naming the field", (_title, text) => {
    const refusal = refusedBy(() => readImageInput(field, text));
    expect(refusal).toMatchObject({ code: "invalid_image", param: field });
    expect(refusal.message.length).toBeLessThan(300);
  });

  it.each(["image_abc", `image_${"0A".repeat(32)}`, `image_${"0a".repeat(33)}`])(
    "%s is no id of an upload, and no image either",
    (text) => {
      const read = () => {
        const input = readImageInput(field, text);
        if (input.kind !== "inline") throw new Error(`it was read as ${input.kind}`);
        inspectImage(field, input.bytes);
      };
      expect(refusedBy(read).code).toBe("invalid_image");
    },
  );

  it("reads back whatever bytes it was made from, in every form", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (some) => {
        for (const text of [
          some.toBase64(),
          some.toBase64({ omitPadding: true }),
          some.toBase64({ alphabet: "base64url", omitPadding: true }),
          `data:application/octet-stream;base64,${some.toBase64()}`,
        ]) {
          expect(readImageInput(field, text)).toEqual({ kind: "inline", bytes: some });
        }
      }),
    );
  });
});
