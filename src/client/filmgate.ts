/**
 * The TypeScript client, published as `filmgate/client`: no dependencies, for Node, browsers and workers. This file is
 * its door: the class, and by name everything else that callers may rely on.
 */

import { createSend } from "./send.ts";
import { type FilmgateOptions, readSettings } from "./settings.ts";
import { VideoClient } from "./video.ts";

export class Filmgate {
  readonly video: VideoClient;

  /**
   * @param options.apiKey by default `FILMGATE_API_KEY` of the environment.
   * @param options.baseUrl by default `FILMGATE_URL` of the environment.
   * @throws FilmgateError `invalid_setting` if one is missing or wrong. Nothing is sent yet.
   */
  constructor(options: FilmgateOptions = {}) {
    const settings = readSettings(options);
    this.video = new VideoClient(createSend(settings), settings.timeoutMs);
  }
}

export type {
  BaseResponse,
  CostState,
  CreateVideoRequest,
  CreateVideoResponse,
  DeleteVideoResponse,
  DownloadVideoResponse,
  DryRunResponse,
  ListModelsResponse,
  ModelName,
  QueryStatus,
  QueryVideoResponse,
  ResolutionName,
  SubjectReference,
  UploadedImage,
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
  VideoOrder,
  VideoQuoteRequest,
} from "./orders.ts";
export type { Fetch, FilmgateOptions } from "./settings.ts";
export type { VideoClient } from "./video.ts";
export type { WaitOptions } from "./waiting.ts";
export { verifyWebhook, type WebhookMessage, type WebhookRequest } from "./webhook.ts";
