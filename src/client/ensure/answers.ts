/** What a call answers with: a video for each order, in their order. */

import type { ReadyEntry } from "./lock-entry.ts";
import type { EnsuredVideo } from "./options.ts";
import type { Found } from "./run.ts";

export function answerOf(count: number, ready: readonly Found<ReadyEntry>[]): EnsuredVideo[] {
  const answers = new Array<EnsuredVideo>(count);
  for (const found of ready) {
    const video = videoOf(found);
    for (const [nth, index] of found.wanted.indices.entries()) {
      answers[index] = nth === 0 ? video : { ...video, costUsd: 0 };
    }
  }
  return answers;
}

export function videoOf({ wanted: { key }, entry, source, costUsd }: Found<ReadyEntry>): EnsuredVideo {
  return {
    key,
    order: entry.order,
    taskId: entry.task_id,
    fileId: entry.file_id,
    url: entry.url,
    pageUrl: entry.page_url,
    posterUrl: entry.poster_url,
    publish: entry.publish,
    width: entry.width,
    height: entry.height,
    seconds: entry.seconds,
    bytes: entry.bytes,
    sha256: entry.sha256,
    source,
    costUsd,
  };
}
