/**
 * Whether a download may carry on a transfer that broke: pure judgements over the headers of its answer.
 * Two halves of different files make a video that nobody made, so bytes are only joined where something proves that
 * they are of one file: its length or its strong ETag, with neither speaking against it (RFC 9110, 13.1.5, 15.3.7).
 */

/** What is kept of the transfer that broke; null where the host did not say. */
export type Begun = Readonly<{ sent: number; length: number | null; etag: string | null }>;

export type DownloadAnswer = Readonly<{
  status: number;
  /** Of a 200: the length of the file. */
  contentLength: number | null;
  contentRange: ContentRange | null;
  /** Strong ones only: a weak one does not speak of bytes. */
  etag: string | null;
}>;

export type ContentRange = Readonly<{ first: number; last: number; total: number | null }>;

export type Verdict =
  /** The body is a whole file, to be stored from its start; what was kept, if anything, is of no use. */
  | { do: "begin"; length: number | null; etag: string | null }
  /** The body carries on, after so many of its bytes were passed over. `length` is the whole file's. */
  | { do: "carryOn"; skip: number; length: number | null }
  /** What was kept is of no use, and neither is the body. */
  | { do: "startOver"; reason: string }
  /** The answer says nothing about the file: what was kept stays. */
  | { do: "refuse"; reason: string };

export function judgeDownload(begun: Begun | null, answer: DownloadAnswer): Verdict {
  const { status, contentLength, contentRange, etag } = answer;
  if (status === 200) {
    const file = { length: contentLength, etag };
    if (begun === null || !isSameFile(begun, file)) return { do: "begin", ...file };
    return { do: "carryOn", skip: begun.sent, length: begun.length ?? contentLength };
  }
  if (begun === null || (status !== 206 && status !== 416)) {
    return { do: "refuse", reason: `the download answered HTTP ${status}` };
  }
  if (status === 416) return { do: "startOver", reason: "the file ends before the part that is missing" };
  if (contentRange === null || contentRange.first !== begun.sent) {
    return { do: "startOver", reason: "the download answered with another part than was asked for" };
  }
  if (!isSameFile(begun, { length: contentRange.total, etag })) {
    return { do: "startOver", reason: "nothing proves that it is the same file" };
  }
  return { do: "carryOn", skip: 0, length: begun.length ?? contentRange.total };
}

/** True if a later answer could prove that it is of the same file. */
export function canResume(begun: Begun): boolean {
  return begun.sent > 0 && (begun.length !== null || begun.etag !== null);
}

/** One proof is needed, and nothing against it; an ETag that was given once and is missing now is against it. */
function isSameFile(begun: Begun, file: { length: number | null; etag: string | null }): boolean {
  if (begun.etag !== null && file.etag !== begun.etag) return false;
  if (begun.length !== null && file.length !== null && file.length !== begun.length) return false;
  if (file.length !== null && file.length <= begun.sent) return false;
  return begun.etag !== null || (begun.length !== null && file.length !== null);
}

export function readDownload(status: number, headers: Headers): DownloadAnswer {
  const length = headers.get("content-length");
  const etag = headers.get("etag");
  return {
    status,
    contentLength: length !== null && /^\d{1,15}$/.test(length) ? Number(length) : null,
    contentRange: readContentRange(headers.get("content-range")),
    etag: etag !== null && /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(etag) ? etag : null,
  };
}

/** Reads `bytes 10-19/20` or `bytes 10-19/*`; null for anything else. */
export function readContentRange(header: string | null): ContentRange | null {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(?:(\d{1,15})|\*)$/i.exec(header?.trim() ?? "");
  if (match === null) return null;
  const [first, last] = [Number(match[1]), Number(match[2])];
  const total = match[3] === undefined ? null : Number(match[3]);
  return last < first || (total !== null && last >= total) ? null : { first, last, total };
}
