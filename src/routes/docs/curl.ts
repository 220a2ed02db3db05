/** The command that calls a route, to be copied: address and keys stand in variables, as the README has them. */

import { type MediaType, modelNameOf, type OpenApi, type Route, type Schema } from "./document.ts";

export function curlFor(document: OpenApi, { method, path, operation }: Route): string {
  const own = operation["x-codeSamples"]?.[0]?.source;
  if (own !== undefined) return own;
  const sample = ({ examples = {}, schema = {} }: MediaType) =>
    Object.values(examples)[0]?.value ?? exampleOf(document, schema) ?? {};
  const variable = (name: string) => `$${name.toUpperCase()}`;
  const address = `"$FILMGATE_URL${path.replace(/\{(\w+)\}/g, (_, name: string) => variable(name))}"`;
  const key = operation.security?.some((scheme) => "adminKey" in scheme) ? "$ADMIN_KEY" : "$FILMGATE_API_KEY";
  const media = operation.requestBody?.content["application/json"];
  const body = media === undefined ? null : JSON.stringify(sample(media), null, 2).replaceAll("\n", "\n  ");
  const says = method === "GET" || (method === "POST" && body !== null) ? "" : ` -X ${method}`;
  return [
    `curl${says} ${address}`,
    ...(operation.security === undefined ? [] : [`-H "Authorization: Bearer ${key}"`]),
    ...(body === null
      ? []
      : ['-H "Content-Type: application/json"', `-d '${body.replaceAll("'", "'\\''")}'`]),
  ].join(" \\\n  ");
}

/** A value that the schema takes: its own example, or one of the examples of its fields. */
function exampleOf(document: OpenApi, schema: Schema): unknown {
  if (schema.example !== undefined) return schema.example;
  const model = modelNameOf(schema);
  if (model !== null) return exampleOf(document, document.components?.schemas?.[model] ?? {});
  const entries = Object.entries(schema.properties ?? {}).map(
    ([name, property]) => [name, exampleOf(document, property)] as const,
  );
  const known = entries.filter(([, value]) => value !== undefined);
  return known.length === 0 ? undefined : Object.fromEntries(known);
}
