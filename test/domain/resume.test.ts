/** Whether a download may carry on what another one began: never without proof, and never with the wrong bytes. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Begun,
  canResume,
  judgeDownload,
  readContentRange,
  readDownload,
  type Verdict,
} from "../../src/domain/resume.ts";

const begun: Begun = { sent: 16, length: 50, etag: '"A"' };
const headers = (about: Record<string, string>) => new Headers(about);

function judge(what: Begun | null, status: number, about: Record<string, string> = {}): Verdict {
  return judgeDownload(what, readDownload(status, headers(about)));
}

describe("the answer to a download", () => {
  const rows: [string, Begun | null, number, Record<string, string>, Partial<Verdict>][] = [
    ["whole", null, 200, { "content-length": "50", etag: '"A"' }, { do: "begin", length: 50, etag: '"A"' }],
    ["whole, of no known length", null, 200, {}, { do: "begin", length: null, etag: null }],
    ["whole, with a weak ETag", null, 200, { etag: 'W/"A"' }, { do: "begin", etag: null }],
    ["a part that nobody asked for", null, 206, { "content-range": "bytes 16-49/50" }, { do: "refuse" }],
    ["416 to a plain question", null, 416, {}, { do: "refuse" }],
    [
      "the rest",
      begun,
      206,
      { "content-range": "bytes 16-49/50", etag: '"A"' },
      { do: "carryOn", skip: 0, length: 50 },
    ],
    [
      "the rest, of an unknown total",
      begun,
      206,
      { "content-range": "bytes 16-49/*", etag: '"A"' },
      { do: "carryOn", skip: 0, length: 50 },
    ],
    [
      "the rest, which tells the length at last",
      { ...begun, length: null },
      206,
      { "content-range": "bytes 16-49/50", etag: '"A"' },
      { do: "carryOn", skip: 0, length: 50 },
    ],
    [
      "the rest, known by its length alone",
      { ...begun, etag: null },
      206,
      { "content-range": "bytes 16-49/50", etag: '"B"' },
      { do: "carryOn" },
    ],
    [
      "the rest of another",
      begun,
      206,
      { "content-range": "bytes 16-49/50", etag: '"B"' },
      { do: "startOver" },
    ],
    ["the rest without its ETag", begun, 206, { "content-range": "bytes 16-49/50" }, { do: "startOver" }],
    [
      "the rest of a longer one",
      begun,
      206,
      { "content-range": "bytes 16-59/60", etag: '"A"' },
      { do: "startOver" },
    ],
    ["another part", begun, 206, { "content-range": "bytes 0-49/50", etag: '"A"' }, { do: "startOver" }],
    ["a part without a place", begun, 206, { etag: '"A"' }, { do: "startOver" }],
    [
      "the rest, with nothing to know it by",
      { sent: 16, length: null, etag: null },
      206,
      { "content-range": "bytes 16-49/50", etag: '"A"' },
      { do: "startOver" },
    ],
    ["416", begun, 416, { "content-range": "bytes */10" }, { do: "startOver" }],
    [
      "all of it",
      begun,
      200,
      { "content-length": "50", etag: '"A"' },
      { do: "carryOn", skip: 16, length: 50 },
    ],
    ["all of it, of no known length", begun, 200, { etag: '"A"' }, { do: "carryOn", skip: 16, length: 50 }],
    ["all of another", begun, 200, { "content-length": "50", etag: '"B"' }, { do: "begin", etag: '"B"' }],
    ["all of a longer one", begun, 200, { "content-length": "60", etag: '"A"' }, { do: "begin", length: 60 }],
    [
      "all, shorter than what is there",
      { ...begun, length: null },
      200,
      { "content-length": "9", etag: '"A"' },
      { do: "begin" },
    ],
    ["all, known by nothing", { ...begun, etag: null }, 200, {}, { do: "begin", length: null }],
    ["an expired address", begun, 403, {}, { do: "refuse" }],
    ["a broken host", begun, 500, { "content-range": "bytes 16-49/50", etag: '"A"' }, { do: "refuse" }],
  ];
  it.each(rows)("that is %s", (_title, what, status, about, expected) => {
    expect(judge(what, status, about)).toMatchObject(expected);
  });

  const length = fc.option(fc.integer({ min: 1, max: 40 }));
  const etag = fc.option(fc.constantFrom('"A"', '"B"'));
  const answer = fc.record({
    status: fc.constantFrom(200, 206, 206, 416, 403, 500),
    contentLength: length,
    contentRange: fc.option(
      fc.record({ first: fc.nat({ max: 40 }), last: fc.nat({ max: 60 }), total: length }),
    ),
    etag,
  });
  const some = fc.record({ sent: fc.integer({ min: 1, max: 39 }), length, etag });

  it("carries on only what is the same file at the right place, as far as anything was said of it", () => {
    fc.assert(
      fc.property(some, answer, (what, said) => {
        const verdict = judgeDownload(what, said);
        if (verdict.do !== "carryOn") return;
        const total = said.status === 206 ? (said.contentRange?.total ?? null) : said.contentLength;
        const proofs = [
          [what.etag, said.etag],
          [what.length, total],
        ].filter(([before, now]) => before !== null && now !== null);
        expect(proofs.length).toBeGreaterThan(0);
        for (const [before, now] of proofs) expect(now).toBe(before);
        expect([200, 206]).toContain(said.status);
        const first = said.status === 206 ? said.contentRange?.first : 0;
        expect((first ?? 0) + verdict.skip).toBe(what.sent);
      }),
    );
  });

  it("throws nothing away for an answer that does not speak of the file", () => {
    fc.assert(
      fc.property(some, answer, (what, said) => {
        if (said.status < 400 || said.status === 416) return;
        expect(judgeDownload(what, said).do).toBe("refuse");
      }),
    );
  });
});

describe("a transfer that was cut", () => {
  it.each([
    [{ sent: 16, length: 50, etag: null }, true],
    [{ sent: 16, length: null, etag: '"A"' }, true],
    [{ sent: 16, length: null, etag: null }, false],
    [{ sent: 0, length: 50, etag: '"A"' }, false],
  ])("%j can be carried on: %s", (what, can) => {
    expect(canResume(what)).toBe(can);
  });
});

describe("Content-Range", () => {
  it.each([
    ["bytes 10-19/20", { first: 10, last: 19, total: 20 }],
    ["bytes 0-0/*", { first: 0, last: 0, total: null }],
    ["Bytes 1-2/3", { first: 1, last: 2, total: 3 }],
    ["bytes 10-20/20", null],
    ["bytes 5-4/20", null],
    ["bytes */20", null],
    ["bytes=10-19/20", null],
    ["lines 1-2/3", null],
    ["bytes 1-2", null],
    ["", null],
    [null, null],
  ])("%s is read as %j", (header, range) => {
    expect(readContentRange(header)).toEqual(range);
  });
});
