/**
 * Pictures, videos and sounds of an order: an address, an upload's id and inline data go as they are, a file is
 * uploaded first. A file in an order that is written as JSON begins with `./`, `../`, `/` or `file:`, as in the lock;
 * on the command line any file's name will do.
 */

import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isPath } from "../client/ensure/media-files.ts";
import { mapMedia } from "../client/ensure/order-identity.ts";
import type { CreateVideoRequest } from "../client/filmgate.ts";
import { type Context, standardTimeoutMs } from "./command.ts";
import { commandError } from "./exits.ts";
import type { PartialOrder } from "./order-fields.ts";

/** A large video on a slow line. */
const uploadTimeoutMs = 600_000;
/** Such a line has 256 kbit/s, and `ensure` sends four orders at a time. */
const slowBytesPerMs = 8;

export type Medium = Readonly<{
  text: string;
  /** Where it was named: an option as it is typed, or a field of a file. */
  from: string;
  /** What a file's name is relative to. */
  folder: string;
  /** Whether anything that is neither address nor id is a file's name. */
  isTyped: boolean;
}>;

/** Where a medium lies on this machine; null if it is none of this machine's files. */
export function fileOf({ text, folder, isTyped }: Medium): string | null {
  if (!isPath(text) && !(isTyped && isName(text))) return null;
  return /^file:/i.test(text) ? pathOfUrl(text) : resolve(folder, text);
}

function pathOfUrl(text: string): string {
  try {
    return fileURLToPath(text);
  } catch (error) {
    throw commandError("invalid_usage", `${text} names no file of this machine.`, error);
  }
}

/** Typed by hand, anything that is neither address nor id is a file's name. */
function isName(text: string): boolean {
  return !/^(?:https?:|data:)/i.test(text) && !isUploadId(text);
}

function isUploadId(text: string): boolean {
  return /^(?:image|video|audio)_[0-9a-f]{64}$/.test(text);
}

/**
 * The order with every file of this machine in a form that the server takes.
 * @param media what stands in the order, by where it was named.
 * @throws FilmgateError `invalid_usage` for a file that is not there, and what an upload throws.
 */
export async function sendMedia(
  context: Context,
  order: CreateVideoRequest,
  about: (text: string) => Medium,
): Promise<CreateVideoRequest> {
  // One after the other: several large uploads at once only share the line.
  let before: Promise<unknown> = Promise.resolve();
  const sent = await mapMedia(order, (text) => {
    const one = before.then(() => sendOne(context, about(text as string), order.dry_run === true));
    before = one;
    return one;
  });
  return sent as CreateVideoRequest;
}

/**
 * How long one request may take that sends files of these orders along: the longer the more there is to send, up to
 * what an upload has. A request that sends nothing has it, too, so small files ask for little.
 * @param folder what files' names are relative to. @returns milliseconds.
 */
export async function sendingTimeoutMs(orders: readonly PartialOrder[], folder: string): Promise<number> {
  let bytes = 0;
  for (const order of orders) {
    await mapMedia(order, async (text) => {
      if (typeof text !== "string") return;
      const path = fileOf({ text, from: "", folder, isTyped: false });
      // What is not there is told by whoever reads it.
      if (path !== null) bytes += (await stat(path).catch(() => null))?.size ?? 0;
    });
  }
  return Math.min(standardTimeoutMs + Math.ceil(bytes / slowBytesPerMs), uploadTimeoutMs);
}

async function sendOne(context: Context, medium: Medium, isDryRun: boolean): Promise<string> {
  const path = typeof medium.text === "string" ? fileOf(medium) : null;
  if (path === null) return medium.text;
  const bytes = await readMedium(path, medium);
  // A dry run leaves nothing behind, so the bytes go inline.
  if (isDryRun) return bytes.toString("base64");
  context.output.notice(`Uploading ${medium.text} …`);
  const { id } = await context
    .patientClient(uploadTimeoutMs)
    .video.uploadImage(bytes, { signal: context.signal });
  return id;
}

async function readMedium(path: string, { text, from }: Medium): Promise<Buffer> {
  try {
    if ((await stat(path)).isFile()) return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === "ENOENT" || code === "ENOTDIR" ? "there is no such file" : `it cannot be read (${code})`;
    throw commandError(
      "invalid_usage",
      `${from} '${text}': ${why}. It takes a file, an http(s) address, or the id of an upload.`,
      error,
    );
  }
  throw commandError("invalid_usage", `${from} '${text}': it is no file.`);
}
