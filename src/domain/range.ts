/** Conditional and partial requests, as RFC 9110 has them: pure judgements over header texts. */

export type WantedRange = { offset: number; length?: number } | { suffix: number };

const maxPosition = 2 ** 52;

/**
 * Reads a Range header: one range of bytes, or null for what is ignored (other units, several ranges, nonsense).
 * Whether it lies in the file is judged where the file's size is known.
 */
export function readRange(header: string | null): WantedRange | null {
  const match = /^bytes=(\d{0,20})-(\d{0,20})$/i.exec(header?.trim() ?? "");
  const [, firstText, lastText] = match ?? [];
  if (firstText === undefined || lastText === undefined || (firstText === "" && lastText === "")) return null;
  // Positions beyond any file are as good as the largest one.
  const [first, last] = [firstText, lastText].map((text) => Math.min(Number(text), maxPosition)) as [
    number,
    number,
  ];
  if (firstText === "") return { suffix: last };
  if (lastText === "") return { offset: first };
  if (last < first) return null;
  return { offset: first, length: last - first + 1 };
}

/** The bytes of a file of `size` that a range means; null if it has none of them (416). */
export function placeRange(range: WantedRange, size: number): { offset: number; length: number } | null {
  if ("suffix" in range) {
    const length = Math.min(range.suffix, size);
    return length === 0 ? null : { offset: size - length, length };
  }
  if (range.offset >= size) return null;
  return { offset: range.offset, length: Math.min(range.length ?? size, size - range.offset) };
}

export type FileVersion = Readonly<{ etag: string; modifiedAt: Date }>;

/** Judges If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since, in RFC 9110's order (13.2.2). */
export function judgeConditions(headers: Headers, file: FileVersion): "proceed" | "notModified" | "failed" {
  const ifMatch = headers.get("if-match");
  if (ifMatch !== null) {
    if (!names(ifMatch, file.etag, "strong")) return "failed";
  } else {
    const since = dateOf(headers.get("if-unmodified-since"));
    if (since !== null && wholeSeconds(file.modifiedAt) > since) return "failed";
  }
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== null) return names(ifNoneMatch, file.etag, "weak") ? "notModified" : "proceed";
  const since = dateOf(headers.get("if-modified-since"));
  return since !== null && wholeSeconds(file.modifiedAt) <= since ? "notModified" : "proceed";
}

/** True if a Range header still applies: there is no If-Range, or it names this very version. */
export function rangeApplies(ifRange: string | null, file: FileVersion): boolean {
  if (ifRange === null) return true;
  if (ifRange.includes('"')) return ifRange.trim() === file.etag;
  return dateOf(ifRange) === wholeSeconds(file.modifiedAt);
}

function names(list: string, etag: string, comparison: "strong" | "weak"): boolean {
  if (list.trim() === "*") return true;
  return (list.match(/(?:W\/)?"[^"]*"/g) ?? []).some(
    (one) => one === etag || (comparison === "weak" && one === `W/${etag}`),
  );
}

function dateOf(header: string | null): number | null {
  const text = header?.trim() ?? "";
  // HTTP's dates end in GMT, but for C's asctime, which is obsolete and is to be understood (RFC 9110, 5.6.7).
  const date = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/.test(text) ? `${text} GMT` : text;
  // Date.parse takes more than these.
  const at = date.endsWith("GMT") ? Date.parse(date) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

function wholeSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000) * 1000;
}
