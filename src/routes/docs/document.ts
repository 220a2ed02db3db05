/** What the page reads of an OpenAPI document, and where things stand on the page: areas, routes, models. */

export type Schema = Readonly<{
  $ref?: string;
  type?: string | readonly string[];
  description?: string;
  enum?: readonly unknown[];
  const?: unknown;
  example?: unknown;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  items?: Schema;
  additionalProperties?: boolean | Schema;
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  allOf?: readonly Schema[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
}>;

/** A value that stands for others, by a name of its own. */
export type Example = Readonly<{ summary?: string; value: unknown }>;
export type Examples = Readonly<Record<string, Example>>;
export type MediaType = Readonly<{ schema?: Schema; example?: unknown; examples?: Examples }>;
export type Content = Readonly<Record<string, MediaType>>;

export type Header = Readonly<{ description: string; required?: boolean; schema: Schema }>;
export type Link = Readonly<{
  operationId: string;
  description?: string;
  parameters: Readonly<Record<string, string>>;
}>;
export type Answer = Readonly<{
  description?: string;
  content?: Content;
  headers?: Readonly<Record<string, Header>>;
  links?: Readonly<Record<string, Link>>;
}>;

export type Parameter = Readonly<{
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  example?: unknown;
  schema?: Schema;
}>;

export type Operation = Readonly<{
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: readonly string[];
  security?: readonly Readonly<Record<string, readonly string[]>>[];
  parameters?: readonly Parameter[];
  requestBody?: Readonly<{ description?: string; required?: boolean; content: Content }>;
  responses: Readonly<Record<string, Answer>>;
  /** Read by other renderers, too: a sample where the one made from the fields would not work. */
  "x-codeSamples"?: readonly { lang: string; source: string }[];
}>;

export type OpenApi = Readonly<{
  info: { title: string; version: string; description?: string };
  servers?: readonly { url: string }[];
  tags?: readonly { name: string; description?: string }[];
  paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  webhooks?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  components?: {
    schemas?: Readonly<Record<string, Schema>>;
    securitySchemes?: Readonly<Record<string, { description?: string }>>;
  };
}>;

export type Route = Readonly<{ method: string; path: string; anchor: string; operation: Operation }>;
export type Area = Readonly<{ name: string; anchor: string; description: string; routes: readonly Route[] }>;

/** The routes by area, in the document's order; those that name none stand in the last. */
export function areasOf(document: OpenApi): Area[] {
  const routes = Object.entries(document.paths ?? {}).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      anchor: anchorOf(`${method}-${path}`),
      operation,
    })),
  );
  const tags = document.tags ?? [];
  const areaOf = ({ operation }: Route) =>
    operation.tags?.find((tag) => tags.some(({ name }) => name === tag)) ?? null;
  const rest = routes.filter((route) => areaOf(route) === null);
  return [
    ...tags.map(({ name, description = "" }) => ({
      name,
      anchor: anchorOf(name),
      description,
      routes: routes.filter((route) => areaOf(route) === name),
    })),
    ...(rest.length === 0 ? [] : [{ name: "Other", anchor: "other", description: "", routes: rest }]),
  ].filter((area) => area.routes.length > 0);
}

/** The name of the model that a schema points to, or null if it is one of its own. */
export function modelNameOf(schema: Schema): string | null {
  return schema.$ref?.replace("#/components/schemas/", "") ?? null;
}

export function modelAnchor(name: string): string {
  return `model-${name}`;
}

/** The names of the models that stand with the first route that takes them as its body, by that route's anchor. */
export function bodyModels(areas: readonly Area[]): Map<string, string> {
  const places = new Map<string, string>();
  for (const { anchor, operation } of areas.flatMap(({ routes }) => routes)) {
    const schema = operation.requestBody?.content["application/json"]?.schema;
    const name = schema === undefined ? null : modelNameOf(schema);
    if (name !== null && !places.has(name)) places.set(name, anchor);
  }
  return places;
}

function anchorOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "-")
    .replace(/^-|-$/g, "");
}
