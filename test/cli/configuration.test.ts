/** filmgate.json: what it may hold, what is refused and how, and where it is found. */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findConfiguration, parseConfiguration } from "../../src/cli/configuration.ts";
import { FilmgateError } from "../../src/client/filmgate.ts";

const parse = (value: unknown) => parseConfiguration(JSON.stringify(value), "/site/filmgate.json");

describe("filmgate.json", () => {
  it("tells where filmgate runs, the lock, defaults and orders by name", () => {
    const value = {
      url: "https://video.example.com",
      lock: "src/videos.lock.json",
      defaults: { model: "MiniMax-Hailuo-2.3", resolution: "1080P" },
      orders: { hero: { prompt: "Waves" }, about: { prompt: "Hills", take: 2 } },
    };
    expect(parse(value)).toEqual({
      path: "/site/filmgate.json",
      folder: "/site",
      url: value.url,
      lock: value.lock,
      defaults: value.defaults,
      orders: [
        { name: "hero", order: { prompt: "Waves" } },
        { name: "about", order: { prompt: "Hills", take: 2 } },
      ],
    });
  });

  it.each([
    ["a list", [{ prompt: "A" }, { prompt: "B" }], ["orders[0]", "orders[1]"]],
    ["one order", { prompt: "A", publish: {} }, ["orders"]],
    ["one order without words", { first_frame_image: "./a.jpg" }, ["orders"]],
    ["named ones", { a: { prompt: "A" }, b: {} }, ["a", "b"]],
    [
      "ones with the names of fields",
      { publish: { prompt: "A" }, take: { prompt: "B" } },
      ["publish", "take"],
    ],
  ])("takes orders as %s", (_what, orders, names) => {
    expect(parse({ orders }).orders.map(({ name }) => name)).toEqual(names);
  });

  it.each([
    ["no JSON", "{,}", "it is not JSON"],
    ["no object", "[]", "must be a JSON object"],
    [
      "an unknown field",
      '{"ulr": "https://a"}',
      "unknown field 'ulr'. Known are url, lock, defaults, orders.",
    ],
    ["an address that is no text", '{"url": 5}', "'url' must be a text"],
    ["an empty lock", '{"lock": ""}', "'lock' must be a text"],
    ["defaults that are none", '{"defaults": []}', "'defaults' must be an object"],
    ["a default that no order has", '{"defaults": {"resolutoin": "1080P"}}', "'defaults' has 'resolutoin'"],
    ["orders that are none", '{"orders": "orders.json"}', "orders must be an order, a list"],
    ["an order that is none", '{"orders": [{"prompt": "A"}, "B"]}', "orders[1] is not an order"],
  ])("is refused with a sentence if it is or has %s", (_what, text, sentence) => {
    const refused = refusalOf(text);
    expect(refused.code).toBe("invalid_configuration");
    expect(refused.message).toContain(sentence);
    expect(refused.message).toContain("/site/filmgate.json");
  });

  it.each([
    ["by its name", '{"api_key": "hunter2hunter2"}', "api_key"],
    ["by its name in camels", '{"apiKey": "hunter2hunter2"}', "apiKey"],
    ["by what it is", '{"url": "https://a?k=mql_default_hunter2hunter2"}', "url"],
    [
      "further down",
      '{"orders": {"a": {"metadata": {"k": "mql_x-y_hunter2hunter2"}}}}',
      "orders.a.metadata.k",
    ],
  ])("is refused with a key in it, told %s and never repeated", (_how, text, field) => {
    const { message } = refusalOf(text);
    expect(message).toContain(`'${field}' holds a key`);
    expect(message).toContain("FILMGATE_API_KEY");
    expect(message).not.toContain("hunter2");
  });

  it.each([
    ['{"defaults": {"deploy_hook_url": "https://build/hunter2"}}', "defaults.deploy_hook_url"],
    ['{"orders": [{"prompt": "a", "deploy_hook_url": "https://build/hunter2"}]}', "orders.0.deploy_hook_url"],
  ])("is refused with a deploy hook in it, which is a secret: %s", (text, field) => {
    const { message } = refusalOf(text);
    expect(message).toContain(`'${field}' is a secret address`);
    expect(message).not.toContain("hunter2");
  });

  it("may hold a publishable key: it may stand in a page", () => {
    expect(parse({ orders: [{ prompt: "mql_pk_default_0123456789" }] }).orders).toHaveLength(1);
  });

  it("is read or refused with a sentence, whatever it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          parseConfiguration(text, "/site/filmgate.json");
        } catch (error) {
          expect(error).toBeInstanceOf(FilmgateError);
        }
      }),
    );
  });
});

function refusalOf(text: string): FilmgateError {
  try {
    parseConfiguration(text, "/site/filmgate.json");
  } catch (error) {
    return error as FilmgateError;
  }
  throw new Error(`it was taken: ${text}`);
}

describe("the configuration of a folder", () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "filmgate-configuration-"));
    await mkdir(join(root, "site", "pages", "deep"), { recursive: true });
    await writeFile(join(root, "site", "filmgate.json"), '{"url": "https://near.example.com"}');
    await writeFile(join(root, "filmgate.json"), '{"url": "https://far.example.com"}');
  });
  afterAll(() => rm(root, { recursive: true }));

  it("is the nearest upward", async () => {
    const found = await findConfiguration(join(root, "site", "pages", "deep"), undefined);
    expect(found).toMatchObject({ url: "https://near.example.com", folder: join(root, "site") });
  });

  it("is the one that is named, relative to the folder", async () => {
    const found = await findConfiguration(join(root, "site"), "../filmgate.json");
    expect(found.url).toBe("https://far.example.com");
  });

  it("names the files in its defaults so that they are found from any folder", async () => {
    const defaults = {
      first_frame_image: "./a b.jpg",
      subject_reference: [{ type: "character", image: ["../c.jpg", "https://example.com/d.jpg"] }],
    };
    await writeFile(join(root, "pictures.json"), JSON.stringify({ defaults }));
    const found = await findConfiguration(join(root, "site"), "../pictures.json");
    expect(found.defaults).toEqual({
      first_frame_image: pathToFileURL(join(root, "a b.jpg")).href,
      subject_reference: [
        {
          type: "character",
          image: [pathToFileURL(join(root, "..", "c.jpg")).href, "https://example.com/d.jpg"],
        },
      ],
    });
  });

  it("is refused if the one that is named is not there", async () => {
    await expect(findConfiguration(root, "other.json")).rejects.toMatchObject({
      code: "invalid_configuration",
      message: `${join(root, "other.json")}: there is no such file.`,
    });
  });
});
