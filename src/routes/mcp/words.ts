/** Answers in a few words, for agents that read texts only; the whole answer stands beside them. */

import type { ListModelsResponse, ListVideosResponse, UsageResponse, Video } from "../../contract.ts";

export function wordsOfVideo(video: Video): string {
  const { id, status, progress, download_url, publication, error, cost } = video;
  if (status === "failed") {
    const money = {
      released: "Nothing was charged.",
      settled: "It was charged.",
      held: "Whether it was charged is not known.",
    };
    const state = cost.state === "reserved" ? "" : ` ${money[cost.state]}`;
    return `${id} was not made: ${error?.message ?? "no reason was given"} (${error?.code ?? "unknown"})${state}`;
  }
  if (status !== "completed") return `${id} is ${status} (${progress} %). Call wait_for_video again.`;
  const address =
    publication === null
      ? "It is not published: for a web page call publish_video."
      : `It is published at ${publication.url}; to show it in a page: ${publication.embed_html}`;
  return `${id} is ready, ${video.size}, ${video.seconds} s. Link for 24 hours: ${download_url}. ${address}`;
}

export function wordsOfList({ data, has_more }: ListVideosResponse): string {
  const lines = data.map(
    ({ id, status, model, seconds, size }) => `${id}: ${status}, ${model}, ${size}, ${seconds} s`,
  );
  const more = has_more ? [`More after ${data.at(-1)?.id}.`] : [];
  return [...lines, ...more].join("\n") || "There are no videos.";
}

export function wordsOfModels({ data }: ListModelsResponse): string {
  return data
    .map(({ id, modes, makes }) => {
      const prices = makes.flatMap(({ price_usd: price }) => (price === null ? [] : [price]));
      const span =
        prices.length === 0 ? "price unknown" : `$${Math.min(...prices)} to $${Math.max(...prices)}`;
      return `${id}: from ${modes.join(", ")}; ${span}`;
    })
    .join("\n");
}

export function wordsOfUsage({ account, key }: UsageResponse): string {
  const line = (name: string, { day, month }: UsageResponse["account"] | UsageResponse["key"]) => {
    const left = (sums: typeof day) =>
      sums.remaining_usd === null ? "no cap" : `$${sums.remaining_usd} left`;
    return `${name}: $${day.settled_usd} charged and $${day.reserved_usd} reserved today (${left(day)}), $${month.settled_usd} charged this month (${left(month)}).`;
  };
  return [line("Account", account), line("This key", key)].join("\n");
}
