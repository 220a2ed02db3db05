/** A site's folder whose lock has videos already: nothing has to be asked for them. */

import { createHash } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeLock } from "../../src/client/ensure/lock.ts";
import type { ReadyEntry } from "../../src/client/ensure/lock-entry.ts";
import { canonicalOrder, keyOfOrder } from "../../src/client/ensure/order-identity.ts";
import type { EnsureOrder } from "../../src/client/filmgate.ts";

export const waves = {
  model: "MiniMax-Hailuo-2.3",
  prompt: "Waves",
  publish: { title: 'Waves "at" sunset', alt: "Waves & foam" },
} satisfies EnsureOrder;
export const hills = { model: "MiniMax-Hailuo-2.3", prompt: "Hills" } satisfies EnsureOrder;

/** @param overrides what is different of the entries. */
export async function folderWithLock(
  orders: readonly EnsureOrder[],
  overrides: Partial<ReadyEntry> = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "filmgate-site-"));
  const entries = await Promise.all(
    orders.map(async (order) => {
      const canonical = canonicalOrder(order);
      const key = await keyOfOrder(canonical);
      const hash = createHash("sha256").update(key).digest("hex");
      const page = `https://video.example.com/v/file_${key}`;
      const entry: ReadyEntry = {
        state: "ready",
        order: canonical,
        fingerprint: hash,
        ...{ task_id: `task_${key}`, file_id: `file_${key}` },
        ...{ url: `${page}.mp4`, page_url: page, poster_url: null },
        ...{ width: 1366, height: 768, seconds: 6, bytes: 12_345, sha256: hash },
        publish: order.publish || {},
        ...overrides,
      };
      return [key, entry] as const;
    }),
  );
  await writeFile(join(folder, "videos.lock.json"), writeLock({ videos: Object.fromEntries(entries) }));
  return folder;
}
