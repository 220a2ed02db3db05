/**
 * MiniMax's V2 wire: create, query, cancel, list (platform.minimax.io/docs/api-reference/video-generation-v2-*). It
 * answers with real HTTP statuses, and with an error object whose message ends with the code in brackets. The address
 * of a file comes with the query, a fresh one each time, so a file has the name of its task.
 * No function here throws and none repeats a request: what an answer means for the task is its caller's matter.
 */

import { z } from "zod";
import type { Usage } from "../../domain/price.ts";
import type { ProviderAnswer } from "../../errors.ts";
import { failureOf, judgeRefusal, provenCodes } from "./codes.ts";
import { type Asked, id, isUsableUrl, post, providerAnswer, send } from "./http.ts";
import { buildBody } from "./v2-body.ts";
import type {
  CancelAnswer,
  CreateAnswer,
  FileAnswer,
  ListAnswer,
  MiniMax,
  QueryAnswer,
  Wire,
} from "./wire.ts";

/** With these MiniMax refuses a create (documented); 500 and 529 come from a service that may have taken it. */
const refusals: ReadonlySet<number> = new Set([400, 401, 402, 422, 429]);

async function create(minimax: MiniMax, body: BodyInit, withCallback: boolean): Promise<CreateAnswer> {
  const answer = await post(minimax, "/v2/video_generation", body);
  if (answer.kind !== "answer") return answer;
  const { status, json, traceId } = answer;
  const named = createSchema.safeParse(json).data?.task_id ?? null;
  const error = errorIn(json);
  if (status === 200 && error === null && named !== null) {
    return { kind: "accepted", providerTaskId: named, traceId };
  }
  const isProof = error !== null && refusals.has(status) && named === null;
  const proven = isProof ? judgeRefusal(error, withCallback) : null;
  if (proven !== null) return { ...proven, traceId };
  return { kind: "lost", reason: `HTTP ${status}, code ${error?.statusCode}`, candidate: named, traceId };
}

async function query(minimax: MiniMax, providerTaskId: string): Promise<QueryAnswer> {
  const asked = await askAfter(minimax, providerTaskId);
  if (asked.kind !== "task") return asked;
  const { task, traceId } = asked;
  switch (task.status.toLowerCase()) {
    case "succeeded":
      // Without its address it is not finished yet (seen by MAX-API-Next/MAX-API).
      if (task.content.url === "") return { kind: "pending", providerStatus: "Processing", traceId };
      return {
        kind: "success",
        providerFileId: providerTaskId,
        width: 0,
        height: 0,
        usage: usageOf(task.usage),
        traceId,
      };
    case "failed": {
      const code = /^\d{1,6}$/.test(task.error.code) ? Number(task.error.code) : 0;
      const provider = providerAnswer(code, task.error.message);
      return { kind: "fail", code: failureOf(code), provider, traceId };
    }
    case "cancelled":
      return { kind: "cancelled", traceId };
    case "expired":
      return { kind: "expired", traceId };
    case "queued":
      return { kind: "pending", providerStatus: "Queueing", traceId };
    default:
      return { kind: "pending", providerStatus: "Processing", traceId };
  }
}

async function findFile(minimax: MiniMax, providerFileId: string): Promise<FileAnswer> {
  const asked = await askAfter(minimax, providerFileId);
  if (asked.kind === "unknownTask") return { kind: "unknownFile", traceId: asked.traceId };
  if (asked.kind === "trouble") return asked;
  const { task, traceId } = asked;
  const { url } = task.content;
  if (isUsableUrl(minimax, url)) return { kind: "url", url, traceId };
  return { kind: "trouble", reason: `${task.status}, and no address that can be used`, traceId };
}

/**
 * Cancels what is in MiniMax's queue. Of what is over the same call deletes the record, so it is asked only for what
 * a query has just told to be queued.
 */
async function cancel(minimax: MiniMax, providerTaskId: string): Promise<CancelAnswer> {
  const path = `/v2/video_generation/${encodeURIComponent(providerTaskId)}`;
  const answer = await send(minimax, path, { method: "DELETE" });
  if (answer.kind === "trouble") return answer;
  const { status, json, traceId } = answer;
  const done = cancelSchema.safeParse(json).data;
  // The pages for China have the other word of each pair.
  if (status === 200 && /^cancel(?:led)?$/.test(done?.action ?? "")) return { kind: "cancelled", traceId };
  if (status === 200 && done !== undefined && /^deleted?$/.test(done.action))
    return { kind: "deleted", status: done.status, traceId };
  const error = errorIn(json);
  if (status === 400 && error?.statusCode === 2013) return { kind: "refused", provider: error, traceId };
  return troubleOf(minimax, answer);
}

async function list(minimax: MiniMax, model: string): Promise<ListAnswer> {
  const parameters = { page_num: "1", page_size: "100", "filter.model": model };
  const answer = await send(minimax, "/v2/query/video_generation", { query: parameters });
  if (answer.kind === "trouble") return answer;
  const parsed = listSchema.safeParse(answer.json);
  if (answer.status !== 200 || !parsed.success) return troubleOf(minimax, answer);
  const tasks = parsed.data.items.flatMap((item) => {
    if (item === null || item.id === null) return [];
    const { id: name, model: ofModel, resolution, duration, created_at } = item;
    return [{ id: name, model: ofModel, resolution, duration, createdAt: created_at * 1000 }];
  });
  return { kind: "listed", tasks, traceId: answer.traceId };
}

type Task = z.infer<typeof taskSchema>;

/** Asks after one task. One that is older than seven days is as unknown as one that never was. */
async function askAfter(
  minimax: MiniMax,
  providerTaskId: string,
): Promise<
  | { kind: "task"; task: Task; traceId: string | null }
  | { kind: "unknownTask"; traceId: string | null }
  | { kind: "trouble"; reason: string; traceId: string | null }
> {
  const answer = await send(minimax, `/v2/query/video_generation/${encodeURIComponent(providerTaskId)}`);
  if (answer.kind === "trouble") return answer;
  const { status, json, traceId } = answer;
  const task = querySchema.safeParse(json).data?.task;
  if (status === 200 && task !== undefined && (task.id === null || task.id === providerTaskId)) {
    return { kind: "task", task, traceId };
  }
  if (status === 400 && errorIn(json)?.statusCode === 2013) return { kind: "unknownTask", traceId };
  return troubleOf(minimax, answer);
}

/** A question that was not answered; whether it came too fast is told. */
function troubleOf(minimax: MiniMax, { status, json, traceId }: Extract<Asked, { kind: "answer" }>) {
  const error = errorIn(json);
  if (error !== null && provenCodes[error.statusCode]?.proof === "deferred")
    minimax.onTooFast(error.statusCode);
  const said = error === null ? "" : `, code ${error.statusCode}: ${error.statusMessage}`;
  return { kind: "trouble", reason: `HTTP ${status}${said}`, traceId } as const;
}

/** What the error object says; null where there is none, or its code cannot be read. */
function errorIn(json: unknown): ProviderAnswer | null {
  const parsed = errorSchema.safeParse(json);
  if (!parsed.success) return null;
  const { message } = parsed.data.error;
  const [, sentence, code] = /^([\s\S]*?)\s*\((\d{1,6})\)\s*$/.exec(message) ?? [];
  return code === undefined ? null : providerAnswer(Number(code), sentence ?? "");
}

/** Null unless it is a count of whole seconds that something was made of: then what was reserved stands. */
function usageOf({ output_seconds, input_seconds, input_image_count }: Task["usage"]): Usage | null {
  const counts = [output_seconds, input_seconds, input_image_count];
  if (!counts.every((count) => Number.isInteger(count) && count >= 0 && count < 1000)) return null;
  if (output_seconds === 0) return null;
  return { outputSeconds: output_seconds, inputSeconds: input_seconds, images: input_image_count };
}

const text = z.string().catch("");
const createSchema = z.object({ task_id: id.optional() });
const errorSchema = z.object({ error: z.object({ message: z.string() }) });
const cancelSchema = z.object({ action: text, status: text });
const count = z.number().catch(Number.NaN);
const noUsage = { output_seconds: Number.NaN, input_seconds: Number.NaN, input_image_count: Number.NaN };
const taskSchema = z.object({
  id,
  status: text,
  content: z.object({ url: text }).catch({ url: "" }),
  error: z
    .object({ code: z.union([z.string(), z.number().transform(String)]).catch(""), message: text })
    .catch({ code: "", message: "" }),
  // Fields that are not told count nothing, where any is told.
  usage: z
    .object({ output_seconds: count, input_seconds: count.default(0), input_image_count: count.default(0) })
    .catch(noUsage),
});
const querySchema = z.object({ task: taskSchema });
const listed = z.object({
  id,
  model: text,
  resolution: text,
  duration: z.number().catch(0),
  created_at: z.number().catch(0),
});
const listSchema = z.object({ items: z.array(listed.nullable().catch(null)) });

export const v2: Wire = { buildBody, create, query, findFile, queue: { cancel, list } };
