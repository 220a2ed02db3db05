/**
 * Refusals common to many routes, as tables over the routes that the app has: a new route under /v1 is tested here
 * before anyone remembers to.
 */

import { beforeAll, describe, expect, it } from "vitest";
import { app } from "../../src/app.ts";
import { fileIdOf, taskIdFrom } from "../../src/domain/ids.ts";
import { Refusal } from "../../src/errors.ts";
import { adminKey, bearer, call, env, makeKey, origin, post, readError } from "./worker.ts";

const taskId = taskIdFrom(crypto.getRandomValues(new Uint8Array(26)));
const secret = "0123456789abcdefghjkmnpqrstvwxyz01234567";

/** Every route under /v1 and /v2 but the middleware that stands before all of them, with its parameters filled in. */
const routes = [
  ...new Map(
    app.routes
      .filter(({ method, path }) => /^\/v[12]\//.test(path) && !(method === "ALL" && path.includes("*")))
      .map(({ method, path }) => [`${method} ${path}`, { method: method === "ALL" ? "GET" : method, path }]),
  ).values(),
].map(({ method, path }) => ({
  method,
  path,
  url: path
    .replace(/:file_id(?:\{[^}]*\})?/, fileIdOf(taskId))
    .replace(/:task_id(?:\{[^}]*\})?/, taskId)
    .replace(/:\w+(?:\{[^}]*\})?/g, "anything"),
}));
const adminRoutes = routes.filter(({ path }) => path.startsWith("/v1/admin/"));
const keyRoutes = routes.filter(({ path }) => !path.startsWith("/v1/admin/"));

/** MiniMax's form on generations, query, download and retry; a dialect's own on its routes; OpenAI's everywhere else. */
function formOf(path: string): "minimax" | "minimax-v1" | "minimax-v2" | "openai" {
  if (path.startsWith("/v2/")) return "minimax-v2";
  if (/^\/v1\/(?:video_generation|query\/video_generation|files\/retrieve)$/.test(path)) return "minimax-v1";
  return /^\/v1\/videos\/(?:(?:minimax\/)?(?:generations|query|download)(?:\/|$)|[^/]+\/retry$)/.test(path)
    ? "minimax"
    : "openai";
}

/** An answer but for the id that each request has of its own. */
async function saidIn(response: Response): Promise<object> {
  return { ...((await response.json()) as object), request_id: undefined };
}

let revoked = "";
let active = "";

beforeAll(async () => {
  active = (await makeKey()).key;
  const made = await makeKey();
  revoked = made.key;
  // It worked, so its verdict may be remembered; then it is revoked.
  expect((await call("/v1/videos/models", { headers: bearer(revoked) })).status).toBe(200);
  const gone = await call(`/v1/admin/keys/${made.id}`, { method: "DELETE", headers: bearer(adminKey) });
  expect(gone.status).toBe(200);
});

it("the app has routes for keys and for the admin", () => {
  expect(keyRoutes.length).toBeGreaterThan(8);
  expect(adminRoutes.length).toBeGreaterThan(2);
});

describe("a route that takes a key, without a good one,", () => {
  const strangers: [title: string, authorization: () => string | null, code: string, base: number][] = [
    ["no key", () => null, "missing_key", 1004],
    ["an empty key", () => "Bearer ", "missing_key", 1004],
    ["another scheme", () => `Basic ${btoa("user:password")}`, "missing_key", 1004],
    ["a bare key", () => active, "missing_key", 1004],
    ["a key of another service", () => "Bearer sk-1234567890", "invalid_key", 2049],
    ["a malformed key", () => "Bearer mql_default_short", "invalid_key", 2049],
    ["a key with something after it", () => `Bearer ${active}x`, "invalid_key", 2049],
    ["two keys", () => `Bearer ${active} ${active}`, "missing_key", 1004],
    ["an unknown key of a known account", () => `Bearer mql_default_${secret}`, "invalid_key", 2049],
    ["a key of an unknown account", () => `Bearer mql_nobody-knows_${secret}`, "invalid_key", 2049],
    ["a key of the directory", () => `Bearer mql__directory_${secret}`, "invalid_key", 2049],
    ["a publishable key", () => `Bearer mql_pk_default_${secret}`, "invalid_key", 2049],
    ["the admin's key", () => `Bearer ${adminKey}`, "invalid_key", 2049],
    ["a revoked key", () => `Bearer ${revoked}`, "invalid_key", 2049],
    ["a key in capitals", () => `Bearer ${active.toUpperCase()}`, "invalid_key", 2049],
  ];
  const cells = keyRoutes.flatMap((route) =>
    strangers.map(([title, authorization, code, base]) => ({ ...route, title, authorization, code, base })),
  );
  it.each(cells)("$method $path refuses $title", async ({ method, path, url, authorization, code, base }) => {
    const value = authorization();
    const response = await call(url, { method, headers: value === null ? {} : { authorization: value } });
    const form = formOf(path);
    expect(response.status).toBe(form === "minimax-v1" ? 200 : 401);
    expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/);
    const error = await readError(response);
    const hasCode = form === "minimax" || form === "openai";
    expect(error).toMatchObject({ form, ...(hasCode ? { code, param: "Authorization" } : {}) });
    if (error.form === "minimax-v2") expect(error.type).toBe("authorized_error");
    if (error.form === "openai") expect(error).toMatchObject({ type: "authentication_error" });
    else expect(error.base?.status_code).toBe(base);
    if (value !== null && value.length > 20) expect(error.text).not.toContain(value.slice(7));
  });

  it.each(["Bearer", "bearer", "BEARER", "Bearer  "])("'%s' before a good key is taken", async (scheme) => {
    const response = await call("/v1/videos/models", {
      headers: { authorization: `${scheme} ${active}` },
    });
    expect(response.status).toBe(200);
  });

  it("an unknown path under /v1 wants a key before it says that nothing is there", async () => {
    expect((await call("/v1/nothing")).status).toBe(401);
    expect((await call("/v1/nothing", { headers: bearer(active) })).status).toBe(404);
    expect((await call("/v2/nothing")).status).toBe(401);
    expect((await call("/v2/nothing", { headers: bearer(active) })).status).toBe(404);
  });
});

describe("an admin route without the ADMIN_KEY", () => {
  const strangers: [title: string, authorization: () => string | null][] = [
    ["no key", () => null],
    ["a wrong key", () => "Bearer local-admin-key-of-somebody-else"],
    ["a beginning of the right key", () => `Bearer ${adminKey.slice(0, -1)}`],
    ["the right key and more", () => `Bearer ${adminKey}x`],
    ["an API key", () => `Bearer ${active}`],
    ["another scheme", () => `Basic ${adminKey}`],
  ];
  const cells = adminRoutes.flatMap((route) =>
    strangers.map(([title, authorization]) => ({ ...route, title, authorization })),
  );
  it.each(cells)("$method $path refuses $title", async ({ method, url, authorization }) => {
    const value = authorization();
    const response = await call(url, { method, headers: value === null ? {} : { authorization: value } });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/);
    expect(await readError(response)).toMatchObject({
      form: "openai",
      code: "invalid_admin_key",
      type: "authentication_error",
    });
  });
});

describe("a method that an address does not take", () => {
  it.each([
    ["POST", "/healthz", "GET, HEAD"],
    ["GET", "/callbacks/minimax/x", "POST"],
    ["PUT", "/v1/usage", "GET, HEAD"],
    ["GET", "/v1/files", "POST"],
    ["PUT", `/v1/videos/${taskId}/publish`, "GET, HEAD, POST, DELETE"],
  ])("is told from an address where nothing is: %s %s allows %s", async (method, path, allow) => {
    const response = await call(path, { method, headers: bearer(active) });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe(allow);
    const error = await readError(response);
    expect(error).toMatchObject({ form: "openai", code: "method_not_allowed" });
    expect(error.message).toContain(allow);
  });
});

describe("nothing is here", () => {
  it.each([
    ["GET", "/"],
    ["GET", "/nothing"],
    ["GET", "/%E0%A4%A"],
  ])("%s %s is 404 in OpenAI's form", async (method, path) => {
    const response = await call(path, { method });
    expect(response.status).toBe(404);
    expect(await readError(response)).toMatchObject({
      form: "openai",
      code: "not_found",
      type: "not_found_error",
    });
  });

  it.each([
    ["PUT", "/v1/videos/generations/x/y"],
    ["GET", "/v1/videos/a/b/c"],
  ])("%s %s with a key is 404", async (method, path) => {
    const response = await call(path, { method, headers: bearer(active) });
    expect(response.status).toBe(404);
    expect((await readError(response)).code).toBe("not_found");
  });

  const ids = [
    "x",
    "task_",
    "file_",
    "176843862716480",
    "task_00000000000000000000000000",
    "task_0000000000000000000000000u",
    "file_00000000000000000000000000",
    "TASK_00000000000000000000000000",
    "%20",
    "%00",
    "..%2f..%2fadmin",
    "_directory",
    "a".repeat(2000),
  ];
  const paths: [method: string, path: (id: string) => string][] = [
    ["GET", (id) => `/v1/videos/query/${id}`],
    ["GET", (id) => `/v1/videos/generations/${id}`],
    ["GET", (id) => `/v1/videos/download/${id}`],
    ["GET", (id) => `/v1/videos/${id}`],
    ["GET", (id) => `/v1/videos/${id}/content`],
    ["DELETE", (id) => `/v1/videos/${id}`],
    ["GET", (id) => `/v2/query/video_generation/${id}`],
    ["DELETE", (id) => `/v2/video_generation/${id}`],
  ];
  it.each(
    paths.flatMap(([method, path]) =>
      ids.map((id) => ({ method, id: id.slice(0, 40), url: path(id), shape: path("ID") })),
    ),
  )(
    "$method $shape answers the same for $id as for every id that it does not know",
    async ({ method, url, shape }) => {
      const known = shape.includes("download") ? fileIdOf(taskId) : taskId;
      const expected = await call(shape.replace("ID", known), { method, headers: bearer(active) });
      const response = await call(url, { method, headers: bearer(active) });
      expect(response.status).toBe(404);
      expect(await saidIn(response)).toEqual(await saidIn(expected));
    },
  );

  it("somebody else's task is answered as one that does not exist, to reading, deleting and downloading", async () => {
    const { key } = await makeKey("owner");
    const made = await post(
      "/v1/videos/generations",
      key,
      JSON.stringify({ model: "T2V-01", prompt: "A lighthouse" }),
    );
    expect(made.status).toBe(200);
    const { task_id } = (await made.json()) as { task_id: string };
    expect((await call(`/v1/videos/${task_id}`, { headers: bearer(key) })).status).toBe(200);
    for (const [method, path] of paths) {
      const id = path("").includes("download") ? fileIdOf(task_id) : task_id;
      const response = await call(path(id), { method, headers: bearer(active) });
      const unknown = await call(path(id.startsWith("file") ? fileIdOf(taskId) : taskId), {
        method,
        headers: bearer(active),
      });
      expect(response.status, `${method} ${path("ID")}`).toBe(404);
      expect(await saidIn(response)).toEqual(await saidIn(unknown));
    }
    expect((await call(`/v1/videos/${task_id}`, { headers: bearer(key) })).status).toBe(200);
  });
});

describe("every answer", () => {
  const answers: [title: string, status: number, ask: () => Promise<Response>][] = [
    ["a success", 200, () => call("/v1/videos/models", { headers: bearer(active) })],
    ["health", 200, () => call("/healthz")],
    ["the description", 200, () => call("/openapi.json")],
    ["an unknown path", 404, () => call("/nothing")],
    ["no key", 401, () => call("/v1/videos/models")],
    ["an unknown task", 404, () => call(`/v1/videos/query/${taskId}`, { headers: bearer(active) })],
    ["a wrong body", 400, () => post("/v1/videos/generations", active, "{")],
    ["no admin key", 401, () => call("/v1/admin/keys")],
    ["an unsigned link", 403, () => call(`/files/${fileIdOf(taskId)}.mp4`)],
    [
      "a forged callback",
      404,
      () => call(`/callbacks/minimax/${taskId}?secret=x`, { method: "POST", body: "{}" }),
    ],
    [
      "a deployment without settings",
      503,
      async () =>
        app.fetch(new Request(`${origin}/v1/videos/models`), {
          ...env,
          ADMIN_KEY: undefined,
        }),
    ],
  ];
  it.each(answers)("has a request id, CORS and nosniff: %s", async (_title, status, ask) => {
    const response = await ask();
    await response.text();
    expect(response.status).toBe(status);
    expect(response.headers.get("x-request-id")).toMatch(/^[\w-]{16,}$/);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-expose-headers")).toContain("x-request-id");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    if (status >= 400) {
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(response.headers.get("content-type")).toContain("application/json");
      expect(["true", "false"]).toContain(response.headers.get("x-should-retry"));
    }
  });

  it.each([
    ["GET", "true"],
    ["DELETE", "false"],
  ])("to a %s that broke down tells clients whether to repeat it: %s", async (method, expected) => {
    const breaks = async () => {
      throw new Error("Network connection lost.");
    };
    const broken = { ...env, VIDEO_TASKS: { getByName: () => ({ read: breaks, remove: breaks }) } };
    const request = new Request(`${origin}/v1/videos/${taskId}`, { method, headers: bearer(active) });
    const response = await app.fetch(request, broken);
    expect(response.status).toBe(500);
    expect(response.headers.get("x-should-retry")).toBe(expected);
  });

  it("has a request id of its own", async () => {
    const ids = await Promise.all(
      [1, 2, 3].map(async () => (await call("/healthz")).headers.get("x-request-id")),
    );
    expect(new Set(ids).size).toBe(3);
  });

  it.each([
    ["/v1/videos/generations", "POST"],
    ["/v1/videos/minimax/generations", "POST"],
    ["/v1/videos", "POST"],
    [`/v1/videos/query/${taskId}`, "GET"],
    [`/v1/videos/${taskId}`, "DELETE"],
    ["/v1/files", "POST"],
    ["/v1/tickets", "POST"],
    ["/v1/admin/keys", "POST"],
    [`/files/${fileIdOf(taskId)}.mp4`, "GET"],
    [`/v/${fileIdOf(taskId)}/poster`, "GET"],
    ["/nothing", "GET"],
  ])("a preflight for %s %s is allowed without a key, with the headers it names", async (path, method) => {
    const response = await call(path, {
      method: "OPTIONS",
      headers: {
        origin: "https://site.example",
        "access-control-request-method": method,
        "access-control-request-headers":
          "authorization,content-type,filmgate-ticket,idempotency-key,x-stainless-os",
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-allow-methods")).toContain(method);
    for (const name of [
      "authorization",
      "content-type",
      "filmgate-ticket",
      "idempotency-key",
      "x-stainless-os",
    ]) {
      expect(response.headers.get("access-control-allow-headers")).toContain(name);
    }
  });
});

const creates = ["/v1/videos/generations", "/v1/videos/minimax/generations"];

describe("the body of a create", () => {
  const bytes = (...values: number[]) => new Uint8Array(values);
  const bodies: [title: string, body: BodyInit | null, code: string, message: RegExp][] = [
    ["nothing", null, "empty_body", /empty/],
    ["no characters", "", "empty_body", /empty/],
    ["blanks", " \n ", "empty_body", /empty/],
    ["half an object", '{"model": "T2V-01"', "invalid_json", /not valid JSON/],
    ["a trailing comma", '{"model": "T2V-01",}', "invalid_json", /not valid JSON/],
    ["a form", "model=T2V-01&prompt=x", "invalid_json", /not valid JSON/],
    ["an array", '[{"model": "T2V-01"}]', "invalid_json", /JSON object/],
    ["a string", '"T2V-01"', "invalid_json", /JSON object/],
    ["null", "null", "invalid_json", /JSON object/],
    ["a number", "7", "invalid_json", /JSON object/],
    ["bytes that are not UTF-8", bytes(0x7b, 0xff, 0xfe, 0x7d), "invalid_encoding", /UTF-8/],
    ["UTF-8 cut in a character", bytes(0x7b, 0x22, 0xe6, 0xb5), "invalid_encoding", /UTF-8/],
    ["UTF-16", bytes(0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00), "invalid_encoding", /UTF-8/],
  ];
  it.each(creates.flatMap((path) => bodies.map((row) => [path, ...row] as const)))(
    "at %s may not be %s",
    async (path, _title, body, code, message) => {
      const response = await post(path, active, body, { "content-type": "application/json" });
      expect(response.status).toBe(400);
      const error = await readError(response);
      expect(error).toMatchObject({ form: "minimax", code, base: { status_code: 2013 } });
      expect(error.message).toMatch(message);
    },
  );

  it.each(["application/json; charset=utf-8", "text/plain", "application/x-www-form-urlencoded", ""])(
    "is read as JSON although it is labelled '%s'",
    async (label) => {
      const headers: Record<string, string> = label === "" ? {} : { "content-type": label };
      const order = { model: "MiniMax-Hailuo-2.3", prompt: "A lighthouse", dry_run: true };
      const response = await post("/v1/videos/generations", active, JSON.stringify(order), headers);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ object: "video.quote", estimated_cost_usd: 0.28 });
    },
  );

  it("gets no answer that is as large as the name of a field in it", async () => {
    const metadata = { ["k".repeat(100_000)]: "x" };
    const order = JSON.stringify({ model: "T2V-01", prompt: "A lighthouse", dry_run: true, metadata });
    const response = await post("/v1/videos/generations", active, order);
    expect(response.status).toBe(400);
    const error = await readError(response);
    expect(error.message).toMatch(/names of 1 to 64 characters/);
    expect(error.text.length).toBeLessThan(1000);
  });

  it("is read although it begins with a byte order mark", async () => {
    const order = JSON.stringify({ model: "T2V-01", prompt: "A lighthouse", dry_run: true });
    expect((await post("/v1/videos/generations", active, `\ufeff${order}`)).status).toBe(200);
  });

  it.each([
    ["/v1/videos/generations", "28 MB", 28 * 1024 * 1024 + 1],
    ["/v1/videos/minimax/generations", "28 MB", 28 * 1024 * 1024 + 1],
    ["/v1/videos", "28 MB", 28 * 1024 * 1024 + 1],
    ["/v1/files", "50 MB", 50 * 1024 * 1024 + 1],
  ])("at %s that announces more than %s is too large before it is read", async (path, limit, length) => {
    let pulled = 0;
    const body = new ReadableStream({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(16));
      },
    });
    const response = await app.fetch(
      new Request(`${origin}${path}`, {
        method: "POST",
        headers: { ...bearer(active), "content-length": String(length) },
        body,
      }),
      env,
    );
    expect(response.status).toBe(413);
    const error = await readError(response);
    expect(error).toMatchObject({ form: formOf(path), code: "body_too_large" });
    expect(error.message).toContain(limit);
    expect(pulled).toBeLessThan(5);
    if (path !== "/v1/files") expect(error.message).toContain("POST /v1/files");
  });

  it.each([
    ["/v1/videos/generations", 28],
    ["/v1/files", 50],
  ])("at %s that streams on without saying its length is too large at %d MB", async (path, limit) => {
    let sent = 0;
    const piece = new Uint8Array(1024 * 1024).fill(0x20);
    const body = new ReadableStream({
      pull(controller) {
        sent++;
        controller.enqueue(piece);
        // Without a limit here a defect would fill the memory.
        if (sent > 60) controller.close();
      },
    });
    const response = await app.fetch(
      new Request(`${origin}${path}`, { method: "POST", headers: bearer(active), body }),
      env,
    );
    expect(response.status).toBe(413);
    expect((await readError(response)).code).toBe("body_too_large");
    expect(sent).toBeGreaterThanOrEqual(limit);
    expect(sent).toBeLessThan(limit + 5);
  });
});

describe("a field of a create", () => {
  const good = { model: "MiniMax-Hailuo-2.3", prompt: "A lighthouse" };
  const subject = (value: unknown) => ({ model: "S2V-01", prompt: "A sailor", subject_reference: value });
  const long = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`key${index}`, "x"]));
  /** Body, the field at fault, the code, and what the sentence must say. */
  const rows: [body: object, param: string, code: string, message: RegExp][] = [
    [{ ...good, seed: 7 }, "seed", "unknown_field", /accepted are .*prompt/],
    [{ ...good, Prompt: "x" }, "Prompt", "unknown_field", /accepted are .*prompt/],
    [
      { ...good, callback_url: "https://x.example" },
      "callback_url",
      "unknown_field",
      /accepted are .*prompt/,
    ],
    [{ ...good, toString: 1 }, "toString", "unknown_field", /accepted are .*prompt/],
    [
      subject([{ type: "character", image: ["x"], name: "y" }]),
      "subject_reference.0.name",
      "unknown_field",
      /accepted are type, image/,
    ],

    [{ prompt: "x" }, "model", "missing_field", /is required/],
    [{ model: "MiniMax-Hailuo-2.3" }, "prompt", "missing_field", /1 to 2000 characters/],
    [
      { model: "MiniMax-Hailuo-2.3-Fast", prompt: "x" },
      "first_frame_image",
      "missing_field",
      /MiniMax-Hailuo-2\.3/,
    ],
    [{ model: "S2V-01", prompt: "x" }, "subject_reference", "missing_field", /S2V-01 needs it/],
    [subject([{ image: ["x"] }]), "subject_reference.0.type", "invalid_field", /'character'/],

    [{ ...good, model: 7 }, "model", "invalid_field", /GET \/v1\/videos\/models/],
    [{ ...good, model: null }, "model", "invalid_field", /GET \/v1\/videos\/models/],
    [{ ...good, model: "video-01" }, "model", "unknown_model", /accepted are .*T2V-01/],
    [{ ...good, prompt: 7 }, "prompt", "invalid_field", /text of at most 2,000 characters/],
    [{ ...good, prompt: null }, "prompt", "invalid_field", /text of at most 2,000 characters/],
    [{ ...good, prompt: "x".repeat(2001) }, "prompt", "prompt_too_long", /2001 characters; at most 2000/],
    [{ ...good, duration: "6" }, "duration", "invalid_field", /6 or 10/],
    [{ ...good, duration: 6.5 }, "duration", "invalid_field", /6 or 10/],
    [{ ...good, duration: 5 }, "duration", "unsupported_combination", /768P with 6 or 10 seconds/],
    [
      { ...good, duration: 10, resolution: "1080P" },
      "duration",
      "unsupported_combination",
      /1080P with 6 seconds/,
    ],
    [{ ...good, resolution: 768 }, "resolution", "invalid_field", /512P, 720P, 768P, 1080P/],
    [{ ...good, resolution: "720P" }, "resolution", "unsupported_combination", /take 768P/],
    [{ ...good, resolution: "512P" }, "resolution", "unsupported_combination", /768P with 6 or 10 seconds/],
    [{ ...good, prompt_optimizer: "true" }, "prompt_optimizer", "invalid_field", /true or false/],
    [{ ...good, fast_pretreatment: 1 }, "fast_pretreatment", "invalid_field", /true or false/],
    [{ ...good, dry_run: "yes" }, "dry_run", "invalid_field", /true or false/],
    [{ ...good, take: 0 }, "take", "invalid_field", /from 1 to 1000/],
    [{ ...good, take: 1001 }, "take", "invalid_field", /from 1 to 1000/],
    [{ ...good, take: 1.5 }, "take", "invalid_field", /from 1 to 1000/],
    [{ ...good, n: 2 }, "n", "invalid_field", /only 1/],
    [{ ...good, n: "1" }, "n", "invalid_field", /must be 1/],
    [{ ...good, aspect_ratio: 1.5 }, "aspect_ratio", "invalid_field", /16:9/],
    [{ ...good, max_cost_usd: -1 }, "max_cost_usd", "invalid_field", /US dollars/],
    [{ ...good, max_cost_usd: "1" }, "max_cost_usd", "invalid_field", /US dollars/],
    [{ ...good, model: "T2V-01", max_cost_usd: 1 }, "max_cost_usd", "price_unknown", /no price/],
    [{ ...good, metadata: "x" }, "metadata", "invalid_field", /at most 16 texts/],
    [{ ...good, metadata: ["x"] }, "metadata", "invalid_field", /at most 16 texts/],
    [{ ...good, metadata: long }, "metadata", "invalid_field", /at most 16 texts/],
    [{ ...good, metadata: { page: 7 } }, "metadata.page", "invalid_field", /at most 512 characters/],
    [
      { ...good, metadata: { page: "x".repeat(513) } },
      "metadata.page",
      "invalid_field",
      /at most 512 characters/,
    ],

    [{ ...good, first_frame_image: 7 }, "first_frame_image", "invalid_field", /POST \/v1\/files/],
    [
      { ...good, first_frame_image: "photo.png" },
      "first_frame_image",
      "invalid_image",
      /data URL, bare base64/,
    ],
    [
      { ...good, first_frame_image: `image_${"0".repeat(64)}` },
      "first_frame_image",
      "image_not_found",
      /POST \/v1\/files/,
    ],
    [
      { ...good, first_frame_image: "R0lGODlhAQABAAAAACw=" },
      "first_frame_image",
      "invalid_image",
      /JPG, PNG or WebP/,
    ],
    [
      { ...good, last_frame_image: "https://x.example/a.png" },
      "last_frame_image",
      "unsupported_combination",
      /MiniMax-Hailuo-02/,
    ],
    [subject("x"), "subject_reference", "invalid_field", /list of one/],
    [subject([]), "subject_reference", "invalid_field", /list of one/],
    [
      subject([{ type: "character", image: [] }]),
      "subject_reference.0.image",
      "invalid_field",
      /list of one image/,
    ],
    [
      subject([{ type: "character", image: ["a", "b"] }]),
      "subject_reference.0.image",
      "invalid_field",
      /list of one image/,
    ],
    [subject([{ type: "dog", image: ["a"] }]), "subject_reference.0.type", "invalid_field", /'character'/],
    [
      subject([{ type: "character", image: ["photo.png"] }]),
      "subject_reference.0.image.0",
      "invalid_image",
      /data URL/,
    ],
  ];
  it.each(
    rows.map(([body, param, code, message]) => ({
      body,
      param,
      code,
      message,
      what: JSON.stringify(body).slice(0, 90),
    })),
  )("$param in $what: $code", async ({ body, param, code, message }) => {
    for (const path of creates) {
      const response = await post(path, active, JSON.stringify(body));
      expect(response.status).toBe(400);
      const error = await readError(response);
      expect(error).toMatchObject({ form: "minimax", code, param, base: { status_code: 2013 } });
      expect(error.message).toMatch(message);
      expect(error.message.startsWith(param), error.message).toBe(true);
    }
  });

  it("that costs more than allowed is refused as a payment", async () => {
    const response = await post(
      "/v1/videos/generations",
      active,
      JSON.stringify({ ...good, max_cost_usd: 0.27 }),
    );
    expect(response.status).toBe(402);
    expect(await readError(response)).toMatchObject({ code: "cost_exceeds_limit", param: "max_cost_usd" });
  });

  it.each(["", " ", "a b", "ü", "x".repeat(256)])("an Idempotency-Key of '%s' is refused", async (key) => {
    const response = await app.fetch(
      new Request(`${origin}/v1/videos/generations`, {
        method: "POST",
        headers: [...Object.entries(bearer(active)), ["idempotency-key", key]] as [string, string][],
        body: JSON.stringify(good),
      }),
      env,
    );
    expect(response.status).toBe(400);
    expect(await readError(response)).toMatchObject({
      code: "invalid_idempotency_key",
      param: "Idempotency-Key",
    });
  });
});

describe("other inputs", () => {
  const rows: [method: string, path: string, param: string, message: RegExp][] = [
    ["GET", `/v1/videos/query/${taskId}?wait=61`, "wait", /from 0 to 60/],
    ["GET", `/v1/videos/query/${taskId}?wait=-1`, "wait", /from 0 to 60/],
    ["GET", `/v1/videos/query/${taskId}?wait=1.5`, "wait", /from 0 to 60/],
    ["GET", `/v1/videos/query/${taskId}?wait=soon`, "wait", /from 0 to 60/],
    ["GET", `/v1/videos/${taskId}?wait=61`, "wait", /from 0 to 60/],
    ["GET", `/v1/videos/${taskId}/content?variant=gif`, "variant", /video or thumbnail/],
    ["GET", `/v1/videos/query/${taskId}?include_download_url=maybe`, "include_download_url", /true or false/],
    ["GET", `/v1/videos/download/${fileIdOf(taskId)}?expires_in=59`, "expires_in", /from 60 to 604800/],
    ["GET", `/v1/videos/download/${fileIdOf(taskId)}?expires_in=604801`, "expires_in", /from 60 to 604800/],
    ["GET", `/v1/videos/download/${fileIdOf(taskId)}?expires_in=1h`, "expires_in", /from 60 to 604800/],
    [
      "GET",
      `/v1/videos/download/${fileIdOf(taskId)}?disposition=download`,
      "disposition",
      /inline or attachment/,
    ],
    ["GET", `/v1/videos/download/${fileIdOf(taskId)}?via=ftp`, "via", /worker/],
  ];
  it.each(rows)("%s %s names %s and what is accepted", async (method, path, param, message) => {
    const response = await call(path, { method, headers: bearer(active) });
    expect(response.status).toBe(400);
    const error = await readError(response);
    expect(error).toMatchObject({ form: formOf(path), code: "invalid_field", param });
    expect(error.message).toMatch(message);
  });

  const images: [title: string, body: BodyInit | null, code: string, message: RegExp][] = [
    ["nothing", null, "empty_body", /bytes of an image/],
    ["text", "a lighthouse", "invalid_image", /JPG, PNG, WebP or HEIC.*MP4 or MOV.*WAV or MP3/],
    ["a form", new FormData(), "invalid_image", /JPG, PNG or WebP/],
  ];
  it.each(images)("an upload of %s is refused", async (_title, body, code, message) => {
    const response = await post("/v1/files", active, body);
    expect(response.status).toBe(400);
    const error = await readError(response);
    expect(error).toMatchObject({ form: "openai", code });
    expect(error.message).toMatch(message);
  });

  const keys: [body: unknown, param: string, code: string][] = [
    [{}, "name", "missing_field"],
    [{ name: "" }, "name", "invalid_field"],
    [{ name: "  " }, "name", "invalid_field"],
    [{ name: "x".repeat(101) }, "name", "invalid_field"],
    [{ name: 7 }, "name", "invalid_field"],
    [{ name: "x", account: "pk" }, "account", "invalid_field"],
    [{ name: "x", account: "_directory" }, "account", "invalid_field"],
    [{ name: "x", account: "A" }, "account", "invalid_field"],
    [{ name: "x", account: "" }, "account", "invalid_field"],
    [{ name: "x", account: "a".repeat(41) }, "account", "invalid_field"],
    [{ name: "x", limit: 7 }, "limit", "unknown_field"],
  ];
  it.each(keys)("a key made from %j is refused for its %s", async (body, param, code) => {
    const response = await post("/v1/admin/keys", adminKey, JSON.stringify(body));
    expect(response.status).toBe(400);
    expect(await readError(response)).toMatchObject({ form: "openai", code, param });
  });

  it("a key that does not exist cannot be revoked, nor listed in a misnamed account", async () => {
    const none = await call("/v1/admin/keys/key_nothing", { method: "DELETE", headers: bearer(adminKey) });
    expect([none.status, (await readError(none)).code]).toEqual([404, "not_found"]);
    const elsewhere = await call("/v1/admin/keys?account=_directory", { headers: bearer(adminKey) });
    expect([elsewhere.status, (await readError(elsewhere)).param]).toEqual([400, "account"]);
  });

  it("no answer but the first shows a key or its hash", async () => {
    const { id, key } = await makeKey("listed");
    const listed = await (await call("/v1/admin/keys?account=listed", { headers: bearer(adminKey) })).text();
    expect(listed).toContain(id);
    expect(listed).not.toContain(key);
    expect(listed).not.toMatch(/sha256|[0-9a-f]{64}/);
  });

  const callbacks: [title: string, path: string, body: string, status: number][] = [
    ["a malformed task", `/callbacks/minimax/x?secret=${"A".repeat(43)}`, "{}", 404],
    ["an unknown task", `/callbacks/minimax/${taskId}?secret=${"A".repeat(43)}`, '{"challenge":"c"}', 404],
    ["no secret", `/callbacks/minimax/${taskId}`, '{"challenge":"c"}', 404],
    ["a malformed secret", `/callbacks/minimax/${taskId}?secret=short`, "{}", 404],
    ["no JSON", `/callbacks/minimax/${taskId}?secret=${"A".repeat(43)}`, "hello", 400],
    ["nothing", `/callbacks/minimax/${taskId}?secret=${"A".repeat(43)}`, "", 400],
  ];
  it.each(callbacks)(
    "a callback with %s is refused and echoes nothing",
    async (_title, path, body, status) => {
      const response = await call(path, { method: "POST", body });
      expect(response.status).toBe(status);
      expect(await response.text()).not.toContain("challenge");
    },
  );
});

describe("a deployment with a wrong setting", () => {
  const wrong = "wrong value 7Z";
  const settings: [name: string, value: string | undefined, sentence: RegExp][] = [
    ["MINIMAX_API_KEY", undefined, /MINIMAX_API_KEY is not set/],
    ["MINIMAX_API_KEY", "", /MINIMAX_API_KEY is empty/],
    ["ADMIN_KEY", undefined, /ADMIN_KEY is not set/],
    ["ADMIN_KEY", "short 7Z", /ADMIN_KEY must have at least 16 characters/],
    ["LINK_KEYS", undefined, /LINK_KEYS is not set/],
    ["LINK_KEYS", wrong, /LINK_KEYS must be kid:secret/],
    ["LINK_KEYS", "a:short-7Z", /LINK_KEYS must be/],
    ["LINK_KEYS", "a:long-enough-secret-7Z,a:long-enough-secret-8Z", /once each/],
    ["LINK_KEYS", "A:long-enough-secret-7Z", /lower-case/],
    ["LINK_KEYS", "a:long-enough-secret-7Z,", /LINK_KEYS must be/],
    ["MINIMAX_BASE_URL", wrong, /MINIMAX_BASE_URL must be/],
    ["MINIMAX_BASE_URL", "ftp://minimax.example/7Z", /MINIMAX_BASE_URL must be/],
    [
      "MINIMAX_BASE_URL",
      "https://minimax.example/7Z",
      /MINIMAX_BASE_URL must be an http\(s\) origin .* without a path/,
    ],
    ["MINIMAX_REQUESTS_PER_MINUTE", wrong, /MINIMAX_REQUESTS_PER_MINUTE must be a whole number/],
    ["MINIMAX_REQUESTS_PER_MINUTE", "0", /MINIMAX_REQUESTS_PER_MINUTE must be a whole number from 1/],
    ["MINIMAX_TASKS_IN_FLIGHT", "1.5", /MINIMAX_TASKS_IN_FLIGHT must be a whole number/],
    ["PUBLIC_URL", wrong, /PUBLIC_URL must be/],
    [
      "PUBLIC_URL",
      "https://video.example.com/7Z",
      /PUBLIC_URL must be an http\(s\) origin .* without a path/,
    ],
    ["ADMIN_KEY", "long enough but with spaces 7Z", /ADMIN_KEY must have .* no space/],
    ["ADMIN_KEY", "   ", /ADMIN_KEY is empty/],
    ["TIME_SCALE", wrong, /TIME_SCALE must be a number/],
    ["TIME_SCALE", "0", /TIME_SCALE must be at least 0.001/],
    ["TIME_SCALE", "1e9", /TIME_SCALE must be at most/],
  ];
  it.each(settings)("names %s and never shows its value (%s)", async (name, value, sentence) => {
    const broken = { ...env, [name]: value };
    for (const path of [
      "/v1/videos/models",
      `/v1/videos/query/${taskId}`,
      `/files/${fileIdOf(taskId)}.mp4`,
    ]) {
      const response = await app.fetch(new Request(`${origin}${path}`, { headers: bearer(active) }), broken);
      expect(response.status).toBe(503);
      const error = await readError(response);
      expect(error).toMatchObject({ form: formOf(path), code: "misconfigured" });
      expect(error.message).toMatch(sentence);
      expect(error.text).not.toMatch(/7Z|8Z/);
    }
    const health = await app.fetch(new Request(`${origin}/healthz`), broken);
    expect(health.status).toBe(503);
    const text = await health.text();
    expect(text).toContain(name);
    expect(text).not.toMatch(/7Z|8Z/);
  });

  it("names all of them at once", async () => {
    const { MINIMAX_API_KEY: _1, ADMIN_KEY: _2, LINK_KEYS: _3, ...bare } = env;
    const health = (await (await app.fetch(new Request(`${origin}/healthz`), bare)).json()) as {
      problems: string[];
    };
    expect(health.problems.map((problem) => problem.split(" ")[0])).toEqual([
      "MINIMAX_API_KEY",
      "ADMIN_KEY",
      "LINK_KEYS",
    ]);
  });

  it("takes empty optional settings for absent ones", async () => {
    const bare = {
      ...env,
      MINIMAX_BASE_URL: "",
      MINIMAX_REQUESTS_PER_MINUTE: "",
      MINIMAX_TASKS_IN_FLIGHT: "",
      PUBLIC_URL: "",
      TIME_SCALE: "",
    };
    expect((await app.fetch(new Request(`${origin}/healthz`), bare)).status).toBe(200);
  });

  it("still answers a preflight", async () => {
    const response = await app.fetch(
      new Request(`${origin}/v1/videos/models`, {
        method: "OPTIONS",
        headers: { origin: "https://site.example" },
      }),
      { ...env, ADMIN_KEY: undefined },
    );
    expect(response.status).toBe(204);
  });
});

it("a refusal knows the row of its code", () => {
  const refusal = new Refusal("not_found");
  expect(refusal.row.status).toBe(404);
  expect(refusal.message).toBe(refusal.row.sentence);
});
