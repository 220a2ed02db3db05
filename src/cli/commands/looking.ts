/** `filmgate get` and `filmgate list`: how videos are doing. */

import { describeProgress, type ListVideosResponse, type Video } from "../../client/filmgate.ts";
import { costWord } from "../../client/money.ts";
import { command } from "../command.ts";
import { accent, dim, type Line, pairs, table } from "../lines.ts";
import { modelOption, readMoment } from "../order-options.ts";
import { bytesWord, momentWord, statusWords } from "../words.ts";

export const get = command({
  name: "get",
  words: [{ name: "task", about: "task_…, as 'create' answered", needed: "one" }],
  about: "How a video is doing, what it cost, and its link.",
  options: {
    events: { kind: "flag", about: "also what MiniMax was asked and answered, for its support" },
  },
  examples: [
    ["get task_vmcn3psmsswzamtpxszgj97jmr", "how it is doing"],
    ["get task_vmcn3psmsswzamtpxszgj97jmr --events --json", "all that is known, for a program"],
  ],
  async run({ client, output, signal }, { task, events }) {
    const video = await client().video.get(task, { includeEvents: events, signal });
    output.answer(video, () => [...describe(video), ...eventsOf(video)]);
  },
});

export const list = command({
  name: "list",
  words: [],
  about: "The account's videos, newest first.",
  options: {
    limit: { kind: "number", about: "how many a page has: 1 to 100", value: "NUMBER", standard: "20" },
    after: { kind: "text", about: "the task behind which the page begins", value: "TASK" },
    all: { kind: "flag", about: "every page" },
    order: { kind: "text", about: "desc is newest first", value: "HOW", choices: ["asc", "desc"] },
    status: {
      kind: "text",
      about: "only those that are",
      value: "STATUS",
      choices: ["queued", "in_progress", "completed", "failed"],
    },
    model: { ...modelOption, about: "only of this model" },
    "created-after": { kind: "text", about: "a date, a moment, or Unix seconds", value: "DATE" },
    "created-before": { kind: "text", about: "a date, a moment, or Unix seconds", value: "DATE" },
  },
  examples: [
    ["list --status completed --limit 5", "the five newest that play"],
    ["list --all --created-after 2026-11-01 --json", "everything since then, for a program"],
  ],
  async run({ client, output, signal }, values) {
    const moment = (name: "created-after" | "created-before") => {
      const text = values[name];
      return text === undefined ? undefined : new Date(readMoment(`--${name}`, text) * 1000);
    };
    const filter = {
      order: values.order as "asc" | "desc" | undefined,
      status: values.status as Video["status"] | undefined,
      model: values.model,
      createdAfter: moment("created-after"),
      createdBefore: moment("created-before"),
      signal,
    };
    const page = (after: string | undefined, limit: number | undefined) =>
      client().video.list({ ...filter, after, limit });
    const first = await page(values.after, values.limit ?? (values.all === true ? 100 : undefined));
    const answer = values.all === true ? await restOf(first, (after) => page(after, 100)) : first;
    output.answer(answer, () => (answer.data.length === 0 ? [] : tableOf(answer.data, output.columns())));
    if (answer.data.length === 0) output.notice("There are none.");
    if (answer.has_more) {
      output.notice(`There are more: --after ${answer.last_id} shows the next, --all shows every one.`);
    }
  },
});

/** The first page and all that follow it, as one. */
async function restOf(
  first: ListVideosResponse,
  next: (after: string) => Promise<ListVideosResponse>,
): Promise<ListVideosResponse> {
  const data = [...first.data];
  for (let page = first; page.has_more && page.last_id !== null; ) {
    page = await next(page.last_id);
    data.push(...page.data);
  }
  return {
    object: "list",
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: false,
  };
}

/** Columns that a narrow terminal has no room for; `get` tells them. */
const wideOnly = ["model", "size", "length", "ordered"];
const wideColumns = 150;

function tableOf(videos: readonly Video[], columns: number | null): Line[] {
  const cells = videos.map((video) => ({
    task: video.id,
    status: statusWords[video.status] ?? video.status,
    model: video.model,
    size: video.size,
    length: `${video.seconds} s`,
    cost: costWord(video.cost),
    ordered: momentWord(video.created_at),
    "what it is": video.publication?.title || video.prompt || "",
  }));
  const isWide = columns === null || columns >= wideColumns;
  const keep = (name: string) => isWide || !wideOnly.includes(name);
  const rows = cells.map((row) => Object.entries(row).filter(([name]) => keep(name)));
  const head = rows[0]?.map(([name]) => name) ?? [];
  return table(
    head,
    rows.map((row) => row.map(([, cell]) => cell)),
    columns,
  );
}

function describe(video: Video): Line[] {
  const { publication } = video;
  return pairs([
    ["task", video.id],
    ["status", video.error === null ? describeProgress(video) : "not made"],
    ["why", video.error && `${video.error.message} (${video.error.code})`],
    ["model", video.model],
    ["prompt", video.prompt],
    ["size", `${video.size}, ${video.seconds} s`],
    ["take", video.take === 1 ? null : String(video.take)],
    ["retry of", video.retry_of],
    ["cost", costWord(video.cost)],
    ["ordered", momentWord(video.created_at)],
    ["removed", video.expires_at === null ? null : momentWord(video.expires_at)],
    ["file", video.file_id],
    ["bytes", video.bytes === null ? null : `${video.bytes} (${bytesWord(video.bytes)})`],
    ["sha-256", video.sha256],
    ["link", video.download_url === null ? null : accent(video.download_url)],
    ["published", publication && accent(publication.url)],
    ["page", publication?.page_url ?? null],
    ...Object.entries(video.metadata).map(([name, text]) => [name, text] as const),
  ]);
}

function eventsOf({ events }: Video): Line[] {
  if (events === undefined || events.length === 0) return [];
  const rows = events.map(({ at, event, answer, code, trace_id: trace, detail }) => [
    new Date(at * 1000).toISOString().slice(11, 19),
    event,
    answer,
    code === null ? "" : String(code),
    trace ?? "",
    detail ?? "",
  ]);
  return [[dim("")], ...table(["at", "event", "answer", "code", "trace", "detail"], rows, null)];
}
