/** A stored video behind its signed link, as players, browsers and caches ask for it. */

import { beforeAll, describe, expect, it } from "vitest";
import { fileIdOf, filePath, taskIdFrom, videoKey } from "../../src/domain/ids.ts";
import { readSettings } from "../../src/env.ts";
import { type Disposition, signLink } from "../../src/ports/links.ts";
import { call, env, readError } from "./worker.ts";

const size = 5000;
const bytes = new Uint8Array(size).map((_, index) => (index * 7) % 251);
const newId = () => fileIdOf(taskIdFrom(crypto.getRandomValues(new Uint8Array(26))));
const fileId = newId();
const now = Math.floor(Date.now() / 1000);

let etag = "";
let uploaded = new Date();
let link = "";
let expired = "";

function sign(file: string, about: { disposition?: Disposition; at?: number; lifeSeconds?: number } = {}) {
  const result = readSettings(env);
  if (!result.ok) throw new Error(result.problems.join(" "));
  const { disposition = "inline", at = now, lifeSeconds = 3600 } = about;
  return signLink(result.settings.linkKeys, {
    path: filePath(file),
    lifeSeconds,
    disposition,
    filename: null,
    now: at,
  });
}

beforeAll(async () => {
  const object = await env.VIDEOS.put(videoKey(fileId), bytes, {
    httpMetadata: { contentType: "video/mp4" },
  });
  etag = object.httpEtag;
  uploaded = object.uploaded;
  link = (await sign(fileId)).pathAndQuery;
  expired = (await sign(fileId, { at: now - 100_000 })).pathAndQuery;
});

const get = (headers: Record<string, string> = {}, path = link) => call(path, { headers });
const head = (headers: Record<string, string> = {}, path = link) => call(path, { method: "HEAD", headers });
const read = async (response: Response) => new Uint8Array(await response.arrayBuffer());

describe("the whole file", () => {
  it("comes byte for byte, with what a player and a cache need", async () => {
    const response = await get();
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "video/mp4",
      "accept-ranges": "bytes",
      etag,
      "last-modified": uploaded.toUTCString(),
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "cross-origin",
      "access-control-allow-origin": "*",
    });
    expect(etag).toMatch(/^"[^"]+"$/);
    expect(await read(response)).toEqual(bytes);
  });

  it("is told by HEAD with the same headers, its length and no body", async () => {
    const [whole, only] = [await get(), await head()];
    await whole.body?.cancel();
    expect(only.status).toBe(200);
    expect(only.headers.get("content-length")).toBe(String(size));
    expect((await read(only)).byteLength).toBe(0);
    const headersOf = (response: Response) => {
      const { "x-request-id": _, "content-length": __, ...others } = Object.fromEntries(response.headers);
      return others;
    };
    expect(headersOf(only)).toEqual(headersOf(whole));
    expect(whole.headers.get("content-length") ?? String(size)).toBe(String(size));
  });

  it("is private, kept no longer than its link lives, and never compressed", async () => {
    const control = (await head({ "accept-encoding": "gzip, br" })).headers.get("cache-control") ?? "";
    expect(control).toContain("private");
    expect(control).toContain("no-transform");
    const soon = (await sign(fileId, { lifeSeconds: 60 })).pathAndQuery;
    const age = Number(/max-age=(\d+)/.exec((await head({}, soon)).headers.get("cache-control") ?? "")?.[1]);
    expect(age).toBeGreaterThan(0);
    expect(age).toBeLessThanOrEqual(120);
    const response = await get({ "accept-encoding": "gzip, br" });
    expect(response.headers.get("content-encoding")).toBeNull();
    expect(await read(response)).toEqual(bytes);
  });

  it("exposes to scripts of other sites the headers that players read", async () => {
    const exposed = (await head({ origin: "https://site.example" })).headers.get(
      "access-control-expose-headers",
    );
    for (const name of ["content-range", "content-length", "etag", "accept-ranges", "content-disposition"]) {
      expect(exposed).toContain(name);
    }
  });

  it.each(["inline", "attachment"] as const)("is %s if its link says so", async (disposition) => {
    const { pathAndQuery } = await sign(fileId, { disposition });
    const response = await head({}, pathAndQuery);
    expect(response.headers.get("content-disposition")).toBe(`${disposition}; filename="${fileId}.mp4"`);
  });
});

describe("a 304", () => {
  it("describes no file, as it sends none: only what a cache needs (RFC 9110, 15.4.5)", async () => {
    const { headers } = await get({ "if-none-match": etag });
    expect([headers.get("etag"), headers.get("cache-control")]).toEqual([
      etag,
      expect.stringContaining("max-age"),
    ]);
    for (const name of ["content-type", "content-disposition", "content-length", "content-range"]) {
      expect(headers.get(name), name).toBeNull();
    }
  });
});

describe("a range", () => {
  const parts: [range: string, from: number, to: number][] = [
    ["bytes=0-1", 0, 1],
    ["bytes=0-0", 0, 0],
    ["bytes=0-", 0, size - 1],
    ["bytes=100-199", 100, 199],
    ["bytes=4999-", 4999, 4999],
    ["bytes=4990-9999", 4990, 4999],
    ["bytes=4999-4999", 4999, 4999],
    ["bytes=0-999999999999", 0, 4999],
    ["bytes=-1", 4999, 4999],
    ["bytes=-500", 4500, 4999],
    ["bytes=-5000", 0, 4999],
    ["bytes=-999999", 0, 4999],
    ["Bytes=0-1", 0, 1],
  ];
  it.each(parts)("%s is 206 with the bytes %d to %d", async (range, from, to) => {
    const response = await get({ range });
    expect(response.status).toBe(206);
    expect(response.headers.get("content-range")).toBe(`bytes ${from}-${to}/${size}`);
    expect(response.headers.get("etag")).toBe(etag);
    expect(response.headers.get("accept-ranges")).toBe("bytes");
    expect(response.headers.get("content-length") ?? String(to - from + 1)).toBe(String(to - from + 1));
    expect(await read(response)).toEqual(bytes.slice(from, to + 1));
  });

  it.each(["bytes=5000-", "bytes=5000-5001", "bytes=999999-", "bytes=-0"])(
    "%s lies outside: 416 with the true size",
    async (range) => {
      const response = await get({ range, origin: "https://site.example" });
      expect(response.status).toBe(416);
      expect(response.headers.get("content-range")).toBe(`bytes */${size}`);
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
      expect((await readError(response)).code).toBe("range_not_satisfiable");
    },
  );

  it.each([
    "bytes=0-1,5-6",
    "bytes=5-2",
    "bytes=a-b",
    "bytes=",
    "bytes=-",
    "items=0-1",
    "0-1",
    "bytes 0-1",
    "bytes=0-1-2",
  ])("%s is ignored: 200 with the whole file", async (range) => {
    const response = await get({ range });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-range")).toBeNull();
    expect(await read(response)).toEqual(bytes);
  });

  it("does not apply to HEAD, which tells the whole file", async () => {
    const response = await head({ range: "bytes=0-1" });
    expect([response.status, response.headers.get("content-length")]).toEqual([200, String(size)]);
  });
});

describe("a condition", () => {
  const older = () => new Date(uploaded.getTime() - 60_000).toUTCString();
  const newer = () => new Date(uploaded.getTime() + 60_000).toUTCString();
  const rows: [title: string, headers: () => Record<string, string>, status: number][] = [
    ["If-None-Match with this version", () => ({ "if-none-match": etag }), 304],
    ["If-None-Match with a weak form of it", () => ({ "if-none-match": `W/${etag}` }), 304],
    ["If-None-Match with a list", () => ({ "if-none-match": `"other", ${etag}` }), 304],
    ["If-None-Match: *", () => ({ "if-none-match": "*" }), 304],
    ["If-None-Match with another version", () => ({ "if-none-match": '"other"' }), 200],
    ["If-Modified-Since now", () => ({ "if-modified-since": uploaded.toUTCString() }), 304],
    ["If-Modified-Since later", () => ({ "if-modified-since": newer() }), 304],
    ["If-Modified-Since earlier", () => ({ "if-modified-since": older() }), 200],
    ["If-Modified-Since nonsense", () => ({ "if-modified-since": "nonsense" }), 200],
    ["If-Match with this version", () => ({ "if-match": etag }), 200],
    ["If-Match: *", () => ({ "if-match": "*" }), 200],
    ["If-Match with another version", () => ({ "if-match": '"other"' }), 412],
    ["If-Match with a weak form", () => ({ "if-match": `W/${etag}` }), 412],
    ["If-Unmodified-Since earlier", () => ({ "if-unmodified-since": older() }), 412],
    ["If-Unmodified-Since later", () => ({ "if-unmodified-since": newer() }), 200],
    ["a range of this version under If-Match", () => ({ range: "bytes=0-1", "if-match": etag }), 206],
    ["a range of another version under If-Match", () => ({ range: "bytes=0-1", "if-match": '"other"' }), 412],
    ["a range of what one has", () => ({ range: "bytes=0-1", "if-none-match": etag }), 304],
    [
      "a range that lies outside, of what one has",
      () => ({ range: "bytes=9000-", "if-none-match": etag }),
      304,
    ],
    [
      "a range that lies outside, of another version",
      () => ({ range: "bytes=9000-", "if-match": '"other"' }),
      412,
    ],
    ["If-Range with this version", () => ({ range: "bytes=0-1", "if-range": etag }), 206],
    ["If-Range with its date", () => ({ range: "bytes=0-1", "if-range": uploaded.toUTCString() }), 206],
    ["If-Range with a stale version", () => ({ range: "bytes=0-1", "if-range": '"stale"' }), 200],
    ["If-Range with a weak form", () => ({ range: "bytes=0-1", "if-range": `W/${etag}` }), 200],
    ["If-Range with an old date", () => ({ range: "bytes=0-1", "if-range": older() }), 200],
    ["If-Range with nonsense", () => ({ range: "bytes=0-1", "if-range": "nonsense" }), 200],
    // The range was meant for another, longer version: it is ignored, as RFC 9110 (14.2) has it.
    [
      "If-Range with a stale version and a range beyond",
      () => ({ range: "bytes=9000-", "if-range": '"stale"' }),
      200,
    ],
    [
      "If-Range with this version and a range beyond",
      () => ({ range: "bytes=9000-", "if-range": etag }),
      416,
    ],
    ["If-Range without a range", () => ({ "if-range": '"stale"' }), 200],
  ];
  it.each(rows)("%s", async (_title, headers, status) => {
    const response = await get(headers());
    expect(response.status).toBe(status);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    if (status !== 416) expect(response.headers.get("etag")).toBe(etag);
    if (status === 200) expect(await read(response)).toEqual(bytes);
    else if (status === 206) expect(await read(response)).toEqual(bytes.slice(0, 2));
    else if (status === 304) expect((await read(response)).byteLength).toBe(0);
    else if (status === 412) expect((await readError(response)).code).toBe("precondition_failed");
    else await response.text();
  });

  it.each([
    ["if-none-match", 304],
    ["if-match", 200],
  ] as const)("%s holds for HEAD too", async (name, status) => {
    expect((await head({ [name]: etag })).status).toBe(status);
    expect((await head({ [name]: '"other"' })).status).toBe(status === 304 ? 200 : 412);
  });
});

describe("a link that is not to be opened", () => {
  const refused: [title: string, path: () => string | Promise<string>, status: number, code: string][] = [
    ["without a signature", () => filePath(fileId), 403, "link_unsigned"],
    ["past its time", () => expired, 403, "link_expired"],
    [
      "stretched",
      () => link.replace(/exp=(\d+)/, (_, exp) => `exp=${Number(exp) + 60}`),
      403,
      "link_invalid",
    ],
    ["expired and stretched", () => expired.replace(/exp=\d+/, `exp=${now + 3600}`), 403, "link_invalid"],
    ["for another file", () => link.replace(fileId, newId()), 403, "link_invalid"],
    ["with another key's name", () => link.replace("kid=local", "kid=other"), 403, "link_invalid"],
    ["turned into a download", () => `${link}&dl`, 403, "link_invalid"],
    ["with a parameter of somebody's", () => `${link}&utm_source=x`, 403, "link_invalid"],
    ["with padding", () => `${link}=`, 403, "link_invalid"],
    ["with an encoded parameter", () => link.replace("kid=", "%6bid="), 403, "link_invalid"],
    ["in an encoded path", () => link.replace("/files/file_", "/files/%66ile_"), 403, "link_invalid"],
    ["with the extension encoded", () => link.replace(".mp4", "%2emp4"), 403, "link_invalid"],
    ["with another extension", () => link.replace(".mp4", ".MP4"), 403, "link_invalid"],
    ["with a slash at the end", () => link.replace(".mp4", ".mp4/"), 403, "link_invalid"],
    ["in a folder", () => link.replace("/files/", "/files/x/"), 403, "link_invalid"],
    ["to a name that is none of ours", () => link.replace(fileId, "file_x"), 403, "link_invalid"],
    ["to a file that is gone", async () => (await sign(newId())).pathAndQuery, 404, "not_found"],
  ];
  it.each(refused)("is refused with a code, CORS and no-store: %s", async (_title, path, status, code) => {
    const url = await path();
    const response = await get({ origin: "https://site.example", range: "bytes=0-1" }, url);
    expect(response.status).toBe(status);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    // Without it a page that isolates itself (COEP) gets a network error in place of the reason.
    expect(response.headers.get("cross-origin-resource-policy")).toBe("cross-origin");
    expect(response.headers.get("etag")).toBeNull();
    expect(await readError(response)).toMatchObject({ form: "openai", code });
    const only = await head({}, url);
    expect([only.status, (await read(only)).byteLength]).toEqual([status, 0]);
  });

  it("does not open by any single changed bit", async () => {
    const end = link.indexOf("?") + 1;
    const opened: string[] = [];
    for (let index = end; index < link.length; index++) {
      for (const bit of [1, 2, 4, 8, 16, 32]) {
        const changed = String.fromCharCode(link.charCodeAt(index) ^ bit);
        // A `#` begins what a client does not send; the rest is cut off, and that must not open either.
        const response = await call(link.slice(0, index) + changed + link.slice(index + 1));
        if (response.status < 400) opened.push(`${index}: ${changed}`);
        await response.text();
      }
    }
    expect(opened).toEqual([]);
  });

  it("answers a preflight before it judges the link", async () => {
    for (const path of [expired, filePath(fileId), link]) {
      const response = await call(path, {
        method: "OPTIONS",
        headers: {
          origin: "https://site.example",
          "access-control-request-method": "GET",
          "access-control-request-headers": "range",
        },
      });
      expect(response.status).toBe(204);
      expect(response.headers.get("access-control-allow-headers")).toContain("range");
      expect(response.headers.get("access-control-allow-methods")).toContain("HEAD");
    }
  });

  it.each(["POST", "PUT", "DELETE"])("is for reading only: %s is told so", async (method) => {
    expect((await call(link, { method })).status).toBe(405);
    expect(await env.VIDEOS.head(videoKey(fileId))).not.toBeNull();
  });
});
