/*
 * What callers uploaded to be used in creates (`POST /v1/files/upload`, purpose `video_generation_input`). Only
 * what was found out about the bytes is kept. Documented: seven days, then the file is gone.
 */
import type { Media } from "./v2-media.ts";

export type Upload = {
  fileId: string;
  key: string;
  filename: string;
  bytes: number;
  createdAt: number;
  media: Media;
};

const lifetimeMs = 7 * 86_400_000;

export class Uploads {
  readonly #now: () => number;
  readonly #nextId: () => string;
  readonly #uploads = new Map<string, Upload>();

  constructor(now: () => number, nextId: () => string) {
    this.#now = now;
    this.#nextId = nextId;
  }

  add(about: Omit<Upload, "fileId" | "createdAt">): Upload {
    const upload = { ...about, fileId: this.#nextId(), createdAt: this.#now() };
    this.#uploads.set(upload.fileId, upload);
    return upload;
  }

  find(fileId: string, key: string): Upload | undefined {
    return this.of(key).find((upload) => upload.fileId === fileId);
  }

  of(key: string): Upload[] {
    const since = this.#now() - lifetimeMs;
    return [...this.#uploads.values()].filter((upload) => upload.key === key && upload.createdAt > since);
  }

  remove(fileId: string): void {
    this.#uploads.delete(fileId);
  }

  clear(): void {
    this.#uploads.clear();
  }
}
