/** One route on the page: what it does, what it takes, how it is called, what it answers. */

import { breakable, type Html, html, prose } from "../../look/html.ts";
import { curlFor } from "./curl.ts";
import { modelAnchor, modelNameOf, type OpenApi, type Operation, type Route } from "./document.ts";
import { fieldList, parameterList, typeOf } from "./fields.ts";

const places: readonly [place: string, title: string][] = [
  ["path", "In the path"],
  ["query", "In the query"],
  ["header", "In the headers"],
];

/** @param places where the models of bodies stand: each is shown once, with the first route that takes it. */
export function operationArticle(document: OpenApi, route: Route, bodies: ReadonlyMap<string, string>): Html {
  const { anchor, operation } = route;
  const { summary = route.path, description } = operation;
  return html`<article id="${anchor}" aria-labelledby="${anchor}-title">
<h3 id="${anchor}-title"><a href="#${anchor}">${summary}</a></h3>
<p class="slate">${methodLabel(route.method)} <code>${breakable(route.path)}</code></p>
<div class="columns"><div>
${description === undefined ? null : html`<p>${prose(description)}</p>`}
<p class="key">${keySentence(operation)}</p>
${parameterSections(operation)}
${bodySection(document, route, bodies)}
</div><div>
<div class="copy"><h4>Call it</h4><button type="button" hidden>Copy</button><pre tabindex="0" role="group" aria-label="curl: ${summary}"><code>${curlFor(document, route)}</code></pre></div>
<h4>Answers</h4>
<dl class="answers">${answers(operation)}</dl>
</div></div>
</article>`;
}

/** What changes something is filled; what only reads is an outline. */
export function methodLabel(method: string): Html {
  return html`<b class="method ${method === "GET" ? "reads" : "changes"}">${method}</b>`;
}

function keySentence({ security }: Operation): Html {
  if (security === undefined) return html`Takes no key.`;
  const scheme = Object.keys(security[0] ?? {})[0] ?? "";
  return scheme === "adminKey"
    ? html`Takes the <a href="#keys">ADMIN_KEY</a>.`
    : html`Takes an <a href="#keys">API key</a>.`;
}

function parameterSections({ parameters = [] }: Operation): Html[] {
  return places.flatMap(([place, title]) => {
    const here = parameters.filter((parameter) => parameter.in === place);
    return here.length === 0 ? [] : [html`<h4>${title}</h4>${parameterList(here)}`];
  });
}

function bodySection(
  document: OpenApi,
  { anchor, operation }: Route,
  bodies: ReadonlyMap<string, string>,
): Html | null {
  const { requestBody } = operation;
  if (requestBody === undefined) return null;
  const [type = "", content] = Object.entries(requestBody.content)[0] ?? [];
  const schema = content?.schema ?? {};
  const model = modelNameOf(schema);
  const about = requestBody.description === undefined ? "" : `${requestBody.description}. `;
  if (type !== "application/json") return html`<h4>Body</h4><p>${about}<code>${type}</code></p>`;
  if (model !== null && bodies.get(model) !== anchor) {
    return html`<h4>Body</h4><p>${about}The fields are those of <a href="#${modelAnchor(model)}">${model}</a>.</p>`;
  }
  const shown = model === null ? schema : (document.components?.schemas?.[model] ?? {});
  return html`<h4${model === null ? null : html` id="${modelAnchor(model)}"`}>Body${model === null ? null : html` <small>${model}</small>`}</h4>${fieldList(shown, true)}`;
}

/** A form that several refusals share is named once, behind them. */
function answers({ responses }: Operation): Html[] {
  const rows = Object.entries(responses).map(([status, { description = "", content = {} }]) => ({
    status,
    description,
    isRefusal: status >= "400",
    bodies: Object.entries(content).map(([type, { schema = {} }]) => ({
      model: modelNameOf(schema),
      shown: type === "application/json" ? typeOf(schema) : html`${type}`,
    })),
  }));
  const refused = rows.filter(({ isRefusal }) => isRefusal).flatMap(({ bodies }) => bodies);
  const shared = refused.find(({ model }) => refused.filter((other) => other.model === model).length > 1);
  return [
    ...rows.map(({ status, description, isRefusal, bodies }) => {
      const own = bodies.filter(({ model }) => !isRefusal || model !== shared?.model);
      return html`<div class="${isRefusal ? "refused" : "good"}"><dt>${status}</dt>
<dd>${prose(description)}${own.map(({ shown }) => html` <span class="type">${shown}</span>`)}</dd></div>`;
    }),
    ...(shared === undefined
      ? []
      : [html`<div class="refused"><dt>4xx</dt><dd>Each refusal is a ${shared.shown}</dd></div>`]),
  ];
}
