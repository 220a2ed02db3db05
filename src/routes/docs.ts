/**
 * What a deployment tells about itself: `/openapi.json`, the document that requests are parsed with, and `/docs`, the
 * same to be read. The page asks nobody for anything; its policy names its style and its script by their hashes.
 */

import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { icon } from "../look/tokens.ts";
import type { AppEnv } from "./app-env.ts";
import { complete } from "./docs/complete.ts";
import type { OpenApi } from "./docs/document.ts";
import { docsPage } from "./docs/page.ts";
import { script, style } from "./docs/style.ts";
import { pagePolicy } from "./page-policy.ts";

const tags = [
  { name: "Videos", description: "Order a video, follow it, and remove it. An order is paid once." },
  {
    name: "OpenAI",
    description:
      "A create for OpenAI's clients. What else they ask stands among the videos, at the same address.",
  },
  { name: "Links", description: "How a finished video reaches a page: signed, and for as long as you say." },
  {
    name: "Publishing",
    description: "An address that stays until you take it down, for pages that are built once.",
  },
  { name: "Webhooks", description: "Being told when a video is done, and what came of telling." },
  { name: "Deploy hooks", description: "Having a site built again when videos are done." },
  { name: "Files", description: "Images to start a video from." },
  { name: "Tickets", description: "Creating from a browser: one video for a ticket, within its bound." },
  {
    name: "MiniMax V1",
    description: "MiniMax's own three calls, for code that has them: change its base URL, and nothing else.",
  },
  {
    name: "MiniMax V2",
    description: "MiniMax's own calls for its H3 models, for code that has them: change its base URL.",
  },
  { name: "Usage", description: "What was spent, and what caps leave." },
  { name: "Admin", description: "Accounts, keys and held money, for the owner of the deployment." },
  { name: "System", description: "What the deployment tells about itself." },
];

/** A page is kept for each address that this deployment is reached at; there are few. */
const maxPages = 4;
const pages = new Map<string, Promise<{ page: string; policy: string }>>();

/** Adds both to the app whose routes they describe. @returns the document, without an address. */
export function addDocs(app: OpenAPIHono<AppEnv>): () => OpenApi {
  const registry = app.openAPIRegistry;
  registry.registerComponent("securitySchemes", "apiKey", {
    type: "http",
    scheme: "bearer",
    description:
      "An API key, `mql_…`, as bearer token. Keep it on servers; only a publishable one, `mql_pk_…`, may stand in a page: it reads and plays, and creates only with a ticket.",
  });
  registry.registerComponent("securitySchemes", "adminKey", {
    type: "http",
    scheme: "bearer",
    description:
      "The deployment's `ADMIN_KEY`, as bearer token: for the routes under `/v1/admin`, and no others.",
  });
  // Made once, when all routes are there: it takes more CPU than anything else that a Worker does here.
  let described: OpenApi | undefined;
  const describe = (): OpenApi => {
    described ??= complete(
      app.getOpenAPI31Document({
        openapi: "3.1.0",
        info: {
          title: "filmgate",
          version: "1",
          description: "Post a prompt, get a signed link that works.",
        },
        tags,
      }) as unknown as OpenApi,
    );
    return described;
  };
  const describeAt = (c: Context): OpenApi => ({
    ...describe(),
    servers: [{ url: new URL(c.req.url).origin }],
  });

  app.openapi(
    createRoute({
      method: "get",
      path: "/openapi.json",
      tags: ["System"],
      operationId: "getOpenApi",
      summary: "The routes, as an OpenAPI document",
      description: "OpenAPI 3.1, for tools. Requests are parsed with the same schemas.",
      "x-codeSamples": [{ lang: "Shell", source: 'curl "$FILMGATE_URL/openapi.json"' }],
      responses: {
        200: {
          content: {
            "application/json": {
              schema: z.record(z.string(), z.unknown()),
              example: { openapi: "3.1.0", info: { title: "filmgate", version: "1" }, paths: {} },
            },
          },
          description: "The document",
        },
      },
    }),
    (c) => c.json(describeAt(c) as never, 200),
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/docs",
      tags: ["System"],
      operationId: "getDocs",
      summary: "This page",
      responses: { 200: { content: { "text/html": { schema: z.string() } }, description: "The page" } },
    }),
    async (c) => {
      const { origin } = new URL(c.req.url);
      const known = pages.get(origin) ?? render(describeAt(c));
      if (pages.size >= maxPages) pages.clear();
      pages.set(origin, known);
      const { page, policy } = await known;
      return c.html(page, 200, {
        "content-security-policy": policy,
        "referrer-policy": "no-referrer",
        "cache-control": "public, max-age=300",
      });
    },
  );
  return describe;
}

async function render(document: OpenApi) {
  const policy = await pagePolicy({ style, script, images: "data:", sources: [], framedBy: "'none'" });
  return { page: docsPage(document, { style, script, icon }), policy };
}
