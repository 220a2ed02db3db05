/** `filmgate ensure`: that a site's videos are there, by its lock. What the lock answers, nothing is asked for. */

import { basename, dirname, relative, resolve } from "node:path";
import {
  describeProgress,
  type EnsuredVideo,
  type EnsureOrder,
  type EnsureProgress,
  ensureVideos,
} from "../../client/filmgate.ts";
import { price, sumUsd, usd } from "../../client/money.ts";
import { type Context, command } from "../command.ts";
import type { Configuration } from "../configuration.ts";
import { commandError } from "../exits.ts";
import { readTimeout, timeoutOption } from "../following.ts";
import { table } from "../lines.ts";
import { sendingTimeoutMs } from "../media.ts";
import { type NamedOrder, readOrders } from "../order-fields.ts";
import { standardModel } from "../order-options.ts";
import { readJson } from "../reading.ts";
import { count } from "../words.ts";

export const ensure = command({
  name: "ensure",
  words: [
    {
      name: "files",
      about: "JSON files with orders; by default 'orders' of filmgate.json",
      needed: "any",
    },
  ],
  about: "See to it that a site's videos are there: by its lock, or made once and written into it.",
  options: {
    lock: {
      kind: "text",
      about: "the lock; paths in orders begin at its folder",
      value: "FILE",
      standard: "videos.lock.json beside filmgate.json",
    },
    frozen: {
      kind: "flag",
      about: "make nothing, and fail with what is missing; holds where CI is set (--no-frozen)",
    },
    "max-cost": { kind: "number", about: "most that all missing ones may cost together", value: "USD" },
    publish: {
      kind: "flag",
      about: "at addresses that stay, where orders do not say; --no-publish: at none, whatever they say",
    },
    verify: { kind: "flag", about: "ask each address whether it still plays" },
    ...timeoutOption,
  },
  examples: [
    ["ensure", "the orders of filmgate.json"],
    ["ensure --frozen --verify", "in a build: nothing is made, and every address plays"],
    ["ensure orders.json --max-cost 5", "those of a file, if they cost no more"],
  ],
  async run(context, values) {
    const { configuration, environment, output, signal, url } = context;
    const given = await ordersFrom(context, values.files);
    const isUnpublished = values.publish === false;
    const orders = isUnpublished ? given.map(withoutPublication) : given;
    const lock =
      values.lock === undefined
        ? resolve(configuration.folder, configuration.lock ?? "videos.lock.json")
        : resolve(values.lock);
    const shownLock = relative(process.cwd(), lock);
    context.goesOn([
      `What was ordered stands in ${shownLock} and goes on; the same command carries on with it.`,
    ]);
    const progress = startProgress(context, orders);
    const videos = await ensureVideos(
      orders.map(({ order }) => order as EnsureOrder),
      {
        names: orders.map(({ name }) => name),
        lock,
        frozen: values.frozen,
        verify: values.verify,
        maxCostUsd: values["max-cost"],
        maxWaitMs: readTimeout(values.timeout) * 1000,
        timeoutMs: await sendingTimeoutMs(
          orders.map(({ order }) => order),
          dirname(lock),
        ),
        ...(isUnpublished ? { publish: false } : {}),
        apiKey: environment.FILMGATE_API_KEY || undefined,
        baseUrl: url,
        signal,
        onProgress: progress.show,
        onNotice: (sentence) => {
          progress.end();
          output.notice(sentence);
        },
      },
    ).finally(progress.end);
    tell(context, orders, videos);
  },
});

/** What is to be there, under the names that people know it by. @throws FilmgateError `invalid_usage`. */
async function ordersFrom(context: Context, files: readonly string[]): Promise<readonly NamedOrder[]> {
  const given: NamedOrder[] = files.length === 0 ? ownOrders(context.configuration) : [];
  // As they stand there: a page or an adapter that reads the same file knows of no filmgate.json.
  for (const file of files) given.push(...(await readOrdersFile(context, file)));
  if (given.length === 0) {
    throw commandError(
      "invalid_usage",
      "There are no orders: name files that hold some, or list them under 'orders' in filmgate.json.",
    );
  }
  return given;
}

function ownOrders({ orders, defaults }: Configuration): NamedOrder[] {
  return orders.map(({ name, order }) => ({ name, order: { model: standardModel, ...defaults, ...order } }));
}

function withoutPublication({ name, order }: NamedOrder): NamedOrder {
  return { name, order: { ...order, publish: undefined } };
}

async function readOrdersFile(context: Context, file: string): Promise<readonly NamedOrder[]> {
  const orders = readOrders(await readJson(context, file), basename(file, ".json"));
  if (typeof orders === "string") throw commandError("invalid_usage", `${file}: ${orders}`);
  return orders;
}

/** One line for all of them: on a terminal the last that was heard, elsewhere each word once for each video. */
function startProgress({ output }: Context, orders: readonly NamedOrder[]) {
  const line = output.startProgress();
  const heard = new Map<string, { percent: number; word: string; isOver: boolean }>();
  return {
    show({ key, indices, video }: EnsureProgress) {
      const word = describeProgress(video);
      const isOver = video.status === "completed" || video.status === "failed";
      const isNews = heard.get(key)?.word !== word;
      heard.set(key, { percent: isOver ? 100 : video.progress, word, isOver });
      if (!isNews && !output.isProgressLive) return;
      const all = [...heard.values()];
      const percent = all.reduce((sum, one) => sum + one.percent, 0) / all.length;
      const over = all.filter((one) => one.isOver).length;
      const rest = all.length === 1 ? "" : ` (${over} of ${all.length} done)`;
      line.show(percent, `${orders[indices[0] ?? 0]?.name ?? key}: ${word}${rest}`);
    },
    end: () => line.end(),
  };
}

function tell({ output }: Context, orders: readonly NamedOrder[], videos: readonly EnsuredVideo[]): void {
  const many = (source: EnsuredVideo["source"]) => videos.filter((video) => video.source === source).length;
  const total = sumUsd(videos.map(({ costUsd }) => costUsd));
  const answer = {
    object: "ensured",
    data: videos.map((video, index) => ({
      name: orders[index]?.name,
      key: video.key,
      source: video.source,
      cost_usd: video.costUsd,
      task_id: video.taskId,
      file_id: video.fileId,
      url: video.url,
      page_url: video.pageUrl,
      poster_url: video.posterUrl,
      publish: video.publish,
      width: video.width,
      height: video.height,
      seconds: video.seconds,
      bytes: video.bytes,
      sha256: video.sha256,
      order: video.order,
    })),
    from_lock: many("lock"),
    joined: many("joined"),
    created: many("created"),
    cost_usd: total,
  };
  output.answer(answer, () =>
    table(
      ["video", "source", "cost", "address"],
      videos.map((video, index) => [
        orders[index]?.name ?? video.key,
        video.source,
        video.source === "lock" ? "" : price(video.costUsd),
        video.url ?? video.fileId,
      ]),
      null,
    ),
  );
  output.notice(
    `${count(videos.length, "video")}: ${answer.from_lock} from the lock, ${answer.joined} joined, ${answer.created} created, ${total === null ? "at a price that is not known" : `${usd(total)} in all`}.`,
  );
}
