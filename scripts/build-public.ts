/**
 * Builds what `public/` holds of our own sources: the script of the web component, and the playground's script and
 * style. They are kept in the repository, so that `wrangler dev` and `wrangler deploy` need no step before them; a test
 * builds them again and compares.
 */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { tokens } from "../src/look/tokens.ts";
import { root } from "./worker.ts";

const source = (path: string) => join(root, "src", path);
const header = (from: string) => `/* filmgate, MIT. Built from src/${from} by npm run build:public. */\n`;

/** What stands in `public/` by the sources as they are: names and contents. */
export async function buildPublic(): Promise<Record<string, string>> {
  const style = `${tokens}\n${await readFile(source("playground/style.css"), "utf8")}`;
  return {
    "embed.js": header("embed/") + (await bundle("embed/filmgate-video.ts")),
    "playground.js": header("playground/") + (await bundle("playground/playground.ts")),
    "playground.css":
      header("playground/style.css") + (await transform(style, { loader: "css", minify: true })).code,
  };
}

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [source(entry)],
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    legalComments: "none",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await mkdir(join(root, "public"), { recursive: true });
  for (const [name, text] of Object.entries(await buildPublic())) {
    await writeFile(join(root, "public", name), text);
    console.log(`public/${name}  ${text.length} bytes`);
  }
}
