/**
 * The TypeScript client, published as `filmgate/client`: no dependencies, for Node, browsers and workers. This file is
 * its door: the class, and by name everything else that callers may rely on.
 */

import type { CreatedTicket, CreateTicketRequest, UsageResponse } from "../contract.ts";
import type { CallOptions } from "./orders.ts";
import { createOpenStream, createSend, type Send } from "./send.ts";
import { type FilmgateOptions, readSettings } from "./settings.ts";
import { VideoClient } from "./video.ts";

export class Filmgate {
  readonly video: VideoClient;
  readonly #send: Send;

  /**
   * @param options.apiKey by default `FILMGATE_API_KEY` of the environment.
   * @param options.baseUrl by default `FILMGATE_URL` of the environment.
   * @throws FilmgateError `invalid_setting` if one is missing or wrong. Nothing is sent yet.
   */
  constructor(options: FilmgateOptions = {}) {
    const settings = readSettings(options);
    this.#send = createSend(settings);
    this.video = new VideoClient(this.#send, createOpenStream(settings), settings.timeoutMs);
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
      body: { json: request },
      signal: options.signal,
    });
  }
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
export type { ClientErrorCode, FilmgateErrorCode, MiniMaxAnswer } from "./errors.ts";
export {
  ConnectionError,
  FilmgateError,
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
