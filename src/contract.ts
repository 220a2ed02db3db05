/**
 * The JSON that both sides speak: types only, so that a client can share them without pulling in a schema library.
 * A type test proves them equal to the schemas that the routes parse with.
 * Instants are Unix seconds, money is US dollars, names are snake_case.
 */

export type ModelName =
  | "T2V-01"
  | "T2V-01-Director"
  | "I2V-01"
  | "I2V-01-Director"
  | "I2V-01-live"
  | "S2V-01"
  | "MiniMax-Hailuo-02"
  | "MiniMax-Hailuo-2.3"
  | "MiniMax-Hailuo-2.3-Fast"
  | "MiniMax-H3"
  | "MiniMax-H3-Max";

export type ResolutionName = "480P" | "512P" | "720P" | "768P" | "1080P" | "2K";

/** What a video starts from. */
export type VideoMode = "text" | "image" | "frames" | "subject" | "references";

/** The shape of a video. `adaptive` leaves it to MiniMax, which goes by the frames or references. */
export type Ratio = "21:9" | "16:9" | "4:3" | "1:1" | "3:4" | "9:16";
export type PromptExpansion = "disabled" | "balanced" | "quality";

export type SubjectReference = { type: "character"; image: string[] };

/** Body of `POST /v1/videos/generations` and `POST /v1/videos/minimax/generations`. */
export type CreateVideoRequest = {
  model: string;
  /** At most 2,000 characters, with the H3 models 7,000; may be left out with a first frame on others than these. */
  prompt?: string | undefined;
  /** A public URL, a data URL, bare base64, or an id from `POST /v1/files`. */
  first_frame_image?: string | undefined;
  last_frame_image?: string | undefined;
  subject_reference?: SubjectReference[] | undefined;
  /** H3 models: at most nine images to go by, each in the forms of a frame. They and frames exclude each other. */
  reference_images?: string[] | undefined;
  /** H3 models: at most three MP4 or MOV of 2 to 15 seconds, 15 together. MiniMax charges their seconds, too. */
  reference_videos?: string[] | undefined;
  /** H3 models: at most three WAV or MP3 of 2 to 15 seconds, 15 together, beside an image or video. */
  reference_audio?: string[] | undefined;
  /** Seconds: 6 or 10, with the H3 models 4 (Max: 5) to 15, as the model allows. */
  duration?: number | undefined;
  /** By default 768P, or the only one that the model makes. */
  resolution?: string | undefined;
  /** H3 models: `16:9` from text by default, else `adaptive`; with frames it is always that. */
  ratio?: Ratio | "adaptive" | undefined;
  /** MiniMax-H3-Max: how much MiniMax makes of the prompt, `balanced` by default. */
  prompt_expansion?: PromptExpansion | undefined;
  prompt_optimizer?: boolean | undefined;
  fast_pretreatment?: boolean | undefined;
  /** Which attempt at the same order is wanted: 1 (default) to 1000. */
  take?: number | undefined;
  /** At most 16 pairs, shown again on the video. */
  metadata?: Record<string, string> | undefined;
  /** Refuse the order if the model's price is above this. */
  max_cost_usd?: number | undefined;
  /** Keep the video for so many days after it ended, 1 to 3650; by default as the account says, which is for ever. */
  retention_days?: number | undefined;
  /** Who is told when the video succeeded, failed or was cancelled; by default whom the account says. */
  webhook_url?: string | undefined;
  /** Give the video an address that stays, known at once. */
  publish?: PublishRequest | undefined;
  /** Check and price the order without making it. */
  dry_run?: boolean | undefined;
  /** Sent by existing clients; only 1 is accepted. */
  n?: number | undefined;
  /** The other name of `ratio`, which existing clients send; has no effect on models without one. */
  aspect_ratio?: string | undefined;
};

/** Body of `POST /v1/videos`, as OpenAI's clients send it, as JSON or as a form. */
export type OpenAICreateVideoRequest = {
  model: string;
  prompt?: string | undefined;
  /** What the model makes; a text or a number. */
  seconds?: string | number | undefined;
  /** `1366x768`, `1280x720`, `1920x1080` or `2560x1440`, or a resolution's name. */
  size?: string | undefined;
  /** What the video starts with; in a form it may be a file. */
  input_reference?: string | { image_url?: string | undefined; file_id?: string | undefined } | undefined;
} & Pick<
  CreateVideoRequest,
  | "ratio"
  | "prompt_expansion"
  | "prompt_optimizer"
  | "fast_pretreatment"
  | "take"
  | "metadata"
  | "max_cost_usd"
  | "retention_days"
  | "webhook_url"
  | "dry_run"
>;

/** Answer of `POST /v1/videos`. */
export type OpenAICreateVideoResponse = Video & Pick<CreateVideoResponse, "joined" | "ignored_fields">;

/** Body of `POST /v1/videos/{task_id}/publish`, and `publish` of a create. What is left out is as if it were null. */
export type PublishRequest = {
  /** Sites that may show it, as `https://example.com`, at most 20; null: any. */
  origins?: string[] | null | undefined;
  /** At most 200 characters. */
  title?: string | null | undefined;
  /** What is seen, for those who do not see it; at most 1,000 characters. */
  alt?: string | null | undefined;
  /** Unix second from which on it is not served any more; null: until it is taken down. */
  expires_at?: number | null | undefined;
};

/** A video at an address that stays. */
export type Publication = {
  object: "publication";
  /** The task's. */
  id: string;
  file_id: string;
  /** The video. It is the same for ever. */
  url: string;
  /** Its player page, for an iframe or a link. */
  page_url: string;
  /** The picture that stands for it, also while the video is made; null where there is none. */
  poster_url: string | null;
  /** What programs that embed by oEmbed ask. */
  oembed_url: string;
  /** A `<video>` to paste into a page. */
  embed_html: string;
  /** `making` until there is a video; `failed` if none came. */
  state: "making" | "ready" | "failed";
  origins: string[] | null;
  title: string | null;
  alt: string | null;
  expires_at: number | null;
};

/** Answer of `GET /oembed`. */
export type OEmbedResponse = {
  version: "1.0";
  type: "video";
  provider_name: "filmgate";
  title?: string | undefined;
  width: number;
  height: number;
  /** An `<iframe>` with the player page. */
  html: string;
  /** Its poster, if it has one that there is room for: these three, or none. */
  thumbnail_url?: string | undefined;
  thumbnail_width?: number | undefined;
  thumbnail_height?: number | undefined;
};

/** Answer of `DELETE /v1/videos/{task_id}/publish`. */
export type UnpublishResponse = { id: string; object: "publication.deleted"; deleted: true };

/** MiniMax's envelope: 0 and "success", or its code and sentence. */
export type BaseResponse = { status_code: number; status_msg: string };

export type VideoStatus = "queued" | "in_progress" | "completed" | "failed";

export type CreateVideoResponse = {
  task_id: string;
  id: string;
  object: "video";
  model: ModelName;
  status: VideoStatus;
  created_at: number;
  /** Null where MiniMax publishes no price. */
  estimated_cost_usd: number | null;
  /** Present if the same order was given before and this is its task. */
  joined?: true | undefined;
  /** With `joined`: fields in which this request differs from what that task was ordered with. */
  ignored_fields?: string[] | undefined;
  /** Present if it is published. */
  publication?: Publication | undefined;
  base_resp: BaseResponse;
};

export type DryRunResponse = {
  object: "video.quote";
  dry_run: true;
  model: ModelName;
  mode: VideoMode;
  duration: number;
  resolution: ResolutionName;
  /** Null where the model has none to choose. */
  ratio: Ratio | "adaptive" | null;
  /** What is to be made, in 64 hex digits: orders with the same one are the same order, however they are written. */
  fingerprint: string;
  estimated_cost_usd: number | null;
  /** What the cost is made of; empty where no price is known. */
  cost_parts: CostPart[];
  base_resp: BaseResponse;
};

/** One part of a price: so much of something, at so much. */
export type CostPart = {
  of: "video" | "images" | "reference_video";
  /** Of what is paid for: `video` is one, or its seconds where MiniMax charges by them. */
  quantity: number;
  unit: "video" | "second" | "image";
  unit_usd: number;
  usd: number;
  /** True where MiniMax may charge less, since how long an address's video is turns out later. */
  is_most: boolean;
};

export type QueryStatus = "Preparing" | "Queueing" | "Processing" | "Success" | "Fail" | "failed";

/** Answer of `GET /v1/videos/query/{task_id}`. */
export type QueryVideoResponse = {
  id: string;
  object: "video";
  task_id: string;
  status: QueryStatus;
  /** Empty until the video is stored, as MiniMax has it. */
  file_id: string;
  video_width: number;
  video_height: number;
  /** Per cent; an estimate from the model's usual time. */
  progress: number;
  /** While it waits for its turn at MiniMax: its place in line, 1 for the next. */
  queue_position?: number | undefined;
  error?: string | undefined;
  download_url?: string | undefined;
  expires_at?: number | undefined;
  base_resp: BaseResponse;
};

/** Answer of `GET /v1/videos/download/{file_id}`. */
export type DownloadVideoResponse = {
  download_url: string;
  file_id: string;
  expires_in_seconds: number;
  expires_at: number;
  bytes: number;
  sha256: string;
  content_type: "video/mp4";
  filename: string;
  disposition: "inline" | "attachment";
  /** Who serves it: filmgate, or R2 itself. */
  via: "worker" | "r2";
  /** What such a link cannot do; null if there is nothing to know. */
  notice: string | null;
  base_resp: BaseResponse;
};

/** What a video costs: as reserved, and what was charged, which is null while nobody can say. */
export type Cost = { estimated_usd: number | null; charged_usd: number | null; state: CostState };
export type CostState = "reserved" | "settled" | "released" | "held";

/** Answer of `GET /v1/videos/{task_id}`. */
export type Video = {
  id: string;
  object: "video";
  model: ModelName;
  mode: VideoMode;
  status: VideoStatus;
  progress: number;
  /** Its place in line for its turn at MiniMax, 1 for the next; null if it is not in line. */
  queue_position: number | null;
  prompt: string | null;
  /** Seconds, as a string, as OpenAI's video object has it. */
  seconds: string;
  /** `1366x768` once MiniMax told it, else the resolution's name. */
  size: string;
  resolution: ResolutionName;
  take: number;
  created_at: number;
  /** When it was stored; null for as long as there is no video. */
  completed_at: number | null;
  /** When the video and its file will be removed; null: never, or not before it ends. */
  expires_at: number | null;
  /** The task whose next take this is. */
  retry_of: string | null;
  /** Read by OpenAI's clients; nothing is remixed here. */
  remixed_from_video_id: string | null;
  error: { code: string; message: string } | null;
  cost: Cost;
  metadata: Record<string, string>;
  file_id: string | null;
  bytes: number | null;
  sha256: string | null;
  download_url: string | null;
  download_url_expires_at: number | null;
  /** Null if it is not published; in a webhook also where the deployment does not know its own address. */
  publication: Publication | null;
  /** With `include=events`: what MiniMax answered, the oldest first, the newest 50. */
  events?: VideoEvent[] | undefined;
};

/** What a publishable key reads of a video: without what only its owner needs. */
export type VisitorVideo = Omit<Video, "prompt" | "retry_of" | "cost" | "metadata" | "events">;

/** What was asked of MiniMax, or heard from it. */
export type VideoEvent = {
  at: number;
  event: "submit" | "confirm" | "look" | "cancel" | "list" | "store" | "callback";
  /** In one word: `accepted`, `refused`, `Processing`, `success`, `stored`, `trouble` … */
  answer: string;
  /** MiniMax's `Trace-Id`, which its support asks for. */
  trace_id: string | null;
  /** MiniMax's code, where it gave one. */
  code: number | null;
  detail: string | null;
};

/** Answer of `GET /v1/videos`. */
export type ListVideosResponse = {
  object: "list";
  data: Video[];
  /** Null where the page is empty. */
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

export type DeleteVideoResponse = {
  id: string;
  object: "video.deleted" | "video.cancelled";
  deleted: boolean;
  cancelled: boolean;
  cost: Cost;
  /** What happened, and what it means for the money. */
  message: string;
};

export type VideoModel = {
  id: ModelName;
  object: "model";
  owned_by: "minimax";
  modes: VideoMode[];
  default: { resolution: ResolutionName; duration: number };
  makes: {
    mode: VideoMode;
    resolution: ResolutionName;
    duration: number;
    price_usd: number | null;
    expected_seconds: number;
  }[];
  /** Whether it takes a last frame without a first. */
  last_frame_alone: boolean;
  max_prompt_characters: number;
  /** The modes that need a prompt. */
  prompt_needed: VideoMode[];
  /** Shapes to choose from; empty where MiniMax decides. */
  ratios: Ratio[];
  prompt_expansions: PromptExpansion[];
  /** How many of each it goes by; null where it takes none. */
  references: { images: number; videos: number; audio: number } | null;
  /** What is paid beside `price_usd`; null where nothing is. */
  extras: {
    free_images: number;
    image_usd: number;
    reference_video_second_usd: { resolution: ResolutionName; usd: number }[];
  } | null;
  /** The modes in which it takes `fast_pretreatment`. */
  fast_pretreatment: VideoMode[];
};

export type ListModelsResponse = { object: "list"; data: VideoModel[] };

/** Answer of `POST /v1/files`: an image, video or sound to name where an order wants one. */
export type UploadedFile = UploadedImage | UploadedVideo | UploadedAudio;
export type UploadedImage = {
  id: string;
  object: "file";
  purpose: "image";
  content_type: "image/jpeg" | "image/png" | "image/webp" | "image/heic" | "image/heif";
  bytes: number;
  width: number;
  height: number;
};
export type UploadedVideo = {
  id: string;
  object: "file";
  purpose: "video";
  content_type: "video/mp4" | "video/quicktime";
  bytes: number;
  width: number;
  height: number;
  seconds: number;
};
export type UploadedAudio = {
  id: string;
  object: "file";
  purpose: "audio";
  content_type: "audio/mpeg" | "audio/wav";
  bytes: number;
  seconds: number;
};

/** Most that may be ordered in one UTC day or month, in US dollars; null for no cap. */
export type Caps = { usd_per_day: number | null; usd_per_month: number | null };
export type CapsChange = {
  usd_per_day?: number | null | undefined;
  usd_per_month?: number | null | undefined;
};
/** Money by its state, in US dollars. */
export type Sums = { reserved_usd: number; settled_usd: number; released_usd: number; held_usd: number };
/** What was ordered in the current UTC day and month and in all time; `remaining_usd` is null without a cap. */
export type Spending = {
  caps: Caps;
  day: Sums & { remaining_usd: number | null };
  month: Sums & { remaining_usd: number | null };
  total: Sums;
};

/** Answer of `GET /v1/usage`. */
export type UsageResponse = {
  object: "usage";
  account: Spending & { name: string };
  key: Spending & { id: string; name: string };
};

export type KeyKind = "secret" | "publishable";
export type CreateKeyRequest = {
  name: string;
  account?: string | undefined;
  kind?: KeyKind | undefined;
  caps?: CapsChange | undefined;
  /** Publishable keys only: sites whose pages may use it, as `https://example.com`, at most 20; null: any. */
  origins?: string[] | null | undefined;
  /** Publishable keys only, and only with `origins`: whether it creates with a ticket. */
  tickets?: boolean | undefined;
};
export type ChangeKeyRequest = {
  name?: string | undefined;
  caps?: CapsChange | undefined;
  origins?: string[] | null | undefined;
  tickets?: boolean | undefined;
};
export type ApiKey = {
  id: string;
  object: "key";
  name: string;
  account: string;
  kind: KeyKind;
  caps: Caps;
  /** Sites whose pages may use it; null: any. */
  origins: string[] | null;
  /** Whether it creates with a ticket. */
  tickets: boolean;
  created_at: number;
  revoked_at: number | null;
  last_used_at: number | null;
};
/** The key itself is shown this once. */
export type CreatedApiKey = ApiKey & { key: string };
export type ListKeysResponse = { object: "list"; data: ApiKey[] };

/** Body of `POST /v1/tickets`. */
export type CreateTicketRequest = {
  model: string;
  /** Most that the video may cost. */
  max_cost_usd: number;
  /** Of the site whose pages may use it, as `https://example.com`. */
  origin: string;
  /** 30 to 3600, by default 600. */
  expires_in_seconds?: number | undefined;
};
/** A permission to create one video from a browser. It is shown this once, and nothing of it is kept. */
export type CreatedTicket = {
  object: "ticket";
  /** What a browser sends as `Filmgate-Ticket`. */
  ticket: string;
  model: ModelName;
  max_cost_usd: number;
  origin: string;
  expires_at: number;
};

export type ChangeAccountRequest = {
  caps?: CapsChange | undefined;
  /** For orders without a wish of their own; null keeps videos for ever. */
  retention_days?: number | null | undefined;
  /** For orders without one of their own; null takes it away. */
  webhook_url?: string | null | undefined;
  /** A closed account refuses its keys; its tasks go on, and its links work. */
  closed?: boolean | undefined;
};
export type CreateAccountRequest = ChangeAccountRequest & { name: string };
export type Account = {
  object: "account";
  name: string;
  retention_days: number | null;
  webhook_url: string | null;
  closed_at: number | null;
  usage: Spending;
};
export type ListAccountsResponse = { object: "list"; data: Account[] };

/** A task of which nobody knows whether MiniMax charged for it. */
export type HeldTask = {
  task_id: string;
  object: "held";
  account: string;
  created_at: number;
  estimated_cost_usd: number | null;
  /** What to look for at MiniMax; null if the task was deleted since. */
  video: Video | null;
};
export type ListHeldResponse = { object: "list"; data: HeldTask[] };
/** One of the two: whether MiniMax charged for it, or which of MiniMax's tasks it is. */
export type ResolveHeldRequest = {
  account?: string | undefined;
  charged?: boolean | undefined;
  provider_task_id?: string | undefined;
};
/** The task as it is then; `video` is null if it was deleted since. */
export type ResolveHeldResponse = {
  task_id: string;
  object: "held.resolved";
  cost: Cost | null;
  video: Video | null;
};

export type WebhookEventType = "video.succeeded" | "video.failed" | "video.cancelled";

/** What is posted to a `webhook_url`, signed as Standard Webhooks has it. */
export type WebhookEvent = {
  type: WebhookEventType;
  /** When it happened, as ISO 8601. */
  timestamp: string;
  /** As it was then; the link in it works for seven days. */
  data: Video;
};

export type WebhookDelivery = {
  /** The message's `webhook-id`. */
  id: string;
  object: "webhook.delivery";
  type: WebhookEventType;
  /** Without its query, where secrets stand. */
  url: string;
  state: "pending" | "delivered" | "failed";
  created_at: number;
  next_attempt_at: number | null;
  /** The newest 20, oldest first; `duration_ms` is null while one is under way. */
  attempts: { at: number; status: number | null; error: string | null; duration_ms: number | null }[];
};
/** Answer of `GET /v1/videos/{task_id}/webhooks`. */
export type ListWebhookDeliveriesResponse = { object: "list"; data: WebhookDelivery[] };

/** Answer of `GET /v1/webhooks/secret`. */
export type WebhookSecret = {
  object: "webhook.secret";
  /** `whsec_` and base64. */
  secret: string;
  created_at: number;
  /** Until when secrets before this one sign, too; null where none does. */
  previous_sign_until: number | null;
};

/** Errors on generations, query and download. */
export type MiniMaxStyleError = {
  error: string;
  code: string;
  details: Record<string, unknown>;
  base_resp: BaseResponse;
};
/** Errors everywhere else. */
export type OpenAIStyleError = {
  error: { message: string; type: string; code: string; param: string | null };
};
