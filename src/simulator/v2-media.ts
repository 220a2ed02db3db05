/*
 * What a V2 create may be given to look at and listen to, judged by its bytes as MiniMax documents it
 * (platform.minimax.io/docs/api-reference/video-generation-v2-create): one table of kinds and their limits.
 * A public URL is taken at its word, as the simulator never reaches for the outside network: of a video or sound
 * it believes the length that the address states, as `?seconds=7`, and five seconds where it states none.
 */
import { createHash } from "node:crypto";
import { audioSeconds } from "./audio.ts";
import { Refusal } from "./fields.ts";
import { measureImage } from "./images.ts";
import { type Bytes, measureMovie } from "./mp4.ts";

export type Kind = "image" | "video" | "audio";
export type Facts = { width: number | null; height: number | null; seconds: number | null };
export type Media = Facts & { kind: Kind; source: "url" | "inline" | "upload"; sha256: string | null };

type KindRow = {
  megabytes: number;
  /** Format names that a data URI may carry; lower case is documented. */
  formats: readonly string[];
  /** Facts, or a sentence that begins with what the field is called. */
  measure(bytes: Bytes, field: string): Facts;
};

const kinds: Record<Kind, KindRow> = {
  image: { megabytes: 30, formats: ["jpg", "jpeg", "png", "webp", "heic", "heif"], measure: judgeImage },
  video: { megabytes: 50, formats: ["mp4", "mov", "quicktime"], measure: judgeVideo },
  // Not `mpeg`: an official client rewrites it to `mp3`, so the service seems to want that.
  audio: { megabytes: 15, formats: ["wav", "mp3"], measure: judgeAudio },
};

/** The media under a `url` of some kind; `uploads` finds what `mm_file://` names. */
export function readMedia(
  kind: Kind,
  url: unknown,
  field: string,
  uploads: (fileId: string) => Media | undefined,
): Media {
  if (typeof url !== "string" || url === "") throw new Refusal(`${field} must be a string`);
  const fileId = /^mm_file:\/\/(\d+)$/.exec(url)?.[1];
  if (fileId !== undefined) {
    const upload = uploads(fileId);
    if (upload?.kind !== kind) throw new Refusal(`${field}: ${kind} file ${fileId} not found`);
    return upload;
  }
  if (/^https?:\/\/[^/]/i.test(url)) {
    const stated = Number(URL.parse(url)?.searchParams.get("seconds") ?? 5);
    const seconds = kind === "image" ? null : checkSeconds(stated, field);
    return { kind, source: "url", sha256: null, width: null, height: null, seconds };
  }
  const [, format = "", base64 = ""] = /^data:(\w+\/[\w.+-]+);base64,(.*)$/s.exec(url) ?? [];
  if (!kinds[kind].formats.some((known) => format === `${kind}/${known}`)) {
    const known = kinds[kind].formats.map((name) => `${kind}/${name}`).join(", ");
    throw new Refusal(`${field} must be a public URL, mm_file://{file_id} or a data URI of ${known}`);
  }
  return { source: "inline", ...judgeMedia(kind, new Uint8Array(Buffer.from(base64, "base64")), field) };
}

/** The facts about some bytes of a known kind. */
export function judgeMedia(kind: Kind, bytes: Bytes, field: string): Omit<Media, "source"> {
  const { megabytes, measure } = kinds[kind];
  if (bytes.length > megabytes * 1024 * 1024) {
    throw new Refusal(`${field} must be at most ${megabytes}MB`);
  }
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { kind, sha256, ...measure(bytes, field) };
}

/** The facts about uploaded bytes, whose kind nobody states: the first that they are. */
export function judgeUpload(bytes: Bytes): Media {
  const refusals: Refusal[] = [];
  for (const kind of ["image", "video", "audio"] as const) {
    try {
      return { source: "upload", ...judgeMedia(kind, bytes, "file") };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refusals.push(error);
    }
  }
  // What is too long, too small or too large speaks of that; what is nothing at all says so.
  const telling = refusals.find(({ message }) => !message.includes("format"));
  throw telling ?? new Refusal("file is of no supported format");
}

function judgeImage(bytes: Bytes, field: string): Facts {
  const size = measureImage(bytes, ["jpg", "png", "webp", "heif", "heic"]);
  if (!size) throw new Refusal(`${field}: unsupported image format`);
  const { width, height } = size;
  if (Math.min(width, height) < 256 || Math.max(width, height) > 5760) {
    throw new Refusal(`${field} sides must be between 256 and 5760 px, got ${width}x${height}`);
  }
  if (width < 0.4 * height || width > 2.5 * height) {
    throw new Refusal(`${field} width/height must be between 0.4 and 2.5, got ${width}x${height}`);
  }
  return { width, height, seconds: null };
}

const videoCodecs = ["avc1", "avc3", "hvc1", "hev1"];
const audioCodecs = ["mp4a", ".mp3"];

function judgeVideo(bytes: Bytes, field: string): Facts {
  const movie = measureMovie(bytes);
  if (!movie) throw new Refusal(`${field}: unsupported video format`);
  const { width, height, picturesPerSecond, videoCodec, audioCodec } = movie;
  if (!videoCodecs.includes(videoCodec)) throw new Refusal(`${field}: unsupported codec ${videoCodec}`);
  if (audioCodec !== null && !audioCodecs.includes(audioCodec)) {
    throw new Refusal(`${field}: unsupported codec ${audioCodec}`);
  }
  // 24000/1001 is written 23.976
  if (picturesPerSecond < 23.97 || picturesPerSecond > 60.01) {
    throw new Refusal(`${field} must have 23.976 to 60 fps, got ${picturesPerSecond.toFixed(3)}`);
  }
  return { width, height, seconds: checkSeconds(movie.seconds, field) };
}

function judgeAudio(bytes: Bytes, field: string): Facts {
  const seconds = audioSeconds(bytes);
  if (seconds === undefined) throw new Refusal(`${field}: unsupported audio format`);
  return { width: null, height: null, seconds: checkSeconds(seconds, field) };
}

function checkSeconds(seconds: number, field: string): number {
  if (seconds >= 2 && seconds <= 15) return seconds;
  throw new Refusal(`${field} must be 2 to 15 s long, got ${seconds}`);
}
