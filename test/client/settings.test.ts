/** What a client is made with: given, found in the environment, or refused in plain words. */

import { afterEach, describe, expect, it, vi } from "vitest";
import { Filmgate, type FilmgateOptions } from "../../src/client/filmgate.ts";

const given = { apiKey: "mql_default_key", baseUrl: "https://video.example.com" };
afterEach(() => vi.unstubAllEnvs());

/** The address and key of the first request that the client would send. */
async function firstRequest(options: FilmgateOptions) {
  const seen: { url: string; authorization: string | null }[] = [];
  const fetch = async (url: string, init: RequestInit) => {
    seen.push({ url, authorization: new Headers(init.headers).get("authorization") });
    return Response.json({ object: "list", data: [] });
  };
  await new Filmgate({ ...options, fetch }).video.models();
  return seen[0];
}

describe("a client", () => {
  it("takes key and address from the environment", async () => {
    vi.stubEnv("FILMGATE_API_KEY", "mql_default_env\n");
    vi.stubEnv("FILMGATE_URL", "https://env.example.com/");
    expect(await firstRequest({})).toEqual({
      url: "https://env.example.com/v1/videos/models",
      authorization: "Bearer mql_default_env",
    });
    expect((await firstRequest(given))?.url).toBe("https://video.example.com/v1/videos/models");
  });

  it.each([
    ["https://example.com/", "https://example.com/v1/videos/models"],
    ["https://example.com/a/b", "https://example.com/a/b/v1/videos/models"],
    ["https://example.com/a/b//", "https://example.com/a/b/v1/videos/models"],
    ["http://localhost:8787", "http://localhost:8787/v1/videos/models"],
  ])("keeps what stands in the path of %s", async (baseUrl, url) => {
    expect((await firstRequest({ ...given, baseUrl }))?.url).toBe(url);
  });

  it.each<[string, FilmgateOptions, RegExp]>([
    ["apiKey", { apiKey: undefined }, /FILMGATE_API_KEY/],
    ["apiKey", { apiKey: "" }, /characters/],
    ["apiKey", { apiKey: "mql_a b" }, /characters/],
    ["baseUrl", { baseUrl: undefined }, /FILMGATE_URL/],
    ["baseUrl", { baseUrl: "video.example.com" }, /https:\/\/video\.example\.com/],
    ["baseUrl", { baseUrl: "ftp://example.com" }, /http/],
    ["baseUrl", { baseUrl: "https://user:secret@example.com" }, /no user/],
    ["baseUrl", { baseUrl: "https://example.com/?key=x" }, /no query/],
    ["maxRetries", { maxRetries: -1 }, /0 to 10/],
    ["maxRetries", { maxRetries: 1.5 }, /0 to 10/],
    ["timeoutMs", { timeoutMs: 0 }, /from 1 to/],
    ["timeoutMs", { timeoutMs: Number.POSITIVE_INFINITY }, /from 1 to/],
  ])("refuses a wrong %s: %j", (param, wrong, words) => {
    vi.stubEnv("FILMGATE_API_KEY", "");
    vi.stubEnv("FILMGATE_URL", "");
    expect(() => new Filmgate({ ...given, ...wrong })).toThrow(
      expect.objectContaining({ code: "invalid_setting", param, message: expect.stringMatching(words) }),
    );
  });

  it("does not show its key to whoever prints it", async () => {
    const { inspect } = await import("node:util");
    const filmgate = new Filmgate(given);
    expect(inspect(filmgate, { depth: 9, showHidden: true }) + JSON.stringify(filmgate)).not.toContain(
      given.apiKey,
    );
  });
});
