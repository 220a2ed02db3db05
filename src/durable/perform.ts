/**
 * The steps that reach out of the object: submit, confirm, look, keep. Each does its one thing in the world and
 * gives back what happened as an event; what follows from it is domain/advance.ts's matter, and writing it down
 * the object's.
 */

import { imageKey, videoKey } from "../domain/ids.ts";
import type { Task, TaskEvent } from "../domain/task.ts";
import type { ProviderAnswer } from "../errors.ts";
import { BrokenVideo, type KeptVideo, keepVideo, type TransferLimits, verifyVideo } from "../ports/bucket.ts";
import { createVideo, queryVideo, retrieveFile } from "../ports/minimax/v1.ts";
import { buildBody } from "../ports/minimax/v1-body.ts";
import type { Reach } from "./reach.ts";

/**
 * Posts the create of an attempt that is already written down as `submitting`: once, whatever comes back.
 * @param callbackUrl with the attempt's secret in it, or null for no callbacks.
 */
export async function submit(
  reach: Reach,
  task: Task,
  attempt: number,
  callbackUrl: string | null,
): Promise<TaskEvent> {
  const built = await buildBody(task.order, callbackUrl, async (sha256) => {
    const image = await reach.bucket.get(imageKey(task.account, sha256));
    return image?.body ?? null;
  }).catch(() => null);
  if (built === null) return { type: "submitNotSent", attempt };
  if ("missing" in built) return { type: "submitRefused", attempt, code: "image_not_found", provider: null };
  const answer = await createVideo(reach.minimax, built.body, callbackUrl !== null);
  note("submit", task, answer);
  switch (answer.kind) {
    case "accepted":
      return { type: "submitAccepted", attempt, providerTaskId: answer.providerTaskId };
    case "refused":
      return { type: "submitRefused", attempt, code: answer.code, provider: answer.provider };
    case "deferred":
      return { type: "submitDeferred", attempt, provider: answer.provider };
    case "callbackRefused":
      return { type: "callbackRefused", attempt };
    case "notSent":
      return { type: "submitNotSent", attempt };
    case "lost":
      return { type: "submitLost", attempt, candidate: answer.candidate };
  }
}

/** A push named a provider task: it counts once MiniMax knows it under our key and no other task holds it. */
export async function confirm(reach: Reach, task: Task, providerTaskId: string): Promise<TaskEvent> {
  const answer = await queryVideo(reach.minimax, providerTaskId);
  note("confirm", task, answer);
  if (answer.kind === "unknownTask") return { type: "candidateUnknown", providerTaskId };
  if (answer.kind === "trouble") return { type: "confirmTrouble" };
  const ours = await reach.claim(providerTaskId).catch(() => null);
  if (ours === null) return { type: "confirmTrouble" };
  if (!ours) return { type: "candidateRejected", providerTaskId };
  const providerStatus = answer.kind === "pending" ? answer.providerStatus : "Processing";
  return { type: "confirmed", providerTaskId, providerStatus };
}

export async function look(reach: Reach, task: Task, providerTaskId: string): Promise<TaskEvent> {
  const answer = await queryVideo(reach.minimax, providerTaskId);
  if (answer.kind !== "pending") note("look", task, answer);
  switch (answer.kind) {
    case "pending":
      return { type: "lookedPending", providerTaskId, providerStatus: answer.providerStatus };
    case "success": {
      const { providerFileId, width, height } = answer;
      return { type: "lookedSuccess", providerTaskId, providerFileId, width, height };
    }
    case "fail":
      return { type: "lookedFail", providerTaskId, code: answer.code, provider: answer.provider };
    case "unknownTask":
    case "trouble":
      return { type: "lookTrouble" };
  }
}

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
    // `download` keeps URLs, hence signatures, out of its errors.
    note("keep", task, { kind: "trouble", reason: String(error), traceId: null });
    return { type: "storeTrouble" };
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
  const file = await retrieveFile(reach.minimax, providerFileId);
  if (file.kind === "trouble") throw new Error(file.reason);
  const response = await download(file.url, reach.transfer.headersMs);
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

const maxRedirects = 3;

/**
 * Opens a download. The timer ends with the headers: a body may take its time, and has an idle limit of its own.
 * Redirects are followed by hand, since the runtime would follow one from https to http.
 * @throws Error that names no URL: a download URL carries a signature.
 */
async function download(firstUrl: string, headersMs: number): Promise<Response> {
  let url = firstUrl;
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const response = await open(url, headersMs);
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    await response.body?.cancel();
    const next = URL.canParse(location, url) ? new URL(location, url) : null;
    if (next?.protocol !== new URL(firstUrl).protocol) throw new Error("the download redirects elsewhere");
    url = next.href;
  }
  throw new Error("the download redirects too often");
}

async function open(url: string, headersMs: number): Promise<Response> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), headersMs);
  try {
    // A compressed body would have another length than it announces.
    return await fetch(url, {
      signal: abort.signal,
      headers: { "accept-encoding": "identity" },
      redirect: "manual",
    });
  } catch (error) {
    throw new Error(`the download could not be opened: ${(error as Error).name}`);
  } finally {
    clearTimeout(timer);
  }
}

/** One line of log for what MiniMax answered, with the trace id that its support asks for. */
function note(
  event: string,
  task: Task,
  answer: { kind: string; traceId: string | null; reason?: string; provider?: ProviderAnswer },
): void {
  const { kind, traceId, reason, provider } = answer;
  console.log(
    JSON.stringify({ event, task: task.taskId, answer: kind, trace_id: traceId, reason, provider }),
  );
}
