/**
 * What all of filmgate's pages have in common: calm ground, text in gates, film at the edges. One accent, for what can
 * be acted on; the same tokens in light and dark.
 */

/** A frame in the gate, for the browser's tab. */
export const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='7' fill='%231c2427'/%3E%3Crect x='9' y='7' width='14' height='18' rx='3' fill='%2363cdd8'/%3E%3Cpath d='M3 8h3v4H3zm0 6h3v4H3zm0 6h3v4H3zM26 8h3v4h-3zm0 6h3v4h-3zm0 6h3v4h-3z' fill='%23f2f5f5'/%3E%3C/svg%3E";

/** What every page of filmgate is coloured with. */
export const tokens = `:root {
  color-scheme: light dark;
  --ground: light-dark(#eef1f1, #12171a);
  --gate: light-dark(#fbfcfc, #191f23);
  --ink: light-dark(#151b1e, #e4eaeb);
  --quiet: light-dark(#4d5a60, #9aa8ad);
  --line: light-dark(#d3dbdd, #2d373c);
  --accent: light-dark(#07646e, #63cdd8);
  --film: light-dark(#1c2427, #060809);
  --hole: light-dark(#eef1f1, #323e43);
  --round: 14px;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace;
}`;
