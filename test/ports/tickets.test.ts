/** Tickets: what is signed comes back, and nothing else does. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LinkKey } from "../../src/env.ts";
import { signLink } from "../../src/ports/links.ts";
import { readTicket, signTicket, type Ticket } from "../../src/ports/tickets.ts";

const first: LinkKey = { kid: "k2", secret: "the-newer-secret-of-these-tests" };
const second: LinkKey = { kid: "k1", secret: "the-older-secret-of-these-tests" };
const keys = [first, second] as const;
const ticket: Ticket = {
  id: `ticket_${"0".repeat(25)}1`,
  account: "studio",
  keyId: "key_0123456789abcdef",
  model: "MiniMax-Hailuo-2.3",
  maxMicroUsd: 280_000,
  origin: "https://example.com",
  expiresAt: 1_800_000_000,
};
const text = signTicket(keys, ticket);

/** Signs whatever payload, as a holder of the key could. */
async function sealed(lines: readonly unknown[]): Promise<string> {
  const hmac = async (secret: BufferSource, message: string) => {
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
    return new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(message)));
  };
  const own = await hmac(new TextEncoder().encode(first.secret), "filmgate-ticket-key-1");
  const url = { alphabet: "base64url", omitPadding: true } as const;
  const payload = new TextEncoder().encode(lines.join("\n")).toBase64(url);
  return `tkt_${payload}.${(await hmac(own, payload)).toBase64(url)}`;
}
const lines = [
  1,
  "k2",
  ticket.id,
  "studio",
  ticket.keyId,
  ticket.model,
  280_000,
  ticket.origin,
  1_800_000_000,
];

describe("a ticket", () => {
  it("says what was signed", async () => {
    expect(await readTicket(keys, text)).toEqual(ticket);
    expect(text).toMatch(/^tkt_[\w-]+\.[\w-]{43}$/);
  });

  it("has a format that is written down here once more", async () => {
    expect(await sealed(lines)).toBe(text);
  });

  it("is read under each key that is listed, and under none that is not", async () => {
    expect(
      await readTicket([{ kid: "k3", secret: "one-newer-secret-of-these-tests" }, ...keys], text),
    ).toEqual(ticket);
    expect(await readTicket([second, first], text)).toEqual(ticket);
    expect(await readTicket([second], text)).toBeNull();
    expect(await readTicket([{ ...first, secret: second.secret }], text)).toBeNull();
  });

  it("has no other spelling: a changed, added or missing character is refused", async () => {
    const character = fc.constantFrom(..."ABCXYZabcxyz0189-_.=+/ \n~%");
    const place = fc.nat({ max: text.length });
    const change = fc.record({
      at: place,
      drop: fc.nat({ max: 2 }),
      insert: fc.string({ unit: character, maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ at, drop, insert }) => {
        const changed = text.slice(0, at) + insert + text.slice(at + drop);
        fc.pre(changed !== text);
        expect(await readTicket(keys, changed)).toBeNull();
      }),
      { numRuns: 2000 },
    );
  });

  it("is refused with any one bit of it turned over", async () => {
    for (let at = 0; at < text.length; at += 1) {
      for (let bit = 0; bit < 7; bit += 1) {
        const turned = String.fromCharCode(text.charCodeAt(at) ^ (1 << bit));
        expect(await readTicket(keys, text.slice(0, at) + turned + text.slice(at + 1))).toBeNull();
      }
    }
  });

  it.each([
    ["of another version", [2, ...lines.slice(1)]],
    ["with a line more", [...lines, "x"]],
    ["with a line less", lines.slice(0, -1)],
    ["whose price is no whole number", lines.map((line) => (line === 280_000 ? "0.28" : line))],
    ["whose price is spelled otherwise", lines.map((line) => (line === 280_000 ? "0280000" : line))],
    ["whose expiry is spelled otherwise", lines.map((line) => (line === 1_800_000_000 ? "1.8e9" : line))],
    ["of no account", lines.map((line) => (line === "studio" ? "pk" : line))],
    ["without an id", lines.map((line) => (line === ticket.id ? "ticket_1" : line))],
  ])("that is genuine and %s is refused", async (_title, wrong) => {
    expect(await readTicket(keys, await sealed(wrong))).toBeNull();
  });

  it.each([
    "",
    "tkt_",
    "tkt_.",
    "tkt_A.A",
    `tkt_${"A".repeat(2000)}.${"A".repeat(43)}`,
    `tkt_AAAAA.${"A".repeat(43)}`,
  ])("is not '%s'", async (nonsense) => {
    expect(await readTicket(keys, nonsense)).toBeNull();
  });

  it("is not signed by what signs links, whatever is signed", async () => {
    const payload = text.slice(4, text.indexOf("."));
    const about = { path: payload, lifeSeconds: 600, disposition: "inline", filename: null, now: 1 } as const;
    const signature = /sig=([\w-]{43})/.exec(signLink(keys, about).pathAndQuery)?.[1];
    expect(await readTicket(keys, `tkt_${payload}.${signature}`)).toBeNull();
  });
});
