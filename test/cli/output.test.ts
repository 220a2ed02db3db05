/** The one place that writes: what stands on standard output and what beside it, for people and for programs. */

import { describe, expect, it } from "vitest";
import { exitCodeOf } from "../../src/cli/exits.ts";
import { createOutput } from "../../src/cli/output.ts";
import {
  EnsureFailedError,
  FilmgateError,
  MissingVideosError,
  VideoFailedError,
} from "../../src/client/filmgate.ts";

function open(isJson = false, isQuiet = false) {
  const written = { stdout: "", stderr: "" };
  const stream = (name: "stdout" | "stderr") =>
    ({ isTTY: false, write: (text: string) => (written[name] += text) }) as unknown as NodeJS.WriteStream;
  const streams = { stdout: stream("stdout"), stderr: stream("stderr"), environment: {} };
  return { written, output: createOutput(streams, { isJson, isQuiet }) };
}
const refused = new FilmgateError("The order costs too much.", {
  code: "cost_exceeds_limit",
  status: 402,
  requestId: "r-1",
  param: "max_cost_usd",
});
const failed = new VideoFailedError("MiniMax withheld it.", {
  code: "content_moderated",
  taskId: "task_1",
  costState: "held",
  minimax: { statusCode: 1027, statusMessage: "sensitive" },
});
const missing = new MissingVideosError("1 video is missing:\n  Order 1: $0.28", {
  missing: [
    {
      ...{ key: "k", name: "hero", indices: [0], order: { prompt: "Waves" } },
      ...{ estimatedCostUsd: 0.28, why: null, video: null },
    },
  ],
  totalUsd: 0.28,
});

describe("for people", () => {
  it("an error is its sentence, its code and request, and what to do", () => {
    const { written, output } = open();
    output.error(refused, 3, ["Try another model."]);
    expect(written).toEqual({
      stdout: "",
      stderr:
        "filmgate: The order costs too much.\n  cost_exceeds_limit, request r-1\n  Try another model.\n",
    });
  });

  it("a failed video tells what it means for the money, and what MiniMax said", () => {
    const { written, output } = open();
    output.error(failed, 4, []);
    expect(written.stderr).toContain("Nobody knows whether it was charged");
    expect(written.stderr).toContain("MiniMax said 1027: sensitive");
  });

  it("a state of money that nobody knows is none that JavaScript's objects have", () => {
    const { written, output } = open();
    const costState = "constructor" as never;
    output.error(
      new VideoFailedError("It failed.", { code: "toString", taskId: "task_1", costState }),
      4,
      [],
    );
    expect(written.stderr).toBe("filmgate: It failed.\n  toString\n");
  });

  it("a list in a sentence keeps its lines", () => {
    const { written, output } = open();
    output.error(missing, 6, []);
    expect(written.stderr).toBe("filmgate: 1 video is missing:\n  Order 1: $0.28\n  not_locked\n");
  });

  it("an answer goes to standard output, and with --quiet nothing else is said", () => {
    const { written, output } = open(false, true);
    output.notice("It is so.");
    output.startProgress().show(50, "making");
    output.word({ task_id: "task_1" }, "task_1");
    expect(written).toEqual({ stdout: "task_1\n", stderr: "" });
  });
});

describe("for programs", () => {
  const errorOf = (error: unknown) => {
    const { written, output } = open(true);
    output.error(error, exitCodeOf(error), []);
    expect(written.stdout).toBe("");
    expect(written.stderr.trim()).not.toContain("\n");
    return JSON.parse(written.stderr).error as Record<string, unknown>;
  };

  it("the answer is the object, and what stands beside it a line each", () => {
    const { written, output } = open(true);
    output.notice("It is so.");
    const progress = output.startProgress();
    progress.show(10, "making");
    progress.show(20, "making");
    progress.end();
    output.word({ task_id: "task_1" }, "task_1");
    expect(JSON.parse(written.stdout)).toEqual({ task_id: "task_1" });
    expect(
      written.stderr
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual([{ notice: "It is so." }, { progress: { percent: 10, word: "making" } }]);
  });

  it("an error has its code and everything that the answer told", () => {
    expect(errorOf(refused)).toEqual({
      message: "The order costs too much.",
      code: "cost_exceeds_limit",
      status: 402,
      param: "max_cost_usd",
      request_id: "r-1",
      exit_code: 3,
      hints: [],
    });
    expect(errorOf(failed)).toMatchObject({ task_id: "task_1", cost_state: "held", exit_code: 4 });
  });

  it("the errors of ensure list what is missing, or each of several", () => {
    expect(errorOf(missing)).toMatchObject({
      missing: [{ key: "k", name: "hero", order: { prompt: "Waves" }, estimated_cost_usd: 0.28, why: null }],
      total_usd: 0.28,
      exit_code: 6,
    });
    expect(errorOf(new EnsureFailedError([failed, refused]))).toMatchObject({
      errors: [{ code: "content_moderated" }, { code: "cost_exceeds_limit" }],
      exit_code: 4,
    });
  });

  it("a mistake of ours is an object, too", () => {
    expect(errorOf(new TypeError("x is not a function"))).toMatchObject({ code: "unexpected", exit_code: 1 });
  });
});
