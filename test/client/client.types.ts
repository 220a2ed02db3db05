/** What the client's types promise. Nothing here runs: the compiler is the test. */

import {
  type CreatedTicket,
  type CreateVideoRequest,
  type CreateVideoResponse,
  type DownloadVideoResponse,
  type DryRunResponse,
  type EnsuredVideo,
  type EnsureOrder,
  ensureVideos,
  Filmgate,
  type FilmgateError,
  type FilmgateErrorCode,
  type GeneratedVideo,
  type ListVideosResponse,
  type Publication,
  type QueryVideoResponse,
  type UnpublishResponse,
  type UsageResponse,
  type Video,
  type VideoFailedError,
  type VisitorVideo,
  verifyWebhook,
  type WebhookRequest,
} from "../../src/client/filmgate.ts";
import type { ErrorCode } from "../../src/errors.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function expectType<T>(): <U>(value: U, ...same: Equal<T, U> extends true ? [] : [never]) => void;

export async function answers(filmgate: Filmgate, request: CreateVideoRequest, signal: AbortSignal) {
  const { video } = filmgate;
  const order = { model: "MiniMax-Hailuo-2.3", prompt: "Waves" };
  expectType<CreateVideoResponse>()(await video.create(order));
  expectType<CreateVideoResponse>()(await video.create({ ...order, dry_run: false }, { signal }));
  expectType<DryRunResponse>()(await video.create({ ...order, dry_run: true }));
  expectType<CreateVideoResponse | DryRunResponse>()(await video.create(request));
  expectType<CreateVideoResponse>()(await video.createFromImage({ first_frame_image: "https://x/y.jpg" }));
  expectType<QueryVideoResponse>()(await video.queryVideoStatus("task_1", { waitSeconds: 5 }));
  expectType<QueryVideoResponse>()(await video.queryAndWait("task_1", { signal, maxWaitMs: 1 }));
  expectType<DownloadVideoResponse>()(await video.downloadVideo("file_1", { expiresIn: 60 }));
  expectType<EnsuredVideo>()(await filmgate.ensure(order, { frozen: true }));
  expectType<EnsuredVideo[]>()(await filmgate.ensureAll([order, request satisfies EnsureOrder]));
  expectType<EnsuredVideo[]>()(await ensureVideos([{ ...order, first_frame_image: new Uint8Array() }]));
  expectType<DownloadVideoResponse>()(await video.queryAndDownload("task_1", { disposition: "attachment" }));
  expectType<GeneratedVideo>()(await video.generate(order, { onProgress: (status) => status.progress }));
  expectType<Video>()(await video.get("task_1"));
  expectType<ListVideosResponse>()(await video.list({ status: "completed", createdAfter: new Date() }));
  expectType<Publication>()(
    await video.publish("task_1", { origins: ["https://x"], title: null }, { signal }),
  );
  expectType<UnpublishResponse>()(await video.unpublish("task_1"));
  expectType<Video["publication"]>()(null as Publication | null);
  expectType<CreateVideoResponse>()(await video.retry("task_1", { signal }));
  expectType<UsageResponse>()(await filmgate.usage());
  const wanted = { model: "MiniMax-Hailuo-2.3", max_cost_usd: 0.28, origin: "https://example.com" };
  expectType<CreatedTicket>()(await filmgate.createTicket({ ...wanted, expires_in_seconds: 60 }, { signal }));
  expectType<CreateVideoResponse>()(await video.create(order, { ticket: "tkt_1" }));
  expectType<GeneratedVideo>()(await video.generate(order, { ticket: "tkt_1", signal }));
  expectType<undefined>()(undefined as "cost" extends keyof VisitorVideo ? string : undefined);
}

export async function mistakes(filmgate: Filmgate) {
  // @ts-expect-error an order needs a model
  await filmgate.video.create({ prompt: "Waves" });
  // @ts-expect-error a field that filmgate does not know
  await filmgate.video.create({ model: "T2V-01", prompt: "Waves", seconds: 6 });
  // @ts-expect-error a first frame is what it is about
  await filmgate.video.createFromImage({ prompt: "Waves" });
  // @ts-expect-error a dry run makes nothing to wait for
  await filmgate.video.generate({ model: "T2V-01", prompt: "Waves", dry_run: true });
  // @ts-expect-error a ticket is bound to a price
  await filmgate.createTicket({ model: "T2V-01", origin: "https://example.com" });
  // @ts-expect-error no state of a video object
  await filmgate.video.list({ status: "Success" });
  // @ts-expect-error neither played nor saved
  await filmgate.video.downloadVideo("file_1", { disposition: "burn" });
}

/** Fits any runtime's own fetch, and codes may be compared by name. */
export const own = () => new Filmgate({ fetch: globalThis.fetch });
export const known: FilmgateErrorCode[] = [
  "content_refused" satisfies ErrorCode,
  "timeout",
  "from_a_newer_server",
];
export function caught(error: FilmgateError | VideoFailedError): string | null {
  return "costState" in error ? error.costState : error.requestId;
}

export async function told(request: WebhookRequest) {
  const { payload } = await verifyWebhook(request);
  expectType<"video.succeeded" | "video.failed" | "video.cancelled">()(payload.type);
  expectType<Video>()(payload.data);
}
