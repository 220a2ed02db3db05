/**
 * What a client is made with, checked once: a wrong setting is told where it was given, and not by a request that
 * fails minutes later. Key and address come from the environment where there is one.
 */

import { FilmgateError } from "./errors.ts";

/** A `fetch` of the caller's own: a proxy, a service binding of a worker, a test. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export type FilmgateOptions = {
  /**
   * An API key, `mql_…`; by default `FILMGATE_API_KEY` of the environment. A
   * secret key stays on servers; in a page stands a publishable one, `mql_pk_…`.
   */
  apiKey?: string | undefined;
  /** Where filmgate runs; by default `FILMGATE_URL` of the environment. A path prefix is kept. */
  baseUrl?: string | undefined;
  /** By default the runtime's own. */
  fetch?: Fetch | undefined;
  /** How often a request is repeated after a lost connection, 429 or 5xx: 0 to 10, by default 3. */
  maxRetries?: number | undefined;
  /** How long one attempt may take, in ms, both bodies included: by default 30,000. Large images on slow lines take more. */
  timeoutMs?: number | undefined;
};

export type Settings = {
  apiKey: string;
  /** Without a slash at its end. */
  baseUrl: string;
  fetch: Fetch;
  maxRetries: number;
  timeoutMs: number;
};

/** The longest time that a timer takes. */
export const maxTimerMs = 2 ** 31 - 1;

/** Where filmgate is said to run, as it was given; null if that was not said. */
export function givenBaseUrl({ baseUrl }: FilmgateOptions): string | null {
  return baseUrl ?? environment("FILMGATE_URL") ?? null;
}

/** @throws FilmgateError `invalid_setting`, naming the setting in `param`. */
export function readSettings(options: FilmgateOptions): Settings {
  return {
    apiKey: readApiKey(options.apiKey ?? environment("FILMGATE_API_KEY")),
    baseUrl: readBaseUrl(options.baseUrl ?? environment("FILMGATE_URL")),
    // Not the function itself: browsers refuse it as somebody's method, and tests replace it later.
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    maxRetries: readWholeNumber("maxRetries", options.maxRetries ?? 3, 0, 10),
    timeoutMs: readWholeNumber("timeoutMs", options.timeoutMs ?? 30_000, 1, maxTimerMs),
  };
}

function readApiKey(value: string | undefined): string {
  if (value === undefined) {
    throw invalid(
      "apiKey",
      "filmgate needs an API key: new Filmgate({ apiKey: 'mql_…' }), or FILMGATE_API_KEY in the environment.",
    );
  }
  const key = value.trim();
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw invalid("apiKey", "The API key has characters in it that no key has; it looks like 'mql_…'.");
}

function readBaseUrl(value: string | undefined): string {
  if (value === undefined) {
    throw invalid(
      "baseUrl",
      "filmgate needs its address: new Filmgate({ baseUrl: 'https://…' }), or FILMGATE_URL in the environment.",
    );
  }
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw invalid(
      "baseUrl",
      `baseUrl must be an http(s) address such as https://video.example.com, not '${value}'.`,
    );
  }
  if (url.username !== "" || url.search !== "" || url.hash !== "") {
    throw invalid("baseUrl", "baseUrl takes an origin and perhaps a path: no user, no query, no fragment.");
  }
  return url.href.replace(/\/+$/, "");
}

function readWholeNumber(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalid(name, `${name} must be a whole number from ${min} to ${max}, not ${value}.`);
}

/** Empty counts as absent, as it does in shells and build systems. */
function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name] || undefined;
}

function invalid(param: string, message: string): FilmgateError {
  return new FilmgateError(message, { code: "invalid_setting", param });
}
