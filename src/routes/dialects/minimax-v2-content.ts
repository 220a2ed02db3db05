/**
 * `content` of a MiniMax V2 create: a text, and images, videos and sounds with the parts that they play. Read into the
 * fields of filmgate's own order, and back: a refusal of one of those names the item that its caller wrote.
 * Pure. Rules: platform.minimax.io/docs/api-reference/video-generation-v2-create.
 */

import type { CreateVideoRequest } from "../../contract.ts";
import { isUploadName } from "../../domain/media.ts";
import { quote, Refusal } from "../../errors.ts";

type Fields = Pick<
  CreateVideoRequest,
  | "prompt"
  | "first_frame_image"
  | "last_frame_image"
  | "reference_images"
  | "reference_videos"
  | "reference_audio"
>;
type MediaField = Exclude<keyof Fields, "prompt">;

/** Where in the request each of our fields stands, such as `reference_images.0` at `content[2].image_url.url`. */
export type Places = ReadonlyMap<string, string>;

/** By type, the parts that it may play, and the field of each. The first is what one without a role plays, if any does. */
const parts: Readonly<Record<string, { roles: Readonly<Record<string, MediaField>>; alone: string | null }>> =
  {
    image_url: {
      roles: {
        first_frame: "first_frame_image",
        last_frame: "last_frame_image",
        reference_image: "reference_images",
      },
      alone: "first_frame",
    },
    video_url: { roles: { reference_video: "reference_videos" }, alone: null },
    audio_url: { roles: { reference_audio: "reference_audio" }, alone: null },
  };

const types = ["text", ...Object.keys(parts)];
const isMany = (field: MediaField): field is "reference_images" | "reference_videos" | "reference_audio" =>
  field.startsWith("reference_");

/**
 * Reads the items. That frames and references exclude each other, how many there may be, and what each may be, is
 * judged with the order.
 * @throws Refusal naming the item, what was wrong and what is accepted.
 */
export function readContent(content: readonly unknown[]): { fields: Fields; places: Places } {
  const fields: Fields = {};
  const places = new Map<string, string>();
  const images = content.filter((item) => isObject(item) && item.type === "image_url").length;
  for (const [index, item] of content.entries()) {
    const place = `content[${index}]`;
    if (!isObject(item)) throw refuse(place, "must be an object");
    if (item.type === "text") {
      readText(fields, places, place, item);
      continue;
    }
    const { type, field } = readPart(place, item, images);
    const url = readUrl(`${place}.${type}.url`, item[type]);
    if (isMany(field)) {
      const all = fields[field] ?? [];
      places.set(`${field}.${all.length}`, `${place}.${type}.url`);
      all.push(url);
      fields[field] = all;
      continue;
    }
    if (fields[field] !== undefined) throw refuse(`${place}.role`, `is a second ${item.role ?? "image"}`);
    fields[field] = url;
    places.set(field, `${place}.${type}.url`);
  }
  if (fields.prompt === undefined) {
    throw new Refusal("missing_field", {
      message: "content: must include a text that is not empty: the prompt is required.",
      param: "content",
    });
  }
  return { fields, places };
}

/** How MiniMax reads two texts together is not documented, and filmgate sends it one: which it should be is not guessed. */
function readText(fields: Fields, places: Map<string, string>, place: string, { text }: Item): void {
  if (typeof text !== "string") throw refuse(`${place}.text`, "must be a text");
  if (text.trim() === "") return;
  if (fields.prompt !== undefined) {
    throw refuse(place, "is a second text; send the whole prompt in one");
  }
  fields.prompt = text;
  places.set("prompt", `${place}.text`);
}

function readPart(place: string, item: Item, images: number): { type: string; field: MediaField } {
  const { type, role } = item;
  const part = typeof type === "string" && Object.hasOwn(parts, type) ? parts[type] : undefined;
  if (part === undefined) throw refuse(`${place}.type`, `must be one of ${types.join(", ")}`);
  const names = Object.keys(part.roles);
  const isAlone = images === 1 && part.alone !== null;
  const implied = isAlone ? part.alone : names.length === 1 ? names[0] : undefined;
  const wanted = role === undefined || role === null || role === "" ? implied : role;
  const field =
    typeof wanted === "string" && Object.hasOwn(part.roles, wanted) ? part.roles[wanted] : undefined;
  if (field === undefined) throw refuse(`${place}.role`, `must be one of ${names.join(", ")}`);
  return { type: String(type), field };
}

function readUrl(place: string, source: unknown): string {
  const url = isObject(source) ? source.url : undefined;
  if (typeof url !== "string" || url === "") {
    throw refuse(
      place,
      "must be a text: a public URL, a data URI, or mm_file:// and an id from POST /v1/files",
    );
  }
  const [, name] = /^mm_file:\/\/(.*)$/s.exec(url) ?? [];
  if (name === undefined) return url;
  if (isUploadName(name)) return name;
  throw refuse(
    place,
    `${quote(url)} names no upload of this account; files are uploaded with POST /v1/files here, and named mm_file:// and the id that it answers`,
  );
}

type Item = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Item {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refuse(param: string, problem: string): Refusal {
  return new Refusal("invalid_field", { message: `${param}: ${problem}.`, param });
}

/** What our fields are called where nothing in the request stands for them. */
const words: readonly [RegExp, string][] = [
  [/\bfirst_frame_image\b/g, "first_frame"],
  [/\blast_frame_image\b/g, "last_frame"],
  [/\breference_images\b/g, "reference_image"],
  [/\breference_videos\b/g, "reference_video"],
  [/\bprompt_expansion\b/g, "extra.prompt_expansion_mode"],
];

/** A refusal of a field that its caller knows by another name. */
export function inMiniMaxV2Words(refusal: Refusal, places: Places): Refusal {
  const { code, param, details, provider, headers } = refusal;
  if (param === null || !refusal.message.startsWith(`${param}: `)) return refusal;
  const spoken = (text: string) => words.reduce((told, [word, name]) => told.replace(word, name), text);
  const isPart = /^(?:first|last|reference)_/.test(param);
  const place = places.get(param) ?? (isPart ? `content (${spoken(param)})` : spoken(param));
  const message = `${place}: ${spoken(refusal.message.slice(param.length + 2))}`;
  return new Refusal(code, { message, param: place, details, provider, headers });
}
