/** Creating from a browser: tickets as they are made, and all that one must be right in before anything is spent. */

import { describe, expect, it, vi } from "vitest";
import type { CreatedApiKey, CreatedTicket, CreateVideoResponse } from "../../src/contract.ts";
import { sha256Hex } from "../../src/domain/hash.ts";
import { imageKey, ticketIdFrom } from "../../src/domain/ids.ts";
import { signTicket, type Ticket } from "../../src/ports/tickets.ts";
import { png } from "../domain/images.ts";
import { newAccountName } from "../durable/objects.ts";
import { adminKey, bearer, call, env, makeKey, readError } from "./worker.ts";

const model = "MiniMax-Hailuo-2.3";
const site = "https://example.com";
const good = { model, max_cost_usd: 0.28, origin: site };
const creates = ["/v1/videos/generations", "/v1/videos/minimax/generations"];
const linkKeys = [{ kid: "local", secret: env.LINK_KEYS?.slice("local:".length) ?? "" }] as const;

async function admin<T>(method: string, path: string, body?: unknown): Promise<T> {
  const init = {
    method,
    headers: bearer(adminKey),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  return (await call(`/v1/admin/${path}`, init)).json();
}

/** An account with a server's key, and a page's key that takes tickets. */
async function world(account = newAccountName()) {
  const server = await makeKey(account);
  const about = {
    name: "page",
    account,
    kind: "publishable",
    origins: [site, "https://other.example"],
    tickets: true,
  };
  const page = await admin<CreatedApiKey>("POST", "keys", about);
  const make = async (body: Record<string, unknown> = good) =>
    call("/v1/tickets", { method: "POST", headers: bearer(server.key), body: JSON.stringify(body) });
  const ticket = async (about: Record<string, unknown> = {}) =>
    ((await (await make({ ...good, ...about })).json()) as CreatedTicket).ticket;
  /** One that was never made so: signed by hand. */
  const forge = (about: Partial<Ticket> = {}) =>
    signTicket(linkKeys, {
      id: ticketIdFrom(crypto.getRandomValues(new Uint8Array(26))),
      account,
      keyId: server.id,
      model,
      maxMicroUsd: 280_000,
      origin: site,
      expiresAt: Math.floor(Date.now() / 1000) + 600,
      ...about,
    });
  return { account, server, page, make, ticket, forge };
}

type About = {
  body?: Record<string, unknown>;
  headers?: Record<string, string>;
  path?: string;
  from?: string;
};
/** As a page does: each from an address of its own, so that no limit is met. */
function create(key: string, ticket: string | null, about: About = {}) {
  const address = `2001:db8:${crypto.randomUUID().slice(0, 4)}:${crypto.randomUUID().slice(0, 4)}::1`;
  const headers = { ...bearer(key), origin: site, "cf-connecting-ip": address, ...about.headers };
  const body = JSON.stringify({ model, prompt: "A visitor's idea", ...about.body });
  const init = {
    method: "POST",
    headers: ticket === null ? headers : { ...headers, "filmgate-ticket": ticket },
    body,
  };
  return call(about.path ?? "/v1/videos/generations", init, about.from);
}

describe("POST /v1/tickets", () => {
  it("makes a ticket for a model, a price and a site, for ten minutes, and keeps nothing", async () => {
    const { make } = await world();
    const response = await make({ ...good, origin: "HTTPS://Example.com:443" });
    expect(response.status).toBe(201);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const body = (await response.json()) as CreatedTicket;
    expect(body).toMatchObject({ object: "ticket", ...good });
    expect(body.ticket).toMatch(/^tkt_[\w-]+\.[\w-]{43}$/);
    expect(Math.abs(body.expires_at - Date.now() / 1000 - 600)).toBeLessThan(5);
  });

  const rows: [about: Record<string, unknown>, status: number, code: string, param: string][] = [
    [{ model: undefined }, 400, "missing_field", "model"],
    [{ model: "Hailuo" }, 400, "unknown_model", "model"],
    [{ model: "T2V-01" }, 400, "price_unknown", "max_cost_usd"],
    [{ max_cost_usd: undefined }, 400, "missing_field", "max_cost_usd"],
    [{ max_cost_usd: null }, 400, "invalid_field", "max_cost_usd"],
    [{ max_cost_usd: -1 }, 400, "invalid_field", "max_cost_usd"],
    [{ max_cost_usd: 0.27 }, 402, "cost_exceeds_limit", "max_cost_usd"],
    [{ origin: undefined }, 400, "missing_field", "origin"],
    [{ origin: null }, 400, "invalid_field", "origin"],
    [{ origin: "example.com" }, 400, "invalid_field", "origin"],
    [{ origin: "https://example.com/page" }, 400, "invalid_field", "origin"],
    [{ expires_in_seconds: 29 }, 400, "invalid_field", "expires_in_seconds"],
    [{ expires_in_seconds: 3601 }, 400, "invalid_field", "expires_in_seconds"],
    [{ expires_in_seconds: 60.5 }, 400, "invalid_field", "expires_in_seconds"],
    [{ uses: 2 }, 400, "unknown_field", "uses"],
  ];
  it.each(rows)("refuses %j", async (about, status, code, param) => {
    const response = await (await world()).make({ ...good, ...about });
    expect(response.status).toBe(status);
    expect(await readError(response)).toMatchObject({ form: "openai", code, param });
  });
});

describe("a page with a ticket", () => {
  it.each(creates)("creates at %s, and is answered with the same task as often as it asks", async (path) => {
    const { page, ticket } = await world();
    const own = await ticket();
    const first = await create(page.key, own, { path });
    expect(first.status).toBe(200);
    expect(first.headers.get("idempotent-replayed")).toBeNull();
    const { task_id } = (await first.json()) as CreateVideoResponse;
    // With whatever Idempotency-Key: the ticket counts.
    const again = await create(page.key, own, { path, headers: { "idempotency-key": "not one" } });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(((await again.json()) as CreateVideoResponse).task_id).toBe(task_id);
    const other = await create(page.key, own, { path, body: { prompt: "Another idea" } });
    expect(other.status).toBe(422);
    expect(await readError(other)).toMatchObject({ code: "ticket_used", param: "Filmgate-Ticket" });
    const watched = await call(`/v1/videos/query/${task_id}`, {
      headers: { ...bearer(page.key), origin: site },
    });
    expect(watched.status).toBe(200);
  });

  it("is answered after the ticket has expired if it was used, and refused if not", async () => {
    const { page, ticket } = await world();
    const [used, unused] = [
      await ticket({ expires_in_seconds: 30 }),
      await ticket({ expires_in_seconds: 30 }),
    ];
    const { task_id } = (await (await create(page.key, used)).json()) as CreateVideoResponse;
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 31_000 });
    try {
      const again = await create(page.key, used);
      expect(((await again.json()) as CreateVideoResponse).task_id).toBe(task_id);
      for (const body of [{}, { dry_run: true }]) {
        const late = await create(page.key, unused, { body });
        expect(late.status).toBe(403);
        expect((await readError(late)).code).toBe("ticket_expired");
      }
    } finally {
      vi.useRealTimers();
    }
  });

  it("asks for the price without using it", async () => {
    const { page, ticket } = await world();
    const own = await ticket();
    const quote = await create(page.key, own, { body: { dry_run: true } });
    expect(await quote.json()).toMatchObject({ dry_run: true, estimated_cost_usd: 0.28 });
    expect((await create(page.key, own, { body: { prompt: "Something else" } })).status).toBe(200);
  });

  it("that was made under a key which was revoked since orders nothing", async () => {
    const { account, page, server, ticket } = await world();
    const own = await ticket();
    await admin("DELETE", `keys/${server.id}?account=${account}`);
    const response = await create(page.key, own);
    expect(response.status).toBe(403);
    expect(await readError(response)).toMatchObject({ code: "ticket_invalid", param: "Filmgate-Ticket" });
  });

  it("does not learn from a cap what its owner spends", async () => {
    const { account, page, ticket } = await world();
    await admin("PATCH", `keys/${page.id}?account=${account}`, { caps: { usd_per_day: 0.27 } });
    const response = await create(page.key, await ticket());
    expect(response.status).toBe(402);
    const { code, text } = await readError(response);
    expect(code).toBe("budget_exceeded");
    expect(text).not.toMatch(/0\.27|0\.28|usd/);
  });

  it("creates no faster than its limit", async () => {
    const { page, forge } = await world();
    const headers = { "cf-connecting-ip": "203.0.113.8" };
    const statuses: number[] = [];
    for (let n = 0; n < 21; n++) {
      statuses.push((await create(page.key, forge(), { headers, body: { dry_run: true } })).status);
    }
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(200));
    expect(statuses).toContain(429);
  });
});

describe("a create is refused", () => {
  type Row = [
    title: string,
    ticket: (own: Awaited<ReturnType<typeof world>>) => string | null | Promise<string>,
    about: About,
    status: number,
    code: string,
    param: string,
  ];
  const rows: Row[] = [
    ["without a ticket", () => null, {}, 403, "ticket_required", "Filmgate-Ticket"],
    ["with an empty one", () => "", {}, 403, "ticket_invalid", "Filmgate-Ticket"],
    ["with no ticket at all", () => "tkt_x", {}, 403, "ticket_invalid", "Filmgate-Ticket"],
    [
      "with an altered one",
      async (w) => `${(await w.ticket()).slice(0, -1)}_`,
      {},
      403,
      "ticket_invalid",
      "Filmgate-Ticket",
    ],
    [
      "with two",
      async (w) => `${await w.ticket()}, ${await w.ticket()}`,
      {},
      403,
      "ticket_invalid",
      "Filmgate-Ticket",
    ],
    [
      "with another account's",
      async () => (await world()).ticket(),
      {},
      403,
      "ticket_invalid",
      "Filmgate-Ticket",
    ],
    [
      "with one of a publishable key",
      (w) => w.forge({ keyId: w.page.id }),
      {},
      403,
      "ticket_invalid",
      "Filmgate-Ticket",
    ],
    [
      "from another page",
      (w) => w.ticket(),
      { headers: { origin: "https://other.example" } },
      403,
      "ticket_mismatch",
      "Origin",
    ],
    [
      "from a page that the key is not for",
      (w) => w.ticket(),
      { headers: { origin: "https://x.example" } },
      403,
      "origin_refused",
      "Origin",
    ],
    [
      "with a ticket for a site that the key is not for",
      (w) => w.ticket({ origin: "https://x.example" }),
      { headers: { origin: "https://x.example" } },
      403,
      "origin_refused",
      "Origin",
    ],
    [
      "for another model",
      (w) => w.ticket(),
      { body: { model: "MiniMax-Hailuo-02" } },
      403,
      "ticket_mismatch",
      "model",
    ],
    [
      "at a higher price",
      (w) => w.ticket(),
      { body: { resolution: "1080P" } },
      402,
      "cost_exceeds_limit",
      "Filmgate-Ticket",
    ],
    [
      "without a known price",
      (w) => w.forge({ model: "T2V-01" }),
      { body: { model: "T2V-01" } },
      400,
      "price_unknown",
      "Filmgate-Ticket",
    ],
    [
      "with a wrong field",
      (w) => w.ticket(),
      { body: { duration: 7 } },
      400,
      "unsupported_combination",
      "duration",
    ],
    [
      "with a webhook",
      (w) => w.ticket(),
      { body: { webhook_url: "https://x.example/" } },
      400,
      "invalid_field",
      "webhook_url",
    ],
    [
      "with a deploy hook",
      (w) => w.ticket(),
      { body: { deploy_hook_url: "https://x.example/" } },
      400,
      "invalid_field",
      "deploy_hook_url",
    ],
    ["with a publication", (w) => w.ticket(), { body: { publish: {} } }, 400, "invalid_field", "publish"],
    [
      "with a retention",
      (w) => w.ticket(),
      { body: { retention_days: 1 } },
      400,
      "invalid_field",
      "retention_days",
    ],
    ["with metadata", (w) => w.ticket(), { body: { metadata: {} } }, 400, "invalid_field", "metadata"],
  ];
  it.each(rows)("%s", async (_title, ticket, about, status, code, param) => {
    const own = await world();
    for (const path of creates) {
      const response = await create(own.page.key, await ticket(own), { ...about, path });
      expect(response.status).toBe(status);
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
      expect(await readError(response)).toMatchObject({ form: "minimax", code, param });
    }
    const listed = await call("/v1/videos", { headers: bearer(own.server.key) });
    expect(await listed.json()).toMatchObject({ data: [] });
  });

  it("with a ticket and a Referer in place of an Origin", async () => {
    const { page, ticket } = await world();
    const headers = { ...bearer(page.key), referer: `${site}/`, "filmgate-ticket": await ticket() };
    const response = await call(String(creates[0]), {
      method: "POST",
      headers,
      body: JSON.stringify({ model, prompt: "x" }),
    });
    expect([response.status, (await readError(response)).code]).toEqual([403, "ticket_mismatch"]);
  });

  it("with a ticket beside a secret key", async () => {
    const { server, ticket } = await world();
    const response = await create(server.key, await ticket());
    expect(response.status).toBe(400);
    expect(await readError(response)).toMatchObject({ code: "invalid_field", param: "Filmgate-Ticket" });
  });

  it("with a ticket and a publishable key that takes none", async () => {
    const { account, page, ticket } = await world();
    await admin("PATCH", `keys/${page.id}?account=${account}`, { tickets: false });
    const response = await create(page.key, await ticket());
    expect([response.status, (await readError(response)).code]).toEqual([403, "publishable_key"]);
  });
});

describe("an image that comes with a ticket", () => {
  it("is kept for an order that is admitted, and for no other", async () => {
    const { account, page, server, ticket } = await world();
    const own = await ticket();
    const order = async (width: number, using: string) => {
      const bytes = png(width, 720);
      const { status } = await create(page.key, using, { body: { first_frame_image: bytes.toBase64() } });
      const kept = await env.VIDEOS.head(imageKey(account, sha256Hex(bytes)));
      return { status, kept: kept !== null };
    };
    expect(await order(1280, own)).toEqual({ status: 200, kept: true });
    expect(await order(1281, own)).toEqual({ status: 422, kept: false });
    expect(await order(1280, own)).toEqual({ status: 200, kept: true });
    const revoked = await ticket();
    await admin("DELETE", `keys/${server.id}?account=${account}`);
    expect(await order(1282, revoked)).toEqual({ status: 403, kept: false });
  });
});
