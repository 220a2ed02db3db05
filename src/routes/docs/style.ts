/**
 * How the reference looks, with the tokens that all pages share. The perforations are a mask, so that they take the
 * colour of what lies behind.
 */

import { tokens } from "../../look/tokens.ts";

const perforation =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='18' height='30'%3E%3Crect x='2' y='9' width='14' height='12' rx='3.5'/%3E%3C/svg%3E";

export const style = `
${tokens}
:root { scroll-padding-top: 1.5rem; }
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink); overflow-wrap: break-word;
  font: 1rem/1.55 system-ui, sans-serif; font-variant-numeric: tabular-nums;
}
a { color: var(--accent); text-underline-offset: .18em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
code, pre, .edge { font-family: var(--mono); font-size: .875em; }
h1, h2, h3, h4, p, ul, dl, dd, pre { margin: 0; padding: 0; }
h1, h2, h3 { line-height: 1.2; letter-spacing: -.015em; text-wrap: balance; }
h2 a, h3 a { color: inherit; text-decoration: none; }
h2 a:hover, h3 a:hover { color: var(--accent); }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; z-index: 2; padding: .5rem 1rem; background: var(--gate); }

/* The film runs through the gate: perforations at both edges, one frame standing in the window. */
.film { position: relative; background: var(--film); padding: 2.5rem 5.5rem; }
.film::before, .film::after {
  content: ""; position: absolute; top: 0; bottom: 0; width: 30px; background: var(--hole);
  mask: url("${perforation}") center 9px / 30px 50px repeat-y;
}
.film::before { left: 1.75rem; }
.film::after { right: 1.75rem; }
.gate {
  position: relative; max-width: 68rem; margin: 0 auto; padding: 2.25rem 2.5rem; background: var(--gate);
  border-radius: 26px; display: grid; gap: 1.25rem 3rem;
  grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); align-items: end;
}
.gate h1 { font-size: clamp(2.2rem, 6vw, 3.4rem); font-weight: 650; letter-spacing: -.04em; }
.edge { color: var(--quiet); letter-spacing: .08em; }
.lead { font-size: 1.15rem; margin-top: .75rem; }
.onward { margin-top: .75rem; }
.title { grid-row: span 2; align-self: center; }
#keys { display: grid; font-size: .9375rem; gap: .5rem; color: var(--quiet); }

.reel { display: grid; grid-template-columns: 17.5rem minmax(0, 1fr); max-width: 86rem; margin: 0 auto; }
nav { position: sticky; top: 0; height: 100vh; border-right: 1px solid var(--line); font-size: .875rem; }
nav .scroll { height: 100%; overflow-y: auto; padding: 1.75rem 1rem 2rem 1.75rem; }
nav h2 { font-size: .875rem; letter-spacing: 0; margin: 1.1rem 0 .3rem; }
nav h2:first-child { margin-top: 0; }
nav ul { list-style: none; }
nav li a { display: flex; gap: .6rem; align-items: baseline; padding: .2rem 0; color: var(--quiet); text-decoration: none; line-height: 1.3; }
nav li a:hover { color: var(--accent); }
nav .method { flex: none; width: 3.6rem; text-align: center; }

main { padding: 0 1.75rem 3rem 2.5rem; }
section { padding-top: 3rem; }
section > header { margin-bottom: 1.25rem; max-width: 44rem; }
section > header h2 { font-size: 1.9rem; font-weight: 650; margin: .6rem 0 .35rem; }
section > header p { color: var(--quiet); }
.strip { display: inline-flex; gap: 5px; padding: 5px 6px; background: var(--film); border-radius: 5px; }
.strip i { width: 11px; height: 14px; border-radius: 3px; border: 1.5px solid #7f8d92; }
.strip .passed { background: #63cdd8; border-color: #63cdd8; }

article { background: var(--gate); border: 1px solid var(--line); border-radius: var(--round); padding: 1.5rem; margin-bottom: 1.25rem; }
article:target, h4:target { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: var(--round); }
h3 { font-size: 1.25rem; font-weight: 620; }
h4 { font-size: .875rem; margin: 1.25rem 0 .4rem; }
h4 small { font: 400 .8125rem var(--mono); color: var(--quiet); }
.slate { display: flex; gap: .65rem; align-items: baseline; margin: .5rem 0 1rem; }
.slate code { font-size: .9375rem; min-width: 0; }
.method { font: 600 .6875rem/1.5 var(--mono); letter-spacing: .02em; padding: .05rem .4rem; border-radius: 4px; border: 1px solid var(--quiet); }
.reads { color: var(--quiet); }
.changes { background: var(--ink); color: var(--gate); border-color: var(--ink); }
.columns { display: grid; gap: 0 2.25rem; grid-template-columns: minmax(0, 1.1fr) minmax(0, 1fr); }
.columns p { max-width: 40rem; }
.columns > div:last-child > :first-child h4 { margin-top: 0; }
.key { color: var(--quiet); font-size: .875rem; margin-top: .6rem; }

.fields { list-style: none; border-top: 1px solid var(--line); }
.fields li { padding: .5rem 0; border-bottom: 1px solid var(--line); font-size: .9375rem; line-height: 1.45; }
.fields p { color: var(--quiet); font-size: .875rem; }
.name { font-weight: 600; }
.type { color: var(--quiet); font-size: .8125rem; }
.type code { font-size: .8125rem; }
.mark { font-size: .75rem; border: 1px solid var(--quiet); border-radius: 99px; padding: 0 .5rem; white-space: nowrap; }
.fields .example { font-size: .8125rem; }

.copy { display: grid; grid-template-columns: minmax(0, 1fr) auto; align-items: end; gap: .4rem; }
.copy h2, .copy h4 { font-size: .875rem; letter-spacing: 0; margin: 0; }
.copy pre { grid-column: 1 / -1; padding: .9rem 1rem; overflow-x: auto; background: var(--film); color: #dfe7e8; border-radius: 10px; line-height: 1.5; }
button { font: 500 .8125rem system-ui, sans-serif; color: var(--accent); background: none; border: 1px solid currentColor; border-radius: 6px; padding: .15rem .6rem; cursor: pointer; }
.answers div { display: grid; grid-template-columns: 2.6rem minmax(0, 1fr); padding: .35rem 0; border-top: 1px solid var(--line); font-size: .875rem; }
.answers dt { font-weight: 600; }
.refused dt { font-weight: 400; color: var(--quiet); }
.answers .type { display: block; }

.models { columns: 2; column-gap: 1.25rem; }
.models article { break-inside: avoid; }
.models h3 { font-family: var(--mono); font-size: 1rem; letter-spacing: 0; margin-bottom: .6rem; }
.codes { background: var(--gate); border: 1px solid var(--line); border-radius: var(--round); padding: .5rem 1.5rem; }
.codes div { display: grid; grid-template-columns: 16rem minmax(0, 1fr); gap: .25rem 1rem; padding: .55rem 0; border-bottom: 1px solid var(--line); font-size: .9375rem; }
.codes div:last-child { border: 0; }
.codes dt { display: flex; justify-content: space-between; gap: .5rem; }
.codes dt span { color: var(--quiet); }
footer { padding: 2rem; border-top: 1px solid var(--line); color: var(--quiet); text-align: center; font-size: .875rem; }

@media (max-width: 72rem) { .columns { grid-template-columns: minmax(0, 1fr); } .columns > div:last-child { margin-top: 1.5rem; } }
@media (max-width: 54rem) {
  .film { padding: 1.5rem 2.5rem; }
  .film::before, .film::after { width: 18px; mask-size: 18px 30px; }
  .film::before { left: .65rem; } .film::after { right: .65rem; }
  .gate { grid-template-columns: minmax(0, 1fr); padding: 1.5rem 1.25rem; border-radius: 20px; }
  .gate .copy { margin-top: .5rem; }
  .copy pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  .reel { grid-template-columns: minmax(0, 1fr); }
  nav { height: auto; border-right: 0; border-bottom: 1px solid var(--line); background: var(--ground); z-index: 1; }
  nav .scroll { display: flex; gap: 1.25rem; overflow-x: auto; padding: .25rem 1rem; }
  nav ul { display: none; }
  nav h2, nav h2:first-child { margin: 0; } nav h2 a { display: block; padding: .6rem 0; color: var(--accent); }
  :root { scroll-padding-top: 4rem; }
  main { padding: 0 .75rem 2rem; }
  section { padding-top: 2rem; }
  section > header { padding: 0 .5rem; }
  article { padding: 1.1rem 1rem; }
  .models { columns: 1; }
  .codes { padding: .25rem 1rem; }
  .codes div { grid-template-columns: minmax(0, 1fr); }
}
@media print {
  :root { color-scheme: light; --ground: #fff; --film: #fff; }
  nav, button, .skip, .film::before, .film::after, .strip { display: none; }
  .film { padding: 0; } .reel { display: block; } .columns { display: block; }
  .copy pre { color: #000; border: 1px solid #999; white-space: pre-wrap; }
  .fields li, .answers div, .codes div, h3, h4 { break-inside: avoid; break-after: auto; }
  h3, h4, .slate { break-after: avoid; }
}
`;

/** The buttons that copy a command are there only where they work. */
export const script = `
if (navigator.clipboard) for (const button of document.querySelectorAll(".copy button")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.nextElementSibling.textContent);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
}
`;
