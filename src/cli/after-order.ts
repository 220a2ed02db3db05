/** What comes once an order is taken, by whichever command: it is told; then, if wanted, waited for and saved. */

import type { CreateVideoResponse, Video } from "../client/filmgate.ts";
import { price } from "../client/money.ts";
import type { Context, Options } from "./command.ts";
import { follow, readTimeout, timeoutOption } from "./following.ts";
import { forceOption, requirePlace, save } from "./saving.ts";
import { shellWord } from "./words.ts";

export const afterOptions = {
  wait: { kind: "flag", about: "wait for the video, and answer with its address" },
  download: { kind: "text", about: "wait, and save it: a file or folder", value: "PATH" },
  ...forceOption,
  ...timeoutOption,
} as const satisfies Options;

export type After = Readonly<{
  wait: boolean | undefined;
  download: string | undefined;
  force: boolean | undefined;
  timeout: number | undefined;
}>;

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

/** Tells what was ordered and what it costs; then, where that is wanted, waits for it and saves it. */
export async function tellCreated(
  context: Context,
  created: CreateVideoResponse,
  after: After,
): Promise<void> {
  const { output } = context;
  const { task_id: taskId, model, estimated_cost_usd: cost, publication } = created;
  const isWaiting = after.wait === true || after.download !== undefined;
  const known = created.joined === true ? "ordered before, and paid once" : price(cost);
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
  await tellVideo(context, await follow(context, taskId, after.timeout), after);
}

/** The answer once there is a video: where it was saved, or where it plays. */
export async function tellVideo(
  context: Context,
  video: Video,
  { download, force }: Pick<After, "download" | "force">,
): Promise<void> {
  if (download === undefined || video.file_id === null) {
    context.output.word(video, video.publication?.url ?? video.download_url ?? video.id);
    return;
  }
  const { path } = await save(context, video.file_id, download, force === true);
  if (path !== null) context.output.word(video, path);
}
