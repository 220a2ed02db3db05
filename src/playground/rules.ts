/**
 * What can be chosen, decided from the rows of `GET /v1/videos/models` alone: which models, sizes and seconds go
 * together, what is missing, what it costs. Pure. The server judges again; this is so that nobody has to be refused.
 */

import type { UsageResponse, Video, VideoModel } from "../client/filmgate.ts";

export type Mode = VideoModel["modes"][number];
export type Cell = VideoModel["makes"][number];
export type ImageName = "first_frame_image" | "last_frame_image" | "subject_reference";
/** Which pictures are there. */
export type Pictures = Readonly<Partial<Record<ImageName, unknown>>>;
export type Size = Readonly<{ resolution: string; duration: number }>;
export type Ratio = VideoModel["ratios"][number];

const modesThatTake: Record<ImageName, readonly Mode[]> = {
  first_frame_image: ["image", "frames"],
  last_frame_image: ["frames"],
  subject_reference: ["subject"],
};
const imageNames = Object.keys(modesThatTake) as ImageName[];

export const pictureNames: Record<ImageName, string> = {
  first_frame_image: "first frame",
  last_frame_image: "last frame",
  subject_reference: "person",
};

const modeWords: Record<Mode, string> = {
  text: "text",
  image: "first frame",
  frames: "first and last frame",
  subject: "a person",
  references: "references",
};

export function countCharacters(text: string): number {
  return [...text].length;
}

export function takesPicture(model: VideoModel, name: ImageName): boolean {
  return modesThatTake[name].some((mode) => model.modes.includes(mode));
}

/** Why a model cannot make a video of the pictures that are there; null if it can. */
export function reasonAgainst(model: VideoModel, pictures: Pictures): string | null {
  const unwanted = imageNames.find((name) => pictures[name] && !takesPicture(model, name));
  return unwanted === undefined ? null : `takes no ${pictureNames[unwanted]}`;
}

/** The mode that an order with these pictures has; where the model needs another picture, the one it is for. */
export function modeOf(model: VideoModel, pictures: Pictures): Mode {
  const mode: Mode = pictures.subject_reference
    ? "subject"
    : pictures.last_frame_image
      ? "frames"
      : pictures.first_frame_image
        ? "image"
        : "text";
  return model.modes.includes(mode) ? mode : (model.modes[0] ?? mode);
}

/** What an order lacks, with the sentence to stand beside it; null if it can be given. */
export function missing(
  model: VideoModel,
  pictures: Pictures,
  prompt: string,
): { param: "prompt" | ImageName; sentence: string } | null {
  const mode = modeOf(model, pictures);
  if (mode === "image" && !pictures.first_frame_image)
    return {
      param: "first_frame_image",
      sentence: `${model.id} starts from a picture: choose a first frame.`,
    };
  if (mode === "frames" && !pictures.first_frame_image && !model.last_frame_alone)
    return {
      param: "first_frame_image",
      sentence: `${model.id} takes a last frame beside a first: choose a first frame.`,
    };
  if (mode === "subject" && !pictures.subject_reference)
    return { param: "subject_reference", sentence: `${model.id} needs a picture of the person.` };
  if (prompt.trim() === "" && model.prompt_needed.includes(mode))
    return { param: "prompt", sentence: "Say what is to be seen." };
  const characters = countCharacters(prompt);
  const most = model.max_prompt_characters;
  if (characters > most)
    return {
      param: "prompt",
      sentence: `${characters.toLocaleString("en")} characters: MiniMax takes ${most.toLocaleString("en")}.`,
    };
  return null;
}

export function cellOf(model: VideoModel, mode: Mode, size: Size): Cell | null {
  const isIt = (cell: Cell) =>
    cell.mode === mode && cell.resolution === size.resolution && cell.duration === size.duration;
  return model.makes.find(isIt) ?? null;
}

/** The size that is as near as possible to the wanted one, among those that are made. */
export function nearestSize(model: VideoModel, mode: Mode, wanted: Size): Size {
  if (cellOf(model, mode, wanted) !== null) return wanted;
  const made = model.makes.filter((cell) => cell.mode === mode);
  const found =
    made.find(({ resolution }) => resolution === wanted.resolution) ??
    cellOf(model, mode, model.default) ??
    made[0] ??
    model.default;
  return { resolution: found.resolution, duration: found.duration };
}

/** The shapes to choose from: none where MiniMax decides, and none where the frames do. */
export function ratiosOf(model: VideoModel, mode: Mode): VideoModel["ratios"] {
  return mode === "text" || mode === "references" ? model.ratios : [];
}

export type Option<T> = { value: T; isPossible: boolean; reason: string | null };

/** The resolutions that a model has, each with why it cannot be had beside what is chosen. */
export function resolutionOptions(model: VideoModel, mode: Mode, size: Size): Option<string>[] {
  return distinct(model.makes.map(({ resolution }) => resolution as string)).map((value) => {
    const cells = model.makes.filter(({ resolution }) => resolution === value);
    const here = cells.filter((cell) => cell.mode === mode);
    if (here.some(({ duration }) => duration === size.duration))
      return { value, isPossible: true, reason: null };
    const seconds = secondsWord(here);
    const starts = distinct(cells.map((cell) => modeWords[cell.mode])).join(" or ");
    const reason =
      here.length > 0 ? `${value} is made in ${seconds} s only` : `${value} is made from ${starts} only`;
    return { value, isPossible: false, reason };
  });
}

/** The same for seconds. */
export function durationOptions(model: VideoModel, mode: Mode, size: Size): Option<number>[] {
  return distinct(model.makes.map(({ duration }) => duration)).map((value) => {
    const here = model.makes.filter((cell) => cell.mode === mode && cell.duration === value);
    const isPossible = here.some(({ resolution }) => resolution === size.resolution);
    const sizes = distinct(here.map(({ resolution }) => resolution)).join(" or ");
    return { value, isPossible, reason: isPossible ? null : `${value} s is made at ${sizes} only` };
  });
}

/** What a model starts from and makes, in a line. */
export function describeModel(model: VideoModel): string {
  const starts = model.modes.map((mode) => modeWords[mode]).join(", ");
  const resolutions = distinct(model.makes.map(({ resolution }) => resolution)).join(", ");
  const durations = secondsWord(model.makes);
  return `${starts} · ${resolutions} · ${durations} s`;
}

/** What can still be ordered under the tightest cap; null where there is none. */
export function remainingOf(usage: UsageResponse): { usd: number; where: string } | null {
  const caps = [usage.account, usage.key].flatMap(({ day, month }) => [
    { usd: day.remaining_usd, where: "today" },
    { usd: month.remaining_usd, where: "this month" },
  ]);
  const known = caps.flatMap(({ usd, where }) => (usd === null ? [] : [{ usd, where }]));
  return known.sort((one, other) => one.usd - other.usd)[0] ?? null;
}

/** The seconds that such a video usually takes; null where the models do not tell. */
export function expectedSecondsOf(models: readonly VideoModel[], video: Video): number | null {
  const model = models.find(({ id }) => id === video.model);
  const size = { resolution: video.resolution, duration: Number(video.seconds) };
  return (model && cellOf(model, video.mode, size)?.expected_seconds) ?? null;
}

/** MiniMax's limits for a picture. @returns what is wrong with it, or null. */
export function judgePicture(file: {
  type: string;
  bytes: number;
  width: number;
  height: number;
}): string | null {
  const { type, bytes, width, height } = file;
  if (!["image/jpeg", "image/png", "image/webp"].includes(type)) return "MiniMax takes JPG, PNG and WebP.";
  if (bytes >= 20 * 1024 * 1024) return `${(bytes / 1024 / 1024).toFixed(1)} MB: it must be under 20 MB.`;
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  if (short <= 300) return `${width} × ${height}: its short edge must be over 300 px.`;
  if (long / short > 2.5) return `${width} × ${height}: its shape must be between 2:5 and 5:2.`;
  return null;
}

/** Each once, the small before the large: 2K is more than 768P. */
function distinct<T extends string | number>(values: readonly T[]): T[] {
  const sizeOf = (value: T) => Number.parseInt(String(value), 10) * (String(value).endsWith("K") ? 1000 : 1);
  return [...new Set(values)].sort((one, other) => sizeOf(one) - sizeOf(other));
}

/** `6 or 10`; where every whole number between two is made, `4 to 15`. */
function secondsWord(cells: readonly { duration: number }[]): string {
  const made = distinct(cells.map(({ duration }) => duration)).sort((one, other) => one - other);
  const [least = 0, most = 0] = [made.at(0), made.at(-1)];
  const isWhole = made.length > 2 && most - least === made.length - 1;
  return isWhole ? `${least} to ${most}` : made.join(" or ");
}
