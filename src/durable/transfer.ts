/**
 * The step that brings the finished video home: from MiniMax's file, under a fresh address, into R2. It gives back
 * what happened as an event, like the steps of perform.ts.
 */

import { videoKey } from "../domain/ids.ts";
import type { Task, TaskEvent } from "../domain/task.ts";
import { BrokenVideo, type KeptVideo, keepVideo, type TransferLimits, verifyVideo } from "../ports/bucket.ts";
import { openDownload } from "../ports/download.ts";
import { retrieveFile } from "../ports/minimax/v1.ts";
import { note } from "./note.ts";
import type { Reach } from "./reach.ts";

/** MiniMax does not know the file, or its fresh address leads to none. */
class FileGone extends Error {}

/** Fetches the file under a fresh URL and stores it, whole or not at all. */
export async function keep(
  reach: Reach,
  task: Task,
  providerFileId: string,
  isWanted: () => boolean,
): Promise<TaskEvent> {
  const limits = { ...reach.transfer, isWanted };
  try {
    return { type: "stored", ...(await transfer(reach, limits, videoKey(task.fileId), providerFileId)) };
  } catch (error) {
    // The ports keep URLs, hence signatures, out of their errors.
    note("keep", task, { kind: "trouble", reason: String(error), traceId: null });
    return { type: "storeTrouble", gone: error instanceof FileGone, moved: false };
  }
}

async function transfer(
  reach: Reach,
  limits: TransferLimits,
  key: string,
  providerFileId: string,
): Promise<KeptVideo> {
  // A crash may have come between the put and its record; what is there is then read back, not fetched again.
  // Only what was read whole and is broken is deleted: a read that failed says nothing about a video that was paid.
  const stored = await verifyVideo(reach.bucket, key, limits).catch(async (error) => {
    if (!(error instanceof BrokenVideo)) throw error;
    await reach.bucket.delete(key);
    return null;
  });
  if (stored !== null) return stored;
  const response = await openFile(reach, providerFileId);
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`the download answered HTTP ${response.status}`);
  }
  const kept = await keepVideo(reach.bucket, key, response, limits);
  if (kept !== null) return kept;
  const other = await verifyVideo(reach.bucket, key, limits);
  if (other === null) throw new Error("the stored file is gone");
  return other;
}

/** Asks for a fresh address and opens it. */
async function openFile(reach: Reach, providerFileId: string): Promise<Response> {
  const file = await retrieveFile(reach.minimax, providerFileId);
  if (file.kind === "unknownFile") throw new FileGone("MiniMax does not know the file");
  if (file.kind === "trouble") throw new Error(file.reason);
  const response = await openDownload(file.url, reach.transfer.headersMs);
  if (response.status === 404 || response.status === 410) {
    await response.body?.cancel();
    throw new FileGone(`the download answered HTTP ${response.status}`);
  }
  return response;
}
