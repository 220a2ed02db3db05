/** `filmgate.video`: ordering videos, following them, and getting their links. Answers are the server's, untouched. */

import type {
  CreateVideoRequest,
  CreateVideoResponse,
  DeleteVideoResponse,
  DownloadVideoResponse,
  DryRunResponse,
  ListModelsResponse,
  ListVideosResponse,
  Publication,
  PublishRequest,
  QueryVideoResponse,
  UnpublishResponse,
  UploadedImage,
  Video,
} from "../contract.ts";
import type { ErrorCode } from "../errors.ts";
import { miniMaxAnswer } from "./answers.ts";
import { FilmgateError, nameOrder, VideoFailedError } from "./errors.ts";
import { checkLinkOptions } from "./links.ts";
import type {
  CallOptions,
  CreateOptions,
  GeneratedVideo,
  GenerateOptions,
  ImageVideoOrder,
  LinkOptions,
  ListOptions,
  VideoOrder,
  VideoQuoteRequest,
} from "./orders.ts";
import { type OpenStream, type Send, segment } from "./send.ts";
import { hasFailed, type WaitOptions, waitUntilOver } from "./waiting.ts";
import { watchUntilOver } from "./watching.ts";

/** @throws FilmgateError `invalid_argument` for a dry run, which makes nothing to wait for. */
function requireMeant(request: CreateVideoRequest): void {
  if (request.dry_run !== true) return;
  const message = "generate makes a video: to check and price the order only, call create with dry_run.";
  throw new FilmgateError(message, { code: "invalid_argument", param: "dry_run" });
}

/** Outcomes that another try may change, as errors.ts has them; the video object does not tell. */
const passingOutcomes: readonly string[] = ["provider_busy", "not_sent"] satisfies ErrorCode[];

export class VideoClient {
  readonly #send: Send;
  readonly #openStream: OpenStream;
  readonly #timeoutMs: number;

  /** Made by `new Filmgate()`. */
  constructor(send: Send, openStream: OpenStream, timeoutMs: number) {
    this.#send = send;
    this.#openStream = openStream;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Orders a video; answers within seconds with its `task_id`. With `dry_run: true` it only checks and prices the order.
   * @throws VideoFailedError if MiniMax refused it at once (`content_refused`, `provider_balance` …): nothing was charged.
   * @throws FilmgateError if the order cannot be made: `unsupported_combination`, `cost_exceeds_limit` (402) …; its
   * sentence says what to change.
   * @throws ConnectionError if no answer came after all retries: repeat with its `idempotencyKey`.
   */
  create(request: VideoOrder, options?: CreateOptions): Promise<CreateVideoResponse>;
  create(request: VideoQuoteRequest, options?: CreateOptions): Promise<DryRunResponse>;
  create(request: CreateVideoRequest, options?: CreateOptions): Promise<CreateVideoResponse | DryRunResponse>;
  create(
    request: CreateVideoRequest,
    options: CreateOptions = {},
  ): Promise<CreateVideoResponse | DryRunResponse> {
    return this.#create("/v1/videos/generations", request, options);
  }

  /**
   * Orders a video that begins with an image: `first_frame_image` is a public URL, a data URL, bare base64, or the id
   * that {@link uploadImage} gave.
   * @throws as {@link create}; `invalid_image` if the image is not one that MiniMax takes.
   */
  createFromImage(request: ImageVideoOrder, options: CreateOptions = {}): Promise<CreateVideoResponse> {
    const model = request.model ?? "MiniMax-Hailuo-2.3";
    return this.#create("/v1/videos/minimax/generations", { ...request, model }, options);
  }

  /**
   * How a task is doing, in MiniMax's words: `Preparing`, `Queueing`, `Processing`, `Success`, `Fail`.
   * @param options.includeDownloadUrl adds a link that works for 24 hours, once there is a video.
   * @param options.waitSeconds holds the answer until the task is over, for so many whole seconds, 60 at most.
   * @throws FilmgateError `not_found` (404). That the video failed is an answer here, not an error.
   */
  async queryVideoStatus(
    taskId: string,
    options: CallOptions & {
      includeDownloadUrl?: boolean | undefined;
      waitSeconds?: number | undefined;
    } = {},
  ): Promise<QueryVideoResponse> {
    const { includeDownloadUrl, waitSeconds, signal } = options;
    return this.#send({
      method: "GET",
      path: `/v1/videos/query/${segment("taskId", taskId)}`,
      query: { wait: waitSeconds, include_download_url: includeDownloadUrl },
      holdMs: (waitSeconds ?? 0) * 1000,
      signal,
    });
  }

  /**
   * A signed link to a finished video, with the file's length and SHA-256. Ask again whenever a fresh one is wanted.
   * @throws FilmgateError `video_not_ready` (409), `video_failed` or `cancelled` (410), `not_found` (404).
   */
  async downloadVideo(
    fileId: string,
    options: CallOptions & LinkOptions = {},
  ): Promise<DownloadVideoResponse> {
    const { expiresIn, disposition, filename, via, signal } = options;
    return this.#send({
      method: "GET",
      path: `/v1/videos/download/${segment("fileId", fileId)}`,
      query: { expires_in: expiresIn, disposition, filename, via },
      signal,
    });
  }

  /**
   * Waits until the video is there; the answer has its `file_id` and a `download_url`.
   * @throws VideoFailedError if it ended without a video; `code` and the sentence say why, `costState` what it cost.
   * @throws WaitTimeoutError after `maxWaitMs`; the video goes on by itself.
   * @throws the signal's reason if it was aborted.
   */
  async queryAndWait(taskId: string, options: WaitOptions = {}): Promise<QueryVideoResponse> {
    const ask = (waitSeconds: number, signal: AbortSignal) =>
      this.queryVideoStatus(taskId, { includeDownloadUrl: true, waitSeconds, signal });
    const status = await waitUntilOver(taskId, ask, this.#timeoutMs, options);
    if (hasFailed(status)) throw await this.#failure(taskId, status, options.signal);
    return status;
  }

  /**
   * The video each time something about it changes, until it is over; that it failed is told like the rest. A
   * connection that breaks is made again where it stopped.
   * @throws FilmgateError `not_found` (404); what went wrong if nothing was heard for a minute.
   * @throws the signal's reason if it was aborted.
   */
  watch(taskId: string, options: CallOptions = {}): AsyncGenerator<Video, void> {
    const path = `/v1/videos/${segment("taskId", taskId)}/events`;
    return watchUntilOver(path, this.#openStream, options.signal);
  }

  /** {@link queryAndWait}, then {@link downloadVideo}; throws what they throw. */
  async queryAndDownload(
    taskId: string,
    options: WaitOptions & LinkOptions = {},
  ): Promise<DownloadVideoResponse> {
    const { file_id } = await this.queryAndWait(taskId, options);
    return this.downloadVideo(file_id, options);
  }

  /**
   * Orders a video, waits for it, and gets its link: `create`, `queryAndWait`, `get` and `downloadVideo` in one.
   * @throws what they throw, with the order's `idempotencyKey`, and its `taskId` once it was taken. The same call with
   * that key goes on where this one stopped: only what failed with nothing charged is ordered anew.
   * @throws FilmgateError `invalid_argument` for what a link cannot be, and for a dry run, before anything is ordered.
   */
  async generate(request: VideoOrder, options: GenerateOptions = {}): Promise<GeneratedVideo> {
    checkLinkOptions(options);
    requireMeant(request);
    // Known here, so that whatever breaks later can name it.
    const key = options.idempotencyKey ?? crypto.randomUUID();
    const idempotencyKey = options.ticket === undefined ? key : undefined;
    const created = await this.create(request, { ...options, idempotencyKey });
    options.onCreated?.(created);
    const taskId = created.task_id;
    try {
      const { file_id } = await this.queryAndWait(taskId, options);
      const [video, link] = await Promise.all([
        this.get(taskId, options),
        this.downloadVideo(file_id, options),
      ]);
      return {
        video,
        taskId,
        fileId: link.file_id,
        downloadUrl: link.download_url,
        expiresAt: new Date(link.expires_at * 1000),
        bytes: link.bytes,
        sha256: link.sha256,
      };
    } catch (error) {
      throw nameOrder(error, { taskId, idempotencyKey: idempotencyKey ?? null });
    }
  }

  /**
   * A task as a video object: state, size, cost, hash and, once finished, a link that works for 24 hours. With a
   * publishable key it is a `VisitorVideo`: prompt, cost, metadata and the task it retries are left out.
   * @param options.includeEvents adds what MiniMax was asked and answered, as `events`.
   * @throws FilmgateError `not_found` (404).
   */
  async get(
    taskId: string,
    options: CallOptions & { includeEvents?: boolean | undefined } = {},
  ): Promise<Video> {
    return this.#send({
      method: "GET",
      path: `/v1/videos/${segment("taskId", taskId)}`,
      query: { include: options.includeEvents === true ? "events" : undefined },
      signal: options.signal,
    });
  }

  /**
   * The account's videos, newest first, a page at a time: the next begins behind `last_id` (`after`), as long as
   * `has_more` is true. Videos ordered meanwhile move nothing. One under way stands there as it was last heard of.
   * @throws FilmgateError `invalid_field` (400), `publishable_key` (403).
   */
  async list(options: CallOptions & ListOptions = {}): Promise<ListVideosResponse> {
    const { limit, after, order, status, model, createdAfter, createdBefore, signal } = options;
    const seconds = (date: Date | undefined) => date && Math.floor(date.getTime() / 1000);
    const times = { created_after: seconds(createdAfter), created_before: seconds(createdBefore) };
    return this.#send({
      method: "GET",
      path: "/v1/videos",
      query: { limit, after, order, status, model, ...times },
      signal,
    });
  }

  /**
   * Orders a video that failed or was cancelled once more: the next take, as a new task that is paid for like any
   * other. A task has one retry: calling this again answers with it, unless it was deleted, or ended without a video
   * and without a charge. To try a third time, retry the retry.
   * @throws FilmgateError `not_retryable` (409) unless the task ended without a video; else as {@link create}.
   */
  async retry(taskId: string, options: CallOptions = {}): Promise<CreateVideoResponse> {
    return this.#send({
      method: "POST",
      path: `/v1/videos/${segment("taskId", taskId)}/retry`,
      repeating: "harmless",
      signal: options.signal,
    });
  }

  /**
   * Gives a video an address that stays until {@link unpublish}, also before it is made: `url` of the answer. Calling
   * it again takes all settings anew and keeps the address. With `publish` on an order it is published from the start.
   * @throws FilmgateError `invalid_field` (400), `not_found` (404), `cancelled` (410).
   */
  async publish(
    taskId: string,
    settings: PublishRequest = {},
    options: CallOptions = {},
  ): Promise<Publication> {
    return this.#send({
      method: "POST",
      path: `/v1/videos/${segment("taskId", taskId)}/publish`,
      repeating: "harmless",
      body: { json: settings },
      signal: options.signal,
    });
  }

  /**
   * Takes a published video down; it stays, and published again it has the same address. May be repeated.
   * @throws FilmgateError `not_found` (404).
   */
  async unpublish(taskId: string, options: CallOptions = {}): Promise<UnpublishResponse> {
    return this.#send({
      method: "DELETE",
      path: `/v1/videos/${segment("taskId", taskId)}/publish`,
      repeating: "harmless",
      signal: options.signal,
    });
  }

  /**
   * Cancels a task that is under way, or deletes a finished one with its file; the answer says which, and what it means
   * for the money. Never repeated by itself: a second delete of a cancelled video would remove it.
   * @throws FilmgateError `not_found` (404). @throws ConnectionError if the answer was lost: look with {@link get}.
   */
  async delete(taskId: string, options: CallOptions = {}): Promise<DeleteVideoResponse> {
    return this.#send({
      method: "DELETE",
      path: `/v1/videos/${segment("taskId", taskId)}`,
      signal: options.signal,
    });
  }

  /** What can be made: the models with their modes, sizes, seconds, usual times and prices in US dollars. */
  async models(options: CallOptions = {}): Promise<ListModelsResponse> {
    return this.#send({ method: "GET", path: "/v1/videos/models", signal: options.signal });
  }

  /**
   * Uploads a JPG, PNG or WebP under 20 MB, short edge over 300 px, between 2:5 and 5:2; its `id` stands wherever an
   * order takes an image. The same bytes get the same id.
   * For the H3 models it uploads HEIC, videos (MP4 or MOV, 50 MB at most) and sounds (WAV or MP3, 15 MB at most) as
   * well: what a file is, is read from its bytes. Their `id` stands in `reference_videos` and `reference_audio`.
   * @throws FilmgateError `invalid_image`, `invalid_media`, `empty_body` (400), `body_too_large` (413).
   */
  async uploadImage(
    image: Uint8Array | ArrayBuffer | Blob,
    options: CallOptions = {},
  ): Promise<UploadedImage> {
    const contentType = (image instanceof Blob && image.type) || "application/octet-stream";
    return this.#send({
      method: "POST",
      path: "/v1/files",
      repeating: "harmless",
      body: { bytes: image, contentType },
      signal: options.signal,
    });
  }

  #create<T>(path: string, request: CreateVideoRequest, options: CreateOptions): Promise<T> {
    const { idempotencyKey, ticket, onReplayed, signal } = options;
    const onFirstAnswer = (headers: Headers) => {
      if (headers.get("idempotent-replayed") === "true") onReplayed?.();
    };
    const body = { json: request };
    const repeating = request.dry_run === true ? "asks" : "order";
    const about = { repeating, idempotencyKey, ticket, onFirstAnswer, signal } as const;
    return this.#send({ method: "POST", path, body, ...about });
  }

  /** A query tells the sentence; the code and the money stand in the video object. */
  async #failure(taskId: string, status: QueryVideoResponse, signal: AbortSignal | undefined) {
    const video = await this.get(taskId, { signal }).catch(() => null);
    signal?.throwIfAborted();
    const code = video?.error?.code ?? "video_failed";
    return new VideoFailedError(status.error ?? "The video could not be made.", {
      code,
      retryable: passingOutcomes.includes(code),
      minimax: miniMaxAnswer(status.base_resp, status.error),
      taskId,
      // A publishable key is told no cost.
      costState: (video as Partial<Video> | null)?.cost?.state ?? null,
    });
  }
}
