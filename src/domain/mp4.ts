/**
 * Whether bytes that stream by are one whole MP4 file: its top-level boxes begin with `ftyp`, include `moov` and
 * `mdat`, and end exactly where the file ends (ISO/IEC 14496-12, 4.2). Length alone proves nothing: a body cut
 * short can come with a matching Content-Length.
 */

import { readPixels } from "./movie.ts";

export type BoxWalk = Readonly<{
  /** Bytes of the current box that have not passed yet; null in a box that reaches to the end of the file. */
  remaining: number | null;
  /** The start of a header that was split between chunks. */
  header: Uint8Array;
  /** Which of the needed boxes have begun. */
  seen: ReadonlySet<string>;
  /** Set for good once a header makes no sense. */
  broken: boolean;
}>;

const needed: ReadonlySet<string> = new Set(["ftyp", "moov", "mdat"]);

export const beforeFirstBox: BoxWalk = {
  remaining: 0,
  header: new Uint8Array(0),
  seen: new Set(),
  broken: false,
};

/** Walks on over the next chunk; headers may be split anywhere. */
export function walkBoxes(walk: BoxWalk, chunk: Uint8Array): BoxWalk {
  let { remaining, header, broken } = walk;
  const seen = new Set(walk.seen);
  let at = 0;
  while (at < chunk.byteLength && !broken && remaining !== null) {
    if (remaining > 0) {
      const passed: number = Math.min(remaining, chunk.byteLength - at);
      remaining -= passed;
      at += passed;
      continue;
    }
    const wanted = headerLength(header) - header.byteLength;
    const taken = chunk.subarray(at, at + wanted);
    header = concatenate(header, taken);
    at += taken.byteLength;
    if (header.byteLength < headerLength(header)) continue;
    const box = readHeader(header);
    if (box === null || (seen.size === 0 && box.type !== "ftyp")) {
      broken = true;
    } else {
      if (needed.has(box.type)) seen.add(box.type);
      remaining = box.size === 0 ? null : box.size - header.byteLength;
      header = new Uint8Array(0);
    }
  }
  return { remaining, header, seen, broken };
}

/** True if the bytes that passed are one whole MP4 file. */
export function isWholeMp4(walk: BoxWalk): boolean {
  const ended = walk.remaining === null || (walk.remaining === 0 && walk.header.byteLength === 0);
  return !walk.broken && ended && walk.seen.size === needed.size;
}

/** The search for the size of the picture: the walk goes into the boxes where tracks stand, and passes over all others. */
export type TrackWalk = Readonly<{
  /** Bytes to pass over; null once nothing more is looked for. */
  skip: number | null;
  header: Uint8Array;
  /** A track's header that is being read, and how long it is; null outside of one. */
  track: Readonly<{ body: Uint8Array; length: number }> | null;
  /** Of the first track that has one: sounds have none. 0 until it was found. */
  width: number;
  height: number;
}>;

export const beforeFirstTrack: TrackWalk = {
  skip: 0,
  header: new Uint8Array(0),
  track: null,
  width: 0,
  height: 0,
};

const tracksStandIn: ReadonlySet<string> = new Set(["moov", "trak"]);
/** A track's header has 84 bytes, or 96 with times of 64 bits. */
const maxTrackHeader = 1024;

/** Walks on over the next chunk; boxes may be split anywhere. */
export function walkTracks(walk: TrackWalk, chunk: Uint8Array): TrackWalk {
  let { skip, header, track, width, height } = walk;
  let at = 0;
  while (at < chunk.byteLength && skip !== null) {
    if (skip > 0) {
      const passed: number = Math.min(skip, chunk.byteLength - at);
      skip -= passed;
      at += passed;
      continue;
    }
    const wanted: number =
      track === null ? headerLength(header) - header.byteLength : track.length - track.body.byteLength;
    const taken = chunk.subarray(at, at + wanted);
    at += taken.byteLength;
    if (track !== null) {
      track = { ...track, body: concatenate(track.body, taken) };
      if (track.body.byteLength < track.length) continue;
      const pixels = readPixels(viewOf(track.body));
      track = null;
      if (pixels.width > 0 && pixels.height > 0) {
        ({ width, height } = pixels);
        skip = null;
      }
      continue;
    }
    header = concatenate(header, taken);
    if (header.byteLength < headerLength(header)) continue;
    const box = readHeader(header);
    const length = box === null || box.size === 0 ? null : box.size - header.byteLength;
    header = new Uint8Array(0);
    if (box?.type === "tkhd" && length !== null && length >= 8 && length <= maxTrackHeader) {
      track = { body: new Uint8Array(0), length };
    } else {
      skip = box !== null && tracksStandIn.has(box.type) ? 0 : length;
    }
  }
  return { skip, header, track, width, height };
}

/** 8 bytes, or 16 where a 32-bit size of 1 says that a 64-bit one follows the type. */
function headerLength(header: Uint8Array): number {
  return header.byteLength >= 4 && viewOf(header).getUint32(0) === 1 ? 16 : 8;
}

/** Size 0 means "to the end of the file". Null if the size cannot be. */
function readHeader(header: Uint8Array): { type: string; size: number } | null {
  const view = viewOf(header);
  const size = header.byteLength === 16 ? Number(view.getBigUint64(8)) : view.getUint32(0);
  if (size !== 0 && size < header.byteLength) return null;
  if (!Number.isSafeInteger(size)) return null;
  return { type: String.fromCharCode(...header.subarray(4, 8)), size };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function concatenate(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.byteLength + second.byteLength);
  joined.set(first);
  joined.set(second, first.byteLength);
  return joined;
}
