/**
 * Published as `filmgate/eleventy`: a plugin with the shortcode `video`. Orders stand in the data, under `videos` and by
 * names: in `_data/videos.json` for all pages, in the front matter for one. Before anything is rendered, those of all
 * pages are ensured together, so that what is missing is listed, priced, paid and waited for as a whole. `--serve`,
 * `--watch` and `--dryrun` order nothing.
 */

import { fileURLToPath } from "node:url";
import {
  type Attributes,
  type ElementName,
  elementNames,
  escapeHtml,
  isElementName,
  writeElement,
} from "../client/elements.ts";
import {
  type EnsureNamedOptions,
  ensureNamed,
  missingSentence,
  type NamedVideo,
  progressTeller,
} from "../client/ensure/named.ts";
import type { EnsureOrder } from "../client/ensure/order-identity.ts";
import { FilmgateError, type MissingVideo } from "../client/errors.ts";
import { usd } from "../client/money.ts";

export type FilmgatePluginOptions = Omit<EnsureNamedOptions, "labelOf" | "leavesOutMissing"> & {
  /** What the shortcode is called: by default `video`. */
  shortcode?: string | undefined;
  /** Where in the data orders stand: by default under `videos`. */
  ordersIn?: string | undefined;
  /** Lets `--serve`, `--watch` and `--dryrun` order, too. */
  ordersInDev?: boolean | undefined;
};

/** As much of Eleventy's configuration as is used. */
export type EleventyConfig = {
  on(event: "eleventy.before", listener: (about: { runMode: string }) => void): unknown;
  on(event: "eleventy.contentMap", listener: () => Promise<void>): unknown;
  addWatchTarget(path: string): unknown;
  addCollection(name: string, collect: (pages: AllPages) => unknown[]): unknown;
  addAsyncShortcode(
    name: string,
    write: (this: ShortcodeScope, ...words: unknown[]) => Promise<string>,
  ): unknown;
};
/** All that are in collections. Those that are paginated over a collection come late. */
type AllPages = { getAll(): Page[] };
type Page = PageAddress & { data: Record<string, unknown> };
type PageAddress = { inputPath: string; url: string | false };
type Pagination = {
  pageNumber?: number;
  pages?: unknown[];
  alias?: string;
  addAllPagesToCollections?: boolean;
};
/**
 * Templates have the data of their page in `ctx`, Liquid's behind a `get`. JavaScript has only the data that its file
 * exports, and as `page` the first that its file wrote, on all that it writes.
 */
type ShortcodeScope = {
  page?: PageAddress | undefined;
  ctx?: Record<string, unknown> | undefined;
  data?: Record<string, unknown> | undefined;
};
type Found = NamedVideo | MissingVideo;

/**
 * `eleventyConfig.addPlugin(filmgatePlugin, { maxCostUsd: 2 })`. In a page: `{% video "waves" %}`, as another element
 * `{% video "waves", "iframe" %}`, with attributes `{% video "waves", class="wide" %}`, which are an object in Liquid
 * and JavaScript; an order may stand in the place of the name. `collections.filmgate` has what the shortcode knows of
 * the videos. A build fails as `ensureVideos` does.
 */
export function filmgatePlugin(eleventyConfig: EleventyConfig, options: FilmgatePluginOptions = {}): void {
  const { shortcode = "video", ordersIn = "videos", ordersInDev = false, ...ensuring } = options;
  let build = new BuildVideos(ensuring, ordersIn);
  eleventyConfig.on("eleventy.before", ({ runMode }) => {
    const isBuilding = runMode === "build" && !process.argv.includes("--dryrun");
    const telling = { onNotice: tell, onProgress: progressTeller(tell) };
    const leavesOutMissing = !isBuilding && !ordersInDev;
    build = new BuildVideos({ ...telling, ...ensuring, leavesOutMissing }, ordersIn);
  });
  // What a build, or `npx filmgate ensure`, puts into it is seen at once.
  const { lock = "videos.lock.json" } = options;
  eleventyConfig.addWatchTarget(lock instanceof URL ? fileURLToPath(lock) : lock);
  eleventyConfig.addCollection("filmgate", (pages) => build.showFrom(pages));
  // Now all pages are known, with their data, and none is rendered.
  eleventyConfig.on("eleventy.contentMap", () => build.ensureOfPages());
  eleventyConfig.addAsyncShortcode(shortcode, async function (wanted, ...words) {
    const { element, attributes } = readWords(shortcode, words);
    const known = typeof wanted === "string" ? build.find(this, wanted) : undefined;
    const video = known ?? (await build.ensureOne(orderIn(this, ordersIn, wanted)));
    return "url" in video ? writeElement(element, video, attributes) : writeNote(video);
  });
}

/** An order in the data of a page, and what it is called there. */
type Wanted = { name: string; order: EnsureOrder };

/** The videos of one build. All that it makes comes out of one budget. */
class BuildVideos {
  readonly #options: EnsureNamedOptions;
  readonly #ordersIn: string;
  #pages: AllPages = { getAll: () => [] };
  /** The path of the template of each page that was seen. */
  readonly #seen: string[] = [];
  readonly #wanted = new Map<string, Wanted>();
  readonly #ofPages = new Map<string, Found>();
  /** What each name means, on each page that has it. */
  readonly #ofNames = new Map<string, Found[]>();
  readonly #shown: NamedVideo[] = [];
  #spentUsd = 0;
  /**
   * Orders that only a shortcode knows are ensured one after the other, so that the budget is known. Once one has
   * failed, so has the build: what that one cost is not told, and none is ordered any more.
   */
  #before: Promise<unknown> = Promise.resolve();

  constructor(options: EnsureNamedOptions, ordersIn: string) {
    this.#options = options;
    this.#ordersIn = ordersIn;
  }

  /** The videos of these pages, in a list that `ensureOfPages` fills. */
  showFrom(pages: AllPages): NamedVideo[] {
    this.#pages = pages;
    return this.#shown;
  }

  async ensureOfPages(): Promise<void> {
    for (const page of this.#pages.getAll()) {
      const { inputPath, data } = page;
      requireAllPages(page, this.#ordersIn);
      this.#seen.push(inputPath);
      const orders = readOrders(data[this.#ordersIn], `${inputPath}: ${this.#ordersIn}`);
      for (const [name, order] of Object.entries(orders)) {
        const place = placeOf(page, () => data.pagination, name);
        this.#wanted.set(place, { name, order });
      }
    }
    const orders = Object.fromEntries([...this.#wanted].map(([place, { order }]) => [place, order]));
    const { videos, missing } = await this.#ensure(orders);
    for (const found of [...Object.values(videos), ...missing]) {
      const { name } = this.#wanted.get(found.name) as Wanted;
      const named = { ...found, name };
      this.#ofPages.set(found.name, named);
      const onPages = this.#ofNames.get(name) ?? [];
      onPages.push(named);
      this.#ofNames.set(name, onPages);
    }
    for (const found of [...this.#ofNames.values()].flatMap(distinct)) {
      if ("url" in found) this.#shown.push(found);
      else tell(sentenceOn(found));
    }
  }

  /**
   * What a name means on the page that is written; undefined if no page that was seen says so. In JavaScript, where
   * nobody can know which page that is, a name is taken only if it means the same on all of them.
   */
  find(scope: ShortcodeScope, name: string): Found | undefined {
    const { page, ctx, data } = scope;
    if (page === undefined) return undefined;
    if (ctx !== undefined) return this.#ofPages.get(placeOf(page, () => dataOf(scope, "pagination"), name));
    const onPages = this.#ofNames.get(name) ?? [];
    const instead = `Hand over the order itself, as data.${this.#ordersIn}['${name}'], instead of its name.`;
    if (!this.#seen.includes(page.inputPath)) {
      const isOwn = Object.hasOwn(readOrders(data?.[this.#ordersIn], this.#ordersIn), name);
      if (isOwn && onPages.length === 0) return undefined;
      throw unfit(`${page.inputPath} is in no collection, so its data was not seen. ${instead}`);
    }
    if (onPages.length === 0) refuseName(name, [...this.#ofNames.keys()]);
    if (onPages.length === this.#seen.length && distinct(onPages).length === 1) return onPages[0];
    throw unfit(
      `'${name}' is not the same video on all pages, and Eleventy does not tell JavaScript which of them it writes. ${instead}`,
    );
  }

  async ensureOne(order: EnsureOrder): Promise<Found> {
    const ensured = this.#before.then(() => this.#ensure({ [String(order.prompt ?? order.model)]: order }));
    this.#before = ensured;
    const { videos, missing } = await ensured;
    return [...Object.values(videos), ...missing][0] as Found;
  }

  async #ensure(orders: Record<string, EnsureOrder>) {
    const { maxCostUsd } = this.#options;
    const left =
      maxCostUsd === undefined ? undefined : Math.max(0, toMillionths(maxCostUsd - this.#spentUsd));
    const ensured = await ensureNamed(orders, {
      ...this.#options,
      maxCostUsd: left,
      labelOf: (place) => this.#wanted.get(place)?.name ?? place,
    }).catch((error) => {
      if (error instanceof FilmgateError && error.code === "over_budget" && this.#spentUsd > 0) {
        error.message += `\nBefore that, this build spent ${usd(this.#spentUsd)} of its ${usd(maxCostUsd ?? 0)}.`;
      }
      throw error;
    });
    this.#spentUsd += Object.values(ensured.videos).reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0);
    return ensured;
  }
}

function distinct(videos: readonly Found[]): Found[] {
  return [...new Map(videos.map((video) => [video.key, video])).values()];
}

/** One template may write several pages, each with data of its own; those without an address have a number. */
function placeOf({ inputPath, url }: PageAddress, pagination: () => unknown, name: string): string {
  const page = url === false ? (pagination() as Pagination | undefined)?.pageNumber : url;
  return JSON.stringify([inputPath, page, name]);
}

/**
 * Of a paginated template, Eleventy puts the first page into its collections, and the others only if it is told to.
 * @throws FilmgateError if the orders of the others may be others, and would be ordered without having been seen.
 */
function requireAllPages({ inputPath, data }: Page, ordersIn: string): void {
  const pagination = data.pagination as Pagination | undefined;
  const { pages = [], alias = "", addAllPagesToCollections: hasAll = false } = pagination ?? {};
  const ofEachPage = [alias, ...Object.keys(data.eleventyComputed ?? {})];
  const isOfEachPage = ofEachPage.some((name) => name === ordersIn || name.startsWith(`${ordersIn}.`));
  if (hasAll || pages.length < 2 || !isOfEachPage) return;
  throw unfit(
    `${inputPath} writes ${pages.length} pages, each with its own '${ordersIn}', and Eleventy shows only the first before it writes them: orders of the others would be missing in the list and in the price. Set addAllPagesToCollections: true in its pagination.`,
  );
}

function readOrders(data: unknown, where: string): Record<string, EnsureOrder> {
  if (data === undefined || data === null) return {};
  const isOrders =
    typeof data === "object" &&
    !Array.isArray(data) &&
    Object.values(data).every((order) => typeof order === "object" && order !== null && "model" in order);
  if (isOrders) return data as Record<string, EnsureOrder>;
  throw unfit(
    `${where} must hold orders by their names, each with a model. If it is something else, name another place in the option ordersIn.`,
  );
}

/** The order itself, or by its name in the data: of a page that is in no collection, and so was not seen before. */
function orderIn(scope: ShortcodeScope, ordersIn: string, wanted: unknown): EnsureOrder {
  if (typeof wanted === "object" && wanted !== null) return wanted as EnsureOrder;
  const orders = readOrders(dataOf(scope, ordersIn), ordersIn);
  const order = typeof wanted === "string" && Object.hasOwn(orders, wanted) ? orders[wanted] : undefined;
  return order ?? refuseName(String(wanted), Object.keys(orders));
}

function dataOf({ ctx, data }: ShortcodeScope, name: string): unknown {
  if (ctx === undefined) return data?.[name];
  return typeof ctx.get === "function" ? ctx.get([name]) : ctx[name];
}

function refuseName(name: string, names: readonly string[]): never {
  const list = names.map((one) => `'${one}'`).join(", ");
  throw unfit(`no video is named '${name}'. There are: ${list || "none"}.`);
}

/** Behind the video: an element's name, attributes, or both. Nunjucks hands over `class="wide"` as an object, too. */
function readWords(shortcode: string, words: unknown[]): { element: ElementName; attributes: Attributes } {
  let element: ElementName = "video";
  let attributes: Attributes = {};
  for (const word of words) {
    if (typeof word === "string" && isElementName(word)) element = word;
    else if (typeof word === "object") {
      const { __keywords: _marked, ...own } = (word ?? {}) as Record<string, Attributes[string]>;
      attributes = { ...attributes, ...own };
    } else if (word !== undefined) {
      const known = elementNames.map((name) => `'${name}'`).join(", ");
      throw unfit(`{% ${shortcode} %} can be shown as ${known}, and not as '${String(word)}'.`);
    }
  }
  return { element, attributes };
}

function sentenceOn(video: MissingVideo): string {
  return missingSentence(video, ": a build makes it");
}

/** Where a video will be, for whoever writes the page. No build writes this. */
function writeNote(video: MissingVideo): string {
  return `<span role="note">${escapeHtml(sentenceOn(video))}</span>`;
}

function tell(sentence: string): void {
  console.log(`[filmgate] ${sentence}`);
}

const toMillionths = (usd: number) => Math.round(usd * 1_000_000) / 1_000_000;

function unfit(message: string): FilmgateError {
  return new FilmgateError(message, { code: "invalid_argument" });
}
