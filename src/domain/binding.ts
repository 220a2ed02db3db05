/**
 * What a publishable key is bound to: the sites whose pages may use it, and whether it creates with a ticket. A browser
 * says of each request which page makes it; whoever is no browser may say what it likes, so this keeps honest pages
 * apart and proves nothing.
 */

import { originOfReferer } from "./publication.ts";

export type Binding = Readonly<{
  /** Sites whose pages may use the key, as canonical origins; null: any, and programs that are no browser. */
  origins: readonly string[] | null;
  /** Whether it may create with a ticket. */
  tickets: boolean;
}>;

export const unbound: Binding = { origins: null, tickets: false };

/** Why a key cannot be bound so. */
export type BindingProblem = "secret_key" | "tickets_without_origins";

/** @param change what is named; a secret key takes none of it, not even what says nothing. */
export function bind(
  kind: "secret" | "publishable",
  before: Binding,
  change: Partial<Binding>,
): Binding | BindingProblem {
  if (kind === "secret") return Object.keys(change).length === 0 ? before : "secret_key";
  const after = { ...before, ...change };
  return after.tickets && after.origins === null ? "tickets_without_origins" : after;
}

/** What a browser says of the page that makes a request; null where it says nothing. */
export type PageSigns = Readonly<{
  origin: string | null;
  referer: string | null;
  /** `Sec-Fetch-Site`, which no page can set. */
  fetchSite: string | null;
}>;

/** The site whose page asks, as far as is told: by its Origin, or else its Referer. */
export function siteOf({ origin, referer }: PageSigns): string | null {
  return origin ?? originOfReferer(referer);
}

/**
 * Whether a page may use a key of these origins.
 * @param ownOrigins where this deployment is reached: its own pages may, as far as their browser says that they are.
 */
export function mayUse(
  origins: Binding["origins"],
  signs: PageSigns,
  ownOrigins: readonly string[],
): boolean {
  if (origins === null) return true;
  const site = siteOf(signs);
  if (site !== null && origins.includes(site)) return true;
  // A page may tell browsers to send no Referer, as ours do, and a GET to its own origin has no Origin.
  return signs.fetchSite === "same-origin" && (site === null || ownOrigins.includes(site));
}
