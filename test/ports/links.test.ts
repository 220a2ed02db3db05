/** Signed links: what is signed, for how long, and that no link opens that was not handed out exactly so. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LinkKey } from "../../src/env.ts";
import { type Disposition, linkLife, signLink, verifyLink } from "../../src/ports/links.ts";

const first: LinkKey = { kid: "k2", secret: "the-newer-secret-of-these-tests" };
const second: LinkKey = { kid: "k1", secret: "the-older-secret-of-these-tests" };
const keys = [first, second] as const;
const path = "/files/file_00000000000000000000000001.mp4";
const otherPath = "/files/file_00000000000000000000000002.mp4";
const now = 1_800_000_000;

async function sign(
  about: Partial<Parameters<typeof signLink>[1]> = {},
  with_: Parameters<typeof signLink>[0] = keys,
) {
  return signLink(with_, {
    path,
    lifeSeconds: linkLife.defaultSeconds,
    disposition: "inline",
    filename: null,
    now,
    ...about,
  });
}

/** Judges a link by its text, as a request carries it. */
async function verify(link: string, at = now, with_: Parameters<typeof verifyLink>[0] = keys) {
  const mark = link.indexOf("?");
  const [before, search] = mark < 0 ? [link, ""] : [link.slice(0, mark), link.slice(mark)];
  return verifyLink(with_, { path: before, search, now: at });
}

describe("a signed link", () => {
  it.each(["inline", "attachment"] as const)("opens as it was signed: %s", async (disposition) => {
    const { pathAndQuery, expiresAt } = await sign({ disposition });
    expect(await verify(pathAndQuery)).toEqual({
      ...{ verdict: "valid", disposition, expiresAt },
      filename: null,
    });
  });

  it.each(["Waves.mp4", 'Wässer — 水 "Morgen".mp4', "it's (1)!*.mp4", "100 %.mp4"])(
    "for a download called %s opens as that, however a URL parser writes it",
    async (filename) => {
      const { pathAndQuery } = await sign({ disposition: "attachment", filename });
      const { search } = new URL(pathAndQuery, "https://video.example");
      expect(search).toBe(pathAndQuery.slice(pathAndQuery.indexOf("?")));
      expect(await verify(pathAndQuery)).toMatchObject({ verdict: "valid", filename });
    },
  );

  it.each([
    ["another name", (link: string) => link.replace("Waves", "Woves")],
    ["another spelling of its name", (link: string) => link.replace("Waves", "%57aves")],
    ["no name", (link: string) => link.replace(/=W.*$/, "")],
    ["an empty one", (link: string) => link.replace(/=W.*$/, "=")],
    ["half a character", (link: string) => link.replace("Waves", "%C3")],
    ["a line break", (link: string) => link.replace("Waves", "%0AWaves")],
    ["its name twice", (link: string) => `${link}&dl=Waves.mp4`],
  ])("for a download does not open with %s", async (_title, change) => {
    const { pathAndQuery } = await sign({ disposition: "attachment", filename: "Waves.mp4" });
    expect(await verify(change(pathAndQuery))).toEqual({ verdict: "invalid" });
  });

  it("has one form: path, expiry, key, signature, and dl for a download", async () => {
    expect((await sign()).pathAndQuery).toMatch(
      /^\/files\/file_0{25}1\.mp4\?exp=18000\d{5}&kid=k2&sig=[\w-]{43}$/,
    );
    expect((await sign({ disposition: "attachment" })).pathAndQuery).toMatch(/&sig=[\w-]{43}&dl$/);
  });

  it("opens until its last second and not after", async () => {
    const { pathAndQuery, expiresAt } = await sign();
    expect((await verify(pathAndQuery, expiresAt - 1)).verdict).toBe("valid");
    expect((await verify(pathAndQuery, expiresAt)).verdict).toBe("expired");
    expect((await verify(pathAndQuery, expiresAt + 1e6)).verdict).toBe("expired");
  });

  it("that has expired and was changed is invalid: only a genuine one is told that it expired", async () => {
    const { pathAndQuery } = await sign();
    expect((await verify(pathAndQuery.replace(path, otherPath), now + 1e7)).verdict).toBe("invalid");
  });

  it.each(["", "?"])("without a signature ('%s') is unsigned", async (search) => {
    expect(await verify(`${path}${search}`)).toEqual({ verdict: "unsigned" });
  });
});

describe("a link's life", () => {
  const life = fc.integer({ min: linkLife.minSeconds, max: linkLife.maxSeconds });
  const instant = fc.integer({ min: now, max: now + 1e8 });
  const windowOf = (seconds: number) => Math.min(Math.max(Math.floor(seconds / 24), 60), 3600);

  it("is at least what was asked for, and at most a window more", async () => {
    await fc.assert(
      fc.asyncProperty(life, instant, async (lifeSeconds, at) => {
        const { expiresAt } = await sign({ lifeSeconds, now: at });
        expect(expiresAt).toBeGreaterThanOrEqual(at + lifeSeconds);
        expect(expiresAt).toBeLessThan(at + lifeSeconds + windowOf(lifeSeconds));
      }),
    );
  });

  it("ends at the same moment for all who ask within a window, so that they get the same link", async () => {
    await fc.assert(
      fc.asyncProperty(life, instant, fc.nat(), async (lifeSeconds, at, offset) => {
        const window = windowOf(lifeSeconds);
        const { pathAndQuery, expiresAt } = await sign({ lifeSeconds, now: at });
        const begin = expiresAt - window - lifeSeconds + 1;
        const other = await sign({ lifeSeconds, now: begin + (offset % window) });
        expect(other.pathAndQuery).toBe(pathAndQuery);
        expect((await sign({ lifeSeconds, now: begin + window })).expiresAt).toBe(expiresAt + window);
      }),
    );
  });
});

describe("link keys", () => {
  it("all verify, and the first signs", async () => {
    const old = (await sign({}, [second])).pathAndQuery;
    expect((await verify(old)).verdict).toBe("valid");
    expect((await sign()).pathAndQuery).toContain("kid=k2");
  });

  it("open nothing once they are taken off the list", async () => {
    const old = (await sign({}, [second])).pathAndQuery;
    expect((await verify(old, now, [first])).verdict).toBe("invalid");
  });

  it("open nothing under another one's name", async () => {
    const swapped: LinkKey = { kid: "k2", secret: second.secret };
    const { pathAndQuery } = await sign({}, [swapped]);
    expect((await verify(pathAndQuery)).verdict).toBe("invalid");
  });
});

describe("ten thousand links that were not handed out", () => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  type Parts = { path: string; exp: string; kid: string; sig: string; dl: boolean };
  type Mutation = { name: string; mutate: (link: string, parts: Parts, seed: number) => string };

  const write = ({ path, exp, kid, sig, dl }: Parts) =>
    `${path}?exp=${exp}&kid=${kid}&sig=${sig}${dl ? "&dl" : ""}`;
  const queryOf = (link: string) => link.slice(link.indexOf("?") + 1);
  const at = (seed: number, length: number) => seed % Math.max(length, 1);
  const replaceAt = (text: string, index: number, piece: string) =>
    text.slice(0, index) + piece + text.slice(index + 1);
  const flipBit = (text: string, seed: number) => {
    const index = at(seed >>> 3, text.length);
    return replaceAt(text, index, String.fromCharCode(text.charCodeAt(index) ^ (1 << (seed & 7))));
  };
  const flipCase = (text: string, seed: number) => {
    const letters = [...text].flatMap((character, index) => (/[a-z]/i.test(character) ? [index] : []));
    const index = letters[at(seed, letters.length)] ?? 0;
    const character = text[index] ?? "";
    const upper = character.toUpperCase();
    return replaceAt(text, index, upper === character ? character.toLowerCase() : upper);
  };
  const hex = (character: string, seed: number) => {
    const code = `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
    return seed & 1 ? code.toUpperCase() : code;
  };
  const pick = <T>(list: readonly T[], seed: number): T => list[at(seed, list.length)] as T;

  const mutations: Mutation[] = [
    {
      name: "a bit of the path",
      mutate: (_, parts, seed) => write({ ...parts, path: flipBit(parts.path, seed) }),
    },
    {
      name: "a bit of the expiry",
      mutate: (_, parts, seed) => write({ ...parts, exp: flipBit(parts.exp, seed) }),
    },
    {
      name: "a bit of the kid",
      mutate: (_, parts, seed) => write({ ...parts, kid: flipBit(parts.kid, seed) }),
    },
    {
      name: "a bit of the signature",
      mutate: (_, parts, seed) => write({ ...parts, sig: flipBit(parts.sig, seed) }),
    },
    { name: "a bit anywhere", mutate: (link, _, seed) => flipBit(link, seed) },
    { name: "another case", mutate: (link, _, seed) => flipCase(link, seed) },
    {
      name: "a percent-encoded character",
      mutate: (link, _, seed) => {
        const index = at(seed >>> 1, link.length);
        return replaceAt(link, index, hex(link[index] ?? "", seed));
      },
    },
    {
      name: "parameters in another order",
      mutate: (link, parts, seed) => {
        const [a, b, c, ...rest] = queryOf(link).split("&");
        const orders = [
          [b, a, c],
          [c, b, a],
          [a, c, b],
          [b, c, a],
          [c, a, b],
          [...rest, a, b],
        ];
        return `${parts.path}?${[...pick(orders, seed), ...rest].join("&")}`;
      },
    },
    {
      name: "a parameter twice",
      mutate: (link, parts, seed) => {
        const all = queryOf(link).split("&");
        const where = at(seed >>> 3, all.length + 1);
        return `${parts.path}?${[...all.slice(0, where), pick(all, seed), ...all.slice(where)].join("&")}`;
      },
    },
    {
      name: "a parameter missing or empty",
      mutate: (link, parts, seed) => {
        const all = queryOf(link).split("&");
        const index = at(seed, 3);
        const emptied = [...all];
        emptied[index] = `${all[index]?.split("=")[0]}=`;
        return `${parts.path}?${(seed & 8 ? emptied : all.toSpliced(index, 1)).join("&")}`;
      },
    },
    {
      name: "an extra parameter",
      mutate: (link, parts, seed) => {
        const extra = pick(
          ["a=1", "utm_source=x", "exp=9999999999", "dl=0", "", "kid", "download=1", "="],
          seed,
        );
        const all = queryOf(link).split("&");
        return `${parts.path}?${all.toSpliced(at(seed >>> 3, all.length + 1), 0, extra).join("&")}`;
      },
    },
    {
      name: "a later expiry",
      mutate: (_, parts, seed) =>
        write({ ...parts, exp: String(Number(parts.exp) + 1 + (seed % 10_000_000)) }),
    },
    {
      name: "an earlier expiry",
      mutate: (_, parts, seed) => write({ ...parts, exp: String(Number(parts.exp) - 1 - (seed % 10_000)) }),
    },
    {
      name: "another spelling of the expiry",
      mutate: (_, parts, seed) => {
        const value = Number(parts.exp);
        const spellings = [
          `0${parts.exp}`,
          `+${parts.exp}`,
          `${parts.exp}.0`,
          `${parts.exp}e0`,
          ` ${parts.exp}`,
          `${parts.exp} `,
          `0x${value.toString(16)}`,
          `${parts.exp}\n`,
          "9".repeat(13),
          `-${parts.exp}`,
          "NaN",
          "Infinity",
        ];
        return write({ ...parts, exp: pick(spellings, seed) });
      },
    },
    {
      name: "another file",
      mutate: (_, parts, seed) =>
        write({
          ...parts,
          path: pick([otherPath, `${path}/`, path.slice(0, -4), `/${path}`, "/", ""], seed),
        }),
    },
    {
      name: "another key's name",
      mutate: (_, parts, seed) =>
        write({
          ...parts,
          kid: pick(["k1", "k3", "K2", "k2 ", "", "k22", "__proto__", "constructor"], seed),
        }),
    },
    {
      name: "padding",
      mutate: (_, parts, seed) =>
        write({ ...parts, sig: `${parts.sig}${pick(["=", "==", "%3D", "A", "AA"], seed)}` }),
    },
    {
      // 43 characters carry 258 bits and a signature has 256: three more spellings decode to the same bytes.
      name: "another spelling of the signature's last character",
      mutate: (_, parts, seed) => {
        const last = alphabet.indexOf(parts.sig.at(-1) ?? "");
        return write({
          ...parts,
          sig: parts.sig.slice(0, -1) + alphabet[(last & ~3) | ((last + 1 + (seed % 3)) & 3)],
        });
      },
    },
    {
      name: "the other alphabet of base64",
      mutate: (_, parts, seed) => {
        const standard = parts.sig.replaceAll("-", "+").replaceAll("_", "/");
        // A signature without - and _ reads the same in both; then a changed character stands in.
        return write({
          ...parts,
          sig: standard === parts.sig ? replaceAt(standard, at(seed, 43), "+") : standard,
        });
      },
    },
    {
      name: "a cut or random signature",
      mutate: (_, parts, seed) => {
        const random = Array.from(
          { length: 43 },
          (_, index) => alphabet[((seed >>> 1) * 31 + index * 17 + index * index * seed) & 63],
        );
        return write({ ...parts, sig: seed & 1 ? parts.sig.slice(0, at(seed, 43)) : random.join("") });
      },
    },
    {
      name: "something at the end",
      mutate: (link, _, seed) =>
        link +
        pick(
          ["&", "?", "#", "%00", " ", "\n", "/", "&dl=", "&dl=1", "&dl&dl", "&DL", ";dl", "\u0000", ".mp4"],
          seed,
        ),
    },
    { name: "dl added or taken away", mutate: (_, parts) => write({ ...parts, dl: !parts.dl }) },
    {
      name: "another mark between path and query",
      mutate: (link, _, seed) =>
        link.replace("?", pick(["??", "?&", "&", "#", ";", "%3F", "?&&", "/?"], seed)),
    },
    {
      name: "another mark between the parameters",
      mutate: (link, _, seed) => {
        const marks = [...link].flatMap((character, index) => (/[&=]/.test(character) ? [index] : []));
        return replaceAt(
          link,
          pick(marks, seed),
          pick([";", "&&", "==", "%26", "%3D", " ", ":", "&amp;"], seed >>> 3),
        );
      },
    },
    {
      name: "two characters swapped",
      mutate: (link, _, seed) => {
        const index = at(seed, link.length - 1);
        const [a, b] = [link[index] ?? "", link[index + 1] ?? ""];
        // Two equal neighbours swapped are the same link: one of them goes instead.
        return link.slice(0, index) + (a === b ? a : b + a) + link.slice(index + 2);
      },
    },
  ];

  const each = Math.ceil(10_000 / mutations.length);

  it.each(mutations)(`do not open: $name`, async ({ name, mutate }) => {
    const links = await Promise.all(
      (["inline", "attachment"] satisfies Disposition[]).flatMap((disposition) =>
        [3600, 86_400, 604_800].map((lifeSeconds) => sign({ disposition, lifeSeconds })),
      ),
    );
    const genuine = new Set(links.map((link) => link.pathAndQuery));
    const verdicts = new Map<string, string>();
    for (let run = 0; run < each; run++) {
      const link = links[run % links.length]?.pathAndQuery ?? "";
      const [, exp = "", kid = "", sig = ""] = /exp=(\d+)&kid=(\w+)&sig=([\w-]+)/.exec(link) ?? [];
      const parts = { path, exp, kid, sig, dl: link.endsWith("&dl") };
      // A linear congruence: the same ten thousand every time, so that one that opened can be looked at.
      const seed = (Math.imul(run + 1, 1_664_525) + name.length * 1_013_904_223) >>> 0;
      const mutant = mutate(link, parts, seed);
      expect(genuine.has(mutant), `this is no mutant: ${mutant}`).toBe(false);
      const { verdict } = await verify(mutant);
      if (!["invalid", "unsigned"].includes(verdict)) verdicts.set(mutant, verdict);
    }
    expect([...verdicts]).toEqual([]);
  });

  it("do not open: whatever text is put in their place", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", maxLength: 120 }), async (text) => {
        expect(["invalid", "unsigned"]).toContain((await verify(`${path}?${text}`)).verdict);
      }),
      { numRuns: 500 },
    );
  });
});
