/** OpenAI's Videos shape, inside workerd: what is taken for which order, as JSON and as a form, and what is refused. */

import { beforeAll, describe, expect, it } from "vitest";
import type { DryRunResponse, OpenAICreateVideoResponse } from "../../../src/contract.ts";
import { sha256Hex } from "../../../src/domain/hash.ts";
import { png } from "../../domain/images.ts";
import { bearer, call, env, makeKey, post, readError } from "../worker.ts";

let key = "";
beforeAll(async () => {
  key = (await makeKey(`openai-${crypto.randomUUID().slice(0, 8)}`)).key;
});

const model = "MiniMax-Hailuo-2.3";
const picture = (width: number, height: number) => new File([png(width, height).slice()], "frame.png");

type Part = string | File;
function formOf(fields: Record<string, Part> | [string, Part][]): FormData {
  const form = new FormData();
  for (const [name, value] of Array.isArray(fields) ? fields : Object.entries(fields)) {
    if (typeof value === "string") form.append(name, value);
    else form.append(name, value);
  }
  return form;
}

/** From an address that MiniMax could not call back, where a create that was lost ends at once, and is joined. */
async function create<T = OpenAICreateVideoResponse>(body: object | FormData, headers = {}): Promise<T> {
  const init = {
    method: "POST",
    headers: { ...bearer(key), ...headers },
    body: body instanceof FormData ? body : JSON.stringify(body),
  };
  const response = await call("/v1/videos", init, "http://video.example.com");
  expect(response.status, await response.clone().text()).toBe(200);
  return response.json();
}

const quoteOf = (body: object | FormData) => create<DryRunResponse>(body);

describe("a create in OpenAI's words", () => {
  const rows: [title: string, fields: object, made: Partial<DryRunResponse>][] = [
    ["nothing but a prompt", {}, { resolution: "768P", duration: 6, mode: "text" }],
    ["seconds as a text", { seconds: "10" }, { duration: 10 }],
    ["seconds as a number", { seconds: 10 }, { duration: 10 }],
    ["MiniMax's own size", { size: "1366x768" }, { resolution: "768P" }],
    ["OpenAI's landscape", { size: "1280x720" }, { resolution: "768P" }],
    ["the large one", { size: "1920X1080" }, { resolution: "1080P", estimated_cost_usd: 0.49 }],
    [
      "H3's largest",
      { model: "MiniMax-H3", size: "2560x1440", seconds: "4" },
      { resolution: "2K", ratio: "16:9" },
    ],
    ["portrait of words, by H3", { model: "MiniMax-H3", size: "720x1280" }, { ratio: "9:16", duration: 5 }],
    [
      "a shape by name, by H3",
      { model: "MiniMax-H3", size: "2K", ratio: "1:1" },
      { resolution: "2K", ratio: "1:1" },
    ],
    ["a resolution's name", { size: "1080p" }, { resolution: "1080P" }],
    ["720P where it is made", { model: "T2V-01", size: "1280x720" }, { resolution: "720P", duration: 6 }],
    [
      "a portrait size with a picture",
      { size: "720x1280", input_reference: { image_url: "https://site.example/a.png" } },
      { resolution: "768P", mode: "image" },
    ],
    ["a picture's address alone", { input_reference: "https://site.example/a.png" }, { mode: "image" }],
  ];
  it.each(rows)(
    "with %s is the order of ours that it names, as JSON and as a form",
    async (_, fields, made) => {
      const body = { model, prompt: "A lighthouse", dry_run: true, ...fields };
      expect(await quoteOf(body)).toMatchObject({ object: "video.quote", ...made });
      const parts = Object.entries(body).flatMap(([name, value]): [string, Part][] =>
        typeof value === "object"
          ? Object.entries(value).map(([inner, text]) => [`${name}[${inner}]`, String(text)])
          : [[name, String(value)]],
      );
      expect(await quoteOf(formOf(parts))).toMatchObject({ object: "video.quote", ...made });
    },
  );

  it("is answered with OpenAI's video object", async () => {
    const video = await create({ model, prompt: "A harbour", seconds: "6", metadata: { page: "/" } });
    expect(video).toMatchObject({
      id: expect.stringMatching(/^task_/),
      object: "video",
      model,
      prompt: "A harbour",
      seconds: "6",
      size: "768P",
      progress: 0,
      created_at: expect.any(Number),
      completed_at: null,
      remixed_from_video_id: null,
      metadata: { page: "/" },
    });
  });

  it("is one order as a form, as another form, as JSON and at our own address", async () => {
    const order = { model, prompt: "A pier", seconds: "6", input_reference: picture(1280, 720) };
    const first = await create(formOf(order));
    const again = await create(formOf(order), { "x-stainless-retry-count": "1" });
    expect(again).toMatchObject({ id: first.id, joined: true, ignored_fields: [] });
    const file_id = `image_${sha256Hex(png(1280, 720))}`;
    const json = { model, prompt: "A pier", size: "1280x720", input_reference: { file_id } };
    expect((await create(json)).id).toBe(first.id);
    const ours = { model, prompt: "A pier", first_frame_image: file_id };
    const elsewhere = await post("/v1/videos/generations", key, JSON.stringify(ours));
    expect(await elsewhere.json()).toMatchObject({ task_id: first.id, joined: true });
    const other = formOf({ ...order, input_reference: picture(1281, 720) });
    expect((await create(other)).id).not.toBe(first.id);
    expect((await create(formOf(order), { "filmgate-take": "2" })).id).not.toBe(first.id);
  });

  it("of several lines is one order as a form, as JSON and at our own address, by the characters that were written", async () => {
    const prompt = `A lighthouse\nin the fog ${"x".repeat(2000)}`.slice(0, 2000);
    const metadata = { note: "first\nsecond" };
    const headers = { "idempotency-key": crypto.randomUUID() };
    const first = await create({ model, prompt, metadata }, headers);
    // As fetch writes a form: every line break is CRLF there (html.spec.whatwg.org, multipart/form-data).
    const written = (text: string) => text.replaceAll("\n", "\r\n");
    const form = formOf({ model, prompt: written(prompt), "metadata[note]": written(metadata.note) });
    expect(await create(form, headers)).toMatchObject({ id: first.id, prompt, metadata });
    const keyless = await create(form);
    expect(keyless).toMatchObject({ prompt, metadata });
    const json = { model, prompt, metadata };
    expect(await create(json)).toMatchObject({ id: keyless.id, joined: true, ignored_fields: [] });
    const elsewhere = await post("/v1/videos/generations", key, JSON.stringify(json));
    expect(await elsewhere.json()).toMatchObject({ task_id: keyless.id, joined: true });
  });

  it("is known by its Idempotency-Key", async () => {
    const headers = { "idempotency-key": crypto.randomUUID() };
    const first = await create(formOf({ model, prompt: "A buoy" }), headers);
    const again = await create(formOf({ model, prompt: "A buoy" }), headers);
    expect(again.id).toBe(first.id);
    expect(again.joined).toBeUndefined();
  });

  it("takes our own fields in a form, nested ones in brackets", async () => {
    const video = await create(
      formOf({
        ...{ model, prompt: "A dune", take: "3", max_cost_usd: "0.5", prompt_optimizer: "false" },
        "metadata[page]": "/home",
      }),
    );
    expect(video).toMatchObject({ take: 3, metadata: { page: "/home" } });
  });
});

describe("a refused create", () => {
  const good = { model, prompt: "A lighthouse" };
  const image = { image_url: "https://site.example/a.png" };
  const rows: [body: object | FormData, param: string | null, code: string, message: RegExp][] = [
    [{ prompt: "x" }, "model", "missing_field", /is required/],
    [
      { ...good, model: "sora-2" },
      "model",
      "unknown_model",
      /'sora-2' is unknown; accepted are .*MiniMax-Hailuo-2\.3/,
    ],
    [{ model }, "prompt", "missing_field", /needs a text/],
    [{ ...good, seconds: "8" }, "seconds", "unsupported_combination", /'8' at 768P; accepted are 6, 10\./],
    [{ ...good, seconds: "" }, "seconds", "unsupported_combination", /accepted are 6, 10/],
    [{ ...good, seconds: "0x6" }, "seconds", "unsupported_combination", /accepted are 6, 10/],
    [{ ...good, seconds: true }, "seconds", "invalid_field", /text or a number/],
    [{ ...good, seconds: 10, size: "1920x1080" }, "seconds", "unsupported_combination", /accepted are 6\./],
    [{ ...good, model: "T2V-01", seconds: 10 }, "seconds", "unsupported_combination", /accepted are 6\./],
    [{ ...good, model: "T2V-01", size: "1920x1080" }, "size", "unsupported_combination", /1280x720, 720P/],
    [
      { ...good, size: "1792x1024" },
      "size",
      "unsupported_combination",
      /1280x720, 1366x768, 1920x1080, 768P, 1080P/,
    ],
    [{ ...good, size: "toString" }, "size", "unsupported_combination", /accepted are/],
    [{ ...good, size: "720x1280" }, "size", "unsupported_combination", /portrait picture as input_reference/],
    [
      { ...good, model: "MiniMax-H3", size: "1920x1080" },
      "size",
      "unsupported_combination",
      /2560x1440, 768P, 2K/,
    ],
    [{ ...good, model: "MiniMax-H3", size: "1280x720", ratio: "1:1" }, "ratio", "invalid_field", /is 16:9/],
    [{ ...good, ratio: "1:1" }, "ratio", "unsupported_combination", /does not take it/],
    [{ ...good, size: 720 }, "size", "invalid_field", /1366x768/],
    [{ ...good, model: "MiniMax-Hailuo-2.3-Fast" }, "input_reference", "missing_field", /^input_reference: /],
    [
      { ...good, model: "T2V-01", input_reference: image },
      "input_reference",
      "unsupported_combination",
      /^input_reference: T2V-01/,
    ],
    [{ ...good, input_reference: {} }, "input_reference", "invalid_field", /one of \{image_url\}/],
    [
      { ...good, input_reference: { file_id: "file-abc" } },
      "input_reference.file_id",
      "invalid_field",
      /POST \/v1\/files/,
    ],
    [
      { ...good, input_reference: { image_url: "a.png" } },
      "input_reference.image_url",
      "invalid_field",
      /data URL/,
    ],
    [{ ...good, input_reference: "photo.png" }, "input_reference", "invalid_image", /^input_reference: /],
    [{ ...good, characters: [] }, "characters", "unknown_field", /accepted are model, prompt, seconds/],
    [{ ...good, first_frame_image: "x" }, "first_frame_image", "unknown_field", /input_reference/],
    [formOf({ ...good, "extra[a]": "x" }), "extra", "unknown_field", /accepted are/],
    [formOf({ ...good, take: "soon" }), "take", "invalid_field", /whole number/],
    [formOf({ ...good, prompt: picture(640, 640) }), "prompt", "invalid_form", /only input_reference/],
    [
      formOf({ ...good, input_reference: picture(200, 200) }),
      "input_reference",
      "invalid_image",
      /200x200 is too small/,
    ],
    [
      formOf({ ...good, input_reference: new File(["x"], "a") }),
      "input_reference",
      "invalid_image",
      /not an image/,
    ],
    [
      formOf([
        ["model", model],
        ["model", model],
      ]),
      "model",
      "invalid_form",
      /twice/,
    ],
    [
      formOf([
        ["prompt[a]", "x"],
        ["prompt", "x"],
      ]),
      "prompt",
      "invalid_form",
      /twice/,
    ],
    [
      formOf([
        ["prompt[a]", "x"],
        ["prompt[a]", "y"],
      ]),
      "prompt[a]",
      "invalid_form",
      /twice/,
    ],
    [formOf([["metadata[a][b]", "x"]]), "metadata[a][b]", "invalid_form", /cannot be read/],
    [
      formOf(Array.from({ length: 65 }, (_, at) => [`metadata[${at}]`, "x"])),
      null,
      "invalid_form",
      /65 parts; at most 64/,
    ],
  ];
  it.each(
    rows.map(([body, param, code, message]) => {
      const what = JSON.stringify(body instanceof FormData ? [...body].slice(0, 4) : body).slice(0, 90);
      return { body, param, code, message, what };
    }),
  )("for its $param: $code ($what)", async ({ body, param, code, message }) => {
    const response = await post("/v1/videos", key, body instanceof FormData ? body : JSON.stringify(body));
    expect(response.status).toBe(400);
    expect(response.headers.get("x-should-retry")).toBe("false");
    const error = await readError(response);
    expect(error).toMatchObject({ form: "openai", code, param });
    expect(error.message).toMatch(message);
  });

  it.each([
    ["without a boundary", "multipart/form-data", "x"],
    [
      "that ends too early",
      "multipart/form-data; boundary=b",
      '--b\r\ncontent-disposition: form-data; name="model"',
    ],
  ])("for a form %s", async (_, type, body) => {
    const response = await post("/v1/videos", key, body, { "content-type": type });
    expect(response.status).toBe(400);
    expect(await readError(response)).toMatchObject({ form: "openai", code: "invalid_form" });
  });

  it("for a form that is too large, with what to do", async () => {
    const body = formOf({ ...good, input_reference: new File([new Uint8Array(22 * 1024 * 1024)], "a.png") });
    const response = await post("/v1/videos", key, body);
    expect(response.status).toBe(413);
    expect(await readError(response)).toMatchObject({
      code: "body_too_large",
      message: expect.stringMatching(/larger than 21 MB\. .*POST \/v1\/files/),
    });
  });
});

describe("a picture in a form", () => {
  const good = { model, prompt: "A lighthouse" };
  let width = 1300;
  const keptOf = async (bytes: Uint8Array) => {
    const { objects } = await env.VIDEOS.list({ prefix: "images/" });
    return objects.filter(({ key }) => key.includes(sha256Hex(bytes))).length;
  };

  it.each<[title: string, status: number, fields: Record<string, string>, headers: Record<string, string>]>([
    ["a dry run", 200, { dry_run: "true" }, {}],
    ["a prompt that is too long", 400, { prompt: "x".repeat(2001) }, {}],
    ["a webhook to a private host", 400, { webhook_url: "https://10.0.0.1/" }, {}],
    ["a deploy hook to a private host", 400, { deploy_hook_url: "https://10.0.0.1/" }, {}],
    ["a price above its limit", 402, { max_cost_usd: "0.1" }, {}],
    ["a malformed Idempotency-Key", 400, {}, { "idempotency-key": "a b" }],
    ["a malformed Filmgate-Take", 400, {}, { "filmgate-take": "soon" }],
  ])("is not kept of %s", async (_title, status, fields, headers) => {
    const bytes = png(width++, 721);
    const file = new File([bytes.slice()], "frame.png");
    const response = await post(
      "/v1/videos",
      key,
      formOf({ ...good, ...fields, input_reference: file }),
      headers,
    );
    expect([response.status, await keptOf(bytes)]).toEqual([status, 0]);
  });

  it("is kept of an order, once", async () => {
    const bytes = png(width++, 721);
    const file = new File([bytes.slice()], "frame.png");
    await create(formOf({ ...good, input_reference: file }));
    await create(formOf({ ...good, input_reference: file }));
    expect(await keptOf(bytes)).toBe(1);
  });
});

describe("what else OpenAI's clients ask", () => {
  it.each([
    ["POST", "/v1/videos/task_x/remix"],
    ["POST", "/v1/videos/edits"],
    ["POST", "/v1/videos/extensions"],
    ["POST", "/v1/videos/characters"],
    ["GET", "/v1/videos/characters/char_1"],
  ])("%s %s does not exist, and is not to be repeated", async (method, path) => {
    const response = await call(path, { method, headers: bearer(key) });
    expect(response.status).toBe(501);
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect(await readError(response)).toMatchObject({ form: "openai", code: "not_supported" });
  });

  it("a spritesheet does not exist, a thumbnail has a published video only, and nothing else is known", async () => {
    const { id } = await create({ model, prompt: "A gull" });
    const ask = (variant: string) =>
      call(`/v1/videos/${id}/content?variant=${variant}`, { headers: bearer(key) });
    expect((await ask("spritesheet")).status).toBe(501);
    const thumbnail = await ask("thumbnail");
    expect([thumbnail.status, (await readError(thumbnail)).param]).toEqual([404, "variant"]);
    const gif = await ask("gif");
    expect([gif.status, (await readError(gif)).code]).toEqual([400, "invalid_field"]);
  });

  it("a video that is under way tells when to ask again", async () => {
    // MiniMax could call back here, so the create that was lost is waited for.
    const made = await post("/v1/videos", key, JSON.stringify({ model, prompt: "A ferry" }));
    const { id } = (await made.json()) as OpenAICreateVideoResponse;
    const answer = await call(`/v1/videos/${id}`, { headers: bearer(key) });
    expect(await answer.json()).toMatchObject({ status: "queued" });
    expect(Number(answer.headers.get("openai-poll-after-ms"))).toBeGreaterThanOrEqual(250);
    expect(answer.headers.get("access-control-expose-headers")).toContain("openai-poll-after-ms");
    const over = await create({ model, prompt: "A gull" });
    const last = await call(`/v1/videos/${over.id}`, { headers: bearer(key) });
    expect(last.headers.get("openai-poll-after-ms")).toBeNull();
  });
});
