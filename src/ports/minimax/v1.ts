/**
 * MiniMax's V1 wire: create, query, retrieve (platform.minimax.io/docs/api-reference/video-generation-*).
 * It answers HTTP 200 with `base_resp` even for errors; ids come as strings or as numbers beyond 2^53.
 * No function here throws and none repeats a request: what an answer means for the task is its caller's matter.
 */

import { z } from "zod";
import { failureOf, isAboutCaller, isVerdictOnContent, judgeRefusal, provenCodes } from "./codes.ts";
import { id, isUsableUrl, post, providerAnswer, send, type Trouble } from "./http.ts";
import { buildBody } from "./v1-body.ts";
import type { CreateAnswer, FileAnswer, MiniMax, QueryAnswer, Wire } from "./wire.ts";

/**
 * Posts a create, once. Redirects are not followed, since workerd would send the body to another origin or
 * turn the POST into a GET whose 200 looks like success.
 * @param withCallback whether the body asks for callbacks: then a 2013 about them is told apart.
 */
export async function createVideo(
  minimax: MiniMax,
  body: BodyInit,
  withCallback: boolean,
): Promise<CreateAnswer> {
  const answer = await post(minimax, "/v1/video_generation", body);
  if (answer.kind !== "answer") return answer;
  const { status, json, traceId } = answer;
  const parsed = createSchema.safeParse(json);
  const provider = parsed.success ? answerOf(parsed.data.base_resp) : null;
  const named = parsed.success ? (parsed.data.task_id ?? null) : null;
  if (status < 300 && provider?.statusCode === 0 && named !== null) {
    return { kind: "accepted", providerTaskId: named, traceId };
  }
  const reason = `HTTP ${status}, code ${provider?.statusCode}`;
  // An answer that names a task contradicts its own refusal, and only 2xx and 4xx come from MiniMax itself.
  const isMiniMaxs = status < 300 || (status >= 400 && status < 500);
  const proven =
    named !== null || provider === null || !isMiniMaxs ? null : judgeRefusal(provider, withCallback);
  return proven === null ? { kind: "lost", reason, candidate: named, traceId } : { ...proven, traceId };
}

/** Asks how a provider task is doing. `base_resp` is looked at before `status`, which an error may leave empty. */
export async function queryVideo(minimax: MiniMax, providerTaskId: string): Promise<QueryAnswer> {
  const answer = await get(minimax, "/v1/query/video_generation", { task_id: providerTaskId }, querySchema);
  if (answer.kind === "trouble") return answer;
  const { traceId } = answer;
  const { status, file_id, video_width, video_height, base_resp } = answer.data;
  const provider = answerOf(base_resp);
  const word = status.toLowerCase();
  const failed = word === "fail" || word === "failed";
  if (isVerdictOnContent(provider.statusCode) || (failed && !isAboutCaller(provider.statusCode))) {
    return { kind: "fail", code: failureOf(provider.statusCode), provider, traceId };
  }
  if (provider.statusCode === 2013) return { kind: "unknownTask", traceId };
  if (provider.statusCode !== 0) {
    return { kind: "trouble", reason: `code ${provider.statusCode}: ${provider.statusMessage}`, traceId };
  }
  if (word === "success" && file_id !== null) {
    const [width, height] = [video_width, video_height];
    return { kind: "success", providerFileId: file_id, width, height, usage: null, traceId };
  }
  // An unknown word, and Success without a file, are not the end: only the listed words are.
  const providerStatus = word === "preparing" ? "Preparing" : word === "queueing" ? "Queueing" : "Processing";
  return { kind: "pending", providerStatus, traceId };
}

/**
 * Asks for a fresh download URL. Documented to live one hour; six and nine were recorded. `bytes` is 0 in real
 * answers, so the size is the download's own Content-Length.
 */
export async function retrieveFile(minimax: MiniMax, providerFileId: string): Promise<FileAnswer> {
  const answer = await get(minimax, "/v1/files/retrieve", { file_id: providerFileId }, retrieveSchema);
  if (answer.kind === "trouble") return answer;
  const { traceId } = answer;
  const provider = answerOf(answer.data.base_resp);
  const url = answer.data.file?.download_url ?? "";
  if (provider.statusCode === 0 && isUsableUrl(minimax, url)) return { kind: "url", url, traceId };
  if (provider.statusCode === 2013) return { kind: "unknownFile", traceId };
  return { kind: "trouble", reason: `code ${provider.statusCode}: ${provider.statusMessage}`, traceId };
}

const baseResp = z.object({ status_code: z.number(), status_msg: z.string().catch("") });
const unstated = { status_code: Number.NaN, status_msg: "" };
const createSchema = z.object({ task_id: id.optional(), base_resp: baseResp.catch(unstated) });
const querySchema = z.object({
  status: z.string().catch(""),
  file_id: id,
  video_width: z.number().catch(0),
  video_height: z.number().catch(0),
  base_resp: baseResp,
});
const retrieveSchema = z.object({
  file: z
    .object({ download_url: z.string().catch("") })
    .optional()
    .catch(undefined),
  base_resp: baseResp,
});

/** Asks a question that costs nothing; anything but a readable HTTP 200 is trouble. */
async function get<T extends { base_resp: z.infer<typeof baseResp> }>(
  minimax: MiniMax,
  path: string,
  query: Record<string, string>,
  schema: z.ZodType<T>,
): Promise<Trouble | { kind: "data"; data: T; traceId: string | null }> {
  const answer = await send(minimax, path, { query });
  if (answer.kind === "trouble") return answer;
  const { status, json, traceId } = answer;
  const parsed = schema.safeParse(json);
  if (status !== 200 || !parsed.success) return { kind: "trouble", reason: `HTTP ${status}`, traceId };
  const { status_code } = parsed.data.base_resp;
  if (provenCodes[status_code]?.proof === "deferred") minimax.onTooFast(status_code);
  return { kind: "data", data: parsed.data, traceId };
}

function answerOf({ status_code, status_msg }: z.infer<typeof baseResp>) {
  return providerAnswer(status_code, status_msg);
}

/** It has no list, and stops nothing. */
export const v1: Wire = {
  buildBody,
  create: createVideo,
  query: queryVideo,
  findFile: retrieveFile,
  queue: null,
};
