/**
 * What no route declares since it holds for many: the headers of answers, the refusals that any route may give,
 * examples, and where an answer leads. It is added by rules, so that a new route has it before anyone remembers to.
 */

import type { Answer, Content, MediaType, OpenApi, Operation } from "./document.ts";
import { modelNameOf } from "./document.ts";
import { answerExamples } from "./examples.ts";
import { headersOf } from "./headers.ts";
import { linksOf } from "./links.ts";
import { refusalExamples } from "./refusal-examples.ts";
import { requestExamples } from "./request-examples.ts";

/** The document with all of it. */
export function complete(document: OpenApi): OpenApi {
  const each = (paths: OpenApi["paths"]) =>
    Object.fromEntries(
      Object.entries(paths ?? {}).map(([path, methods]) => [
        path,
        Object.fromEntries(
          Object.entries(methods).map(([method, operation]) => [method, completed(operation)]),
        ),
      ]),
    );
  return { ...document, paths: each(document.paths), webhooks: each(document.webhooks) };
}

function completed(operation: Operation): Operation {
  const { requestBody } = operation;
  const responses = { ...operation.responses, ...defectsOf(operation) };
  return {
    ...operation,
    ...(requestBody === undefined
      ? {}
      : {
          requestBody: {
            ...requestBody,
            content: withExamples(requestBody.content, { ...answerExamples, ...requestExamples }),
          },
        }),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, answer]) => [status, told(operation, status, answer)]),
    ),
  };
}

function told(operation: Operation, status: string, answer: Answer): Answer {
  const headers = headersOf(operation, status, answer);
  const links = linksOf(operation, status);
  const refusals = refusalExamples(operation, status);
  return {
    ...answer,
    ...(Object.keys(headers).length === 0 ? {} : { headers: { ...answer.headers, ...headers } }),
    ...(answer.content === undefined
      ? {}
      : { content: withExamples(answer.content, { ...answerExamples, ...refusals }) }),
    ...(Object.keys(links).length === 0 ? {} : { links }),
  };
}

/** What is no verdict on the request: it comes in the form of the route's other refusals, or of its only answer. */
function defectsOf({ security, tags = [], responses }: Operation): Record<string, Answer> {
  // What the deployment tells about itself it tells without its settings; a webhook is answered by others.
  if (tags.includes("System") || (security === undefined && tags.length === 0)) return {};
  const [, form] = Object.entries(responses).find(([status]) => status >= "400") ??
    Object.entries(responses)[0] ?? ["", undefined];
  const json = form?.content?.["application/json"];
  if (json === undefined) return {};
  const content = { "application/json": json };
  return {
    500: {
      description: "Something went wrong here; the request id tells the operator where to look",
      content,
    },
    503: { description: "The deployment lacks a setting, which the sentence names", content },
  };
}

/** Adds the examples of the models that a body may be; those that a route brings along stay. */
function withExamples(content: Content, examples: Readonly<Record<string, MediaType["examples"]>>): Content {
  return Object.fromEntries(
    Object.entries(content).map(([type, media]) => {
      const models = [media.schema ?? {}, ...(media.schema?.anyOf ?? [])].map(modelNameOf);
      const known = models.map((name) => examples[name ?? ""] ?? {});
      const all = Object.assign({}, ...known, media.examples);
      return [type, Object.keys(all).length === 0 ? media : { ...media, examples: all }];
    }),
  );
}
