/** /openapi.json as a judge: whether a value is what a schema says, and an answer what its route may answer. */

import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { MediaType, OpenApi, Operation } from "../../src/routes/docs/document.ts";

export type Judge = ReturnType<typeof judgeOf>;
export type Told = Readonly<{ method: string; path: string; operation: Operation }>;
export type Given = Readonly<{ status: number; headers: Headers; body: string }>;

export async function readDocument(url: string): Promise<OpenApi> {
  return (await (await fetch(`${url}/openapi.json`)).json()) as OpenApi;
}

/** Every operation of the document, webhooks too. */
export function operationsOf({ paths, webhooks }: OpenApi): Told[] {
  return Object.entries({ ...paths, ...webhooks }).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
}

/** Every content with a body that can be shown, by where it stands; files and pages are not shown. */
export function contentsOf(document: OpenApi): { place: string; media: MediaType }[] {
  return operationsOf(document).flatMap(({ method, path, operation: { requestBody, responses } }) =>
    Object.entries({ asked: requestBody, ...responses }).flatMap(([part, about]) =>
      Object.entries(about?.content ?? {})
        .filter(([type]) => type !== "text/html" && !/^(?:video|image|audio)\//.test(type))
        .map(([type, media]) => ({ place: `${method} ${path} ${part} ${type}`, media })),
    ),
  );
}

export function examplesIn({ example, examples = {} }: MediaType): unknown[] {
  return [...(example === undefined ? [] : [example]), ...Object.values(examples).map(({ value }) => value)];
}

export function judgeOf(document: OpenApi) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  // The schemas refer to each other by their place in the document, so each is compiled within it.
  const { components } = document;

  /** What is wrong with a value, in a line for each. */
  function judge(schema: object, value: unknown): string[] {
    const validate = ajv.compile({ components, ...schema });
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || "it"} ${message}`);
  }

  /** What is wrong with an answer: its status, its headers, its body. */
  function judgeAnswer({ operation }: Told, { status, headers, body }: Given): string[] {
    const answer = operation.responses[status];
    if (answer === undefined) return [`is answered with ${status}, which it does not tell`];
    const missing = Object.entries(answer.headers ?? {})
      .filter(([name, { required }]) => required === true && !headers.has(name))
      .map(([name]) => `has no ${name}`);
    const wrong = Object.entries(answer.headers ?? {}).flatMap(([name, { schema }]) => {
      const text = headers.get(name);
      if (text === null) return [];
      return judge(schema, schema.type === "integer" ? Number(text) : text).map((line) => `${name}: ${line}`);
    });
    const type = headers.get("content-type")?.split(";")[0] ?? "";
    const media = answer.content?.[type];
    if (answer.content !== undefined && media === undefined) {
      return [...missing, ...wrong, `is answered as '${type}', which it does not tell`];
    }
    const isJson = type === "application/json";
    return [...missing, ...wrong, ...(isJson ? judge(media?.schema ?? {}, JSON.parse(body)) : [])];
  }

  return { judge, judgeAnswer };
}
