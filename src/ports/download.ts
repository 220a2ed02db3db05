/**
 * Opening a download from the host where MiniMax keeps its files. A download URL carries a signature, so no error
 * here names one.
 */

import type { Begun } from "../domain/resume.ts";

const maxRedirects = 3;

/**
 * Opens a download. The timer ends with the headers: a body may take its time, and has an idle limit of its own.
 * Redirects are followed by hand, since the runtime would follow one from https to http.
 * @param headersMs how long each answer may take to begin.
 * @param begun what is there of the file already: only the rest is asked for, as long as it is the same file.
 * @throws Error if it cannot be opened.
 */
export async function openDownload(
  firstUrl: string,
  headersMs: number,
  begun: Begun | null,
): Promise<Response> {
  // A compressed body would have another length than it announces.
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  if (begun !== null) headers.range = `bytes=${begun.sent}-`;
  if (begun !== null && begun.etag !== null) headers["if-range"] = begun.etag;
  let url = firstUrl;
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const response = await open(url, headers, headersMs);
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    await response.body?.cancel();
    const next = URL.canParse(location, url) ? new URL(location, url) : null;
    if (next?.protocol !== new URL(firstUrl).protocol) throw new Error("the download redirects elsewhere");
    url = next.href;
  }
  throw new Error("the download redirects too often");
}

async function open(url: string, headers: Record<string, string>, headersMs: number): Promise<Response> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), headersMs);
  try {
    return await fetch(url, { signal: abort.signal, headers, redirect: "manual" });
  } catch (error) {
    throw new Error(`the download could not be opened: ${(error as Error).name}`);
  } finally {
    clearTimeout(timer);
  }
}
