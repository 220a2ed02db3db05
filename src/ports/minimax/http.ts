/**
 * One request to MiniMax, on either wire: sent once, with a time limit and without following anybody elsewhere, since
 * workerd would send a body to another origin or turn a POST into a GET whose 200 looks like success. Whatever comes
 * back, nothing here throws.
 */

import { z } from "zod";
import { parseWithExactIds } from "../../domain/json.ts";
import type { ProviderAnswer } from "../../errors.ts";
import { readText } from "../answer-text.ts";
import type { CreateAnswer, MiniMax } from "./wire.ts";

/** An id as a string; null for what can name nothing ("", "0"), so that it is never asked after. */
export const id = z
  .union([z.string(), z.number().transform(String)])
  .transform((text) => (/^[\w-]{1,64}$/.test(text) && text !== "0" ? text : null))
  .catch(null);

export type Asked =
  | { kind: "answer"; status: number; json: unknown; traceId: string | null }
  | { kind: "trouble"; reason: string; traceId: string | null };
export type Trouble = Extract<Asked, { kind: "trouble" }>;

/** Posts a create's body; what cannot be built, or brings no answer, is an answer to the create already. */
export async function post(
  minimax: MiniMax,
  path: string,
  body: BodyInit,
): Promise<Extract<Asked, { kind: "answer" }> | CreateAnswer> {
  let request: Request;
  try {
    request = new Request(new URL(path, minimax.baseUrl), {
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
  if (answer.kind === "answer") return answer;
  return { kind: "lost", reason: answer.reason, candidate: null, traceId: answer.traceId };
}

/** Asks what costs nothing. */
export function send(
  minimax: MiniMax,
  path: string,
  { query = {}, method = "GET" }: { query?: Record<string, string>; method?: "GET" | "DELETE" } = {},
): Promise<Asked> {
  const url = new URL(path, minimax.baseUrl);
  url.search = new URLSearchParams(query).toString();
  const request = new Request(url, {
    method,
    headers: headersFor(minimax),
    redirect: "manual",
    signal: AbortSignal.timeout(minimax.askTimeoutMs),
  });
  return ask(minimax, request);
}

/** The address of a file must be as safe as MiniMax's own. */
export function isUsableUrl(minimax: MiniMax, url: string): boolean {
  const secure = new URL(minimax.baseUrl).protocol === "https:";
  return (secure ? /^https:\/\//i : /^https?:\/\//i).test(url) && URL.canParse(url);
}

async function ask(minimax: MiniMax, request: Request): Promise<Asked> {
  let traceId: string | null = null;
  try {
    const response = await minimax.fetch(request);
    traceId = response.headers.get("trace-id");
    const text = await readText(response, maxAnswerBytes);
    return { kind: "answer", status: response.status, json: parseJson(text), traceId };
  } catch (error) {
    return { kind: "trouble", reason: String(error), traceId };
  }
}

const maxAnswerBytes = 1024 * 1024;

function parseJson(text: string): unknown {
  try {
    return parseWithExactIds(text);
  } catch {
    return null;
  }
}

const maxMessageCharacters = 500;

/** MiniMax's sentence goes to callers and into the log, so it is kept short, and a callback's secret out of it. */
export function providerAnswer(statusCode: number, sentence: string): ProviderAnswer {
  const statusMessage = sentence.replace(/secret(=|%3D)[\w-]*/gi, "secret$1…").slice(0, maxMessageCharacters);
  return { statusCode, statusMessage };
}

function headersFor(minimax: MiniMax): Record<string, string> {
  return { authorization: `Bearer ${minimax.apiKey}`, accept: "application/json" };
}
