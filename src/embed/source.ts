/** What stands in `src`: a published address, its player page, a signed link, or an address that is none of filmgate's. */

export type Source = Readonly<
  | { kind: "published"; gateway: string; fileId: string; video: string; page: string }
  /** `endsAt` in epoch milliseconds. */
  | { kind: "signed"; gateway: string; fileId: string; video: string; endsAt: number }
  | { kind: "other"; video: string }
>;

const pathPattern = /^\/(v|files)\/(file_[0-9a-hjkmnp-tv-z]{26})(\.mp4)?$/;

/** @param base the page's address. @returns null where there is no address that a browser could ask. */
export function readSource(text: string | null, base: string): Source | null {
  if (!text?.trim() || !URL.canParse(text, base)) return null;
  const url = new URL(text, base);
  const { origin: gateway, pathname, hash, searchParams } = url;
  const [, place, fileId = "", ending] = pathPattern.exec(pathname) ?? [];
  // A fragment, as in `#t=2`, is the player's.
  if (place === "v") {
    const page = `${gateway}/v/${fileId}`;
    return { kind: "published", gateway, fileId, video: `${page}.mp4${hash}`, page };
  }
  const endsAt = Number(searchParams.get("exp")) * 1000;
  if (place === "files" && ending && endsAt > 0) {
    return { kind: "signed", gateway, fileId, video: url.href, endsAt };
  }
  return { kind: "other", video: url.href };
}

/**
 * Whether both show the same video, so that one may take over where the other stopped. No two files have one id, and a
 * gateway may be reached by several names.
 */
export function isSameVideo(one: Source | null, other: Source | null): boolean {
  if (one === null || other === null) return false;
  if (one.kind === "other" || other.kind === "other") return one.video === other.video;
  return one.fileId === other.fileId;
}

/** A key that may stand in a page. Any other is not used. */
export function isPublishable(key: string): boolean {
  return /^mql_pk_/.test(key);
}
