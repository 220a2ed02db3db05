import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type BoxWalk,
  beforeFirstBox,
  beforeFirstTrack,
  isWholeMp4,
  walkBoxes,
  walkTracks,
} from "../../src/domain/mp4.ts";
import { film, wave } from "./media-files.ts";

/** A box with a 32-bit size, a 64-bit one, or none (to the end of the file). */
function box(type: string, content: number, size: "short" | "long" | "toEnd" = "short"): Uint8Array {
  const header = size === "long" ? 16 : 8;
  const bytes = new Uint8Array(header + content).fill(0x6d, header);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, size === "short" ? bytes.byteLength : size === "long" ? 1 : 0);
  bytes.set(new TextEncoder().encode(type), 4);
  if (size === "long") view.setBigUint64(8, BigInt(bytes.byteLength));
  return bytes;
}

function join(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

function isWhole(bytes: Uint8Array, cuts: readonly number[] = []): boolean {
  let walk: BoxWalk = beforeFirstBox;
  const edges = [
    0,
    ...cuts.map((cut) => cut % (bytes.byteLength + 1)).sort((a, b) => a - b),
    bytes.byteLength,
  ];
  for (const [index, edge] of edges.entries()) {
    // Chunks are copies, as streams give them, and some are empty.
    walk = walkBoxes(walk, bytes.slice(edge, edges[index + 1] ?? edge));
  }
  return isWholeMp4(walk);
}

const ftyp = box("ftyp", 16);
const moov = box("moov", 100);
const mdat = box("mdat", 300);

describe("bytes that stream by", () => {
  it.each([
    ["fast start", join(ftyp, moov, mdat)],
    ["moov at the end", join(ftyp, mdat, moov)],
    ["boxes between and after", join(ftyp, box("free", 0), moov, box("uuid", 20), mdat, box("free", 5))],
    ["a 64-bit size", join(ftyp, moov, box("mdat", 300, "long"))],
    [
      "64-bit sizes everywhere",
      join(box("ftyp", 8, "long"), box("moov", 10, "long"), box("mdat", 9, "long")),
    ],
    ["a last box that reaches to the end", join(ftyp, moov, box("mdat", 300, "toEnd"))],
    ["fragments", join(ftyp, moov, box("moof", 30), mdat, box("moof", 30), mdat, box("mfra", 8))],
    ["boxes without content", join(ftyp, box("moov", 0), box("mdat", 0))],
  ])("are a whole file: %s", (_title, bytes) => {
    expect(isWhole(bytes)).toBe(true);
  });

  const withSize = (bytes: Uint8Array, size: number) => {
    const changed = bytes.slice();
    new DataView(changed.buffer).setUint32(0, size);
    return changed;
  };
  const withLongSize = (size: bigint) => {
    const changed = box("mdat", 300, "long");
    new DataView(changed.buffer).setBigUint64(8, size);
    return changed;
  };

  it.each([
    ["nothing", new Uint8Array()],
    ["text", new TextEncoder().encode("<html><body>404 Not Found</body></html>")],
    ["zeros", new Uint8Array(1000)],
    ["JSON", new TextEncoder().encode('{"base_resp":{"status_code":1013}}')],
    ["another first box", join(moov, ftyp, mdat)],
    ["no moov", join(ftyp, mdat)],
    ["no mdat", join(ftyp, moov)],
    ["no ftyp", join(moov, mdat)],
    ["a box that lost its end", join(ftyp, moov, mdat.subarray(0, 200))],
    ["a box longer than it says", join(ftyp, moov, withSize(mdat, 200))],
    ["a box shorter than it says", join(ftyp, moov, withSize(mdat, 400))],
    ["bytes after the last box", join(ftyp, moov, mdat, new Uint8Array([1, 2, 3]))],
    ["zero bytes after the last box", join(ftyp, moov, mdat, new Uint8Array(7))],
    ["a size smaller than its header", join(ftyp, moov, withSize(mdat, 7))],
    ["a size of 2", join(ftyp, withSize(moov, 2), mdat)],
    ["a 64-bit size smaller than its header", join(ftyp, moov, withLongSize(15n))],
    ["a 64-bit size beyond every number", join(ftyp, moov, withLongSize(2n ** 64n - 1n))],
    ["a 64-bit size that is longer than the file", join(ftyp, moov, withLongSize(2n ** 40n))],
    ["a first box that reaches to the end", join(box("ftyp", 16, "toEnd"), moov, mdat)],
  ])("are no whole file: %s", (_title, bytes) => {
    expect(isWhole(bytes)).toBe(false);
  });

  const content = fc.nat({ max: 60 });
  const size = fc.constantFrom("short" as const, "long" as const);
  const anyBox = (type: fc.Arbitrary<string>) =>
    fc.tuple(type, content, size).map(([name, length, form]) => box(name, length, form));
  const filler = fc.array(anyBox(fc.constantFrom("free", "uuid", "moof", "meta")), { maxLength: 3 });
  /** Whole files whose last box is one that they need, so that no shorter one is whole. */
  const file = fc
    .tuple(
      anyBox(fc.constant("ftyp")),
      filler,
      anyBox(fc.constant("moov")),
      filler,
      anyBox(fc.constant("mdat")),
      fc.boolean(),
    )
    .map(([first, some, index, more, data, fastStart]) =>
      fastStart ? join(first, ...some, index, ...more, data) : join(first, ...some, data, ...more, index),
    );

  it("are judged the same however they are cut into chunks", () => {
    fc.assert(
      fc.property(file, fc.array(fc.nat({ max: 1000 }), { maxLength: 20 }), (bytes, cuts) => {
        expect(isWhole(bytes, cuts)).toBe(true);
        expect(isWhole(bytes, Array.from(bytes.keys()))).toBe(true);
      }),
    );
  });

  it("that are not a file stay none however they are cut", () => {
    const broken = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.tuple(file, fc.nat(), fc.integer({ min: 1, max: 255 })).map(([bytes, at, bits]) => {
        const changed = bytes.slice();
        changed[at % changed.length] = (changed[at % changed.length] ?? 0) ^ bits;
        return changed;
      }),
    );
    fc.assert(
      fc.property(broken, fc.array(fc.nat({ max: 1000 }), { maxLength: 20 }), (bytes, cuts) => {
        expect(isWhole(bytes, cuts)).toBe(isWhole(bytes));
      }),
    );
  });

  it("are not whole until the last byte has passed", () => {
    fc.assert(
      fc.property(file, (bytes) => {
        for (let end = 0; end < bytes.byteLength; end++) {
          expect(isWhole(bytes.subarray(0, end)), `the first ${end} of ${bytes.byteLength}`).toBe(false);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("leave an earlier walk as it was: walking on makes a new one", () => {
    const half = walkBoxes(beforeFirstBox, join(ftyp, moov).subarray(0, 50));
    const copy = structuredClone(half);
    walkBoxes(half, mdat);
    expect(half).toEqual(copy);
    expect(beforeFirstBox.seen.size).toBe(0);
  });
});

describe("the size of the picture in bytes that stream by", () => {
  function sizeOf(bytes: Uint8Array, piece = bytes.byteLength): { width: number; height: number } {
    let walk = beforeFirstTrack;
    for (let at = 0; at < bytes.byteLength; at += piece) walk = walkTracks(walk, bytes.slice(at, at + piece));
    return { width: walk.width, height: walk.height };
  }

  it("is that of the first track that has one, wherever the bytes are cut", () => {
    for (const isLong of [false, true]) {
      const bytes = film({ width: 3360, height: 1440, isLong });
      for (let piece = 1; piece <= bytes.byteLength; piece += 1) {
        expect(sizeOf(bytes, piece)).toEqual({ width: 3360, height: 1440 });
      }
    }
  });

  it.each([
    ["a sound", wave(2)],
    ["a film without a picture", film({ width: 0, height: 0 })],
    ["no index", join(ftyp, mdat)],
    ["an index of nonsense", join(ftyp, moov, mdat)],
  ])("is none in %s", (_title, bytes) => {
    expect(sizeOf(bytes)).toEqual({ width: 0, height: 0 });
  });

  it("is looked for in any nonsense without an error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 50 }), (bytes, piece) => {
        sizeOf(join(ftyp, new TextEncoder().encode("\0\0\0\0moov"), bytes), piece);
        sizeOf(bytes, piece);
      }),
    );
  });
});
