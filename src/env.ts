/**
 * What a deployment must provide, parsed once per isolate, with errors in plain words.
 * Values never appear in those errors: they are secrets.
 */

import { z } from "zod";
import { findModel, models, type OwnPrice, type WireName } from "./domain/models.ts";
import type { Account } from "./durable/account.ts";
import type { Pacer } from "./durable/pacer.ts";
import type { VideoTask } from "./durable/video-task.ts";

export type Env = Readonly<{
  VIDEO_TASKS: DurableObjectNamespace<VideoTask>;
  ACCOUNTS: DurableObjectNamespace<Account>;
  PACER: DurableObjectNamespace<Pacer>;
  VIDEOS: R2Bucket;
  /** How often a visitor may ask, and create, with a publishable key; a deployment without them has no such limits. */
  VISITOR_READS?: RateLimit;
  VISITOR_CREATES?: RateLimit;
  /** Cloudflare's Media Transformations, where the deployment wants posters of videos without a first frame. */
  MEDIA?: MediaBinding;
  MINIMAX_API_KEY?: string;
  ADMIN_KEY?: string;
  LINK_KEYS?: string;
  MINIMAX_BASE_URL?: string;
  MINIMAX_REQUESTS_PER_MINUTE?: string;
  MINIMAX_TASKS_IN_FLIGHT?: string;
  MINIMAX_H3_REQUESTS_PER_MINUTE?: string;
  MINIMAX_H3_TASKS_IN_FLIGHT?: string;
  PUBLIC_URL?: string;
  TIME_SCALE?: string;
  PRICES?: string;
  DEPLOY_HOOK_WINDOW_SECONDS?: string;
  DEPLOY_HOOK_GAP_SECONDS?: string;
  R2_S3_ENDPOINT?: string;
  R2_S3_BUCKET?: string;
  R2_S3_ACCESS_KEY_ID?: string;
  R2_S3_SECRET_ACCESS_KEY?: string;
}>;

/** A named secret for links. The first signs, all verify. */
export type LinkKey = Readonly<{ kid: string; secret: string }>;

/** Where and how R2 is reached by S3: what its own links are signed with. */
export type S3Access = Readonly<{
  /** `https://<account>.r2.cloudflarestorage.com`; a path in it stands before the bucket's name. */
  endpoint: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
}>;

export type Settings = Readonly<{
  minimaxApiKey: string;
  adminKey: string;
  linkKeys: readonly [LinkKey, ...LinkKey[]];
  minimaxBaseUrl: string;
  /** What MiniMax allows this key on each of its wires; null where nobody said: then filmgate feels its way. */
  minimaxPace: Readonly<
    Record<WireName, Readonly<{ requestsPerMinute: number | null; tasksInFlight: number | null }>>
  >;
  /** Origin under which callers and MiniMax reach this deployment; null: each request's own origin, if it is https. */
  publicUrl: string | null;
  /** Multiplies every wait and bound; 1 is real life. */
  timeScale: number;
  /** Prices that the operator set, before MiniMax's published ones. */
  prices: readonly OwnPrice[];
  deployHooks: Readonly<{
    /** How long a call waits for other videos to finish. */
    windowSeconds: number;
    /** At least between two builds of the same hook. */
    gapSeconds: number;
  }>;
  /** Null: R2's own links are off. */
  r2: S3Access | null;
}>;

/** What holds for deploy hooks where nobody set it. */
export const usualHookPace: Settings["deployHooks"] = { windowSeconds: 60, gapSeconds: 300 };

export type SettingsResult =
  | { ok: true; settings: Settings }
  /** One sentence a setting, naming it and what it takes. */
  | { ok: false; problems: string[] };

const required = (name: string, form: string) =>
  z
    .string({ error: `${name} is not set; it takes ${form}.` })
    .trim()
    .min(1, `${name} is empty; it takes ${form}.`);
/** A path would be dropped in silence, so it is refused aloud. */
const origin = (name: string, example: string) =>
  z
    .string()
    .refine(
      (text) => /^https?:\/\/[^/?#]+\/?$/i.test(text) && URL.canParse(text),
      `${name} must be an http(s) origin such as ${example}, without a path.`,
    )
    .transform((text) => new URL(text).origin);

/** A limit of MiniMax's; five digits are more than it gives anybody. */
const limit = (name: string) =>
  z
    .string()
    .trim()
    .regex(/^[1-9][0-9]{0,4}$/, `${name} must be a whole number from 1 to 99999.`)
    .transform(Number)
    .optional();

const seconds = (name: string, least: number, most: number, usual: number) => {
  const rule = `${name} must be a whole number of seconds from ${least} to ${most}.`;
  return z
    .string()
    .trim()
    .regex(/^[0-9]{1,5}$/, rule)
    .transform(Number)
    .refine((value) => value >= least && value <= most, rule)
    .default(usual);
};

const schema = z.object({
  MINIMAX_API_KEY: required("MINIMAX_API_KEY", "the API key of a MiniMax account"),
  ADMIN_KEY: required("ADMIN_KEY", "a long random text, such as `openssl rand -hex 32` prints").regex(
    /^\S{16,}$/,
    "ADMIN_KEY must have at least 16 characters, and no space.",
  ),
  LINK_KEYS: required("LINK_KEYS", "kid:secret, or several with commas between them").transform(
    (text, context) => {
      const keys = text.split(",").map((part) => {
        const [, kid, secret] = /^\s*([a-z0-9]{1,16}):(\S{16,})\s*$/.exec(part) ?? [];
        return kid === undefined || secret === undefined ? null : { kid, secret };
      });
      const [first, ...rest] = keys.filter((key) => key !== null);
      const named = new Set(keys.map((key) => key?.kid)).size === keys.length;
      if (first === undefined || keys.includes(null) || !named) {
        context.addIssue({
          code: "custom",
          message:
            "LINK_KEYS must be kid:secret pairs with commas between them: a kid of 1 to 16 lower-case letters or digits, once each, and a secret of at least 16 characters without spaces or commas.",
        });
        return z.NEVER;
      }
      return [first, ...rest] as const;
    },
  ),
  MINIMAX_BASE_URL: origin("MINIMAX_BASE_URL", "https://api.minimax.io").default("https://api.minimax.io"),
  MINIMAX_REQUESTS_PER_MINUTE: limit("MINIMAX_REQUESTS_PER_MINUTE"),
  MINIMAX_TASKS_IN_FLIGHT: limit("MINIMAX_TASKS_IN_FLIGHT"),
  MINIMAX_H3_REQUESTS_PER_MINUTE: limit("MINIMAX_H3_REQUESTS_PER_MINUTE"),
  MINIMAX_H3_TASKS_IN_FLIGHT: limit("MINIMAX_H3_TASKS_IN_FLIGHT"),
  PUBLIC_URL: origin("PUBLIC_URL", "https://video.example.com").optional(),
  DEPLOY_HOOK_WINDOW_SECONDS: seconds("DEPLOY_HOOK_WINDOW_SECONDS", 1, 3600, usualHookPace.windowSeconds),
  DEPLOY_HOOK_GAP_SECONDS: seconds("DEPLOY_HOOK_GAP_SECONDS", 0, 86_400, usualHookPace.gapSeconds),
  TIME_SCALE: z.coerce
    .number({ error: "TIME_SCALE must be a number." })
    .min(0.001, "TIME_SCALE must be at least 0.001.")
    .max(1000, "TIME_SCALE must be at most 1000.")
    .default(1),
  PRICES: z
    .string()
    .default("")
    .transform((text, context) => {
      const parts = text.split(",").filter((part) => part.trim() !== "");
      const prices = parts.map(readPrice);
      const wrong = parts.find((_, index) => prices[index] === null);
      if (wrong === undefined) return prices.filter((price) => price !== null);
      context.addIssue({
        code: "custom",
        message: `PRICES must be MODEL=USD or MODEL:RESOLUTION:SECONDS=USD with commas between them, such as T2V-01=0.43,MiniMax-Hailuo-02:768P:10=0.5; '${wrong.trim().slice(0, 64)}' is not. The models are ${models.map(({ model }) => model).join(", ")}.`,
      });
      return z.NEVER;
    }),
});

/** One price of the operator's, or null if it is not one of a video that can be made. Six decimals at most. */
function readPrice(text: string): OwnPrice | null {
  const [, model = "", resolution, seconds, usd] =
    /^\s*([\w.-]+)(?::(\d+[PK]):(\d+))?\s*=\s*(\d{1,5}(?:\.\d{1,6})?)\s*$/.exec(text) ?? [];
  const row = findModel(model);
  if (row === undefined || usd === undefined) return null;
  const cell = resolution === undefined ? null : { resolution, duration: Number(seconds) };
  const makes = Object.values(row.makes).some((matrix) =>
    Object.entries(matrix).some(
      ([name, durations]) => name === cell?.resolution && durations.includes(cell.duration),
    ),
  );
  if (cell !== null && !makes) return null;
  return { model: row.model, cell, microUsd: Math.round(Number(usd) * 1_000_000) };
}

const s3Names = ["R2_S3_ENDPOINT", "R2_S3_BUCKET", "R2_S3_ACCESS_KEY_ID", "R2_S3_SECRET_ACCESS_KEY"] as const;

/** All four or none: with a part of them somebody believes that R2's own links are on. */
function readS3(env: Env): { r2: S3Access | null } | { problem: string } {
  const [endpoint = "", bucket = "", accessKeyId = "", secretAccessKey = ""] = s3Names.map((name) =>
    (env[name] ?? "").trim(),
  );
  const values = [endpoint, bucket, accessKeyId, secretAccessKey];
  if (values.every((value) => value === "")) return { r2: null };
  const missing = s3Names.filter((_, index) => values[index] === "");
  if (missing.length > 0) {
    return {
      problem: `${missing.join(" and ")} is not set; R2's own links take all four of ${s3Names.join(", ")}.`,
    };
  }
  if (!/^https?:\/\/[^?#\s]+$/i.test(endpoint) || !URL.canParse(endpoint)) {
    return {
      problem:
        "R2_S3_ENDPOINT must be an http(s) address such as https://ACCOUNT.r2.cloudflarestorage.com, without the bucket.",
    };
  }
  // R2's own rule for names (developers.cloudflare.com/r2/buckets/create-buckets).
  if (!/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(bucket)) {
    return { problem: "R2_S3_BUCKET must be 3 to 63 lower-case letters, digits and inner hyphens." };
  }
  return { r2: { endpoint: endpoint.replace(/\/+$/, ""), bucket, accessKeyId, secretAccessKey } };
}

const parsed = new WeakMap<object, SettingsResult>();

/** Reads the settings of a deployment; the result is remembered for as long as its `env` lives. */
export function readSettings(env: Env): SettingsResult {
  const known = parsed.get(env);
  if (known) return known;
  const blank = (value: string | undefined) => (value === "" ? undefined : value);
  const result = schema.safeParse({
    ...env,
    MINIMAX_BASE_URL: blank(env.MINIMAX_BASE_URL),
    MINIMAX_REQUESTS_PER_MINUTE: blank(env.MINIMAX_REQUESTS_PER_MINUTE),
    MINIMAX_TASKS_IN_FLIGHT: blank(env.MINIMAX_TASKS_IN_FLIGHT),
    MINIMAX_H3_REQUESTS_PER_MINUTE: blank(env.MINIMAX_H3_REQUESTS_PER_MINUTE),
    MINIMAX_H3_TASKS_IN_FLIGHT: blank(env.MINIMAX_H3_TASKS_IN_FLIGHT),
    PUBLIC_URL: blank(env.PUBLIC_URL),
    TIME_SCALE: blank(env.TIME_SCALE),
    PRICES: blank(env.PRICES),
    DEPLOY_HOOK_WINDOW_SECONDS: blank(env.DEPLOY_HOOK_WINDOW_SECONDS),
    DEPLOY_HOOK_GAP_SECONDS: blank(env.DEPLOY_HOOK_GAP_SECONDS),
  });
  const s3 = readS3(env);
  const problems = result.success ? [] : result.error.issues.map((issue) => issue.message);
  if ("problem" in s3) problems.push(s3.problem);
  const settings: SettingsResult =
    result.success && "r2" in s3
      ? {
          ok: true,
          settings: {
            minimaxApiKey: result.data.MINIMAX_API_KEY,
            adminKey: result.data.ADMIN_KEY,
            linkKeys: result.data.LINK_KEYS,
            minimaxBaseUrl: result.data.MINIMAX_BASE_URL,
            minimaxPace: {
              v1: {
                requestsPerMinute: result.data.MINIMAX_REQUESTS_PER_MINUTE ?? null,
                tasksInFlight: result.data.MINIMAX_TASKS_IN_FLIGHT ?? null,
              },
              v2: {
                requestsPerMinute: result.data.MINIMAX_H3_REQUESTS_PER_MINUTE ?? null,
                tasksInFlight: result.data.MINIMAX_H3_TASKS_IN_FLIGHT ?? null,
              },
            },
            publicUrl: result.data.PUBLIC_URL ?? null,
            timeScale: result.data.TIME_SCALE,
            prices: result.data.PRICES,
            deployHooks: {
              windowSeconds: result.data.DEPLOY_HOOK_WINDOW_SECONDS,
              gapSeconds: result.data.DEPLOY_HOOK_GAP_SECONDS,
            },
            r2: s3.r2,
          },
        }
      : { ok: false, problems };
  parsed.set(env, settings);
  return settings;
}
