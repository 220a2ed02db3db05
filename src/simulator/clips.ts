/*
 * The films that are delivered: a few real H.264 clips (clips/make.sh drew them). Each task gets bytes of its own:
 * an MP4 `free` box with its id behind the last box, where no offset points and every player skips it (ISO/IEC
 * 14496-12, 8.1.2), so that no two deliveries have the same hash. Padding makes that box, and so the file, larger.
 */
import { readFileSync } from "node:fs";
import type { FilmFile } from "./files.ts";
import { filmOf } from "./film.ts";
import { type Bytes, viewOf } from "./mp4.ts";

/** A clip is a film as it stands, or a loop and the seconds that are wanted of it. */
export type Clip = { name: string; width: number; height: number; loopSeconds?: number };

const loaded = new Map<string, Bytes>();

function load({ name, loopSeconds }: Clip): Bytes {
  const key = `${name} ${loopSeconds}`;
  const known = loaded.get(key);
  if (known) return known;
  const bytes = new Uint8Array(readFileSync(new URL(`./clips/${name}.mp4`, import.meta.url)));
  const film = loopSeconds === undefined ? bytes : filmOf(bytes, loopSeconds);
  loaded.set(key, film);
  return film;
}

/** The clip as this task's own file, with `padding` bytes more where a large one is wanted (the box allows 4 GB). */
export function fileOf({ clip, id, padding }: { clip: Clip; id: string; padding: number }): FilmFile {
  const film = load(clip);
  const note = new TextEncoder().encode(`MiniMax simulator, task ${id}`);
  const head = new Uint8Array(film.length + 8 + note.length);
  head.set(film);
  viewOf(head).setUint32(film.length, 8 + note.length + padding);
  head.set(new TextEncoder().encode("free"), film.length + 4);
  head.set(note, film.length + 8);
  return { head, padding };
}
