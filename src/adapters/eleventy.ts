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
  addWatchTarget(path: string): unknown;
  addCollection(name: string, collect: (api: { getAll(): Page[] }) => Promise<unknown[]>): unknown;
  addAsyncShortcode(
    name: string,
    write: (this: ShortcodeScope, ...words: unknown[]) => Promise<string>,
  ): unknown;
};
type Page = { inputPath: string; url: string | false; data: Record<string, unknown> };
/** Templates have their data in `ctx`, Liquid's behind a `get`; JavaScript has it in `data`. */
type ShortcodeScope = {
  page?: { inputPath: string; url: string | false } | undefined;
  ctx?: Record<string, unknown> | undefined;
  data?: Record<string, unknown> | undefined;
};
type Found = NamedVideo | MissingVideo;

/**
 * `eleventyConfig.addPlugin(filmgatePlugin, { maxCostUsd: 2 })`. In a page: `{% video "waves" %}`, as another element
 * `{% video "waves", "iframe" %}`, with attributes `{% video "waves", class="wide" %}`; an order may stand in the place
 * of the name. `collections.filmgate` has what the shortcode knows of the videos. A build fails as `ensureVideos` does.
 */
export function filmgatePlugin(eleventyConfig: EleventyConfig, options: FilmgatePluginOptions = {}): void {
  const { shortcode = "video", ordersIn = "videos", ordersInDev = false, ...ensuring } = options;
  let build = new BuildVideos(ensuring);
  eleventyConfig.on("eleventy.before", ({ runMode }) => {
    const isBuilding = runMode === "build" && !process.argv.includes("--dryrun");
    build = new BuildVideos({
      onNotice: tell,
      onProgress: progressTeller(tell),
      ...ensuring,
      leavesOutMissing: !isBuilding && !ordersInDev,
    });
  });
  // What a build, or `npx filmgate ensure`, puts into it is seen at once.
  const { lock = "videos.lock.json" } = options;
  eleventyConfig.addWatchTarget(lock instanceof URL ? fileURLToPath(lock) : lock);
  eleventyConfig.addCollection("filmgate", (api) => build.ensureOfPages(api.getAll(), ordersIn));
  eleventyConfig.addAsyncShortcode(shortcode, async function (wanted, ...words) {
    const { element, attributes } = readWords(shortcode, words);
    const known = typeof wanted === "string" ? build.find(this, wanted) : undefined;
    const video = known ?? (await build.ensureOne(orderIn(this, shortcode, ordersIn, wanted)));
    return "url" in video ? writeElement(element, video, attributes) : writeNote(video);
  });
}

/** An order in the data of a page, and what it is called there. */
type Wanted = { name: string; template: string; order: EnsureOrder };

/** The videos of one build. All that it makes comes out of one budget. */
class BuildVideos {
  readonly #options: EnsureNamedOptions;
  readonly #wanted = new Map<string, Wanted>();
  readonly #ofPages = new Map<string, Found>();
  /** The keys of the videos that one name has on the pages of one template. */
  readonly #ofTemplates = new Map<string, Set<string>>();
  #spentUsd = 0;
  /**
   * Orders that only a shortcode knows are ensured one after the other, so that the budget is known. Once one has
   * failed, so has the build: what that one cost is not told, and none is ordered any more.
   */
  #before: Promise<unknown> = Promise.resolve();

  constructor(options: EnsureNamedOptions) {
    this.#options = options;
  }

  async ensureOfPages(pages: readonly Page[], ordersIn: string): Promise<NamedVideo[]> {
    for (const page of pages) {
      const orders = readOrders(page.data[ordersIn], `${page.inputPath}: ${ordersIn}`);
      for (const [name, order] of Object.entries(orders)) {
        this.#wanted.set(placeOf(page, name), { name, template: templateOf(page, name), order });
      }
    }
    const orders = Object.fromEntries([...this.#wanted].map(([place, { order }]) => [place, order]));
    const { videos, missing } = await this.#ensure(orders);
    const distinct = new Map<string, Found>();
    for (const found of [...Object.values(videos), ...missing]) {
      const { name, template } = this.#wanted.get(found.name) as Wanted;
      const named = { ...found, name };
      this.#ofPages.set(found.name, named);
      this.#ofTemplates.set(template, (this.#ofTemplates.get(template) ?? new Set()).add(found.key));
      distinct.set(`${found.key} ${name}`, named);
    }
    for (const found of distinct.values()) if (!("url" in found)) tell(sentenceOn(found));
    return [...distinct.values()].filter((found) => "url" in found);
  }

  find({ page, ctx }: ShortcodeScope, name: string): Found | undefined {
    if (page === undefined) return undefined;
    // Of the pages of a JavaScript template, Eleventy tells a shortcode the first, on all of them.
    if (ctx === undefined && (this.#ofTemplates.get(templateOf(page, name))?.size ?? 0) > 1) {
      throw unfit(
        `${page.inputPath} writes several pages, and '${name}' is not the same video on all of them. Hand over the order itself, as data.videos['${name}'], instead of its name.`,
      );
    }
    return this.#ofPages.get(placeOf(page, name));
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

function templateOf({ inputPath }: { inputPath: string }, name: string): string {
  return JSON.stringify([inputPath, name]);
}

/** One template may write several pages, each with data of its own. */
function placeOf({ inputPath, url }: { inputPath: string; url: string | false }, name: string): string {
  return JSON.stringify([inputPath, url, name]);
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
function orderIn(scope: ShortcodeScope, shortcode: string, ordersIn: string, wanted: unknown): EnsureOrder {
  if (typeof wanted === "object" && wanted !== null) return wanted as EnsureOrder;
  const { ctx, data } = scope;
  const found = data?.[ordersIn] ?? (typeof ctx?.get === "function" ? ctx.get([ordersIn]) : ctx?.[ordersIn]);
  const orders = readOrders(found, ordersIn);
  const order = typeof wanted === "string" && Object.hasOwn(orders, wanted) ? orders[wanted] : undefined;
  if (order !== undefined) return order;
  const names = Object.keys(orders).map((name) => `'${name}'`);
  throw unfit(
    `{% ${shortcode} %}: no video is named '${String(wanted)}'. There are: ${names.join(", ") || "none"}.`,
  );
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
