/**
 * Builds the command line into one file, dist/cli/filmgate.js, with the packages that it uses in it: whoever installs
 * the client installs nothing else. The packages' licences stand beside it.
 */

import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { root } from "./worker.ts";

/** Writes the program and the licences of what is in it into a folder, two below that of its package.json. */
export async function buildCli(folder: string): Promise<string> {
  const program = join(folder, "filmgate.js");
  const { metafile } = await build({
    entryPoints: [join(root, "src", "cli", "main.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    legalComments: "none",
    metafile: true,
    absWorkingDir: root,
  });
  await chmod(program, 0o755);
  const packages = new Set(Object.keys(metafile.inputs).flatMap(packageOf));
  const licences = await Promise.all([...packages].sort().map(licenceOf));
  const head = "filmgate.js contains these packages.";
  await writeFile(join(folder, "LICENSES.txt"), `${[head, ...licences].join("\n\n----\n\n")}\n`);
  return program;
}

/** `node_modules/a/node_modules/@b/c/d.js` is a file of `node_modules/a/node_modules/@b/c`; ours are of none. */
function packageOf(path: string): string[] {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.slice(0, 1) ?? [];
}

async function licenceOf(path: string): Promise<string> {
  const { name, version } = JSON.parse(await readFile(join(root, path, "package.json"), "utf8"));
  const file = (await readdir(join(root, path))).find((each) => /^licen[cs]e/i.test(each));
  if (file === undefined) throw new Error(`${path} has no licence that could be kept`);
  return `${name} ${version}\n\n${(await readFile(join(root, path, file), "utf8")).trim()}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(await buildCli(join(root, "dist", "cli")));
