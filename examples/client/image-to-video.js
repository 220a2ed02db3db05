/**
 * An image becomes a video: node image-to-video.js picture.jpg "The hills drift by"
 * FILMGATE_URL and FILMGATE_API_KEY say where and as whom. Whoever gives up waiting is told how to go on:
 * node image-to-video.js --wait task_…
 */

import { readFile } from "node:fs/promises";
import { Filmgate, FilmgateError, VideoFailedError, WaitTimeoutError } from "filmgate/client";

const maxWaitMs = Number(process.env.MAX_WAIT_SECONDS ?? 600) * 1000;
const [picture, words] = process.argv.slice(2);

try {
  const { video } = new Filmgate();
  const taskId = picture === "--wait" ? words : await order(video);
  const link = await video.queryAndDownload(taskId, { maxWaitMs, onProgress: show, expiresIn: 7 * 86_400 });
  console.error(
    `${link.bytes} bytes, SHA-256 ${link.sha256}, until ${new Date(link.expires_at * 1000).toISOString()}`,
  );
  console.log(link.download_url);
} catch (error) {
  process.exitCode = explain(error);
}

async function order(video) {
  if (words === undefined) throw new Error('Use: node image-to-video.js picture.jpg "The hills drift by"');
  const image = await video.uploadImage(await readFile(picture));
  const { task_id, estimated_cost_usd, joined } = await video.createFromImage({
    first_frame_image: image.id,
    prompt: words,
    max_cost_usd: 1,
  });
  console.error(`${joined ? "joined" : "ordered"} ${task_id}, $${estimated_cost_usd}`);
  return task_id;
}

function show({ status, progress }) {
  console.error(`${String(progress).padStart(3)} %  ${status}`);
}

/** Says what happened and what to do next, and gives the exit code: 2 to come back later, 1 to change something. */
function explain(error) {
  if (error instanceof WaitTimeoutError) {
    // Not a failure: the video goes on by itself, and ordering it again would be the wrong thing to do.
    console.error(`Not finished yet. Wait for it again: node image-to-video.js --wait ${error.taskId}`);
    return 2;
  }
  if (error instanceof VideoFailedError) {
    const paid = {
      released: "Nothing was charged.",
      settled: "It was charged.",
      held: "It may have been charged.",
    };
    console.error(`${error.message} ${paid[error.costState] ?? ""}`);
    return 1;
  }
  if (error instanceof FilmgateError) {
    // The server's sentence says what to change; with the request's id the operator finds it in the logs.
    console.error(
      `${error.message} (${error.code}${error.requestId === null ? "" : `, request ${error.requestId}`})`,
    );
    return error.retryable ? 2 : 1;
  }
  console.error(error instanceof Error ? error.message : error);
  return 1;
}
