/*
 * What a V1 create asks for, checked as MiniMax checks it; pure. A refusal is the sentence of a 2013 ("invalid
 * params"); MiniMax's own wording is mostly unrecorded, so ours says what is wrong. Unknown fields are ignored
 * (observed by third parties on api.minimax.io, 2026-01-31), `aigc_watermark` too.
 */
import { type Body, isGiven, Refusal, readCallbackUrl } from "./fields.ts";
import { type Image, readImage } from "./v1-images.ts";
import { type Mode, type ModelRow, v1Models } from "./v1-models.ts";

export type V1Order = {
  wire: "v1";
  model: string;
  mode: Mode;
  prompt: string;
  duration: number;
  resolution: string;
  promptOptimizer: boolean;
  fastPretreatment: boolean;
  callbackUrl: string | null;
  firstFrame: Image | null;
  lastFrame: Image | null;
  subject: Image | null;
};
export type V1OrderVerdict = { order: V1Order } | { refusal: string };

export function readV1Order(body: Body): V1OrderVerdict {
  try {
    return { order: read(body) };
  } catch (error) {
    return Refusal.read(error);
  }
}

function read(body: Body): V1Order {
  const model = body.model;
  if (typeof model !== "string" || model === "") throw new Refusal("model is required");
  const row = Object.hasOwn(v1Models, model) ? v1Models[model] : undefined;
  if (!row) throw new Refusal(`model ${model} is not supported`);
  const mode = readMode(body, model, row);
  return {
    wire: "v1",
    model,
    mode,
    prompt: readPrompt(body, mode),
    ...readSize(body, model, row, mode),
    promptOptimizer: readFlag(body, "prompt_optimizer", true),
    fastPretreatment: readFlag(body, "fast_pretreatment", false),
    callbackUrl: readCallbackUrl(body),
    firstFrame: readFrame(body, "first_frame_image"),
    lastFrame: readFrame(body, "last_frame_image"),
    subject: mode === "subject" ? readSubject(body) : null,
  };
}

/** The mode follows from the fields and the model: MiniMax has no field for it. */
function readMode(body: Body, model: string, row: ModelRow): Mode {
  if (row.modes.subject) {
    // S2V-01 rejects a first frame: reported by third parties.
    for (const field of ["first_frame_image", "last_frame_image"]) {
      if (isGiven(body[field])) throw new Refusal(`model ${model} does not support ${field}`);
    }
    return "subject";
  }
  // Not documented for other models; whether MiniMax refuses or ignores it there is unknown, and we refuse.
  if (isGiven(body.subject_reference)) throw new Refusal(`model ${model} does not support subject_reference`);
  const mode = isGiven(body.last_frame_image) ? "frames" : isGiven(body.first_frame_image) ? "image" : "text";
  if (row.modes[mode]) return mode;
  if (mode === "frames") throw new Refusal(`model ${model} does not support last_frame_image`);
  if (mode === "image") throw new Refusal(`model ${model} does not support first_frame_image`);
  throw new Refusal(`model ${model} does not support text-to-video, first_frame_image is required`);
}

function readPrompt(body: Body, mode: Mode): string {
  const prompt = body.prompt ?? "";
  if (typeof prompt !== "string") throw new Refusal("prompt must be a string");
  if (prompt.trim() === "" && (mode === "text" || mode === "subject")) {
    throw new Refusal("prompt is required");
  }
  // Characters are counted as code points; how MiniMax counts them is not documented.
  const length = [...prompt].length;
  if (length > 2000) throw new Refusal(`prompt must be at most 2000 characters, got ${length}`);
  return prompt;
}

function readSize(body: Body, model: string, row: ModelRow, mode: Mode) {
  const cells = row.modes[mode] ?? {};
  if (!row.takesSize) {
    for (const field of ["duration", "resolution"]) {
      if (isGiven(body[field])) throw new Refusal(`model ${model} does not support ${field}`);
    }
  }
  const resolution = isGiven(body.resolution) ? body.resolution : row.defaultResolution;
  const duration = isGiven(body.duration) ? body.duration : 6;
  const durations = typeof resolution === "string" && Object.hasOwn(cells, resolution) && cells[resolution];
  if (typeof resolution !== "string" || !durations) {
    throw new Refusal(`model ${model} does not support resolution ${resolution}`);
  }
  if (typeof duration !== "number" || !durations.includes(duration)) {
    throw new Refusal(`model ${model} does not support duration ${duration} at resolution ${resolution}`);
  }
  return { duration, resolution };
}

function readFlag(body: Body, field: string, otherwise: boolean): boolean {
  const value = body[field] ?? otherwise;
  if (typeof value !== "boolean") throw new Refusal(`${field} must be a boolean`);
  return value;
}

function readFrame(body: Body, field: string): Image | null {
  if (!isGiven(body[field])) return null;
  const verdict = readImage(body[field], field);
  if ("refusal" in verdict) throw new Refusal(verdict.refusal);
  return verdict.image;
}

/** `image` is an array of which exactly one item is supported, and `character` the only type: documented. */
function readSubject(body: Body): Image {
  const list = body.subject_reference;
  if (!Array.isArray(list) || list.length !== 1) {
    throw new Refusal("subject_reference must hold exactly one subject");
  }
  const { type, image } = (list[0] ?? {}) as { type?: unknown; image?: unknown };
  if (type !== "character") throw new Refusal("subject_reference type must be character");
  if (!Array.isArray(image) || image.length !== 1) {
    throw new Refusal("subject_reference image must hold exactly one image");
  }
  const verdict = readImage(image[0], "subject_reference image");
  if ("refusal" in verdict) throw new Refusal(verdict.refusal);
  return verdict.image;
}
