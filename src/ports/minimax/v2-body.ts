/**
 * The body of a V2 create (platform.minimax.io/docs/api-reference/video-generation-v2-create): a text, and images,
 * videos and sounds with the parts that they play. Its unknown fields are refused, so only what the row takes is sent.
 */

import type { MediaField, Order } from "../../domain/order.ts";
import { buildAround, type Placed } from "./body.ts";
import type { Wire } from "./wire.ts";

/** How each of our fields stands in `content`. A subject has no place on this wire, and no row that takes one. */
const items: Record<MediaField, { type: "image_url" | "video_url" | "audio_url"; role: string }> = {
  first_frame_image: { type: "image_url", role: "first_frame" },
  last_frame_image: { type: "image_url", role: "last_frame" },
  subject_reference: { type: "image_url", role: "reference_image" },
  reference_images: { type: "image_url", role: "reference_image" },
  reference_videos: { type: "video_url", role: "reference_video" },
  reference_audio: { type: "audio_url", role: "reference_audio" },
};

/** MiniMax wants format names in data URLs, not media types; its own client rewrites `audio/mpeg`. */
const labels: Readonly<Record<string, string>> = {
  "video/quicktime": "video/mov",
  "audio/mpeg": "audio/mp3",
};

export const buildBody: Wire["buildBody"] = (order, callbackUrl, openMedia) => {
  const { first_frame_image: first, last_frame_image: last } = order.images;
  const sources = [
    ...(first === undefined ? [] : [{ field: "first_frame_image", source: first } as const]),
    ...(last === undefined ? [] : [{ field: "last_frame_image", source: last } as const]),
    ...(order.v2?.references ?? []),
  ];
  return buildAround(
    sources,
    openMedia,
    (placed) => fieldsOf(order, placed, callbackUrl),
    (contentType) => labels[contentType] ?? contentType,
  );
};

function fieldsOf(order: Order, placed: readonly Placed[], callbackUrl: string | null) {
  const { model, prompt, resolution, duration, mode, v2 } = order;
  const isShapedByFrames = mode === "image" || mode === "frames";
  return {
    model,
    content: [
      { type: "text", text: prompt },
      ...placed.map(({ field, url }) => {
        const { type, role } = items[field];
        return { type, [type]: { url }, role };
      }),
    ],
    resolution,
    duration,
    ...(v2 === undefined || isShapedByFrames ? {} : { ratio: v2.ratio }),
    ...(v2 === undefined || v2.promptExpansion === null
      ? {}
      : { extra: { prompt_expansion_mode: v2.promptExpansion } }),
    ...(callbackUrl === null ? {} : { callback_url: callbackUrl }),
  };
}
