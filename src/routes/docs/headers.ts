/** The headers of answers that matter to callers, as rules over what a route declares. */

import type { Answer, Header, Operation } from "./document.ts";

const text = (description: string, about: Partial<Header> = {}): Header => ({
  description,
  schema: { type: "string" },
  ...about,
});
const isSeconds = { schema: { type: "integer", minimum: 1 } };
const isTrue = { schema: { type: "string", enum: ["true"] } };
const always = { required: true };

const headers = {
  "X-Request-Id": text("The request's name, which the operator's log has too.", always),
  "X-Should-Retry": text("Whether the same request may succeed later without a change.", {
    schema: { type: "string", enum: ["true", "false"] },
  }),
  "WWW-Authenticate": text("The scheme by which to try again.", always),
  "Retry-After": text("Seconds after which to ask again.", isSeconds),
  "Content-Range": text("Which bytes these are, or `bytes */size` where the file has none of them.", always),
  "Accept-Ranges": text("`bytes`: parts of it may be asked for.", always),
  "Content-Disposition": text("Whether it is played or saved, and under which name.", always),
  "Last-Modified": text("When it was stored.", always),
  "Cache-Control": text("Who may keep it, and for how long.", always),
  ETag: text("Which version it is: the same for the same bytes.", always),
  "Idempotent-Replayed": text("The order was given before with this Idempotency-Key or ticket.", isTrue),
  "Filmgate-Joined": text("The same order was given before, and this is its task.", isTrue),
  "OpenAI-Poll-After-Ms": text("Milliseconds after which there may be news; only while it is under way.", {
    schema: { type: "integer", minimum: 0 },
  }),
  "Trace-Id": text("The request's name, as MiniMax's clients quote it.", always),
} as const satisfies Record<string, Header>;

type Name = keyof typeof headers;

/** What an answer carries, by its status, its contents and its route. */
export function headersOf(operation: Operation, status: string, answer: Answer): Record<string, Header> {
  // To a webhook others answer.
  if (operation.tags === undefined) return {};
  const types = Object.keys(answer.content ?? {});
  const isFile = types.some((type) => /^(?:video|image)\//.test(type));
  const isPage = types.includes("text/html");
  const names: (Name | false)[] = [
    "X-Request-Id",
    status >= "400" && types.includes("application/json") && "X-Should-Retry",
    status === "401" && "WWW-Authenticate",
    status === "429" && "Retry-After",
    (status === "206" || status === "416") && "Content-Range",
    (isFile || status === "304") && "ETag",
    (isFile || status === "304") && "Last-Modified",
    (isFile || status === "304") && "Cache-Control",
    isFile && "Accept-Ranges",
    isFile && "Content-Disposition",
    status === "412" && "ETag",
    status === "200" && isOrder(operation) && "Idempotent-Replayed",
    status === "200" && isOrder(operation) && "Filmgate-Joined",
    operation.tags.some((tag) => tag.startsWith("MiniMax V")) && "Trace-Id",
    ...(byRoute[operation.operationId ?? ""]?.[status] ?? []),
  ];
  const told = names.filter((name) => name !== false);
  // An address that serves a file or a page has the headers of a file only where it is one.
  const tell = (name: Name): Header =>
    isFile && isPage && name !== "X-Request-Id" ? { ...headers[name], required: false } : headers[name];
  return Object.fromEntries(told.map((name) => [name, tell(name)]));
}

function isOrder({ parameters = [], operationId }: Operation): boolean {
  return operationId === "retryVideo" || parameters.some(({ name }) => name === "idempotency-key");
}

/** What only some routes have. */
const byRoute: Readonly<Record<string, Readonly<Record<string, readonly Name[]>>>> = {
  getVideo: { 200: ["OpenAI-Poll-After-Ms"] },
  getGeneration: { 200: ["OpenAI-Poll-After-Ms"] },
  getPublished: { 200: ["Retry-After"], 404: ["Retry-After"] },
  getOEmbed: { 404: ["Retry-After"] },
};
