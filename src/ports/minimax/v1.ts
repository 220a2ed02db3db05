/**
 * MiniMax's V1 wire: create, query, retrieve (platform.minimax.io/docs/api-reference/video-generation-*).
 * It answers HTTP 200 with `base_resp` even for errors; ids come as strings or as numbers beyond 2^53.
 * No function here throws and none repeats a request: what an answer means for the task is its caller's matter.
 */

import { z } from "zod";
import { parseWithExactIds } from "../../domain/json.ts";
import type { ProviderStatus } from "../../domain/task.ts";
import type { OutcomeCode, ProviderAnswer } from "../../errors.ts";
import { failureOf, isAboutCaller, isVerdictOnContent, provenCodes } from "./codes.ts";

export type MiniMax = Readonly<{
  fetch: (request: Request) => Promise<Response>;
  baseUrl: string;
  apiKey: string;
  /** How long an answer may take, body included. Creates check callbacks (3 s) before they answer. */
  createTimeoutMs: number;
  askTimeoutMs: number;
  /** Told when a question, which costs nothing, is refused for pace (1002 and its kin). */
  onTooFast: (statusCode: number) => void;
}>;

export type CreateAnswer = Readonly<
  { traceId: string | null } & (
    | { kind: "accepted"; providerTaskId: string }
    | { kind: "refused"; code: OutcomeCode; provider: ProviderAnswer }
    | { kind: "deferred"; provider: ProviderAnswer }
    | { kind: "callbackRefused"; provider: ProviderAnswer }
    /** The request could not be built: nothing left this process. */
    | { kind: "notSent"; reason: string }
    /** Sent, and no answer that proves anything; a provider task that it names all the same is worth asking after. */
    | { kind: "lost"; reason: string; candidate: string | null }
  )
>;

export type QueryAnswer = Readonly<
  { traceId: string | null } & (
    | { kind: "pending"; providerStatus: ProviderStatus }
    | { kind: "success"; providerFileId: string; width: number; height: number }
    | { kind: "fail"; code: OutcomeCode; provider: ProviderAnswer }
    | { kind: "unknownTask" }
    | { kind: "trouble"; reason: string }
  )
>;

export type RetrieveAnswer = Readonly<
  { traceId: string | null } & (
    | { kind: "url"; url: string }
    | { kind: "unknownFile" }
    | { kind: "trouble"; reason: string }
  )
>;

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
  let request: Request;
  try {
    request = new Request(new URL("/v1/video_generation", minimax.baseUrl), {
      method: "POST",
      headers: { ...headersFor(minimax), "content-type": "application/json" },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(minimax.createTimeoutMs),
    });
  } catch (error) {
    return { kind: "notSent", reason: String(error), traceId: null };
  }
  const answer = await ask(minimax, request);
  const { traceId } = answer;
  if (answer.kind === "trouble") return { kind: "lost", reason: answer.reason, candidate: null, traceId };
  const { status, json } = answer;
  const parsed = createSchema.safeParse(json);
  const provider = parsed.success ? providerAnswer(parsed.data.base_resp) : null;
  const named = parsed.success ? (parsed.data.task_id ?? null) : null;
  if (status < 300 && provider?.statusCode === 0 && named !== null) {
    return { kind: "accepted", providerTaskId: named, traceId };
  }
  const lost = {
    kind: "lost",
    reason: `HTTP ${status}, code ${provider?.statusCode}`,
    candidate: named,
    traceId,
  } as const;
  // An answer that names a task contradicts its own refusal, and only 2xx and 4xx come from MiniMax itself.
  if (named !== null || provider === null || (status >= 300 && status < 400) || status >= 500) return lost;
  const meaning = provenCodes[provider.statusCode];
  if (meaning === undefined) return lost;
  if (meaning.proof === "deferred") return { kind: "deferred", provider, traceId };
  const aboutCallback = provider.statusCode === 2013 && /call.?back/i.test(provider.statusMessage);
  if (withCallback && aboutCallback) return { kind: "callbackRefused", provider, traceId };
  return { kind: "refused", code: meaning.code, provider, traceId };
}

/** Asks how a provider task is doing. `base_resp` is looked at before `status`, which an error may leave empty. */
export async function queryVideo(minimax: MiniMax, providerTaskId: string): Promise<QueryAnswer> {
  const answer = await get(minimax, "/v1/query/video_generation", { task_id: providerTaskId }, querySchema);
  if (answer.kind === "trouble") return answer;
  const { traceId } = answer;
  const { status, file_id, video_width, video_height, base_resp } = answer.data;
  const provider = providerAnswer(base_resp);
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
    return { kind: "success", providerFileId: file_id, width: video_width, height: video_height, traceId };
  }
  // An unknown word, and Success without a file, are not the end: only the listed words are.
  const providerStatus = word === "preparing" ? "Preparing" : word === "queueing" ? "Queueing" : "Processing";
  return { kind: "pending", providerStatus, traceId };
}

/**
 * Asks for a fresh download URL. Documented to live one hour; six and nine were recorded. `bytes` is 0 in real
 * answers, so the size is the download's own Content-Length.
 */
export async function retrieveFile(minimax: MiniMax, providerFileId: string): Promise<RetrieveAnswer> {
  const answer = await get(minimax, "/v1/files/retrieve", { file_id: providerFileId }, retrieveSchema);
  if (answer.kind === "trouble") return answer;
  const { traceId } = answer;
  const provider = providerAnswer(answer.data.base_resp);
  const url = answer.data.file?.download_url ?? "";
  const secure = new URL(minimax.baseUrl).protocol === "https:";
  if (
    provider.statusCode === 0 &&
    (secure ? /^https:\/\//i : /^https?:\/\//i).test(url) &&
    URL.canParse(url)
  ) {
    return { kind: "url", url, traceId };
  }
  if (provider.statusCode === 2013) return { kind: "unknownFile", traceId };
  return { kind: "trouble", reason: `code ${provider.statusCode}: ${provider.statusMessage}`, traceId };
}

/** An id as a string; null for what can name nothing ("", "0"), so that it is never asked after. */
const id = z
  .union([z.string(), z.number().transform(String)])
  .transform((text) => (/^[\w-]{1,64}$/.test(text) && text !== "0" ? text : null))
  .catch(null);
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

type Asked =
  | { kind: "answer"; status: number; json: unknown; traceId: string | null }
  | { kind: "trouble"; reason: string; traceId: string | null };

type Trouble = Extract<Asked, { kind: "trouble" }>;

/** Asks a question that costs nothing; anything but a readable HTTP 200 is trouble. */
async function get<T extends { base_resp: z.infer<typeof baseResp> }>(
  minimax: MiniMax,
  path: string,
  query: Record<string, string>,
  schema: z.ZodType<T>,
): Promise<Trouble | { kind: "data"; data: T; traceId: string | null }> {
  const url = new URL(path, minimax.baseUrl);
  url.search = new URLSearchParams(query).toString();
  const request = new Request(url, {
    headers: headersFor(minimax),
    redirect: "manual",
    signal: AbortSignal.timeout(minimax.askTimeoutMs),
  });
  const answer = await ask(minimax, request);
  if (answer.kind === "trouble") return answer;
  const { status, json, traceId } = answer;
  const parsed = schema.safeParse(json);
  if (status !== 200 || !parsed.success) return { kind: "trouble", reason: `HTTP ${status}`, traceId };
  const { status_code } = parsed.data.base_resp;
  if (provenCodes[status_code]?.proof === "deferred") minimax.onTooFast(status_code);
  return { kind: "data", data: parsed.data, traceId };
}

async function ask(minimax: MiniMax, request: Request): Promise<Asked> {
  let traceId: string | null = null;
  try {
    const response = await minimax.fetch(request);
    traceId = response.headers.get("trace-id");
    const text = await readText(response);
    return { kind: "answer", status: response.status, json: parseJson(text), traceId };
  } catch (error) {
    return { kind: "trouble", reason: String(error), traceId };
  }
}

const maxAnswerBytes = 1024 * 1024;

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxAnswerBytes) throw new Error("the answer is larger than 1 MB");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parseJson(text: string): unknown {
  try {
    return parseWithExactIds(text);
  } catch {
    return null;
  }
}

const maxMessageCharacters = 500;

/** MiniMax's sentence goes to callers and into the log, so it is kept short, and a callback's secret out of it. */
function providerAnswer(base: z.infer<typeof baseResp>): ProviderAnswer {
  const statusMessage = base.status_msg
    .replace(/secret(=|%3D)[\w-]*/gi, "secret$1…")
    .slice(0, maxMessageCharacters);
  return { statusCode: base.status_code, statusMessage };
}

function headersFor(minimax: MiniMax): Record<string, string> {
  return { authorization: `Bearer ${minimax.apiKey}`, accept: "application/json" };
}
