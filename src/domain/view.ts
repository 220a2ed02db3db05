/** A task as the contract tells it: the same record in the words of each family of answers. */

import type {
  BaseResponse,
  CreateVideoResponse,
  DeleteVideoResponse,
  DryRunResponse,
  Publication,
  QueryStatus,
  QueryVideoResponse,
  ResolutionName,
  Video,
  VideoEvent,
  VideoModel,
  VideoStatus,
} from "../contract.ts";
import { errorTable, type OutcomeCode, type ProviderAnswer } from "../errors.ts";
import { pagePath, posterPath, publicPath } from "./ids.ts";
import type { JournalEntry } from "./journal.ts";
import {
  type Extras,
  expectedSeconds,
  type Mode,
  type ModelRow,
  type OwnPrice,
  priceMicroUsd,
  type ReferenceCounts,
} from "./models.ts";
import { amountOf, moneyOf } from "./money.ts";
import { fingerprintOrder, type Order } from "./order.ts";
import type { PricePart } from "./price.ts";
import { manifestOf } from "./publication.ts";
import { expiresAt, hasQueue, isCancelled, isOver, type Task } from "./task.ts";

export const success: BaseResponse = { status_code: 0, status_msg: "success" };

/** A link to the stored file, as a caller gets it. Unix seconds. */
export type LinkView = Readonly<{ url: string; expiresAt: number }>;

/** @param origin where this deployment is reached. */
export function createdView(task: Task, origin: string): CreateVideoResponse {
  const publication = publicationView(task, origin);
  return {
    task_id: task.taskId,
    id: task.taskId,
    object: "video",
    model: task.order.model,
    status: statusOf(task),
    created_at: seconds(task.createdAt),
    estimated_cost_usd: dollars(task.priceMicroUsd),
    ...(publication === null ? {} : { publication }),
    base_resp: failureOf(task)?.base ?? success,
  };
}

/** What an order would be, and cost; nothing is made of it. */
export function quoteView(
  order: Order,
  priceMicroUsd: number | null,
  parts: readonly PricePart[] | null,
): DryRunResponse {
  const { model, mode, duration, resolution, v2 } = order;
  return {
    object: "video.quote",
    dry_run: true,
    ...{ model, mode, duration, resolution },
    ratio: v2?.ratio ?? null,
    fingerprint: fingerprintOrder(order),
    estimated_cost_usd: dollars(priceMicroUsd),
    cost_parts: (parts ?? []).map(({ of, quantity, unit, unitMicroUsd, isMost }) => ({
      of,
      quantity,
      unit,
      unit_usd: unitMicroUsd / 1_000_000,
      usd: (quantity * unitMicroUsd) / 1_000_000,
      is_most: isMost,
    })),
    base_resp: success,
  };
}

/** @param now epoch milliseconds, for the estimate of progress. */
export function queryView(task: Task, now: number, link: LinkView | null): QueryVideoResponse {
  const failure = failureOf(task);
  const position = queuePositionOf(task);
  const stored = task.status === "succeeded";
  return {
    id: task.taskId,
    object: "video",
    task_id: task.taskId,
    status: queryStatusOf(task),
    file_id: stored ? task.fileId : "",
    video_width: stored ? task.width : 0,
    video_height: stored ? task.height : 0,
    progress: progressOf(task, now),
    ...(position === null ? {} : { queue_position: position }),
    ...(failure === null ? {} : { error: failure.message }),
    ...(link === null ? {} : { download_url: link.url, expires_at: link.expiresAt }),
    base_resp: failure === null ? success : failure.base,
  };
}

/** Codes that MiniMax's query is documented to tell of a video; any other speaks of the call, and is asked again. */
const toldOfVideos: readonly number[] = [1026, 1027];

/** The task as MiniMax's own query tells it. Its clients judge `base_resp` before the status. */
export function miniMaxV1View(task: Task) {
  const { task_id, file_id, video_width, video_height, base_resp } = queryView(task, 0, null);
  const failure = failureOf(task);
  const base =
    failure === null
      ? base_resp
      : {
          status_code: toldOfVideos.includes(base_resp.status_code) ? base_resp.status_code : 0,
          status_msg: failure.message,
        };
  return { task_id, status: queryStatusOf(task), file_id, video_width, video_height, base_resp: base };
}

/** What MiniMax posts to a `callback_url`: the query's answer, with the status in lower case, where a failure is `failed`. */
export function miniMaxV1Push(task: Task) {
  const view = miniMaxV1View(task);
  return { ...view, status: view.status === "Fail" ? "failed" : view.status.toLowerCase() };
}

/**
 * @param now epoch milliseconds, for the estimate of progress.
 * @param origin where this deployment is reached; null where nobody told.
 */
export function videoView(task: Task, now: number, link: LinkView | null, origin: string | null): Video {
  const failure = failureOf(task);
  const stored = task.status === "succeeded" ? task : null;
  const expiry = expiresAt(task);
  return {
    id: task.taskId,
    object: "video",
    model: task.order.model,
    mode: task.order.mode,
    status: statusOf(task),
    progress: progressOf(task, now),
    queue_position: queuePositionOf(task),
    prompt: task.order.prompt,
    seconds: String(task.order.duration),
    size: stored === null || stored.width === 0 ? task.order.resolution : `${stored.width}x${stored.height}`,
    resolution: task.order.resolution,
    take: task.order.take,
    created_at: seconds(task.createdAt),
    completed_at: stored === null ? null : seconds(stored.endedAt),
    expires_at: expiry === null ? null : seconds(expiry),
    retry_of: task.retryOf,
    remixed_from_video_id: null,
    error: failure === null ? null : { code: failure.code, message: failure.message },
    cost: costOf(task),
    metadata: { ...task.metadata },
    file_id: stored?.fileId ?? null,
    bytes: stored?.bytes ?? null,
    sha256: stored?.sha256 ?? null,
    download_url: link?.url ?? null,
    download_url_expires_at: link?.expiresAt ?? null,
    publication: origin === null ? null : publicationView(task, origin),
  };
}

/** Null if it is not published. */
export function publicationView(task: Task, origin: string): Publication | null {
  const manifest = manifestOf(task);
  if (manifest === null) return null;
  const { origins, title, alt, expiresAt, state, poster } = manifest;
  const url = `${origin}${publicPath(task.fileId)}`;
  const posterUrl = poster === null ? null : `${origin}${posterPath(task.fileId)}`;
  // The player keeps the place of the video before that is there, so that the page does not jump.
  const sides = state === "ready" && manifest.width > 0 && manifest.height > 0 ? manifest : null;
  const size = sides === null ? "" : ` width="${sides.width}" height="${sides.height}"`;
  const still = posterUrl === null ? "" : ` poster="${escapeAttribute(posterUrl)}"`;
  const label = alt ?? title;
  const name = label === null ? "" : ` aria-label="${escapeAttribute(label)}"`;
  return {
    object: "publication",
    id: task.taskId,
    file_id: task.fileId,
    url,
    page_url: `${origin}${pagePath(task.fileId)}`,
    poster_url: posterUrl,
    oembed_url: `${origin}/oembed?url=${encodeURIComponent(`${origin}${pagePath(task.fileId)}`)}`,
    embed_html: `<video controls playsinline preload="metadata"${size}${still}${name} src="${escapeAttribute(url)}"></video>`,
    state,
    origins: origins === null ? null : [...origins],
    title,
    alt,
    expires_at: expiresAt === null ? null : seconds(expiresAt),
  };
}

export function eventView({ at, event, answer, traceId, code, detail }: JournalEntry): VideoEvent {
  return { at: seconds(at), event, answer, trace_id: traceId, code, detail };
}

export function deletedView(did: "cancelled" | "removed", task: Task): DeleteVideoResponse {
  const cost = costOf(task);
  const money: Record<typeof cost.state, string> = {
    reserved: hasQueue(task)
      ? "MiniMax stops only what has not begun, so it may still charge for it; the cost is settled by what it reports."
      : "MiniMax cannot be stopped, so it may still charge for it; the cost is settled by what it reports.",
    settled: "MiniMax made it, so it was charged.",
    released: "Nothing was charged.",
    held: "Nobody knows whether MiniMax charged for it, so its cost stays held.",
  };
  const what =
    did === "cancelled"
      ? "The video was cancelled."
      : task.status === "succeeded"
        ? "The video and its file were deleted."
        : "The task was deleted; it had no file.";
  return {
    id: task.taskId,
    object: did === "removed" ? "video.deleted" : "video.cancelled",
    deleted: did === "removed",
    cancelled: did === "cancelled",
    cost,
    message: `${what} ${money[cost.state]}`,
  };
}

/** Why a task ended without a video; null if it did not. */
export function failureOf(task: Task): {
  code: OutcomeCode | "cancelled";
  message: string;
  base: BaseResponse;
  provider: ProviderAnswer | null;
} | null {
  if (isCancelled(task)) {
    const { sentence, baseCode } = errorTable.cancelled;
    const base = { status_code: baseCode, status_msg: sentence };
    return { code: "cancelled", message: sentence, base, provider: null };
  }
  if (task.status !== "failed") return null;
  const { sentence, baseCode } = errorTable[task.code];
  const { provider } = task;
  const told = provider !== null && provider.statusCode !== 0;
  return {
    code: task.code,
    message: told ? `${sentence} (MiniMax: ${provider.statusMessage}, ${provider.statusCode})` : sentence,
    base: told
      ? { status_code: provider.statusCode, status_msg: provider.statusMessage }
      : { status_code: baseCode, status_msg: sentence },
    provider: told ? provider : null,
  };
}

export function statusOf(task: Task): VideoStatus {
  if (isCancelled(task)) return "failed";
  switch (task.status) {
    case "accepted":
    case "submitting":
    case "unconfirmed":
      return "queued";
    case "generating":
    case "storing":
      return "in_progress";
    case "succeeded":
      return "completed";
    case "failed":
    case "cancelled":
      return "failed";
  }
}

function queryStatusOf(task: Task): Exclude<QueryStatus, "failed"> {
  if (isCancelled(task)) return "Fail";
  switch (task.status) {
    case "accepted":
      return task.attempts === 0 && task.queuePosition === null ? "Preparing" : "Queueing";
    case "submitting":
    case "unconfirmed":
      return "Preparing";
    case "generating":
      return task.providerStatus;
    case "storing":
      return "Processing";
    case "succeeded":
      return "Success";
    case "failed":
    case "cancelled":
      return "Fail";
  }
}

/** Its place in line for MiniMax, 1 for the next; null if it is not in line. */
function queuePositionOf(task: Task): number | null {
  return task.status === "accepted" ? task.queuePosition : null;
}

/** Per cent: MiniMax tells none, so its usual time is the measure, and the last tenth is kept for what is certain. */
function progressOf(task: Task, now: number): number {
  if (isCancelled(task)) return 0;
  if (isOver(task)) return task.status === "succeeded" ? 100 : 0;
  if (task.status === "storing") return 95;
  if (task.status !== "generating") return 0;
  const share = (now - task.submittedAt) / (task.expectedMs * task.scale);
  return Math.max(1, Math.min(90, Math.round(90 * share)));
}

/** `charged_usd` is null while nobody can say. */
export function costOf(task: Task): Video["cost"] {
  const state = moneyOf(task);
  const estimated_usd = dollars(task.priceMicroUsd);
  const charged_usd = state === "settled" ? dollars(amountOf(task)) : state === "released" ? 0 : null;
  return { estimated_usd, charged_usd, state };
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

function escapeAttribute(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll('"', "&quot;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

/** What a model makes, at what price. @param prices what the operator set. */
export function modelView(row: ModelRow, prices: readonly OwnPrice[]): VideoModel {
  const cells = Object.entries(row.makes).flatMap(([mode, matrix]) =>
    Object.entries(matrix).flatMap(([resolution, durations]) =>
      durations.map((duration) => ({
        mode: mode as Mode,
        resolution: resolution as ResolutionName,
        duration,
      })),
    ),
  );
  return {
    id: row.model,
    object: "model",
    owned_by: "minimax",
    modes: Object.keys(row.makes) as Mode[],
    default: { ...row.defaults },
    makes: cells.map((cell) => ({
      ...cell,
      price_usd: dollars(priceMicroUsd(row, cell, prices)),
      expected_seconds: expectedSeconds(row, cell),
    })),
    fast_pretreatment: row.takes.includes("fast_pretreatment") ? [...row.fastPretreatment] : [],
    last_frame_alone: row.makes.frames !== undefined && row.takesLastFrameAlone,
    max_prompt_characters: row.prompt.maxCharacters,
    prompt_needed: row.prompt.neededFor.filter((mode) => row.makes[mode] !== undefined),
    ratios: [...(row.ratios ?? [])],
    prompt_expansions: [...(row.promptExpansions ?? [])],
    references: referencesView(row.references),
    extras: extrasView(row.extras),
  };
}

function referencesView(counts: ReferenceCounts | null): VideoModel["references"] {
  if (counts === null) return null;
  const { reference_images, reference_videos, reference_audio } = counts;
  return { images: reference_images, videos: reference_videos, audio: reference_audio };
}

function extrasView(extras: Extras | null): VideoModel["extras"] {
  if (extras === null) return null;
  const { freeImages, imageMicroUsd, inputSecondMicroUsd } = extras;
  return {
    free_images: freeImages,
    image_usd: imageMicroUsd / 1_000_000,
    reference_video_second_usd: Object.entries(inputSecondMicroUsd).map(([resolution, microUsd]) => ({
      resolution: resolution as ResolutionName,
      usd: microUsd / 1_000_000,
    })),
  };
}

export function dollars(microUsd: number | null): number | null {
  return microUsd === null ? null : microUsd / 1_000_000;
}
