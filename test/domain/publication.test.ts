/** Publishing as data: what R2 is to hold of a task, which sites are taken, and who may see a published video. */

import { describe, expect, it } from "vitest";
import { advance } from "../../src/domain/advance.ts";
import { readPicture } from "../../src/domain/image.ts";
import { isPosterWanted, maxPosterBytes } from "../../src/domain/poster.ts";
import { judgeVisit, type Manifest, manifestOf, readOrigin } from "../../src/domain/publication.ts";
import type { Task } from "../../src/domain/task.ts";
import { publicationView } from "../../src/domain/view.ts";
import { gif, jpeg, png, webp } from "./images.ts";
import { follow, lookedFail, poster, start, states } from "./tasks.ts";

const publication = { origins: null, title: "Waves", alt: null, expiresAt: null };
const publish = (task: Task): Task => advance(task, { type: "published", publication }, start);

describe("the manifest", () => {
  it.each([
    ["accepted", { state: "making" }],
    ["generating", { state: "making" }],
    ["storing", { state: "making" }],
    ["failed", { state: "failed", code: "content_refused" }],
    [
      "succeeded",
      { state: "ready", width: 1366, height: 768, durationSeconds: 6, bytes: 1234, sha256: "ab".repeat(32) },
    ],
  ] as const)("of a task that is %s says so", (status, manifest) => {
    expect(manifestOf(publish(states[status]))).toMatchObject({ ...publication, ...manifest });
  });

  it.each(Object.values(states))("is none for a task that is not published: $status", (task) => {
    expect(manifestOf(task)).toBeNull();
  });

  it("is none once the caller cancelled, and cancelled videos are not published", () => {
    const cancelled = advance(publish(states.generating), { type: "cancelled" }, start);
    expect(manifestOf(cancelled)).toBeNull();
    expect(manifestOf(publish(states.cancelled))).toBeNull();
  });

  it("is none again when it is taken down", () => {
    expect(manifestOf(advance(publish(states.succeeded), { type: "unpublished" }, start))).toBeNull();
  });
});

describe("the poster", () => {
  const framed = (task: Task): Task => advance(publish(task), { type: "posterKept", poster }, start);
  const origin = "https://video.example.com";

  it.each(["accepted", "generating", "storing", "succeeded"] as const)(
    "of a video that is %s is in the manifest, in the answer and in what is pasted",
    (status) => {
      const task = framed(states[status]);
      expect(manifestOf(task)?.poster).toEqual(poster);
      const url = `${origin}/v/${task.fileId}/poster`;
      const view = publicationView(task, origin);
      expect(view?.poster_url).toBe(url);
      expect(view?.embed_html).toContain(` poster="${url}" aria-label="Waves" src=`);
    },
  );

  it("is none where there is none", () => {
    const view = publicationView(publish(states.succeeded), origin);
    expect(view?.poster_url).toBeNull();
    expect(view?.embed_html).not.toContain("poster");
  });

  it("is shown no more when the video failed, is cancelled or taken down", () => {
    const failed = follow(framed(states.generating), [lookedFail]);
    expect(manifestOf(failed)).toMatchObject({ state: "failed", poster: null });
    expect(publicationView(failed, origin)?.poster_url).toBeNull();
    expect(manifestOf(advance(framed(states.generating), { type: "cancelled" }, start))).toBeNull();
    expect(manifestOf(advance(framed(states.succeeded), { type: "unpublished" }, start))).toBeNull();
  });

  it("outlives a take-down with its video, and a second one does not replace it", () => {
    const again = follow(framed(states.succeeded), [
      { type: "unpublished" },
      { type: "published", publication },
      { type: "posterKept", poster: { ...poster, width: 1 } },
    ]);
    expect(manifestOf(again)?.poster).toEqual(poster);
  });

  const image = { kind: "stored", sha256: "ef".repeat(32), contentType: "image/png" } as const;
  const withFrame = (bytes: number, task: Task): Task => ({
    ...task,
    order: { ...task.order, images: { first_frame_image: { ...image, bytes } } },
  });
  const tried = { type: "posterTried" } as const;
  const wishes: [title: string, task: Task, withoutFrames: boolean, withFrames: boolean][] = [
    ["of a video that is not published", withFrame(5, states.accepted), false, false],
    ["of an order with a kept first frame", withFrame(5, publish(states.accepted)), true, true],
    ["of one as heavy as may be", withFrame(maxPosterBytes, publish(states.accepted)), true, true],
    ["of one that is heavier", withFrame(maxPosterBytes + 1, publish(states.accepted)), false, false],
    ["of one that is heavier, with its video", withFrame(1e8, publish(states.succeeded)), false, true],
    ["of a video to be", publish(states.generating), false, false],
    ["of a video that is there", publish(states.succeeded), false, true],
    ["of a video that failed", withFrame(5, publish(states.failed)), false, false],
    ["where there is one", framed(withFrame(5, states.succeeded)), false, false],
    ["after three tries", follow(publish(states.succeeded), [tried, tried, tried]), false, true],
    ["after four", follow(publish(states.succeeded), [tried, tried, tried, tried]), false, false],
    [
      "after four, and another publication",
      follow(publish(states.succeeded), [
        ...[tried, tried, tried, tried],
        { type: "unpublished" },
        { type: "published", publication },
      ]),
      false,
      true,
    ],
  ];
  it.each(wishes)("is wanted or not %s", (_title, task, withoutFrames, withFrames) => {
    expect([isPosterWanted(task, false), isPosterWanted(task, true)]).toEqual([withoutFrames, withFrames]);
  });

  it("is not wanted of an image at a public address", () => {
    const images = { first_frame_image: { kind: "url", url: "https://example.com/x.png" } } as const;
    const task = publish(states.accepted);
    expect(isPosterWanted({ ...task, order: { ...task.order, images } }, false)).toBe(false);
  });
});

describe("a picture", () => {
  it.each([
    ["image/jpeg", jpeg(1280, 720)],
    ["image/png", png(1280, 720)],
    ["image/webp", webp(1280, 720)],
  ])("is known as %s by its bytes", (contentType, bytes) => {
    expect(readPicture(bytes)).toEqual({ contentType, width: 1280, height: 720 });
  });

  it.each([
    ["of another kind", gif(1280, 720)],
    ["without a size", png(0, 0)],
    ["that is none", new TextEncoder().encode("a picture")],
    ["that is empty", new Uint8Array()],
  ])("%s is none", (_title, bytes) => {
    expect(readPicture(bytes)).toBeNull();
  });
});

describe("an origin", () => {
  it.each([
    ["https://example.com", "https://example.com"],
    ["https://WWW.Example.com:443", "https://www.example.com"],
    ["https://example.com:8443", "https://example.com:8443"],
    ["https://bücher.example", "https://xn--bcher-kva.example"],
    ["http://localhost", "http://localhost"],
    ["http://localhost:5173", "http://localhost:5173"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
  ])("%s is taken as %s", (text, origin) => {
    expect(readOrigin(text)).toBe(origin);
  });

  it.each([
    "",
    "*",
    "null",
    "example.com",
    "http://example.com",
    "http://localhost.example.com",
    "https://example.com/",
    "https://example.com/page",
    "https://example.com?x",
    "https://example.com#x",
    "https://user@example.com",
    "https://*.example.com",
    "https://example.com;script-src",
    "https://a.com,b.com",
    "https://a.com https://b.com",
    "https://a.com\r\nx: y",
    "https://[::1]",
    "ftp://example.com",
    "javascript:alert(1)",
  ])("%j is none", (text) => {
    expect(readOrigin(text)).toBeNull();
  });
});

describe("a visit", () => {
  const own = ["https://video.example.com"];
  const listed = { ...publication, origins: ["https://site.example"] };
  const making: Manifest = { ...listed, state: "making", poster: null };
  const rows: [string, { origin?: string; referer?: string }, "refused" | "making"][] = [
    ["from nowhere", {}, "making"],
    ["with a listed Origin", { origin: "https://site.example" }, "making"],
    ["with a listed Referer", { referer: "https://site.example/page?x" }, "making"],
    ["from our own player page", { referer: "https://video.example.com/v/file_1" }, "making"],
    ["with an empty Referer", { referer: "" }, "making"],
    ["with an unlisted Origin", { origin: "https://other.example" }, "refused"],
    ["with an unlisted Referer", { referer: "https://other.example/" }, "refused"],
    ["with a subdomain", { origin: "https://www.site.example" }, "refused"],
    ["with a longer name", { origin: "https://site.example.evil.example" }, "refused"],
    ["with another scheme", { origin: "http://site.example" }, "refused"],
    ["with another port", { origin: "https://site.example:8443" }, "refused"],
    ["from a sandbox", { origin: "null" }, "refused"],
    ["with a Referer that is none", { referer: "nonsense" }, "refused"],
    [
      "with a listed Origin and an unlisted Referer",
      { origin: "https://site.example", referer: "https://other.example/" },
      "refused",
    ],
  ];
  it.each(rows)("%s", (_title, { origin = null, referer = null }, verdict) => {
    expect(judgeVisit(making, { origin, referer }, own, start)).toBe(verdict);
    expect(judgeVisit({ ...making, origins: null }, { origin, referer }, own, start)).toBe("making");
  });

  it("comes too late from the second at which the publication ends", () => {
    const ending = { ...making, expiresAt: start };
    const nobody = { origin: null, referer: null };
    expect(judgeVisit(ending, nobody, own, start - 1)).toBe("making");
    expect(judgeVisit(ending, nobody, own, start)).toBe("expired");
  });
});

it("what is pasted into a page holds nothing but the text that the owner wrote", () => {
  const title = `"><script>alert('&')</script>`;
  const task = { ...publish(states.succeeded), publication: { ...publication, title } };
  expect(publicationView(task, "https://video.example.com")?.embed_html).toBe(
    `<video controls playsinline preload="metadata" width="1366" height="768" aria-label="&quot;&gt;&lt;script&gt;alert('&amp;')&lt;/script&gt;" src="https://video.example.com/v/${task.fileId}.mp4"></video>`,
  );
});
