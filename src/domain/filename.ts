/** What a video is saved as: a name of its owner's, in a link's query and in Content-Disposition. */

export const maxNameLength = 150;

/** Control characters, and those that turn the order of what follows: a name shows what it is. */
const misleading = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** The name as it is used, with `.mp4` at its end; null if it is none: empty, too long, a path, or misleading. */
export function readName(text: string): string | null {
  const name = /\.mp4$/i.test(text) ? text : `${text}.mp4`;
  const isName = text.trim() === text && /[^.]/.test(text) && !/[/\\]/.test(text) && !misleading.test(text);
  return isName && name.length <= maxNameLength ? name : null;
}

/** One spelling for each name, of which no URL parser changes anything (RFC 3986's unreserved characters, and %XX). */
export function spellName(name: string): string {
  return encodeURIComponent(name).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The name of which this is the spelling; null if it is none's. */
export function unspellName(spelled: string): string | null {
  let text: string;
  try {
    text = decodeURIComponent(spelled);
  } catch {
    return null;
  }
  return readName(text) === text && spellName(text) === spelled ? text : null;
}

/**
 * Content-Disposition (RFC 6266): the name for those who read ASCII only, and, where that is another one, as it is.
 * `%` is replaced with the rest, since some read it as an escape there (appendix D).
 */
export function contentDisposition(disposition: "inline" | "attachment", name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/gu, "_");
  const exact = ascii === name ? "" : `; filename*=UTF-8''${spellName(name)}`;
  return `${disposition}; filename="${ascii}"${exact}`;
}
