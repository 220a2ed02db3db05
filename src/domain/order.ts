/**
 * What we accept: a create's fields checked against the model's row, before anything is stored, sent or spent.
 * A draft is an order whose images are still what the caller wrote; an order has them checked and kept.
 */

import type { CreateVideoRequest, PromptExpansion, Ratio, ResolutionName } from "../contract.ts";
import { quote, Refusal } from "../errors.ts";
import { sha256Hex } from "./hash.ts";
import {
  findModel,
  type Mode,
  type ModelRow,
  models,
  type OwnPrice,
  type ReferenceCounts,
} from "./models.ts";
import { priceOf } from "./price.ts";

/** Most takes of one order. */
export const maxTake = 1000;

/** An image as MiniMax will get it: an address that MiniMax fetches itself, or bytes that we keep by their hash. */
export type ImageSource =
  | { kind: "url"; url: string }
  | { kind: "stored"; sha256: string; contentType: string; bytes: number; seconds?: number };

/** The fields that hold an image, in the order in which MiniMax gets them. */
export const imageFields = ["first_frame_image", "last_frame_image", "subject_reference"] as const;
export type ImageField = (typeof imageFields)[number];

/** The fields that hold what a video goes by, in the order in which MiniMax gets them. */
export const referenceFields = ["reference_images", "reference_videos", "reference_audio"] as const;
export type ReferenceField = (typeof referenceFields)[number];
/** Where an image, video or sound stands in a request. */
export type MediaField = ImageField | ReferenceField;

/** Counted over frames and references; MiniMax's guide has it. */
const maxFiles = 12;

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
/** What only models of the second wire take. */
export type V2Wishes<Source> = Readonly<{
  ratio: Ratio | "adaptive";
  promptExpansion: PromptExpansion | null;
  /** As they stand in the request: prompts speak of the first image and the second. */
  references: readonly Readonly<{ field: ReferenceField; source: Source }>[];
}>;
/** `v2` is absent in orders of the first wire, and was unknown when the first of them were stored. */
export type Shape<Source> = Wanted & {
  images: Partial<Record<ImageField, Source>>;
  v2?: V2Wishes<Source>;
};
export type Draft = Shape<string>;
export type Order = Shape<ImageSource>;

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
 * Checks a create's fields against the row of its model, and prices it; reference videos at their most, since nobody
 * has looked at them yet.
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
  const v2 = v2WishesOf(body, mode, row);
  const draft: Draft = {
    model: row.model,
    mode,
    prompt,
    ...size,
    promptOptimizer: promptOptimizerOf(body, row),
    fastPretreatment: fastPretreatmentOf(body, mode, row),
    take: body.take ?? 1,
    images,
    ...(v2 === null ? {} : { v2 }),
  };
  const price = priceOf(draft, prices);
  if (!draft.v2?.references.some(({ field }) => field === "reference_videos")) checkCostLimit(body, price);
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
    // What was ordered before there were such wishes keeps its fingerprint.
    ...(order.v2 === undefined
      ? []
      : [
          order.v2.ratio,
          order.v2.promptExpansion,
          ...order.v2.references.map(({ field, source }) => [field, image(source)]),
        ]),
  ]);
  return sha256Hex(canonical);
}

const fieldOfMode: Record<Mode, string> = {
  text: "prompt",
  image: "first_frame_image",
  frames: "last_frame_image",
  subject: "subject_reference",
  references: "reference_images",
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
  const reference = referenceFields.find((field) => body[field] !== undefined);
  if (reference !== undefined && (frame || body.subject_reference !== undefined)) {
    const other = frame ? "frames" : "a subject_reference";
    throw new Refusal("unsupported_combination", {
      message: `${reference}: references and ${other} exclude each other; send one of them.`,
      param: reference,
    });
  }
  const mode: Mode =
    reference !== undefined
      ? "references"
      : body.subject_reference !== undefined
        ? "subject"
        : body.last_frame_image !== undefined
          ? "frames"
          : body.first_frame_image !== undefined
            ? "image"
            : "text";
  if (mode === "frames" && body.first_frame_image === undefined && !row.takesLastFrameAlone) {
    throw new Refusal("missing_field", {
      message: `first_frame_image: ${row.model} takes a last_frame_image beside a first_frame_image only.`,
      param: "first_frame_image",
    });
  }
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
  const param = reference ?? fieldOfMode[mode];
  throw new Refusal("unsupported_combination", {
    message: `${param}: ${row.model} does not take it; it is taken by ${able}. ${row.model} makes video from ${possible.map((one) => fieldOfMode[one]).join(" or ")}.`,
    param,
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
  const { maxCharacters: maxPromptCharacters, neededFor } = row.prompt;
  if (prompt.trim() === "") {
    if (neededFor.includes(mode)) {
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
    .map(([name, durations]) => `${name} with ${spell(durations)} seconds`)
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

/** Many neighbours are told as a range. */
function spell(durations: readonly number[]): string {
  return durations.length > 2 ? `${durations[0]} to ${durations.at(-1)}` : durations.join(" or ");
}

/** What only the second wire takes; null for a model of the first. */
function v2WishesOf(body: CreateVideoRequest, mode: Mode, row: ModelRow): V2Wishes<string> | null {
  if (row.wire === "v1") {
    for (const field of ["ratio", "prompt_expansion"] as const) {
      if (body[field] !== undefined)
        throw notTaken(
          field,
          row,
          models.filter((one) => one.wire === "v2"),
        );
    }
    return null;
  }
  if (body.prompt_expansion !== undefined && !row.promptExpansions?.includes(body.prompt_expansion)) {
    throw notTaken(
      "prompt_expansion",
      row,
      models.filter((one) => one.promptExpansions !== null),
    );
  }
  return {
    ratio: ratioOf(body, mode, row),
    // Left out, it is MiniMax's default: sent in so many words, so that a change of it changes no order.
    promptExpansion: row.promptExpansions === null ? null : (body.prompt_expansion ?? "balanced"),
    references: referencesOf(body, row),
  };
}

function notTaken(field: keyof CreateVideoRequest, row: ModelRow, able: readonly ModelRow[]): Refusal {
  return new Refusal("unsupported_combination", {
    message: `${field}: ${row.model} does not take it; it is taken by ${able.map(({ model }) => model).join(", ")}. Leave it out.`,
    param: field,
  });
}

/** Text has no shape of its own, so it gets the common one; frames bring theirs, whatever is said beside them. */
function ratioOf(body: CreateVideoRequest, mode: Mode, row: ModelRow): Ratio | "adaptive" {
  if (body.ratio !== undefined && body.aspect_ratio !== undefined && body.ratio !== body.aspect_ratio) {
    throw new Refusal("invalid_field", {
      message:
        "aspect_ratio: it is another name of ratio, and both were sent with different values. Send one.",
      param: "aspect_ratio",
    });
  }
  const wanted: string = body.ratio ?? body.aspect_ratio ?? (mode === "text" ? "16:9" : "adaptive");
  const param = body.ratio === undefined ? "aspect_ratio" : "ratio";
  const known = row.ratios?.find((one) => one === wanted);
  if (known === undefined && wanted !== "adaptive") {
    throw new Refusal("invalid_field", {
      message: `${param}: ${quote(wanted)} is not made; accepted are ${row.ratios?.join(", ")}${mode === "text" ? "" : " and adaptive"}.`,
      param,
    });
  }
  if (mode === "image" || mode === "frames") return "adaptive";
  if (known === undefined && mode === "text") {
    throw new Refusal("unsupported_combination", {
      message: `${param}: text alone has no shape to adapt to; accepted are ${row.ratios?.join(", ")}.`,
      param,
    });
  }
  return known ?? "adaptive";
}

function referencesOf(body: CreateVideoRequest, row: ModelRow): V2Wishes<string>["references"] {
  const most: ReferenceCounts | null = row.references;
  const references = referenceFields.flatMap((field) =>
    (body[field] ?? []).map((source) => ({ field, source })),
  );
  for (const field of referenceFields) {
    const count = body[field]?.length ?? 0;
    if (most !== null && count > most[field]) {
      throw new Refusal("unsupported_combination", {
        message: `${field}: ${count} were sent; ${row.model} takes at most ${most[field]}.`,
        param: field,
      });
    }
  }
  if (references.length > maxFiles) {
    throw new Refusal("unsupported_combination", {
      message: `reference_images: ${references.length} references in all; ${row.model} takes at most ${maxFiles}.`,
      param: "reference_images",
    });
  }
  if (references.length > 0 && references.every(({ field }) => field === "reference_audio")) {
    throw new Refusal("missing_field", {
      message: `reference_images: ${row.model} takes reference_audio beside a reference image or video only.`,
      param: "reference_images",
    });
  }
  return references;
}

/** Whoever says what is so anyway needs no refusal; who does not want it must hear that it cannot be had. */
function promptOptimizerOf(body: CreateVideoRequest, row: ModelRow): boolean {
  if (row.takes.includes("prompt_optimizer")) return body.prompt_optimizer ?? true;
  if (row.wire === "v2" && body.prompt_optimizer === false) {
    const hint =
      row.promptExpansions === null
        ? "MiniMax-H3-Max can be told not to, with prompt_expansion: disabled"
        : "send prompt_expansion: disabled";
    throw new Refusal("unsupported_combination", {
      message: `prompt_optimizer: ${row.model} does not take it; ${hint}.`,
      param: "prompt_optimizer",
    });
  }
  return false;
}

function fastPretreatmentOf(body: CreateVideoRequest, mode: Mode, row: ModelRow): boolean {
  const isDropped = row.ignoresSize && !row.takes.includes("fast_pretreatment");
  if (isDropped || body.fast_pretreatment !== true) return false;
  if (!row.fastPretreatment.includes(mode)) {
    throw new Refusal("unsupported_combination", {
      message: `fast_pretreatment: ${row.model} does not take it with ${fieldOfMode[mode]}; leave it out or send false.`,
      param: "fast_pretreatment",
    });
  }
  return true;
}

/** `n` is what existing clients send. */
function checkNeutralFields(body: CreateVideoRequest): void {
  if (body.n !== undefined && body.n !== 1) {
    throw new Refusal("invalid_field", {
      message: `n: ${body.n} is not accepted; one order is one video, so only 1 is. For another, send take: 2.`,
      param: "n",
    });
  }
}

/** @throws Refusal if it costs more than `max_cost_usd`, or nobody knows what it costs. */
export function checkCostLimit(
  body: Pick<CreateVideoRequest, "model" | "max_cost_usd">,
  price: number | null,
): void {
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
