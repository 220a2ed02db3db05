/**
 * The one place that writes. Standard output holds the answer and nothing else, so that it can be piped; progress,
 * notices and errors go to standard error. With `--json` the answer is the server's object, and what stands on
 * standard error is one JSON object a line.
 */

import {
  EnsureFailedError,
  FilmgateError,
  MissingVideosError,
  VideoFailedError,
} from "../client/filmgate.ts";
import type { ExitCode } from "./exits.ts";
import { type Line, printable, printableJson, render } from "./lines.ts";
import { createTerminal, type Progress } from "./terminal.ts";

export type Output = Readonly<{
  isJson: boolean;
  /** Whether progress is shown to anybody. */
  showsProgress: boolean;
  /** Whether progress is redrawn in place; elsewhere each word is a line. */
  isProgressLive: boolean;
  /** How wide a line of the answer may be; null where nobody looks. */
  columns: () => number | null;
  /** The answer. @param lines made only if people are to read it. */
  answer(object: unknown, lines: () => readonly Line[]): void;
  /** The answer in one word: an id, an address, a path. */
  word(object: unknown, text: string): void;
  /** A sentence beside the answer; none with `--quiet`. */
  notice(sentence: string): void;
  /** A question, in sight of whoever answers. */
  ask(question: string): void;
  /** Ends the line on which a question stands that nobody answered. */
  breakLine(): void;
  startProgress(): Progress;
  error(error: unknown, exitCode: ExitCode, hints: readonly string[]): void;
}>;

export type Streams = Readonly<{
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  environment: Readonly<Record<string, string | undefined>>;
}>;

export function createOutput(
  { stdout, stderr, environment }: Streams,
  { isJson, isQuiet }: { isJson: boolean; isQuiet: boolean },
): Output {
  const out = createTerminal(stdout, environment);
  const aside = createTerminal(stderr, environment);
  const printJson = (value: unknown) => stderr.write(`${printableJson(value, 0)}\n`);
  return {
    isJson,
    showsProgress: !isQuiet,
    isProgressLive: aside.isLive,
    columns: out.columns,
    answer(object, lines) {
      const text = isJson ? [printableJson(object, 2)] : lines().map((line) => render(line, out));
      if (text.length > 0) stdout.write(`${text.join("\n")}\n`);
    },
    word(object, text) {
      stdout.write(`${isJson ? printableJson(object, 2) : printable(text)}\n`);
    },
    notice(sentence) {
      if (isQuiet) return;
      if (isJson) printJson({ notice: sentence });
      else stderr.write(`${aside.dim(printable(sentence))}\n`);
    },
    ask(question) {
      stderr.write(`${printable(question)} `);
    },
    breakLine() {
      stderr.write("\n");
    },
    startProgress() {
      if (isQuiet) return { show() {}, end() {} };
      const line = aside.startProgress();
      let last = "";
      return {
        show(percent, word) {
          const shown = printable(word);
          // Where nobody looks, it is a line for programs; on a terminal the strip comes and goes.
          if (!isJson || aside.isLive) line.show(percent, shown);
          else if (shown !== last) printJson({ progress: { percent, word: shown } });
          last = shown;
        },
        end: line.end,
      };
    },
    error(error, exitCode, hints) {
      if (isJson) {
        printJson({ error: { ...factsOf(error), exit_code: exitCode, hints } });
        return;
      }
      stderr.write(`${aside.bold("filmgate:")} ${messageOf(error).split("\n").map(printable).join("\n")}\n`);
      for (const line of [...detailsOf(error), ...hints]) stderr.write(`  ${aside.dim(printable(line))}\n`);
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Codes whose sentence says it all. */
const selfEvident = ["invalid_usage", "not_confirmed", "interrupted", "terminated"];

/** What a failure means for the money, where that was told. */
const moneyWords: ReadonlyMap<string, string> = new Map(
  Object.entries({
    released: "Nothing was charged.",
    settled: "It was charged.",
    held: "Nobody knows whether it was charged: its cost stays held.",
    reserved: "It may still be charged.",
  }),
);

/** What an operator or a program wants beside the sentence. */
function detailsOf(error: unknown): string[] {
  if (!(error instanceof FilmgateError) || selfEvident.includes(error.code)) return [];
  const request = error.requestId === null ? "" : `, request ${error.requestId}`;
  const minimax =
    error.minimax === null
      ? []
      : [`MiniMax said ${error.minimax.statusCode}: ${error.minimax.statusMessage}`];
  const money = error instanceof VideoFailedError ? moneyWords.get(error.costState ?? "unknown") : undefined;
  return [`${error.code}${request}`, ...(money === undefined ? [] : [money]), ...minimax];
}

/** What the errors of `ensure` tell beside their sentence. */
function ensureFacts(error: FilmgateError): Record<string, unknown> {
  if (error instanceof EnsureFailedError) return { errors: error.errors.map(factsOf) };
  if (!(error instanceof MissingVideosError)) return {};
  const missing = error.missing.map(({ key, name, order, estimatedCostUsd, why }) => ({
    ...{ key, name, order, why },
    estimated_cost_usd: estimatedCostUsd,
  }));
  return { missing, total_usd: error.totalUsd };
}

function factsOf(error: unknown): Record<string, unknown> {
  const message = messageOf(error);
  if (!(error instanceof FilmgateError)) return { message, code: "unexpected" };
  const told = {
    status: error.status,
    param: error.param,
    request_id: error.requestId,
    task_id: error.taskId,
    idempotency_key: error.idempotencyKey,
    retry_after_seconds: error.retryAfterSeconds,
    minimax: error.minimax,
    cost_state: error instanceof VideoFailedError ? error.costState : null,
  };
  return {
    message,
    code: error.code,
    ...ensureFacts(error),
    ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null)),
    ...(Object.keys(error.details).length === 0 ? {} : { details: error.details }),
  };
}
