/**
 * /openapi.json is complete, its examples are what its schemas say, and its requests do what they tell: each is sent to
 * a gateway with a simulator behind it, and what comes back is held against the schema of its status.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localSettings, root } from "../../scripts/worker.ts";
import type { OpenApi, Schema } from "../../src/routes/docs/document.ts";
import {
  contentsOf,
  examplesIn,
  type Given,
  type Judge,
  judgeOf,
  operationsOf,
  readDocument,
  type Told,
} from "./document.ts";
import { startWorld, type World } from "./world.ts";

let world: World;
let document: OpenApi;
let judge: Judge;
/** What stands for the parameters of paths. */
let known: Record<string, string>;
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
  document = await readDocument(world.url);
  judge = judgeOf(document);
  const { body } = await world.create({ model: "T2V-01", prompt: world.prompt("instant") });
  const { file_id } = await world.untilOver(body.task_id);
  known = { task_id: body.task_id, file_id, name: "studio", id: "" };
});
afterAll(() => world?.stop());

describe("each operation", () => {
  const without = (holds: (told: Told) => boolean) =>
    operationsOf(document)
      .filter((told) => !holds(told))
      .map(({ method, path }) => `${method} ${path}`);

  it("has a name of its own, a sentence, and what it may answer when the deployment is at fault", () => {
    const names = operationsOf(document).map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
    expect(without(({ operation }) => /^[a-z]\w+$/.test(operation.operationId ?? ""))).toEqual([]);
    expect(without(({ operation }) => operation.summary !== undefined)).toEqual([]);
    const isOpen = ({ tags = ["System"] }: Told["operation"]) => tags.includes("System");
    expect(without(({ operation }) => isOpen(operation) || "503" in operation.responses)).toEqual([]);
  });

  it("under /v1 and /v2 takes a key, and others take none", () => {
    expect(
      without(({ path, operation: { security } }) => {
        const scheme = path.startsWith("/v1/admin/") ? "adminKey" : /^\/v[12]\//.test(path) ? "apiKey" : "";
        return Object.keys(security?.[0] ?? {}).join() === scheme;
      }),
    ).toEqual([]);
  });

  it("bounds its parameters: ids by a pattern, whole numbers by a least and a most", () => {
    const isBound = ({ type, minimum, maximum, pattern, enum: words }: Schema & { pattern?: string }) =>
      type === "integer" ? minimum !== undefined && maximum !== undefined : (words ?? pattern) !== undefined;
    const unbound = operationsOf(document).flatMap(({ method, path, operation: { parameters = [] } }) =>
      parameters
        .filter(({ in: place, schema = {} }) => place === "path" || schema.type === "integer")
        .filter(({ schema = {} }) => !isBound(schema))
        .map(({ name }) => `${method} ${path} ${name}`),
    );
    expect(unbound).toEqual([]);
  });

  it("leads only to operations that there are, with parameters that they take", () => {
    const operations = new Map(operationsOf(document).map((told) => [told.operation.operationId, told]));
    const links = operationsOf(document).flatMap(({ operation }) =>
      Object.values(operation.responses).flatMap((answer) => Object.values(answer.links ?? {})),
    );
    expect(links.length).toBeGreaterThan(10);
    for (const { operationId, parameters } of links) {
      const taken = operations.get(operationId)?.operation.parameters?.map(({ name }) => name) ?? [];
      expect(taken, operationId).toEqual(expect.arrayContaining(Object.keys(parameters)));
    }
  });
});

describe("each body", () => {
  it("has an example: a row in src/routes/docs/examples.ts or request-examples.ts, or one with its route", () => {
    const bare = contentsOf(document).filter(({ media }) => examplesIn(media).length === 0);
    expect(bare.map(({ place }) => place)).toEqual([]);
  });

  it("has examples that are what its schema says", () => {
    const wrong = contentsOf(document).flatMap(({ place, media }) =>
      examplesIn(media).flatMap((value) =>
        judge.judge(media.schema ?? {}, value).map((line) => `${place}: ${line}`),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it("has patterns that JSON Schema reads: none keeps JavaScript's flags", () => {
    const patterns = [...JSON.stringify(document).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)];
    expect(patterns.length).toBeGreaterThan(10);
    for (const [, pattern = ""] of patterns) {
      expect(() => new RegExp(JSON.parse(pattern), "u")).not.toThrow();
      expect(pattern).not.toMatch(/^"\/|\/[a-z]*"$/);
    }
  });

  it("is not taken for right by a judge who takes anything", () => {
    const { schemas = {} } = document.components ?? {};
    expect(judge.judge(schemas.Cost ?? {}, { state: "reserved" })).toHaveLength(2);
  });
});

/** What is not answered with success, and why. */
const refused: Readonly<Record<string, number>> = {
  // Nothing is held: every answer of MiniMax arrived.
  resolveHeld: 404,
};

describe("each request of an example", () => {
  it("is answered as its operation tells", async () => {
    const wrong: string[] = [];
    let sent = 0;
    for (const told of operationsOf({ ...document, webhooks: {} })) {
      for (const [type, media] of Object.entries(told.operation.requestBody?.content ?? {})) {
        const bodies = type === "image/*" ? [null] : examplesIn(media);
        for (const body of bodies) {
          const given = await send(told, type, body);
          sent += 1;
          const place = `${told.method} ${told.path} ${JSON.stringify(body)}`;
          const { operationId = "" } = told.operation;
          const isRight = given.status === (refused[operationId] ?? (given.status === 201 ? 201 : 200));
          const lines = judge.judgeAnswer(told, given);
          if (!isRight) lines.push(`is answered with ${given.status}: ${given.body.slice(0, 200)}`);
          if (/"status_code":[^0]/.test(given.body) && given.status < 300) lines.push(given.body);
          wrong.push(...lines.map((line) => `${place} ${line}`));
          if (operationId === "createKey") known.id = (JSON.parse(given.body) as { id: string }).id;
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(sent).toBeGreaterThan(20);
  });
});

async function send({ method, path, operation }: Told, type: string, body: unknown): Promise<Given> {
  const isAdmin = path.startsWith("/v1/admin/");
  const url = `${world.url}${path.replace(/\{(\w+)\}/g, (_, name: string) => known[name] ?? "")}`;
  const headers: Record<string, string> = operation.security
    ? { authorization: `Bearer ${isAdmin ? localSettings.ADMIN_KEY : world.key}` }
    : {};
  if (type !== "multipart/form-data") headers["content-type"] = type === "image/*" ? "image/jpeg" : type;
  const response = await fetch(url, {
    method: method.toUpperCase(),
    headers,
    body: await written(type, body),
  });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

async function written(type: string, body: unknown): Promise<BodyInit> {
  if (type === "image/*") return new Blob([await readFile(join(root, "scripts", "first-frame.jpg"))]);
  if (type !== "multipart/form-data") return JSON.stringify(body);
  const form = new FormData();
  for (const [name, value] of Object.entries(body as Record<string, unknown>)) {
    if (typeof value === "object" && value !== null) {
      for (const [inner, text] of Object.entries(value)) form.append(`${name}[${inner}]`, String(text));
    } else form.append(name, String(value));
  }
  return form;
}
