/** Answers in a few words, for agents that read texts only; the whole answer stands beside them. */

import type {
  ListModelsResponse,
  ListVideosResponse,
  Publication,
  Sums,
  UsageResponse,
  Video,
} from "../../contract.ts";

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
      : wordsOfPublication(publication);
  return `${id} is ready, ${video.size}, ${video.seconds} s. Link for 24 hours: ${download_url}. ${address}`;
}

export function wordsOfPublication({ state, url, embed_html, expires_at }: Publication): string {
  if (state === "failed") return `Its video was not made, so ${url} shows none. get_video says why.`;
  const where = state === "making" ? `Once it is made it is at ${url}` : `It is at ${url}`;
  const until = expires_at === null ? "it is taken down" : new Date(expires_at * 1000).toISOString();
  return `${where}, until ${until}. To show it in a page: ${embed_html}`;
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
  const line = (name: string, { day, month }: UsageResponse["account"] | UsageResponse["key"]) =>
    `${name} today: ${wordsOfSums(day)}. This month: ${wordsOfSums(month)}.`;
  return [line("Account", account), line("This key", key)].join("\n");
}

function wordsOfSums(sums: Sums & { remaining_usd: number | null }): string {
  const { settled_usd, reserved_usd, held_usd, remaining_usd } = sums;
  const held = held_usd === 0 ? "" : `, $${held_usd} held and perhaps charged`;
  const left = remaining_usd === null ? "no cap" : `$${remaining_usd} left`;
  return `$${settled_usd} charged, $${reserved_usd} reserved${held}; ${left}`;
}
