/** What comes once an order is taken, by whichever command: it is told; then, if wanted, waited for and saved. */

import type { CreateVideoResponse, Video } from "../client/filmgate.ts";
import { price } from "../client/money.ts";
import type { Context, Options } from "./command.ts";
import { follow, readTimeout, timeoutOption, type Waiting } from "./following.ts";
import { forceOption, requirePlace, save } from "./saving.ts";
import { shellWord } from "./words.ts";

export const afterOptions = {
  wait: { kind: "flag", about: "wait for the video, and answer with its address" },
  download: { kind: "text", about: "wait, and save it: a file or folder", value: "PATH" },
  ...forceOption,
  ...timeoutOption,
} as const satisfies Options;

export type After = Waiting & Readonly<{ wait: boolean | undefined }>;

/**
 * What can be known to go wrong afterwards, before anything is paid.
 * @param mayBeKnown whether the order may be one that was given before, and its video saved.
 * @throws FilmgateError `file_exists`, `file_failed`, `invalid_usage`.
 */
export async function requireAfter(context: Context, after: After, mayBeKnown: boolean): Promise<void> {
  readTimeout(after.timeout);
  if (after.download === undefined) return;
  await requirePlace(context, after.download, mayBeKnown || after.force === true);
}

/**
 * Tells what was ordered and what it costs; then, where that is wanted, waits for it and saves it.
 * @param isReplayed whether the answer is that to an earlier order with the same key.
 */
export async function tellCreated(
  context: Context,
  created: CreateVideoResponse,
  after: After,
  isReplayed = false,
): Promise<void> {
  const { output } = context;
  context.ordered();
  const { task_id: taskId, model, estimated_cost_usd: cost, publication } = created;
  const isWaiting = after.wait === true || after.download !== undefined;
  const known = isReplayed || created.joined === true ? "ordered before, and paid once" : price(cost);
  output.notice(isWaiting ? `${taskId}: ${model}, ${known}` : `${model}, ${known}`);
  if (created.ignored_fields !== undefined && created.ignored_fields.length > 0) {
    output.notice(`It was ordered with another ${created.ignored_fields.join(", ")}, which stays.`);
  }
  if (publication !== undefined) output.notice(`It will be at ${publication.url}`);
  if (!isWaiting) {
    output.word(created, taskId);
    output.notice(`Wait for it with: filmgate wait ${shellWord(taskId)}`);
    return;
  }
  await tellVideo(context, await follow(context, taskId, after), after);
}

/** The answer once there is a video: where it was saved, or where it plays. */
export async function tellVideo(
  context: Context,
  video: Video,
  { download: path, force }: Pick<After, "download" | "force">,
): Promise<void> {
  if (path === undefined || video.file_id === null) {
    context.output.word(video, video.publication?.url ?? video.download_url ?? video.id);
    return;
  }
  const saved = await save(context, { fileId: video.file_id, video: video.id, path, force });
  if (saved.path !== null) context.output.word(video, saved.path);
}
