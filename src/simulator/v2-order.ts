/*
 * What a V2 create asks for, checked as MiniMax checks it; pure. The sentence about the missing text is the docs'
 * own sample, the one about mixed roles was seen by third parties; all other wording is ours. Fields that are not
 * documented are ignored, as V1 does; `aigc_watermark`, which is documented in China only, must be a boolean.
 */
import { type Body, isGiven, isObject, Refusal, readCallbackUrl } from "./fields.ts";
import { type Kind, type Media, readMedia } from "./v2-media.ts";
import { ratios, type V2Row, v2Models } from "./v2-models.ts";

export type V2Order = {
  wire: "v2";
  model: string;
  mode: "text" | "image" | "frames" | "references";
  prompt: string;
  duration: number;
  resolution: string;
  /** One of the six: what was asked for, or what `adaptive` came to. */
  ratio: string;
  promptExpansionMode: string | null;
  callbackUrl: string | null;
  firstFrame: Media | null;
  lastFrame: Media | null;
  references: Media[];
};
export type V2OrderVerdict = { order: V2Order } | { refusal: string };
type Uploads = (fileId: string) => Media | undefined;
type Item = { role: string; media: Media };

export function readV2Order(body: Body, uploads: Uploads): V2OrderVerdict {
  try {
    return { order: read(body, uploads) };
  } catch (error) {
    return Refusal.read(error);
  }
}

function read(body: Body, uploads: Uploads): V2Order {
  const { model } = body;
  if (typeof model !== "string" || model === "") throw new Refusal("model is required");
  const row = Object.hasOwn(v2Models, model) ? v2Models[model] : undefined;
  if (!row) throw new Refusal(`model ${model} is not supported`);
  if (!Array.isArray(body.content)) throw new Refusal("content is required");
  const prompt = readPrompt(body.content);
  const items = readItems(body.content, uploads);
  checkTogether(items);
  const withRole = (role: string) => items.find((item) => item.role === role)?.media ?? null;
  const [firstFrame, lastFrame] = [withRole("first_frame"), withRole("last_frame")];
  const references = items.filter(({ role }) => role.startsWith("reference")).map(({ media }) => media);
  const mode = lastFrame ? "frames" : firstFrame ? "image" : references.length > 0 ? "references" : "text";
  if (body.aigc_watermark !== undefined && typeof body.aigc_watermark !== "boolean") {
    throw new Refusal("aigc_watermark must be a boolean");
  }
  return {
    wire: "v2",
    model,
    mode,
    prompt,
    ...readSize(body, model, row),
    ratio: readRatio(body, mode, [firstFrame, ...references]),
    promptExpansionMode: readExpansionMode(body, model, row),
    callbackUrl: readCallbackUrl(body),
    firstFrame,
    lastFrame,
    references,
  };
}

/** Whether several text items are allowed is unclear; here they are one prompt, and the limit is theirs together. */
function readPrompt(content: unknown[]): string {
  const texts = content.filter(isObject).filter(({ type }) => type === "text");
  if (texts.some(({ text }) => typeof text !== "string")) throw new Refusal("text must be a string");
  const prompt = texts.map(({ text }) => text).join("\n");
  if (prompt.trim() === "") {
    throw new Refusal("content must include a non-empty text item (prompt is required)");
  }
  // Characters are counted as code points; how MiniMax counts them is not documented.
  const length = [...prompt].length;
  if (length > 7000) throw new Refusal(`text must be at most 7000 characters, got ${length}`);
  return prompt;
}

const itemTypes: Record<string, { kind: Kind; roles: readonly string[] }> = {
  image_url: { kind: "image", roles: ["first_frame", "last_frame", "reference_image"] },
  video_url: { kind: "video", roles: ["reference_video"] },
  audio_url: { kind: "audio", roles: ["reference_audio"] },
};

function readItems(content: unknown[], uploads: Uploads): Item[] {
  const images = content.filter((item) => isObject(item) && item.type === "image_url");
  return content.flatMap((item, index) => {
    const field = `content[${index}]`;
    if (!isObject(item)) throw new Refusal(`${field} must be an object`);
    if (item.type === "text") return [];
    const type = typeof item.type === "string" && Object.hasOwn(itemTypes, item.type) ? item.type : "";
    const row = itemTypes[type];
    if (!row) throw new Refusal(`${field}.type is not supported`);
    // Documented: a single image without a role is the first frame.
    const role = isGiven(item.role)
      ? item.role
      : images.length === 1 && type === "image_url"
        ? "first_frame"
        : "";
    if (typeof role !== "string" || !row.roles.includes(role)) {
      throw new Refusal(`${field}.role must be one of ${row.roles.join(", ")}`);
    }
    const source = item[type];
    const media = readMedia(
      row.kind,
      isObject(source) ? source.url : undefined,
      `${field}.${type}.url`,
      uploads,
    );
    return [{ role, media }];
  });
}

const counts: Record<string, number> = {
  first_frame: 1,
  last_frame: 1,
  reference_image: 9,
  reference_video: 3,
  reference_audio: 3,
};

function checkTogether(items: Item[]): void {
  if (items.length > 12) throw new Refusal(`content must hold at most 12 files, got ${items.length}`);
  const of = (role: string) => items.filter((item) => item.role === role);
  for (const [role, most] of Object.entries(counts)) {
    const count = of(role).length;
    if (count > most) throw new Refusal(`content must hold at most ${most} ${role}, got ${count}`);
  }
  const isFrame = ({ role }: Item) => role.endsWith("_frame");
  if (items.some(isFrame) && !items.every(isFrame)) {
    throw new Refusal("frame and reference roles cannot be mixed");
  }
  // The content section and the guide allow it alone, the text on roles does not: the stricter reading.
  if (of("last_frame").length > 0 && of("first_frame").length === 0) {
    throw new Refusal("last_frame must be paired with first_frame");
  }
  // Clients hold to it; the API page does not say so.
  if (of("reference_audio").length > 0 && of("reference_image").length + of("reference_video").length === 0) {
    throw new Refusal("reference_audio needs a reference_image or reference_video");
  }
  for (const role of ["reference_video", "reference_audio"]) {
    const seconds = of(role).reduce((sum, { media }) => sum + (media.seconds ?? 0), 0);
    if (seconds > 15) throw new Refusal(`${role} must be at most 15 s together, got ${seconds}`);
  }
}

function readSize(body: Body, model: string, row: V2Row) {
  const { resolution, duration } = body;
  if (!isGiven(resolution)) throw new Refusal("resolution is required");
  if (!isGiven(duration)) throw new Refusal("duration is required");
  if (typeof resolution !== "string" || !Object.hasOwn(row.tiers, resolution)) {
    throw new Refusal(`model ${model} does not support resolution ${resolution}`);
  }
  const { least, most } = row.durations;
  if (typeof duration !== "number" || !Number.isInteger(duration) || duration < least || duration > most) {
    throw new Refusal(`model ${model} does not support duration ${duration}, it must be ${least} to ${most}`);
  }
  return { resolution, duration };
}

/** Text must say a ratio, frames bring theirs and what is said beside them is ignored, references may say one. */
function readRatio(body: Body, mode: V2Order["mode"], images: (Media | null)[]): string {
  const isForced = mode === "image" || mode === "frames";
  const ratio = isForced || !isGiven(body.ratio) ? "adaptive" : body.ratio;
  if (ratio !== "adaptive") {
    if (ratios.some((known) => known === ratio)) return ratio as string;
    throw new Refusal(`ratio ${ratio} is not supported`);
  }
  if (mode === "text") throw new Refusal("ratio is required for text-to-video and cannot be adaptive");
  const shown = images.find((media) => media?.width && media.height);
  return shown?.width && shown.height ? nearestRatio(shown.width / shown.height) : "16:9";
}

function nearestRatio(shape: number): string {
  const distance = (ratio: string) => {
    const [width = 1, height = 1] = ratio.split(":").map(Number);
    return Math.abs(Math.log(width / height / shape));
  };
  return [...ratios].sort((one, other) => distance(one) - distance(other))[0] ?? "16:9";
}

/** Whether H3 ignores `extra` or refuses it is not documented; the stricter reading. */
function readExpansionMode(body: Body, model: string, { expansionModes }: V2Row): string | null {
  const { extra } = body;
  if (expansionModes === null) {
    if (extra !== undefined && extra !== null) throw new Refusal(`model ${model} does not support extra`);
    return null;
  }
  if (extra === undefined || extra === null) return "balanced";
  if (!isObject(extra)) throw new Refusal("extra must be an object");
  const unknown = Object.keys(extra).find((name) => name !== "prompt_expansion_mode");
  if (unknown !== undefined) throw new Refusal(`extra.${unknown} is not supported`);
  const mode = extra.prompt_expansion_mode ?? "balanced";
  if (typeof mode !== "string" || !expansionModes.includes(mode)) {
    throw new Refusal(`extra.prompt_expansion_mode must be one of ${expansionModes.join(", ")}`);
  }
  return mode;
}
