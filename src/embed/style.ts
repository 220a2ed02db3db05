/**
 * The look of the element: a frame in the gate, and the edge of the film beneath it for words and progress. Style
 * sheets are built by script, so that a page's policy need not allow styles of ours; a page's own rules for the tag
 * and its parts come before them.
 */

import { tokens } from "../look/tokens.ts";

/** Of the tokens what is used here. Light or dark is the page's to say: what it has not said is light. */
const own = tokens.match(/--(?:ink|accent|film|round):[^;]+;/g)?.join(" ");

export const style = `:host { ${own} }
@supports not (color: light-dark(red, red)) {
:host { --film: #1c2427; --ink: #e4eaeb; --accent: #63cdd8; }
}
:host { display: block; position: relative; overflow: hidden; border-radius: var(--round); background: var(--film); font: 1rem/1.45 system-ui, sans-serif; text-align: start; }
:host([hidden]) { display: none; }
.frame, video, canvas { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; border-radius: inherit; }
video, .words, button, i { color-scheme: dark; }
video:focus-visible { outline: 3px solid var(--accent); outline-offset: -3px; }
canvas { pointer-events: none; }
[hidden] { display: none !important; }
.edge { position: absolute; inset: auto 0 0; display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1rem; padding: .75rem 1rem; background: var(--film); font-variant-numeric: tabular-nums; }
.edge:focus { outline: none; }
.edge:focus-visible { outline: 3px solid var(--accent); outline-offset: -3px; }
.bare { inset: 0; flex-direction: column; flex-wrap: nowrap; justify-content: center; text-align: center; }
.aside { inset: auto; width: 1px; height: 1px; padding: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.words { flex: 1 1 12rem; color: var(--ink); text-wrap: pretty; }
.bare .words { flex: none; max-width: 30rem; text-wrap: balance; }
.words span { display: block; }
.words span::first-letter { text-transform: uppercase; }
::slotted(*) { margin: 0; }
.strip { display: flex; justify-content: space-between; gap: 4px; flex: none; width: 100%; }
.bare .strip { position: absolute; inset: auto 1rem .75rem; width: auto; }
i { flex: 0 1 11px; height: 14px; border-radius: 3px; box-shadow: inset 0 0 0 1.5px #7f8d92; }
i.passed { background: var(--accent); box-shadow: none; }
button { min-height: 44px; padding: 0 1.1rem; border: 0; border-radius: 10px; background: var(--accent); color: var(--film); font: inherit; font-weight: 600; cursor: pointer; }
button:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
@media (prefers-reduced-motion: no-preference) { i { transition: background-color .3s; } }
@media (forced-colors: active) { i { border: 1px solid; } i.passed { forced-color-adjust: none; background: CanvasText; } }
`;
