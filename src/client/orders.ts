/** What a caller gives and gets beyond the contract: options of the calls, kinds of orders, what `generate` makes. */

import type { CreateVideoRequest, CreateVideoResponse, Video, VideoStatus } from "../contract.ts";
import type { WaitOptions } from "./waiting.ts";

export type CallOptions = {
  /** Ends the call, which then rejects with the signal's reason. What was ordered goes on. */
  signal?: AbortSignal | undefined;
};

export type CreateOptions = CallOptions & {
  /**
   * 1 to 255 visible ASCII characters: calls with the same key and order are one order, paid once. By default each
   * call has a key of its own, so its retries are one order and a second call is another.
   */
  idempotencyKey?: string | undefined;
  /**
   * What a page creates with, where `apiKey` is a publishable key: a ticket that its server made with
   * `filmgate.createTicket()`. It is good for one order, however often the call is repeated; no `idempotencyKey`
   * counts beside it.
   */
  ticket?: string | undefined;
  /** Called, before the call ends, if its `idempotencyKey` was used before this call, and its order is that one. */
  onReplayed?: (() => void) | undefined;
};

export type LinkOptions = {
  /** How long the link must work, in seconds: 60 to 604,800 (7 days), by default 86,400. */
  expiresIn?: number | undefined;
  /** `inline` (default) to be played, `attachment` to be saved. */
  disposition?: "inline" | "attachment" | undefined;
  /** What it is saved as, if it is to be saved; `.mp4` is put at its end. */
  filename?: string | undefined;
  /**
   * `worker` (default): served by filmgate. `r2`: served by R2 itself, where the deployment has S3 credentials; the
   * answer's `notice` says what such a link cannot do.
   */
  via?: "worker" | "r2" | undefined;
};

export type ListOptions = {
  /** How many videos a page has: 1 to 100, by default 20. */
  limit?: number | undefined;
  /** The id behind which the page begins: `last_id` of the page before. */
  after?: string | undefined;
  /** `desc` (default) is newest first. */
  order?: "asc" | "desc" | undefined;
  status?: VideoStatus | undefined;
  model?: string | undefined;
  /** From this second on. */
  createdAfter?: Date | undefined;
  createdBefore?: Date | undefined;
};

/** An order that is meant. */
export type VideoOrder = CreateVideoRequest & { dry_run?: false | undefined };
export type VideoQuoteRequest = CreateVideoRequest & { dry_run: true };
/** As {@link VideoOrder}, with a first frame; the model defaults to MiniMax-Hailuo-2.3. */
export type ImageVideoOrder = Omit<VideoOrder, "model"> & {
  model?: string | undefined;
  first_frame_image: string;
};

export type GenerateOptions = CreateOptions &
  WaitOptions &
  LinkOptions & {
    /** Called once the order is taken, with its task: what to write down in case this process ends. */
    onCreated?: ((created: CreateVideoResponse) => void) | undefined;
  };

export type GeneratedVideo = {
  /** The whole record: size, cost, hash, metadata. */
  video: Video;
  taskId: string;
  fileId: string;
  /** Plays anywhere until it expires, without a key. */
  downloadUrl: string;
  expiresAt: Date;
  bytes: number;
  /** Of the file, in hex. */
  sha256: string;
};
