/** Python for scripts that need it: one that is new enough, in an environment of its own that is thrown away. */

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** Nothing of the user's is found in it, and nothing is left beside what is run. */
export const cleanPython = {
  PYTHONDONTWRITEBYTECODE: "1",
  PYTHONNOUSERSITE: "1",
  PYTHONPATH: "",
  PIP_DISABLE_PIP_VERSION_CHECK: "1",
};

/** The first Python that is new enough and can make environments. Without one the process `what` ends here. */
export function requirePython(what: string): string {
  const words = ["-c", "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))"];
  const names = ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];
  const given = process.env.PYTHON;
  const found = (given ? [given] : names).find((name) => spawnSync(name, words).status === 0);
  if (found !== undefined) return found;
  console.error(
    `${what} needs Python 3.10 or newer with its venv module: apt-get install python3-venv, brew install python, or set PYTHON to one.`,
  );
  return process.exit(1);
}

/** Makes an environment in a folder, and answers with its Python. */
export async function makeEnvironment(python: string, folder: string): Promise<string> {
  if ((await runIn(python, ["-m", "venv", folder], {})) !== 0)
    throw new Error("no environment could be made");
  return process.platform === "win32" ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python");
}

/** Runs a command in sight, and answers with its exit code; it ends when this process does. */
export async function runIn(
  command: string,
  words: readonly string[],
  about: { cwd?: string; env?: NodeJS.ProcessEnv },
): Promise<number> {
  const child = spawn(command, words, { ...about, stdio: ["ignore", "inherit", "inherit"] });
  const end = () => child.kill("SIGKILL");
  process.on("exit", end);
  const [code] = (await once(child, "exit")) as [number | null];
  process.off("exit", end);
  return code ?? 1;
}
