/** What a caller gives and gets where a video is to be there: options of `ensure`, its answers, what it tells meanwhile. */

import type { PublishRequest, Video } from "../../contract.ts";
import type { LockedOrder } from "./order-identity.ts";

export type EnsureOptions = {
  /** The lock's path, from the working directory, or its `file:` URL: by default `videos.lock.json`. */
  lock?: string | URL | undefined;
  /** Makes nothing and writes nothing, and fails if something is missing: by default where `CI` is set. */
  frozen?: boolean | undefined;
  /** Most that all videos which have to be made may cost together, in US dollars. Over it, none is made. */
  maxCostUsd?: number | undefined;
  /**
   * How videos are published, where their orders do not say: by default at an address that stays, on any site. With
   * false none is published; one that is stays so.
   */
  publish?: PublishRequest | false | undefined;
  /** Refuses, before anything is made, orders whose videos no page could show since they are not to be published. */
  requirePublished?: boolean | undefined;
  /** Asks each video's address whether it still plays. */
  verify?: boolean | undefined;
  /** What the orders are called in sentences, in their order: by default `Order 1`, `Order 2` … */
  names?: readonly string[] | undefined;
  onProgress?: ((progress: EnsureProgress) => void) | undefined;
  /** Sentences on what was done beside making videos: a conflict united, settings of a publication changed. */
  onNotice?: ((sentence: string) => void) | undefined;
  /** How long to wait for all of them together, in milliseconds: by default 1,800,000. */
  maxWaitMs?: number | undefined;
  /** How many orders are priced or given at a time: by default 4. All that are made are waited for at once. */
  concurrency?: number | undefined;
  /** Ends the call, not the videos: what was ordered stands in the lock, and the next call goes on with it. */
  signal?: AbortSignal | undefined;
};

export type EnsuredVideo = {
  /** Of the lock. */
  key: string;
  order: LockedOrder;
  taskId: string;
  fileId: string;
  /** Where it plays, as long as it is published; null if it is not. */
  url: string | null;
  pageUrl: string | null;
  posterUrl: string | null;
  /** What it was published with: its title, and what is seen (`alt`); null if it was not. */
  publish: PublishRequest | null;
  /** In pixels; null where MiniMax did not tell. */
  width: number | null;
  height: number | null;
  seconds: number;
  bytes: number;
  /** Of the file, in hex. */
  sha256: string;
  /** `lock`: it was there. `joined`: it was ordered before, and this call waited for it. `created`: it was paid now. */
  source: VideoSource;
  /** What this call paid, in US dollars; 0 for what was there, or was given twice; null if the price is not known. */
  costUsd: number | null;
};

export type VideoSource = "lock" | "joined" | "created";

export type EnsureProgress = {
  key: string;
  /** Where it stands among the orders of the call, from 0: each place, if it is there more than once. */
  indices: readonly number[];
  order: LockedOrder;
  taskId: string;
  source: VideoSource;
  /** How it is doing, as `describeProgress` takes it. */
  video: Pick<Video, "status" | "progress" | "queue_position">;
};
