/**
 * OpenAI's Videos shape: `POST /v1/videos`, as JSON or as a form, over the same orders as everywhere. Its other routes
 * stand in videos.ts and list.ts, since a video object is one here. What is asked for in OpenAI's words is put into
 * ours and ordered like any other, so a repeated create is one order, whatever boundary its form has.
 */

import { createRoute, z } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import { timing } from "hono/timing";
import type {
  CreateVideoRequest,
  DryRunResponse,
  OpenAICreateVideoRequest,
  OpenAICreateVideoResponse,
  ResolutionName,
} from "../../contract.ts";
import { sha256Hex } from "../../domain/hash.ts";
import { mediaId } from "../../domain/media.ts";
import type { ModelRow } from "../../domain/models.ts";
import { requireModel } from "../../domain/order.ts";
import { videoView } from "../../domain/view.ts";
import { quote, Refusal } from "../../errors.ts";
import { placeTask } from "../admission.ts";
import { type AppEnv, createRoutes } from "../app-env.ts";
import { jsonBody, presentBody, readForm, releaseBody } from "../body.ts";
import { maxBodyBytes, prepareOrder } from "../create.ts";
import { openAIStyleError } from "../error-schemas.ts";
import { linkTo, originOf } from "../link.ts";
import { dryRunResponse } from "../order-schemas.ts";
import { idempotencyKey, takeHeader } from "../parameters.ts";
import { json } from "../schema-parts.ts";
import { takeTicket } from "../tickets.ts";
import { openAICreateVideoRequest, openAICreateVideoResponse } from "./openai-schemas.ts";

const mib = 1024 * 1024;
const uploadHint = " Upload large images with POST /v1/files and send their ids.";
/** A form is held twice while it is parsed, so it has room for one image of 20 MB; a larger one is uploaded first. */
const form = { maxBytes: 21 * mib, maxParts: 64, hint: uploadHint };

/** Fields of a form are texts; these are something else. */
const numbers = new Set(["take", "max_cost_usd", "retention_days"]);
const flags = new Set(["prompt_optimizer", "fast_pretreatment", "dry_run"]);

const readJson = jsonBody(maxBodyBytes, { hint: uploadHint });
const readBody: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (!/^multipart\/form-data\b/i.test(c.req.header("content-type") ?? "")) return readJson(c, next);
  presentBody(c, await fieldsOf(c));
  await next();
};

export const openAIRoutes = createRoutes();

openAIRoutes.openapi(
  createRoute({
    method: "post",
    path: "/v1/videos",
    tags: ["OpenAI"],
    operationId: "createOpenAIVideo",
    summary: "Order a video, as OpenAI's clients do",
    description:
      "Takes JSON or `multipart/form-data`, in which `input_reference` may be a file. `model` is one of MiniMax's. It is the same order as at `/v1/videos/generations`, joined and paid for in the same way, and its answer is the video object. `docs/dialects/openai.md` tells what differs from OpenAI.",
    security: [{ apiKey: [] }],
    middleware: [timing({ crossOrigin: true }), takeTicket, readBody],
    request: {
      headers: z.object({
        "idempotency-key": idempotencyKey,
        "filmgate-take": takeHeader("The field `take`, as a header."),
      }),
      body: {
        content: {
          "application/json": { schema: openAICreateVideoRequest },
          // Described by its name alone: what is described by a schema of zod's is parsed by hono, without a bound.
          "multipart/form-data": {
            schema: { $ref: "#/components/schemas/OpenAICreateVideoRequest" },
            encoding: {
              input_reference: { contentType: "image/jpeg, image/png, image/webp, text/plain" },
              metadata: { style: "deepObject", explode: true },
            },
          },
        },
        description: "What to make",
        required: true,
      },
    },
    responses: {
      200: json(openAICreateVideoResponse.or(dryRunResponse), "The video object"),
      400: json(openAIStyleError, "The order cannot be made; the sentence names the field"),
      401: json(openAIStyleError, "No key, or one that is unknown or revoked"),
      402: json(openAIStyleError, "It costs more than allowed, or MiniMax's balance is used up"),
      403: json(openAIStyleError, "A publishable key does not order here"),
      410: json(
        openAIStyleError,
        "MiniMax could not make it, or the video of this Idempotency-Key was deleted",
      ),
      413: json(openAIStyleError, "The body is too large"),
      422: json(openAIStyleError, "MiniMax refused the content, or the Idempotency-Key was used for another"),
      424: json(openAIStyleError, "MiniMax refused this deployment's key, or could not be asked for a day"),
      429: json(openAIStyleError, "MiniMax's rate limits left no turn for it for a day"),
    },
  }),
  async (c) => c.json(await create(c), 200),
);

/** What OpenAI has and MiniMax has not. Without a word here, clients would take it for a wrong id. */
for (const [path, what] of [
  ["/v1/videos/:task_id/remix", "remixes; order another video, or this one again with another take"],
  ["/v1/videos/edits", "edits of videos; order a new one"],
  ["/v1/videos/extensions", "extensions of videos; order one of 10 seconds"],
  ["/v1/videos/characters", "stored characters; S2V-01 takes a likeness at POST /v1/videos/generations"],
  ["/v1/videos/characters/:id", "stored characters; S2V-01 takes a likeness at POST /v1/videos/generations"],
] as const) {
  openAIRoutes.all(path, () => {
    throw new Refusal("not_supported", { message: `There are no ${what}.` });
  });
}

async function create(c: Context<AppEnv>): Promise<OpenAICreateVideoResponse | DryRunResponse> {
  try {
    translateOrder(c);
    const prepared = await prepareOrder(c);
    releaseBody(c);
    if ("quote" in prepared) return prepared.quote;
    const { task, joined } = await placeTask(c, prepared);
    const link = task.status === "succeeded" ? await linkTo(c, task.fileId) : null;
    c.header("cache-control", "no-store");
    return { ...videoView(task, Date.now(), link, originOf(c)), ...joined };
  } catch (error) {
    throw error instanceof Refusal ? inOpenAITerms(error) : error;
  }
}

/** Puts the order in our words where it is read from. */
function translateOrder(c: Context<AppEnv>): void {
  const order = orderOf(c.req.valid("json" as never) as OpenAICreateVideoRequest);
  c.req.addValidatedData("json", order);
}

function orderOf(asked: OpenAICreateVideoRequest): CreateVideoRequest {
  const { seconds, size, input_reference: reference, ...rest } = asked;
  const row = requireModel(asked.model);
  const first_frame_image =
    typeof reference === "object" ? (reference.image_url ?? reference.file_id) : reference;
  const mode = first_frame_image === undefined ? "text" : "image";
  const matrix = row.makes[mode];
  const frame = first_frame_image === undefined ? {} : { first_frame_image };
  // A model that does not start from this is refused with what it needs, before its sizes matter.
  if (matrix === undefined) return { ...rest, ...frame };
  const { resolution, ratio } =
    size === undefined ? { ...row.defaults, ratio: undefined } : readSize(size, row, mode);
  if (ratio !== undefined && rest.ratio !== undefined && rest.ratio !== ratio) {
    throw new Refusal("invalid_field", {
      message: `ratio: the size ${quote(String(size))} is ${ratio}; send one of the two, or a size such as ${resolution}.`,
      param: "ratio",
    });
  }
  const duration = seconds === undefined ? row.defaults.duration : readSeconds(seconds);
  const accepted = matrix[resolution] ?? [];
  if (!accepted.includes(duration)) {
    throw new Refusal("unsupported_combination", {
      message: `seconds: ${row.model} does not make ${quote(String(seconds ?? duration))} at ${resolution}; accepted are ${accepted.join(", ")}.`,
      param: "seconds",
    });
  }
  return { ...rest, ...frame, resolution, duration, ...(ratio === undefined ? {} : { ratio }) };
}

function readSeconds(seconds: string | number): number {
  if (typeof seconds === "number") return seconds;
  return /^[0-9]{1,3}$/.test(seconds) ? Number(seconds) : Number.NaN;
}

/**
 * Sizes in pixels, and what makes them; of several, the first that the model has. MiniMax's 768P is 1366x768: it is the
 * nearest to OpenAI's 1280x720, larger by a fifteenth and of the same shape. 512P has no size that anybody tells.
 */
const resolutions: Readonly<Record<string, readonly ResolutionName[]>> = {
  "1280x720": ["720P", "768P"],
  "1366x768": ["768P"],
  "1920x1080": ["1080P"],
  "2560x1440": ["2K"],
};

/** @throws Refusal naming the sizes that the model has. */
function readSize(
  size: string,
  row: ModelRow,
  mode: "text" | "image",
): { resolution: ResolutionName; ratio: "16:9" | "9:16" | undefined } {
  const made = Object.keys(row.makes[mode] ?? {}) as ResolutionName[];
  const named = made.find((name) => name === size.toUpperCase());
  if (named !== undefined) return { resolution: named, ratio: undefined };
  const known = size.toLowerCase();
  const turned = known.split("x").reverse().join("x");
  const isPortrait = Object.hasOwn(resolutions, turned) && !Object.hasOwn(resolutions, known);
  const hasShape = mode === "text" && row.ratios !== null;
  if (isPortrait && mode === "text" && !hasShape) {
    throw new Refusal("unsupported_combination", {
      message: `size: from text alone ${row.model} makes landscape only, not ${quote(size)}. For a portrait video send a portrait picture as input_reference: the video has its shape.`,
      param: "size",
    });
  }
  const asked = isPortrait ? turned : known;
  const able = Object.hasOwn(resolutions, asked) ? resolutions[asked] : [];
  const resolution = able?.find((name) => made.includes(name));
  if (resolution !== undefined) {
    return { resolution, ratio: hasShape ? (isPortrait ? "9:16" : "16:9") : undefined };
  }
  const sizes = Object.entries(resolutions)
    .filter(([, names]) => names.some((name) => made.includes(name)))
    .map(([pixels]) => pixels);
  throw new Refusal("unsupported_combination", {
    message: `size: ${row.model} does not make ${quote(size)}; accepted are ${[...sizes, ...made].join(", ")}.`,
    param: "size",
  });
}

/** The fields of a form as JSON would have them; a file becomes the id of what is in it, and waits to be kept. */
async function fieldsOf(c: Context<AppEnv>): Promise<object> {
  const fields = new Map<string, unknown>();
  const nested = new Map<string, Map<string, string>>();
  for (const [name, value] of await readForm(c.req.raw, form)) {
    const [, outer = "", inner] = /^([^[\]]*)(?:\[([^[\]]*)\])?$/.exec(name) ?? [];
    const isFile = typeof value !== "string";
    const within = inner === undefined ? fields : (nested.get(outer) ?? new Map<string, string>());
    if (outer === "" || within.has(inner ?? outer) || fields.has(outer))
      throw badPart(name, "comes twice, or its name cannot be read");
    if (isFile && name !== "input_reference")
      throw badPart(name, "is a file; only input_reference may be one");
    if (isFile) {
      fields.set(name, await readPicture(c, value));
      continue;
    }
    // A form writes each line break as CRLF, whatever its author wrote: the same words are to be the same order.
    const text = value.replaceAll("\r\n", "\n");
    if (inner === undefined) fields.set(name, readValue(name, text));
    else nested.set(outer, (within as Map<string, string>).set(inner, text));
  }
  for (const [outer, inner] of nested) {
    if (fields.has(outer)) throw badPart(outer, "comes twice");
    fields.set(outer, Object.fromEntries(inner));
  }
  return Object.fromEntries(fields);
}

async function readPicture(c: Context<AppEnv>, file: File): Promise<{ file_id: string }> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const sha256 = sha256Hex(bytes);
  c.set("picture", { bytes, sha256 });
  return { file_id: mediaId("image", sha256) };
}

/** What cannot be read stays as it came: the schema says what is accepted. */
function readValue(name: string, text: string): unknown {
  if (numbers.has(name) && text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
  if (flags.has(name) && (text === "true" || text === "false")) return text === "true";
  return text;
}

function badPart(name: string, problem: string): Refusal {
  const param = name.slice(0, 64);
  return new Refusal("invalid_form", { message: `${param}: ${problem}.`, param });
}

const terms: Readonly<Record<string, string>> = {
  first_frame_image: "input_reference",
  resolution: "size",
  duration: "seconds",
};

/** A refusal of a field that its caller knows by another name. */
function inOpenAITerms(refusal: Refusal): Refusal {
  const param = terms[refusal.param ?? ""];
  if (param === undefined) return refusal;
  const { code, details, provider, headers } = refusal;
  const message = refusal.message.replaceAll(String(refusal.param), param);
  return new Refusal(code, { message, param, details, provider, headers });
}
