/** R2: the manifests of published videos. One that is there is a publication; taking one down is deleting it. */

import { manifestKey } from "../domain/ids.ts";
import type { Manifest } from "../domain/publication.ts";

/**
 * Makes R2 hold this manifest, or none. R2 is strongly consistent, so whoever asks after this gets it.
 * @throws Error if R2 did not do it; it takes one write a second for a key (10058).
 */
export async function writeManifest(
  bucket: R2Bucket,
  fileId: string,
  manifest: Manifest | null,
): Promise<void> {
  const key = manifestKey(fileId);
  if (manifest === null) return bucket.delete(key);
  await bucket.put(key, JSON.stringify(manifest), { httpMetadata: { contentType: "application/json" } });
}

/** What is published of a file; null: nothing. */
export async function readManifest(bucket: R2Bucket, fileId: string): Promise<Manifest | null> {
  const object = await bucket.get(manifestKey(fileId));
  if (object === null) return null;
  const manifest = await object.json<Manifest>();
  // Those that were written before there were posters name none.
  const { poster = null }: Partial<Manifest> = manifest;
  return { ...manifest, poster };
}
