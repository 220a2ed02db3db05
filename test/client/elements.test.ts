/** The elements that show a video: what a parser of HTML finds in them, whatever the words and addresses are. */

import fc from "fast-check";
import { type DefaultTreeAdapterTypes, parseFragment } from "parse5";
import { describe, expect, it } from "vitest";
import { type ElementName, elementNames, type ShownVideo, writeElement } from "../../src/client/elements.ts";

const video: ShownVideo = {
  url: "https://video.example.com/v/file_1.mp4",
  pageUrl: "https://video.example.com/v/file_1",
  posterUrl: null,
  width: 1366,
  height: 768,
  title: "Waves",
  alt: null,
};

/** An element by what it is called, what stands in its attributes, and its text. */
function read(markup: string) {
  const { childNodes } = parseFragment(markup);
  const [element] = childNodes as DefaultTreeAdapterTypes.Element[];
  const text = element?.childNodes.map((node) => ("value" in node ? node.value : "<element>")).join("");
  return {
    count: childNodes.length,
    name: element?.tagName,
    attributes: Object.fromEntries((element?.attrs ?? []).map(({ name, value }) => [name, value])),
    text,
  };
}

describe("an element", () => {
  it.each<[ElementName, string]>([
    [
      "video",
      '<video controls playsinline preload="metadata" src="https://video.example.com/v/file_1.mp4" width="1366" height="768" aria-label="Waves"></video>',
    ],
    [
      "iframe",
      '<iframe allow="fullscreen; picture-in-picture" allowfullscreen loading="lazy" src="https://video.example.com/v/file_1" width="1366" height="768" title="Waves"></iframe>',
    ],
    [
      "filmgate-video",
      '<filmgate-video src="https://video.example.com/v/file_1.mp4" width="1366" height="768" title="Waves"></filmgate-video>',
    ],
    ["a", '<a href="https://video.example.com/v/file_1">Waves</a>'],
  ])("%s is written whole", (name, markup) => {
    expect(writeElement(name, video)).toBe(markup);
  });

  it("takes the page's own attributes before these, and leaves out what is false", () => {
    const own = { controls: false, preload: "none", class: "wide", loop: true, id: null };
    expect(writeElement("video", video, own)).toBe(
      `<video playsinline preload="none" src="${video.url}" width="1366" height="768" aria-label="Waves" class="wide" loop></video>`,
    );
  });

  it.each(["on click", "a=b", 'x"y', "<b", "a/b", "", "a\u0000"])(
    "has no attribute that is called %j",
    (name) => {
      expect(() => writeElement("video", video, { [name]: "x" })).toThrow(TypeError);
    },
  );

  it("keeps all words in their places, whatever they are", () => {
    const words = fc
      .array(fc.constantFrom(..."<>&\"'=/ \n", "&amp;", "&lt", "</a>", "</iframe>", "<script>", "é", "x"))
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.constantFrom(...elementNames), words, words, words, (name, title, alt, own) => {
        const shown = { ...video, title, alt, posterUrl: `https://video.example.com/?${title}` };
        const found = read(writeElement(name, shown, { "data-own": own }));
        expect(found).toMatchObject({ count: 1, name, text: name === "a" ? title : "" });
        expect(found.attributes["data-own"]).toBe(own);
        if (name === "video") {
          expect(found.attributes).toMatchObject({ "aria-label": alt, poster: shown.posterUrl });
        }
      }),
    );
  });
});
