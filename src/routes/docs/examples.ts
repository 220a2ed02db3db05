/** Answers as the document shows them, by the name of their model; refusals stand in refusal-examples.ts. */

import type {
  Account,
  ApiKey,
  CreatedApiKey,
  CreatedTicket,
  DeleteVideoResponse,
  DeployHook,
  HeldTask,
  OEmbedResponse,
  Spending,
  UploadedAudio,
  UploadedImage,
  UploadedVideo,
  UsageResponse,
  WebhookDelivery,
  WebhookEvent,
  WebhookSecret,
} from "../../contract.ts";
import type { Examples } from "./document.ts";
import {
  begun,
  bytes,
  created,
  createdAt,
  download,
  fileId,
  finished,
  link,
  lost,
  otherTaskId,
  publication,
  quote,
  settled,
  sha256,
  someModels,
  success,
  taskId,
  underWay,
  video,
  visitorVideo,
} from "./video-examples.ts";

const sums = { reserved_usd: 0.28, settled_usd: 1.12, released_usd: 0, held_usd: 0 };
const spending: Spending = {
  caps: { usd_per_day: 25, usd_per_month: null },
  day: { ...sums, remaining_usd: 23.6 },
  month: { ...sums, remaining_usd: null },
  total: sums,
};
const usage: UsageResponse = {
  object: "usage",
  account: { name: "default", ...spending },
  key: { id: "key_7h2m9qxw4t0vz3kd", name: "my site", ...spending },
};

const apiKey: ApiKey = {
  id: "key_7h2m9qxw4t0vz3kd",
  object: "key",
  name: "my site",
  account: "default",
  kind: "secret",
  caps: spending.caps,
  origins: null,
  tickets: false,
  created_at: createdAt,
  revoked_at: null,
  last_used_at: null,
};
const createdKey: CreatedApiKey = { ...apiKey, key: "mql_default_0123456789abcdefghjkmnpqrstvwxyz01234567" };

const account: Account = {
  object: "account",
  name: "studio",
  retention_days: 90,
  webhook_url: null,
  deploy_hook_url: "https://api.netlify.com/…c3d4",
  closed_at: null,
  usage: spending,
};

const held: HeldTask = {
  task_id: otherTaskId,
  object: "held",
  account: "studio",
  created_at: createdAt,
  estimated_cost_usd: 0.28,
  video: lost,
};

const delivery: WebhookDelivery = {
  id: "msg_5k8s1v4x7za0c3e6g9jm2q5t8w",
  object: "webhook.delivery",
  type: "video.succeeded",
  url: "https://example.com/filmgate?…",
  state: "delivered",
  created_at: createdAt + 104,
  next_attempt_at: null,
  attempts: [{ at: createdAt + 105, status: 204, error: null, duration_ms: 180 }],
};
const event: WebhookEvent = { type: "video.succeeded", timestamp: "2026-11-23T21:01:44.000Z", data: video };
const secret: WebhookSecret = {
  object: "webhook.secret",
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  created_at: createdAt,
  previous_sign_until: null,
};

const deployHook: DeployHook = {
  id: "hook_5k8s1v4x7za0c3e6g9jm2q5t8w",
  object: "deploy_hook",
  url: "https://api.netlify.com/…c3d4",
  source: "account",
  state: "idle",
  videos_waiting: 0,
  next_call_at: null,
  calls: [{ at: createdAt + 164, videos: 10, status: 200, error: null, duration_ms: 210 }],
};

const ticket: CreatedTicket = {
  object: "ticket",
  ticket: "k1.eyJpZCI6InRpY2tldF8wM2Y5azJtNnE4czF2NXg3emE0YzBlMmc2aiJ9.KGh8QB9dRk3Y5tW1vZpL7mXcN2sE4uJ6",
  model: "MiniMax-Hailuo-2.3",
  max_cost_usd: 0.28,
  origin: "https://example.com",
  expires_at: createdAt + 600,
};

const deleted: DeleteVideoResponse = {
  id: taskId,
  object: "video.deleted",
  deleted: true,
  cancelled: false,
  cost: settled,
  message: "The video and its file were deleted. It was charged.",
};

const oembed: OEmbedResponse = {
  version: "1.0",
  type: "video",
  provider_name: "filmgate",
  title: "Waves at sunset",
  width: 1366,
  height: 768,
  html: `<iframe src="${publication.page_url}" width="1366" height="768" title="Waves at sunset" allow="fullscreen; picture-in-picture" allowfullscreen></iframe>`,
};

const image: UploadedImage = {
  id: `image_${sha256}`,
  object: "file",
  purpose: "image",
  content_type: "image/jpeg",
  bytes: 184_220,
  width: 1280,
  height: 720,
};
const film: UploadedVideo = {
  id: `video_${sha256}`,
  object: "file",
  purpose: "video",
  content_type: "video/mp4",
  bytes,
  width: 1366,
  height: 768,
  seconds: 6.04,
};
const sound: UploadedAudio = {
  id: `audio_${sha256}`,
  object: "file",
  purpose: "audio",
  content_type: "audio/wav",
  bytes: 529_244,
  seconds: 6,
};

const list = <T>(...data: T[]) => ({ object: "list", data });
const refused = { status_code: 2013, status_msg: "model: is required." };
const query = { task_id: taskId, status: "Success", file_id: fileId, video_width: 1366, video_height: 768 };
const file = { file_id: fileId, bytes, created_at: createdAt + 104, filename: `${fileId}.mp4` };

const h3Task = {
  id: taskId,
  model: "MiniMax-H3",
  status: "succeeded",
  created_at: createdAt,
  updated_at: createdAt + 417,
  content: { url: link },
  ...{ resolution: "768P", duration: 5, ratio: "16:9" },
  usage: { total_seconds: 5, input_seconds: 0, output_seconds: 5, input_image_count: 0 },
  ...{ task_type: "generation", modality: "video" },
};

const one = (value: unknown): Examples => ({ example: { value } });

export const answerExamples: Readonly<Record<string, Examples>> = {
  CreateVideoResponse: { task: { summary: "The task that makes it", value: created } },
  DryRunResponse: { price: { summary: "What it would cost, of a dry run", value: quote } },
  OpenAICreateVideoResponse: { task: { summary: "The task that makes it", value: begun } },
  QueryVideoResponse: {
    underWay: { summary: "It is being made", value: underWay },
    finished: { summary: "There is a video, and its link was asked for", value: finished },
  },
  DownloadVideoResponse: one(download),
  Video: { video: { summary: "A finished video", value: video } },
  VisitorVideo: { visitor: { summary: "What a publishable key reads of it", value: visitorVideo } },
  ListVideosResponse: one({ ...list(video), first_id: taskId, last_id: taskId, has_more: false }),
  DeleteVideoResponse: one(deleted),
  ListModelsResponse: one(list(...someModels)),
  Publication: one(publication),
  UnpublishResponse: one({ id: taskId, object: "publication.deleted", deleted: true }),
  OEmbedResponse: one(oembed),
  ListWebhookDeliveriesResponse: one(list(delivery)),
  WebhookDelivery: one(delivery),
  WebhookEvent: one(event),
  WebhookSecret: one(secret),
  DeployHook: one(deployHook),
  ListDeployHooksResponse: one(list(deployHook)),
  UploadedImage: { image: { value: image } },
  UploadedVideo: { video: { value: film } },
  UploadedAudio: { audio: { value: sound } },
  CreatedTicket: one(ticket),
  UsageResponse: one(usage),
  CreatedApiKey: one(createdKey),
  ApiKey: one(apiKey),
  ListKeysResponse: one(list(apiKey)),
  Account: one(account),
  ListAccountsResponse: one(list(account)),
  ListHeldResponse: one(list(held)),
  ResolveHeldResponse: one({
    task_id: otherTaskId,
    object: "held.resolved",
    cost: { ...lost.cost, charged_usd: 0, state: "released" },
    video: { ...lost, cost: { ...lost.cost, charged_usd: 0, state: "released" } },
  }),
  MiniMaxV1Created: {
    task: { summary: "The task that makes it", value: { task_id: taskId, base_resp: success } },
    refusal: { summary: "Why there is none", value: { task_id: "", base_resp: refused } },
  },
  MiniMaxV1Task: {
    task: { summary: "There is a video", value: { ...query, base_resp: success } },
    refusal: {
      summary: "Why it is not told",
      value: {
        ...{ task_id: "", status: "", file_id: "", video_width: 0, video_height: 0 },
        base_resp: { status_code: 2013, status_msg: "There is no such task." },
      },
    },
  },
  MiniMaxV1File: {
    file: {
      summary: "The file",
      value: { file: { ...file, purpose: "video_generation", download_url: link }, base_resp: success },
    },
    refusal: {
      summary: "Why there is none",
      value: { base_resp: { status_code: 2013, status_msg: "There is no such file." } },
    },
  },
  MiniMaxV2Created: one({ task_id: taskId }),
  MiniMaxV2Query: one({ task: h3Task }),
  MiniMaxV2List: one({ items: [h3Task], total: 1 }),
  MiniMaxV2Deleted: one({ task_id: taskId, action: "cancelled", status: "cancelled" }),
  Healthy: one({ ok: true }),
  NotHealthy: one({ ok: false, problems: ["MINIMAX_API_KEY is not set."] }),
};
