/** What commands read beside their words: files of the owner's, and standard input. */

import { readFile } from "node:fs/promises";
import type { Context } from "./command.ts";
import { commandError } from "./exits.ts";

/** A file as JSON; `-` is standard input. @throws FilmgateError `invalid_usage`. */
export async function readJson(context: Context, file: string): Promise<unknown> {
  const text = file === "-" ? await readAll(context) : await readText(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw commandError("invalid_usage", `${file}: it is not JSON (${(error as Error).message}).`);
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : `it cannot be read (${code})`;
    throw commandError("invalid_usage", `${file}: ${why}.`, error);
  }
}

/** All of standard input, as UTF-8. */
export async function readAll({ stdin, signal }: Context): Promise<string> {
  const pieces: Buffer[] = [];
  const stop = () => stdin.destroy();
  signal.addEventListener("abort", stop, { once: true });
  for await (const piece of stdin) pieces.push(Buffer.from(piece as Buffer));
  signal.removeEventListener("abort", stop);
  signal.throwIfAborted();
  return Buffer.concat(pieces).toString("utf8");
}
