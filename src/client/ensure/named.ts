/**
 * Videos by names of their own, as sites have them: `{ hero: { model, prompt, … }, … }`. Adapters share this, and with
 * it what a page can show: an address there must be, and the words of the publication come along.
 */

import { type MissingVideo, MissingVideosError } from "../errors.ts";
import { ensureVideos } from "../filmgate.ts";
import { usd } from "../money.ts";
import { describeProgress } from "../progress.ts";
import type { FilmgateOptions } from "../settings.ts";
import type { EnsuredVideo, EnsureOptions, EnsureProgress } from "./options.ts";
import type { EnsureOrder, OrderMedia } from "./order-identity.ts";
import { unpublished } from "./publishing-wishes.ts";

/** An order as an imported JSON file has it, of whose words TypeScript only knows that they are texts. */
export type WrittenOrder = Omit<EnsureOrder, "ratio" | "prompt_expansion" | "subject_reference"> & {
  ratio?: string | undefined;
  prompt_expansion?: string | undefined;
  subject_reference?: { type: string; image: OrderMedia[] }[] | undefined;
};

type Orders = Readonly<Record<string, EnsureOrder | WrittenOrder>>;

/** Orders by their names, or what gives them, as a file or another service has them. */
export type NamedOrders = Orders | (() => Orders | Promise<Orders>);

export async function resolveOrders(orders: NamedOrders): Promise<Orders> {
  return typeof orders === "function" ? await orders() : orders;
}

export type NamedVideo = Omit<EnsuredVideo, "url" | "pageUrl"> & {
  name: string;
  url: string;
  pageUrl: string;
  /** The words of its publication; null if it has none. */
  title: string | null;
  alt: string | null;
};

/** One video may have several names. */
export type NamedProgress = EnsureProgress & { names: readonly string[] };

export type EnsureNamedOptions = Omit<EnsureOptions, "names" | "onProgress" | "requirePublished"> &
  FilmgateOptions & {
    onProgress?: ((progress: NamedProgress) => void) | undefined;
    /** What an order is called in sentences and in progress, by its name: by default that name. */
    labelOf?: ((name: string) => string) | undefined;
    /**
     * Makes nothing, as `frozen` does, but answers with the videos that are there, and tells what is missing: for a
     * server on which pages are being written, which must neither fail, nor spend, nor wait. A video whose publication
     * alone is not as it is wanted is there, with the words that are wanted.
     */
    leavesOutMissing?: boolean | undefined;
  };

/**
 * As `ensureVideos`, by names.
 * @throws FilmgateError as that does, and `invalid_argument` for a video that is not published: no page could show it.
 */
export async function ensureNamed(
  orders: NamedOrders,
  { leavesOutMissing = false, labelOf = (name) => name, onProgress, ...options }: EnsureNamedOptions = {},
): Promise<{ videos: Record<string, NamedVideo>; missing: MissingVideo[] }> {
  const all = Object.entries(await resolveOrders(orders));
  let wanted = all;
  const videos = new Map<string, NamedVideo>();
  const nameAt = (index: number) => wanted[index]?.[0] ?? "";
  const missing: MissingVideo[] = [];
  for (;;) {
    try {
      const ensured = await ensureVideos(
        wanted.map(([, order]) => order as EnsureOrder),
        {
          ...options,
          // A gateway that is not there is asked once: the price would be good to know, and no more than that.
          names: wanted.map(([name]) => labelOf(name)),
          ...(leavesOutMissing ? { frozen: true, maxRetries: 0 } : {}),
          requirePublished: true,
          onProgress: (progress) =>
            onProgress?.({ ...progress, names: progress.indices.map(nameAt).map(labelOf) }),
        },
      );
      for (const [index, video] of ensured.entries())
        videos.set(nameAt(index), nameVideo(nameAt(index), video));
      const inOrder = all.flatMap(([name]) => {
        const video = videos.get(name);
        return video === undefined ? [] : [[name, video] as const];
      });
      return { videos: Object.fromEntries(inOrder), missing };
    } catch (error) {
      const isLeftOut = leavesOutMissing && error instanceof MissingVideosError && error.missing.length > 0;
      if (!isLeftOut) throw error;
      const away = new Map(error.missing.flatMap((one) => one.indices.map((index) => [index, one])));
      for (const [index, one] of away) {
        const name = nameAt(index);
        if (one.video !== null && one.video.url !== null) videos.set(name, nameVideo(name, one.video));
        else missing.push({ ...one, name });
      }
      wanted = wanted.filter((_, index) => !away.has(index));
    }
  }
}

/** An `onProgress` that says in a sentence how each video is doing, whenever that is another one. */
export function progressTeller(tell: (sentence: string) => void): (progress: NamedProgress) => void {
  const told = new Map<string, string>();
  return ({ key, names, video }) => {
    const sentence = `${[...new Set(names)].join(", ")}: ${describeProgress(video)}`;
    if (told.get(key) !== sentence) tell(sentence);
    told.set(key, sentence);
  };
}

/**
 * One sentence on a video that was left out.
 * @param then what a build does about one that was not ordered yet, behind a comma or the like.
 */
export function missingSentence({ name, estimatedCostUsd, why }: MissingVideo, then: string): string {
  // It was ordered, and what there is to do about it is known.
  if (estimatedCostUsd === 0 && why !== null) return `${name} is left out: ${why.replace(/\.$/, "")}.`;
  const cost = estimatedCostUsd === null ? "" : `, for ${usd(estimatedCostUsd)}`;
  return `${name} is not in the lock${then}${cost}${why === null ? "" : ` (${why})`}.`;
}

function nameVideo(name: string, video: EnsuredVideo): NamedVideo {
  const { url, pageUrl } = video;
  if (url === null || pageUrl === null) throw unpublished(name);
  const { title, alt } = video.publish ?? {};
  return { ...video, name, url, pageUrl, title: title ?? null, alt: alt ?? null };
}
