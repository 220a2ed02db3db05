/** An example as somebody has it who followed its README: in a folder of its own, with the client installed. */

import { execFile } from "node:child_process";
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { root } from "../../scripts/worker.ts";
import type { World } from "./world.ts";

const run = promisify(execFile);

export type Ran = { code: number; stdout: string; stderr: string };
export type Example = Awaited<ReturnType<typeof copyExample>>;

export async function copyExample(name: string, world: Pick<World, "url" | "key">) {
  const all = await mkdtemp(join(tmpdir(), "filmgate-examples-"));
  const isOwn = (path: string) =>
    !/\/(?:node_modules|dist|\.astro|videos\.lock\.json)(?:\/|$)/.test(path.slice(root.length));
  await cp(join(root, "examples"), all, { recursive: true, filter: isOwn });
  const folder = join(all, name);
  const installed = join(folder, "node_modules", "filmgate");
  await mkdir(installed, { recursive: true });
  await copyFile(join(root, "package.json"), join(installed, "package.json"));
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  for (const project of ["tsconfig.client.json", "tsconfig.adapters.json"]) {
    const settings = ["-p", join(root, project), "--outDir", join(installed, "dist")];
    await run(process.execPath, [compiler, ...settings], { cwd: root });
  }
  await installOthers(folder);
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

/** What an example needs beside the client is installed for this repository, in the same version, and lent to it. */
async function installOthers(folder: string): Promise<void> {
  const manifest = async (place: string) =>
    JSON.parse(await readFile(join(place, "package.json"), "utf8")) as {
      dependencies?: Record<string, string>;
      bin?: Record<string, string>;
    };
  // Of a shell script there is none.
  const { dependencies = {} } = await manifest(folder).catch(() => ({ dependencies: {} }));
  for (const name of Object.keys(dependencies).filter((one) => one !== "filmgate")) {
    const lent = join(root, "node_modules", name);
    await link(lent, join(folder, "node_modules", name));
    for (const [command, script] of Object.entries((await manifest(lent)).bin ?? {})) {
      await link(join(lent, script), join(folder, "node_modules", ".bin", command));
    }
  }
}

async function link(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await symlink(from, to);
}
