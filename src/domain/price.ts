/**
 * What an order costs, part by part, and what MiniMax's own count of a finished video makes of it. Integers of
 * millionths of a US dollar. The seconds of a reference video are charged, too: those of an address are not known
 * before MiniMax fetched it, so the most that it takes is reserved, and its count settles.
 */

import type { ResolutionName } from "../contract.ts";
import { clipSeconds } from "./media.ts";
import { type Extras, findModel, type OwnPrice, ownPrice, priceMicroUsd } from "./models.ts";
import type { Shape } from "./order.ts";

export type PricePart = Readonly<{
  of: "video" | "images" | "reference_video";
  quantity: number;
  unit: "video" | "second" | "image";
  unitMicroUsd: number;
  /** True where MiniMax may charge less. */
  isMost: boolean;
}>;

/** What MiniMax says that a finished video took: whole seconds, and images with the free ones. */
export type Usage = Readonly<{ outputSeconds: number; inputSeconds: number; images: number }>;

/** What of an order costs something; of a draft, a reference video's length is not known yet. */
type Priced = Pick<Shape<unknown>, "model" | "duration" | "resolution" | "images" | "v2">;

/** Null where no price is published and the operator set none. */
export function partsOf(order: Priced, own: readonly OwnPrice[]): readonly PricePart[] | null {
  const row = findModel(order.model);
  const price = row === undefined ? null : priceMicroUsd(row, order, own);
  if (row === undefined || price === null) return null;
  const { extras } = row;
  const second = ownPrice(row, order, own) === null ? extras?.secondMicroUsd[order.resolution] : undefined;
  const video: PricePart =
    second === undefined
      ? { of: "video", quantity: 1, unit: "video", unitMicroUsd: price, isMost: false }
      : { of: "video", quantity: order.duration, unit: "second", unitMicroUsd: second, isMost: false };
  if (extras === null) return [video];
  const rates = ratesOf(extras, order.resolution);
  const [paidImages, input] = [paidOf(imagesOf(order), extras), inputSecondsOf(order)];
  return [
    video,
    ...(paidImages === 0
      ? []
      : [
          {
            of: "images",
            quantity: paidImages,
            unit: "image",
            unitMicroUsd: rates.image,
            isMost: false,
          } as const,
        ]),
    ...(input.seconds === 0
      ? []
      : [
          {
            of: "reference_video",
            quantity: input.seconds,
            unit: "second",
            unitMicroUsd: rates.input,
            isMost: !input.isKnown,
          } as const,
        ]),
  ];
}

/** What an order costs in all; null where a price is unknown. */
export function priceOf(order: Priced, own: readonly OwnPrice[]): number | null {
  return (
    partsOf(order, own)?.reduce((sum, { quantity, unitMicroUsd }) => sum + quantity * unitMicroUsd, 0) ?? null
  );
}

/**
 * What MiniMax charges by its own count: what was reserved, and what it counted more or less of each part. A price of
 * the operator's for the video stays as it is.
 * @returns null where nothing was reserved, since no price is known.
 */
export function chargeOf(order: Priced, reservedMicroUsd: number | null, usage: Usage | null): number | null {
  const extras = findModel(order.model)?.extras ?? null;
  if (reservedMicroUsd === null || usage === null || extras === null) return reservedMicroUsd;
  const rates = ratesOf(extras, order.resolution);
  const charge =
    reservedMicroUsd +
    (usage.outputSeconds - order.duration) * rates.second +
    (usage.inputSeconds - inputSecondsOf(order).seconds) * rates.input +
    (paidOf(usage.images, extras) - paidOf(imagesOf(order), extras)) * rates.image;
  return Math.max(0, charge);
}

function ratesOf(extras: Extras, resolution: ResolutionName) {
  return {
    second: extras.secondMicroUsd[resolution] ?? 0,
    input: extras.inputSecondMicroUsd[resolution] ?? 0,
    image: extras.imageMicroUsd,
  };
}

function paidOf(images: number, { freeImages }: Extras): number {
  return Math.max(0, images - freeImages);
}

/** Frames and references alike. */
function imagesOf({ images, v2 }: Priced): number {
  const references = v2?.references.filter(({ field }) => field === "reference_images") ?? [];
  return Object.values(images).length + references.length;
}

/** Begun seconds count as whole ones: how MiniMax rounds is not documented. */
function inputSecondsOf({ v2 }: Priced): { seconds: number; isKnown: boolean } {
  const lengths = (v2?.references ?? [])
    .filter(({ field }) => field === "reference_videos")
    .map(({ source }) => secondsOf(source));
  const known = lengths.filter((seconds) => seconds !== null);
  if (known.length < lengths.length) return { seconds: clipSeconds.mostTogether, isKnown: false };
  const sum = known.reduce((all, seconds) => all + Math.ceil(seconds), 0);
  return { seconds: Math.min(sum, clipSeconds.mostTogether), isKnown: true };
}

function secondsOf(source: unknown): number | null {
  const { seconds } = ((typeof source === "object" ? source : null) as { seconds?: number } | null) ?? {};
  return seconds ?? null;
}
