import { describe, expect, it } from "vitest";
import { placeRange, readRange } from "../../src/domain/range.ts";

describe("a Range header", () => {
  it.each([
    ["bytes=0-1", { offset: 0, length: 2 }],
    ["bytes=7-", { offset: 7, length: 3 }],
    ["bytes=-3", { offset: 7, length: 3 }],
    ["bytes=8-99", { offset: 8, length: 2 }],
    ["bytes=-30", { offset: 0, length: 10 }],
    ["bytes=0-", { offset: 0, length: 10 }],
  ])("%s of ten bytes means %j", (header, part) => {
    const range = readRange(header);
    expect(range && placeRange(range, 10)).toEqual(part);
  });

  it.each(["bytes=10-", "bytes=20-30", "bytes=-0"])("%s lies outside a file of ten bytes", (header) => {
    const range = readRange(header);
    expect(range).not.toBeNull();
    expect(range && placeRange(range, 10)).toBeNull();
  });

  it.each(["bytes=5-2", "bytes=0-1,3-4", "items=0-1", "bytes=", "bytes=-", "bytes=a-b", "nonsense", ""])(
    "'%s' is ignored",
    (header) => {
      expect(readRange(header)).toBeNull();
    },
  );
});
