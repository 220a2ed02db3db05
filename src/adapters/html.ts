/**
 * Published as `filmgate/html`: pages that are written by hand, completed by a small build script. An element with
 * `data-filmgate="name"` is given what only filmgate knows of the video of that name: address, poster, size, label.
 * Everything else stays as it is, to the letter: a page is not parsed into a tree and written anew, its tags are
 * found as a browser finds them, and comments, scripts and texts that only look like tags are left alone.
 */

import { copyFile, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, extname, join, relative, resolve } from "node:path";
import {
  type ElementName,
  elementNames,
  isElementName,
  knownAttributes,
  type ShownVideo,
  writeAttributes,
} from "../client/elements.ts";
import {
  type EnsureNamedOptions,
  ensureNamed,
  type NamedOrders,
  type NamedVideo,
  resolveOrders,
} from "../client/ensure/named.ts";
import { FilmgateError } from "../client/errors.ts";

export type BuildPagesOptions = EnsureNamedOptions & {
  /** The folder that holds the pages and what belongs to them. */
  from: string;
  /** The folder that is written: `.html` and `.htm` completed, all else copied. What lies there already stays. */
  to: string;
  /** The orders by their names, or what gives them. */
  videos: NamedOrders;
};

export type BuiltPages = {
  /** What was written, relative to `to`, in alphabetical order. */
  files: string[];
  videos: Record<string, NamedVideo>;
};

/**
 * Ensures the videos, then writes the pages. A page that names a video which nobody orders fails before anything is
 * ordered, a video that is missing before anything is written. Videos are not copied: pages name their stable addresses.
 * @throws FilmgateError as `ensureVideos` does, and `invalid_argument` for folders that lie in each other, a link that
 * leads to no file, or a page that cannot be completed, which its sentence names with the line.
 */
export async function buildPages(options: BuildPagesOptions): Promise<BuiltPages> {
  const { from, to, videos: orders, ...ensuring } = options;
  if (isInside(from, to) || isInside(to, from)) {
    throw unfit(
      "to",
      `'${to}' and '${from}' lie in each other; pages are read from one folder and written to another.`,
    );
  }
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(from, join(entry.parentPath, entry.name)))
    .sort();
  for (const entry of entries)
    if (entry.isSymbolicLink()) await requireFile(join(entry.parentPath, entry.name));
  const pages = new Map<string, string>();
  for (const file of files.filter((name) => /^\.html?$/i.test(extname(name)))) {
    const text = readPage(await readFile(join(from, file)), join(from, file));
    if (text !== null) pages.set(file, text);
  }
  const named = await resolveOrders(orders);
  for (const [file, text] of pages) requirePlaces(text, Object.keys(named), join(from, file));
  const { videos } = await ensureNamed(named, ensuring);
  for (const [file, text] of pages) pages.set(file, completePage(text, videos, join(from, file)));
  for (const file of files) {
    await mkdir(dirname(join(to, file)), { recursive: true });
    const text = pages.get(file);
    await (text === undefined ? copyFile(join(from, file), join(to, file)) : writeFile(join(to, file), text));
  }
  return { files, videos };
}

/** Told before anything is ordered: what a link to a folder holds would not be seen as pages. */
async function requireFile(link: string): Promise<void> {
  const found = await stat(link).catch(() => null);
  if (found?.isFile() === true) return;
  const where = found?.isDirectory() === true ? "to a folder" : "to nothing that could be copied";
  throw unfit("from", `${link} is a link ${where}: put what is meant in its place.`);
}

/** A page's text, if it asks for a video. Others are copied, in whatever encoding they are. */
function readPage(bytes: Uint8Array, name: string): string | null {
  if (!/data-filmgate/i.test(new TextDecoder("latin1").decode(bytes))) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw unfit("from", `${name} asks for a video, and is not UTF-8: save it as that.`);
  }
}

/**
 * A page in which each element with `data-filmgate` shows its video. Attributes that the page has already stay as
 * they are; width and height are given together or not at all.
 * @param where what the page is called in a refusal.
 * @throws FilmgateError `invalid_argument` for a name that no video has, or an element that cannot show one.
 */
export function completePage(
  page: string,
  videos: Readonly<Record<string, ShownVideo>>,
  where = "page",
): string {
  let completed = "";
  let done = 0;
  for (const { element, name, own, from, to } of requirePlaces(page, Object.keys(videos), where)) {
    const isSized = own.has("width") || own.has("height");
    const known = Object.entries(knownAttributes(element, videos[name] as ShownVideo)).filter(
      ([attribute]) => !own.has(attribute) && !(isSized && /^(?:width|height)$/.test(attribute)),
    );
    completed += page.slice(done, from) + writeAttributes(Object.fromEntries(known)).trimStart();
    done = to;
  }
  return completed + page.slice(done);
}

/** Where a page shows videos. @throws FilmgateError for one that is not among `names`, or not on an element for it. */
function requirePlaces(page: string, names: readonly string[], where: string): Place[] {
  return findPlaceholders(page).map((found) => {
    const { element, name, from } = found;
    const place = `${where}:${page.slice(0, from).split("\n").length}`;
    if (!isElementName(element)) {
      throw unfit(
        "data-filmgate",
        `${place}: data-filmgate stands on <${element}>, and can stand on ${list(elementNames)}.`,
      );
    }
    if (!names.includes(name)) {
      throw unfit("data-filmgate", `${place}: no video is named '${name}'. There are: ${list(names)}.`);
    }
    return { ...found, element };
  });
}

/** A start tag with `data-filmgate`: its element, its other attributes, and from where to where that one reaches. */
type Placeholder = { element: string; name: string; own: Set<string>; from: number; to: number };
/** One that can show a video. */
type Place = Placeholder & { element: ElementName };

/** Up to the end of a comment; a browser takes these for one, too: `<!-->`, `<!--->`, `<!-- --!>`. */
const comment = /<!--(?:-?>|[\s\S]*?--!?>)/y;
const tagName = /<(\/?)([a-zA-Z][^\t\n\f\r />]*)/y;
const betweenAttributes = /[\t\n\f\r /]*/y;
const attribute =
  /([^\t\n\f\r />][^\t\n\f\r />=]*)(?:[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)'|([^"'\t\n\f\r >][^\t\n\f\r >]*|(?=>))))?/y;
const unfinishedValue = /[\t\n\f\r ]*=/y;
/** Elements whose content is text, whatever it looks like. */
const textElements = /^(?:iframe|noembed|noframes|script|style|textarea|title|xmp)$/;

/** Walks a page as a browser's tokenizer does. What is not closed before the page ends is no tag. */
function findPlaceholders(page: string): Placeholder[] {
  const found: Placeholder[] = [];
  /** How deep in drawings and formulas: there, `<title/>` is a whole element, and CDATA is text. */
  let foreign = 0;
  let at = page.indexOf("<");
  for (; at !== -1; at = page.indexOf("<", at)) {
    const tag = matchAt(tagName, page, at);
    if (tag === null) {
      const end = endOfMarkup(page, at, foreign > 0);
      if (end === -1) break;
      at = end;
      continue;
    }
    const [start, slash, written = ""] = tag;
    const element = written.toLowerCase();
    const own = new Set<string>();
    let placeholder: Omit<Placeholder, "element" | "own"> | null = null;
    let gap = "";
    at += start.length;
    for (;;) {
      gap = matchAt(betweenAttributes, page, at)?.[0] ?? "";
      at += gap.length;
      if (at >= page.length || page[at] === ">") break;
      const [text = "", name = "", ...values] = matchAt(attribute, page, at) ?? [];
      const value = values.find((one) => one !== undefined);
      if (value === undefined && matchAt(unfinishedValue, page, at + text.length) !== null) return found;
      const lower = name.toLowerCase();
      if (lower === "data-filmgate" && !own.has(lower)) {
        placeholder = { name: value ?? "", from: at, to: at + text.length };
      }
      own.add(lower);
      at += text.length;
    }
    if (at >= page.length) break;
    at += 1;
    const isWhole = foreign > 0 && gap.endsWith("/");
    if (/^(?:svg|math)$/.test(element))
      foreign = Math.max(0, foreign + (slash === "" ? (gap.endsWith("/") ? 0 : 1) : -1));
    if (slash !== "") continue;
    if (placeholder !== null) found.push({ ...placeholder, element, own });
    if (element === "plaintext") break;
    if (textElements.test(element) && !isWhole) {
      at = element === "script" ? endOfScript(page, at) : endOfText(page, at, element);
      if (at === -1) break;
    }
  }
  return found;
}

/** Behind a comment, a doctype or the like that begins at a `<`; -1 if it never ends. A `<` of its own is text. */
function endOfMarkup(page: string, at: number, isForeign: boolean): number {
  if (page.startsWith("<!--", at)) {
    const length = matchAt(comment, page, at)?.[0].length;
    return length === undefined ? -1 : at + length;
  }
  if (!/[!?/]/.test(page[at + 1] ?? "")) return at + 1;
  const closing = isForeign && page.startsWith("<![CDATA[", at) ? "]]>" : ">";
  const end = page.indexOf(closing, at + 2);
  return end === -1 ? -1 : end + closing.length;
}

/** Where the end tag of an element begins whose content is text. */
function endOfText(page: string, at: number, element: string): number {
  const closing = new RegExp(`</${element}(?=[\\t\\n\\f\\r />])`, "gi");
  closing.lastIndex = at;
  return closing.exec(page)?.index ?? -1;
}

/** As {@link endOfText}: but in a script, `<!-- <script> </script> -->` is text as well. */
function endOfScript(page: string, at: number): number {
  const marks = /<!--|-->|<\/?script(?=[\t\n\f\r />])/gi;
  marks.lastIndex = at;
  let within: "script" | "comment" | "script in comment" = "script";
  for (let mark = marks.exec(page); mark !== null; mark = marks.exec(page)) {
    const text = mark[0].toLowerCase();
    if (text === "<!--") {
      if (within === "script") within = "comment";
      // `<!-->` opens and closes it.
      marks.lastIndex -= 2;
    } else if (text === "-->") within = "script";
    else if (text === "</script" && within !== "script in comment") return mark.index;
    else if (within !== "script") within = text === "<script" ? "script in comment" : "comment";
  }
  return -1;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function isInside(folder: string, other: string): boolean {
  const path = relative(resolve(other), resolve(folder));
  return path === "" || !/^(?:\.\.(?:[/\\]|$)|[a-zA-Z]:)/.test(path);
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.map((name) => `'${name}'`).join(", ");
}

function unfit(param: string, message: string): FilmgateError {
  return new FilmgateError(message, { code: "invalid_argument", param });
}
