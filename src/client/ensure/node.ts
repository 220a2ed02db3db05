/**
 * The few things of Node that the lock needs. They are asked for when they are used, and not imported: the client runs
 * in browsers and workers, too, where there are no files.
 */

import { FilmgateError } from "../errors.ts";
import { noFiles } from "./no-lock.ts";

/** The part of `node:fs` that is used, as `@types/node` has it: the client is compiled without that. */
export type Files = {
  readFileSync(path: string): Uint8Array;
  writeFileSync(target: string | number, text: string): void;
  openSync(path: string, flags: string): number;
  fsyncSync(descriptor: number): void;
  closeSync(descriptor: number): void;
  renameSync(from: string, to: string): void;
  linkSync(from: string, to: string): void;
  unlinkSync(path: string): void;
  realpathSync(path: string): string;
};

type Process = {
  cwd(): string;
  env: Record<string, string | undefined>;
  getBuiltinModule?: (name: string) => unknown;
};

const nodeProcess = () => (globalThis as { process?: Process }).process;

/** @throws FilmgateError `lock_unavailable` where there is no Node with files. */
export function requireFiles(): Files {
  const files = nodeProcess()?.getBuiltinModule?.("node:fs");
  if (files !== undefined) return files as Files;
  throw noFiles();
}

/** The absolute path that a text or a `file:` URL names, relative to a folder, or to the working directory. */
export function resolvePath(named: string | URL, folder?: string): string {
  requireFiles();
  const process = nodeProcess() as Required<Process>;
  const { resolve } = process.getBuiltinModule("node:path") as { resolve(...parts: string[]): string };
  const text = String(named);
  if (!/^file:/i.test(text)) return resolve(folder ?? process.cwd(), text);
  const { fileURLToPath } = process.getBuiltinModule("node:url") as { fileURLToPath(url: string): string };
  try {
    return fileURLToPath(text);
  } catch (cause) {
    throw new FilmgateError(`${text} names no file of this machine.`, { code: "invalid_argument", cause });
  }
}

export function folderOf(path: string): string {
  const process = nodeProcess() as Required<Process>;
  return (process.getBuiltinModule("node:path") as { dirname(path: string): string }).dirname(path);
}

/** What Node calls a failure of a file: `ENOENT`, `EACCES` … */
export function fileErrorCode(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? error);
}

/** Whether this is a build service's machine: nearly all of them set `CI`. */
export function isContinuousIntegration(): boolean {
  const said = nodeProcess()?.env.CI ?? "";
  return !["", "0", "false"].includes(said.toLowerCase());
}
