/**
 * What one answer to a download means for the bytes that are there already. The bytes are judged by their SHA-256 in
 * the end, so this only decides where an answer's body belongs. Pure.
 */

export type Place =
  /** The body begins at this byte. */
  | { at: number; etag: string | null }
  /** The answer has nothing to write: begin anew, ask for another link, or ask again. */
  | { do: "start over" | "fresh link" | "again"; why: string };

/**
 * @param kept how many bytes are there; 0 if none were asked to be left out.
 * @param total how many the whole file has.
 */
export function placeAnswer(status: number, headers: Headers, kept: number, total: number): Place {
  const etag = strongEtag(headers.get("etag"));
  if (status === 200) return { at: 0, etag };
  if (status === 206) {
    const [, first, whole] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
    if (Number(first) === kept && Number(whole) === total) return { at: kept, etag };
    return { do: "start over", why: "another part came than was asked for" };
  }
  if (status === 416) return { do: "start over", why: "the file ends before the part that is missing" };
  // Every way in which a link ends; the server that signs a new one says whether there still is a video.
  if (status === 403 || status === 404 || status === 410) return { do: "fresh link", why: `HTTP ${status}` };
  return { do: "again", why: `HTTP ${status}` };
}

/** How the missing rest is asked for. Bytes as they are: a compressed body has other positions. */
export function downloadHeaders(kept: number, etag: string | null): Record<string, string> {
  return {
    accept: "video/mp4",
    "accept-encoding": "identity",
    ...(kept > 0 ? { range: `bytes=${kept}-` } : {}),
    ...(kept > 0 && etag !== null ? { "if-range": etag } : {}),
  };
}

/** A weak one does not speak of bytes. */
function strongEtag(etag: string | null): string | null {
  return etag?.startsWith('"') === true ? etag : null;
}
