/** R2's own links: AWS's published example, and what stands in ours. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { S3Access } from "../../src/env.ts";
import { presignGet } from "../../src/ports/presign.ts";

const r2: S3Access = {
  endpoint: "https://account.r2.cloudflarestorage.com",
  bucket: "videos",
  accessKeyId: "an-access-key",
  secretAccessKey: "a-secret",
};
const now = Date.UTC(2026, 10, 24, 12, 30, 15, 999);
const inline = { disposition: "inline", filename: "file_1.mp4" } as const;

describe("a presigned URL", () => {
  it("is the one that AWS publishes for its example", async () => {
    // docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html; the bucket stands in the host there.
    const { url } = await presignGet(
      {
        endpoint: "https://examplebucket.s3.amazonaws.com",
        bucket: ".",
        accessKeyId: "AKIAIOSFODNN7EXAMPLE",
        secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
      },
      {
        key: "test.txt",
        lifeSeconds: 86_400,
        now: Date.UTC(2013, 4, 24),
        response: null,
        region: "us-east-1",
      },
    );
    expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
      "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
      "X-Amz-Credential": "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request",
      "X-Amz-Date": "20130524T000000Z",
      "X-Amz-Expires": "86400",
      "X-Amz-SignedHeaders": "host",
      "X-Amz-Signature": "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
    });
    expect(url.startsWith("https://examplebucket.s3.amazonaws.com/test.txt?")).toBe(true);
  });

  it("names bucket, key, life and how it is shown, and carries no secret", async () => {
    const about = { key: "videos/file_1.mp4", lifeSeconds: 3600, now, response: inline };
    const { url, expiresAt } = await presignGet(r2, about);
    const { origin, pathname, searchParams } = new URL(url);
    expect(origin + pathname).toBe("https://account.r2.cloudflarestorage.com/videos/videos/file_1.mp4");
    expect(searchParams.get("X-Amz-Expires")).toBe("3600");
    expect(searchParams.get("X-Amz-Date")).toBe("20261124T123015Z");
    expect(searchParams.get("response-content-disposition")).toBe('inline; filename="file_1.mp4"');
    expect(expiresAt).toBe(Math.floor(now / 1000) + 3600);
    expect(url).not.toContain(r2.secretAccessKey);
  });

  it.each([
    ["https://account.r2.cloudflarestorage.com/", "/videos/k.mp4"],
    ["http://127.0.0.1:8787/cdn-cgi/local/r2/s3", "/cdn-cgi/local/r2/s3/videos/k.mp4"],
    ["http://127.0.0.1:8787/cdn-cgi/local/r2/s3/", "/cdn-cgi/local/r2/s3/videos/k.mp4"],
  ])("below %s stands at %s", async (endpoint, path) => {
    const about = { key: "k.mp4", lifeSeconds: 60, now, response: inline };
    expect(new URL((await presignGet({ ...r2, endpoint }, about)).url).pathname).toBe(path);
  });

  it("of another key, life, time or secret has another signature", async () => {
    const base = { key: "a.mp4", lifeSeconds: 60, now, response: inline };
    const signature = async (access: S3Access, about: typeof base) =>
      new URL((await presignGet(access, about)).url).searchParams.get("X-Amz-Signature");
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("key", "life", "now", "secret"),
        fc.integer({ min: 1, max: 1_000_000 }),
        async (what, by) => {
          const other = {
            ...base,
            ...(what === "key" ? { key: `a${by}.mp4` } : {}),
            ...(what === "life" ? { lifeSeconds: 60 + by } : {}),
            ...(what === "now" ? { now: now + by * 1000 } : {}),
          };
          const access = what === "secret" ? { ...r2, secretAccessKey: `a-secret${by}` } : r2;
          expect(await signature(access, other)).not.toBe(await signature(r2, base));
        },
      ),
      { numRuns: 50 },
    );
    expect(await signature(r2, base)).toBe(await signature(r2, base));
  });
});
