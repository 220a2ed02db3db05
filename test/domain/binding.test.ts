/** Which pages may use a publishable key, by what their browsers say. */

import { describe, expect, it } from "vitest";
import { bind, mayUse, type PageSigns, unbound } from "../../src/domain/binding.ts";

const own = ["https://video.example.com", "https://filmgate.workers.dev"];
const origins = ["https://example.com", "https://example.com:8443"];
const silent: PageSigns = { origin: null, referer: null, fetchSite: null };

describe("a key bound to origins", () => {
  const rows: [title: string, signs: Partial<PageSigns>, may: boolean][] = [
    ["a page of its site", { origin: "https://example.com" }, true],
    ["a page of its site at another port that is listed", { origin: "https://example.com:8443" }, true],
    ["a page that sends a Referer alone", { referer: "https://example.com/page?x=1" }, true],
    ["www of a site whose apex is listed", { origin: "https://www.example.com" }, false],
    ["the site by http", { origin: "http://example.com" }, false],
    ["a port that is not listed", { origin: "https://example.com:444" }, false],
    ["a site that ends alike", { origin: "https://notexample.com" }, false],
    ["a site that begins alike", { origin: "https://example.com.evil.example" }, false],
    ["a site in capitals, which no browser sends", { origin: "HTTPS://EXAMPLE.COM" }, false],
    ["an opaque origin", { origin: "null" }, false],
    ["an empty Origin", { origin: "" }, false],
    [
      "another Origin whatever its Referer",
      { origin: "https://x.example", referer: "https://example.com/" },
      false,
    ],
    ["another Referer", { referer: "https://x.example/https://example.com/" }, false],
    ["a Referer that cannot be read", { referer: "example.com" }, false],
    ["a program that says nothing", {}, false],
    ["another site's browser that says where it is", { fetchSite: "cross-site" }, false],
    ["a page of the deployment's own", { fetchSite: "same-origin" }, true],
    ["one with its Origin", { origin: "https://video.example.com", fetchSite: "same-origin" }, true],
    [
      "one with its Referer",
      { referer: "https://filmgate.workers.dev/docs", fetchSite: "same-origin" },
      true,
    ],
    ["somebody who only says the deployment's Origin", { origin: "https://video.example.com" }, false],
    ["another site that says same-origin", { origin: "https://x.example", fetchSite: "same-origin" }, false],
  ];
  it.each(rows)("is used by %s", (_title, signs, may) => {
    expect(mayUse(origins, { ...silent, ...signs }, own)).toBe(may);
  });

  it("that is bound to none is used from everywhere", () => {
    for (const [, signs] of rows) expect(mayUse(null, { ...silent, ...signs }, own)).toBe(true);
  });
});

describe("binding", () => {
  const site = ["https://example.com"];
  it.each([
    ["secret", {}, unbound],
    ["secret", { origins: site }, "secret_key"],
    ["secret", { origins: null }, "secret_key"],
    ["secret", { tickets: false }, "secret_key"],
    ["publishable", {}, unbound],
    ["publishable", { origins: site }, { origins: site, tickets: false }],
    ["publishable", { tickets: true }, "tickets_without_origins"],
    ["publishable", { origins: site, tickets: true }, { origins: site, tickets: true }],
  ] as const)("a %s key by %j makes %j", (kind, change, expected) => {
    expect(bind(kind, unbound, change)).toEqual(expected);
  });

  it("cannot be loosened while the key takes tickets", () => {
    expect(bind("publishable", { origins: site, tickets: true }, { origins: null })).toBe(
      "tickets_without_origins",
    );
    expect(bind("publishable", { origins: site, tickets: true }, { origins: null, tickets: false })).toEqual(
      unbound,
    );
  });
});
