#!/usr/bin/env node
/**
 * `filmgate`, the program: the process around one run. It ends by itself once everything is written; Ctrl-C ends the
 * waiting and says what goes on, a second one ends it at once.
 */

import { setMaxListeners } from "node:events";
import { readFileSync } from "node:fs";
import { commandErrors } from "./exits.ts";
import { Interruption, run } from "./run.ts";

const interruption = new AbortController();
// Each of many videos listens.
setMaxListeners(0, interruption.signal);
for (const [signal, end] of [
  ["SIGINT", "interrupted"],
  ["SIGTERM", "terminated"],
] as const) {
  const { exit } = commandErrors[end];
  process.on(signal, () => {
    if (interruption.signal.aborted) process.exit(exit);
    interruption.abort(new Interruption(end));
    process.exitCode = exit;
  });
}
// Whoever reads the answer has had enough, as `head` does: nobody is left to tell.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
// What is told beside it may go unheard. The work goes on, and the exit code says how it ended.
process.stderr.on("error", () => {});

// The same way from src/cli as from dist/cli.
const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

const code = await run({
  words: process.argv.slice(2),
  environment: process.env,
  folder: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  version,
  signal: interruption.signal,
});
process.exitCode ??= code;
