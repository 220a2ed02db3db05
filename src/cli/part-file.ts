/**
 * Where a download's bytes go. A file is collected beside its place, under a name that holds the video's hash, so that
 * what an earlier run left is carried on only for the very same video; it takes its place in one step, and only when
 * length and SHA-256 are right. Standard output takes bytes once and cannot take them back.
 */

import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, link, open, rename, rm, stat, unlink } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { type DownloadVideoResponse, FilmgateError } from "../client/filmgate.ts";
import { commandError } from "./exits.ts";

export type Sink = {
  /** How many bytes are there. */
  readonly size: number;
  /** Whether the next body may begin at its start again. */
  readonly canStartOver: boolean;
  write(piece: Uint8Array): Promise<void>;
  startOver(): Promise<void>;
  /** In hex, of what is there. */
  sha256(): string;
};

/** Where a video is saved: the path, or its own name in the folder that the path is. */
export async function targetOf(
  path: string | undefined,
  folder: string,
  { filename, file_id }: Pick<DownloadVideoResponse, "filename" | "file_id">,
): Promise<string> {
  // A name that a server gives leads nowhere but here.
  const own = basename(filename.replaceAll("\\", "/")).replace(/\p{Cc}/gu, "");
  const name = own === "" || own === "." || own === ".." ? `${basename(file_id)}.mp4` : own;
  if (path === undefined) return join(folder, name);
  const given = resolve(folder, path);
  const isFolder = /[/\\]$/.test(path) || ((await statIfThere(given))?.isDirectory() ?? false);
  return isFolder ? join(given, name) : given;
}

/** Whether the very video lies there already. @throws FilmgateError `file_exists` if another file does. */
export async function isThere(
  target: string,
  promised: DownloadVideoResponse,
  isForced: boolean,
): Promise<boolean> {
  const found = await statIfThere(target);
  if (found === null) return false;
  if (found.isFile() && found.size === promised.bytes && (await hashFile(target)) === promised.sha256)
    return true;
  if (isForced && found.isFile()) return false;
  throw exists(target);
}

export class PartFile implements Sink {
  readonly target: string;
  readonly path: string;
  #file: FileHandle;
  #hash: Hash;
  #size: number;

  private constructor(target: string, path: string, file: FileHandle, hash: Hash, size: number) {
    this.target = target;
    this.path = path;
    this.#file = file;
    this.#hash = hash;
    this.#size = size;
  }

  /** Opens what an earlier run left, or begins. @throws FilmgateError `file_failed`. */
  static async open(target: string, promised: DownloadVideoResponse): Promise<PartFile> {
    const path = `${target}.${promised.sha256.replace(/[^0-9a-f]/g, "").slice(0, 16)}.part`;
    return attempt(path, async () => {
      const file = await open(path, "a+").then(async (made) => {
        await made.close();
        return open(path, "r+");
      });
      const hash = createHash("sha256");
      const size = await readInto(hash, path);
      return new PartFile(target, path, file, hash, size);
    });
  }

  get size(): number {
    return this.#size;
  }

  get canStartOver(): boolean {
    return true;
  }

  async write(piece: Uint8Array): Promise<void> {
    // At its place, so that a second run that saves the same video writes the same bytes.
    await attempt(this.path, async () => {
      for (let done = 0; done < piece.byteLength; ) {
        const { bytesWritten } = await this.#file.write(piece, done, undefined, this.#size + done);
        done += bytesWritten;
      }
    });
    this.#hash.update(piece);
    this.#size += piece.byteLength;
  }

  async startOver(): Promise<void> {
    // A new file, and not this one emptied: another run may have filled it and put it in its place meanwhile.
    await attempt(this.path, async () => {
      await this.#file.close();
      await rm(this.path, { force: true });
      this.#file = await open(this.path, "w+");
    });
    this.#hash = createHash("sha256");
    this.#size = 0;
  }

  sha256(): string {
    return this.#hash.copy().digest("hex");
  }

  /**
   * Puts it in its place.
   * @throws FilmgateError `file_exists` if another file came there meanwhile, `file_failed` if the disk has not what
   * came: another run had begun this one's file anew.
   */
  async finish(promised: DownloadVideoResponse, isForced: boolean): Promise<void> {
    await attempt(this.path, async () => {
      await this.#file.sync();
      await this.#file.close();
    });
    const written = await attempt(this.path, () => hashIfThere(this.path));
    if (written !== null && written !== promised.sha256) {
      throw commandError(
        "file_failed",
        `${this.path}: another run is writing it at the same time. Once that has ended, save it again.`,
      );
    }
    await attempt(this.target, async () => {
      if (await (isForced ? replace : place)(this.path, this.target)) return;
      // Another run may have saved the same video meanwhile.
      await isThere(this.target, promised, false);
      await unlink(this.path).catch(() => {});
    });
  }

  /**
   * Closes it and leaves it for the next run; an empty one is removed, unless another run has begun to fill it.
   * @returns whether it is left.
   */
  async leave(): Promise<boolean> {
    const size = await this.#file.stat().then(
      (found) => found.size,
      () => this.#size,
    );
    await this.#file.close().catch(() => {});
    if (size === 0) await unlink(this.path).catch(() => {});
    return size > 0;
  }
}

export class StreamSink implements Sink {
  readonly #stream: NodeJS.WritableStream;
  readonly #hash = createHash("sha256");
  #size = 0;

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream;
  }

  get size(): number {
    return this.#size;
  }

  get canStartOver(): boolean {
    return this.#size === 0;
  }

  async write(piece: Uint8Array): Promise<void> {
    this.#hash.update(piece);
    this.#size += piece.byteLength;
    await new Promise<void>((done, fail) => {
      this.#stream.write(piece, (error) => (error ? fail(error) : done()));
    });
  }

  async startOver(): Promise<void> {}

  sha256(): string {
    return this.#hash.copy().digest("hex");
  }
}

/** Moves in one step, and never over something: false if the place is taken. */
async function place(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
  } catch {
    // Taken; or a file system without hard links, where a small gap between looking and moving is left.
    if ((await statIfThere(to)) !== null) return false;
    await rename(from, to);
    return true;
  }
  await unlink(from);
  return true;
}

/** Moves in one step, over what is there: false if another run, with the same part, has done it already. */
async function replace(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || (await statIfThere(to)) === null) throw error;
    return false;
  }
}

/** What is said where another file lies. */
export function exists(target: string): Error {
  return commandError(
    "file_exists",
    `${target} is there, and is another file. Name another path, or give --force to replace it.`,
  );
}

/** Null if nothing is there. @throws FilmgateError `file_failed`. */
export async function statIfThere(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (/^ENO(?:ENT|TDIR)$/.test((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw failed(path, error);
  }
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await readInto(hash, path);
  return hash.digest("hex");
}

/** @returns how many bytes were read. */
async function readInto(hash: Hash, path: string): Promise<number> {
  let size = 0;
  for await (const piece of createReadStream(path)) {
    hash.update(piece as Buffer);
    size += (piece as Buffer).byteLength;
  }
  return size;
}

/** Null if another run has moved it away. */
async function hashIfThere(path: string): Promise<string | null> {
  try {
    return await hashFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

async function attempt<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof FilmgateError ? error : failed(path, error);
  }
}

function failed(path: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const why: Record<string, string> = {
    ENOENT: "its folder is not there",
    EACCES: "it may not be written",
    EROFS: "the disk is read-only",
    ENOSPC: "the disk is full",
    EISDIR: "it is a folder",
    ENOTDIR: "its folder is a file",
  };
  return commandError("file_failed", `${path}: ${why[code ?? ""] ?? message}.`, error);
}
