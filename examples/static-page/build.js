/**
 * Builds the page into dist/. The video is ordered with the first build and never again: video.json remembers it, and
 * each build puts a fresh link into the page. Commit video.json, or keep it in the build's cache.
 */

import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { Filmgate, FilmgateError, WaitTimeoutError } from "filmgate/client";

/** The longest life of a link. Build at least once in this time. */
const linkLifeSeconds = 7 * 86_400;
/** A kept link is only good enough if it lives this much longer. */
const reserveSeconds = 86_400;

const here = (name) => new URL(name, import.meta.url);
const order = JSON.parse(await readFile(here("order.json"), "utf8"));
const poster = await readFile(here("poster.jpg"));
/** What is to be made, as one text: another order, or another picture, is another video. */
const wanted = createHash("sha256").update(JSON.stringify(order)).update(poster).digest("hex");

try {
  const { video } = new Filmgate();
  const kept = await readKept();
  const made = kept?.wanted === wanted ? kept : await makeVideo(video);
  const page = await withFreshLink(video, made);
  await writeKept(page);
  await writePage(page);
  console.log(`dist/index.html: ${page.fileId}, link until ${new Date(page.linkUntil * 1000).toISOString()}`);
} catch (error) {
  if (!(error instanceof FilmgateError)) throw error;
  console.error(error.message);
  if (error instanceof WaitTimeoutError)
    console.error("The video goes on by itself: build again in a while.");
  process.exitCode = 1;
}

/**
 * Orders the video, or finds the one that an earlier build ordered: the Idempotency-Key is made from what is wanted, so
 * a build that was broken off, or that ran twice, is one order.
 */
async function makeVideo(video) {
  const image = await video.uploadImage(poster);
  const made = await video.generate(
    { ...order, first_frame_image: image.id },
    {
      idempotencyKey: `static-page-${wanted}`,
      maxWaitMs: Number(process.env.MAX_WAIT_SECONDS ?? 900) * 1000,
      onCreated: ({ task_id, estimated_cost_usd }) =>
        console.log(`ordered ${task_id}, $${estimated_cost_usd}`),
      onProgress: ({ progress, status }) => console.log(`${progress} % ${status}`),
    },
  );
  const [width, height] = made.video.size.split("x").map(Number);
  return { wanted, fileId: made.fileId, width, height };
}

/** A link for the longest time there is; if filmgate cannot be reached, the kept one, as long as it is good enough. */
async function withFreshLink(video, made) {
  try {
    const link = await video.downloadVideo(made.fileId, { expiresIn: linkLifeSeconds });
    return { ...made, src: link.download_url, linkUntil: link.expires_at };
  } catch (error) {
    const isGood = made.linkUntil !== undefined && made.linkUntil > Date.now() / 1000 + reserveSeconds;
    if (!(error instanceof FilmgateError && error.retryable && isGood)) throw error;
    console.error(`${error.message} The link of the last build is kept.`);
    return made;
  }
}

async function readKept() {
  const text = await readFile(here("video.json"), "utf8").catch(() => null);
  return text === null ? null : JSON.parse(text);
}

async function writeKept(page) {
  await writeFile(here("video.json"), `${JSON.stringify(page, null, 2)}\n`);
}

async function writePage({ src, width, height }) {
  const values = { src: src.replaceAll("&", "&amp;"), width: String(width), height: String(height) };
  const template = await readFile(here("index.template.html"), "utf8");
  await mkdir(here("dist"), { recursive: true });
  await writeFile(
    here("dist/index.html"),
    template.replace(/\{\{(\w+)\}\}/g, (_, name) => values[name]),
  );
  await copyFile(here("poster.jpg"), here("dist/poster.jpg"));
}
