/** What an order shows: which texts are files of this machine, and how an order's file and the command line differ. */

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { fileOf } from "../../src/cli/media.ts";

const upload = `image_${"0".repeat(64)}`;

describe("a picture", () => {
  it.each([
    ["a relative path", "./a.jpg", "/site/a.jpg", "/site/a.jpg"],
    ["a path upward", "../a.jpg", "/a.jpg", "/a.jpg"],
    ["an absolute path", "/pictures/a.jpg", "/pictures/a.jpg", "/pictures/a.jpg"],
    ["a file: URL", pathToFileURL("/pictures/a b.jpg").href, "/pictures/a b.jpg", "/pictures/a b.jpg"],
    ["a name", "a.jpg", null, "/site/a.jpg"],
    ["a name that looks like base64", "aGVsbG8", null, "/site/aGVsbG8"],
    ["an address", "https://example.com/a.jpg", null, null],
    ["a data URL", "data:image/png;base64,aGVsbG8=", null, null],
    ["an upload's id", upload, null, null],
  ])("named by %s", (_what, text, written, typed) => {
    const named = (isTyped: boolean) => fileOf({ text, from: "first_frame_image", folder: "/site", isTyped });
    expect([named(false), named(true)]).toEqual([written, typed]);
  });

  it("named by a file: URL of another machine is a mistake of whoever wrote it, and not ours", () => {
    const named = { text: "file://elsewhere/a.jpg", from: "--first-frame", folder: "/site", isTyped: true };
    expect(() => fileOf(named)).toThrow(expect.objectContaining({ code: "invalid_usage" }));
  });

  it("in base64 that begins with a slash is none of an order's files", () => {
    const jpeg = `/9j/${"A".repeat(400)}`;
    expect(
      fileOf({ text: jpeg, from: "first_frame_image", folder: join("/", "site"), isTyped: false }),
    ).toBeNull();
  });
});
