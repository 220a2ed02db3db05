/*
 * The clips are films a browser plays, and each delivery has bytes of its own.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fileOf, pickClip } from "../../src/simulator/clips.ts";
import { readOrder } from "../../src/simulator/order.ts";
import { dataUrl, png } from "./pictures.ts";

const folder = new URL("../../src/simulator/clips/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".mp4"));

/** The boxes at the top level; throws if they do not end where the file does. */
function boxesOf(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const types: string[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const size = view.getUint32(offset);
    if (size < 8 || offset + size > bytes.length) throw new Error(`broken box at ${offset}`);
    types.push(Buffer.from(bytes.subarray(offset + 4, offset + 8)).toString("latin1"));
    offset += size;
  }
  return types;
}

/** Width and height as the track header (`tkhd`, version 0) has them, and the film's length in seconds. */
function measure(bytes: Uint8Array) {
  const buffer = Buffer.from(bytes);
  const track = buffer.indexOf("tkhd") + 4;
  const movie = buffer.indexOf("mvhd") + 4;
  return {
    width: buffer.readUInt32BE(track + 76) >> 16,
    height: buffer.readUInt32BE(track + 80) >> 16,
    seconds: buffer.readUInt32BE(movie + 16) / buffer.readUInt32BE(movie + 12),
  };
}

describe("the clips", () => {
  it("are small enough to live in a repository", () => {
    const total = names.reduce((sum, name) => sum + readFileSync(new URL(name, folder)).length, 0);
    expect(total).toBeLessThan(500_000);
  });

  it.each(names)("%s is H.264 with its index before its pictures", (name) => {
    const bytes = readFileSync(new URL(name, folder));
    const boxes = boxesOf(bytes).filter((type) => type !== "free");
    expect(boxes).toEqual(["ftyp", "moov", "mdat"]);
    expect(bytes.includes("avc1")).toBe(true);
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
      const verdict = readOrder({ model, first_frame_image: image, ...size });
      if ("refusal" in verdict) throw new Error(verdict.refusal);
      const clip = pickClip(verdict.order);
      expect(clip).toMatchObject({ width, height });
      expect(measure(fileOf({ clip, id: "1", padding: 0 }))).toEqual({ width, height, seconds });
    },
  );

  it("differ for each task by one free box behind the film", () => {
    const clip = { name: "768P-6", width: 1366, height: 768 };
    const files = ["106916112212032", "106916112212033"].map((id) => fileOf({ clip, id, padding: 0 }));
    const hashes = files.map((file) => createHash("sha256").update(file).digest("hex"));
    expect(new Set(hashes).size).toBe(2);
    for (const file of files) expect(boxesOf(file).at(-1)).toBe("free");
  });
});
