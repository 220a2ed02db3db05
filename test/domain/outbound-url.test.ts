/** Which addresses filmgate calls: a table of tricks, and what holds for every address of every range. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isOnThisMachine,
  judgeUrl,
  maskedUrl,
  maxUrlCharacters,
  withoutQuery,
} from "../../src/domain/outbound-url.ts";

const strict = { allowsLoopback: false };
const onTheDesk = { allowsLoopback: true };
const accepts = (url: string, rules = strict) => judgeUrl(url, rules).accepted;

describe("an address is taken", () => {
  it.each([
    ["https://example.com/hook", "https://example.com/hook"],
    [
      "https://hooks.example.co.uk:8443/a/b?token=1&x=%20",
      "https://hooks.example.co.uk:8443/a/b?token=1&x=%20",
    ],
    ["HTTPS://Example.COM", "https://example.com/"],
    ["https://example.com:443/", "https://example.com/"],
    ["https://bücher.example.net/", "https://xn--bcher-kva.example.net/"],
    ["https://my_service.example.com/", "https://my_service.example.com/"],
    ["https://8.8.8.8/", "https://8.8.8.8/"],
    ["https://134744072/", "https://8.8.8.8/"],
    ["https://[2606:4700::1111]/", "https://[2606:4700::1111]/"],
    ["https://example.com/a@b/c:d", "https://example.com/a@b/c:d"],
    ["https://localhost.example.com/", "https://localhost.example.com/"],
    ["https://internal.example.com/", "https://internal.example.com/"],
  ])("%s", (text, url) => {
    expect(judgeUrl(text, strict)).toEqual({ accepted: true, url });
    expect(judgeUrl(text, onTheDesk)).toEqual({ accepted: true, url });
  });
});

describe("an address is refused", () => {
  it.each([
    ["nothing", ""],
    ["words", "example.com/hook"],
    ["another scheme", "ftp://example.com/"],
    ["a scheme that only looks like one", "javascript:https://example.com/"],
    ["no slashes", "https:example.com"],
    ["three slashes", "https:///example.com"],
    ["http", "http://example.com/"],
    ["http in capitals", "HTTP://EXAMPLE.COM/"],
    ["a user name", "https://user@example.com/"],
    ["a password", "https://:secret@example.com/"],
    ["a user name that looks like a host", "https://example.com@10.0.0.1/"],
    ["a backslash before the at sign", "https://10.0.0.1\\@example.com/"],
    ["a backslash for a slash", "https:\\\\example.com/"],
    ["a fragment", "https://example.com/#a"],
    ["an empty fragment", "https://example.com/#"],
    ["a tab in the host", "https://exa\tmple.com/"],
    ["a line end", "https://example.com/\r\nHost: x"],
    ["a leading space", " https://example.com/"],
    ["a trailing space", "https://example.com/ "],
    ["no host", "https://"],
    ["no host but a port", "https://:443/"],
    ["a port that is none", "https://example.com:99999/"],
    ["a host that no name can be", "https://exa!mple.com/"],
    ["a label of 64 letters", `https://${"a".repeat(64)}.com/`],
    ["a name of 255 letters", `https://${"a.".repeat(126)}com/`],
    ["a label that begins with a hyphen", "https://-a.example.com/"],
    ["an empty label", "https://a..example.com/"],
    ["too long", `https://example.com/${"a".repeat(maxUrlCharacters)}`],
    ["too long once encoded", `https://example.com/${"ü".repeat(1000)}`],

    ["localhost", "https://localhost/"],
    ["localhost in capitals", "https://LOCALHOST/"],
    ["localhost in full-width letters", "https://ｌｏｃａｌｈｏｓｔ/"],
    ["localhost, percent-encoded", "https://%6cocalhost/"],
    ["localhost with a dot", "https://localhost./"],
    ["a subdomain of localhost", "https://a.localhost/"],
    ["a name without a dot", "https://intranet/"],
    ["a trailing dot", "https://example.com./"],
    ["two trailing dots", "https://example.com../"],
    ["mDNS", "https://printer.local/"],
    ["a metadata service by name", "https://metadata.google.internal/"],
    ["a home network", "https://router.home.arpa/"],
    ["a reverse name", "https://1.0.0.127.in-addr.arpa/"],
    ["localdomain", "https://localhost.localdomain/"],
    ["a local network", "https://nas.lan/"],
    ["a reserved name", "https://a.test/"],
    ["another", "https://a.example/"],
    ["another", "https://a.invalid/"],
    ["another", "https://a.onion/"],

    ["loopback", "https://127.0.0.1/"],
    ["loopback with a dot", "https://127.0.0.1./"],
    ["another loopback", "https://127.255.255.254/"],
    ["loopback in short", "https://127.1/"],
    ["loopback as a number", "https://2130706433/"],
    ["loopback in hex", "https://0x7f000001/"],
    ["loopback in hex and octal", "https://0x7f.0.0.01/"],
    ["loopback in octal", "https://0177.0.0.1/"],
    ["loopback in circled digits", "https://①②⑦.⓪.⓪.①/"],
    ["loopback with ideographic stops", "https://127。0。0。1/"],
    ["this host", "https://0.0.0.0/"],
    ["this host in short", "https://0/"],
    ["private", "https://10.1.2.3/"],
    ["private", "https://172.16.0.1/"],
    ["private", "https://172.31.255.255/"],
    ["private", "https://192.168.1.1/"],
    ["a provider's own network", "https://100.64.0.1/"],
    ["a metadata service", "https://169.254.169.254/latest/meta-data/"],
    ["a metadata service as a number", "https://2852039166/"],
    ["protocol assignments", "https://192.0.0.170/"],
    ["documentation", "https://192.0.2.1/"],
    ["documentation", "https://198.51.100.1/"],
    ["documentation", "https://203.0.113.9/"],
    ["a 6to4 relay", "https://192.88.99.1/"],
    ["benchmarking", "https://198.19.255.255/"],
    ["multicast", "https://224.0.0.1/"],
    ["reserved", "https://240.0.0.1/"],
    ["broadcast", "https://255.255.255.255/"],

    ["loopback in v6", "https://[::1]/"],
    ["loopback in v6, in full", "https://[0:0:0:0:0:0:0:1]/"],
    ["unspecified", "https://[::]/"],
    ["v4 in v6", "https://[::ffff:127.0.0.1]/"],
    ["v4 in v6, in hex", "https://[::ffff:a00:1]/"],
    ["v4 in v6, even a public one", "https://[::ffff:8.8.8.8]/"],
    ["v4-compatible", "https://[::7f00:1]/"],
    ["NAT64", "https://[64:ff9b::7f00:1]/"],
    ["local NAT64", "https://[64:ff9b:1::a00:1]/"],
    ["6to4", "https://[2002:7f00:1::1]/"],
    ["Teredo", "https://[2001:0:7f00:1::1]/"],
    ["unique local", "https://[fd00::1]/"],
    ["unique local", "https://[fc00::1]/"],
    ["link-local", "https://[fe80::1]/"],
    ["site-local", "https://[fec0::1]/"],
    ["multicast in v6", "https://[ff02::1]/"],
    ["documentation in v6", "https://[2001:db8::1]/"],
    ["documentation in v6", "https://[3fff::1]/"],
    ["a metadata service in v6", "https://[fd00:ec2::254]/"],
    ["discard", "https://[100::1]/"],
    ["a zone", "https://[fe80::1%25eth0]/"],
  ])("for %s: %s", (_title, text) => {
    const verdict = judgeUrl(text, strict);
    expect(verdict.accepted).toBe(false);
  });

  it("with a reason that shows nothing of it but its host", () => {
    const verdict = judgeUrl("https://10.0.0.1/path-secret?token=query-secret", strict);
    expect(verdict).toEqual({ accepted: false, problem: "names 10.0.0.1, which is no public address" });
  });
});

describe("loopback is taken in development alone", () => {
  it.each([
    "http://127.0.0.1:8080/hook",
    "http://localhost:3000/",
    "http://[::1]:3000/",
    "https://127.0.0.1/",
    "http://127.8.9.10/",
  ])("%s", (url) => {
    expect(accepts(url, onTheDesk)).toBe(true);
    expect(accepts(url)).toBe(false);
  });

  it.each([
    "http://10.0.0.1/",
    "http://example.com/",
    "https://192.168.0.1/",
    "http://a.localhost/",
    "https://[::]/",
  ])("and nothing else for it: %s", (url) => expect(accepts(url, onTheDesk)).toBe(false));

  it.each([
    ["http://127.0.0.1:9797", true],
    ["http://localhost:9797", true],
    ["http://[::1]:9797", true],
    ["https://127.0.0.1", false],
    ["https://api.minimax.io", false],
    ["http://localhost.example.com", false],
    ["http://10.0.0.1", false],
    ["nothing", false],
  ])("%s is MiniMax's stand-in on this machine: %s", (origin, expected) => {
    expect(isOnThisMachine(origin)).toBe(expected);
  });
});

describe("whatever the address", () => {
  const part = fc.integer({ min: 0, max: 255 });
  const closed: [string, fc.Arbitrary<number[]>][] = [
    ["this network", fc.tuple(fc.constant(0), part, part, part)],
    ["10/8", fc.tuple(fc.constant(10), part, part, part)],
    ["100.64/10", fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), part, part)],
    ["127/8", fc.tuple(fc.constant(127), part, part, part)],
    ["169.254/16", fc.tuple(fc.constant(169), fc.constant(254), part, part)],
    ["172.16/12", fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), part, part)],
    ["192.168/16", fc.tuple(fc.constant(192), fc.constant(168), part, part)],
    ["198.18/15", fc.tuple(fc.constant(198), fc.integer({ min: 18, max: 19 }), part, part)],
    ["multicast and beyond", fc.tuple(fc.integer({ min: 224, max: 255 }), part, part, part)],
  ];
  /** Every spelling that the parser takes for one address. */
  const spellings = ([a = 0, b = 0, c = 0, d = 0]: number[]) => {
    const number = ((a * 256 + b) * 256 + c) * 256 + d;
    const hex = (value: number) => `0x${value.toString(16)}`;
    return [
      [a, b, c, d].join("."),
      `${[a, b, c, d].join(".")}.`,
      String(number),
      hex(number),
      [a, b, c, d].map(hex).join("."),
      [a, b, c, d].map((value) => `0${value.toString(8)}`).join("."),
      `${a}.${(b * 256 + c) * 256 + d}`,
      `${a}.${b}.${c * 256 + d}`,
    ];
  };

  it.each(closed)("%s is refused in every spelling", (_title, addresses) => {
    fc.assert(
      fc.property(addresses, (address) => {
        for (const host of spellings(address)) expect(accepts(`https://${host}/`), host).toBe(false);
        const [a = 0, b = 0, c = 0, d = 0] = address;
        const [high, low] = [(a * 256 + b).toString(16), (c * 256 + d).toString(16)];
        for (const host of [
          `::ffff:${high}:${low}`,
          `64:ff9b::${high}:${low}`,
          `2002:${high}:${low}::1`,
          `::${high}:${low}`,
        ])
          expect(accepts(`https://[${host}]/`), host).toBe(false);
      }),
    );
  });

  it("one outside of 2000::/3 is refused", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffff }).filter((first) => first >> 13 !== 1),
        fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 7, maxLength: 7 }),
        (first, rest) => {
          const host = [first, ...rest].map((group) => group.toString(16)).join(":");
          expect(accepts(`https://[${host}]/`), host).toBe(false);
        },
      ),
    );
  });

  it("what is taken is called in the spelling that was judged, and judging that again changes nothing", () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, validSchemes: ["https"] }), (text) => {
        const verdict = judgeUrl(text, strict);
        if (!verdict.accepted) return;
        expect(judgeUrl(verdict.url, strict)).toEqual(verdict);
        expect(new URL(verdict.url).protocol).toBe("https:");
      }),
    );
  });

  it("any text is judged without a throw", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        judgeUrl(text, strict);
        judgeUrl(`https://${text}`, onTheDesk);
        judgeUrl(`https://[${text}]/`, strict);
      }),
    );
  });
});

it.each([
  ["https://example.com/hook?token=secret", "https://example.com/hook?…"],
  ["https://example.com/hook", "https://example.com/hook"],
  ["nothing", ""],
])("a log shows %s as '%s'", (url, shown) => {
  expect(withoutQuery(url)).toBe(shown);
});

describe("an address that is a secret", () => {
  it.each([
    // Netlify, Vercel, Cloudflare Pages, Workers Builds.
    ["https://api.netlify.com/build_hooks/0123456789abcdef0123c3d4", "https://api.netlify.com/…c3d4"],
    [
      "https://api.netlify.com/build_hooks/0123456789abcdef0123c3d4?trigger_title=x",
      "https://api.netlify.com/…c3d4",
    ],
    [
      "https://api.vercel.com/v1/integrations/deploy/prj_0123456789abcdef/AbCdEfGhIj",
      "https://api.vercel.com/…",
    ],
    [
      "https://api.cloudflare.com/client/v4/pages/webhooks/deploy_hooks/01234567-89ab-cdef-0123-456789abcdef",
      "https://api.cloudflare.com/…cdef",
    ],
    ["https://example.com/0123456789abcdef01234567/", "https://example.com/…4567"],
    ["http://127.0.0.1:8080/hook", "http://127.0.0.1:8080/…"],
    ["https://example.com/?secret=0123456789abcdef01234567", "https://example.com/…"],
    ["nothing", "…"],
  ])("%s is shown as %s", (url, shown) => {
    expect(maskedUrl(url)).toBe(shown);
  });

  it("shows its host and four characters of twelve that stay hidden, whatever it is", () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (url) => {
        const { origin, pathname, search, hash } = new URL(url);
        const shown = maskedUrl(url);
        expect(shown.startsWith(`${origin}/…`)).toBe(true);
        const tail = shown.slice(`${origin}/…`.length);
        expect([0, 4]).toContain(tail.length);
        expect(pathname.length - tail.length).toBeGreaterThanOrEqual(tail === "" ? 0 : 12);
        for (const hidden of [search, hash]) if (hidden.length > 1) expect(tail).not.toContain(hidden);
      }),
    );
  });
});
