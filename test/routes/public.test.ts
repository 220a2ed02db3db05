/** A published video at its address, as pages, players and caches ask for it: the manifest in R2 decides. */

import { beforeAll, describe, expect, it } from "vitest";
import {
  fileIdOf,
  manifestKey,
  posterKey,
  posterPath,
  publicPath,
  taskIdFrom,
  videoKey,
} from "../../src/domain/ids.ts";
import type { Poster } from "../../src/domain/poster.ts";
import type { Manifest } from "../../src/domain/publication.ts";
import { writeManifest } from "../../src/ports/manifests.ts";
import { call, env, origin, readError } from "./worker.ts";

const size = 5000;
const bytes = new Uint8Array(size).map((_, index) => (index * 7) % 251);
const sha256 = "ab".repeat(32);
const etag = `"${sha256}"`;
const storedAt = 1_795_467_600_000;
const modified = new Date(storedAt).toUTCString();
const newId = () => fileIdOf(taskIdFrom(crypto.getRandomValues(new Uint8Array(26))));
const site = "https://site.example";

const open = { origins: null, title: "Waves", alt: null, expiresAt: null, poster: null };
const ready: Manifest = {
  ...open,
  ...{
    state: "ready",
    width: 1366,
    height: 768,
    durationSeconds: 6,
    bytes: size,
    sha256,
    storedAt,
  },
};

const stored = newId();
const locked = newId();
async function publish(manifest: Manifest, fileId = newId()): Promise<string> {
  await env.VIDEOS.put(videoKey(fileId), bytes);
  await writeManifest(env.VIDEOS, fileId, manifest);
  return publicPath(fileId);
}
beforeAll(async () => {
  await publish(ready, stored);
  await publish({ ...ready, origins: [site] }, locked);
});

const whole = { "content-length": String(size) };
type Row = [
  string,
  RequestInit & { headers?: Record<string, string> },
  number,
  Record<string, string | null>,
];
const rows: Row[] = [
  ["GET", {}, 200, {}],
  ["HEAD", { method: "HEAD" }, 200, whole],
  ["HEAD with a range", { method: "HEAD", headers: { range: "bytes=0-1" } }, 200, whole],
  [
    "the range that Safari opens with",
    { headers: { range: "bytes=0-1" } },
    206,
    { "content-range": "bytes 0-1/5000" },
  ],
  ["an open range", { headers: { range: "bytes=4990-" } }, 206, { "content-range": "bytes 4990-4999/5000" }],
  ["a suffix", { headers: { range: "bytes=-500" } }, 206, { "content-range": "bytes 4500-4999/5000" }],
  [
    "a suffix longer than all",
    { headers: { range: "bytes=-9999" } },
    206,
    { "content-range": "bytes 0-4999/5000" },
  ],
  [
    "a range past the end",
    { headers: { range: "bytes=4990-9999" } },
    206,
    { "content-range": "bytes 4990-4999/5000" },
  ],
  ["several ranges", { headers: { range: "bytes=0-1,4-5" } }, 200, { "content-range": null }],
  ["a range outside", { headers: { range: "bytes=5000-" } }, 416, { "content-range": "bytes */5000" }],
  ["an empty suffix", { headers: { range: "bytes=-0" } }, 416, { "content-range": "bytes */5000" }],
  ["If-None-Match of it", { headers: { "if-none-match": etag } }, 304, {}],
  ["If-None-Match, weak", { headers: { "if-none-match": `W/${etag}` } }, 304, {}],
  ["If-None-Match of another", { headers: { "if-none-match": '"x"' } }, 200, {}],
  ["If-Modified-Since", { headers: { "if-modified-since": modified } }, 304, {}],
  ["If-Match of another", { headers: { "if-match": '"x"' } }, 412, {}],
  [
    "If-Range of it",
    { headers: { range: "bytes=0-1", "if-range": etag } },
    206,
    { "content-range": "bytes 0-1/5000" },
  ],
  [
    "If-Range of another",
    { headers: { range: "bytes=0-1", "if-range": '"x"' } },
    200,
    { "content-range": null },
  ],
];

describe("a published video answers", () => {
  it.each(rows)("%s", async (_title, init, status, headers) => {
    const response = await call(publicPath(stored), init);
    expect(response.status).toBe(status);
    for (const [name, value] of Object.entries(headers)) expect(response.headers.get(name), name).toBe(value);
    const body = new Uint8Array(await response.arrayBuffer());
    if (status >= 400) return expect(response.headers.get("cache-control")).toBe("no-store");
    const described = {
      "content-type": "video/mp4",
      "content-disposition": `inline; filename="${stored}.mp4"`,
      "accept-ranges": "bytes",
    };
    expect(Object.fromEntries(response.headers)).toMatchObject({
      ...(status === 304 ? {} : described),
      "cache-control": "public, max-age=300, no-transform",
      "access-control-allow-origin": "*",
      "cross-origin-resource-policy": "cross-origin",
      "last-modified": modified,
      vary: "Origin",
      etag,
    });
    const [, from = "0", to = String(size - 1)] =
      /bytes (\d+)-(\d+)/.exec(response.headers.get("content-range") ?? "") ?? [];
    if (status === 304 || init.method === "HEAD") expect(body.byteLength).toBe(0);
    else expect(body).toEqual(bytes.slice(Number(from), Number(to) + 1));
  });
});

it("is kept by browsers no longer than it is published", async () => {
  const path = await publish({ ...ready, expiresAt: Date.now() + 60_500 });
  const control = (await call(path, { method: "HEAD" })).headers.get("cache-control") ?? "";
  const age = Number(/^public, max-age=(\d+), no-transform$/.exec(control)?.[1]);
  expect(age).toBeGreaterThan(40);
  expect(age).toBeLessThanOrEqual(60);
});

describe("a video published for one site", () => {
  const visits: [title: string, headers: Record<string, string>, status: number, allowed: string | null][] = [
    ["a plain <video>, which says nothing", {}, 200, null],
    ["its site's script", { origin: site, referer: `${site}/page` }, 200, site],
    ["its site's <video>", { referer: `${site}/` }, 200, null],
    ["our own page", { referer: `${origin}/v/x`, origin }, 200, origin],
    ["another site's script", { origin: "https://other.example" }, 403, "*"],
    ["another site's <video>", { referer: "https://other.example/" }, 403, "*"],
    ["a subdomain", { origin: "https://www.site.example" }, 403, "*"],
    ["a sandboxed frame", { origin: "null" }, 403, "*"],
  ];
  it.each(visits)("meets %s", async (_title, headers, status, allowed) => {
    const response = await call(publicPath(locked), { headers });
    expect(response.status).toBe(status);
    // Who is refused may read why.
    expect(response.headers.get("access-control-allow-origin")).toBe(allowed);
    expect(response.headers.get("vary")).toBe("Origin, Referer");
    if (status === 200) return response.body?.cancel();
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await readError(response)).toMatchObject({ form: "openai", code: "origin_refused" });
  });

  it("refuses another site whatever it asks for", async () => {
    const headers = { origin: "https://other.example", "if-none-match": etag, range: "bytes=0-1" };
    expect((await call(publicPath(locked), { headers })).status).toBe(403);
    expect((await call(publicPath(locked), { method: "HEAD", headers })).status).toBe(403);
  });
});

describe("an address without a video", () => {
  it.each([
    ["while it is made", { ...open, state: "making" }, 404, "publication_making", "5"],
    [
      "when none came",
      { ...open, state: "failed", code: "content_refused" },
      410,
      "publication_failed",
      null,
    ],
    ["past its date", { ...ready, expiresAt: Date.now() - 1000 }, 410, "publication_expired", null],
    [
      "past its date, never made",
      { ...open, expiresAt: 1, state: "making" },
      410,
      "publication_expired",
      null,
    ],
  ] as [string, Manifest, number, string, string | null][])(
    "says so %s, and is not kept",
    async (_title, manifest, status, code, retryAfter) => {
      const path = await publish(manifest);
      for (const method of ["GET", "HEAD"]) {
        const response = await call(path, { method, headers: { range: "bytes=0-1" } });
        expect(response.status).toBe(status);
        expect(Object.fromEntries(response.headers)).toMatchObject({
          "cache-control": "no-store",
          "access-control-allow-origin": "*",
          "cross-origin-resource-policy": "cross-origin",
          "x-should-retry": String(code === "publication_making"),
        });
        expect(response.headers.get("retry-after")).toBe(retryAfter);
        if (method === "GET") expect(await readError(response)).toMatchObject({ form: "openai", code });
      }
    },
  );

  it.each([
    ["unknown", publicPath(newId())],
    ["malformed", "/v/file_x.mp4"],
    ["of another kind", `/v/${stored}.webm`],
    ["written otherwise", `/v/${stored.replace("_", "%5F")}.mp4`],
  ])("that is %s is 404", async (_title, path) => {
    const response = await call(path);
    expect(response.status).toBe(404);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await readError(response)).toMatchObject({ form: "openai", code: "not_found" });
  });

  it("is 404 as soon as its manifest is gone", async () => {
    const fileId = newId();
    const path = await publish(ready, fileId);
    await (await call(path)).body?.cancel();
    await env.VIDEOS.delete(manifestKey(fileId));
    expect((await call(path)).status).toBe(404);
    expect((await call(path, { headers: { "if-none-match": etag } })).status).toBe(404);
  });
});

describe("a poster", () => {
  const picture = new Uint8Array(300).map((_, index) => index % 251);
  const poster: Poster = {
    ...{ contentType: "image/webp", width: 1366, height: 768, bytes: 300, sha256: "cd".repeat(32) },
    keptAt: storedAt,
  };
  const tag = `"${poster.sha256}"`;
  async function show(manifest: Manifest): Promise<string> {
    const fileId = newId();
    await publish(manifest, fileId);
    await env.VIDEOS.put(posterKey(fileId), picture);
    return posterPath(fileId);
  }

  it.each([
    ["of a video that is there", { ...ready, poster }],
    ["while the video is made", { ...open, state: "making", poster }],
  ] as [string, Manifest][])(
    "%s is served as what it is, and kept as the video is",
    async (_title, manifest) => {
      const path = await show(manifest);
      const response = await call(path);
      expect(response.status).toBe(200);
      expect(await response.bytes()).toEqual(picture);
      const headers = {
        "content-type": "image/webp",
        "content-disposition": `inline; filename="${path.split("/")[2]}.webp"`,
        "cache-control": "public, max-age=300, no-transform",
        "access-control-allow-origin": "*",
        "cross-origin-resource-policy": "cross-origin",
        "x-content-type-options": "nosniff",
        "last-modified": modified,
        vary: "Origin",
        etag: tag,
      };
      expect(Object.fromEntries(response.headers)).toMatchObject(headers);
      const head = await call(path, { method: "HEAD" });
      expect(Object.fromEntries(head.headers)).toMatchObject({ ...headers, "content-length": "300" });
      expect((await head.bytes()).byteLength).toBe(0);
      const again = await call(path, { headers: { "if-none-match": tag } });
      expect([again.status, again.headers.get("etag")]).toEqual([304, tag]);
    },
  );

  it.each([
    ["its site's page", { referer: `${site}/page` }, 200],
    ["its site's script", { origin: site }, 200],
    ["our own page", { referer: `${origin}/v/x` }, 200],
    ["nobody", {}, 200],
    ["another site's page", { referer: "https://other.example/" }, 403],
    ["another site's script", { origin: "https://other.example" }, 403],
  ] as [string, Record<string, string>, number][])(
    "of a video for one site meets %s",
    async (_title, headers, status) => {
      const response = await call(await show({ ...ready, origins: [site], poster }), { headers });
      expect([response.status, response.headers.get("vary")]).toEqual([status, "Origin, Referer"]);
      if (status === 200) return response.body?.cancel();
      expect(await readError(response)).toMatchObject({ code: "origin_refused" });
    },
  );

  it.each([
    ["when none came", { ...open, state: "failed", code: "content_refused" }, 410, "publication_failed"],
    ["past its date", { ...ready, poster, expiresAt: 1 }, 410, "publication_expired"],
    ["of a video without one", ready, 404, "not_found"],
    ["of a video to be without one", { ...open, state: "making" }, 404, "not_found"],
  ] as [string, Manifest, number, string][])("%s is refused", async (_title, manifest, status, code) => {
    const response = await call(await show(manifest));
    expect([response.status, response.headers.get("cache-control")]).toEqual([status, "no-store"]);
    expect(await readError(response)).toMatchObject({ form: "openai", code });
  });

  it("that there is none of says so; what is taken down says nothing", async () => {
    expect(await readError(await call(await show(ready)))).toMatchObject({
      message: "This video has no poster.",
    });
    const path = await show({ ...ready, poster });
    await env.VIDEOS.delete(manifestKey(path.split("/")[2] ?? ""));
    const response = await call(path, { headers: { "if-none-match": tag } });
    expect(response.status).toBe(404);
    expect(await readError(response)).toMatchObject({ message: "No video is published at this address." });
    expect((await call("/v/file_x/poster")).status).toBe(404);
  });
});

it("answers a preflight before it judges anything", async () => {
  const headers = { origin: "https://other.example", "access-control-request-method": "GET" };
  const response = await call(publicPath(locked), { method: "OPTIONS", headers });
  expect(response.status).toBe(204);
  expect(response.headers.get("access-control-allow-methods")).toContain("GET");
});
