/** An example as somebody has it who followed its README: in a folder of its own, with the client installed. */

import { execFile } from "node:child_process";
import { copyFile, cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "../../scripts/worker.ts";
import type { World } from "./world.ts";

const run = promisify(execFile);

export type Ran = { code: number; stdout: string; stderr: string };
export type Example = Awaited<ReturnType<typeof copyExample>>;

export async function copyExample(name: string, world: World) {
  const all = await mkdtemp(join(tmpdir(), "filmgate-examples-"));
  const isOwn = (path: string) =>
    !/\/(?:node_modules|dist|video\.json)(?:\/|$)/.test(path.slice(root.length));
  await cp(join(root, "examples"), all, { recursive: true, filter: isOwn });
  const folder = join(all, name);
  const installed = join(folder, "node_modules", "filmgate");
  await mkdir(installed, { recursive: true });
  await copyFile(join(root, "package.json"), join(installed, "package.json"));
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const settings = ["-p", join(root, "tsconfig.client.json"), "--outDir", join(installed, "dist")];
  await run(process.execPath, [compiler, ...settings], { cwd: root });
  const readme = await readFile(join(folder, "README.md"), "utf8");
  const block = /```sh\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  return {
    folder,
    /** The commands of its README, less those that install the client, which is there already. */
    commands: block.split("\n").filter((line) => line !== "" && !/^\(cd |^npm install$/.test(line)),
    /** Runs a command in its folder, as its README says, and gives what came of it, well or not. */
    async run(command: string, environment: Record<string, string> = {}): Promise<Ran> {
      const env = { ...process.env, FILMGATE_URL: world.url, FILMGATE_API_KEY: world.key, ...environment };
      return run("bash", ["--norc", "-euc", command], { cwd: folder, env }).then(
        ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
        (error: Ran) => ({ code: error.code, stdout: error.stdout, stderr: error.stderr }),
      );
    },
    remove: () => rm(all, { recursive: true, force: true }),
  };
}
