/** Saving a finished video, as `download` does and `--download` of the commands that wait. */

import { basename, dirname, relative } from "node:path";
import type { DownloadVideoResponse } from "../client/filmgate.ts";
import type { Context, Options } from "./command.ts";
import { download } from "./downloading.ts";
import { commandError } from "./exits.ts";
import { exists, isThere, PartFile, StreamSink, statIfThere, targetOf } from "./part-file.ts";
import { bytesWord, placeWords, shellWord } from "./words.ts";

export const forceOption = {
  force: { kind: "flag", about: "replace another file of this name" },
} as const satisfies Options;

/** Which video, and where to. */
export type Saving = Readonly<{
  fileId: string;
  /** What `filmgate download` is given to save it: its task, or its file. */
  video: string;
  /** A file, a folder, `-` for standard output; by default its own name in the working directory. */
  path: string | undefined;
  force: boolean | undefined;
}>;

/**
 * Saves a video whole and checked.
 * @returns the path as it is told; null for standard output.
 * @throws FilmgateError `file_exists`, `file_failed`, `corrupt_download`, `connection_failed`, and what links throw.
 */
export async function save(
  context: Context,
  { fileId, video, path, force }: Saving,
): Promise<{ promised: DownloadVideoResponse; path: string | null }> {
  const again = `filmgate download ${shellWord(video)}`;
  context.goesOn([`Save it with: ${again} PATH`]);
  if (path === "-") requirePipe(context);
  const isForced = force === true;
  const renew = () => context.client().video.downloadVideo(fileId, { signal: context.signal });
  const promised = await renew();
  const progress = context.output.startProgress();
  const options = {
    renew,
    signal: context.signal,
    onBytes: (size: number) =>
      progress.show(
        Math.floor((size / promised.bytes) * 100),
        // Where each word is a line, one is enough.
        `saving, ${context.output.isProgressLive ? `${bytesWord(size)} of ` : ""}${bytesWord(promised.bytes)}`,
      ),
    onTrouble: (sentence: string) => {
      progress.end();
      context.output.notice(sentence);
    },
  };
  if (path === "-") {
    await download(promised, new StreamSink(context.stdout), options).finally(progress.end);
    return { promised, path: null };
  }
  const target = await targetOf(path, process.cwd(), promised);
  const shown = relative(process.cwd(), target).startsWith("..") ? target : relative(process.cwd(), target);
  if (await isThere(target, promised, isForced)) {
    context.output.notice(`${shown} is there already, and is this video.`);
    return { promised, path: shown };
  }
  const part = await PartFile.open(target, promised);
  if (part.size > 0) context.output.notice(`Going on behind the ${bytesWord(part.size)} of an earlier run.`);
  try {
    await download(promised, part, options);
    await part.finish(promised, isForced);
  } catch (error) {
    const line = path === undefined ? again : `${again} ${placeWords(path, force)}`;
    context.goesOn([
      (await part.leave())
        ? `What came is kept in ${basename(part.path)}. Carry it on with: ${line}`
        : `Get it again with: ${line}`,
    ]);
    throw error;
  } finally {
    progress.end();
  }
  context.goesOn([]);
  return { promised, path: shown };
}

/**
 * Whether a video could be saved there, asked before it is paid for.
 * @param mayBeThere whether the file that lies there may be the video itself, saved by the same command before.
 * @throws FilmgateError `file_exists`, `file_failed`, `invalid_usage`.
 */
export async function requirePlace(context: Context, path: string, mayBeThere: boolean): Promise<void> {
  if (path === "-") return requirePipe(context);
  const found = await statIfThere(path);
  const folder = /[/\\]$/.test(path) ? path : dirname(path);
  if (found === null && !((await statIfThere(folder))?.isDirectory() ?? false)) {
    throw commandError("file_failed", `${path}: its folder is not there.`);
  }
  if (found?.isFile() === true && !mayBeThere) throw exists(path);
}

/** @throws FilmgateError `invalid_usage` where bytes on standard output help nobody. */
function requirePipe({ stdout, output }: Context): void {
  if (stdout.isTTY === true) {
    throw commandError("invalid_usage", "A video is no text: pipe it on, or name a file instead of '-'.");
  }
  if (output.isJson) {
    throw commandError(
      "invalid_usage",
      "Standard output holds either the video (-) or --json: take one away.",
    );
  }
}
