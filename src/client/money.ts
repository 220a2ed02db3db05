/** Money in the words that all of filmgate's faces use: pages, the terminal. */

import type { Cost } from "../contract.ts";

/** `$0.28`; parts of a cent are shown where there are any. */
export function usd(amount: number): string {
  const digits = Math.abs(amount * 100 - Math.round(amount * 100)) < 1e-6 ? 2 : 4;
  return `$${amount.toFixed(digits)}`;
}

export function price(amount: number | null): string {
  return amount === null ? "price unknown" : usd(amount);
}

/** Prices in US dollars, added up in whole millionths, so that cents stay cents. Null if one is not known. */
export function sumUsd(prices: readonly (number | null)[]): number | null {
  if (prices.includes(null)) return null;
  return prices.reduce<number>((total, price) => total + Math.round((price ?? 0) * 1_000_000), 0) / 1_000_000;
}

/** What a video cost, by the state of its money. */
export function costWord({ state, estimated_usd: estimated, charged_usd: charged }: Cost): string {
  switch (state) {
    case "reserved":
      return estimated === null ? "price unknown" : `${usd(estimated)} reserved`;
    case "settled":
      return charged === null ? "charged, price unknown" : `${usd(charged)} charged`;
    case "released":
      return "nothing charged";
    case "held":
      return estimated === null ? "may have been charged" : `${usd(estimated)} held`;
  }
}
