/**
 * Builds the command line into one file, dist/cli/filmgate.js, with the packages that it uses in it: whoever installs
 * the client installs nothing else. The packages' licences stand beside it.
 */

import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "./worker.ts";

const folder = join(root, "dist", "cli");
const { metafile } = await build({
  entryPoints: [join(root, "src", "cli", "main.ts")],
  outfile: join(folder, "filmgate.js"),
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  legalComments: "none",
  metafile: true,
  absWorkingDir: root,
});
await chmod(join(folder, "filmgate.js"), 0o755);

const packages = new Set(
  Object.keys(metafile.inputs)
    .flatMap((path) => /^node_modules\/.*$/.exec(path)?.[0] ?? [])
    .map(folderOf),
);
const licences = await Promise.all([...packages].sort().map(licenceOf));
await mkdir(folder, { recursive: true });
await writeFile(
  join(folder, "LICENSES.txt"),
  `filmgate.js contains these packages.\n\n${licences.join("\n\n----\n\n")}\n`,
);

/** `node_modules/a/node_modules/@b/c/d.js` is a file of `node_modules/a/node_modules/@b/c`. */
function folderOf(path: string): string {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path;
}

async function licenceOf(path: string): Promise<string> {
  const { name, version } = JSON.parse(await readFile(join(root, path, "package.json"), "utf8"));
  const file = (await readdir(join(root, path))).find((each) => /^licen[cs]e/i.test(each));
  if (file === undefined) throw new Error(`${path} has no licence that could be kept`);
  return `${name} ${version}\n\n${(await readFile(join(root, path, file), "utf8")).trim()}`;
}
