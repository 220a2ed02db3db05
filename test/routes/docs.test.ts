/** The reference at /docs: complete, made from /openapi.json, harmless whatever stands in the document. */

import { beforeAll, describe, expect, it } from "vitest";
import { app } from "../../src/app.ts";
import { errorTable, type OutcomeCode } from "../../src/errors.ts";
import { areasOf, type OpenApi } from "../../src/routes/docs/document.ts";
import { docsPage } from "../../src/routes/docs/page.ts";
import { adminKey, bearer, call, origin } from "./worker.ts";

let response: Response;
let page: string;
let document: OpenApi;
beforeAll(async () => {
  response = await call("/docs");
  page = await response.text();
  document = await (await call("/openapi.json")).json();
});

/** What a reader sees: without tags, and with what was escaped as it was. */
const textOf = (markup: string) =>
  markup
    .replace(/<[^>]*>/g, "")
    .replaceAll("&#39;", "'")
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");

describe("/openapi.json", () => {
  /** Served and not described, and why. */
  const exceptions: readonly [route: RegExp, why: string][] = [
    [/\*$/, "what stands before or behind routes, and is no address of its own"],
    [/^POST \/callbacks\/minimax\//, "MiniMax calls it; nobody else can"],
    [/^(?:ALL|POST) \/mcp$/, "MCP, whose tools tell themselves to whoever asks: docs/mcp.md"],
    [/^ALL \/v1\/videos\/(?:edits|extensions|characters|\{task_id\}\/remix)/, "what MiniMax has not: 501"],
    [/^ALL \/v2\/(?:h3_context_ir|video_regeneration)$/, "what MiniMax has and filmgate has not: 501"],
  ];

  it("has every route of the app, but for those that no caller can use", () => {
    const described = new Set(
      Object.entries(document.paths ?? {}).flatMap(([path, operations]) =>
        Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
      ),
    );
    const served = app.routes.map(
      ({ method, path }) => `${method} ${path.replace(/:(\w+)(?:\{[^}]*\})?/g, "{$1}")}`,
    );
    const isLeftOut = (route: string) => exceptions.some(([pattern]) => pattern.test(route));
    const untold = [...new Set(served)].filter((route) => !described.has(route));
    expect(untold.filter((route) => !isLeftOut(route))).toEqual([]);
    // An exception that is none any more goes.
    expect(exceptions.filter(([pattern]) => !untold.some((route) => pattern.test(route)))).toEqual([]);
  });

  it("puts every route into an area, with a sentence", () => {
    const routes = areasOf(document).flatMap(({ name, routes }) =>
      routes.map((route) => ({ name, ...route })),
    );
    expect(routes.filter(({ name, operation }) => name === "Other" || !operation.summary)).toEqual([]);
    expect(areasOf(document).map(({ name }) => name)).toEqual([
      "Videos",
      "OpenAI",
      "Links",
      "Publishing",
      "Webhooks",
      "Deploy hooks",
      "Files",
      "Tickets",
      "MiniMax V1",
      "MiniMax V2",
      "Usage",
      "Admin",
      "System",
    ]);
  });
});

describe("/openapi.json tells of MiniMax's dialects", () => {
  const operations = () =>
    Object.values(document.paths ?? {})
      .flatMap((methods) => Object.values(methods))
      .filter(({ tags = [] }) => tags.some((tag) => tag.startsWith("MiniMax V")));

  it("that each answer has a Trace-Id", () => {
    const untold = operations().flatMap(({ operationId, responses }) =>
      Object.entries(responses)
        .filter(([, { headers = {} }]) => !("Trace-Id" in headers))
        .map(([status]) => `${operationId} ${status}`),
    );
    expect(operations()).toHaveLength(7);
    expect(untold).toEqual([]);
  });

  it("that each create leads to its query", () => {
    const leads = operations()
      .filter(({ operationId = "" }) => operationId.startsWith("create"))
      .map(({ operationId = "", responses }) => [operationId, Object.keys(responses[200]?.links ?? {})]);
    expect(leads).toEqual([
      ["createMiniMaxV1Video", expect.arrayContaining(["queryMiniMaxV1Video"])],
      ["createMiniMaxV2Video", expect.arrayContaining(["queryMiniMaxV2Video"])],
    ]);
  });

  it("that content has a bound", () => {
    const content = document.components?.schemas?.MiniMaxV2Order?.properties?.content;
    expect(content).toMatchObject({ type: "array", maxItems: 64 });
  });
});

describe("/openapi.json tells of each refusal", () => {
  type Documented = Record<string, Record<string, { responses: Record<string, unknown> }>>;
  const operations = () =>
    Object.entries((document.paths ?? {}) as unknown as Documented).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { responses }]) => ({ path, method, responses })),
    );

  it("that a publishable key gets", async () => {
    const made = await call("/v1/admin/keys", {
      method: "POST",
      headers: bearer(adminKey),
      body: JSON.stringify({ name: "page", account: "docs-publishable", kind: "publishable" }),
    });
    const { key } = (await made.json()) as { key: string };
    const untold: string[] = [];
    for (const { path, method, responses } of operations()) {
      if (!/^\/v[12]\//.test(path) || path.startsWith("/v1/admin/")) continue;
      const { status } = await call(path.replace(/\{\w+\}/g, "x"), {
        method: method.toUpperCase(),
        headers: bearer(key),
      });
      if (status === 403 && !("403" in responses)) untold.push(`${method} ${path}`);
    }
    expect(untold).toEqual([]);
  });

  it.each(["/v1/videos/generations", "/v1/videos/minimax/generations", "/v1/videos/{task_id}/retry"])(
    "that an order which nothing was charged for may end with: %s",
    (path) => {
      const free: OutcomeCode[] = [
        "not_sent",
        "image_not_found",
        "content_refused",
        "provider_invalid_request",
        "provider_key_refused",
        "provider_balance",
        "provider_busy",
        "content_moderated",
        "generation_failed",
      ];
      const told = operations().find((one) => one.path === path && one.method === "post")?.responses ?? {};
      expect(Object.keys(told)).toEqual(
        expect.arrayContaining(free.map((code) => String(errorTable[code].status))),
      );
    },
  );
});

describe("/docs", () => {
  it("needs no key, and no settings", async () => {
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^text\/html/);
    const bare = await app.request(`${origin}/docs`, {}, {});
    expect(bare.status).toBe(200);
  });

  it("shows every route of /openapi.json once, where its anchor says", () => {
    const routes = areasOf(document).flatMap((area) => area.routes);
    expect(routes.length).toBeGreaterThan(20);
    for (const { anchor, method, path, operation } of routes) {
      const article = page.split("<article ").filter((part) => part.startsWith(`id="${anchor}"`));
      expect(article, anchor).toHaveLength(1);
      const text = textOf(String(article[0]));
      for (const told of [method, path, operation.summary, ...Object.keys(operation.responses)]) {
        expect(text, anchor).toContain(told);
      }
      for (const { name } of operation.parameters ?? []) expect(text, anchor).toContain(name);
      expect(text, anchor).toContain("curl");
    }
  });

  it("shows every model and every refusal once, and no link leads nowhere", () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const name of Object.keys(document.components?.schemas ?? {}))
      expect(ids).toContain(`model-${name}`);
    for (const code of Object.keys(errorTable)) expect(ids).toContain(`code-${code}`);
    const leads = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(leads.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it("asks nobody for anything: nothing in it is loaded from an address", () => {
    const loaded = [
      ...page.matchAll(/(?:src|srcset|href|action|poster|data)="([^"#][^"]*)"|url\("([^"]+)"\)/g),
    ]
      .map(([, named, styled]) => named ?? styled ?? "")
      .filter((address) => !address.startsWith("data:image/svg+xml,"));
    expect(loaded).toEqual(["/", "/openapi.json"]);
    expect(page).not.toContain("@import");
    expect([...page.matchAll(/https?:\/\/[^/"'\s&]+/g)].map(([address]) => address)).toSatisfy(
      (
        found: string[], // Words of an example are no request.
      ) => found.every((address) => [origin, "https://example.com", "http://www.w3.org"].includes(address)),
    );
  });

  it("has a policy that allows its own style and script by their hashes, and nothing else", async () => {
    const policy = String(response.headers.get("content-security-policy"));
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(policy).toContain("default-src 'none'");
    for (const tag of ["style", "script"]) {
      const parts = [...page.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, "g"))];
      expect(parts).toHaveLength(1);
      const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(parts[0]?.[1]));
      const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
      expect(policy).toContain(`${tag}-src 'sha256-${hash}'`);
    }
    expect(page).not.toMatch(/ style="| on\w+="/);
  });

  it("tells the address that it was asked at", () => {
    expect(textOf(page)).toContain(`export FILMGATE_URL="${origin}"`);
  });
});

describe("the page of a document", () => {
  const nasty = `</style><script>alert("1")</script>'"&`;
  const operation = {
    summary: nasty,
    description: nasty,
    tags: [nasty],
    parameters: [{ name: nasty, in: "query", description: nasty, example: nasty, schema: { type: nasty } }],
    requestBody: {
      description: nasty,
      content: {
        "application/json": {
          schema: { properties: { [nasty]: { enum: [nasty], description: nasty, example: nasty } } },
        },
      },
    },
    responses: { 200: { description: nasty, content: { [nasty]: { schema: {} } } } },
  };
  const made = docsPage(
    {
      info: { title: nasty, version: "1", description: nasty },
      servers: [{ url: `https://${nasty}` }],
      tags: [{ name: nasty, description: nasty }],
      paths: { [`/${nasty}`]: { get: operation, [nasty]: operation } },
      components: {
        schemas: { [nasty]: { description: nasty, properties: { [nasty]: { $ref: nasty } } } },
        securitySchemes: { key: { description: nasty } },
      },
    },
    { style: "", script: "", icon: "" },
  );

  it("escapes whatever stands in it", () => {
    expect(made).not.toContain("<script>alert");
    expect(made).not.toContain("</style><script>a");
    expect(made.match(/<script>/g)).toHaveLength(1);
    expect(made).toContain("&lt;/style&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&quot;&amp;");
  });

  it("keeps a quote in an example from ending the command", () => {
    expect(textOf(made)).toContain(String.raw`</script>'\''`);
  });

  it("gives a shell no address in which it would find a command", () => {
    const server = { url: "https://$(reboot).example" };
    const page = docsPage(
      { info: { title: "", version: "1" }, servers: [server] },
      { style: "", script: "", icon: "" },
    );
    expect(textOf(page)).not.toContain("reboot");
    expect(textOf(page)).toContain('export FILMGATE_URL="https://video.example.com"');
  });
});
