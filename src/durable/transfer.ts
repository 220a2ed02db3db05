/**
 * The step that brings the finished video home: from MiniMax's file, under a fresh address each time, into R2. It
 * gives back what happened as an event, like the steps of perform.ts. A transfer that broke is carried on where it
 * was cut; what it leaves behind of a video that nobody wants any more is discarded.
 */

import { videoKey } from "../domain/ids.ts";
import type { Task, TaskEvent } from "../domain/task.ts";
import { finishUpload, keepVideo, takeStored } from "../ports/bucket.ts";
import { openDownload } from "../ports/download.ts";
import type { KeptVideo } from "../ports/pieces.ts";
import {
  abandonUpload,
  begunOf,
  type Destination,
  isSent,
  sentBytes,
  type UploadRecord,
} from "../ports/upload.ts";
import type { Reach } from "./reach.ts";

/** MiniMax does not know the file, or its fresh address leads to none. */
class FileGone extends Error {}

/**
 * Stores the file, whole or not at all.
 * @param record what earlier tries left under way, and where this one writes its own.
 */
export async function keep(
  reach: Reach,
  task: Task,
  providerFileId: string,
  record: UploadRecord,
  isWanted: () => boolean,
): Promise<TaskEvent> {
  const { bucket } = reach;
  const to = { bucket, key: videoKey(task.fileId), record, limits: { ...reach.transfer, isWanted } };
  const before = record.load();
  try {
    const kept = await transfer(reach, to, providerFileId);
    reach.note({ event: "store", answer: "stored", traceId: null });
    return { type: "stored", ...kept };
  } catch (error) {
    // The ports keep URLs, hence signatures, out of their errors.
    const answer = error instanceof FileGone ? "gone" : "trouble";
    reach.note({ event: "store", answer, traceId: null, reason: String(error) });
    const after = record.load();
    // A new upload is no step forward, or a file that changes each time would be fetched without a pause.
    const moved = before !== null && after?.id === before.id && sentBytes(after) > sentBytes(before);
    return { type: "storeTrouble", gone: error instanceof FileGone, moved };
  }
}

/**
 * Removes what is in R2 of a video that is not to be there: a file that came too late, an upload under way.
 * Repeating it is harmless.
 * @throws Error if R2 did not do it.
 */
export async function discard(bucket: R2Bucket, task: Task, record: UploadRecord): Promise<void> {
  const key = videoKey(task.fileId);
  await abandonUpload({ bucket, key, record });
  await bucket.delete(key);
}

async function transfer(reach: Reach, to: Destination, providerFileId: string): Promise<KeptVideo> {
  // A crash may have come between a file's arrival and its record; what is there is read back, not fetched again.
  const stored = await takeStored(to);
  const upload = to.record.load();
  if (stored !== null) {
    // Then the upload is what it came by: whoever completed it died before writing that down.
    if (upload !== null) to.record.forget(upload.id);
    return stored;
  }
  if (upload !== null && isSent(upload)) return finishUpload(to, null);
  const kept = await keepVideo(to, await openFile(reach, to.record, providerFileId));
  if (kept !== null) return kept;
  const other = await takeStored(to);
  if (other === null) throw new Error("the stored file is gone");
  return other;
}

/** Asks for a fresh address and opens it, where an earlier transfer was cut if there was one. */
async function openFile(reach: Reach, record: UploadRecord, providerFileId: string): Promise<Response> {
  const file = await reach.wire.findFile(reach.minimax, providerFileId);
  if (file.kind === "unknownFile") throw new FileGone("MiniMax does not know the file");
  if (file.kind === "trouble") throw new Error(file.reason);
  const response = await openDownload(file.url, reach.transfer.headersMs, begunOf(record));
  if (response.status === 404 || response.status === 410) {
    await response.body?.cancel();
    throw new FileGone(`the download answered HTTP ${response.status}`);
  }
  return response;
}
