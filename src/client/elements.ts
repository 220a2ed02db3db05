/**
 * The elements that show a video in a page, as rows: which attributes filmgate knows of each. Site generators and build
 * scripts take them from here, so that one video looks the same wherever its page is made. Everything is escaped.
 */

/** What a page has to know of a video; what `ensure` answers has it all. Addresses are absolute. */
export type ShownVideo = {
  url: string;
  pageUrl: string;
  posterUrl: string | null;
  width: number | null;
  height: number | null;
  title?: string | null | undefined;
  /** What is seen, for those who do not see it. Taken before `title` where there is room for one. */
  alt?: string | null | undefined;
};

export type ElementName = "video" | "iframe" | "filmgate-video" | "a";

/** `true` is an attribute without a value; `false`, null and undefined are none. */
export type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

type Row = {
  /** What only filmgate knows: a page that names the element itself is completed by these. */
  known: (video: ShownVideo) => Attributes;
  /** What it is written with beside these, unless its author says otherwise. */
  usual: Attributes;
};

const label = ({ alt, title }: ShownVideo) => alt ?? title;

const elements: Record<ElementName, Row> = {
  video: {
    known: (video) => ({
      src: video.url,
      poster: video.posterUrl,
      width: video.width,
      height: video.height,
      "aria-label": label(video),
    }),
    usual: { controls: true, playsinline: true, preload: "metadata" },
  },
  iframe: {
    known: (video) => ({
      src: video.pageUrl,
      width: video.width,
      height: video.height,
      title: label(video),
    }),
    usual: { allow: "fullscreen; picture-in-picture", allowfullscreen: true, loading: "lazy" },
  },
  /** Needs the gateway's `/embed.js` in the page. */
  "filmgate-video": {
    known: (video) => ({
      src: video.url,
      poster: video.posterUrl,
      width: video.width,
      height: video.height,
      title: video.title,
      alt: video.alt,
    }),
    usual: {},
  },
  a: { known: (video) => ({ href: video.pageUrl }), usual: {} },
};

export const elementNames = Object.keys(elements) as ElementName[];

export function isElementName(name: string): name is ElementName {
  return Object.hasOwn(elements, name);
}

/** The attributes by which an element shows a video, those included that are null for this one. */
export function knownAttributes(element: ElementName, video: ShownVideo): Attributes {
  return elements[element].known(video);
}

/**
 * A whole element that shows a video: `<video controls playsinline preload="metadata" src="…" …></video>`.
 * @param own the page's own attributes; they are taken before ours, and `false` leaves one of ours out.
 * @throws TypeError for the name of an attribute that HTML cannot hold.
 */
export function writeElement(element: ElementName, video: ShownVideo, own: Attributes = {}): string {
  const { known, usual } = elements[element];
  const inside = element === "a" ? escapeHtml(video.title ?? video.pageUrl) : "";
  return `<${element}${writeAttributes({ ...usual, ...known(video), ...own })}>${inside}</${element}>`;
}

/**
 * Attributes as they stand in a tag, with a space before each.
 * @throws TypeError for a name that HTML cannot hold.
 */
export function writeAttributes(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => {
      if (!/^[^\s"'<>/=\p{Cc}]+$/u.test(name))
        throw new TypeError(`'${name}' cannot be an attribute in HTML.`);
      if (value === false || value === null || value === undefined) return "";
      return value === true ? ` ${name}` : ` ${name}="${escapeHtml(String(value))}"`;
    })
    .join("");
}

/** Text that stands for itself, between tags and in an attribute's quotes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
