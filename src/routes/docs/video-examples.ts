/** A video and what is told of it, as the document shows them. */

import type {
  BaseResponse,
  Cost,
  CreateVideoResponse,
  DownloadVideoResponse,
  DryRunResponse,
  Publication,
  QueryVideoResponse,
  Video,
} from "../../contract.ts";
import { models } from "../../domain/models.ts";
import { modelView } from "../../domain/view.ts";

export const origin = "https://video.example.com";
export const taskId = "task_vmcn3psmsswzamtpxszgj97jmr";
export const fileId = "file_vmcn3psmsswzamtpxszgj97jmr";
export const otherTaskId = "task_03f9k2m6q8s1v5x7za4c0e2g6j";
export const createdAt = 1_795_467_600;
export const sha256 = "58ab9df85dcea1c2b3f04d6e7a8190c5d2e3f4a5b6c7d8e9f0a1b2c3d4e5f607";
export const bytes = 8_417_239;
export const link = `${origin}/files/${fileId}.mp4?exp=1795554000&kid=k1&sig=KGh8QB9dRk3Y5tW1vZpL7mXcN2sE4uJ6aF0iHgTqVyo`;
const linkEnd = 1_795_554_000;
const model = "MiniMax-Hailuo-2.3";
const title = "Waves at sunset";

export const success: BaseResponse = { status_code: 0, status_msg: "success" };
export const settled: Cost = { estimated_usd: 0.28, charged_usd: 0.28, state: "settled" };

export const publication: Publication = {
  object: "publication",
  id: taskId,
  file_id: fileId,
  url: `${origin}/v/${fileId}.mp4`,
  page_url: `${origin}/v/${fileId}`,
  poster_url: null,
  oembed_url: `${origin}/oembed?url=${encodeURIComponent(`${origin}/v/${fileId}`)}`,
  embed_html: `<video controls playsinline preload="metadata" width="1366" height="768" src="${origin}/v/${fileId}.mp4"></video>`,
  state: "ready",
  origins: ["https://example.com"],
  title,
  alt: null,
  expires_at: null,
};

export const video: Video = {
  id: taskId,
  object: "video",
  model,
  mode: "text",
  status: "completed",
  progress: 100,
  queue_position: null,
  prompt: "Ocean waves at sunset",
  seconds: "6",
  size: "1366x768",
  resolution: "768P",
  take: 1,
  created_at: createdAt,
  completed_at: createdAt + 104,
  expires_at: null,
  retry_of: null,
  remixed_from_video_id: null,
  error: null,
  cost: settled,
  metadata: { page: "/sea" },
  file_id: fileId,
  bytes,
  sha256,
  download_url: link,
  download_url_expires_at: linkEnd,
  publication: null,
};

/** As its create answers it. */
export const begun: Video = {
  ...video,
  status: "in_progress",
  progress: 1,
  size: "768P",
  completed_at: null,
  cost: { estimated_usd: 0.28, charged_usd: null, state: "reserved" },
  metadata: {},
  ...{ file_id: null, bytes: null, sha256: null, download_url: null, download_url_expires_at: null },
};

/** Of which nobody knows whether MiniMax charged for it. */
export const lost: Video = {
  ...begun,
  id: otherTaskId,
  status: "failed",
  progress: 0,
  error: {
    code: "outcome_unknown",
    message:
      "The answer to the order was lost, and no evidence came whether MiniMax took it. It may have been charged, so it was not sent again.",
  },
  cost: { estimated_usd: 0.28, charged_usd: null, state: "held" },
};

const { prompt: _prompt, retry_of: _retryOf, cost: _cost, metadata: _metadata, ...read } = video;
export const visitorVideo = read;

export const created: CreateVideoResponse = {
  task_id: taskId,
  id: taskId,
  object: "video",
  model,
  status: "in_progress",
  created_at: createdAt,
  estimated_cost_usd: 0.28,
  base_resp: success,
};

export const quote: DryRunResponse = {
  object: "video.quote",
  dry_run: true,
  model,
  mode: "text",
  duration: 6,
  resolution: "768P",
  ratio: null,
  fingerprint: "9f2c1d7e40b86a53c7e1f0a9d8b46253710fe9ac8d5b4c3e2f1a0b9c8d7e6f50",
  estimated_cost_usd: 0.28,
  cost_parts: [{ of: "video", quantity: 1, unit: "video", unit_usd: 0.28, usd: 0.28, is_most: false }],
  base_resp: success,
};

export const underWay: QueryVideoResponse = {
  id: taskId,
  object: "video",
  task_id: taskId,
  status: "Processing",
  file_id: "",
  video_width: 0,
  video_height: 0,
  progress: 46,
  base_resp: success,
};

export const finished: QueryVideoResponse = {
  ...underWay,
  status: "Success",
  file_id: fileId,
  video_width: 1366,
  video_height: 768,
  progress: 100,
  download_url: link,
  expires_at: linkEnd,
};

export const download: DownloadVideoResponse = {
  download_url: link,
  file_id: fileId,
  expires_in_seconds: 86_400,
  expires_at: linkEnd,
  bytes,
  sha256,
  content_type: "video/mp4",
  filename: `${fileId}.mp4`,
  disposition: "inline",
  via: "worker",
  notice: null,
  base_resp: success,
};

export const someModels = models.filter((row) => row.model === model).map((row) => modelView(row, []));
