/**
 * What tools take and answer, as JSON Schema taken out of `/openapi.json`: the routes judge by the same, so a tool's
 * schema cannot say anything else.
 */

import type { OpenApi, Schema } from "../docs/document.ts";
import { idempotencyKeyForm } from "../parameters.ts";
import { longestWaitSeconds, usualWaitSeconds } from "./waiting.ts";

/** Fields of a tool's own, and those of a model of the reference. */
export type Input = Readonly<{
  fields: Readonly<Record<string, Schema>>;
  required: readonly string[];
  /** The model whose fields it takes as well, but for some. */
  model?: Readonly<{ name: string; without: readonly string[] }>;
  /** The route whose query it takes as well, but for some. */
  query?: Readonly<{ path: string; without: readonly string[] }>;
}>;

const taskId = { type: "string", description: "The video's task_id, as make_video answered." } as const;

export const taskFields: Input = { fields: { task_id: taskId }, required: ["task_id"] };
export const waitFields: Input = {
  fields: {
    task_id: taskId,
    seconds: {
      type: "integer",
      minimum: 0,
      maximum: longestWaitSeconds,
      description: `How long to wait, by default ${usualWaitSeconds}.`,
    },
  },
  required: ["task_id"],
};
export const orderFields: Input = {
  fields: {
    idempotency_key: {
      type: "string",
      ...idempotencyKeyForm,
      description: "A name for this order: calls with the same one are one order, for as long as it exists.",
    },
  },
  required: [],
  model: { name: "CreateVideoRequest", without: ["dry_run", "n", "aspect_ratio"] },
};
export const publishFields: Input = {
  fields: { task_id: taskId },
  required: ["task_id"],
  model: { name: "PublishRequest", without: [] },
};
export const listFields: Input = {
  fields: {},
  required: [],
  query: { path: "/v1/videos", without: ["order", "created_after", "created_before"] },
};

type Models = Readonly<Record<string, Schema>>;

/** A tool's arguments, by their names. */
export type InputSchema = Readonly<{ properties: Readonly<Record<string, Schema>> }>;

/** A tool's arguments; others are refused. */
export function inputSchema(input: Input, document: OpenApi): InputSchema {
  const models = modelsOf(document);
  const model = input.model === undefined ? {} : (models[input.model.name] ?? {});
  const without = input.model?.without ?? [];
  const taken = Object.entries(model.properties ?? {}).filter(([name]) => !without.includes(name));
  const schema = whole(
    {
      type: "object",
      properties: { ...input.fields, ...queryFields(input, document), ...Object.fromEntries(taken) },
      required: [...input.required, ...(model.required ?? [])],
      additionalProperties: false,
    },
    models,
  );
  return schema as InputSchema & Record<string, unknown>;
}

function queryFields({ query }: Input, { paths }: OpenApi): Record<string, Schema> {
  if (query === undefined) return {};
  const parameters = paths?.[query.path]?.get?.parameters ?? [];
  const taken = parameters.filter((one) => one.in === "query" && !query.without.includes(one.name));
  return Object.fromEntries(
    taken.map(({ name, description, schema }) => [
      name,
      { ...schema, ...(description === undefined ? {} : { description }) },
    ]),
  );
}

/** A tool's answer: a model of the reference. */
export function outputSchema(name: string, document: OpenApi): Record<string, unknown> {
  const models = modelsOf(document);
  return whole(models[name] ?? {}, models);
}

function modelsOf(document: OpenApi): Models {
  return document.components?.schemas ?? {};
}

const place = "#/components/schemas/";

/** The schema with the models that it leads to beside it, since it stands alone. */
function whole(schema: Schema, models: Models): Record<string, unknown> {
  const needed = new Map<string, Schema>();
  const collect = (part: Schema) => {
    for (const [, name = ""] of JSON.stringify(part).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)) {
      const model = models[name];
      if (model === undefined || needed.has(name)) continue;
      needed.set(name, model);
      collect(model);
    }
  };
  collect(schema);
  const beside = needed.size === 0 ? {} : { $defs: Object.fromEntries(needed) };
  return JSON.parse(JSON.stringify({ ...schema, ...beside }).replaceAll(place, "#/$defs/"));
}
