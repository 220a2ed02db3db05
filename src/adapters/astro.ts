/**
 * Published as `filmgate/astro`: a content loader. Each entry of the collection is one video, by the name that the site
 * gives it. `astro build` orders what is missing, through the lock; the server on which pages are written does not.
 */

import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  type EnsureNamedOptions,
  ensureNamed,
  missingSentence,
  type NamedOrders,
  type NamedVideo,
  progressTeller,
} from "../client/ensure/named.ts";

export type FilmgateLoaderOptions = Omit<
  EnsureNamedOptions,
  "leavesOutMissing" | "onProgress" | "onNotice"
> & {
  /** The orders by their names, or what gives them. */
  videos: NamedOrders;
  /** The lock's path from the site's root, or its `file:` URL: by default `videos.lock.json`. */
  lock?: string | URL | undefined;
  /** Lets `astro dev`, `astro sync` and `astro check` order, too. By default only `astro build` does. */
  ordersInDev?: boolean | undefined;
};

/** What a page has of a video: the `data` of its entry. Addresses stay; `posterUrl` is null where there is no poster. */
export type VideoData = {
  url: string;
  pageUrl: string;
  posterUrl: string | null;
  /** In pixels; null where MiniMax did not tell. */
  width: number | null;
  height: number | null;
  seconds: number;
  bytes: number;
  /** Of the file, in hex. */
  sha256: string;
  title: string | null;
  alt: string | null;
  taskId: string;
  fileId: string;
};

/** As much of Astro's `LoaderContext` as is used. Astro's own types are not needed to compile against filmgate. */
export type LoaderContext = {
  store: {
    keys(): string[];
    set(entry: { id: string; data: Record<string, unknown>; digest: string }): unknown;
    delete(id: string): unknown;
  };
  parseData(entry: { id: string; data: Record<string, unknown> }): Promise<Record<string, unknown>>;
  generateDigest(data: Record<string, unknown>): string;
  logger: { info(message: string): void; warn(message: string): void };
  config: { root: URL };
  /** There in `astro dev` only. */
  watcher?: WatchedFiles | undefined;
};
type WatchedFiles = {
  add(path: string): unknown;
  on(event: "add" | "change", listener: (path: string) => void): unknown;
};

export type FilmgateLoader = {
  name: string;
  load(context: LoaderContext): Promise<void>;
  createSchema(): Promise<{ schema: never; types: string }>;
};

/**
 * The loader of a collection of videos: `defineCollection({ loader: filmgateLoader({ videos }) })`.
 * Its `load` throws FilmgateError as `ensureVideos` does; in `astro dev` and without `ordersInDev`, a video that is
 * missing is no error: its entry is left out, and the log tells what making it would cost.
 */
export function filmgateLoader(options: FilmgateLoaderOptions): FilmgateLoader {
  const { videos: orders, lock = "videos.lock.json", ordersInDev = false, ...ensuring } = options;
  return {
    name: "filmgate",

    async load(context) {
      const { store, logger, config, watcher } = context;
      const path = locate(lock, config.root);
      const update = async () => {
        const { videos, missing } = await ensureNamed(orders, {
          ...ensuring,
          lock: path,
          leavesOutMissing: !ordersInDev && !isBuilding(watcher),
          onNotice: (sentence) => logger.warn(sentence),
          onProgress: progressTeller((sentence) => logger.info(sentence)),
        });
        for (const one of missing) {
          logger.warn(missingSentence(one, " and is left out: astro build makes it"));
        }
        for (const id of store.keys()) if (!Object.hasOwn(videos, id)) store.delete(id);
        for (const [id, video] of Object.entries(videos)) {
          const data = await context.parseData({ id, data: dataOf(video) });
          store.set({ id, data, digest: context.generateDigest(data) });
        }
      };
      const first = update();
      // From now on, and one after the other: what the lock says last is what the store has in the end.
      let last = first.catch(() => {});
      if (watcher !== undefined) {
        watchLock(watcher, path, () => {
          last = last.then(update).catch((error) => logger.warn(String(error.message)));
        });
      }
      await first;
    },

    async createSchema() {
      // Of the site's own Astro: only Astro asks for this.
      const { z } = await import("astro/zod");
      const schema = z.object({
        url: z.string(),
        pageUrl: z.string(),
        posterUrl: z.string().nullable(),
        width: z.number().nullable(),
        height: z.number().nullable(),
        seconds: z.number(),
        bytes: z.number(),
        sha256: z.string(),
        title: z.string().nullable(),
        alt: z.string().nullable(),
        taskId: z.string(),
        fileId: z.string(),
      } satisfies Record<keyof VideoData, unknown>);
      // Its type would have to be there wherever filmgate is compiled against, with Astro or without.
      return {
        schema: schema as never,
        types: 'export type { VideoData as Entry } from "filmgate/astro";\n',
      };
    },
  };
}

/** A name may have in it what means something else in a URL (`#`, `?`, `%`), and on Windows begin with a drive. */
function locate(lock: string | URL, root: URL): URL {
  if (typeof lock !== "string" || /^file:/i.test(lock)) return new URL(lock);
  return pathToFileURL(resolve(fileURLToPath(root), lock));
}

/**
 * `astro sync` and `astro check` load content as a build does, but nobody who runs them means to order. Options with
 * values may stand before the command, and which have one only Astro knows: so the word counts wherever it stands.
 */
function isBuilding(watcher: WatchedFiles | undefined): boolean {
  return watcher === undefined && !process.argv.slice(2).some((word) => /^(?:sync|check)$/.test(word));
}

/** What `npx filmgate ensure` puts into the lock is seen at once. */
function watchLock(watcher: WatchedFiles, lock: URL, changed: (path: string) => void): void {
  const path = fileURLToPath(lock);
  watcher.add(path);
  for (const event of ["add", "change"] as const) {
    watcher.on(event, (other) => {
      if (resolve(other) === path) changed(path);
    });
  }
}

function dataOf(video: NamedVideo): VideoData {
  const { url, pageUrl, posterUrl, width, height, seconds, bytes, sha256, title, alt, taskId, fileId } =
    video;
  return { url, pageUrl, posterUrl, width, height, seconds, bytes, sha256, title, alt, taskId, fileId };
}
