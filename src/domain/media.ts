/**
 * Images, videos and sounds as callers send them: a URL, a data URL, bare base64 or the id of an upload; and what
 * MiniMax takes of each. The kind is read from the bytes, whatever a label says.
 * Limits: platform.minimax.io/docs/api-reference/video-generation-v2-create; those of images are in image.ts.
 */

import { quote, Refusal } from "../errors.ts";
import { type Movie, readMovie } from "./movie.ts";
import { readSound } from "./sound.ts";

export type MediaKind = "image" | "video" | "audio";

const mib = 1024 * 1024;

/** Of each, and of all of a kind together. */
export const clipLimits = {
  video: {
    maxBytes: 50 * mib,
    accepted: "an MP4 or MOV of H.264 or H.265 under 50 MB, 2 to 15 seconds, 23.976 to 60 frames a second",
  },
  audio: { maxBytes: 15 * mib, accepted: "a WAV or MP3 under 15 MB, 2 to 15 seconds" },
} as const;
export const clipSeconds = { least: 2, most: 15, mostTogether: 15 } as const;
const framesPerSecond = { least: 23.97, most: 60.01 };
/** `.mp3` is MP3 in a MOV; `mp4a` is AAC, or MP3 in an MP4. */
const codecs = { video: ["avc1", "avc3", "hvc1", "hev1"], audio: ["mp4a", ".mp3"] };

const maxUrlCharacters = 4096;
const forms = "a public http(s) URL, a data URL, bare base64, or an id from POST /v1/files";

export type MediaInput =
  | { kind: "url"; url: string }
  | { kind: "inline"; bytes: Uint8Array }
  | { kind: "uploaded"; sha256: string };

/** What an accepted video or sound is. */
export type VideoFacts = Readonly<{
  contentType: "video/mp4" | "video/quicktime";
  width: number;
  height: number;
  seconds: number;
}>;
export type AudioFacts = Readonly<{ contentType: "audio/mpeg" | "audio/wav"; seconds: number }>;

const uploadName = /^(image|video|audio)_([0-9a-f]{64})$/;

/** Whether a text has the form of an upload's id; whether there is one, the bucket knows. */
export function isUploadName(text: string): boolean {
  return uploadName.test(text);
}

/** Names an upload by its content. */
export function mediaId(kind: MediaKind, sha256: string): string {
  return `${kind}_${sha256}`;
}

/**
 * Tells which of the four forms a field's text has.
 * @throws Refusal naming the field if it has none of them.
 */
export function readMediaInput(
  param: string,
  text: string,
  kind: MediaKind,
  limits: Readonly<{ maxBytes: number; accepted: string }>,
): MediaInput {
  const [, named, sha256] = uploadName.exec(text) ?? [];
  if (sha256 !== undefined && named === kind) return { kind: "uploaded", sha256 };
  if (sha256 !== undefined) {
    throw refuseMedia(
      kind,
      param,
      `the id is that of ${spoken[named as MediaKind]}; ${spoken[kind]} is wanted here`,
    );
  }
  if (/^https?:\/\//i.test(text)) return { kind: "url", url: readUrl(kind, param, text) };
  const label = /^data:[^,]*?;base64,/i.exec(text.slice(0, 256))?.[0];
  if (/^data:/i.test(text.slice(0, 5)) && label === undefined) {
    throw refuseMedia(kind, param, `a data URL must look like data:${examples[kind]};base64,…`);
  }
  const base64 = label === undefined ? text : text.slice(label.length);
  return { kind: "inline", bytes: decodeBase64(kind, param, base64, limits) };
}

const spoken: Record<MediaKind, string> = { image: "an image", video: "a video", audio: "a sound" };
const examples: Record<MediaKind, string> = { image: "image/jpeg", video: "video/mp4", audio: "audio/mp3" };

/** What a kept upload's content type says: ours, so it can be believed. */
export function kindOfContent(contentType: string): MediaKind {
  return contentType.startsWith("video/") ? "video" : contentType.startsWith("audio/") ? "audio" : "image";
}

/** What bytes are at first sight. Whatever is neither film nor sound is for the reader of images to judge. */
export function kindOf(bytes: Uint8Array): MediaKind {
  const ascii = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (ascii(0, 4) === "RIFF" && ascii(8, 12) === "WAVE") return "audio";
  if (ascii(0, 3) === "ID3" || (bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe6) === 0xe2)) return "audio";
  if (ascii(4, 8) === "ftyp") return stillBrands.has(ascii(8, 12)) ? "image" : "video";
  // A MOV of old begins with any of its boxes.
  return ["moov", "mdat", "wide", "free", "skip"].includes(ascii(4, 8)) ? "video" : "image";
}

/** HEIF and its kin are ISO files, too (ISO/IEC 23008-12); AVIF is none that MiniMax takes, and is told so as an image. */
const stillBrands: ReadonlySet<string> = new Set([
  ...["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis"],
]);

/** @throws Refusal naming the field, what was wrong and what is accepted. */
export function inspectVideo(param: string, bytes: Uint8Array): VideoFacts {
  const refuse = (problem: string) =>
    refuseMedia("video", param, `${problem}; accepted is ${clipLimits.video.accepted}`);
  if (bytes.byteLength > clipLimits.video.maxBytes) throw refuse(`${inMegabytes(bytes)} is too large`);
  const movie = readMovie(bytes);
  if (movie === null) throw refuse("the bytes are not a whole MP4 or MOV with a picture in it");
  const problem = problemOf(movie);
  if (problem !== null) throw refuse(problem);
  const { width, height, seconds, isQuickTime } = movie;
  return { contentType: isQuickTime ? "video/quicktime" : "video/mp4", width, height, seconds };
}

function problemOf(movie: Movie): string | null {
  if (!codecs.video.includes(movie.videoCodec)) return `its picture is coded as ${quote(movie.videoCodec)}`;
  if (movie.audioCodec !== null && !codecs.audio.includes(movie.audioCodec)) {
    return `its sound is coded as ${quote(movie.audioCodec)}, and AAC or MP3 is taken`;
  }
  const rate = movie.framesPerSecond;
  if (rate < framesPerSecond.least || rate > framesPerSecond.most) {
    return `it has ${Number(rate.toFixed(3))} frames a second`;
  }
  return lengthProblem(movie.seconds);
}

/** @throws Refusal naming the field, what was wrong and what is accepted. */
export function inspectAudio(param: string, bytes: Uint8Array): AudioFacts {
  const refuse = (problem: string) =>
    refuseMedia("audio", param, `${problem}; accepted is ${clipLimits.audio.accepted}`);
  if (bytes.byteLength > clipLimits.audio.maxBytes) throw refuse(`${inMegabytes(bytes)} is too large`);
  const sound = readSound(bytes);
  if (sound === null) throw refuse("the bytes are not a WAV or MP3");
  const problem = lengthProblem(sound.seconds);
  if (problem !== null) throw refuse(problem);
  return { contentType: sound.isWave ? "audio/wav" : "audio/mpeg", seconds: sound.seconds };
}

function lengthProblem(seconds: number): string | null {
  if (seconds >= clipSeconds.least && seconds <= clipSeconds.most) return null;
  return `it lasts ${Number(seconds.toFixed(2))} seconds`;
}

function inMegabytes(bytes: Uint8Array): string {
  return `${(bytes.byteLength / mib).toFixed(1)} MB`;
}

function readUrl(kind: MediaKind, param: string, text: string): string {
  if (text.length > maxUrlCharacters) {
    throw refuseMedia(
      kind,
      param,
      `a URL of ${text.length} characters; at most ${maxUrlCharacters} are accepted`,
    );
  }
  if (!URL.canParse(text)) throw refuseMedia(kind, param, `the URL cannot be read; accepted is ${forms}`);
  return text;
}

function decodeBase64(
  kind: MediaKind,
  param: string,
  text: string,
  { maxBytes, accepted }: Readonly<{ maxBytes: number; accepted: string }>,
): Uint8Array {
  if (text.length > (maxBytes / 3) * 4 + 4) {
    throw refuseMedia(
      kind,
      param,
      `${spoken[kind].replace(/^an? /, "the ")} is too large; accepted is ${accepted}`,
    );
  }
  try {
    const alphabet = /[-_]/.test(text) ? "base64url" : "base64";
    const bytes = Uint8Array.fromBase64(text, { alphabet });
    if (bytes.byteLength > 0) return bytes;
  } catch {
    // Falls through to the refusal below, which says what is accepted.
  }
  throw refuseMedia(kind, param, `this is not ${spoken[kind]}; accepted is ${forms}`);
}

export function refuseMedia(kind: MediaKind, param: string, problem: string): Refusal {
  const code = kind === "image" ? "invalid_image" : "invalid_media";
  return new Refusal(code, { message: `${param}: ${problem}.`, param });
}
