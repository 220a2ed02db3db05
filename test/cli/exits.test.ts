/** Which error ends with which exit code. */

import { describe, expect, it } from "vitest";
import { commandError, type ExitCode, exitCodeOf, exitCodes } from "../../src/cli/exits.ts";
import {
  ConnectionError,
  EnsureFailedError,
  FilmgateError,
  MissingVideosError,
  VideoFailedError,
  WaitTimeoutError,
} from "../../src/client/filmgate.ts";

const refused = (code: string, status: number, retryable = false) =>
  new FilmgateError("No.", { code, status, retryable });
const failed = new VideoFailedError("No.", {
  code: "content_moderated",
  taskId: "task_1",
  costState: "released",
});
const lost = new ConnectionError("No.", { code: "connection_failed", retryable: true });

const rows: [what: string, error: unknown, code: ExitCode][] = [
  ["an order that is not possible", refused("unsupported_combination", 400), 3],
  ["a key that is unknown", refused("invalid_key", 401), 3],
  ["a cap", refused("budget_exceeded", 402), 3],
  ["a video that nobody has", refused("not_found", 404), 3],
  ["a video that failed", failed, 4],
  ["a link to a video that failed", refused("video_failed", 410), 4],
  ["a video that was cancelled", refused("cancelled", 410), 4],
  ["a network that is away", lost, 5],
  ["a limit of the moment", refused("rate_limited", 429, true), 5],
  ["a gateway in between", refused("unreadable_answer", 502, true), 5],
  ["a deployment that lacks a setting", refused("misconfigured", 503), 5],
  ["a code that every object of JavaScript has a member for", refused("constructor", 400), 3],
  ["a wait that ended", new WaitTimeoutError("No.", { taskId: "task_1", lastStatus: null }), 5],
  ["a video that is not finished", refused("video_not_ready", 409, true), 5],
  ["a missing setting", new FilmgateError("No.", { code: "invalid_setting" }), 2],
  ["a wrong word", commandError("invalid_usage", "No."), 2],
  ["an address that redirects", refused("redirected", 301), 2],
  ["a video that the lock lacks", new MissingVideosError("No.", { missing: [], totalUsd: null }), 6],
  ["a lock that cannot be read", new FilmgateError("No.", { code: "lock_unreadable" }), 6],
  ["another site's publication", new FilmgateError("No.", { code: "published_otherwise" }), 6],
  ["a limit of the command's own", new FilmgateError("No.", { code: "over_budget" }), 3],
  ["several failures, one of them for good", new EnsureFailedError([lost, failed]), 4],
  ["several failures that may pass", new EnsureFailedError([lost, lost]), 5],
  ["a file that cannot be written", commandError("file_failed", "No."), 1],
  ["a file that is another", commandError("corrupt_download", "No."), 1],
  ["a no", commandError("not_confirmed", "No."), 1],
  ["a mistake of ours", new TypeError("No."), 1],
  ["Ctrl-C", commandError("interrupted", "No."), 130],
  ["SIGTERM", commandError("terminated", "No."), 143],
];

describe("the exit code", () => {
  it.each(rows)("of %s is told by its table", (_what, error, code) => {
    expect(exitCodeOf(error)).toBe(code);
  });

  it("of a run that ordered is never 2, which says that nothing was made", () => {
    expect(exitCodeOf(commandError("file_exists", "No."))).toBe(2);
    expect(exitCodeOf(commandError("file_exists", "No."), true)).toBe(1);
    expect(exitCodeOf(lost, true)).toBe(5);
  });

  it("of every kind is met here, but for 0", () => {
    const met = new Set(rows.map(([, , code]) => String(code)));
    expect(Object.keys(exitCodes).filter((code) => !met.has(code))).toEqual(["0"]);
  });
});
