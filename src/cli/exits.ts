/**
 * What the exit code says: one table, shown by `--help` and docs/cli.md, and which error leads to which row. Pure.
 */

import {
  ConnectionError,
  EnsureFailedError,
  FilmgateError,
  VideoFailedError,
  WaitTimeoutError,
} from "../client/filmgate.ts";

export const exitCodes = {
  0: "done",
  1: "failed in another way, as when a file cannot be written",
  2: "the command or the configuration is wrong; nothing was made",
  3: "refused: the order is not possible, a cap is reached, there is no such video, the key does not fit",
  4: "the video could not be made, or was cancelled",
  5: "filmgate cannot be reached or has no answer yet; what was ordered goes on: see the line that is printed",
  6: "the lock stands against it: with --frozen a video is missing in it, one is gone, or it cannot be read",
  130: "interrupted by Ctrl-C; what was ordered goes on",
  143: "the same by SIGTERM",
} as const;
export type ExitCode = keyof typeof exitCodes;

/** Codes that neither filmgate's table nor the client has, with what they lead to and what they mean. */
export const commandErrors = {
  invalid_usage: { exit: 2, means: "the command line is wrong; the sentence says how" },
  invalid_configuration: {
    exit: 2,
    means: "the environment or `filmgate.json` is wrong, or lacks something",
  },
  file_exists: { exit: 2, means: "another file lies where the video is to be saved" },
  file_failed: { exit: 1, means: "a file cannot be written or read" },
  corrupt_download: {
    exit: 1,
    means: "what came is not the video that was promised; nothing of it was kept",
  },
  video_not_ready: { exit: 5, means: "the video is to be saved, and is not finished" },
  not_confirmed: { exit: 1, means: "the question was not answered with yes" },
  interrupted: { exit: 130, means: "Ctrl-C" },
  terminated: { exit: 143, means: "SIGTERM" },
} as const satisfies Record<string, { exit: ExitCode; means: string }>;
export type CommandErrorCode = keyof typeof commandErrors;

/** Codes that say by themselves where an error belongs; of all others the status tells. */
const exitOfCode: ReadonlyMap<string, ExitCode> = new Map(
  Object.entries<ExitCode>({
    ...Object.fromEntries(Object.entries(commandErrors).map(([code, { exit }]) => [code, exit])),
    invalid_setting: 2,
    invalid_argument: 2,
    invalid_idempotency_key: 2,
    redirected: 2,
    over_budget: 3,
    not_locked: 6,
    lock_conflict: 6,
    lock_unreadable: 6,
    lock_unavailable: 6,
    video_gone: 6,
    video_taken_down: 6,
    published_otherwise: 6,
    publication_expired: 6,
    cancelled: 4,
    video_failed: 4,
  }),
);

/** An error of the command line's own, with a sentence that says what to do. */
export function commandError(code: CommandErrorCode, message: string, cause?: unknown): FilmgateError {
  return new FilmgateError(message, { code, cause });
}

/** @param hasOrdered whether the run ordered something before it went wrong: 2 says that nothing was made. */
export function exitCodeOf(error: unknown, hasOrdered = false): ExitCode {
  const code = codeOf(error);
  return code === 2 && hasOrdered ? 1 : code;
}

function codeOf(error: unknown): ExitCode {
  if (!(error instanceof FilmgateError)) return 1;
  if (error instanceof EnsureFailedError) return exitOfSeveral(error.errors.map(codeOf));
  if (error instanceof VideoFailedError) return 4;
  if (error instanceof ConnectionError || error instanceof WaitTimeoutError) return 5;
  const own = exitOfCode.get(error.code);
  if (own !== undefined) return own;
  if (error.retryable || (error.status !== null && error.status >= 500)) return 5;
  return error.status !== null && error.status >= 400 ? 3 : 1;
}

/** Of several, what will not pass by itself counts before what may. */
function exitOfSeveral(codes: readonly ExitCode[]): ExitCode {
  return codes.find((code) => code !== 5) ?? codes[0] ?? 1;
}
