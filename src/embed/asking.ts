/**
 * What the element asks of the gateway. Every answer is a value: what went wrong is one of the reasons, and only a
 * signal that was aborted is thrown.
 */

import type { DownloadVideoResponse, ListModelsResponse, OEmbedResponse, Video } from "../contract.ts";
import type { Source } from "./source.ts";
import type { Answer } from "./state.ts";

type Published = Extract<Source, { kind: "published" }>;
type Signed = Extract<Source, { kind: "signed" }>;

/**
 * Whether a published video is there. The player page tells it, by its status and `Retry-After`, since it answers 200
 * while the video is being made: a refusal would stand in the console of the page as an error, every few seconds.
 */
export async function askPublished(
  source: Published,
  signal: AbortSignal,
): Promise<{ answer: Answer; retryAfterMs: number }> {
  const response = await ask(source.page, { method: "HEAD", cache: "no-store", signal });
  const seconds = response?.headers.get("retry-after");
  const retryAfterMs = Number(seconds) * 1000 || 5000;
  if (response?.ok) return { answer: seconds ? "making" : "ready", retryAfterMs };
  // Why it is gone for good stands in the file's answer.
  const answer = response?.status === 410 ? await askFile(source.video, signal) : answerOf(response, "");
  return { answer, retryAfterMs };
}

/** What an address of a video answers, asked for one byte of it. */
export async function askFile(address: string, signal: AbortSignal): Promise<Answer> {
  const response = await ask(address, { headers: { range: "bytes=0-0" }, cache: "no-store", signal });
  if (response?.ok) {
    response.body?.cancel().catch(() => {});
    return "ready";
  }
  return answerOf(response, await codeIn(response));
}

/** What a published video is called, and what it looks like; nothing where that is not told. */
export async function askAbout(source: Published, signal: AbortSignal): Promise<Partial<OEmbedResponse>> {
  const response = await ask(`${source.gateway}/oembed?url=${encodeURIComponent(source.page)}`, { signal });
  return response?.ok ? await response.json().catch(() => ({})) : {};
}

/** How long a video of this kind usually takes; 0 where nobody says. */
export async function askExpectedSeconds(
  source: Published,
  key: string,
  video: Video,
  signal: AbortSignal,
): Promise<number> {
  const headers = { authorization: `Bearer ${key}` };
  const response = await ask(`${source.gateway}/v1/videos/models`, { headers, signal });
  const list: ListModelsResponse | null = response?.ok ? await response.json().catch(() => null) : null;
  const { makes } = list?.data.find(({ id }) => id === video.model) ?? { makes: [] };
  const row = makes.find(
    ({ mode, resolution, duration }) =>
      mode === video.mode && resolution === video.resolution && duration === Number(video.seconds),
  );
  return row?.expected_seconds ?? 0;
}

/** A fresh link to the same video. */
export async function renew(
  source: Signed,
  key: string,
  signal: AbortSignal,
): Promise<Answer | DownloadVideoResponse> {
  const address = `${source.gateway}/v1/videos/download/${source.fileId}`;
  const response = await ask(address, { headers: { authorization: `Bearer ${key}` }, signal });
  if (response?.ok) return response.json();
  const code = await codeIn(response);
  if (response?.status === 401 || response?.status === 403)
    tellAuthor(`The publishable key was refused (${code}).`);
  return answerOf(response, code);
}

/** For whoever makes the page; its visitors have words of their own. */
export function tellAuthor(sentence: string): void {
  console.error(`<filmgate-video> ${sentence}`);
}

async function ask(address: string, init: RequestInit): Promise<Response | null> {
  try {
    return await fetch(address, init);
  } catch {
    init.signal?.throwIfAborted();
    return null;
  }
}

/** The code of a refusal, in either of the forms in which it is told. */
async function codeIn(response: Response | null): Promise<string> {
  const body = await response?.json().catch(() => null);
  return body?.code ?? body?.error?.code ?? "";
}

/** What a refusal means; null: there was no answer. */
function answerOf(response: Response | null, code: string): Answer {
  const status = response?.status ?? 0;
  if (code === "publication_making") return "making";
  if (code === "publication_failed" || code === "video_failed") return "failed";
  if (code === "origin_refused") return "refused";
  if (status === 401 || status === 403) return "ended";
  if (status === 404 || status === 410) return "removed";
  return "unreachable";
}
