/** A schema as a list of fields: name, type in plain words, whether it is required, what is accepted, an example. */

import { breakable, type Html, html, prose } from "../../look/html.ts";
import { modelAnchor, modelNameOf, type Parameter, type Schema } from "./document.ts";

type Field = Readonly<{ name: string; schema: Schema; isRequired: boolean }>;

/** The fields of an object; those of objects within it stand behind it, named by their way: `caps.usd_per_day`. */
function fieldsOf(schema: Schema, prefix = ""): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const field = {
      name: prefix + name,
      schema: property,
      isRequired: schema.required?.includes(name) ?? false,
    };
    const inner = property.items ?? property;
    const nested =
      modelNameOf(inner) === null ? fieldsOf(inner, `${field.name}${property.items ? "[]" : ""}.`) : [];
    return [field, ...nested];
  });
}

/** @param isRequest whether to say which fields may be left out: in an answer, all stand but those marked. */
export function fieldList(schema: Schema, isRequest: boolean): Html {
  const items = fieldsOf(schema).map(({ name, schema, isRequired }) =>
    fieldItem(name, schema, isRequest ? (isRequired ? "required" : null) : isRequired ? null : "not always"),
  );
  return html`<ul class="fields">${items}</ul>`;
}

export function parameterList(parameters: readonly Parameter[]): Html {
  const items = parameters.map(({ name, required, description, example, schema = {} }) =>
    fieldItem(
      name,
      {
        ...(description === undefined ? {} : { description }),
        ...(example === undefined ? {} : { example }),
        ...schema,
      },
      required === true ? "required" : null,
    ),
  );
  return html`<ul class="fields">${items}</ul>`;
}

function fieldItem(name: string, schema: Schema, mark: string | null): Html {
  const accepted = [schema.description, acceptedBy(schema)].filter((text) => text !== undefined);
  const example = schema.example === undefined ? null : JSON.stringify(schema.example);
  return html`<li>
<code class="name">${breakable(name)}</code> <span class="type">${typeOf(schema)}</span>${mark === null ? null : html` <span class="mark">${mark}</span>`}
${accepted.length === 0 ? null : html`<p>${prose(accepted.join(" "))}</p>`}${example === null ? null : html`<p class="example">e.g. <code>${example}</code></p>`}
</li>`;
}

/** A type as one says it, with links to models. */
export function typeOf(schema: Schema): Html {
  const model = modelNameOf(schema);
  if (model !== null) return html`<a href="#${modelAnchor(model)}">${model}</a>`;
  if (schema.allOf !== undefined)
    return joined(schema.allOf.filter((part) => modelNameOf(part) !== null).map(typeOf));
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return joined(choices.map(typeOf));
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum !== undefined) {
    return joined(schema.enum.map((value) => html`<code>${value === null ? "null" : String(value)}</code>`));
  }
  if (schema.items !== undefined) return html`list of ${manyOf(schema.items)}`;
  const types = schema.type === undefined ? ["anything"] : [schema.type].flat();
  return joined(types.map((type) => html`${words[type] ?? type}`));
}

function manyOf(schema: Schema): Html {
  const isPlain = schema.enum === undefined && typeof schema.type === "string" && schema.items === undefined;
  return isPlain ? html`${typeOf(schema)}s` : typeOf(schema);
}

const words: Record<string, string> = {
  string: "text",
  integer: "whole number",
  boolean: "true or false",
};

function joined(parts: readonly Html[]): Html {
  return html`${parts.map((part, index) => (index === 0 ? part : html` or ${part}`))}`;
}

function acceptedBy({
  minimum,
  maximum,
  minLength,
  maxLength,
  additionalProperties,
}: Schema): string | undefined {
  if (minimum !== undefined && maximum !== undefined) return `From ${minimum} to ${maximum}.`;
  if (minimum !== undefined) return `${minimum} or more.`;
  if (minLength !== undefined && maxLength !== undefined) return `${minLength} to ${maxLength} characters.`;
  if (maxLength !== undefined) return `At most ${maxLength} characters.`;
  if (typeof additionalProperties === "object" && additionalProperties.maxLength !== undefined) {
    return `Each of at most ${additionalProperties.maxLength} characters.`;
  }
  return undefined;
}
