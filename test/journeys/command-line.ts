/** The command line as others have it: bundled, and run as a process, in a pipe or in a terminal of its own. */

import { spawn } from "node:child_process";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn as spawnInTerminal } from "@lydell/node-pty";
import { buildCli } from "../../scripts/build-cli.ts";
import { root } from "../../scripts/worker.ts";

export type Ran = { code: number; stdout: string; stderr: string };
export type About = {
  env?: Record<string, string>;
  cwd?: string;
  stdin?: string;
  /** Ends it with a signal as soon as this stands on standard error. */
  signalAt?: [text: string, signal: NodeJS.Signals];
};
export type CommandLine = Awaited<ReturnType<typeof buildCommandLine>>;

/** Nothing of the machine's own: a build service sets CI, and developers have keys. */
const clean = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(?:FILMGATE_|CI$|NO_COLOR$|FORCE_COLOR$|TERM$)/.test(name),
  ),
) as Record<string, string>;

/** @param always variables of every run. */
export async function buildCommandLine(always: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), "filmgate-cli-"));
  const program = await buildCli(join(folder, "dist", "cli"));
  await copyFile(join(root, "package.json"), join(folder, "package.json"));
  const environment = (about: About) => ({ ...clean, ...always, ...about.env });

  return {
    program,
    environment: environment({}),

    /** Runs it with pipes at all ends. */
    async run(words: readonly string[], about: About = {}): Promise<Ran> {
      const child = spawn(process.execPath, [program, ...words], {
        cwd: about.cwd ?? folder,
        env: environment(about),
      });
      let isSignalled = false;
      const ran: Ran = { code: -1, stdout: "", stderr: "" };
      child.stdout.on("data", (piece: Buffer) => {
        ran.stdout += piece.toString();
      });
      child.stderr.on("data", (piece: Buffer) => {
        ran.stderr += piece.toString();
        if (about.signalAt === undefined || isSignalled || !ran.stderr.includes(about.signalAt[0])) return;
        isSignalled = true;
        child.kill(about.signalAt[1]);
      });
      child.stdin.end(about.stdin ?? "");
      return new Promise((resolve) => child.on("close", (code) => resolve({ ...ran, code: code ?? -1 })));
    },

    /**
     * Runs it in a terminal, and types.
     * @param answers what is typed once a text is seen, in their order.
     */
    async runInTerminal(
      words: readonly string[],
      about: About & { answers?: readonly (readonly [seen: string, typed: string])[]; columns?: number } = {},
    ): Promise<{ code: number; screen: string }> {
      const terminal = spawnInTerminal(process.execPath, [program, ...words], {
        name: about.env?.TERM ?? "xterm-256color",
        cols: about.columns ?? 100,
        rows: 30,
        cwd: about.cwd ?? folder,
        env: environment(about),
      });
      const answers = [...(about.answers ?? [])];
      let screen = "";
      terminal.onData((text) => {
        screen += text;
        const [next] = answers;
        if (next !== undefined && screen.includes(next[0])) {
          answers.shift();
          terminal.write(next[1]);
        }
      });
      return new Promise((resolve) => {
        terminal.onExit(({ exitCode }) => resolve({ code: exitCode, screen }));
      });
    },

    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
