/**
 * Storing a download in the real local R2: whole or not at all, and carried on where it was cut. A file comes in one
 * piece if its length is known and not large; the others, here of two parts and a half, come in parts.
 */

import { describe, expect, it } from "vitest";
import { finishUpload, keepVideo, startOverBytes, takeStored } from "../../src/ports/bucket.ts";
import { BrokenVideo } from "../../src/ports/pieces.ts";
import { abandonUpload, begunOf, completeUpload, isSent } from "../../src/ports/upload.ts";
import { env } from "../routes/worker.ts";
import {
  download,
  isUploadThere,
  newDestination,
  part,
  rest,
  sha256,
  storedSha256,
  video,
} from "./videos.ts";

const size = part * 2.5;
const file = video(size);
const whole = { bytes: size, sha256: sha256(file), width: 0, height: 0 };
const etag = '"A"';

/** A transfer that was cut after two parts and a bit; the upload that is then remembered. */
async function cut(headers: Record<string, string> = { etag }) {
  const { to, record, key } = newDestination();
  await expect(keepVideo(to, download(file, { headers, breakAt: part * 2 + 1000 }))).rejects.toThrow("lost");
  const upload = record.load();
  if (upload === null) throw new Error("no upload is remembered");
  return { to, record, key, upload };
}

async function expectNothingLeft(key: string, uploadId: string): Promise<void> {
  expect(await env.VIDEOS.head(key)).toBeNull();
  expect(await isUploadThere(key, uploadId)).toBe(false);
}

describe("a download of a known length that is not large", () => {
  const small = video(1_000_000);
  const headers = { "content-length": "1000000", etag };

  it("is one put, with its length, hash and type", async () => {
    const { to, record, key } = newDestination();
    expect(await keepVideo(to, download(small, { headers }))).toEqual({
      bytes: 1_000_000,
      sha256: sha256(small),
      width: 0,
      height: 0,
    });
    expect(await storedSha256(key)).toBe(sha256(small));
    expect((await env.VIDEOS.head(key))?.httpMetadata?.contentType).toBe("video/mp4");
    expect(record.load()).toBeNull();
  });

  it("changes nothing where the key is taken", async () => {
    const { to, key } = newDestination();
    await env.VIDEOS.put(key, "taken");
    expect(await keepVideo(to, download(small, { headers }))).toBeNull();
    expect((await env.VIDEOS.head(key))?.size).toBe(5);
  });

  it.each<[title: string, answer: () => Response, message: string]>([
    ["breaks off", () => download(small, { headers, breakAt: 500_000 }), "lost"],
    ["goes silent", () => download(small, { headers, hangAt: 500_000 }), "nothing moved"],
    ["is shorter than announced", () => download(small.slice(0, -1), { headers }), "announced were 1000000"],
    [
      "is cut short with a length that fits",
      () => download(small.slice(0, 500_000), { headers: { "content-length": "500000" } }),
      "not a whole MP4",
    ],
    ["is no video", () => download(new Uint8Array(1_000_000), { headers }), "not a whole MP4"],
    [
      "is larger than allowed",
      () => download(small, { headers: { "content-length": "2000000000" } }),
      "more",
    ],
    ["has no body", () => new Response(null, { headers }), "no body"],
    ["is an error", () => download(small, { status: 503 }), "HTTP 503"],
    ["is a part that nobody asked for", () => rest(small, 10), "HTTP 206"],
  ])("leaves nothing if it %s", async (_title, answer, message) => {
    const { to, record, key } = newDestination({ idleMs: 500 });
    await expect(keepVideo(to, answer())).rejects.toThrow(message);
    expect(await env.VIDEOS.head(key)).toBeNull();
    expect(record.load()).toBeNull();
  });
});

describe("a download in parts", () => {
  it("that does not break is stored with the hash of its stream, and leaves no upload", async () => {
    const { to, record, key } = newDestination();
    expect(await keepVideo(to, download(file))).toEqual(whole);
    expect(await storedSha256(key)).toBe(whole.sha256);
    expect((await env.VIDEOS.head(key))?.httpMetadata?.contentType).toBe("video/mp4");
    expect(record.load()).toBeNull();
  });

  it("is one put after all if it ends within a part", async () => {
    const { to, record, key } = newDestination();
    const small = video(1_000_000);
    expect(await keepVideo(to, download(small))).toEqual({
      bytes: 1_000_000,
      sha256: sha256(small),
      width: 0,
      height: 0,
    });
    expect((await env.VIDEOS.head(key))?.etag).not.toContain("-");
    expect(record.load()).toBeNull();
  });

  it("may end exactly with a part", async () => {
    const even = video(part * 2);
    const { to, key } = newDestination();
    expect(await keepVideo(to, download(even))).toEqual({
      bytes: part * 2,
      sha256: sha256(even),
      width: 0,
      height: 0,
    });
    expect(await storedSha256(key)).toBe(sha256(even));
  });

  it("is how a large file of a known length comes: cut, it is carried on by its length alone", async () => {
    const large = video(startOverBytes + 1000);
    const { to, record, key } = newDestination();
    const headers = { "content-length": String(large.byteLength) };
    await expect(keepVideo(to, download(large, { headers, breakAt: part * 3 }))).rejects.toThrow("lost");
    expect(begunOf(record)).toEqual({ sent: part * 3, length: large.byteLength, etag: null });
    const kept = { bytes: large.byteLength, sha256: sha256(large), width: 0, height: 0 };
    expect(await keepVideo(to, rest(large, part * 3))).toEqual(kept);
    expect(await storedSha256(key)).toBe(kept.sha256);
  });

  it("that is no video is not completed, and its parts go", async () => {
    const { to, record, key } = newDestination();
    let uploadId = "";
    const start = record.start.bind(record);
    record.start = (upload) => {
      uploadId = upload.id;
      start(upload);
    };
    await expect(keepVideo(to, download(file.subarray(0, -1)))).rejects.toThrow(BrokenVideo);
    expect(record.load()).toBeNull();
    await expectNothingLeft(key, uploadId);
  });

  it("remembers each part once R2 has it, and nothing of the one that was cut", async () => {
    const { key, upload } = await cut();
    expect(upload).toMatchObject({ length: null, etag });
    expect(upload.parts.map(({ number, bytes }) => [number, bytes])).toEqual([
      [1, part],
      [2, part],
    ]);
    expect(await env.VIDEOS.head(key)).toBeNull();
  });

  it("that goes silent is given up, with its parts kept", async () => {
    const { to, record } = newDestination({ idleMs: 500 });
    const silent = download(file, { headers: { etag }, hangAt: part + 1000 });
    await expect(keepVideo(to, silent)).rejects.toThrow("nothing moved");
    expect(begunOf(record)).toEqual({ sent: part, length: null, etag });
  });
});

describe("a transfer that was cut", () => {
  it.each<[title: string, answer: () => Response]>([
    ["the rest of it", () => rest(file, part * 2, { headers: { etag } })],
    [
      "the rest, of a length that it does not tell",
      () => rest(file, part * 2, { headers: { etag }, total: "*" }),
    ],
    ["all of it once more", () => download(file, { headers: { etag } })],
    [
      "all of it, of a known length",
      () => download(file, { headers: { etag, "content-length": String(size) } }),
    ],
  ])("is carried on by %s", async (_title, answer) => {
    const { to, record, key, upload } = await cut();
    const sent: number[] = [];
    const add = record.add.bind(record);
    record.add = (id, one) => {
      expect(id).toBe(upload.id);
      sent.push(one.number);
      add(id, one);
    };
    expect(await keepVideo(to, answer())).toEqual(whole);
    expect(await storedSha256(key)).toBe(whole.sha256);
    expect(sent).toEqual([3]);
    expect(record.load()).toBeNull();
  });

  it("may be cut again and again", async () => {
    const { to, record, key } = newDestination();
    const headers = { etag };
    await expect(keepVideo(to, download(file, { headers, breakAt: part + 5 }))).rejects.toThrow("lost");
    await expect(keepVideo(to, rest(file, part, { headers, breakAt: 1000 }))).rejects.toThrow("lost");
    expect(begunOf(record)?.sent).toBe(part);
    await expect(keepVideo(to, rest(file, part, { headers, breakAt: part + 9 }))).rejects.toThrow("lost");
    expect(begunOf(record)?.sent).toBe(part * 2);
    expect(await keepVideo(to, rest(file, part * 2, { headers }))).toEqual(whole);
    expect(await storedSha256(key)).toBe(whole.sha256);
  });

  it("is carried on although a part was sent and not remembered: it is sent again", async () => {
    const { to, key, upload } = await cut();
    await env.VIDEOS.resumeMultipartUpload(key, upload.id).uploadPart(3, new Uint8Array(part / 2).fill(7));
    expect(await keepVideo(to, rest(file, part * 2, { headers: { etag } }))).toEqual(whole);
    expect(await storedSha256(key)).toBe(whole.sha256);
  });

  const other = video(size, 2);
  it.each<[title: string, answer: () => Response]>([
    ["a file of another ETag", () => download(other, { headers: { etag: '"B"' } })],
    ["a file without an ETag", () => download(other)],
    ["a file whose ETag is weak", () => download(other, { headers: { etag: 'W/"A"' } })],
  ])("is not joined with %s, which is stored from its start", async (_title, answer) => {
    const { to, key, upload } = await cut();
    expect(await keepVideo(to, answer())).toEqual({
      bytes: size,
      sha256: sha256(other),
      width: 0,
      height: 0,
    });
    expect(await storedSha256(key)).toBe(sha256(other));
    expect(await isUploadThere(key, upload.id)).toBe(false);
  });

  it.each<[title: string, answer: () => Response]>([
    ["the rest of a file of another ETag", () => rest(other, part * 2, { headers: { etag: '"B"' } })],
    ["the rest of a file without an ETag", () => rest(other, part * 2)],
    ["another part", () => rest(other, part, { headers: { etag } })],
    ["a part without its place", () => download(other, { status: 206, headers: { etag } })],
    ["416", () => new Response(null, { status: 416, headers: { "content-range": "bytes */5" } })],
  ])("begins anew after %s: nothing stays", async (_title, answer) => {
    const { to, record, key, upload } = await cut();
    await expect(keepVideo(to, answer())).rejects.toThrow();
    expect(record.load()).toBeNull();
    await expectNothingLeft(key, upload.id);
    expect(await keepVideo(to, download(file, { headers: { etag } }))).toEqual(whole);
  });

  it.each([403, 404, 429, 500, 503])("loses nothing by an answer of HTTP %i", async (status) => {
    const { to, record, upload } = await cut();
    await expect(keepVideo(to, download(file, { status }))).rejects.toThrow(`HTTP ${status}`);
    expect(record.load()).toEqual(upload);
    expect(await isUploadThere(to.key, upload.id)).toBe(true);
  });

  it("begins anew where nothing could prove that it is the same file", async () => {
    const { to, record, key, upload } = await cut({});
    expect(begunOf(record)).toBeNull();
    expect(await keepVideo(to, download(file))).toEqual(whole);
    expect(await isUploadThere(key, upload.id)).toBe(false);
  });

  it("is deleted again if its parts turn out to be no video", async () => {
    const { to, record, key } = newDestination();
    const broken = file.slice();
    broken[4] = 0; // no `ftyp`
    const breaking = download(broken, { headers: { etag }, breakAt: part * 2 + 5 });
    await expect(keepVideo(to, breaking)).rejects.toThrow("lost");
    await expect(keepVideo(to, rest(broken, part * 2, { headers: { etag } }))).rejects.toThrow(BrokenVideo);
    expect(await env.VIDEOS.head(key)).toBeNull();
    expect(record.load()).toBeNull();
  });

  it("that was all sent needs no download", async () => {
    const { to, key, upload, record } = await cut();
    expect(isSent(upload)).toBe(false);
    const bytes = file.slice(part * 2);
    const { etag: partEtag } = await env.VIDEOS.resumeMultipartUpload(key, upload.id).uploadPart(3, bytes);
    record.add(upload.id, { number: 3, etag: partEtag, bytes: bytes.byteLength });
    expect(isSent(record.load() ?? upload)).toBe(true);
    expect(await finishUpload(to, null)).toEqual(whole);
    expect(record.load()).toBeNull();
  });

  it("whose part was replaced behind its back begins anew", async () => {
    const { to, record, key, upload } = await cut();
    await env.VIDEOS.resumeMultipartUpload(key, upload.id).uploadPart(1, new Uint8Array(part));
    await expect(keepVideo(to, rest(file, part * 2, { headers: { etag } }))).rejects.toThrow("10025");
    expect(record.load()).toBeNull();
    await expectNothingLeft(key, upload.id);
  });
});

describe("an upload that R2 does not know any more", () => {
  it("begins anew if it was ended", async () => {
    const { to, record, key, upload } = await cut();
    await env.VIDEOS.resumeMultipartUpload(key, upload.id).abort();
    await expect(keepVideo(to, rest(file, part * 2, { headers: { etag } }))).rejects.toThrow("10024");
    expect(record.load()).toBeNull();
    expect(await env.VIDEOS.head(key)).toBeNull();
  });

  it("was completed if its object is there: it is read back", async () => {
    const { to, record, key, upload } = await cut();
    const r2 = env.VIDEOS.resumeMultipartUpload(key, upload.id);
    const last = await r2.uploadPart(3, file.slice(part * 2));
    record.add(upload.id, { number: 3, etag: last.etag, bytes: part / 2 });
    await r2.complete(
      (record.load()?.parts ?? []).map((one) => ({ partNumber: one.number, etag: one.etag })),
    );
    expect(await finishUpload(to, null)).toEqual(whole);
    expect(record.load()).toBeNull();
  });

  it("is no trouble to end", async () => {
    const { to, record, key, upload } = await cut();
    await env.VIDEOS.resumeMultipartUpload(key, upload.id).abort();
    await abandonUpload(to);
    expect(record.load()).toBeNull();
    expect(await env.VIDEOS.head(key)).toBeNull();
  });
});

describe("a video that nobody wants any more", () => {
  it("is not transferred further, and its parts go", async () => {
    const { to, record, key, upload } = await cut();
    const unwanted = { ...to, limits: { ...to.limits, isWanted: () => false } };
    await expect(keepVideo(unwanted, rest(file, part * 2, { headers: { etag } }))).rejects.toThrow(
      "not wanted",
    );
    expect(record.load()).toBeNull();
    await expectNothingLeft(key, upload.id);
  });

  it("leaves no upload that was just begun", async () => {
    const { to, record } = newDestination();
    let begun: R2MultipartUpload | null = null;
    let isWanted = true;
    // R2 answers, and meanwhile the task is cancelled.
    const bucket = new Proxy(to.bucket, {
      get: (target, name) =>
        name === "createMultipartUpload"
          ? async (...about: Parameters<R2Bucket["createMultipartUpload"]>) => {
              begun = await target.createMultipartUpload(...about);
              isWanted = false;
              return begun;
            }
          : (target[name as keyof R2Bucket] as () => unknown).bind(target),
    });
    const limits = { ...to.limits, isWanted: () => isWanted };
    await expect(keepVideo({ ...to, bucket, limits }, download(file))).rejects.toThrow("not wanted");
    expect(record.load()).toBeNull();
    await expectNothingLeft(to.key, (begun as R2MultipartUpload | null)?.uploadId ?? "");
  });

  it("is not completed", async () => {
    const { to, record, key, upload } = await cut();
    const unwanted = { ...to, limits: { ...to.limits, isWanted: () => false } };
    await expect(finishUpload(unwanted, null)).rejects.toThrow("not wanted");
    expect(record.load()).toBeNull();
    await expectNothingLeft(key, upload.id);
    await expect(completeUpload(to)).rejects.toThrow("no upload");
  });
});

describe("what is under a key already", () => {
  it("is nothing, or a whole video", async () => {
    const { to } = newDestination();
    expect(await takeStored(to)).toBeNull();
    await keepVideo(to, download(file));
    expect(await takeStored(to)).toEqual(whole);
  });

  it("is deleted if it is no whole video", async () => {
    const { to, key } = newDestination();
    await env.VIDEOS.put(key, file.subarray(0, -1));
    expect(await takeStored(to)).toBeNull();
    expect(await env.VIDEOS.head(key)).toBeNull();
  });
});
