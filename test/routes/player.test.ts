/** The player page and oEmbed: states in words, what may frame it, and nothing in it but what was meant. */

import { describe, expect, it } from "vitest";
import { fileIdOf, taskIdFrom } from "../../src/domain/ids.ts";
import type { Poster } from "../../src/domain/poster.ts";
import type { Manifest } from "../../src/domain/publication.ts";
import { writeManifest } from "../../src/ports/manifests.ts";
import { call, env, origin, readError } from "./worker.ts";

const open = { origins: null, title: "Waves", alt: null, expiresAt: null, poster: null };
const ready: Manifest = {
  ...open,
  ...{ state: "ready", width: 1366, height: 768, durationSeconds: 6, bytes: 5, sha256: "ab", storedAt: 1 },
};

async function publish(manifest: Manifest | null): Promise<string> {
  const fileId = fileIdOf(taskIdFrom(crypto.getRandomValues(new Uint8Array(26))));
  await writeManifest(env.VIDEOS, fileId, manifest);
  return fileId;
}

describe("the player page", () => {
  const states: [string, Manifest | null, number, string, string][] = [
    ["with the video", ready, 200, "<video controls", "public, max-age=300"],
    ["while it is made", { ...open, state: "making" }, 200, "still being made", "no-store"],
    ["when none came", { ...open, state: "failed", code: "not_sent" }, 410, "could not be made", "no-store"],
    ["past its date", { ...ready, expiresAt: 1 }, 410, "date that has passed", "no-store"],
    ["of what is not published", null, 404, "Nothing is published", "no-store"],
  ];
  it.each(states)("%s", async (_title, manifest, status, words, cacheControl) => {
    const response = await call(`/v/${await publish(manifest)}`, {
      headers: { referer: "https://a.example/" },
    });
    expect(response.status).toBe(status);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/html; charset=UTF-8",
      "cache-control": cacheControl,
    });
    expect(await response.text()).toContain(words);
  });

  it("tells scripts that it waits, with an answer that is no error", async () => {
    const retryAfter = async (manifest: Manifest) =>
      (await call(`/v/${await publish(manifest)}`, { method: "HEAD" })).headers.get("retry-after");
    expect(await retryAfter({ ...open, state: "making" })).toBe("5");
    expect(await retryAfter(ready)).toBe(null);
  });

  it("has the video's shape before it has the video, and what previews and oEmbed look for", async () => {
    const fileId = await publish({ ...ready, alt: "Waves roll in" });
    const page = await (await call(`/v/${fileId}`)).text();
    const here = `${origin}/v/${fileId}`;
    for (const part of [
      `<video controls playsinline preload="metadata" width="1366" height="768" aria-label="Waves roll in" src="/v/${fileId}.mp4">`,
      `<link rel="alternate" type="application/json+oembed" href="${origin}/oembed?url=${encodeURIComponent(here)}"`,
      `<meta property="og:video" content="${here}.mp4">`,
      `<meta name="twitter:player" content="${here}">`,
      `<link rel="canonical" href="${here}">`,
      "<title>Waves</title>",
    ]) {
      expect(page).toContain(part);
    }
  });

  it.each([
    [null, "frame-ancestors *"],
    [
      ["https://site.example", "http://localhost:3000"],
      "frame-ancestors 'self' https://site.example http://localhost:3000",
    ],
  ])("may be framed by %j, and loads nothing but itself", async (origins, ancestors) => {
    const response = await call(`/v/${await publish({ ...ready, origins })}`);
    const policy = response.headers.get("content-security-policy")?.split("; ");
    expect(policy).toContain(ancestors);
    expect(policy).toContain("default-src 'none'");
    expect(policy?.join()).not.toContain("unsafe");
  });

  it("shows a title as its owner wrote it, whatever it looks like", async () => {
    const title = `</title><script>alert("'&")</script>`;
    for (const manifest of [
      { ...ready, title, alt: title },
      { ...open, title, state: "making" } as Manifest,
    ]) {
      const page = await (await call(`/v/${await publish(manifest)}`)).text();
      expect(page).not.toContain("<script>alert");
      expect(page).toContain("&lt;script&gt;alert(");
    }
  });
});

describe("a poster", () => {
  const poster: Poster = {
    ...{ contentType: "image/png", width: 1366, height: 768, bytes: 5, sha256: "cd", keptAt: 1 },
  };

  it("stands in the player, and in what social cards are made of", async () => {
    const fileId = await publish({ ...ready, alt: "Waves roll in", poster });
    const response = await call(`/v/${fileId}`);
    const page = await response.text();
    const url = `${origin}/v/${fileId}/poster`;
    for (const part of [
      `width="1366" height="768" poster="/v/${fileId}/poster" aria-label`,
      `<meta property="og:image" content="${url}">`,
      '<meta property="og:image:type" content="image/png">',
      '<meta property="og:image:width" content="1366">',
      '<meta property="og:image:height" content="768">',
      '<meta property="og:image:alt" content="Waves roll in">',
      `<meta name="twitter:image" content="${url}">`,
    ]) {
      expect(page).toContain(part);
    }
    expect(response.headers.get("content-security-policy")).toContain("; img-src 'self' data:;");
  });

  it("stands in the gate while the video is made, in its own shape", async () => {
    const fileId = await publish({ ...open, state: "making", alt: 'Waves "roll" in', poster });
    const response = await call(`/v/${fileId}`);
    expect(await response.text()).toContain(
      `<img class="frame" src="/v/${fileId}/poster" width="1366" height="768" alt="Waves &quot;roll&quot; in">`,
    );
    expect(response.headers.get("content-security-policy")).toContain("; img-src 'self' data:;");
  });

  it.each([ready, { ...open, state: "making" } as Manifest])(
    "that there is none of is nowhere",
    async (manifest) => {
      const response = await call(`/v/${await publish(manifest)}`);
      expect(await response.text()).not.toMatch(/poster|<img|og:image|twitter:image/);
      expect(response.headers.get("content-security-policy")).toContain("; img-src data:;");
    },
  );

  it.each([
    ["", true],
    ["&maxwidth=1366&maxheight=768", true],
    ["&maxwidth=1365", false],
    ["&maxheight=767", false],
  ])("is oEmbed's thumbnail where there is room for it: '%s'", async (room, isThere) => {
    const fileId = await publish({ ...ready, poster });
    const url = encodeURIComponent(`${origin}/v/${fileId}`);
    const told = await (await call(`/oembed?url=${url}${room}`)).json<Record<string, unknown>>();
    const thumbnail = Object.entries(told).filter(([name]) => name.startsWith("thumbnail_"));
    expect(Object.fromEntries(thumbnail)).toEqual(
      isThere
        ? {
            thumbnail_url: `${origin}/v/${fileId}/poster`,
            thumbnail_width: 1366,
            thumbnail_height: 768,
          }
        : {},
    );
  });
});

describe("oEmbed", () => {
  const ask = (query: string) => call(`/oembed?${query}`);
  const urlOf = (fileId: string, ending = "") =>
    `url=${encodeURIComponent(`${origin}/v/${fileId}${ending}`)}`;

  it.each(["", ".mp4"])(
    "tells how to embed what is published at an address that ends in '%s'",
    async (ending) => {
      const fileId = await publish(ready);
      const response = await ask(urlOf(fileId, ending));
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
      expect(await response.json()).toEqual({
        version: "1.0",
        type: "video",
        provider_name: "filmgate",
        title: "Waves",
        width: 1366,
        height: 768,
        html: `<iframe src="${origin}/v/${fileId}" width="1366" height="768" title="Waves" allow="fullscreen; picture-in-picture" allowfullscreen></iframe>`,
      });
    },
  );

  it.each([
    ["maxwidth=683", 683, 384],
    ["maxheight=384", 683, 384],
    ["maxwidth=9999&maxheight=76", 135, 76],
  ])("keeps to %s", async (room, width, height) => {
    expect(await (await ask(`${urlOf(await publish(ready))}&${room}`)).json()).toMatchObject({
      width,
      height,
    });
  });

  it.each([
    ["being made", { ...open, state: "making" }, 404, "publication_making"],
    ["failed", { ...open, state: "failed", code: "not_sent" }, 410, "publication_failed"],
    ["ended", { ...ready, expiresAt: 1 }, 410, "publication_expired"],
    ["not published", null, 404, "not_found"],
  ] as [string, Manifest | null, number, string][])(
    "refuses what is %s",
    async (_title, manifest, status, code) => {
      const response = await ask(urlOf(await publish(manifest)));
      expect(response.status).toBe(status);
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(await readError(response)).toMatchObject({ form: "openai", code, param: "url" });
    },
  );

  it("knows its own addresses only", async () => {
    const fileId = await publish(ready);
    for (const url of [
      `https://elsewhere.example/v/${fileId}`,
      "nonsense",
      `${origin}/files/${fileId}.mp4`,
    ]) {
      expect((await ask(`url=${encodeURIComponent(url)}`)).status).toBe(404);
    }
    expect((await call("/oembed")).status).toBe(400);
    expect((await ask(`${urlOf(fileId)}&format=xml`)).status).toBe(400);
  });
});
