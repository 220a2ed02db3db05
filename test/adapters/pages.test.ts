/**
 * Pages written by hand: which of their tags are completed, and that all else stays as it is, to the letter. What a tag
 * is, parse5 says, which follows HTML's standard.
 */

import fc from "fast-check";
import { type Token, Tokenizer, TokenizerMode } from "parse5";
import { describe, expect, it } from "vitest";
import { completePage } from "../../src/adapters/html.ts";
import type { ShownVideo } from "../../src/client/elements.ts";

const hero: ShownVideo = {
  url: "https://video.example.com/v/file_1.mp4",
  pageUrl: "https://video.example.com/v/file_1",
  posterUrl: "https://video.example.com/v/file_1/poster",
  width: 1366,
  height: 768,
  title: "Waves",
  alt: 'Waves & "foam"',
};
const complete = (page: string) =>
  completePage(page, { hero, bare: { ...hero, posterUrl: null, alt: null, title: null } });
const label = 'aria-label="Waves &amp; &quot;foam&quot;"';
const all = `src="${hero.url}" poster="${hero.posterUrl}" width="1366" height="768" ${label}`;

describe("a tag that asks for a video", () => {
  it.each([
    ['<video data-filmgate="hero" controls></video>', `<video ${all} controls></video>`],
    ["<VIDEO controls\n  DATA-FILMGATE='hero'>", `<VIDEO controls\n  ${all}>`],
    ["<video data-filmgate=hero>", `<video ${all}>`],
    ["<video/data-filmgate = hero/>", "unknown 'hero/'"],
    ['<video data-filmgate="bare">', `<video src="${hero.url}" width="1366" height="768">`],
    [
      '<video data-filmgate="hero" poster="own.jpg" width=300 aria-label=Sea>',
      `<video src="${hero.url}" poster="own.jpg" width=300 aria-label=Sea>`,
    ],
    [
      '<iframe data-filmgate="hero"></iframe>',
      `<iframe src="${hero.pageUrl}" width="1366" height="768" title="Waves &amp; &quot;foam&quot;"></iframe>`,
    ],
    [
      '<filmgate-video data-filmgate="hero">',
      `<filmgate-video src="${hero.url}" poster="${hero.posterUrl}" width="1366" height="768" title="Waves" alt="Waves &amp; &quot;foam&quot;">`,
    ],
    ['<a data-filmgate="hero">Watch</a>', `<a href="${hero.pageUrl}">Watch</a>`],
    ['<video data-filmgate="hero" data-filmgate="heroine">', `<video ${all} data-filmgate="heroine">`],
    ['<video title="a > b" data-filmgate="hero">', `<video title="a > b" ${all}>`],
  ])("%s is completed", (page, expected) => {
    if (expected.startsWith("unknown")) expect(() => complete(page)).toThrow(/no video is named 'hero\/'/);
    else expect(complete(page)).toBe(expected);
  });

  it.each([
    "<!-- <video data-filmgate=hero> -->",
    "<!--><!-- <video data-filmgate=hero>",
    "<script>const tag = '<video data-filmgate=hero>';</script>",
    "<script><!-- <script></script><video data-filmgate=hero></script></script>",
    "<textarea><video data-filmgate=hero></textarea>",
    "<title><video data-filmgate=hero></title >",
    "<style><video data-filmgate=hero></style",
    '<p title="<video data-filmgate=hero>">',
    "<video data-filmgate=hero",
    "<video data-filmgate='hero>",
    "< video data-filmgate=hero>",
    "</video data-filmgate=hero>",
    "<svg><![CDATA[ > <video data-filmgate=hero> ]]></svg>",
    "<plaintext><video data-filmgate=hero>",
  ])("is none where a browser sees none: %s", (page) => {
    expect(complete(page)).toBe(page);
  });

  it.each([
    "<svg><title/><style/></svg>",
    "<svg><circle/></svg><title>x</title>",
    "<svg/><script></script>",
    "<script><!--></script>",
    "<script><!-- <script> </script> --></script>",
    "<!doctype html PUBLIC '>",
    "<title/></title>",
    "<noscript>",
    "<template>",
    "a < b </> <? <!x --> ",
  ])("is found behind %s", (before) => {
    expect(complete(`${before}<video data-filmgate=hero>`)).toBe(`${before}<video ${all}>`);
  });

  it.each([
    ["<p>\n<video data-filmgate=her0>", "site/index.html:2: no video is named 'her0'. There are: 'hero'."],
    [
      "<div data-filmgate=hero>",
      "site/index.html:1: data-filmgate stands on <div>, and can stand on 'video', 'iframe', 'filmgate-video', 'a'.",
    ],
    ["<video data-filmgate=constructor>", "no video is named 'constructor'"],
    ["<video data-filmgate>", "no video is named ''"],
  ])("is refused with its line where it cannot be completed: %s", (page, sentence) => {
    expect(() => completePage(page, { hero }, "site/index.html")).toThrow(sentence);
  });
});

describe("any page", () => {
  const modes: Record<string, number> = {
    ...Object.fromEntries(["textarea", "title"].map((name) => [name, TokenizerMode.RCDATA])),
    ...Object.fromEntries(
      ["iframe", "noembed", "noframes", "style", "xmp"].map((name) => [name, TokenizerMode.RAWTEXT]),
    ),
    script: TokenizerMode.SCRIPT_DATA,
    plaintext: TokenizerMode.PLAINTEXT,
  };

  /** Where parse5 sees a `data-filmgate` in a start tag. */
  function spansBySpecification(page: string): [from: number, to: number][] {
    const spans: [number, number][] = [];
    const ignore = () => {};
    const tokenizer: Tokenizer = new Tokenizer(
      { sourceCodeLocationInfo: true },
      {
        onStartTag({ tagName, location }: Token.TagToken) {
          tokenizer.state = (modes[tagName] ?? TokenizerMode.DATA) as typeof tokenizer.state;
          const span = location?.attrs?.["data-filmgate"];
          if (span !== undefined) spans.push([span.startOffset, span.endOffset]);
        },
        onEndTag: ignore,
        onComment: ignore,
        onDoctype: ignore,
        onEof: ignore,
        onCharacter: ignore,
        onNullCharacter: ignore,
        onWhitespaceCharacter: ignore,
      },
    );
    tokenizer.write(page, true);
    return spans;
  }

  const pieces = fc.constantFrom(
    ...[
      "<",
      ">",
      "/",
      "!",
      "?",
      "-",
      "--",
      "=",
      '"',
      "'",
      " ",
      "\n",
      "\t",
      "&",
      "é",
      "]]>",
      "<!--",
      "-->",
      "--!>",
    ],
    ...[
      "<video",
      "<a ",
      "</video>",
      "<script",
      "</script>",
      "<title>",
      "</title>",
      "<style ",
      "</style",
      "<xmp>",
    ],
    ...["<textarea>", "</textarea>", "<!doctype html>", "controls", "width=3"],
    ...[" data-filmgate", " data-filmgate=hero", " data-filmgate='hero'", ' Data-Filmgate="hero"'],
  );
  /** Most pages by chance ask for nothing; these do, wherever the rest lets them. */
  const pages = fc
    .array(
      fc.oneof(
        { weight: 4, arbitrary: pieces },
        { weight: 1, arbitrary: fc.constant("<a data-filmgate=hero>") },
      ),
      {
        maxLength: 24,
      },
    )
    .map((parts) => parts.join(""));

  it("is completed at the tags that HTML's standard finds, and nowhere else", () => {
    /** Of this one nothing is known but its address, so that what is put in can be told from what follows. */
    const nameless = { ...hero, posterUrl: null, width: null, height: null, alt: null, title: null };
    const seen = { completed: 0, refused: 0 };
    fc.assert(
      fc.property(pages, (page) => {
        const spans = spansBySpecification(page);
        let completed: string;
        try {
          completed = completePage(page, { hero: nameless });
        } catch (error) {
          seen.refused += 1;
          expect(String(error)).toMatch(/no video is named|data-filmgate stands on/);
          expect(spans).not.toEqual([]);
          return;
        }
        if (spans.length > 0) seen.completed += 1;
        let at = 0;
        let rest = completed;
        for (const [from, to] of spans) {
          const between = page.slice(at, from);
          expect(rest.slice(0, between.length)).toBe(between);
          const known = /^(?:src|href)="[^"]*"/.exec(rest.slice(between.length))?.[0];
          expect(known).toContain("https://video.example.com/v/file_1");
          rest = rest.slice(between.length + String(known).length);
          at = to;
        }
        expect(rest).toBe(page.slice(at));
      }),
      { numRuns: 5_000 },
    );
    expect(Math.min(seen.completed, seen.refused)).toBeGreaterThan(50);
  });
});
