/** The reference as one page, made from the OpenAPI document. It needs no script, and asks nobody for anything. */

import { errorTable } from "../../errors.ts";
import { breakable, type Html, html, prose, verbatim } from "../../look/html.ts";
import { type Area, areasOf, bodyModels, modelAnchor, type OpenApi } from "./document.ts";
import { fieldList, typeOf } from "./fields.ts";
import { methodLabel, operationArticle } from "./operation.ts";

/** @param source the style sheet and the script, which the Content-Security-Policy names by their hashes. */
export function docsPage(document: OpenApi, source: { style: string; script: string; icon: string }): string {
  const { title, description = "" } = document.info;
  const areas = areasOf(document);
  const bodies = bodyModels(areas);
  const models = Object.entries(document.components?.schemas ?? {}).filter(([name]) => !bodies.has(name));
  const chapters = [...areas.map(({ name, anchor }) => ({ name, anchor })), ...lastChapters];
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · reference</title>
<meta name="description" content="${description}">
<link rel="icon" href="${source.icon}">
<style>${verbatim(source.style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip the index</a>
<header class="film">
<div class="gate">
<div class="title"><p class="edge">reference</p>
<h1>${title}</h1>
<p class="lead">${description}</p>
<p class="onward"><a href="/">Make one in the playground</a></p></div>
${setUp(document)}
</div>
</header>
<div class="reel">
${index(areas)}
<main id="main">
${areas.map(
  (area, at) => html`<section id="${area.anchor}" aria-labelledby="${area.anchor}-title">
${chapterHead(area, at, chapters.length)}
${area.routes.map((route) => operationArticle(document, route, bodies))}
</section>`,
)}
${modelSection(models, areas.length, chapters.length)}
${refusalSection(areas.length + 1, chapters.length)}
</main>
</div>
<footer><p>Made from <a href="/openapi.json">openapi.json</a>, which this deployment parses requests with.</p></footer>
<script>${verbatim(source.script)}</script>
</body>
</html>
`;
  return page.markup;
}

const lastChapters = [
  { name: "Models", anchor: "models" },
  { name: "Refusals", anchor: "refusals" },
];

/** The keys, and what every command on the page expects in the shell. */
function setUp(document: OpenApi): Html {
  const { url = "" } = document.servers?.[0] ?? {};
  // A host may hold what a shell would run; an address that is only an address may be pasted.
  const address = /^https?:\/\/[a-z0-9.:[\]-]+$/i.test(url) ? url : "https://video.example.com";
  const schemes = Object.values(document.components?.securitySchemes ?? {});
  return html`<div id="keys">${schemes.map(({ description = "" }) => html`<p>${prose(description)}</p>`)}</div>
<div class="copy"><h2>Before the first call</h2><button type="button" hidden>Copy</button><pre tabindex="0" role="group" aria-label="Settings of the shell"><code>export FILMGATE_URL="${address}"
export FILMGATE_API_KEY="mql_…"</code></pre></div>`;
}

function index(areas: readonly Area[]): Html {
  return html`<nav aria-label="Index"><div class="scroll">
${areas.map(
  ({ name, anchor, routes }) => html`<h2><a href="#${anchor}">${name}</a></h2>
<ul>${routes.map(({ anchor, method, operation, path }) => html`<li><a href="#${anchor}">${methodLabel(method)}<span>${operation.summary ?? path}</span></a></li>`)}</ul>`,
)}
${lastChapters.map(({ name, anchor }) => html`<h2><a href="#${anchor}">${name}</a></h2>`)}
</div></nav>`;
}

/** Frames pass the gate: as many perforations are filled as chapters were read. */
function chapterHead({ name, anchor, description }: Omit<Area, "routes">, at: number, count: number): Html {
  const frames = Array.from(
    { length: count },
    (_, frame) => html`<i${frame <= at ? html` class="passed"` : null}></i>`,
  );
  return html`<header><div class="strip" aria-hidden="true">${frames}</div>
<h2 id="${anchor}-title"><a href="#${anchor}">${name}</a></h2>
<p>${prose(description)}</p></header>`;
}

function modelSection(
  models: readonly (readonly [string, Parameters<typeof fieldList>[0]])[],
  at: number,
  count: number,
): Html {
  const description = "What answers are made of. Instants are Unix seconds, money is US dollars.";
  return html`<section id="models" aria-labelledby="models-title">
${chapterHead({ name: "Models", anchor: "models", description }, at, count)}
<div class="models">${models.map(
    ([name, schema]) => html`<article id="${modelAnchor(name)}" aria-labelledby="${modelAnchor(name)}-title">
<h3 id="${modelAnchor(name)}-title"><a href="#${modelAnchor(name)}">${name}</a></h3>
${schema.description === undefined ? null : html`<p>${prose(schema.description)}</p>`}
${schema.properties === undefined ? html`<p class="type">${typeOf(schema)}</p>` : fieldList(schema, false)}
</article>`,
  )}</div>
</section>`;
}

function refusalSection(at: number, count: number): Html {
  const description =
    "Every code with which a request, or a video, may end otherwise than wished. The answer's own sentence is often more exact; where it says so, the same request may succeed later, and `x-should-retry` is `true`.";
  return html`<section id="refusals" aria-labelledby="refusals-title">
${chapterHead({ name: "Refusals", anchor: "refusals", description }, at, count)}
<dl class="codes">${Object.entries(errorTable).map(
    ([
      code,
      { status, sentence, retryable },
    ]) => html`<div id="code-${code}"><dt><code>${breakable(code)}</code> <span>${status}</span></dt>
<dd>${sentence}${retryable ? html` <span class="mark">may succeed later</span>` : null}</dd></div>`,
  )}</dl>
</section>`;
}
