/**
 * Builds what `public/` holds of our own sources: the script of the web component, and the playground's script and
 * style. They are kept in the repository, so that `wrangler dev` and `wrangler deploy` need no step before them; a test
 * builds them again and compares.
 */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin, transform } from "esbuild";
import { style } from "../src/embed/style.ts";
import { tokens } from "../src/look/tokens.ts";
import { root } from "./worker.ts";

const source = (path: string) => join(root, "src", path);
const header = (from: string) => `/* filmgate, MIT. Built from src/${from} by npm run build:public. */\n`;

/** What stands in `public/` by the sources as they are: names and contents. */
export async function buildPublic(): Promise<Record<string, string>> {
  const playgroundStyle = `${tokens}\n${await readFile(source("playground/style.css"), "utf8")}`;
  return {
    "embed.js": header("embed/") + (await bundle("embed/filmgate-video.ts")),
    "playground.js": header("playground/") + (await bundle("playground/playground.ts")),
    "playground.css":
      header("playground/style.css") +
      (await transform(playgroundStyle, { loader: "css", minify: true })).code,
  };
}

/** A style sheet that stands in a script is made small like one of its own. */
const smallStyle: Plugin = {
  name: "small-style",
  setup(build) {
    build.onLoad({ filter: /\/embed\/style\.ts$/ }, async () => {
      const { code } = await transform(style, { loader: "css", minify: true });
      return { contents: `export const style = ${JSON.stringify(code.trim())};`, loader: "js" };
    });
  },
};

/** A page has no files, and no lock: as `browser` in package.json has it for others' pages. */
const withoutLock: Plugin = {
  name: "without-lock",
  setup(build) {
    build.onResolve({ filter: /\/ensuring\.ts$/ }, () => ({ path: source("client/ensure/no-lock.ts") }));
  },
};

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [source(entry)],
    bundle: true,
    plugins: [smallStyle, withoutLock],
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
