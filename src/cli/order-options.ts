/**
 * The options that describe an order, named as the contract's fields in kebab-case, and what becomes of them: an order
 * in which pictures are still as they were named. Options win over the order's file, and that over the defaults. Pure.
 */

import type { CreateVideoRequest, ModelName, PublishRequest, ResolutionName } from "../client/filmgate.ts";
import type { Options, Values } from "./command.ts";
import { commandError } from "./exits.ts";
import type { OrderField, PartialOrder } from "./order-fields.ts";

/** Named once for the completion; what an order may really name, the server knows. */
const models = Object.keys({
  "MiniMax-Hailuo-2.3": true,
  "MiniMax-Hailuo-2.3-Fast": true,
  "MiniMax-Hailuo-02": true,
  "MiniMax-H3": true,
  "MiniMax-H3-Max": true,
  "T2V-01": true,
  "T2V-01-Director": true,
  "I2V-01": true,
  "I2V-01-Director": true,
  "I2V-01-live": true,
  "S2V-01": true,
} satisfies Record<ModelName, true>);
const resolutions = Object.keys({
  "480P": true,
  "512P": true,
  "720P": true,
  "768P": true,
  "1080P": true,
  "2K": true,
} satisfies Record<ResolutionName, true>);

/** What is taken where neither option, file nor default names a model. */
export const standardModel = "MiniMax-Hailuo-2.3" satisfies ModelName;

export const modelOption = {
  kind: "text",
  about: "which model makes it; see 'filmgate models'",
  value: "MODEL",
  suggestions: models,
} as const;

const media = "a file, an address, or an upload's id";

export const publishOptions = {
  title: { kind: "text", about: "title of the published video", value: "TEXT" },
  alt: { kind: "text", about: "what is seen, for those who do not see it", value: "TEXT" },
  origin: {
    kind: "texts",
    about: "a site that may show it, as https://example.com; by default any",
    value: "ORIGIN",
  },
  until: {
    kind: "text",
    about: "published until then: a date such as 2027-01-31, or Unix seconds",
    value: "DATE",
  },
} as const satisfies Options;

export const orderOptions = {
  model: { ...modelOption, standard: standardModel },
  duration: { kind: "number", about: "6 or 10, with H3 models 4 to 15", value: "SECONDS" },
  resolution: { kind: "text", about: "by default 768P", value: "NAME", suggestions: resolutions },
  ratio: {
    kind: "text",
    about: "the shape, with H3 models",
    value: "W:H",
    suggestions: ["21:9", "16:9", "4:3", "1:1", "3:4", "9:16", "adaptive"],
  },
  "first-frame": { kind: "text", about: `what it begins with: ${media}`, value: "IMAGE" },
  "last-frame": { kind: "text", about: `what it ends with: ${media}`, value: "IMAGE" },
  subject: { kind: "text", about: `a person's picture to keep to, with S2V-01: ${media}`, value: "IMAGE" },
  "reference-image": { kind: "texts", about: "to go by, with H3 models; up to nine", value: "IMAGE" },
  "reference-video": { kind: "texts", about: "to go by, with H3 models; up to three", value: "VIDEO" },
  "reference-audio": { kind: "texts", about: "to go by, with H3 models; up to three", value: "SOUND" },
  "prompt-expansion": {
    kind: "text",
    about: "how much MiniMax makes of the prompt, with MiniMax-H3-Max",
    value: "HOW",
    suggestions: ["disabled", "balanced", "quality"],
  },
  "prompt-optimizer": { kind: "flag", about: "let MiniMax rewrite the prompt, or not (--no-…)" },
  "fast-pretreatment": { kind: "flag", about: "let it do so faster" },
  take: { kind: "number", about: "another take of the same order: 2, 3 …", value: "NUMBER" },
  publish: {
    kind: "flag",
    about: "give it an address that stays; implied by --title, --alt, --origin and --until",
  },
  ...publishOptions,
  "max-cost": { kind: "number", about: "refuse the order if it costs more", value: "USD" },
  "webhook-url": { kind: "text", about: "who is told when it is over", value: "URL" },
  "deploy-hook-url": {
    kind: "text",
    about: "what is called once it is there, so that a site is built again",
    value: "URL",
  },
  metadata: { kind: "texts", about: "shown again on the video", value: "NAME=TEXT" },
  "retention-days": { kind: "number", about: "remove it so many days after it ended", value: "DAYS" },
  "dry-run": { kind: "flag", about: "check and price the order, and make nothing" },
} as const satisfies Options;

export type OrderValues = Values<typeof orderOptions, []>;

/** Options whose value is the field's, as it is. */
const plain = {
  model: "model",
  duration: "duration",
  resolution: "resolution",
  ratio: "ratio",
  "first-frame": "first_frame_image",
  "last-frame": "last_frame_image",
  "prompt-expansion": "prompt_expansion",
  "prompt-optimizer": "prompt_optimizer",
  "fast-pretreatment": "fast_pretreatment",
  take: "take",
  "max-cost": "max_cost_usd",
  "webhook-url": "webhook_url",
  "deploy-hook-url": "deploy_hook_url",
  "retention-days": "retention_days",
  "dry-run": "dry_run",
} as const satisfies Partial<Record<keyof typeof orderOptions, OrderField>>;
const lists = {
  "reference-image": "reference_images",
  "reference-video": "reference_videos",
  "reference-audio": "reference_audio",
} as const satisfies Partial<Record<keyof typeof orderOptions, OrderField>>;

/**
 * What is ordered, less the prompt where none was given.
 * @throws FilmgateError `invalid_usage` for what has not the form that it needs, and what excludes each other.
 */
export function orderFrom(
  values: OrderValues,
  prompt: string | undefined,
  fromFile: PartialOrder,
  defaults: PartialOrder,
): CreateVideoRequest {
  const base: PartialOrder = { ...defaults, ...fromFile };
  const own: Record<string, unknown> = {};
  for (const [option, field] of Object.entries(plain)) own[field] = values[option as keyof typeof plain];
  for (const [option, field] of Object.entries(lists)) {
    const given = values[option as keyof typeof lists];
    if (given.length > 0) own[field] = [...given];
  }
  if (values.subject !== undefined) own.subject_reference = [{ type: "character", image: [values.subject] }];
  if (values.metadata.length > 0) own.metadata = { ...base.metadata, ...readMetadata(values.metadata) };
  if (values.publish === false) {
    if (namesPublication(values)) throw publishedAndNot();
    delete base.publish;
  } else if (values.publish === true || namesPublication(values)) {
    own.publish = { ...base.publish, ...publicationFrom(values) };
  }
  own.prompt = prompt;
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return { model: standardModel, ...base, ...given };
}

function publishedAndNot(): Error {
  return commandError(
    "invalid_usage",
    "With --no-publish nothing is published: leave out --title, --alt, --origin and --until.",
  );
}

function namesPublication(values: Values<typeof publishOptions, []>): boolean {
  const { title, alt, origin, until } = values;
  return title !== undefined || alt !== undefined || origin.length > 0 || until !== undefined;
}

/** @throws FilmgateError `invalid_usage` for a date that is none. */
export function publicationFrom(values: Values<typeof publishOptions, []>): PublishRequest {
  return {
    ...(values.title === undefined ? {} : { title: values.title }),
    ...(values.alt === undefined ? {} : { alt: values.alt }),
    ...(values.origin.length === 0 ? {} : { origins: [...values.origin] }),
    ...(values.until === undefined ? {} : { expires_at: readMoment("--until", values.until) }),
  };
}

/**
 * A date, a moment in ISO 8601, or Unix seconds. A date without a time is the beginning of its day in UTC.
 * @returns Unix seconds. @throws FilmgateError `invalid_usage`.
 */
export function readMoment(option: string, text: string): number {
  if (/^\d{6,11}$/.test(text)) return Number(text);
  const at = /^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return Math.floor(at / 1000);
  throw commandError(
    "invalid_usage",
    `${option} takes a date such as 2027-01-31, a moment such as 2027-01-31T08:00:00Z, or Unix seconds, not '${text}'.`,
  );
}

function readMetadata(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf("=");
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw commandError("invalid_usage", `--metadata takes NAME=TEXT, not '${text}'.`);
    }),
  );
}
