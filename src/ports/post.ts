/**
 * One POST to an address that somebody else gave, within a time. Redirects are not followed: a 301 turns a POST into a
 * GET whose 200 looks like success, and leads where nobody judged. What came of it is a value, and nothing of the
 * address, the body or what the runtime says of them is in it.
 */

export type Sender = Readonly<{
  fetch(request: Request): Promise<Response>;
  /** For the whole of it, the answer's body included. */
  timeoutMs: number;
}>;

export type PostAnswer = Readonly<{
  /** Null where no answer came. */
  status: number | null;
  /** Where none came: whether the time was over, or the receiver could not be reached. */
  isLate: boolean;
  durationMs: number;
  /** How long the receiver asks to be left alone; 0 if it does not. */
  retryAfterMs: number;
  /** Where a redirect leads, whole; null if nowhere. */
  location: string | null;
}>;

/** Enough of an answer that a receiver may end it in peace; what is in it is of no interest. */
const maxAnswerBytes = 4096;
const userAgent = "filmgate/1";

/**
 * Posts once. Never rejects.
 * @param now epoch milliseconds, for a `Retry-After` that is a date.
 */
export async function post(
  sender: Sender,
  about: { url: string; headers?: Record<string, string>; body?: string },
  now: number,
): Promise<PostAnswer> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), sender.timeoutMs);
  const startedAt = performance.now();
  const durationMs = () => Math.round(performance.now() - startedAt);
  try {
    const request = new Request(about.url, {
      method: "POST",
      headers: { ...about.headers, "user-agent": userAgent },
      ...(about.body === undefined ? {} : { body: about.body }),
      redirect: "manual",
      signal: abort.signal,
    });
    const response = await sender.fetch(request);
    await drain(response, abort.signal);
    return {
      status: response.status,
      isLate: false,
      durationMs: durationMs(),
      retryAfterMs: readRetryAfter(response, now),
      location: locationOf(response, about.url),
    };
  } catch {
    // What the runtime says of it may hold the address, and tells a refused connection from a lost one by nothing.
    const isLate = abort.signal.aborted;
    return { status: null, isLate, durationMs: durationMs(), retryAfterMs: 0, location: null };
  } finally {
    clearTimeout(timer);
  }
}

/** Reads a little of the answer and lets the rest go. That it breaks, or never ends, says nothing about its status. */
async function drain(response: Response, signal: AbortSignal): Promise<void> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const late = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve());
    if (signal.aborted) resolve();
  });
  const read = async () => {
    for (let bytes = 0; bytes < maxAnswerBytes; ) {
      const { done, value } = await reader.read();
      if (done) return;
      bytes += value.byteLength;
    }
  };
  await Promise.race([read().catch(() => {}), late]);
  await reader.cancel().catch(() => {});
}

function locationOf(response: Response, url: string): string | null {
  const location = response.headers.get("location");
  return location !== null && URL.canParse(location, url) ? new URL(location, url).href : null;
}

/** How long a busy receiver asks to be left alone: seconds, or a date. */
function readRetryAfter({ status, headers }: Response, now: number): number {
  if (status !== 429 && status !== 503) return 0;
  const text = headers.get("retry-after") ?? "";
  const at = /^\d{1,9}$/.test(text) ? now + Number(text) * 1000 : Date.parse(text);
  return Number.isFinite(at) ? Math.max(0, at - now) : 0;
}
