/**
 * The TypeScript client, published as `filmgate/client`: no dependencies, for Node, browsers and workers. This file is
 * its door: the class, and by name everything else that callers may rely on.
 */

import type { UsageResponse } from "../contract.ts";
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
}

export type {
  BaseResponse,
  Caps,
  Cost,
  CostState,
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
