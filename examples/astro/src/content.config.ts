/** The videos of the site, as a collection: ordered with the first build, and never again. */

import { defineCollection } from "astro:content";
import { filmgateLoader } from "filmgate/astro";
import videos from "../videos.json";

export const collections = {
  videos: defineCollection({ loader: filmgateLoader({ videos, maxCostUsd: 1 }) }),
};
