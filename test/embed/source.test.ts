/** What may stand in `src`, and which two of them are the same video. */

import { describe, expect, it } from "vitest";
import { isPublishable, isSameVideo, readSource } from "../../src/embed/source.ts";

const fileId = "file_vmcn3psmsswzamtpxszgj97jmr";
const gateway = "https://video.example.com";
const base = "https://site.example/blog/";
const published = {
  kind: "published",
  gateway,
  fileId,
  video: `${gateway}/v/${fileId}.mp4`,
  page: `${gateway}/v/${fileId}`,
};
const link = `${gateway}/files/${fileId}.mp4?exp=1795554000&kid=k1&sig=abc`;

describe("an address", () => {
  it.each([
    [`${gateway}/v/${fileId}.mp4`, published],
    [`${gateway}/v/${fileId}`, published],
    [`  ${gateway}/v/${fileId}?from=here `, published],
    [`${gateway}/v/${fileId}.mp4#t=2`, { ...published, video: `${gateway}/v/${fileId}.mp4#t=2` }],
    [link, { kind: "signed", gateway, fileId, video: link, endsAt: 1_795_554_000_000 }],
    [`${gateway}/files/${fileId}.mp4`, { kind: "other", video: `${gateway}/files/${fileId}.mp4` }],
    [`${gateway}/v/file_short.mp4`, { kind: "other", video: `${gateway}/v/file_short.mp4` }],
    ["waves.mp4", { kind: "other", video: "https://site.example/blog/waves.mp4" }],
    [`//video.example.com/v/${fileId}`, published],
    ["", null],
    [" ", null],
    [null, null],
    ["https://", null],
  ])("%j", (text, source) => {
    expect(readSource(text, base)).toEqual(source);
  });
});

it("is the same video by its file, whatever its address, and by whichever name the gateway is reached", () => {
  const read = (text: string) => readSource(text, base);
  expect(isSameVideo(read(link), read(`${gateway}/v/${fileId}`))).toBe(true);
  expect(isSameVideo(read(link), read(link.replace("1795554000", "1795557600")))).toBe(true);
  expect(isSameVideo(read(link), read(link.replace("video.", "other.")))).toBe(true);
  expect(isSameVideo(read(link), read(link.replace("jmr.mp4", "jmx.mp4")))).toBe(false);
  expect(isSameVideo(read("a.mp4"), read("a.mp4"))).toBe(true);
  expect(isSameVideo(read("a.mp4"), read(link))).toBe(false);
  expect(isSameVideo(null, null)).toBe(false);
});

it("takes a publishable key, and no other", () => {
  expect(isPublishable(`mql_pk_default_${"0".repeat(40)}`)).toBe(true);
  expect(isPublishable(`mql_default_${"0".repeat(40)}`)).toBe(false);
});
