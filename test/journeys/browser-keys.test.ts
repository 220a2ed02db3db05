/**
 * A page that lets its visitors create, over real sockets: a server makes tickets, a browser spends them, and MiniMax's
 * bill says how often.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { freePort } from "../../scripts/free-port.ts";
import { localSettings, root } from "../../scripts/worker.ts";
import { ConnectionError, Filmgate, type FilmgateError } from "../../src/client/filmgate.ts";
import type { CreatedApiKey } from "../../src/contract.ts";
import { startProxy } from "../client/proxy.ts";
import { startWorld, until, type World } from "./world.ts";

const model = "MiniMax-Hailuo-2.3";
const site = "http://localhost:4321";
let world: World;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let page: CreatedApiKey;
let server: Filmgate;
let browser: Filmgate;
/** Its way leads through the proxy. */
let far: Filmgate;

/** On this machine a client may say where it is; so each request is another visitor's, and no limit is met. */
const newAddress = () => ({
  "cf-connecting-ip": `198.51.${Math.floor(Math.random() * 250)}.${Math.floor(Math.random() * 250)}`,
});

/** A browser adds its page's origin to what is fetched. */
const plainFetch = globalThis.fetch;
const fetchFrom = (origin: string) => (url: string, init: RequestInit) =>
  plainFetch(url, {
    ...init,
    headers: { ...(init.headers as Record<string, string>), origin, ...newAddress() },
  });

const owner = { authorization: `Bearer ${localSettings.ADMIN_KEY}` };
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
  proxy = await startProxy(world.url);
  const wanted = { name: "page", kind: "publishable", origins: [site], tickets: true };
  page = (await world.call<CreatedApiKey>("POST", "/v1/admin/keys", wanted, owner)).body;
  server = new Filmgate({ apiKey: world.key, baseUrl: world.url });
  browser = new Filmgate({ apiKey: page.key, baseUrl: world.url, fetch: fetchFrom(site) });
  far = new Filmgate({ apiKey: page.key, baseUrl: proxy.url, fetch: fetchFrom(site) });
});
afterAll(async () => {
  await proxy?.stop();
  await world?.stop();
});

const newTicket = async (maker = server): Promise<string> =>
  (await maker.createTicket({ model, max_cost_usd: 0.28, origin: site, expires_in_seconds: 60 })).ticket;

async function refusal(call: Promise<unknown>): Promise<FilmgateError> {
  return call.then(
    () => expect.unreachable("it was not refused"),
    (error: unknown) => error as FilmgateError,
  );
}

describe("a visitor with a ticket", () => {
  it("creates one video, watches it come, and plays it", async () => {
    const prompt = world.prompt("instant");
    const made = await browser.video.generate({ model, prompt }, { ticket: await newTicket() });
    expect((await fetch(made.downloadUrl)).status).toBe(200);
    expect(made.video).not.toHaveProperty("cost");
    expect(made.video).not.toHaveProperty("prompt");
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 1 });
    expect(await world.video(made.taskId)).toMatchObject({ prompt, cost: { state: "settled" } });
  });

  it("whose answers are lost is answered with the same video, paid once", async () => {
    const prompt = world.prompt();
    const ticket = await newTicket();
    proxy.faults.push("drop after", "502 after");
    const created = await far.video.create({ model, prompt }, { ticket });
    const again = await browser.video.create({ model, prompt }, { ticket });
    expect(again.task_id).toBe(created.task_id);
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1 });
    for (const { headers } of proxy.seen) {
      expect(headers["filmgate-ticket"]).toBe(ticket);
      expect(headers).not.toHaveProperty("idempotency-key");
    }
  });

  it("is told to come back with it where no answer came at all", async () => {
    const away = new Filmgate({ apiKey: page.key, baseUrl: "http://127.0.0.1:9", maxRetries: 0 });
    const error = await refusal(away.video.create({ model, prompt: "x" }, { ticket: "tkt_1" }));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toContain("give the same ticket");
  });

  it("orders a second video with it in vain, a hundred times at once", async () => {
    const prompt = world.prompt();
    const ticket = await newTicket();
    const ask = (n: number) =>
      world.call<{ code?: string }>(
        "POST",
        "/v1/videos/generations",
        { model, prompt: `${prompt} ${n}` },
        {
          authorization: `Bearer ${page.key}`,
          origin: site,
          "filmgate-ticket": ticket,
          ...newAddress(),
        },
      );
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => ask(n)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status, body } of answers.filter(({ status }) => status !== 200)) {
      expect([status, body.code]).toSatisfy(
        ([status, code]: unknown[]) => code === "ticket_used" || (status === 429 && code === "rate_limited"),
      );
    }
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1 });
  });

  it("may use it again when MiniMax refused the prompt", async () => {
    const ticket = await newTicket();
    const refused = world.prompt("refuse=1026");
    const error = await refusal(browser.video.create({ model, prompt: refused }, { ticket }));
    expect(error).toMatchObject({ code: "content_refused", costState: "released" });
    const prompt = world.prompt("instant");
    await browser.video.create({ model, prompt }, { ticket });
    expect(await world.ledger(prompt)).toMatchObject({ billed: 1 });
  });
});

describe("a ticket is refused, and nothing is ordered with it,", () => {
  /** What the server would have made, with an expiry of the past: its format, once more. */
  function expired(ticket: string): string {
    const [, payload = ""] = /^tkt_([\w-]+)\./.exec(ticket) ?? [];
    const lines = Buffer.from(payload, "base64url").toString().split("\n");
    const past = Buffer.from([...lines.slice(0, -1), "1700000000"].join("\n")).toString("base64url");
    const secret = localSettings.LINK_KEYS.slice("local:".length);
    const own = createHmac("sha256", secret).update("filmgate-ticket-key-1").digest();
    return `tkt_${past}.${createHmac("sha256", own).update(past).digest("base64url")}`;
  }

  it.each<[title: string, code: string, make: () => Promise<string>]>([
    ["that has expired", "ticket_expired", async () => expired(await newTicket())],
    ["that was altered", "ticket_invalid", async () => (await newTicket()).replace(/^tkt_../, "tkt_AA")],
    [
      "whose maker was revoked",
      "ticket_invalid",
      async () => {
        const { body } = await world.call<CreatedApiKey>("POST", "/v1/admin/keys", { name: "leaked" }, owner);
        const ticket = await newTicket(new Filmgate({ apiKey: body.key, baseUrl: world.url }));
        await world.call("DELETE", `/v1/admin/keys/${body.id}`, undefined, owner);
        return ticket;
      },
    ],
  ])("%s: %s", async (_title, code, make) => {
    const prompt = world.prompt();
    const headers = {
      authorization: `Bearer ${page.key}`,
      origin: site,
      "filmgate-ticket": await make(),
      ...newAddress(),
    };
    const answer = await world.call<{ code: string }>(
      "POST",
      "/v1/videos/generations",
      { model, prompt },
      headers,
    );
    expect(answer).toMatchObject({ status: 403, body: { code } });
    expect(await world.ledger(prompt)).toMatchObject({ creates: 0 });
  });

  it("from a page of another site", async () => {
    const prompt = world.prompt();
    const options = { apiKey: page.key, baseUrl: world.url, fetch: fetchFrom("https://www.example.com") };
    const order = new Filmgate(options).video.create({ model, prompt }, { ticket: await newTicket() });
    expect(await refusal(order)).toMatchObject({ code: "origin_refused", status: 403 });
    expect(await world.ledger(prompt)).toMatchObject({ creates: 0 });
  });
});

describe("the two programs of docs/browser-keys.md", () => {
  it("work together as they stand: the server's tickets, and the page that spends one", async () => {
    const text = await readFile(join(root, "docs", "browser-keys.md"), "utf8");
    const [server = "", script = ""] = [...text.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);
    const folder = await mkdtemp(join(tmpdir(), "filmgate-tickets-"));
    const port = await freePort();
    const client = join(root, "src", "client", "filmgate.ts");
    const program = `const mayCreate = async () => true;\n${server}`;
    const file = join(folder, "server.mjs");
    await writeFile(file, program.replace("filmgate/client", client).replace("3000", String(port)));
    const env = { ...process.env, FILMGATE_URL: world.url, FILMGATE_API_KEY: world.key };
    const child: ChildProcess = spawn(process.execPath, [file], { env, stdio: "ignore" });
    try {
      const url = `http://127.0.0.1:${port}`;
      const isUp = () =>
        fetch(url).then(
          () => true,
          () => false,
        );
      await until(isUp, "the server listens");
      const wanted = { name: "docs", kind: "publishable", origins: ["https://example.com"], tickets: true };
      const { key } = (await world.call<CreatedApiKey>("POST", "/v1/admin/keys", wanted, owner)).body;
      // The browser knows where the page is from.
      const visit = fetchFrom("https://example.com");
      const plain = globalThis.fetch;
      vi.stubGlobal("fetch", (to: string, init: RequestInit = {}) =>
        to === "/ticket" ? plain(`${url}/ticket`, init) : visit(to, init),
      );
      const video = { src: "" };
      const page = script
        .replace(/^import .*\n/, "")
        .replace("mql_pk_…", key)
        .replace("https://video.example.com", world.url);
      const run = new Function("Filmgate", "document", `${page}\nreturn make;`);
      const make = run(Filmgate, { querySelector: () => video }) as (prompt: string) => Promise<void>;
      await make(world.prompt("instant"));
      expect((await plain(video.src)).headers.get("content-type")).toBe("video/mp4");
    } finally {
      vi.unstubAllGlobals();
      child.kill();
      await rm(folder, { recursive: true });
    }
  });
});

it("no ticket stands in the log", async () => {
  const ticket = await newTicket();
  await browser.video.create({ model, prompt: world.prompt("instant") }, { ticket }).catch(() => {});
  const output = world.output();
  expect(output).not.toContain("tkt_");
  expect(output).not.toContain(ticket.slice(4, 40));
  expect(output).not.toContain(page.key);
});
