/*
 * The clips are films a browser plays, and each delivery has bytes of its own.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Clip, fileOf } from "../../src/simulator/clips.ts";
import { etagOf, lengthOf, type Part, piecesOf, sha256Of, wholeOf } from "../../src/simulator/files.ts";
import { type Bytes, findBox, measureMovie, readBoxes, viewOf } from "../../src/simulator/mp4.ts";
import { pickV1Clip } from "../../src/simulator/v1-clips.ts";
import { readV1Order } from "../../src/simulator/v1-order.ts";
import { pickV2Clip } from "../../src/simulator/v2-clips.ts";
import { ratios } from "../../src/simulator/v2-models.ts";
import { dataUrl, png } from "./pictures.ts";

const folder = new URL("../../src/simulator/clips/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".mp4"));
const readClip = (name: string): Bytes => new Uint8Array(readFileSync(new URL(name, folder)));
const read = (part: Part, pieceBytes = 100_000): Bytes =>
  new Uint8Array(Buffer.concat([...piecesOf(part, pieceBytes)]));
const bytesOf = (clip: Clip, id = "1", padding = 0) => read(wholeOf(fileOf({ clip, id, padding })));

/** The boxes at the top level; throws if they do not end where the file does. */
function boxesOf(bytes: Bytes): string[] {
  const boxes = readBoxes(bytes);
  if (!boxes) throw new Error("broken boxes");
  return boxes.map(({ type }) => type);
}

/** Where each picture of a film of one chunk is, by its index. */
function picturesOf(bytes: Bytes) {
  const boxes = readBoxes(bytes) ?? [];
  const words = (type: string) => {
    const view = viewOf(findBox(boxes, type)?.bytes ?? new Uint8Array());
    return Array.from({ length: view.byteLength / 4 - 3 }, (_, index) => view.getUint32(12 + index * 4));
  };
  const [, , ...sizes] = words("stsz");
  const [, ...keys] = words("stss");
  let [, offset = 0] = words("stco");
  return sizes.map((size, index) => {
    const picture = { bytes: bytes.subarray(offset, offset + size), isKey: keys.includes(index + 1) };
    offset += size;
    return picture;
  });
}

describe("the clips", () => {
  it("are small enough to live in a repository", () => {
    const total = names.reduce((sum, name) => sum + readClip(name).length, 0);
    expect(total).toBeLessThan(800_000);
  });

  it.each(names)("%s is H.264 with its index before its pictures", (name) => {
    const bytes = readClip(name);
    const boxes = boxesOf(bytes).filter((type) => type !== "free");
    expect(boxes).toEqual(["ftyp", "moov", "mdat"]);
    expect(measureMovie(bytes)).toMatchObject({ videoCodec: "avc1", audioCodec: null });
  });

  it.each([
    ["MiniMax-Hailuo-02", "512P", 6, undefined, 912, 512],
    ["MiniMax-Hailuo-02", "512P", 10, undefined, 912, 512],
    ["MiniMax-Hailuo-02", "768P", 6, undefined, 1366, 768],
    ["MiniMax-Hailuo-02", "768P", 6, png(600, 900), 768, 1366],
    ["MiniMax-Hailuo-02", "768P", 6, png(700, 700), 768, 768],
    ["MiniMax-Hailuo-02", "768P", 6, png(900, 600), 1366, 768],
    ["MiniMax-Hailuo-02", "768P", 10, undefined, 1366, 768],
    ["MiniMax-Hailuo-02", "1080P", 6, undefined, 1920, 1080],
    ["I2V-01", undefined, 6, undefined, 1280, 720],
  ])(
    "%s at %s for %i s is a film of that length and the stated size",
    (model, resolution, seconds, frame, width, height) => {
      const image = frame ? dataUrl(frame) : "https://example.com/frame.jpg";
      const size = resolution ? { resolution, duration: seconds } : {};
      const verdict = readV1Order({ model, first_frame_image: image, ...size });
      if ("refusal" in verdict) throw new Error(verdict.refusal);
      const clip = pickV1Clip(verdict.order);
      expect(clip).toMatchObject({ width, height });
      expect(measureMovie(bytesOf(clip))).toMatchObject({ width, height, seconds });
    },
  );

  it("differ for each task by one free box behind the film", () => {
    const clip = { name: "768P-6", width: 1366, height: 768 };
    const files = ["106916112212032", "106916112212033"].map((id) => bytesOf(clip, id));
    const hashes = files.map((file) => createHash("sha256").update(file).digest("hex"));
    expect(new Set(hashes).size).toBe(2);
    for (const file of files) expect(boxesOf(file).at(-1)).toBe("free");
  });
});

const cells = ["480P", "768P", "2K"].flatMap((resolution) => ratios.map((ratio) => ({ resolution, ratio })));

describe("the films of V2", () => {
  it.each(cells)(
    "at $resolution, $ratio are of the stated size for every length",
    ({ resolution, ratio }) => {
      const hashes = new Set<string>();
      for (let duration = 4; duration <= 15; duration += 1) {
        const clip = pickV2Clip({ resolution, ratio, duration });
        const film = bytesOf(clip);
        hashes.add(createHash("sha256").update(film).digest("hex"));
        expect(boxesOf(film)).toEqual(["ftyp", "moov", "mdat", "free"]);
        const { width, height } = clip;
        const measured = { width, height, seconds: duration, picturesPerSecond: 24, videoCodec: "avc1" };
        expect(measureMovie(film)).toMatchObject(measured);
      }
      expect(hashes.size).toBe(12);
    },
  );

  it.each(cells)("at $resolution, $ratio have the shape that is asked for", ({ resolution, ratio }) => {
    const { width, height } = pickV2Clip({ resolution, ratio, duration: 5 });
    const [across = 1, down = 1] = ratio.split(":").map(Number);
    expect(Math.abs(width / height / (across / down) - 1)).toBeLessThan(0.01);
  });

  it.each(cells)(
    "at $resolution, $ratio repeat whole pictures, each loop from a key",
    ({ resolution, ratio }) => {
      const clip = pickV2Clip({ resolution, ratio, duration: 5 });
      const loop = picturesOf(readClip(`${clip.name}.mp4`));
      const film = picturesOf(bytesOf(clip));
      expect([loop.length, film.length]).toEqual([48, 120]);
      for (const [index, picture] of film.entries()) {
        expect(Buffer.compare(picture.bytes, loop[index % 48]?.bytes ?? new Uint8Array())).toBe(0);
        expect(picture.isKey).toBe(index % 48 === 0);
        // Its parts, each with its length before it (ISO/IEC 14496-15), fill a picture exactly.
        let offset = 0;
        while (offset < picture.bytes.length) offset += 4 + viewOf(picture.bytes).getUint32(offset);
        expect(offset).toBe(picture.bytes.length);
      }
    },
  );
});

describe("a padded file", () => {
  const clip = pickV2Clip({ resolution: "480P", ratio: "1:1", duration: 4 });
  const file = fileOf({ clip, id: "7", padding: 1_000_003 });

  it("is one film, as long as it says, with the hash it says", () => {
    const bytes = read(wholeOf(file));
    expect(boxesOf(bytes)).toEqual(["ftyp", "moov", "mdat", "free"]);
    expect(bytes.length).toBe(lengthOf(file));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256Of(file));
  });

  it.each([
    [0, 100],
    [file.head.length - 10, file.head.length + 10],
    [file.head.length, file.head.length + 1],
    [500_001, 700_003],
    [lengthOf(file) - 5, lengthOf(file)],
  ])("is the same in parts, whatever their size: %i to %i", (first, end) => {
    const expected = read(wholeOf(file)).subarray(first, end);
    for (const pieceBytes of [7, 4096, 65_536]) {
      expect(Buffer.compare(read({ file, first, end }, pieceBytes), expected)).toBe(0);
    }
  });

  it("has no two runs alike", () => {
    const bytes = Buffer.from(read(wholeOf(file)));
    const runs = Array.from({ length: 200 }, (_, index) =>
      bytes.subarray(file.head.length + index * 4096, file.head.length + index * 4096 + 4096).toString("hex"),
    );
    expect(new Set(runs).size).toBe(200);
  });

  it("of hundreds of megabytes needs no memory for them", () => {
    const large = fileOf({ clip, id: "7", padding: 500_000_000 });
    const before = process.memoryUsage().arrayBuffers;
    const hash = sha256Of(large);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(250_000_000);
    expect(lengthOf(large)).toBeGreaterThan(500_000_000);
    expect(hash).toBe(sha256Of(fileOf({ clip, id: "7", padding: 500_000_000 })));
    expect(etagOf(large)).not.toBe(etagOf(file));
  });
});
