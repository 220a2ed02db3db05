/** What stands in the lock already: published as the order wants it now, and, where it is asked for, still playing. */

import type { Video } from "../../contract.ts";
import { FilmgateError } from "../errors.ts";
import type { Fetch } from "../settings.ts";
import { limitTime, pause } from "../time.ts";
import type { ReadyEntry } from "./lock-entry.ts";
import { gone, takenDown } from "./making.ts";
import { samePublish } from "./publishing-wishes.ts";
import type { Found, Run } from "./run.ts";
import { putEntries } from "./run.ts";

type Ready = Found<ReadyEntry>;

/** Whether the order wants another publication than the lock has. Without a wish, whatever there is will do. */
export function wantsOther({ wanted, entry }: Ready): boolean {
  return wanted.publish !== null && !samePublish(wanted.publish, entry.publish);
}

/**
 * Publishes it as the order says now.
 * @throws FilmgateError `video_gone`, `video_taken_down`: what its owner took down is not published by a build.
 */
export async function publishAnew(run: Run, ready: Ready): Promise<Ready> {
  const { wanted, entry } = ready;
  const { signal } = run.options;
  if (wanted.publish === null) return ready;
  if (entry.publish !== null && (await lookFor(run, entry)).publication === null)
    throw takenDown(entry.task_id);
  const publication = await run
    .client()
    .publish(entry.task_id, wanted.publish, { signal })
    .catch((error: unknown) => {
      throw isMissing(error) ? gone(error, entry.task_id) : error;
    });
  const { url, page_url, poster_url } = publication;
  const published: ReadyEntry = { ...entry, url, page_url, poster_url, publish: wanted.publish };
  await putEntries(run, [[wanted.key, published]]);
  const how = entry.publish === null ? "published" : "published with the settings that its order has now";
  run.notice(`${entry.task_id} was ${how}.`);
  return { ...ready, entry: published };
}

/**
 * Asks whether its address plays; without an address, whether filmgate has it.
 * @throws FilmgateError `video_gone`, `video_taken_down`, `publication_expired`, or what says that nobody could tell.
 */
export async function verifyVideo(run: Run, fetch: Fetch, { entry }: Ready): Promise<void> {
  if (entry.url === null) {
    await lookFor(run, entry);
    return;
  }
  const status = await statusOf(fetch, entry.url, run.options.signal);
  if (status === 200) return;
  const { publication } = await lookFor(run, entry).catch((error: unknown) => {
    const isKeyless = error instanceof FilmgateError && error.code === "invalid_setting";
    throw isKeyless ? unreached(entry, status, error) : error;
  });
  if (publication === null) throw takenDown(entry.task_id);
  const { expires_at: expiresAt } = publication;
  if (expiresAt !== null && expiresAt * 1000 <= Date.now()) {
    throw new FilmgateError(
      `${entry.task_id} was published until ${new Date(expiresAt * 1000).toISOString()}, and that is over. Give its order a later publish.expires_at, or none.`,
      { code: "publication_expired", taskId: entry.task_id },
    );
  }
  throw new FilmgateError(`${entry.url} answers ${status}, although the video is published.`, {
    code: "unreadable_answer",
    status,
    taskId: entry.task_id,
  });
}

/** Without a key nobody can say more than the address does. */
function unreached(
  { url, task_id: taskId }: ReadyEntry,
  status: number,
  cause: FilmgateError,
): FilmgateError {
  return new FilmgateError(
    `${url} answers ${status}: ${taskId} was deleted or taken down. With an API key ensure says which. (${cause.message})`,
    { code: "video_gone", status, taskId, cause },
  );
}

async function lookFor(run: Run, { task_id: taskId }: ReadyEntry): Promise<Video> {
  try {
    return await run.client().get(taskId, { signal: run.options.signal });
  } catch (error) {
    throw isMissing(error) ? gone(error, taskId) : error;
  }
}

function isMissing(error: unknown): error is FilmgateError {
  return error instanceof FilmgateError && (error.status === 404 || error.status === 410);
}

/** @throws FilmgateError `connection_failed` after three attempts without an answer of the gateway's own. */
async function statusOf(fetch: Fetch, url: string, signal: AbortSignal | undefined): Promise<number> {
  let why = "";
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (attempt > 0) await pause(500 * 2 ** attempt, signal);
    const limit = limitTime(30_000, signal);
    try {
      const { status } = await fetch(url, { method: "HEAD", signal: limit.signal });
      if (status !== 429 && status < 500) return status;
      why = `it answers ${status}`;
    } catch (error) {
      signal?.throwIfAborted();
      const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      why = inner instanceof Error ? inner.message : String(inner);
    } finally {
      limit.release();
    }
  }
  throw new FilmgateError(`${url} could not be asked whether it plays: ${why}.`, {
    code: "connection_failed",
    retryable: true,
  });
}
