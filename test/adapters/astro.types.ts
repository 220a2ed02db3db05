/** The loader is one by Astro's own types, and what it says of its entries is what they have. */

import type { Loader } from "astro/loaders";
import { filmgateLoader } from "../../src/adapters/astro.ts";

filmgateLoader({ videos: { waves: { model: "MiniMax-Hailuo-2.3", prompt: "Waves" } } }) satisfies Loader;
// @ts-expect-error a name without an order
filmgateLoader({ videos: { waves: "Waves" } });
