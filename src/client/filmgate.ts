/**
 * The TypeScript client, published as `filmgate/client`: no dependencies, for Node, browsers and workers. This file is
 * its door: the class, and by name everything else that callers may rely on.
 */

import type { CreatedTicket, CreateTicketRequest, UsageResponse } from "../contract.ts";
import type { EnsuredVideo, EnsureOptions } from "./ensure/options.ts";
import type { EnsureOrder } from "./ensure/order-identity.ts";
import type { CallOptions } from "./orders.ts";
import { createOpenStream, createSend, type Send } from "./send.ts";
import { type Fetch, type FilmgateOptions, givenBaseUrl, readSettings } from "./settings.ts";
import { VideoClient } from "./video.ts";

export class Filmgate {
  readonly video: VideoClient;
  readonly #send: Send;
  readonly #fetch: Fetch;
  readonly #baseUrl: string;

  /**
   * @param options.apiKey by default `FILMGATE_API_KEY` of the environment.
   * @param options.baseUrl by default `FILMGATE_URL` of the environment.
   * @throws FilmgateError `invalid_setting` if one is missing or wrong. Nothing is sent yet.
   */
  constructor(options: FilmgateOptions = {}) {
    const settings = readSettings(options);
    this.#send = createSend(settings);
    this.#fetch = settings.fetch;
    this.#baseUrl = settings.baseUrl;
    this.video = new VideoClient(this.#send, createOpenStream(settings), settings.timeoutMs);
  }

  /**
   * That a video is there: answered by `videos.lock.json`, without a request, once it has it; otherwise ordered,
   * waited for, and written down there. The same order is the same video for ever: commit the lock.
   * @throws MissingVideosError in frozen mode. @throws FilmgateError `lock_unreadable`, `lock_conflict`,
   * `lock_unavailable`, `over_budget`, `video_gone`, `video_taken_down`, `published_otherwise`; as `video.create` and
   * `video.queryAndWait`.
   */
  async ensure(order: EnsureOrder, options: EnsureOptions = {}): Promise<EnsuredVideo> {
    const [video] = await this.ensureAll([order], options);
    return video as EnsuredVideo;
  }

  /**
   * {@link ensure} for all that a site needs, made side by side; the answers are in the order of the orders.
   * @throws as `ensure`; EnsureFailedError where several went wrong. What did not is in the lock then.
   */
  async ensureAll(orders: readonly EnsureOrder[], options: EnsureOptions = {}): Promise<EnsuredVideo[]> {
    const { ensureAll } = await import("./ensure/ensuring.ts");
    return ensureAll(orders, options, {
      client: () => this.video,
      fetch: this.#fetch,
      gateway: this.#baseUrl,
    });
  }

  /**
   * What the account and this key ordered today, this month and in all, in every state of money, and what caps leave.
   * @throws FilmgateError `publishable_key` (403).
   */
  async usage(options: CallOptions = {}): Promise<UsageResponse> {
    return this.#send({ method: "GET", path: "/v1/usage", signal: options.signal });
  }

  /**
   * A permission to create one video from a page of `origin`, of this model and at most at this price; by default for
   * ten minutes. Made on a server, with a secret key; the page gives it as `ticket` to `video.create`. Nothing is
   * reserved by it.
   * @throws FilmgateError `unknown_model`, `price_unknown`, `invalid_field` (400), `cost_exceeds_limit` (402),
   * `publishable_key` (403).
   */
  async createTicket(request: CreateTicketRequest, options: CallOptions = {}): Promise<CreatedTicket> {
    return this.#send({
      method: "POST",
      path: "/v1/tickets",
      repeating: "harmless",
      body: { json: request },
      signal: options.signal,
    });
  }
}

/**
 * `new Filmgate(options).ensureAll(orders, options)`, which needs neither a key nor an address for as long as the lock
 * has everything.
 * @throws as `ensureAll`; FilmgateError `invalid_setting` if something has to be asked, and a setting is missing.
 */
export async function ensureVideos(
  orders: readonly EnsureOrder[],
  options: EnsureOptions & FilmgateOptions = {},
): Promise<EnsuredVideo[]> {
  const { ensureAll } = await import("./ensure/ensuring.ts");
  let client: VideoClient | undefined;
  return ensureAll(orders, options, {
    client() {
      client ??= new Filmgate(options).video;
      return client;
    },
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    gateway: givenBaseUrl(options),
  });
}

export type {
  BaseResponse,
  Caps,
  Cost,
  CostState,
  CreatedTicket,
  CreateTicketRequest,
  CreateVideoRequest,
  CreateVideoResponse,
  DeleteVideoResponse,
  DownloadVideoResponse,
  DryRunResponse,
  ListModelsResponse,
  ListVideosResponse,
  ModelName,
  Publication,
  PublishRequest,
  QueryStatus,
  QueryVideoResponse,
  ResolutionName,
  Spending,
  SubjectReference,
  Sums,
  UnpublishResponse,
  UploadedImage,
  UsageResponse,
  Video,
  VideoModel,
  VideoStatus,
  VisitorVideo,
  WebhookEvent,
  WebhookEventType,
} from "../contract.ts";
export type {
  EnsureNamedOptions,
  NamedOrders,
  NamedProgress,
  NamedVideo,
  WrittenOrder,
} from "./ensure/named.ts";
export { ensureNamed, progressTeller } from "./ensure/named.ts";
export type {
  EnsuredVideo,
  EnsureOptions,
  EnsureProgress,
  VideoSource,
} from "./ensure/options.ts";
export type { EnsureOrder, Json, LockedOrder, OrderMedia } from "./ensure/order-identity.ts";
export type { ClientErrorCode, FilmgateErrorCode, MiniMaxAnswer, MissingVideo } from "./errors.ts";
export {
  ConnectionError,
  EnsureFailedError,
  FilmgateError,
  MissingVideosError,
  VideoFailedError,
  WaitTimeoutError,
  WebhookError,
} from "./errors.ts";
export type {
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
export { describeProgress } from "./progress.ts";
export type { Fetch, FilmgateOptions } from "./settings.ts";
export type { VideoClient } from "./video.ts";
export type { WaitOptions } from "./waiting.ts";
export { verifyWebhook, type WebhookMessage, type WebhookRequest } from "./webhook.ts";
