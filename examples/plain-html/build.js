/** Builds the pages of site/ into dist/. The videos are ordered with the first build, and never again. */

import { readFile } from "node:fs/promises";
import { FilmgateError, progressTeller } from "filmgate/client";
import { buildPages } from "filmgate/html";

try {
  const { files, videos } = await buildPages({
    from: "site",
    to: "dist",
    videos: JSON.parse(await readFile("videos.json", "utf8")),
    maxCostUsd: 1,
    onProgress: progressTeller(console.log),
    onNotice: (sentence) => console.error(sentence),
  });
  for (const { name, source, url } of Object.values(videos)) console.log(`${name}  ${source}  ${url}`);
  console.log(`dist: ${files.length} files`);
} catch (error) {
  if (!(error instanceof FilmgateError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
