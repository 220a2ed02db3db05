/**
 * R2's own links: S3 presigned URLs, which R2 checks without us. They live for seven days at most, on R2's own domain
 * and not on a custom one, and cannot be revoked before they expire, other than by deleting the file or the S3 key
 * (developers.cloudflare.com/r2/api/s3/presigned-urls). The R2 binding cannot make them, so S3 credentials are needed.
 */

import { AwsV4Signer } from "aws4fetch";
import { contentDisposition } from "../domain/filename.ts";
import type { S3Access } from "../env.ts";
import type { Disposition } from "./links.ts";

/**
 * Presigns a GET, with no request to anybody.
 * @param about.key the object's key in the bucket.
 * @param about.lifeSeconds 1 to 604,800.
 * @param about.filename what it is saved as, and how R2 names it.
 * @param about.now epoch milliseconds.
 * @param about.region R2's only one is `auto`.
 * @returns the URL, and the Unix second at which it expires.
 */
export async function presignGet(
  { endpoint, bucket, accessKeyId, secretAccessKey }: S3Access,
  about: {
    key: string;
    lifeSeconds: number;
    now: number;
    response: { disposition: Disposition; filename: string } | null;
    region?: string;
  },
): Promise<{ url: string; expiresAt: number }> {
  const { key, lifeSeconds, now, response, region = "auto" } = about;
  const url = new URL(`${endpoint}/${bucket}/${key}`.replace(/\/+(?=\/[^/])/g, ""));
  const signedAt = Math.floor(now / 1000);
  url.searchParams.set("X-Amz-Expires", String(lifeSeconds));
  if (response !== null) {
    const { disposition, filename } = response;
    url.searchParams.set("response-content-disposition", contentDisposition(disposition, filename));
    url.searchParams.set("response-content-type", "video/mp4");
  }
  const signer = new AwsV4Signer({
    method: "GET",
    url: url.href,
    accessKeyId,
    secretAccessKey,
    service: "s3",
    region,
    datetime: new Date(signedAt * 1000).toISOString().replace(/[:-]|\.\d{3}/g, ""),
    signQuery: true,
  });
  const signed = await signer.sign();
  return { url: signed.url.href, expiresAt: signedAt + lifeSeconds };
}
