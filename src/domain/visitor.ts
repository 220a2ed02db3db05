/**
 * Who uses a publishable key: a visitor of somebody's page. What of a video they read, and as whom their requests are
 * counted.
 */

import type { Video, VisitorVideo } from "../contract.ts";

/**
 * Whether a visitor reads it, field by field: a new field of the video object does not compile until somebody has
 * decided. What its owner wrote into the order, what it cost, and the way to another task stay with the owner.
 */
const isForVisitors = {
  id: true,
  object: true,
  model: true,
  mode: true,
  status: true,
  progress: true,
  queue_position: true,
  prompt: false,
  seconds: true,
  size: true,
  resolution: true,
  take: true,
  created_at: true,
  completed_at: true,
  expires_at: true,
  // The id of another task is the right to watch that one.
  retry_of: false,
  remixed_from_video_id: true,
  // Who ordered with a ticket must be told why nothing came.
  error: true,
  cost: false,
  metadata: false,
  file_id: true,
  bytes: true,
  sha256: true,
  download_url: true,
  download_url_expires_at: true,
  publication: true,
  events: false,
} as const satisfies Record<keyof Video, boolean>;

/** The video object as a publishable key reads it. */
export function forVisitor(video: Video): VisitorVideo {
  const shown = Object.entries(video).filter(([field]) => isForVisitors[field as keyof Video]);
  return Object.fromEntries(shown) as VisitorVideo;
}

/**
 * What a visitor is counted by: an IPv4 address, or the /64 of an IPv6 address, since a single line has as many of
 * those as it likes. A text that is no address counts as it stands.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [before = "", after] = address.toLowerCase().split("::");
  const groupsOf = (text: string) => (text === "" ? [] : text.split(":"));
  const [head, tail] = [groupsOf(before), groupsOf(after ?? "")];
  const zeros = after === undefined ? 0 : Math.max(0, 8 - head.length - tail.length);
  const groups = [...head, ...Array.from({ length: zeros }, () => "0"), ...tail];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
