/** `filmgate create`: order a video; with `--wait` wait for it, with `--download` save it. */

import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type {
  CreateVideoRequest,
  CreateVideoResponse,
  DryRunResponse,
  Video,
} from "../../client/filmgate.ts";
import { price } from "../../client/money.ts";
import { type Context, command, type Options } from "../command.ts";
import { commandError } from "../exits.ts";
import { follow, timeoutOption } from "../following.ts";
import { pairs } from "../lines.ts";
import { type Medium, sendMedia } from "../media.ts";
import { isRecord, type PartialOrder } from "../order-fields.ts";
import { orderFrom, orderOptions } from "../order-options.ts";
import { forceOption, save } from "../saving.ts";
import { shellWord } from "../words.ts";

/** What the commands that order have in common once the order is taken. */
export const afterOptions = {
  wait: { kind: "flag", about: "wait for the video, and answer with its address" },
  download: { kind: "text", about: "wait, and save it: a file or folder", value: "PATH" },
  ...forceOption,
  ...timeoutOption,
} as const satisfies Options;

export const create = command({
  name: "create",
  words: [
    { name: "prompt", about: "what is to be seen; '-' reads it from standard input", needed: "perhaps" },
  ],
  about: "Order a video. Answers with its task.",
  options: {
    ...orderOptions,
    order: { kind: "text", about: "take the order from a JSON file; '-' is standard input", value: "FILE" },
    "idempotency-key": {
      kind: "text",
      about: "the same key and order are one order, however often it is given",
      value: "KEY",
    },
    ...afterOptions,
  },
  examples: [
    ['create "Ocean waves at sunset" --download waves.mp4', "order, wait, save"],
    [
      'create "The hills drift by" --first-frame scripts/first-frame.jpg --publish --wait',
      "from a picture, at an address that stays",
    ],
    ['create "Ocean waves at sunset" --resolution 1080P --dry-run', "what it would cost"],
  ],
  async run(context, values) {
    const { order: file, prompt: word } = values;
    if (file === "-" && word === "-") {
      throw commandError(
        "invalid_usage",
        "Standard input is read once: give it to --order or to the prompt.",
      );
    }
    const fromFile = file === undefined ? {} : await readOrderFile(context, file);
    const prompt = word === "-" ? (await readAll(context)).trim() : word;
    const { defaults, folder } = context.configuration;
    const order = orderFrom(values, prompt, fromFile, defaults);
    requireSomething(order);
    const typed = typedMedia(values);
    const fileFolder = file === undefined || file === "-" ? folder : dirname(resolve(file));
    const about = (text: string): Medium =>
      typed.get(text) ?? { text, from: file ?? "filmgate.json", folder: fileFolder, isTyped: false };
    const request = await sendMedia(context, order, about);
    const idempotencyKey = values["idempotency-key"] ?? randomUUID();
    context.goesOn([
      `If the order has arrived, it goes on. The same command with --idempotency-key ${shellWord(idempotencyKey)} asks for it again, and orders nothing twice.`,
    ]);
    const options = { idempotencyKey, signal: context.signal };
    if (request.dry_run === true) {
      context.goesOn([]);
      return tellQuote(context, await context.client().video.create({ ...request, dry_run: true }, options));
    }
    const created = await context.client().video.create({ ...request, dry_run: false }, options);
    await tellCreated(context, created, values);
  },
});

export type After = Readonly<{
  wait: boolean | undefined;
  download: string | undefined;
  force: boolean | undefined;
  timeout: number | undefined;
}>;

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

function tellQuote({ output }: Context, quote: DryRunResponse): void {
  output.answer(quote, () =>
    pairs([
      ["cost", price(quote.estimated_cost_usd)],
      ["model", quote.model],
      ["from", quote.mode],
      ["size", quote.resolution],
      ["seconds", String(quote.duration)],
      ["shape", quote.ratio],
    ]),
  );
  output.notice("Nothing was ordered.");
}

/** What a person would have meant to give; all else the server judges, who knows the models. */
function requireSomething({ prompt, first_frame_image, last_frame_image }: CreateVideoRequest): void {
  if (prompt !== undefined && prompt !== "") return;
  if (first_frame_image !== undefined || last_frame_image !== undefined) return;
  throw commandError(
    "invalid_usage",
    "Nothing is ordered: give a prompt, a picture with --first-frame, or an order with --order.",
  );
}

/** Which option named a medium, for those that were typed. */
function typedMedia(values: {
  readonly "first-frame": string | undefined;
  readonly "last-frame": string | undefined;
  readonly subject: string | undefined;
  readonly "reference-image": readonly string[];
  readonly "reference-video": readonly string[];
  readonly "reference-audio": readonly string[];
}): Map<string, Medium> {
  const names = [
    "first-frame",
    "last-frame",
    "subject",
    "reference-image",
    "reference-video",
    "reference-audio",
  ] as const;
  const typed = names.flatMap((name) => {
    const value = values[name];
    const texts = value === undefined ? [] : typeof value === "string" ? [value] : value;
    return texts.map((text): Medium => ({ text, from: `--${name}`, folder: process.cwd(), isTyped: true }));
  });
  return new Map(typed.map((medium) => [medium.text, medium]));
}

async function readOrderFile(context: Context, file: string): Promise<PartialOrder> {
  const text = file === "-" ? await readAll(context) : await readText(file);
  let order: unknown;
  try {
    order = JSON.parse(text);
  } catch (error) {
    throw commandError("invalid_usage", `--order ${file}: it is not JSON (${(error as Error).message}).`);
  }
  if (!isRecord(order)) throw commandError("invalid_usage", `--order ${file}: an order is a JSON object.`);
  return order;
}

/** @throws FilmgateError `invalid_usage`. */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : `it cannot be read (${code})`;
    throw commandError("invalid_usage", `${file}: ${why}.`, error);
  }
}

/** All of standard input, as UTF-8. */
async function readAll({ stdin, signal }: Context): Promise<string> {
  const pieces: Buffer[] = [];
  const stop = () => stdin.destroy();
  signal.addEventListener("abort", stop, { once: true });
  for await (const piece of stdin) pieces.push(Buffer.from(piece as Buffer));
  signal.removeEventListener("abort", stop);
  signal.throwIfAborted();
  return Buffer.concat(pieces).toString("utf8");
}
