/**
 * The player page: one frame in the gate, for an iframe or a tab of its own. The frame fills what room there is and
 * keeps its shape from the first moment, so nothing jumps. While the video is being made the page asks for it, and
 * comes back as the player when it is there; where there is a poster it stands in the gate already, where the video will be.
 */

import type { Manifest } from "../domain/publication.ts";
import { type Html, html, verbatim } from "../look/html.ts";
import { icon, tokens } from "../look/tokens.ts";

export const playerStyle = `
${tokens}
* { box-sizing: border-box; }
html, body { margin: 0; height: 100%; }
body { display: grid; place-items: center; background: var(--film); color: #e4eaeb; font: 1rem/1.5 system-ui, sans-serif; }
main { display: grid; place-items: center; width: 100%; height: 100%; min-height: 0; }
video, .frame { display: block; max-width: 100%; max-height: 100vh; width: 100%; height: auto; object-fit: contain; background: var(--film); }
video:focus-visible { outline: 3px solid var(--accent); outline-offset: -3px; }
.frame, .frame + .gate { grid-area: 1 / 1; }
.gate { margin: 1rem; padding: 1.25rem 1.75rem; max-width: 32rem; background: var(--gate); color: var(--ink); border-radius: 20px; }
h1 { margin: 0 0 .35rem; font-size: 1.15rem; line-height: 1.25; letter-spacing: -.015em; overflow-wrap: anywhere; }
p { margin: 0; color: var(--quiet); }
.frame + .gate { place-self: end start; margin: .75rem; padding: .6rem .85rem; border-radius: 12px; font-size: .875rem; }
.frame + .gate h1 { margin: 0; font-size: 1rem; }
.strip { display: inline-flex; gap: 5px; padding: 5px 6px; margin-bottom: .75rem; background: #1c2427; border-radius: 5px; }
.strip i { width: 11px; height: 14px; border-radius: 3px; border: 1.5px solid #7f8d92; }
.frame + .gate .strip { padding: 3px 4px; margin-bottom: .3rem; }
.frame + .gate .strip i { width: 8px; height: 10px; border-radius: 2px; }
.strip i:first-child { background: #63cdd8; border-color: #63cdd8; }
`;

/** Asks without showing anything new, so that nobody who reads or listens is interrupted before there is a reason. */
export const playerScript = `
const address = document.querySelector("[data-video]").dataset.video;
const ask = async () => {
  const answer = await fetch(address, { method: "HEAD", cache: "no-store" }).catch(() => null);
  if (answer !== null && !answer.headers.has("retry-after")) location.reload();
  else setTimeout(ask, 5000);
};
setTimeout(ask, 2000);
`;

export type Addresses = Readonly<{ page: string; video: string; poster: string; oembed: string }>;

/** The page with the video in it. */
export function playerPage(manifest: Extract<Manifest, { state: "ready" }>, addresses: Addresses): string {
  const { title, alt, width, height, poster } = manifest;
  const sides = width > 0 && height > 0 ? { width, height } : { width: 16, height: 9 };
  const name = title ?? "A video";
  const head = html`<link rel="canonical" href="${addresses.page}">
<link rel="alternate" type="application/json+oembed" href="${addresses.oembed}" title="${name}">
<meta property="og:type" content="video.other">
<meta property="og:title" content="${name}">
<meta property="og:url" content="${addresses.page}">
<meta property="og:video" content="${addresses.video}">
<meta property="og:video:type" content="video/mp4">
<meta property="og:video:width" content="${sides.width}">
<meta property="og:video:height" content="${sides.height}">
${
  poster === null
    ? null
    : html`<meta property="og:image" content="${addresses.poster}">
<meta property="og:image:type" content="${poster.contentType}">
<meta property="og:image:width" content="${poster.width}">
<meta property="og:image:height" content="${poster.height}">
${alt === null ? null : html`<meta property="og:image:alt" content="${alt}">`}
<meta name="twitter:image" content="${addresses.poster}">`
}
<meta name="twitter:card" content="player">
<meta name="twitter:player" content="${addresses.page}">
<meta name="twitter:player:width" content="${sides.width}">
<meta name="twitter:player:height" content="${sides.height}">
${alt === null ? null : html`<meta name="description" content="${alt}">`}`;
  return pageOf(
    name,
    head,
    html`<video controls playsinline preload="metadata" width="${sides.width}" height="${sides.height}"${poster === null ? null : html` poster="${new URL(addresses.poster).pathname}"`} aria-label="${alt ?? name}" src="${new URL(addresses.video).pathname}"></video>`,
  );
}

/** The page before there is a video, with its poster if there is one. */
export function waitingPage({ title, alt, poster }: Manifest, addresses: Addresses): string {
  const frame =
    poster === null
      ? null
      : html`<img class="frame" src="${new URL(addresses.poster).pathname}" width="${poster.width}" height="${poster.height}" alt="${alt ?? ""}">
`;
  return pageOf(
    title ?? "A video",
    html`<noscript><meta http-equiv="refresh" content="5"></noscript>`,
    html`${frame}<div class="gate" role="status" data-video="${new URL(addresses.video).pathname}">
<div class="strip" aria-hidden="true"><i></i><i></i><i></i><i></i><i></i></div>
<h1>${title ?? "A video"}</h1>
<p>It is still being made. It will be here when it is ready.</p>
</div>
<script>${verbatim(playerScript)}</script>`,
  );
}

/** The page where there is no video to show. */
export function emptyPage(sentence: string): string {
  return pageOf(
    "No video",
    null,
    html`<div class="gate">
<h1>There is no video here</h1>
<p>${sentence}</p>
</div>`,
  );
}

function pageOf(title: string, head: Html | null, content: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="${icon}">
${head}
<style>${verbatim(playerStyle)}</style>
</head>
<body>
<main>${content}</main>
</body>
</html>`.markup;
}
