import { describe, expect, it } from "vitest";
import { judgeConditions, placeRange, rangeApplies, readRange } from "../../src/domain/range.ts";

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

const etag = '"4b2f"';
const file = { etag, modifiedAt: new Date("2026-11-23T10:00:00.750Z") };
const before = "Mon, 23 Nov 2026 09:59:59 GMT";
const then = "Mon, 23 Nov 2026 10:00:00 GMT";
const later = "Mon, 23 Nov 2026 10:00:01 GMT";

describe("conditions on a file", () => {
  const rows: [headers: Record<string, string>, verdict: "proceed" | "notModified" | "failed"][] = [
    [{}, "proceed"],

    [{ "if-match": etag }, "proceed"],
    [{ "if-match": `"other", ${etag}` }, "proceed"],
    [{ "if-match": "*" }, "proceed"],
    [{ "if-match": '"other"' }, "failed"],
    [{ "if-match": '"other", "another"' }, "failed"],
    [{ "if-match": `W/${etag}` }, "failed"],
    [{ "if-match": "4b2f" }, "failed"],
    [{ "if-match": "" }, "failed"],

    [{ "if-unmodified-since": before }, "failed"],
    [{ "if-unmodified-since": then }, "proceed"],
    [{ "if-unmodified-since": later }, "proceed"],
    [{ "if-unmodified-since": "nonsense" }, "proceed"],
    [{ "if-match": etag, "if-unmodified-since": before }, "proceed"],

    [{ "if-none-match": etag }, "notModified"],
    [{ "if-none-match": `W/${etag}` }, "notModified"],
    [{ "if-none-match": `"other",${etag}` }, "notModified"],
    [{ "if-none-match": `"with, comma", ${etag}` }, "notModified"],
    [{ "if-none-match": "*" }, "notModified"],
    [{ "if-none-match": '"other"' }, "proceed"],
    [{ "if-none-match": '"4b2"' }, "proceed"],
    [{ "if-none-match": "4b2f" }, "proceed"],

    [{ "if-modified-since": before }, "proceed"],
    [{ "if-modified-since": then }, "notModified"],
    [{ "if-modified-since": later }, "notModified"],
    [{ "if-modified-since": "nonsense" }, "proceed"],
    // The two obsolete forms of a date, which are to be understood all the same (RFC 9110, 5.6.7).
    [{ "if-modified-since": "Mon Nov 23 10:00:00 2026" }, "notModified"],
    [{ "if-modified-since": "Mon Nov 23 09:59:59 2026" }, "proceed"],
    [{ "if-unmodified-since": "Fri Nov  6 10:00:00 2026" }, "failed"],
    [{ "if-modified-since": "Monday, 23-Nov-26 10:00:00 GMT" }, "notModified"],
    [{ "if-modified-since": "2026-11-23T10:00:00" }, "proceed"],
    [{ "if-none-match": '"other"', "if-modified-since": later }, "proceed"],

    [{ "if-match": etag, "if-none-match": etag }, "notModified"],
    [{ "if-match": '"other"', "if-none-match": etag }, "failed"],
    [{ "if-unmodified-since": before, "if-modified-since": later }, "failed"],
  ];
  it.each(rows)("%j: %s", (headers, verdict) => {
    expect(judgeConditions(new Headers(headers), file)).toBe(verdict);
  });
});

describe("If-Range", () => {
  it.each([
    [null, true],
    [etag, true],
    [` ${etag} `, true],
    ['"other"', false],
    [`W/${etag}`, false],
    ["4b2f", false],
    [then, true],
    [before, false],
    [later, false],
    ["nonsense", false],
    ["", false],
  ])("%s: the range applies is %s", (header, applies) => {
    expect(rangeApplies(header, file)).toBe(applies);
  });
});
