/** The body of a V1 create (platform.minimax.io/docs/api-reference/video-generation-{t2v,i2v,fl2v,s2v}). */

import { findModel } from "../../domain/models.ts";
import { type ImageField, imageFields, type Order } from "../../domain/order.ts";
import { buildAround } from "./body.ts";
import type { Wire } from "./wire.ts";

export const buildBody: Wire["buildBody"] = (order, callbackUrl, openMedia) => {
  const sources = imageFields.flatMap((field) => {
    const source = order.images[field];
    return source === undefined ? [] : [{ field, source }];
  });
  return buildAround(sources, openMedia, (placed) => {
    const images = Object.fromEntries(placed.map(({ field, url }) => [field, url]));
    return fieldsOf(order, images, callbackUrl);
  });
};

function fieldsOf(order: Order, images: Partial<Record<ImageField, string>>, callbackUrl: string | null) {
  const takes = new Set(findModel(order.model)?.takes ?? []);
  const subject = images.subject_reference;
  return {
    model: order.model,
    ...(order.prompt === null ? {} : { prompt: order.prompt }),
    ...(images.first_frame_image === undefined ? {} : { first_frame_image: images.first_frame_image }),
    ...(images.last_frame_image === undefined ? {} : { last_frame_image: images.last_frame_image }),
    ...(subject === undefined ? {} : { subject_reference: [{ type: "character", image: [subject] }] }),
    ...(takes.has("duration") ? { duration: order.duration } : {}),
    ...(takes.has("resolution") ? { resolution: order.resolution } : {}),
    ...(takes.has("prompt_optimizer") ? { prompt_optimizer: order.promptOptimizer } : {}),
    ...(order.fastPretreatment ? { fast_pretreatment: true } : {}),
    ...(callbackUrl === null ? {} : { callback_url: callbackUrl }),
  };
}
