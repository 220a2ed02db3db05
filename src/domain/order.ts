/**
 * What we accept: a create's fields checked against the model's row, before anything is stored, sent or spent.
 * A draft is an order whose images are still what the caller wrote; an order has them checked and kept.
 */

import type { CreateVideoRequest, ResolutionName } from "../contract.ts";
import { quote, Refusal } from "../errors.ts";
import { sha256Hex } from "./hash.ts";
import { findModel, type Mode, type ModelRow, models, type OwnPrice, priceMicroUsd } from "./models.ts";

/** Most takes of one order. */
export const maxTake = 1000;

/** Documented by MiniMax; counted in Unicode code points. */
const maxPromptCharacters = 2000;

/** An image as MiniMax will get it: an address that MiniMax fetches itself, or bytes that we keep by their hash. */
export type ImageSource =
  | { kind: "url"; url: string }
  | { kind: "stored"; sha256: string; contentType: string; bytes: number };

/** The fields that hold an image, in the order in which MiniMax gets them. */
export const imageFields = ["first_frame_image", "last_frame_image", "subject_reference"] as const;
export type ImageField = (typeof imageFields)[number];

type Wanted = Readonly<{
  model: ModelRow["model"];
  mode: Mode;
  prompt: string | null;
  duration: number;
  resolution: ResolutionName;
  promptOptimizer: boolean;
  fastPretreatment: boolean;
  take: number;
}>;
export type Draft = Wanted & { images: Partial<Record<ImageField, string>> };
export type Order = Wanted & { images: Partial<Record<ImageField, ImageSource>> };

/** @throws Refusal unknown_model, with the names that are accepted. */
export function requireModel(name: string): ModelRow {
  const row = findModel(name);
  if (row !== undefined) return row;
  const names = models.map((model) => model.model).join(", ");
  throw new Refusal("unknown_model", {
    message: `model: ${quote(name)} is unknown; accepted are ${names}.`,
    param: "model",
  });
}

/**
 * Checks a create's fields against the row of its model, and prices it.
 * @param prices what the operator set, before MiniMax's published prices.
 * @throws Refusal naming the field, what was wrong and what the row accepts.
 */
export function draftOrder(
  body: CreateVideoRequest,
  prices: readonly OwnPrice[],
): { draft: Draft; price: number | null } {
  const row = requireModel(body.model);
  const mode = modeOf(body, row);
  checkNeutralFields(body);
  const prompt = promptOf(body, mode, row);
  const size = sizeOf(body, mode, row);
  const images: Draft["images"] = {};
  if (body.first_frame_image !== undefined) images.first_frame_image = body.first_frame_image;
  if (body.last_frame_image !== undefined) images.last_frame_image = body.last_frame_image;
  const subject = body.subject_reference?.[0]?.image[0];
  if (subject !== undefined) images.subject_reference = subject;
  const draft: Draft = {
    model: row.model,
    mode,
    prompt,
    ...size,
    promptOptimizer: row.takes.includes("prompt_optimizer") ? (body.prompt_optimizer ?? true) : false,
    fastPretreatment: fastPretreatmentOf(body, mode, row),
    take: body.take ?? 1,
    images,
  };
  const price = priceMicroUsd(row, draft, prices);
  checkCostLimit(body, price);
  return { draft, price };
}

/** SHA-256 of what is to be made and its take, over canonical fields: spelling and order of the request do not matter. */
export function fingerprintOrder(order: Order): string {
  const image = (source: ImageSource | undefined) =>
    source === undefined ? null : source.kind === "url" ? ["url", source.url] : ["sha256", source.sha256];
  const canonical = JSON.stringify([
    order.model,
    order.mode,
    order.prompt,
    order.duration,
    order.resolution,
    order.promptOptimizer,
    order.fastPretreatment,
    order.take,
    ...imageFields.map((field) => image(order.images[field])),
  ]);
  return sha256Hex(canonical);
}

const fieldOfMode: Record<Mode, string> = {
  text: "prompt",
  image: "first_frame_image",
  frames: "last_frame_image",
  subject: "subject_reference",
};

/** The mode follows from the fields; it must be one that the row makes. */
function modeOf(body: CreateVideoRequest, row: ModelRow): Mode {
  const frame = body.last_frame_image !== undefined || body.first_frame_image !== undefined;
  if (body.subject_reference !== undefined && frame) {
    const param = body.first_frame_image !== undefined ? "first_frame_image" : "last_frame_image";
    throw new Refusal("unsupported_combination", {
      message: `${param}: a subject_reference and frames exclude each other; send one of them.`,
      param,
    });
  }
  const mode: Mode =
    body.subject_reference !== undefined
      ? "subject"
      : body.last_frame_image !== undefined
        ? "frames"
        : body.first_frame_image !== undefined
          ? "image"
          : "text";
  if (row.makes[mode] !== undefined) return mode;
  const possible = Object.keys(row.makes) as Mode[];
  if (mode === "text") {
    const needed = fieldOfMode[possible[0] ?? "image"];
    throw new Refusal("missing_field", {
      message: `${needed}: ${row.model} needs it; text alone is taken by ${modelsFor("text")}.`,
      param: needed,
    });
  }
  const able = modelsFor(mode);
  throw new Refusal("unsupported_combination", {
    message: `${fieldOfMode[mode]}: ${row.model} does not take it; it is taken by ${able}. ${row.model} makes video from ${possible.map((one) => fieldOfMode[one]).join(" or ")}.`,
    param: fieldOfMode[mode],
  });
}

function modelsFor(mode: Mode): string {
  return models
    .filter((row) => row.makes[mode] !== undefined)
    .map((row) => row.model)
    .join(", ");
}

function promptOf(body: CreateVideoRequest, mode: Mode, row: ModelRow): string | null {
  const prompt = body.prompt ?? "";
  if (prompt.trim() === "") {
    if (mode === "text" || mode === "subject") {
      throw new Refusal("missing_field", {
        message: `prompt: ${row.model} needs a text of 1 to ${maxPromptCharacters} characters here.`,
        param: "prompt",
      });
    }
    return null;
  }
  const characters = [...prompt].length;
  if (characters > maxPromptCharacters) {
    throw new Refusal("prompt_too_long", {
      message: `prompt: ${characters} characters; at most ${maxPromptCharacters} are accepted.`,
      param: "prompt",
    });
  }
  return prompt;
}

function sizeOf(
  body: CreateVideoRequest,
  mode: Mode,
  row: ModelRow,
): { resolution: ResolutionName; duration: number } {
  if (row.ignoresSize) return row.defaults;
  const matrix = row.makes[mode] ?? {};
  const accepted = Object.entries(matrix)
    .map(([name, durations]) => `${name} with ${durations.join(" or ")} seconds`)
    .join(", ");
  const wanted = (body.resolution ?? row.defaults.resolution).toUpperCase();
  const duration = body.duration ?? row.defaults.duration;
  const resolution = (Object.keys(matrix) as ResolutionName[]).find((name) => name === wanted);
  const start = fieldOfMode[mode] === "prompt" ? "text alone" : `a ${fieldOfMode[mode]}`;
  if (resolution === undefined) {
    const hint = wanted === "720P" ? " For 720P, take 768P." : "";
    throw new Refusal("unsupported_combination", {
      message: `resolution: ${row.model} does not make ${quote(String(body.resolution))} from ${start}; accepted are ${accepted}.${hint}`,
      param: "resolution",
    });
  }
  if (!matrix[resolution]?.includes(duration)) {
    throw new Refusal("unsupported_combination", {
      message: `duration: ${row.model} does not make ${duration} seconds at ${resolution}; accepted are ${accepted}.`,
      param: "duration",
    });
  }
  return { resolution, duration };
}

function fastPretreatmentOf(body: CreateVideoRequest, mode: Mode, row: ModelRow): boolean {
  if (!row.takes.includes("fast_pretreatment") || body.fast_pretreatment !== true) return false;
  if (!row.fastPretreatment.includes(mode)) {
    throw new Refusal("unsupported_combination", {
      message: `fast_pretreatment: ${row.model} does not take it with ${fieldOfMode[mode]}; leave it out or send false.`,
      param: "fast_pretreatment",
    });
  }
  return true;
}

/** `n` and `aspect_ratio` are what existing clients send; V1 models make one video, in the frame's own shape. */
function checkNeutralFields(body: CreateVideoRequest): void {
  if (body.n !== undefined && body.n !== 1) {
    throw new Refusal("invalid_field", {
      message: `n: ${body.n} is not accepted; one order is one video, so only 1 is. For another, send take: 2.`,
      param: "n",
    });
  }
}

function checkCostLimit(body: CreateVideoRequest, price: number | null): void {
  if (body.max_cost_usd === undefined) return;
  if (price === null) {
    throw new Refusal("price_unknown", {
      message: `max_cost_usd: MiniMax publishes no price for ${body.model}, so the limit cannot be kept; leave it out, take another model, or have the operator set PRICES.`,
      param: "max_cost_usd",
    });
  }
  if (price > Math.round(body.max_cost_usd * 1_000_000)) {
    throw new Refusal("cost_exceeds_limit", {
      message: `max_cost_usd: the video costs $${price / 1_000_000}, more than the $${body.max_cost_usd} allowed.`,
      param: "max_cost_usd",
    });
  }
}
