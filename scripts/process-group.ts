/**
 * A child process in a group of its own. wrangler starts workerd as grandchildren that outlive a killed parent and
 * keep the port, so what is started as a group is ended as a group.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

export type ProcessGroup = Readonly<{
  /** What it has printed so far, for the message when something goes wrong. */
  output(): string;
  exited: Promise<void>;
  hasExited(): boolean;
  /** Asks its first process to end, as Ctrl-C in its terminal would, and waits until it has. */
  interrupt(): Promise<void>;
  /** Ends it: politely, and after three seconds by force. */
  stop(): Promise<void>;
  /** Ends it as a crash would: SIGKILL to every process at once. */
  kill(): Promise<void>;
}>;

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) signalGroup(child, "SIGKILL");
});

export function startGroup(
  command: string,
  args: string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): ProcessGroup {
  const child = spawn(command, args, { ...options, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  let output = "";
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-20_000);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  const exited = once(child, "exit").then(() => {
    running.delete(child);
  });
  const end = async (signal: NodeJS.Signals) => {
    signalGroup(child, signal);
    const late = setTimeout(() => signalGroup(child, "SIGKILL"), 3000);
    await exited;
    clearTimeout(late);
    // The leader may be gone before its children are.
    signalGroup(child, "SIGKILL");
  };
  return {
    output: () => output,
    exited,
    hasExited: () => child.exitCode !== null || child.signalCode !== null,
    interrupt: async () => {
      child.kill("SIGINT");
      await exited;
    },
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}
