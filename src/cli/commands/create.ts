/** `filmgate create`: order a video; with `--wait` wait for it, with `--download` save it. */

import { randomUUID } from "node:crypto";
import { dirname, resolve } from "node:path";
import { mapMedia } from "../../client/ensure/order-identity.ts";
import type { CreateVideoRequest, DryRunResponse } from "../../client/filmgate.ts";
import { price } from "../../client/money.ts";
import { afterOptions, requireAfter, tellCreated } from "../after-order.ts";
import { type Context, command } from "../command.ts";
import { commandError } from "../exits.ts";
import { pairs } from "../lines.ts";
import { type Medium, sendMedia } from "../media.ts";
import { isRecord, type PartialOrder } from "../order-fields.ts";
import { orderFrom, orderOptions } from "../order-options.ts";
import { readAll, readJson } from "../reading.ts";
import { shellWord } from "../words.ts";

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
    const fromFile = file === undefined ? {} : await readOrder(context, file);
    const prompt = word === "-" ? (await readAll(context)).trim() : word;
    const { defaults, folder } = context.configuration;
    const order = orderFrom(values, prompt, fromFile, defaults);
    requireSomething(order);
    await requireAfter(context, values, values["idempotency-key"] !== undefined);
    const typed = typedMedia(values);
    const fileFolder = file === undefined || file === "-" ? folder : dirname(resolve(file));
    const ofDefaults = new Set<unknown>();
    await mapMedia(defaults, async (text) => ofDefaults.add(text));
    const about = (text: string): Medium => {
      const from = file === undefined || ofDefaults.has(text) ? "filmgate.json" : file;
      return typed.get(text) ?? { text, from, folder: fileFolder, isTyped: false };
    };
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
    let isReplayed = false;
    const onReplayed = () => {
      isReplayed = true;
    };
    const created = await context
      .client()
      .video.create({ ...request, dry_run: false }, { ...options, onReplayed });
    await tellCreated(context, created, values, isReplayed);
  },
});

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

async function readOrder(context: Context, file: string): Promise<PartialOrder> {
  const order = await readJson(context, file);
  if (isRecord(order)) return order;
  throw commandError("invalid_usage", `--order ${file}: an order is a JSON object.`);
}
